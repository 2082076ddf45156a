//! Secrets and namespaces that go while something is owed.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use test_rig::vendors::{Policy, Stand};

use crate::scene::Scene;
use crate::stage::{Stage, each};

/// How each of the three is called, and what is to become of them.
const PEOPLE: [(&str, Policy); 3] =
    [("ada", Policy::RevokePending), ("bob", Policy::Remove), ("eve", Policy::Retain)];

fn secret_path(scene: &Scene, stage: &Stage) -> String {
    format!("/api/v1/namespaces/{}/secrets/{}", scene.name, stage.provider())
}

fn namespace_path(scene: &Scene) -> String {
    format!("/api/v1/namespaces/{}", scene.name)
}

/// Three invited people at each vendor.
async fn people(scene: &Scene) -> Vec<Stage> {
    let stages = scene.stages(json!({})).await;
    each(&stages, async |stage| {
        for (who, policy) in PEOPLE {
            stage.declare(who, json!({"deletionPolicy": policy.as_str()})).await;
        }
        for (who, policy) in PEOPLE {
            let object = stage.wait_for(who, Stand::Invited).await;
            let does = stage.can.on_delete(policy, Stand::Invited);
            assert_eq!(object["status"]["onDelete"], does.as_str(), "{stage}: {who}");
        }
    })
    .await;
    stages
}

/// Whether a call is owed for somebody.
fn owes(stage: &Stage, policy: Policy) -> bool {
    stage.can.on_delete(policy, Stand::Invited).takes_away()
}

async fn delete_secrets(scene: &Scene, stages: &[Stage]) {
    each(stages, async |stage| {
        scene.client.delete(&secret_path(scene, stage)).await.expect("the Secret is there");
    })
    .await;
}

#[tokio::test]
async fn credentials_in_memory_serve_what_is_owed() {
    let scene = Scene::new("departures-memory").await;
    let stages = people(&scene).await;
    delete_secrets(&scene, &stages).await;
    each(&stages, async |stage| {
        stage.wait_for_provider("SecretNotFound").await;
    })
    .await;
    scene.client.delete(&namespace_path(&scene)).await.expect("the namespace is there");
    scene.client.wait_gone(&namespace_path(&scene), WAIT).await;
    for stage in &stages {
        for (who, policy) in PEOPLE {
            stage.is_kept_as(policy, Stand::Invited, who);
        }
        assert_eq!(stage.all_mails(), 3, "{stage}");
    }
}

#[tokio::test]
async fn no_namespace_hangs_without_credentials() {
    let mut scene = Scene::new("departures-restart").await;
    let stages = people(&scene).await;
    scene.stop().await;
    delete_secrets(&scene, &stages).await;
    scene.client.delete(&namespace_path(&scene)).await.expect("the namespace is there");
    let is_terminating = |object: &Value| object["status"]["phase"] == "Terminating";
    scene.client.wait_for(&namespace_path(&scene), WAIT, "terminating", is_terminating).await;
    scene.go().await;
    scene.client.wait_gone(&namespace_path(&scene), WAIT).await;
    let owed = stages.iter().flat_map(|stage| PEOPLE.map(|(_, policy)| owes(stage, policy)));
    let owed = owed.filter(|owes| *owes).count();
    for stage in &stages {
        for (who, _) in PEOPLE {
            assert!(stage.has(who), "{stage}: nobody could call");
        }
    }
    let metrics = scene.operator().metrics().await;
    let counted = metrics
        .lines()
        .find(|line| line.contains("releases_without_call") && line.contains("namespace_terminating"));
    assert!(counted.is_some_and(|line| line.ends_with(&format!(" {owed}"))), "{counted:?}\n{metrics}");
}

#[tokio::test]
async fn in_a_live_namespace_it_waits_for_credentials_or_for_abandon() {
    let mut scene = Scene::new("departures-live").await;
    let stages = people(&scene).await;
    scene.stop().await;
    let mut secrets = Vec::new();
    for stage in &stages {
        secrets.push(scene.client.get(&secret_path(&scene, stage)).await.expect("the Secret is there"));
    }
    delete_secrets(&scene, &stages).await;
    scene.go().await;
    each(&stages, async |stage| {
        stage.wait_for_provider("SecretNotFound").await;
        for (who, _) in PEOPLE {
            stage.delete(who).await;
        }
        for (who, policy) in PEOPLE {
            if owes(stage, policy) {
                let waiting = stage.wait(who, "Deleting", "CredentialsMissing").await;
                assert_eq!(condition(&waiting, "Stalled")["status"], "True", "{stage}: {who}");
                let said = condition(&waiting, "Ready")["message"].as_str().expect("a message").to_owned();
                assert!(said.contains("userinvitation.dev/abandon=true"), "{stage}: {said}");
            } else if policy == Policy::Retain {
                stage.wait_gone(who).await;
            }
        }
        // One is let go without the vendor.
        if owes(stage, Policy::RevokePending) {
            stage.annotate("ada", json!({"userinvitation.dev/abandon": "true"})).await;
            stage.wait_gone("ada").await;
            assert!(stage.has("ada"), "{stage}");
        }
    })
    .await;
    let collection = format!("/api/v1/namespaces/{}/secrets", scene.name);
    for (stage, secret) in stages.iter().zip(secrets) {
        let again = json!({
            "apiVersion": "v1", "kind": "Secret", "data": secret["data"],
            "metadata": {"name": stage.provider(), "namespace": scene.name,
                         "labels": secret["metadata"]["labels"],
                         "annotations": secret["metadata"]["annotations"]},
        });
        scene.client.create(&collection, &again).await.expect("the Secret is new");
    }
    each(&stages, async |stage| {
        for (who, _) in PEOPLE {
            stage.wait_gone(who).await;
        }
        stage.is_kept_as(Policy::Remove, Stand::Invited, "bob");
        assert_eq!(stage.all_mails(), 3, "{stage}");
    })
    .await;
}
