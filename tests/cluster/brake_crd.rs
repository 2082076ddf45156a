//! The day a whole kind goes: its definition is deleted, and with it every invitation.

use std::time::Duration;

use serde_json::{Value, json};
use test_rig::lab::condition;
use test_rig::vendors::Stand;
use vendor_simulators::{PersonAction, Standing};

use crate::lab::is_exhaustive;
use crate::scene::Scene;
use crate::stage::{Stage, each};

const CRD: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/userinvitations.userinvitation.dev";

/// For each tenant. More than a provider lets go on without an approval; 500 in all is the whole requirement.
fn people() -> usize {
    if is_exhaustive() { 125 } else { 11 }
}

fn person(number: usize) -> String {
    format!("person-{number:03}")
}

async fn declare_members(stage: &Stage) {
    for number in 0..people() {
        if stage.case.happens.accounts {
            stage.act(&person(number), &PersonAction::AddAccount);
        }
        stage.declare(&person(number), json!({"deletionPolicy": "Remove"})).await;
    }
    for number in 0..people() {
        if !stage.case.happens.accounts {
            stage.wait_for(&person(number), Stand::Invited).await;
            stage.accept(&person(number)).await;
        }
    }
}

async fn all_say(scene: &Scene, count: usize, what: &str, says: fn(&Value) -> bool) {
    let path = scene.path("userinvitations");
    let all = |list: &Value| {
        list["items"].as_array().is_some_and(|items| items.iter().filter(|i| says(i)).count() == count)
    };
    scene.client.wait_for(&path, Duration::from_secs(400), what, all).await;
}

fn members(stage: &Stage) -> usize {
    (0..people()).filter(|number| stage.standing(&person(*number)) == Some(Standing::Member)).count()
}

/// Everywhere where a deletion removes somebody.
#[tokio::test]
async fn nobody_is_removed_before_somebody_approves() {
    let mut scene = Scene::alone("brake-crd", &["--deletion-delay-milliseconds=5000"]).await;
    let mut stages = scene.stages(json!({"limits": {"requestsPerMinute": 60000}})).await;
    stages.retain(|stage| stage.can.remove);
    each(&stages, declare_members).await;
    let everybody = people() * stages.len();
    all_say(&scene, everybody, "all are members", |object| {
        matches!(object["status"]["state"].as_str(), Some("Accepted" | "Provisioned"))
    })
    .await;
    let now = || stages.iter().map(|stage| (stage.writes(), members(stage))).collect::<Vec<_>>();
    let before = now();

    scene.client.delete(CRD).await.expect("the definition is there");
    let held = |object: &Value| condition(object, "Stalled")["reason"] == "RemovalsHeld";
    all_say(&scene, everybody, "all are held", held).await;
    assert_eq!(now(), before, "calls that write, and members");
    scene.restart().await;
    each(&stages, async |stage| stage.sweeps(8).await).await;
    all_say(&scene, everybody, "all are held", held).await;
    assert_eq!(now(), before, "calls that write, and members");

    for stage in &stages {
        let path = scene.provider_path(stage.provider());
        let object = scene.client.get(&path).await.expect("the provider is there");
        assert_eq!(object["status"]["removalsHeld"]["count"], people(), "{stage}");
        let message = condition(&object, "RemovalsHeld")["message"].as_str().expect("a message").to_owned();
        let (_, command) = message.split_once("kubectl ").expect("a command");
        let words: Vec<&str> = command.split(' ').collect();
        scene.lab().control_plane.kubectl(&words).await.success();
    }
    scene.client.wait_gone(CRD, Duration::from_secs(400)).await;
    for stage in &stages {
        assert_eq!(members(stage), 0, "{stage}");
    }
    scene.end().await;
}
