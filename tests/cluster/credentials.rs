//! Secrets: rotation, wrong contents, hosts without consent, addresses that are not allowed.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use test_rig::vendors::{CASES, Stand};
use vendor_simulators::{Credential, CredentialChange, Filter, VmwareOrg};

use crate::lab::lab;
use crate::scene::Scene;
use crate::stage::{Stage, each};

const HOSTS: &str = "userinvitation.dev/allowed-hosts";

fn secret_path(scene: &Scene, stage: &Stage) -> String {
    format!("/api/v1/namespaces/{}/secrets/{}", scene.name, stage.provider())
}

/// What stands in the provider's Secret, by key.
async fn values(scene: &Scene, stage: &Stage) -> BTreeMap<String, String> {
    let secret = scene.client.get(&secret_path(scene, stage)).await.expect("the Secret is there");
    let decoded = |value: &Value| {
        let bytes = BASE64_STANDARD.decode(value.as_str().unwrap_or_default()).expect("base64");
        String::from_utf8(bytes).expect("text")
    };
    let data = secret["data"].as_object().expect("values");
    data.iter().map(|(key, value)| (key.clone(), decoded(value))).collect()
}

/// Replaces one value of the provider's Secret.
async fn put(scene: &Scene, stage: &Stage, key: &str, value: Option<&str>) {
    let value = value.map_or(Value::Null, |text| json!(BASE64_STANDARD.encode(text)));
    let patch = json!({"data": {key: value}});
    scene.client.merge_patch(&secret_path(scene, stage), &patch).await.expect("the Secret is there");
}

async fn message(stage: &Stage, reason: &str) -> String {
    let provider = stage.wait_for_provider(reason).await;
    condition(&provider, "Ready")["message"].as_str().expect("a message").to_owned()
}

/// A tenant of each vendor, with one invited person.
async fn with_ada(name: &str) -> (Scene, Vec<Stage>) {
    let scene = Scene::new(name).await;
    let stages = scene.stages(json!({})).await;
    each(&stages, async |stage| {
        stage.invite("ada", json!({})).await;
    })
    .await;
    (scene, stages)
}

/// What names a credential at the vendor, and the key whose value proves it.
fn proof(values: &BTreeMap<String, String>) -> (&str, &'static str) {
    let named = |key: &str| values.get(key).map(String::as_str);
    match (named("clientId"), named("apiToken")) {
        (Some(id), _) => (id, "clientSecret"),
        (None, Some(token)) => (token, "apiToken"),
        (None, None) => panic!("no known credential among {:?}", values.keys()),
    }
}

#[tokio::test]
async fn a_revoked_credential_fails_the_provider_once_and_a_new_one_heals_it() {
    let (scene, stages) = with_ada("credentials-rotation").await;
    each(&stages, async |stage| {
        let values = values(&scene, stage).await;
        let (named, key) = proof(&values);
        let later = format!("later-{}", values[key]);
        let change = CredentialChange::Rotate { key: named.to_owned(), new_secret: later.clone() };
        scene.vendors.change_credential(&stage.tenant, change).expect("it is the tenant's");
        scene.vendors.drop_tokens(&stage.tenant);
        let provider = stage.wait_for_provider("AuthenticationFailed").await;
        assert_eq!(condition(&provider, "Stalled")["status"], "True", "{stage}");

        stage.declare("bob", json!({})).await;
        stage.wait("bob", "Waiting", "ProviderNotReady").await;
        let (state, _) = stage.can.state(Stand::Invited);
        let ada = stage.invitation("ada").await;
        assert_eq!(
            ada["status"]["state"], state,
            "{stage}: a failing provider does not touch the invitations"
        );
        put(&scene, stage, key, Some(&later)).await;
        stage.wait_for_provider("Ready").await;
        stage.wait_for_state("bob", state).await;
        assert_eq!(stage.all_mails(), 2, "{stage}");
    })
    .await;
}

