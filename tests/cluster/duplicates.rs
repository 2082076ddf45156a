//! One resource speaks for a person: duplicates, mixed case, other namespaces.

use serde_json::json;
use test_rig::lab::{WAIT, condition};
use test_rig::vendors::Stand;

use crate::lab::lab;
use crate::scene::Scene;
use crate::stage::each;

#[tokio::test]
async fn a_duplicate_is_stalled_and_names_the_other() {
    let scene = Scene::new("duplicates-same").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.invite("ada", json!({})).await;
        stage.declare_as("ada-again", "ADA@Example.com", json!({})).await;

        let duplicate = stage.wait("ada-again", "Conflict", "DuplicateInvitation").await;
        assert_eq!(condition(&duplicate, "Stalled")["status"], "True");
        let message = condition(&duplicate, "Ready")["message"].as_str().expect("a message").to_owned();
        let other = stage.object("ada");
        assert!(
            message.contains(&format!("UserInvitation {other:?} already speaks for this person")),
            "{message}"
        );

        let writes = stage.writes();
        stage.delete_and_wait("ada-again").await;
        stage.sweeps(1).await;
        assert_eq!(stage.writes(), writes, "{stage}: deleting a duplicate calls nobody");
        assert_eq!(stage.mails("ada"), 1, "{stage}");
        stage.wait_for("ada", Stand::Invited).await;
    })
    .await;
}

#[tokio::test]
async fn another_namespace_is_never_named() {
    let (one, two) = ("duplicates-one", "duplicates-two");
    let scene = Scene::of(one, &[one, two], &[]).await;
    let other = lab().namespace(two).await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;

    // The same tenant, declared in the second namespace too.
    let token = format!("api-token-{one}-csp-0123456789abcdef");
    other.secret("csp", other.vmware_url(), &json!({"apiToken": token})).await;
    let block =
        json!({"vmwareCloudServices": {"orgId": org.id, "platform": "Tcsp", "endpoint": other.vmware_url()}});
    other.provider("csp", block, json!({})).await;
    let provider = other.wait_for_provider("csp", "TenantInUse").await;
    assert!(!condition(&provider, "Ready")["message"].to_string().contains(one));

    other.invite("ada", "csp", "ada@example.com", json!({})).await;
    let duplicate = other.wait_for_reason("ada", "DuplicateInvitation").await;
    let message = condition(&duplicate, "Ready")["message"].as_str().expect("a message").to_owned();
    assert!(message.contains("another object already speaks for this person"), "{message}");
    assert!(!duplicate["status"].to_string().contains(one), "{duplicate:#}");
    other.invite("eve", "csp", "eve@example.com", json!({})).await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.all_mails(&org), 1, "a provider that does not serve starts nothing");

    // The first provider goes: the second one takes over.
    scene.delete_and_wait("ada").await;
    scene.client.delete(&scene.provider_path("csp")).await.expect("the provider is there");
    scene.client.wait_gone(&scene.provider_path("csp"), WAIT).await;
    other.wait_for_provider("csp", "Ready").await;
    other.wait_for_state("eve", "Pending").await;
    other.wait_for_state("ada", "Pending").await;
}
