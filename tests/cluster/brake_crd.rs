//! The day a whole kind goes: its definition is deleted, and with it every invitation.

use std::time::Duration;

use serde_json::{Value, json};
use test_rig::lab::condition;
use vendor_simulators::{Standing, TenantId};

use crate::scene::{Scene, VENDORS};

const CRD: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/userinvitations.userinvitation.dev";

/// Set: the whole size of the requirement, 500 people; else 40, so that it does not take minutes.
const EXHAUSTIVE: &str = "EXHAUSTIVE";

/// For each tenant.
fn people() -> usize {
    if std::env::var_os(EXHAUSTIVE).is_some() { 250 } else { 20 }
}

fn name(provider: &str, number: usize) -> String {
    format!("{provider}-{number:03}")
}

async fn declare_members(scene: &Scene, provider: &str, tenant: &TenantId) {
    for number in 0..people() {
        let name = name(provider, number);
        let email = format!("{name}@example.com");
        scene.vendors.add_account(tenant, &email).expect("the tenant exists");
        scene.invite(&name, provider, &email, json!({"deletionPolicy": "Remove"})).await;
    }
}

async fn all_say(scene: &Scene, count: usize, what: &str, says: fn(&Value) -> bool) {
    let path = scene.path("userinvitations");
    let all = |list: &Value| {
        list["items"].as_array().is_some_and(|items| items.iter().filter(|i| says(i)).count() == count)
    };
    scene.client.wait_for(&path, Duration::from_secs(400), what, all).await;
}

fn members(scene: &Scene, tenant: &TenantId) -> usize {
    let people = scene.vendors.people(tenant).expect("the tenant exists");
    people.iter().filter(|person| person.standing == Standing::Member).count()
}

#[tokio::test]
async fn nobody_is_removed_before_somebody_approves() {
    let mut scene = Scene::alone("brake-crd", &["--deletion-delay-milliseconds=5000"]).await;
    let mut tenants = Vec::new();
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({})).await;
        declare_members(&scene, provider, &tenant).await;
        tenants.push((provider, tenant));
    }
    let everybody = people() * tenants.len();
    all_say(&scene, everybody, "all are members", |object| object["status"]["state"] == "Accepted").await;
    let before: Vec<(usize, usize)> =
        tenants.iter().map(|(_, tenant)| (scene.writes(tenant), members(&scene, tenant))).collect();
    let as_before = |scene: &Scene| {
        let now = tenants.iter().map(|(_, tenant)| (scene.writes(tenant), members(scene, tenant)));
        assert_eq!(now.collect::<Vec<_>>(), before, "calls that write, and members");
    };

    scene.client.delete(CRD).await.expect("the definition is there");
    let held = |object: &Value| condition(object, "Stalled")["reason"] == "RemovalsHeld";
    all_say(&scene, everybody, "all are held", held).await;
    as_before(&scene);
    scene.restart().await;
    for (_, tenant) in &tenants {
        scene.sweeps(tenant, 8).await;
    }
    all_say(&scene, everybody, "all are held", held).await;
    as_before(&scene);

    for (provider, _) in &tenants {
        let object = scene.client.get(&scene.provider_path(provider)).await.expect("the provider is there");
        assert_eq!(object["status"]["removalsHeld"]["count"], people(), "{provider}");
        let message = condition(&object, "RemovalsHeld")["message"].as_str().expect("a message").to_owned();
        let (_, command) = message.split_once("kubectl ").expect("a command");
        let words: Vec<&str> = command.split(' ').collect();
        scene.lab().control_plane.kubectl(&words).await.success();
    }
    scene.client.wait_gone(CRD, Duration::from_secs(400)).await;
    for ((provider, tenant), (_, members_before)) in tenants.iter().zip(&before) {
        assert_eq!(members(&scene, tenant), members_before - people(), "{provider}");
    }
    scene.end().await;
}