#[tokio::test]
async fn each_fault_of_a_secret_has_its_own_reason() {
    let (scene, stages) = with_ada("credentials-faults").await;
    each(&stages, async |stage| {
        for (key, value) in values(&scene, stage).await {
            let put = async |value: Option<&str>| put(&scene, stage, &key, value).await;
            put(None).await;
            let said = message(stage, "SecretKeyMissing").await;
            assert!(said.contains(&key), "{stage}: {said}");
            put(Some("wrong-0123456789")).await;
            message(stage, "AuthenticationFailed").await;
            put(Some("")).await;
            message(stage, "SecretKeyMissing").await;
            // What editors and `echo` leave behind is no fault.
            put(Some(&format!("{value}\r\n"))).await;
            stage.wait_for_provider("Ready").await;
        }
        let (state, _) = stage.can.state(Stand::Invited);
        assert_eq!(stage.invitation("ada").await["status"]["state"], state, "{stage}");
        assert_eq!(stage.all_mails(), 1, "{stage}");
    })
    .await;
}

#[tokio::test]
async fn values_that_are_no_credential_are_not_sent() {
    let (scene, stages) = with_ada("credentials-odd").await;
    each(&stages, async |stage| {
        let values = values(&scene, stage).await;
        let (_, key) = proof(&values);
        let value = &values[key];
        for odd in [format!("{value}\nsecond line"), "x".repeat(500_000)] {
            put(&scene, stage, key, Some(&odd)).await;
            message(stage, "SecretKeyMissing").await;
            put(&scene, stage, key, Some(&format!("{value}\n"))).await;
            stage.wait_for_provider("Ready").await;
        }
        assert_eq!(stage.all_mails(), 1, "{stage}");
    })
    .await;
}

#[tokio::test]
async fn another_host_needs_the_consent_of_the_secrets_owner() {
    let (scene, stages) = with_ada("credentials-consent").await;
    each(&stages, async |stage| {
        let path = secret_path(&scene, stage);
        let secret = scene.client.get(&path).await.expect("the Secret is there");
        let host = secret["metadata"]["annotations"][HOSTS].as_str().expect("a host").to_owned();
        let allow = async |hosts: String| {
            let change = json!({"metadata": {"annotations": {HOSTS: hosts}}});
            scene.client.merge_patch(&path, &change).await.expect("the Secret is there");
        };
        allow("elsewhere.example.com".to_owned()).await;
        let said = message(stage, "HostNotAllowed").await;
        assert!(said.contains(HOSTS), "{stage}: {said}");
        allow(format!("elsewhere.example.com, {host}")).await;
        stage.wait_for_provider("Ready").await;
        assert_eq!(stage.all_mails(), 1, "{stage}");
    })
    .await;
}

#[tokio::test]
async fn private_addresses_are_refused_unless_the_operator_allows_them() {
    // A network that nobody is in.
    let scene = Scene::with("credentials-private", &["--allowed-private-cidrs=192.0.2.0/24"]).await;
    let opened = futures::future::join_all(CASES.iter().map(async |case| {
        let tenant = case.open(&scene, case.name, json!({})).await;
        let provider = scene.wait_for_provider(case.name, "AddressNotAllowed").await;
        let said = condition(&provider, "Ready")["message"].as_str().expect("a message").to_owned();
        assert!(said.contains("--allowed-private-cidrs"), "{case}: {said}");
        tenant
    }))
    .await;
    for tenant in opened {
        assert_eq!(scene.vendors.count_operations(&Filter::tenant(&tenant)), 0, "{tenant}");
    }
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
    each(&scene.stages(json!({})).await, async |stage| {
        stage.wait_for_provider("Ready").await;
        let path = scene.provider_path(stage.provider());
        scene.client.delete(&path).await.expect("the provider is there");
        scene.client.wait_gone(&path, WAIT).await;
    })
    .await;
}
