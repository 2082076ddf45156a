//! What people ask for by spec and annotation: suspend, resend, reconcile.

use serde_json::json;
use test_rig::lab::condition;
use vendor_simulators::Standing;

use crate::scene::Scene;

const RESEND: &str = "userinvitation.dev/resend-requested-at";
const RECONCILE: &str = "userinvitation.dev/reconcile-requested-at";

/// Resends are not limited in time.
fn at_any_time() -> serde_json::Value {
    json!({"limits": {"minResendIntervalSeconds": 0}})
}

async fn resend(scene: &Scene, name: &str, value: &str) {
    scene.annotate(name, &json!({RESEND: value})).await;
    scene.wait_status(name, "lastHandledResendAt", value).await;
}

#[tokio::test]
async fn suspend_holds_everything_but_deletion() {
    let scene = Scene::new("requests-suspend").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({"suspend": true})).await;
    scene.wait_for_state("ada", "Paused").await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.writes(&org), 0);
    scene.edit("ada", json!({"suspend": false})).await;
    scene.wait_for_state("ada", "Pending").await;

    scene.edit("ada", json!({"suspend": true})).await;
    let paused = scene.wait_for_state("ada", "Paused").await;
    assert_eq!(
        condition(&paused, "Ready")["reason"],
        "AwaitingAcceptance",
        "the conditions stay as they were"
    );
    scene.vendors.accept(&org, "ada@example.com").expect("invited");
    scene.sweeps(&org, 2).await;
    assert_eq!(condition(&scene.invitation("ada").await, "Ready")["reason"], "AwaitingAcceptance");
    scene.edit("ada", json!({"suspend": false, "deletionPolicy": "Remove"})).await;
    scene.wait_for_state("ada", "Accepted").await;
    scene.edit("ada", json!({"suspend": true})).await;
    scene.wait_for_state("ada", "Paused").await;
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Removed));
    assert_eq!(scene.all_mails(&org), 1);
}

#[tokio::test]
async fn resend_to_pending_people_takes_back_and_invites() {
    let scene = Scene::new("requests-resend-pending").await;
    let (org, workspace) = (scene.vmware("csp", at_any_time()).await, scene.hpe("hpe", at_any_time()).await);
    for (name, provider, tenant) in [("ada", "csp", &org), ("bob", "hpe", &workspace)] {
        let email = format!("{name}@example.com");
        scene.invite(name, provider, &email, json!({})).await;
        scene.wait_for_state(name, "Pending").await;
        for (count, value) in ["first", "second"].into_iter().enumerate() {
            resend(&scene, name, value).await;
            scene.wait(name, "Pending", "AwaitingAcceptance").await;
            assert_eq!(scene.mails(tenant, &email), count + 2, "{name}, {value}");
        }
        let object = scene.invitation(name).await;
        let record =
            object["metadata"]["annotations"]["userinvitation.dev/record"].as_str().expect("a record");
        let record: serde_json::Value = serde_json::from_str(record).expect("JSON");
        assert_eq!(record["resend"], "second");
        assert_eq!(record["attempt"]["kind"], "Invite");
        scene.sweeps(tenant, 2).await;
        assert_eq!(scene.mails(tenant, &email), 3, "a request counts once");
        assert_eq!(scene.standing(tenant, &email), Some(Standing::Invited));
    }
}

#[tokio::test]
async fn resend_after_expiry_revocation_and_removal() {
    let scene = Scene::new("requests-resend-over").await;
    let org = scene.vmware("csp", at_any_time()).await;
    for name in ["expired", "revoked", "removed"] {
        scene.invite(name, "csp", &format!("{name}@example.com"), json!({})).await;
    }
    for name in ["expired", "revoked", "removed"] {
        scene.wait_for_state(name, "Pending").await;
    }
    scene.vendors.expire(&org, "expired@example.com").expect("invited");
    scene.vendors.remove(&org, "revoked@example.com").expect("invited");
    scene.vendors.accept(&org, "removed@example.com").expect("invited");
    scene.wait_for_state("removed", "Accepted").await;
    scene.vendors.remove(&org, "removed@example.com").expect("a member");
    for (name, state) in [("expired", "Expired"), ("revoked", "Revoked"), ("removed", "Removed")] {
        scene.wait(name, state, state).await;
    }
    assert_eq!(scene.all_mails(&org), 3);
    for name in ["expired", "revoked"] {
        resend(&scene, name, "again").await;
        scene.wait(name, "Pending", "AwaitingAcceptance").await;
        assert_eq!(scene.mails(&org, &format!("{name}@example.com")), 2, "{name}");
    }
    // With an account by now, the person becomes a member at once.
    resend(&scene, "removed", "again").await;
    scene.wait("removed", "Accepted", "Member").await;
    assert_eq!(scene.mails(&org, "removed@example.com"), 2);
}

