//! One resource speaks for a person: duplicates, renames, mixed case.

use serde_json::json;
use test_rig::lab::{WAIT, condition};
use vendor_simulators::Standing;

use crate::lab::lab;
use crate::scene::Scene;

#[tokio::test]
async fn a_duplicate_is_stalled_and_names_the_other() {
    let scene = Scene::new("duplicates-same").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.invite("ada-again", "csp", "ADA@Example.com", json!({})).await;

    let duplicate = scene.wait("ada-again", "Conflict", "DuplicateInvitation").await;
    assert_eq!(condition(&duplicate, "Stalled")["status"], "True");
    let message = condition(&duplicate, "Ready")["message"].as_str().expect("a message").to_owned();
    assert!(message.contains(r#"UserInvitation "ada" already speaks for this person"#), "{message}");

    let writes = scene.writes(&org);
    scene.delete_and_wait("ada-again").await;
    scene.sweeps(&org, 1).await;
    assert_eq!(scene.writes(&org), writes, "deleting a duplicate calls nobody");
    assert_eq!(scene.mails(&org, "ada@example.com"), 1);
    scene.wait_for_state("ada", "Pending").await;
}

#[tokio::test]
async fn a_rename_calls_nobody_before_and_after_acceptance() {
    let scene = Scene::new("duplicates-rename").await;
    let (org, workspace) = (scene.vmware("csp", json!({})).await, scene.hpe("hpe", json!({})).await);
    for (tenant, provider) in [(&org, "csp"), (&workspace, "hpe")] {
        let email = "ada@example.com";
        let remove = json!({"deletionPolicy": "Remove"});
        let name = |number: u8| format!("ada-{provider}-{number}");
        scene.invite(&name(1), provider, email, remove.clone()).await;
        scene.wait_for_state(&name(1), "Pending").await;
        let writes = scene.writes(tenant);

        scene.invite(&name(2), provider, email, remove.clone()).await;
        scene.wait(&name(2), "Conflict", "DuplicateInvitation").await;
        scene.delete_and_wait(&name(1)).await;
        let pending = scene.wait_for_state(&name(2), "Pending").await;
        assert_eq!(pending["status"]["origin"], "Invited", "the new object takes over who invited");

        scene.vendors.accept(tenant, email).expect("she is invited");
        scene.wait_for_state(&name(2), "Accepted").await;
        scene.invite(&name(3), provider, email, remove).await;
        scene.wait(&name(3), "Conflict", "DuplicateInvitation").await;
        scene.delete_and_wait(&name(2)).await;
        scene.wait_for_state(&name(3), "Accepted").await;
        assert_eq!(scene.writes(tenant), writes, "{provider}: a rename calls nobody");
        assert_eq!(scene.mails(tenant, email), 1);
        assert_eq!(scene.standing(tenant, email), Some(Standing::Member));

        scene.delete_and_wait(&name(3)).await;
        assert_ne!(
            scene.standing(tenant, email),
            Some(Standing::Member),
            "{provider}: the heir inherits the duty"
        );
    }
}

/// In Git a rename is one step: both are seen at once, in either order.
#[tokio::test]
async fn a_rename_in_one_step_calls_nobody() {
    let scene = Scene::new("duplicates-git").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("old", "csp", "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    scene.wait_for_state("old", "Pending").await;
    let writes = scene.writes(&org);
    scene.invite("new", "csp", "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    scene.delete("old").await;
    scene.client.wait_gone(&scene.invitation_path("old"), WAIT).await;
    scene.wait_for_state("new", "Pending").await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.writes(&org), writes);
    assert_eq!(scene.mails(&org, "ada@example.com"), 1);
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Invited));
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
