//! Objects that lost their status or come from a backup, and operators that start anew.

use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, WAIT};
use vendor_simulators::{Standing, TenantId};

use crate::scene::Scene;

const RECORD: &str = "userinvitation.dev/record";

/// One pending person at each vendor.
async fn pending(name: &str) -> (Scene, TenantId, TenantId) {
    let scene = Scene::new(name).await;
    let limits = json!({"limits": {"minResendIntervalSeconds": 0}});
    let (org, workspace) = (scene.vmware("csp", limits.clone()).await, scene.hpe("hpe", limits).await);
    for (name, provider) in [("ada", "csp"), ("bob", "hpe")] {
        scene.invite(name, provider, &format!("{name}@example.com"), json!({})).await;
    }
    for name in ["ada", "bob"] {
        scene.wait_for_state(name, "Pending").await;
    }
    (scene, org, workspace)
}

fn record_of(object: &Value) -> Value {
    let text = object["metadata"]["annotations"][RECORD].as_str().expect("a record");
    serde_json::from_str(text).expect("the record is JSON")
}

/// Deletes an object behind the operator's back and creates it again, with its annotations.
async fn restore(scene: &Scene, name: &str) {
    let object = scene.invitation(name).await;
    let path = scene.invitation_path(name);
    scene.client.merge_patch(&path, &json!({"metadata": {"finalizers": null}})).await.expect("no finalizer");
    scene.client.delete(&path).await.expect("the invitation is there");
    scene.client.wait_gone(&path, WAIT).await;
    let again = json!({
        "apiVersion": object["apiVersion"], "kind": object["kind"], "spec": object["spec"],
        "metadata": {"name": name, "namespace": scene.name, "annotations": object["metadata"]["annotations"]},
    });
    scene.client.create(&scene.path("userinvitations"), &again).await.expect("the invitation is accepted");
}

#[tokio::test]
async fn a_lost_status_sends_nothing() {
    let (mut scene, org, workspace) = pending("restores-status").await;
    scene.stop().await;
    for name in ["ada", "bob"] {
        let path = format!("{}/status", scene.invitation_path(name));
        scene.client.merge_patch(&path, &json!({"status": null})).await.expect("an administrator may");
    }
    scene.go().await;
    for (name, tenant) in [("ada", &org), ("bob", &workspace)] {
        let again = scene.wait_for_state(name, "Pending").await;
        assert_eq!(again["status"]["origin"], "Invited");
        assert_eq!(scene.writes(tenant), 1, "{name}");
        scene.delete_and_wait(name).await;
        assert_ne!(scene.standing(tenant, &format!("{name}@example.com")), Some(Standing::Invited));
        assert_eq!(scene.all_mails(tenant), 1);
    }
}

#[tokio::test]
async fn restored_objects_adopt_who_is_there_and_never_send_by_themselves() {
    let (mut scene, org, workspace) = pending("restores-objects").await;
    scene.stop().await;
    restore(&scene, "ada").await;
    restore(&scene, "bob").await;
    scene.vendors.remove(&workspace, "bob@example.com").expect("invited");
    scene.go().await;

    let ada = scene.wait_for_state("ada", "Pending").await;
    assert_eq!(ada["status"]["origin"], "Adopted");
    let bob = scene.wait_stalled("bob").await;
    assert_eq!(bob["status"]["state"], "OutcomeUnknown");
    scene.sweeps(&workspace, 2).await;
    assert_eq!((scene.all_mails(&org), scene.all_mails(&workspace)), (1, 1));
    assert_eq!((scene.writes(&org), scene.writes(&workspace)), (1, 1));

    scene.annotate("bob", &json!({"userinvitation.dev/resend-requested-at": "yes"})).await;
    scene.wait_for_state("bob", "Pending").await;
    assert_eq!(scene.all_mails(&workspace), 2);
}

/// An attempt without an outcome: whether it is made again depends on its age.
#[tokio::test]
async fn an_old_attempt_without_outcome_is_not_made_again() {
    let (mut scene, org, workspace) = pending("restores-attempt").await;
    scene.stop().await;
    let token = scene.client.service_account_token(OPERATOR, OPERATOR).await;
    let operator = scene.client.with_token(&token);
    for (name, tenant, hours) in [("ada", &org, 2), ("bob", &workspace, 0)] {
        scene.vendors.remove(tenant, &format!("{name}@example.com")).expect("invited");
        let mut record = record_of(&scene.invitation(name).await);
        let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
        record["attempt"]["id"] = json!("0123456789abcdef0123456789abcdef");
        record["attempt"]["process"] = json!("another");
        record["attempt"]["time"] = json!(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
        record["attempt"]["baseline"] = json!("something that was there before");
        let patch = json!({"metadata": {"annotations": {RECORD: record.to_string()}}});
        operator.merge_patch(&scene.invitation_path(name), &patch).await.expect("the operator may");
    }
    scene.go().await;
    let ada = scene.wait_stalled("ada").await;
    assert_eq!(ada["status"]["state"], "OutcomeUnknown");
    scene.wait_for_state("bob", "Pending").await;
    scene.sweeps(&org, 2).await;
    assert_eq!((scene.all_mails(&org), scene.all_mails(&workspace)), (1, 2));
}

#[tokio::test]
async fn a_restart_in_quiet_times_writes_nothing() {
    let (mut scene, org, workspace) = pending("restores-quiet").await;
    scene.vendors.accept(&workspace, "bob@example.com").expect("invited");
    scene.wait_for_state("bob", "Accepted").await;
    let counted = |field: &'static str| move |object: &Value| object["status"]["counts"][field] == 1;
    scene.client.wait_for(&scene.provider_path("csp"), WAIT, "counted", counted("pending")).await;
    scene.client.wait_for(&scene.provider_path("hpe"), WAIT, "counted", counted("accepted")).await;
    scene.client.wait_for(&scene.provider_path("hpe"), WAIT, "counted", counted("invitations")).await;
    scene.stop().await;
    let before = (scene.writes(&org), scene.writes(&workspace), scene.kubernetes_writes());
    scene.go().await;
    scene.sweeps(&org, 2).await;
    scene.sweeps(&workspace, 2).await;
    let after = (scene.writes(&org), scene.writes(&workspace), scene.kubernetes_writes());
    assert_eq!(before, after, "writes to VMware, HPE GreenLake, Kubernetes");
}
