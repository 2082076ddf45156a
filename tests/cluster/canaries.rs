//! Credentials show nowhere: not in the log at its most talkative, not in objects, events, metrics, or at another
//! vendor, although the vendors repeat them in every error.

use std::collections::BTreeMap;

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use futures::future::join_all;
use rand::Rng;
use serde_json::{Value, json};
use test_rig::KubernetesClient;
use vendor_simulators::{
    Credential, CredentialChange, Drop, ErrorBody, Fault, Filter, PersonAction, TenantId, VmwareOrg, When,
};

use crate::lab::lab;
use crate::scene::Scene;
use crate::stage::{Stage, each};

/// How short a piece of a credential still counts.
const PIECE: usize = 8;

/// 40 letters and digits that are nowhere else.
fn canary() -> String {
    let mut random = rand::rng();
    (0..40).map(|_| char::from(random.sample(rand::distr::Alphanumeric))).collect()
}

/// Everything that would betray a canary: each piece of it, and of its encodings.
fn traces(canary: &str, partner: Option<&str>) -> Vec<String> {
    let mut forms =
        vec![canary.to_owned(), BASE64_STANDARD.encode(canary), BASE64_URL_SAFE_NO_PAD.encode(canary)];
    // Inside an Authorization header the text begins at another offset.
    forms.extend((1..3).map(|offset| {
        BASE64_STANDARD_NO_PAD.encode(format!("{}{canary}", "x".repeat(offset)))[4..].to_owned()
    }));
    if let Some(partner) = partner {
        let basic = BASE64_STANDARD.encode(format!("{partner}:{canary}"));
        forms.push(basic[basic.len() - 40..].to_owned());
    }
    // The last letters of an encoding depend on what follows.
    forms
        .iter()
        .flat_map(|form| (0..=form.len().saturating_sub(PIECE + 4)).map(|at| form[at..at + PIECE].to_owned()))
        .collect()
}

fn assert_nowhere(place: &str, text: &str, traces: &[String]) {
    for trace in traces {
        if let Some(at) = text.find(trace.as_str()) {
            let before: Vec<char> = text[..at].chars().rev().take(200).collect();
            let before: String = before.into_iter().rev().collect();
            panic!("a piece of a credential stands in {place}, after: {before}");
        }
    }
}

/// Every object of every kind but Secrets, as JSON.
async fn everything(client: &KubernetesClient) -> String {
    let mut groups = vec!["/api/v1".to_owned()];
    let found = client.get("/apis").await.expect("the groups");
    for group in found["groups"].as_array().into_iter().flatten() {
        groups.push(format!(
            "/apis/{}",
            group["preferredVersion"]["groupVersion"].as_str().expect("a version")
        ));
    }
    let mut text = String::new();
    for group in groups {
        let resources = client.get(&group).await.expect("the resources");
        for resource in resources["resources"].as_array().into_iter().flatten() {
            let name = resource["name"].as_str().unwrap_or_default();
            let listed = resource["verbs"].as_array().is_some_and(|verbs| verbs.contains(&json!("list")));
            if listed && name != "secrets" {
                let list: Value = client.get(&format!("{group}/{name}")).await.expect("a list");
                text.push_str(&list.to_string());
            }
        }
    }
    text
}

/// Calls that fail in every way that makes the simulator repeat the credential.
fn faults(stage: &Stage) {
    let status = |status, body| Fault::Status { status, commit: false, body };
    let calls = &stage.case.calls;
    let sweep = [calls.sweeps_by()];
    let token: Vec<&str> = calls.token.into_iter().collect();
    let rules: [(&[&str], Fault, When); 7] = [
        (calls.invite, status(500, ErrorBody::Vendor), When::Nth(1)),
        (calls.invite, status(400, ErrorBody::Html), When::Nth(2)),
        (&sweep, status(403, ErrorBody::Vendor), When::Nth(2)),
        (&sweep, Fault::Redirect { status: 302, location: None }, When::Nth(4)),
        (&sweep, Fault::DropAfter { how: Drop::Reset }, When::Nth(6)),
        (&token, status(503, ErrorBody::Html), When::Nth(1)),
        (&token, status(401, ErrorBody::Vendor), When::Nth(3)),
    ];
    for (operations, fault, when) in rules {
        stage.spoil(operations, &fault, when);
    }
}

/// The secret halves of a tenant's credential, each with its public half.
struct Hidden {
    tenant: TenantId,
    values: Vec<(String, Option<String>)>,
}

impl Hidden {
    fn assert_nowhere(&self, place: &str, text: &str) {
        for (value, partner) in &self.values {
            assert_nowhere(place, text, &traces(value, partner.as_deref()));
        }
    }
}

