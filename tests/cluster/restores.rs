//! Objects that lost their status or come from a backup, and operators that start anew.

use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, WAIT};
use test_rig::vendors::{Policy, Stand};
use vendor_simulators::PersonAction;

use crate::scene::Scene;
use crate::stage::{Stage, each};

const RECORD: &str = "userinvitation.dev/record";

/// Two invited people at each vendor, and then no operator.
async fn invited(name: &str) -> (Scene, Vec<Stage>) {
    let mut scene = Scene::new(name).await;
    let stages = scene.stages(json!({"limits": {"minResendIntervalSeconds": 0}})).await;
    each(&stages, async |stage| {
        for who in ["ada", "bob"] {
            stage.invite(who, json!({"deletionPolicy": "Remove"})).await;
        }
    })
    .await;
    scene.stop().await;
    (scene, stages)
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
    let (mut scene, stages) = invited("restores-status").await;
    each(&stages, async |stage| stage.patch_status("ada", &Value::Null).await).await;
    scene.go().await;
    each(&stages, async |stage| {
        let again = stage.wait_for("ada", Stand::Invited).await;
        assert_eq!(again["status"]["origin"], "Invited", "{stage}");
        assert_eq!(stage.calls(stage.case.calls.invite), invites(stage), "{stage}");
        stage.delete_and_wait("ada").await;
        stage.is_kept_as(Policy::Remove, Stand::Invited, "ada");
        assert_eq!(stage.all_mails(), 2, "{stage}");
    })
    .await;
}

/// Both people, in one call or in two.
fn invites(stage: &Stage) -> usize {
    let invites = stage.calls(stage.case.calls.invite);
    assert!(invites == 2 || (invites == 1 && stage.can.batch > 1), "{stage}: {invites} invites");
    invites
}

#[tokio::test]
async fn restored_objects_adopt_who_is_there_and_never_send_by_themselves() {
    let (mut scene, stages) = invited("restores-objects").await;
    each(&stages, async |stage| {
        for who in ["ada", "bob"] {
            restore(&scene, &stage.object(who)).await;
        }
        stage.act("bob", &PersonAction::Remove);
    })
    .await;
    let before: Vec<usize> = stages.iter().map(Stage::writes).collect();
    scene.go().await;
    each(&stages, async |stage| {
        let ada = stage.wait_for("ada", Stand::Invited).await;
        assert_eq!(ada["status"]["origin"], "Adopted", "{stage}");
        let bob = stage.wait_stalled("bob").await;
        assert_eq!(bob["status"]["state"], "OutcomeUnknown", "{stage}");
        stage.sweeps(2).await;
        assert_eq!(stage.all_mails(), 2, "{stage}");
    })
    .await;
    assert_eq!(before, stages.iter().map(Stage::writes).collect::<Vec<_>>(), "calls that write, by vendor");
    each(&stages, async |stage| {
        stage.annotate("bob", json!({"userinvitation.dev/resend-requested-at": "yes"})).await;
        stage.wait_for("bob", Stand::Invited).await;
        assert_eq!(stage.all_mails(), 3, "{stage}");
    })
    .await;
}

/// An attempt without an outcome: whether it is made again depends on its age.
#[tokio::test]
async fn an_old_attempt_without_outcome_is_not_made_again() {
    let (mut scene, stages) = invited("restores-attempt").await;
    let token = scene.client.service_account_token(OPERATOR, OPERATOR).await;
    let operator = scene.client.with_token(&token);
    each(&stages, async |stage| {
        for (who, hours) in [("ada", 2), ("bob", 0)] {
            stage.act(who, &PersonAction::Remove);
            let mut record = record_of(&stage.invitation(who).await);
            let time = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(hours);
            record["attempt"]["id"] = json!("0123456789abcdef0123456789abcdef");
            record["attempt"]["process"] = json!("another");
            record["attempt"]["time"] = json!(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string());
            record["attempt"]["baseline"] = json!("something that was there before");
            let change = json!({"metadata": {"annotations": {RECORD: record.to_string()}}});
            let path = scene.invitation_path(&stage.object(who));
            operator.merge_patch(&path, &change).await.expect("the operator may");
        }
    })
    .await;
    scene.go().await;
    each(&stages, async |stage| {
        let ada = stage.wait_stalled("ada").await;
        assert_eq!(ada["status"]["state"], "OutcomeUnknown", "{stage}");
        stage.wait_for("bob", Stand::Invited).await;
        stage.sweeps(2).await;
        assert_eq!((stage.mails("ada"), stage.mails("bob")), (1, 2), "{stage}");
    })
    .await;
}

#[tokio::test]
async fn a_restart_in_quiet_times_writes_nothing() {
    let mut scene = Scene::new("restores-quiet").await;
    let stages = scene.stages(json!({})).await;
    each(&stages, async |stage| {
        stage.invite("ada", json!({})).await;
        stage.invite("bob", json!({})).await;
        stage.accept("bob").await;
        // Where everybody is provisioned, all are counted as members.
        let members = if stage.can.acceptance { 1 } else { 2 };
        let path = scene.provider_path(stage.provider());
        let counted = |object: &Value| {
            let counts = &object["status"]["counts"];
            counts["invitations"] == 2 && counts["accepted"] == members && counts["pending"] == 2 - members
        };
        scene.client.wait_for(&path, WAIT, "counted", counted).await;
    })
    .await;
    scene.stop().await;
    let written =
        |scene: &Scene| (stages.iter().map(Stage::writes).collect::<Vec<_>>(), scene.kubernetes_writes());
    let before = written(&scene);
    scene.go().await;
    each(&stages, async |stage| stage.sweeps(2).await).await;
    assert_eq!(written(&scene), before, "writes to the vendors, and to Kubernetes");
}
