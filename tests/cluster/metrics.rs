//! What the operator says of itself is what the vendors' logs and the objects say.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::OperatorOptions;
use test_rig::lab::WAIT;
use test_rig::vendors::Stand;
use vendor_simulators::{Filter, Operation};

use crate::lab::lab;
use crate::samples::Samples;
use crate::scene::Scene;
use crate::stage::{Stage, address, each};

/// What has never happened need not be shown.
const NONE: Option<f64> = Some(0.0);

/// The stages of each vendor, by the vendor's name in labels.
async fn by_vendor<'a>(scene: &Scene, stages: &'a [Stage]) -> BTreeMap<String, Vec<&'a Stage>> {
    let mut vendors: BTreeMap<String, Vec<&Stage>> = BTreeMap::new();
    for stage in stages {
        let provider = scene.client.get(&scene.provider_path(stage.provider())).await.expect("it is there");
        let vendor = provider["status"]["vendor"].as_str().expect("a vendor").to_owned();
        vendors.entry(vendor).or_default().push(stage);
    }
    vendors
}

fn log(scene: &Scene, stages: &[&Stage]) -> Vec<Operation> {
    stages.iter().flat_map(|stage| scene.vendors.operations(&Filter::tenant(&stage.tenant))).collect()
}

/// A scrape during which no vendor was called, with the vendors' logs.
async fn quiet_scrape(scene: &mut Scene, stages: &[Stage]) -> Samples {
    let all: Vec<&Stage> = stages.iter().collect();
    let begun = Instant::now();
    loop {
        let before = log(scene, &all).len();
        let samples = Samples::of(&scene.operator().metrics().await);
        let counted: f64 = samples.sum("vendor_requests_total", &[]).unwrap_or_default();
        if log(scene, &all).len() == before && number(before) <= counted {
            return samples;
        }
        assert!(begun.elapsed() < WAIT, "counted {counted}, and the vendors got {before}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).expect("few"))
}

/// Unix seconds of a time in a status.
fn seconds(status: &Value, field: &str) -> f64 {
    let time: jiff::Timestamp = status[field].as_str().expect("a time").parse().expect("a time");
    time.as_duration().as_secs_f64()
}

#[tokio::test]
async fn numbers_are_those_of_the_vendors_logs() {
    let mut scene = Scene::new("metrics-logs").await;
    let stages = scene.stages(json!({"resyncIntervalSeconds": 3600})).await;
    each(&stages, async |stage| {
        stage.invite("ada", json!({})).await;
        if stage.can.acceptance {
            scene.vendors.accept(&stage.tenant, &address("ada")).expect("she is invited");
            stage.annotate("ada", json!({"userinvitation.dev/reconcile-requested-at": "now"})).await;
        }
        stage.wait_for("ada", Stand::Member).await;
        stage.invite("bob", json!({})).await;
    })
    .await;
    let vendors = by_vendor(&scene, &stages).await;
    let samples = quiet_scrape(&mut scene, &stages).await;
    for (vendor, stages) in &vendors {
        calls_are_counted(&scene, &samples, vendor, stages);
    }
    for stage in &stages {
        people_are_counted(&scene, &samples, stage).await;
    }
    assert_eq!(samples.sum("leader", &[]), Some(1.0));
    assert_eq!(samples.sum("invitations_without_provider", &[]), Some(0.0));
    let people = number(2 * stages.len());
    assert_eq!(samples.sum("store_objects", &[("kind", "UserInvitation")]), Some(people));
    assert_eq!(samples.sum("reconciles_total", &[("result", "timeout")]), None);
    let text = scene.operator().metrics().await;
    assert!(!text.contains('@') && !text.contains("ada"), "no people in metrics:\n{text}");
}

fn calls_are_counted(scene: &Scene, samples: &Samples, vendor: &str, stages: &[&Stage]) {
    let calls = log(scene, stages);
    let of_vendor = ("vendor", vendor);
    let classes: BTreeSet<u16> = calls.iter().filter_map(|call| call.status).map(|s| s / 100).collect();
    assert!(!classes.is_empty(), "{vendor} was called");
    for class in 1..=5 {
        let expected = calls.iter().filter(|call| call.status.is_some_and(|s| s / 100 == class)).count();
        let code = format!("{class}xx");
        let counted = samples.sum("vendor_requests_total", &[of_vendor, ("code", &code)]);
        assert_eq!(counted.or(NONE), Some(number(expected)), "{vendor}: answers {code}");
    }
    let of = |names: &[&str]| calls.iter().filter(|call| names.contains(&call.operation.as_str())).count();
    let words = &stages[0].case.calls;
    let tokens: Vec<&str> = words.token.into_iter().collect();
    let counted = samples.sum("token_requests_total", &[of_vendor, ("result", "issued")]);
    assert_eq!(counted.or(NONE), Some(number(of(&tokens))), "{vendor}: tokens");
    let invites = of(words.invite);
    let counted = samples.sum("vendor_requests_total", &[of_vendor, ("operation", "invite")]);
    assert_eq!(counted, Some(number(invites)), "{vendor}: invites");
    assert_eq!(samples.sum("batch_size_count", &[of_vendor]), Some(number(invites)), "{vendor}");
    let people = number(2 * stages.len());
    assert_eq!(samples.sum("invitations_sent_total", &[of_vendor]), Some(people), "{vendor}: people");
    let counted = samples.sum("invitation_outcomes_total", &[of_vendor, ("outcome", "invited")]);
    assert_eq!(counted, Some(people), "{vendor}: outcomes");
    let accepted = number(stages.iter().filter(|stage| stage.can.acceptance).count());
    let counted = samples.sum("time_to_accept_seconds_count", &[of_vendor]);
    assert_eq!(counted.or(NONE), Some(accepted), "{vendor}: acceptances");
    assert_eq!(samples.sum("tenants", &[of_vendor]), Some(number(stages.len())), "{vendor}");
}

async fn people_are_counted(scene: &Scene, samples: &Samples, stage: &Stage) {
    let of = [("provider_namespace", scene.name.as_str()), ("provider", stage.provider())];
    let with = |label, value| [of[0], of[1], (label, value)];
    assert_eq!(samples.sum("invitations", &of), Some(2.0), "{stage}");
    for stand in [Stand::Invited, Stand::Member] {
        let (shown_as, _) = stage.can.state(stand);
        let expected = if stage.can.acceptance { 1.0 } else { 2.0 };
        let counted = samples.sum("invitations", &with("state", shown_as));
        assert_eq!(counted, Some(expected), "{stage}: {shown_as}");
    }
    let bob = stage.invitation("bob").await;
    let pending = stage.can.acceptance.then(|| seconds(&bob["status"], "invitedTime"));
    assert_eq!(samples.sum("oldest_pending_timestamp_seconds", &of), pending, "{stage}");
    assert_eq!(samples.sum("provider_ready", &with("reason", "Ready")), Some(1.0), "{stage}");
    for (name, value) in [
        ("invitations_stalled", 0.0),
        ("removals_held", 0.0),
        ("queue_depth", 0.0),
        ("open_writes", 0.0),
        ("tenant_blocked_seconds", 0.0),
        ("sweep_interval_seconds", 3600.0),
    ] {
        assert_eq!(samples.sum(name, &of), Some(value), "{stage}: {name}");
    }
    let age = samples.sum("sweep_age_seconds", &of).expect("it was swept");
    assert!((0.0..WAIT.as_secs_f64()).contains(&age), "{stage}: {age}");
    let provider = scene.client.get(&scene.provider_path(stage.provider())).await.expect("it is there");
    let ends = &provider["status"]["credentialExpirationTime"];
    let told = (!ends.is_null()).then(|| seconds(&provider["status"], "credentialExpirationTime"));
    let shown = samples.sum("credential_expiration_timestamp_seconds", &of);
    assert_eq!(shown.map(f64::floor), told, "{stage}");
    let written = samples.sum("credential_written_timestamp_seconds", &of);
    let path = format!("/api/v1/namespaces/{}/secrets/{}", scene.name, stage.provider());
    let secret = scene.client.get(&path).await.expect("it is there");
    assert_eq!(written, Some(seconds(&secret["metadata"], "creationTimestamp")), "{stage}");
}

/// Whoever stands by knows no numbers, and shows none: what is added up over replicas counts nothing twice.
#[tokio::test]
async fn only_the_leader_shows_the_numbers() {
    let mut scene = Scene::new("metrics-leader").await;
    scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    let options = OperatorOptions { namespaces: vec![scene.name.clone()], ..OperatorOptions::default() };
    let mut standing_by = lab().operator("metrics-leader-standby", &options).await;
    standing_by.ready().await;
    let shown = Samples::of(&standing_by.metrics().await);
    assert_eq!(shown.sum("leader", &[]), Some(0.0));
    for name in ["invitations", "provider_ready", "store_objects", "tenants", "sweep_age_seconds"] {
        assert_eq!(shown.sum(name, &[]), None, "{name}");
    }
    let leading = Samples::of(&scene.operator().metrics().await);
    assert_eq!(leading.sum("leader", &[]), Some(1.0));
    assert_eq!(leading.values("invitations", "state"), ["Pending"]);
}

/// A provider that does not exist is no label: whoever may declare people could make as many as he likes.
#[tokio::test]
async fn names_of_providers_that_are_not_there_are_no_labels() {
    let mut scene = Scene::new("metrics-strangers").await;
    for who in ["ada", "bob"] {
        scene.invite(who, &format!("nobody-{who}"), &address(who), json!({})).await;
        scene.wait(who, "Waiting", "ProviderNotFound").await;
    }
    let text = scene.operator().metrics().await;
    assert_eq!(Samples::of(&text).sum("invitations_without_provider", &[]), Some(2.0));
    assert!(!text.contains("nobody"), "{text}");
}