/// What stands in a provider's Secret, by key.
async fn values(scene: &Scene, name: &str) -> BTreeMap<String, String> {
    let path = format!("/api/v1/namespaces/{}/secrets/{name}", scene.name);
    let secret = scene.client.get(&path).await.expect("the Secret is there");
    let decoded = |value: &Value| {
        let bytes = BASE64_STANDARD.decode(value.as_str().unwrap_or_default()).expect("base64");
        String::from_utf8(bytes).expect("text")
    };
    let data = secret["data"].as_object().expect("values");
    data.iter().map(|(key, value)| (key.clone(), decoded(value))).collect()
}

async fn hidden(scene: &Scene, name: &str, tenant: &TenantId) -> Hidden {
    let mut values = values(scene, name).await;
    let id = values.remove("clientId");
    let values = values.into_values().map(|value| (value, id.clone())).collect();
    Hidden { tenant: tenant.clone(), values }
}

/// VMware's other kind of credential: an app, whose secret travels in an Authorization header.
async fn app(scene: &Scene) -> TenantId {
    let secret = canary();
    let credential = Credential::client("canaries-app", &secret);
    let org = lab().vendors().create_vmware_org(VmwareOrg::with(credential)).expect("new");
    let url = scene.vmware_url();
    let block = json!({"vmwareCloudServices": {"orgId": org.id, "platform": "Tcsp", "endpoint": url}});
    scene.secret("app", url, &json!({"clientId": "canaries-app", "clientSecret": secret})).await;
    scene.provider("app", block, json!({})).await;
    scene.wait_for_provider("app", "Ready").await;
    org
}

/// A credential that the vendor refuses is repeated, too; a new one heals the provider.
async fn rotate(scene: &Scene, stage: &Stage) -> Hidden {
    let values = values(scene, stage.provider()).await;
    let later = canary();
    let (named, field) = match (values.get("clientId"), values.get("apiToken")) {
        (Some(id), _) => (id, "clientSecret"),
        (None, Some(token)) => (token, "apiToken"),
        (None, None) => panic!("{stage}: {:?}", values.keys()),
    };
    let change = CredentialChange::Rotate { key: named.clone(), new_secret: later.clone() };
    scene.vendors.change_credential(&stage.tenant, change).expect("its own");
    scene.vendors.drop_tokens(&stage.tenant);
    stage.wait_for_provider("AuthenticationFailed").await;
    let path = format!("/api/v1/namespaces/{}/secrets/{}", scene.name, stage.provider());
    let change = json!({"stringData": {field: later}});
    scene.client.merge_patch(&path, &change).await.expect("the Secret is there");
    stage.wait_for_provider("Ready").await;
    hidden(scene, stage.provider(), &stage.tenant).await
}

#[tokio::test]
async fn credentials_show_nowhere() {
    let mut scene = Scene::with_secrets("canaries", canary, &["--log-filter=trace"]).await;
    let vendors = lab().vendors();
    vendors.echo_credentials(true);
    let stages = scene.stages(json!({})).await;
    let app = app(&scene).await;
    let mut all = vec![hidden(&scene, "app", &app).await];
    for stage in &stages {
        all.push(hidden(&scene, stage.provider(), &stage.tenant).await);
    }
    each(&stages, async |stage| {
        faults(stage);
        vendors.drop_tokens(&stage.tenant);
        stage.act("bob", &PersonAction::Poison);
        for who in ["ada", "bob"] {
            stage.declare(who, json!({})).await;
        }
        stage.sweeps(6).await;
        stage.wait_for_provider("Ready").await;
        stage.wait_stalled("bob").await;
    })
    .await;
    all.extend(join_all(stages.iter().map(|stage| rotate(&scene, stage))).await);

    let path = format!("/api/v1/namespaces/{}/secrets", scene.name);
    let secrets = scene.client.get(&path).await.expect("Secrets").to_string();
    let shown = |(value, partner): &(String, Option<String>)| {
        traces(value, partner.as_deref()).iter().any(|trace| secrets.contains(trace))
    };
    let newest = all.last().expect("one at least");
    assert!(newest.values.iter().all(shown), "a trace is found where there is one");
    let metrics = scene.operator().metrics().await;
    let log = scene.operator().process.log();
    assert!(log.contains("TRACE"), "the log is at its most talkative");
    let objects = everything(&scene.client).await;
    assert!(objects.contains(&stages[0].object("ada")));
    for hidden in &all {
        hidden.assert_nowhere("the log", &log);
        hidden.assert_nowhere("the metrics", &metrics);
        hidden.assert_nowhere("an object", &objects);
        for stage in stages.iter().filter(|stage| stage.tenant.vendor != hidden.tenant.vendor) {
            let calls = vendors.operations(&Filter::tenant(&stage.tenant));
            let calls = serde_json::to_string(&calls).expect("JSON");
            hidden.assert_nowhere("another vendor's calls", &calls);
        }
    }
}
