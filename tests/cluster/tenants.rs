//! Providers and tenants: one provider serves a tenant, and stays while something is owed.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{Standing, TenantId};

use crate::scene::Scene;

/// A second provider for a tenant, with the same credential.
async fn second(scene: &Scene, org: &TenantId) {
    let token = format!("api-token-{}-csp-0123456789abcdef", scene.name);
    scene.secret("second", scene.vmware_url(), &json!({"apiToken": token})).await;
    let block =
        json!({"vmwareCloudServices": {"orgId": org.id, "platform": "Tcsp", "endpoint": scene.vmware_url()}});
    scene.provider("second", block, json!({})).await;
}

fn holds_in_use(provider: &Value) -> bool {
    provider["metadata"]["finalizers"]
        .as_array()
        .is_some_and(|finalizers| finalizers.contains(&json!("userinvitation.dev/in-use")))
}

#[tokio::test]
async fn one_of_two_providers_serves_and_the_other_takes_over() {
    let scene = Scene::new("tenants-two").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    second(&scene, &org).await;
    let stalled = scene.wait_for_provider("second", "TenantInUse").await;
    assert_eq!(condition(&stalled, "Stalled")["status"], "True");
    assert!(!holds_in_use(&stalled));

    scene.invite("bob", "second", "bob@example.com", json!({})).await;
    scene.wait("bob", "Waiting", "ProviderNotReady").await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.mails(&org, "bob@example.com"), 0);

    // A deleted provider stays while an invitation owes, and starts nothing.
    scene.client.delete(&scene.provider_path("csp")).await.expect("the provider is there");
    scene.wait_for_provider("csp", "Terminating").await;
    scene.invite("eve", "csp", "eve@example.com", json!({})).await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.all_mails(&org), 1);

    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Revoked));
    scene.client.wait_gone(&scene.provider_path("csp"), WAIT).await;
    scene.wait_for_provider("second", "Ready").await;
    scene.wait_for_state("bob", "Pending").await;
    assert_eq!(scene.mails(&org, "bob@example.com"), 1);
}

#[tokio::test]
async fn the_finalizer_in_use_precedes_the_first_intent() {
    let scene = Scene::new("tenants-in-use").await;
    let org = scene.vmware("csp", json!({})).await;
    let idle = scene.wait_for_provider("csp", "Ready").await;
    assert!(!holds_in_use(&idle), "a provider without invitations is not held");
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    let requests = scene.requests();
    let position = |resource: &str| {
        requests.iter().position(|r| r.verb == "patch" && r.resource == resource && r.subresource.is_empty())
    };
    let (provider, intent) = (position("invitationproviders"), position("userinvitations"));
    assert!(provider.is_some() && provider < intent, "{provider:?} {intent:?}");
    assert_eq!(scene.all_mails(&org), 1);
    // The numbers in the provider's status follow a little later.
    let path = scene.provider_path("csp");
    scene.client.wait_for(&path, WAIT, "counted", |object| object["status"]["counts"]["pending"] == 1).await;
    scene.stays_quiet(&org).await;
}

#[tokio::test]
async fn an_invitation_of_another_tenant_is_never_touched() {
    let scene = Scene::new("tenants-changed").await;
    let old = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({"deletionPolicy": "Retain"})).await;
    scene.wait_for_state("ada", "Pending").await;
    // The provider is made anew, for another organization, while the operator is away from its invitation.
    scene.client.delete(&scene.provider_path("csp")).await.expect("the provider is there");
    scene.client.wait_gone(&scene.provider_path("csp"), WAIT).await;
    let path = format!("/api/v1/namespaces/{}/secrets/csp", scene.name);
    scene.client.delete(&path).await.expect("the Secret is there");
    let new = scene
        .vendors
        .create_vmware_org(vendor_simulators::VmwareOrg::with(vendor_simulators::Credential::api_token(
            "changed-0123456789",
        )))
        .expect("the organization is new");
    scene.secret("csp", scene.vmware_url(), &json!({"apiToken": "changed-0123456789"})).await;
    let block =
        json!({"vmwareCloudServices": {"orgId": new.id, "platform": "Tcsp", "endpoint": scene.vmware_url()}});
    scene.provider("csp", block, json!({})).await;
    let changed = scene.wait("ada", "Conflict", "TenantChanged").await;
    assert_eq!(condition(&changed, "Stalled")["status"], "True");
    assert_eq!((scene.all_mails(&old), scene.writes(&new)), (1, 0));

    scene.edit("ada", json!({"deletionPolicy": "Remove"})).await;
    scene.delete("ada").await;
    let waiting = scene.wait("ada", "Deleting", "TenantChanged").await;
    assert!(condition(&waiting, "Ready")["message"].to_string().contains("userinvitation.dev/abandon=true"));
    scene.annotate("ada", &json!({"userinvitation.dev/abandon": "true"})).await;
    scene.client.wait_gone(&scene.invitation_path("ada"), WAIT).await;
    assert_eq!(scene.standing(&old, "ada@example.com"), Some(Standing::Invited));
    assert_eq!(scene.writes(&new), 0);
}

/// A new process finishes what a terminating provider owes, and lets it go only when no earlier call can be open.
#[tokio::test]
async fn a_terminating_provider_finishes_after_a_restart() {
    let mut scene = Scene::new("tenants-terminating").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.client.delete(&scene.provider_path("csp")).await.expect("the provider is there");
    scene.wait_for_provider("csp", "Terminating").await;
    scene.restart().await;
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Revoked));
    scene.client.wait_gone(&scene.provider_path("csp"), WAIT).await;
}
