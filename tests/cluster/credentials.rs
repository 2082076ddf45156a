//! Secrets: rotation, wrong contents, hosts without consent, addresses that are not allowed.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{Credential, CredentialChange, TenantId, VmwareOrg};

use crate::lab::lab;
use crate::scene::Scene;

fn token_of(scene: &Scene) -> String {
    format!("api-token-{}-csp-0123456789abcdef", scene.name)
}

fn secret_path(scene: &Scene, name: &str) -> String {
    format!("/api/v1/namespaces/{}/secrets/{name}", scene.name)
}

/// Replaces the values of a Secret.
async fn put(scene: &Scene, values: Value) {
    let data: serde_json::Map<String, Value> = values
        .as_object()
        .expect("an object")
        .iter()
        .map(|(key, value)| {
            (key.clone(), value.as_str().map_or(Value::Null, |text| json!(BASE64_STANDARD.encode(text))))
        })
        .collect();
    let patch = json!({"data": data});
    scene.client.merge_patch(&secret_path(scene, "csp"), &patch).await.expect("the Secret is there");
}

async fn message(scene: &Scene, reason: &str) -> String {
    let provider = scene.wait_for_provider("csp", reason).await;
    condition(&provider, "Ready")["message"].as_str().expect("a message").to_owned()
}

/// A tenant with one pending person.
async fn with_ada(name: &str) -> (Scene, TenantId) {
    let scene = Scene::new(name).await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    (scene, org)
}

#[tokio::test]
async fn a_revoked_credential_fails_the_provider_once_and_a_new_one_heals_it() {
    let (scene, org) = with_ada("credentials-rotation").await;
    let old = token_of(&scene);
    scene.vendors.change_credential(&org, CredentialChange::Revoke { key: old }).expect("it is the tenant's");
    scene.vendors.drop_tokens(&org);
    let provider = scene.wait_for_provider("csp", "AuthenticationFailed").await;
    assert_eq!(condition(&provider, "Stalled")["status"], "True");
    let since = condition(&provider, "Ready")["lastTransitionTime"].clone();

    scene.invite("bob", "csp", "bob@example.com", json!({})).await;
    scene.wait("bob", "Waiting", "ProviderNotReady").await;
    let ada = scene.invitation("ada").await;
    assert_eq!(ada["status"]["state"], "Pending", "a failing provider does not touch the invitations");
    scene
        .vendors
        .change_credential(
            &org,
            CredentialChange::Add { credential: Credential::api_token("the-new-token-0123456789") },
        )
        .expect("it is new");
    put(&scene, json!({"apiToken": "the-new-token-0123456789"})).await;
    let provider = scene.wait_for_provider("csp", "Ready").await;
    assert_ne!(condition(&provider, "Ready")["lastTransitionTime"], Value::Null);
    assert!(since.is_string());
    scene.wait_for_state("bob", "Pending").await;
    assert_eq!(scene.all_mails(&org), 2);
}

#[tokio::test]
async fn each_fault_of_a_secret_has_its_own_reason() {
    let (scene, org) = with_ada("credentials-faults").await;
    let token = token_of(&scene);
    put(&scene, json!({"apiToken": null, "api-token": token})).await;
    let said = message(&scene, "SecretKeyMissing").await;
    assert!(said.contains("apiToken"), "{said}");
    put(&scene, json!({"apiToken": ""})).await;
    message(&scene, "SecretKeyMissing").await;
    put(&scene, json!({"apiToken": "wrong-0123456789"})).await;
    message(&scene, "AuthenticationFailed").await;
    // What editors and `echo` leave behind is no fault.
    put(&scene, json!({"apiToken": format!("{token}\n")})).await;
    scene.wait_for_provider("csp", "Ready").await;
    put(&scene, json!({"apiToken": format!("{token}wrong")})).await;
    message(&scene, "AuthenticationFailed").await;
    put(&scene, json!({"apiToken": format!("{token}\r\n")})).await;
    scene.wait_for_provider("csp", "Ready").await;
    put(&scene, json!({"apiToken": format!("{token}\nsecond line")})).await;
    message(&scene, "SecretKeyMissing").await;
    put(&scene, json!({"apiToken": "x".repeat(900_000)})).await;
    message(&scene, "SecretKeyMissing").await;
    put(&scene, json!({"apiToken": token})).await;
    scene.wait_for_provider("csp", "Ready").await;
    assert_eq!(scene.invitation("ada").await["status"]["state"], "Pending");
    assert_eq!(scene.all_mails(&org), 1);
}

#[tokio::test]
async fn another_host_needs_the_consent_of_the_secrets_owner() {
    let (scene, org) = with_ada("credentials-consent").await;
    let hosts =
        |value: &str| json!({"metadata": {"annotations": {"userinvitation.dev/allowed-hosts": value}}});
    let secret = secret_path(&scene, "csp");
    scene.client.merge_patch(&secret, &hosts("elsewhere.example.com")).await.expect("the Secret is there");
    let said = message(&scene, "HostNotAllowed").await;
    assert!(said.contains("userinvitation.dev/allowed-hosts"), "{said}");
    let host = scene.vmware_url().trim_start_matches("https://").to_owned();
    scene
        .client
        .merge_patch(&secret, &hosts(&format!("elsewhere.example.com, {host}")))
        .await
        .expect("the Secret is there");
    scene.wait_for_provider("csp", "Ready").await;
    assert_eq!(scene.all_mails(&org), 1);
}

#[tokio::test]
async fn private_addresses_are_refused_unless_the_operator_allows_them() {
    let name = "credentials-private";
    // A network that nobody is in.
    let scene = Scene::with(name, &["--allowed-private-cidrs=192.0.2.0/24"]).await;
    let org = scene.vmware("csp", json!({})).await;
    let said = message(&scene, "AddressNotAllowed").await;
    assert!(said.contains("--allowed-private-cidrs"), "{said}");
    assert_eq!(scene.vendors.count_operations(&vendor_simulators::Filter::tenant(&org)), 0);
}

#[tokio::test]
async fn a_credential_of_another_account_is_refused() {
    let scene = Scene::new("credentials-account").await;
    let vendors = lab().vendors();
    let other = vendors
        .create_vmware_org(VmwareOrg::with(Credential::api_token("account-other-0123456789")))
        .expect("new");
    scene.secret("csp", scene.vmware_url(), &json!({"apiToken": "account-other-0123456789"})).await;
    let block = json!({"vmwareCloudServices": {
        "orgId": "7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11", "platform": "Tcsp", "endpoint": scene.vmware_url(),
    }});
    scene.provider("csp", block, json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    let provider = scene.wait_for_provider("csp", "AccountMismatch").await;
    assert_eq!(condition(&provider, "Stalled")["status"], "True");
    scene.wait("ada", "Waiting", "ProviderNotReady").await;
    assert_eq!(scene.writes(&other), 0);
    scene.delete_and_wait("ada").await;
}

#[tokio::test]
async fn a_provider_without_invitations_goes_at_once() {
    let scene = Scene::new("credentials-idle").await;
    scene.vmware("csp", json!({})).await;
    scene.wait_for_provider("csp", "Ready").await;
    scene.client.delete(&scene.provider_path("csp")).await.expect("the provider is there");
    scene.client.wait_gone(&scene.provider_path("csp"), WAIT).await;
}
