//! Credentials show nowhere: not in the log at its most talkative, not in objects, events, metrics, or at another
//! vendor, although the vendors repeat them in every error.

use base64::Engine;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE_NO_PAD};
use rand::Rng;
use serde_json::{Value, json};
use test_rig::KubernetesClient;
use vendor_simulators::{
    Credential, CredentialChange, Drop, ErrorBody, Fault, FaultRule, Filter, HpeWorkspace, TenantId,
    VmwareOrg, When,
};

use crate::lab::lab;
use crate::scene::Scene;

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
fn faults(scene: &Scene, tenant: &TenantId) {
    let vendor = if tenant.vendor == vendor_simulators::Vendor::Hpe { "hpe" } else { "vmware" };
    let status = |status, body| Fault::Status { status, commit: false, body };
    let rules = [
        (format!("{vendor}.invite"), status(500, ErrorBody::Vendor), When::Nth(1)),
        (format!("{vendor}.invite"), status(400, ErrorBody::Html), When::Nth(2)),
        (format!("{vendor}.list_users"), status(403, ErrorBody::Vendor), When::Nth(2)),
        (format!("{vendor}.list_users"), Fault::Redirect { status: 302, location: None }, When::Nth(4)),
        (format!("{vendor}.list_users"), Fault::DropAfter { how: Drop::Reset }, When::Nth(6)),
        (format!("{vendor}.token"), status(503, ErrorBody::Html), When::Nth(1)),
        (format!("{vendor}.token"), status(401, ErrorBody::Vendor), When::Nth(3)),
    ];
    for (operation, fault, when) in rules {
        scene.vendors.add_fault(FaultRule::on(operation, fault).tenant(tenant).when(when));
    }
}

#[tokio::test]
async fn credentials_show_nowhere() {
    let mut scene = Scene::with("canaries", &["--log-filter=trace"]).await;
    let (token, app_secret, hpe_secret, later) = (canary(), canary(), canary(), canary());
    let vendors = lab().vendors();
    vendors.echo_credentials(true);
    let with = |credential| VmwareOrg::with(credential);
    let org = vendors.create_vmware_org(with(Credential::api_token(&token))).expect("new");
    let app = vendors.create_vmware_org(with(Credential::client("canaries-app", &app_secret))).expect("new");
    let workspace = vendors
        .create_hpe_workspace(HpeWorkspace::with(Credential::client("canaries-hpe", &hpe_secret)))
        .expect("new");
    let vmware = |id: &str| json!({"vmwareCloudServices": {"orgId": id, "platform": "Tcsp", "endpoint": scene.vmware_url()}});
    let hpe = json!({"hpeGreenLake": {"workspaceId": workspace.id, "endpoint": scene.hpe_url()}});
    let tenants = [
        ("csp", &org, scene.vmware_url(), json!({"apiToken": token}), vmware(&org.id)),
        (
            "app",
            &app,
            scene.vmware_url(),
            json!({"clientId": "canaries-app", "clientSecret": app_secret}),
            vmware(&app.id),
        ),
        (
            "hpe",
            &workspace,
            scene.hpe_url(),
            json!({"clientId": "canaries-hpe", "clientSecret": hpe_secret}),
            hpe,
        ),
    ];
    for (name, tenant, url, values, block) in tenants {
        faults(&scene, tenant);
        scene.secret(name, url, &values).await;
        scene.provider(name, block, json!({})).await;
        for person in ["ada", "bob"] {
            scene
                .invite(&format!("{person}-{name}"), name, &format!("{person}@example.com"), json!({}))
                .await;
        }
        scene.vendors.poison(tenant, "bob@example.com").expect("the tenant exists");
    }
    for (name, tenant) in [("csp", &org), ("app", &app), ("hpe", &workspace)] {
        scene.sweeps(tenant, 6).await;
        scene.wait_for_provider(name, "Ready").await;
        scene.wait_stalled(&format!("bob-{name}")).await;
    }
    // A credential that the vendor refuses is repeated, too.
    vendors
        .change_credential(&org, CredentialChange::Rotate { key: token.clone(), new_secret: later.clone() })
        .expect("its own");
    vendors.drop_tokens(&org);
    scene.wait_for_provider("csp", "AuthenticationFailed").await;
    let secret = format!("/api/v1/namespaces/{}/secrets/csp", scene.name);
    let change = json!({"stringData": {"apiToken": later}});
    scene.client.merge_patch(&secret, &change).await.expect("the Secret is there");
    scene.wait_for_provider("csp", "Ready").await;

    let secret = scene.client.get(&secret).await.expect("the Secret is there").to_string();
    assert!(
        traces(&later, None).iter().any(|trace| secret.contains(trace)),
        "a trace is found where there is one"
    );
    let metrics = scene.operator().metrics().await;
    let log = scene.operator().process.log();
    assert!(log.contains("TRACE"), "the log is at its most talkative");
    let objects = everything(&scene.client).await;
    assert!(objects.contains("ada-csp"));
    let calls = |tenant: &TenantId| {
        serde_json::to_string(&vendors.operations(&Filter::tenant(tenant))).expect("JSON")
    };
    let hidden = [
        (traces(&token, None), &workspace),
        (traces(&later, None), &workspace),
        (traces(&app_secret, Some("canaries-app")), &workspace),
        (traces(&hpe_secret, Some("canaries-hpe")), &org),
    ];
    for (traces, other) in &hidden {
        assert_nowhere("the log", &log, traces);
        assert_nowhere("the metrics", &metrics, traces);
        assert_nowhere("an object", &objects, traces);
        assert_nowhere("another vendor's calls", &calls(other), traces);
    }
}
