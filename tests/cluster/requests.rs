//! What people ask for by spec and annotation: suspend, reconcile.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use test_rig::vendors::{Policy, Stand};
use vendor_simulators::PersonAction;

use crate::scene::Scene;
use crate::stage::each;

const RESEND: &str = "userinvitation.dev/resend-requested-at";
const RECONCILE: &str = "userinvitation.dev/reconcile-requested-at";

#[tokio::test]
async fn suspend_holds_everything_but_deletion() {
    let scene = Scene::new("requests-suspend").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.declare("ada", json!({"suspend": true})).await;
        stage.wait_for_state("ada", "Paused").await;
        stage.sweeps(2).await;
        assert_eq!(stage.writes(), 0, "{stage}");
        stage.edit("ada", json!({"suspend": false})).await;
        stage.wait_for("ada", Stand::Invited).await;

        let (_, reason) = stage.can.state(Stand::Invited);
        let ready = |object: &Value| condition(object, "Ready")["reason"].clone();
        stage.edit("ada", json!({"suspend": true})).await;
        let paused = stage.wait_for_state("ada", "Paused").await;
        assert_eq!(ready(&paused), reason, "{stage}: the conditions stay as they were");
        if stage.can.acceptance {
            stage.act("ada", &PersonAction::Accept);
        }
        stage.sweeps(2).await;
        assert_eq!(ready(&stage.invitation("ada").await), reason, "{stage}");
        stage.edit("ada", json!({"suspend": false, "deletionPolicy": "Remove"})).await;
        stage.wait_for("ada", Stand::Member).await;
        stage.edit("ada", json!({"suspend": true})).await;
        stage.wait_for_state("ada", "Paused").await;
        stage.delete_and_wait("ada").await;
        stage.is_kept_as(Policy::Remove, Stand::Member, "ada");
        assert_eq!(stage.all_mails(), 1, "{stage}");
    })
    .await;
}

#[tokio::test]
async fn reconcile_requests_are_acknowledged_after_a_look() {
    let scene = Scene::new("requests-reconcile").await;
    each(&scene.stages(json!({"resyncIntervalSeconds": 3600})).await, async |stage| {
        stage.invite("ada", json!({})).await;
        if stage.can.acceptance {
            stage.act("ada", &PersonAction::Accept);
        }
        let looks = || stage.calls(&[stage.case.calls.sweeps_by()]);
        let before = looks();
        stage.annotate("ada", json!({RECONCILE: "now"})).await;
        stage.wait_status("ada", "lastHandledReconcileAt", "now").await;
        assert!(looks() > before, "{stage}");
        stage.wait_for("ada", Stand::Member).await;

        stage.act("ada", &PersonAction::Remove);
        let before = looks();
        let patch = json!({"metadata": {"annotations": {RECONCILE: "then"}}});
        let provider = scene.provider_path(stage.provider());
        scene.client.merge_patch(&provider, &patch).await.expect("accepted");
        let acknowledged = |object: &Value| object["status"]["lastHandledReconcileAt"] == "then";
        scene.client.wait_for(&provider, WAIT, "acknowledged", acknowledged).await;
        scene.eventually("a look", || looks() > before).await;
        stage.wait("ada", "Removed", "Removed").await;
        assert_eq!(stage.all_mails(), 1, "{stage}");
    })
    .await;
}

#[tokio::test]
async fn values_that_are_too_long_are_ignored_with_an_event() {
    let scene = Scene::new("requests-long").await;
    let at_any_time = json!({"limits": {"minResendIntervalSeconds": 0}});
    each(&scene.stages(at_any_time).await, async |stage| {
        stage.invite("ada", json!({})).await;
        let (long, fits) = ("x".repeat(65), "x".repeat(64));
        stage.annotate("ada", json!({RESEND: long})).await;
        let note = stage.wait_event("ada", "ResendIgnored").await;
        assert!(note.contains(RESEND) && note.contains("64 characters"), "{note}");
        stage.annotate("ada", json!({RECONCILE: long})).await;
        stage.wait_event("ada", "ReconcileIgnored").await;
        let patch = json!({"metadata": {"annotations": {RECONCILE: long}}});
        let provider = stage.provider();
        scene.client.merge_patch(&scene.provider_path(provider), &patch).await.expect("accepted");
        scene.wait_event(provider, "ReconcileIgnored").await;
        stage.sweeps(2).await;
        let status = stage.invitation("ada").await["status"].clone();
        assert!(
            status["lastHandledResendAt"].is_null() && status["lastHandledReconcileAt"].is_null(),
            "{stage}: {status}"
        );
        assert_eq!(stage.all_mails(), 1, "{stage}");
        stage.resend("ada", &fits).await;
    })
    .await;
}