#[tokio::test]
async fn a_resend_too_early_or_for_a_member_is_spent_with_an_event() {
    let scene = Scene::new("requests-resend-spent").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    resend(&scene, "ada", "early").await;
    let note = scene.wait_event("ada", "ResendSpent").await;
    assert!(note.contains("minResendIntervalSeconds"), "{note}");

    scene.edit_provider("csp", at_any_time()).await;
    scene.vendors.accept(&org, "ada@example.com").expect("invited");
    scene.wait_for_state("ada", "Accepted").await;
    resend(&scene, "ada", "member").await;
    scene.eventually("two requests were spent", || scene.calls(&org, "vmware.list_users") > 0).await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.mails(&org, "ada@example.com"), 1);
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Member));
}

#[tokio::test]
async fn reconcile_requests_are_acknowledged_after_a_look() {
    let scene = Scene::new("requests-reconcile").await;
    let org = scene.vmware("csp", json!({"resyncIntervalSeconds": 3600})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.vendors.accept(&org, "ada@example.com").expect("invited");

    let looks = scene.calls(&org, "vmware.list_users");
    scene.annotate("ada", &json!({RECONCILE: "now"})).await;
    scene.wait_status("ada", "lastHandledReconcileAt", "now").await;
    assert!(scene.calls(&org, "vmware.list_users") > looks);
    scene.wait_for_state("ada", "Accepted").await;

    scene.vendors.remove(&org, "ada@example.com").expect("a member");
    let looks = scene.calls(&org, "vmware.list_users");
    let patch = json!({"metadata": {"annotations": {RECONCILE: "then"}}});
    scene.client.merge_patch(&scene.provider_path("csp"), &patch).await.expect("accepted");
    let provider = scene.provider_path("csp");
    let acknowledged = |object: &serde_json::Value| object["status"]["lastHandledReconcileAt"] == "then";
    scene.client.wait_for(&provider, test_rig::lab::WAIT, "acknowledged", acknowledged).await;
    scene.eventually("a look", || scene.calls(&org, "vmware.list_users") > looks).await;
    scene.wait_for_state("ada", "Removed").await;
    assert_eq!(scene.all_mails(&org), 1);
}

#[tokio::test]
async fn values_that_are_too_long_are_ignored_with_an_event() {
    let scene = Scene::new("requests-long").await;
    let org = scene.vmware("csp", at_any_time()).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    let (long, fits) = ("x".repeat(65), "x".repeat(64));
    scene.annotate("ada", &json!({RESEND: long})).await;
    let note = scene.wait_event("ada", "ResendIgnored").await;
    assert!(note.contains(RESEND) && note.contains("64 characters"), "{note}");
    scene.annotate("ada", &json!({RECONCILE: long})).await;
    scene.wait_event("ada", "ReconcileIgnored").await;
    let patch = json!({"metadata": {"annotations": {RECONCILE: long}}});
    scene.client.merge_patch(&scene.provider_path("csp"), &patch).await.expect("accepted");
    scene.wait_event("csp", "ReconcileIgnored").await;
    scene.sweeps(&org, 2).await;
    let status = scene.invitation("ada").await["status"].clone();
    assert!(
        status["lastHandledResendAt"].is_null() && status["lastHandledReconcileAt"].is_null(),
        "{status}"
    );
    assert_eq!(scene.all_mails(&org), 1);

    resend(&scene, "ada", &fits).await;
    scene.wait("ada", "Pending", "AwaitingAcceptance").await;
    assert_eq!(scene.all_mails(&org), 2);
}
