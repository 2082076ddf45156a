//! Secrets and namespaces that go while something is owed.

use serde_json::json;
use test_rig::lab::{WAIT, condition};
use vendor_simulators::Standing;

use crate::scene::Scene;

const LONG: std::time::Duration = std::time::Duration::from_secs(60);

fn secret_path(scene: &Scene, name: &str) -> String {
    format!("/api/v1/namespaces/{}/secrets/{name}", scene.name)
}

fn namespace_path(scene: &Scene) -> String {
    format!("/api/v1/namespaces/{}", scene.name)
}

/// Two people who are owed a call, and one who is not.
async fn people(scene: &Scene) {
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.invite("bob", "csp", "bob@example.com", json!({"deletionPolicy": "Remove"})).await;
    scene.invite("eve", "csp", "eve@example.com", json!({"deletionPolicy": "Retain"})).await;
    for name in ["ada", "bob", "eve"] {
        scene.wait_for_state(name, "Pending").await;
    }
}

#[tokio::test]
async fn credentials_in_memory_serve_what_is_owed() {
    let scene = Scene::new("departures-memory").await;
    let org = scene.vmware("csp", json!({})).await;
    people(&scene).await;
    scene.client.delete(&secret_path(&scene, "csp")).await.expect("the Secret is there");
    scene.wait_for_provider("csp", "SecretNotFound").await;
    scene.client.delete(&namespace_path(&scene)).await.expect("the namespace is there");
    scene.client.wait_gone(&namespace_path(&scene), LONG).await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Revoked));
    assert_eq!(scene.standing(&org, "bob@example.com"), Some(Standing::Revoked));
    assert_eq!(scene.standing(&org, "eve@example.com"), Some(Standing::Invited));
    assert_eq!(scene.all_mails(&org), 3);
}

#[tokio::test]
async fn no_namespace_hangs_without_credentials() {
    let mut scene = Scene::new("departures-restart").await;
    let org = scene.vmware("csp", json!({})).await;
    people(&scene).await;
    scene.stop().await;
    scene.client.delete(&secret_path(&scene, "csp")).await.expect("the Secret is there");
    scene.client.delete(&namespace_path(&scene)).await.expect("the namespace is there");
    let is_terminating = |object: &serde_json::Value| object["status"]["phase"] == "Terminating";
    scene.client.wait_for(&namespace_path(&scene), WAIT, "terminating", is_terminating).await;
    scene.go().await;
    scene.client.wait_gone(&namespace_path(&scene), LONG).await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Invited), "nobody could call");
    let metrics = scene.operator().metrics().await;
    let counted = metrics
        .lines()
        .find(|line| line.contains("releases_without_call") && line.contains("NamespaceTerminating"));
    assert!(counted.is_some_and(|line| line.ends_with(" 2")), "{counted:?}\n{metrics}");
}

#[tokio::test]
async fn in_a_live_namespace_it_waits_for_credentials_or_for_abandon() {
    let mut scene = Scene::new("departures-live").await;
    let org = scene.vmware("csp", json!({})).await;
    people(&scene).await;
    scene.stop().await;
    let secret = scene.client.get(&secret_path(&scene, "csp")).await.expect("the Secret is there");
    scene.client.delete(&secret_path(&scene, "csp")).await.expect("the Secret is there");
    scene.go().await;
    scene.wait_for_provider("csp", "SecretNotFound").await;
    for name in ["ada", "bob", "eve"] {
        scene.delete(name).await;
    }
    scene.client.wait_gone(&scene.invitation_path("eve"), WAIT).await;
    for name in ["ada", "bob"] {
        let waiting = scene.wait(name, "Deleting", "CredentialsMissing").await;
        assert_eq!(condition(&waiting, "Stalled")["status"], "True");
        let said = condition(&waiting, "Ready")["message"].as_str().expect("a message").to_owned();
        assert!(said.contains("userinvitation.dev/abandon=true"), "{said}");
    }
    scene.annotate("ada", &json!({"userinvitation.dev/abandon": "true"})).await;
    scene.client.wait_gone(&scene.invitation_path("ada"), WAIT).await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Invited));

    let again = json!({
        "apiVersion": "v1", "kind": "Secret", "data": secret["data"],
        "metadata": {"name": "csp", "namespace": scene.name, "labels": secret["metadata"]["labels"],
                     "annotations": secret["metadata"]["annotations"]},
    });
    let path = format!("/api/v1/namespaces/{}/secrets", scene.name);
    scene.client.create(&path, &again).await.expect("the Secret is new");
    scene.client.wait_gone(&scene.invitation_path("bob"), WAIT).await;
    assert_eq!(scene.standing(&org, "bob@example.com"), Some(Standing::Revoked));
    assert_eq!(scene.all_mails(&org), 3);
}
