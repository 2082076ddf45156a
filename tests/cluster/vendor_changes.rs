//! What happens at the vendor without us: expiry, removal, blocks, and lists that suddenly miss many.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{PersonAction, Standing};

use crate::scene::Scene;

#[tokio::test]
async fn expired_revoked_and_removed_people_are_said_to_be_so() {
    let scene = Scene::new("changes-over").await;
    let org = scene.vmware("csp", json!({})).await;
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
        let over = scene.wait(name, state, state).await;
        assert_eq!(condition(&over, "Ready")["status"], "False");
        assert_eq!(condition(&over, "Stalled")["status"], "True");
        let said = condition(&over, "Ready")["message"].as_str().expect("a message").to_owned();
        assert!(said.contains("userinvitation.dev/resend-requested-at"), "{said}");
    }
    scene.stays_quiet_for_people(&org).await;
    assert_eq!(scene.all_mails(&org), 3, "nobody is invited again by itself");
    for name in ["expired", "revoked", "removed"] {
        scene.delete_and_wait(name).await;
    }
}

#[tokio::test]
async fn a_block_is_shown_and_followed() {
    let scene = Scene::new("changes-blocked").await;
    let workspace = scene.hpe("hpe", json!({})).await;
    scene.invite("ada", "hpe", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.vendors.accept(&workspace, "ada@example.com").expect("invited");
    scene.wait_for_state("ada", "Accepted").await;
    for action in [PersonAction::Block, PersonAction::Suspend] {
        scene.vendors.act(&workspace, "ada@example.com", &action).expect("a member");
        let blocked = scene.wait("ada", "Blocked", "BlockedByVendor").await;
        assert_eq!(condition(&blocked, "Stalled")["status"], "True");
        scene.vendors.act(&workspace, "ada@example.com", &PersonAction::Unblock).expect("blocked");
        scene.wait("ada", "Accepted", "Member").await;
    }
    assert_eq!(scene.writes(&workspace), 1);
}

/// Eight members; the vendor's list then misses seven of them.
async fn shrunken(name: &str) -> (Scene, vendor_simulators::TenantId) {
    let scene = Scene::new(name).await;
    let org = scene.vmware("csp", json!({})).await;
    for number in 0..8 {
        scene
            .vendors
            .add_member(&org, &format!("member-{number}@example.com"), &[])
            .expect("the tenant exists");
    }
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.invite("member", "csp", "member-0@example.com", json!({})).await;
    scene.wait_for_state("member", "Accepted").await;
    for number in 0..7 {
        scene.vendors.remove(&org, &format!("member-{number}@example.com")).expect("a member");
    }
    let provider = scene.wait_for_provider("csp", "PeopleMissing").await;
    assert_eq!(condition(&provider, "Stalled")["status"], "True");
    scene.invite("bob", "csp", "bob@example.com", json!({})).await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.mails(&org, "bob@example.com"), 0, "nothing is sent on a picture that can't be right");
    assert_eq!(scene.invitation("member").await["status"]["state"], "Accepted", "and nobody is written off");
    (scene, org)
}

#[tokio::test]
async fn a_shrunken_list_pauses_until_a_list_fits() {
    let (scene, org) = shrunken("changes-shrunken-fits").await;
    // Deletions go on.
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Revoked));
    for number in 0..7 {
        scene
            .vendors
            .add_member(&org, &format!("member-{number}@example.com"), &[])
            .expect("the tenant exists");
    }
    scene.wait_for_provider("csp", "Ready").await;
    scene.wait_for_state("bob", "Pending").await;
    assert_eq!(scene.invitation("member").await["status"]["state"], "Accepted");
}

#[tokio::test]
async fn a_shrunken_list_pauses_until_somebody_believes_it() {
    let (scene, org) = shrunken("changes-shrunken-asked").await;
    let patch =
        json!({"metadata": {"annotations": {"userinvitation.dev/reconcile-requested-at": "they are gone"}}});
    scene.client.merge_patch(&scene.provider_path("csp"), &patch).await.expect("the provider is there");
    scene.wait_for_provider("csp", "Ready").await;
    scene.wait_for_state("bob", "Pending").await;
    scene.wait("member", "Removed", "Removed").await;
    let acknowledged = |object: &Value| object["status"]["lastHandledReconcileAt"] == "they are gone";
    scene.client.wait_for(&scene.provider_path("csp"), WAIT, "acknowledged", acknowledged).await;
    assert_eq!(scene.all_mails(&org), 2);
}
