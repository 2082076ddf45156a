//! Many people at a vendor that asks to wait, and a second tenant beside them.

use std::time::{Duration, Instant};

use serde_json::json;
use vendor_simulators::{Fault, FaultRule, Filter, RateHeaders, RetryAfter, TenantId, When};

use crate::lab::is_exhaustive;
use crate::scene::Scene;

/// Set: the machine does nothing else, so that times can be compared.
const QUIET_MACHINE: &str = "QUIET_MACHINE";

/// Every third invite call is refused for a second.
fn throttle(scene: &Scene, workspace: &TenantId) {
    let wait =
        Fault::TooManyRequests { retry_after: RetryAfter::Seconds(1), rate_headers: RateHeaders::None };
    scene.vendors.add_fault(FaultRule::on("hpe.invite", wait).tenant(workspace).when(When::Every(3)));
}

/// Declares people of the throttled tenant, and leaves them to the operator.
async fn declare(scene: &Scene, count: usize) {
    for number in 0..count {
        let email = format!("person-{number}@example.com");
        scene.invite(&format!("person-{number}"), "hpe", &email, json!({})).await;
    }
}

/// Waits until all of them are pending, in at most this time.
async fn all_pending(scene: &Scene, count: usize, limit: Duration) {
    let path = scene.path("userinvitations");
    let pending = |list: &serde_json::Value| {
        let items = list["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        items
            .iter()
            .filter(|item| {
                item["spec"]["providerRef"]["name"] == "hpe" && item["status"]["state"] == "Pending"
            })
            .count()
            == count
    };
    scene.client.wait_for(&path, limit, "all pending", pending).await;
}

/// One after the other, people of the second tenant; answers the 99th percentile of the time to Pending.
async fn times_to_pending(scene: &Scene, prefix: &str, count: usize) -> Duration {
    let mut times = Vec::with_capacity(count);
    for number in 0..count {
        let name = format!("{prefix}-{number}");
        let begun = Instant::now();
        scene.invite(&name, "csp", &format!("{name}@example.com"), json!({})).await;
        scene.wait_for_state(&name, "Pending").await;
        times.push(begun.elapsed());
    }
    times.sort_unstable();
    times[(count * 99).div_ceil(100) - 1]
}

#[tokio::test]
async fn a_vendor_that_asks_to_wait_is_obeyed_and_nobody_else_waits() {
    let (people, second) = if is_exhaustive() { (500, 100) } else { (30, 10) };
    let scene = Scene::new("many-throttled").await;
    let org = scene.vmware("csp", json!({})).await;
    let alone = times_to_pending(&scene, "alone", second).await;

    let limits = json!({"limits": {"requestsPerMinute": 60000}, "resyncIntervalSeconds": 5});
    let workspace = scene.hpe("hpe", limits).await;
    scene.vendors.clear_limits(&workspace);
    throttle(&scene, &workspace);
    declare(&scene, people).await;
    let beside = times_to_pending(&scene, "beside", second).await;
    all_pending(&scene, people, Duration::from_secs(if is_exhaustive() { 900 } else { 120 })).await;

    for number in 0..people {
        assert_eq!(scene.mails(&workspace, &format!("person-{number}@example.com")), 1, "person-{number}");
    }
    let violations = scene.vendors.violations(&Filter::tenant(&workspace));
    assert!(violations.is_empty(), "{} calls came too early: {:?}", violations.len(), violations.first());
    let calls = scene.calls(&workspace, "hpe.invite");
    assert!(calls <= people * 3 / 2 + 1, "{calls} calls for {people} people");
    assert_eq!(scene.all_mails(&org), 2 * second);
    eprintln!(
        "time to Pending at the second tenant, 99th percentile: {alone:?} alone, {beside:?} beside {people} people"
    );
    if std::env::var_os(QUIET_MACHINE).is_some() {
        assert!(beside.as_secs_f64() <= 1.1 * alone.as_secs_f64(), "{beside:?} beside, {alone:?} alone");
    }
}
