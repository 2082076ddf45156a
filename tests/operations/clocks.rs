//! The wall clock of the operator's node is off, and jumps while it works.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use test_rig::lab::WAIT;
use test_rig::{OperatorOptions, ShiftedClock};

use crate::scene::{Scene, flags, lab, stop};

const HOUR: Duration = Duration::from_secs(60 * 60);
/// Longer than an invitation can be accepted.
const OVER_A_WEEK: Duration = Duration::from_secs(8 * 24 * 60 * 60);

/// The product's own lease.
const LEASE: [&str; 4] = [
    "--lease-duration-milliseconds=15000",
    "--lease-renew-deadline-milliseconds=10000",
    "--lease-renew-interval-milliseconds=5000",
    "--lease-try-timeout-milliseconds=3000",
];

/// With the product's own lease, so that the wall clock counts as it does in earnest.
#[tokio::test]
async fn an_hour_ahead_an_hour_behind_and_in_between() {
    let lab = lab("operations-clocks").await;
    let clock = ShiftedClock::new(lab.directory());
    let options = OperatorOptions {
        flags: flags(&LEASE),
        environment: clock.environment(),
        ..OperatorOptions::default()
    };
    let mut scene = Scene::begin(lab, &options, json!({})).await;
    scene.declare("cleo", json!({})).await;
    scene.is_pending("cleo").await;
    // The other replica is right, and finds nothing to do.
    let mut other = scene.lab.operator("other", &OperatorOptions::default()).await;
    other.ready().await;
    let (first, tokens) = (term(&scene).await, scene.calls("vmware.token"));

    clock.is_ahead_by(HOUR);
    scene.goes_on("dora", "bob").await;
    tells(&scene, "ahead", &options, "behind").await;
    // Nobody gets another mail before its time, and another one is not sent because an hour seems to have passed.
    scene.annotate("dora", &json!({"userinvitation.dev/resend-requested-at": "now"})).await;
    let spent = |object: &Value| object["status"]["lastHandledResendAt"] == "now";
    scene.client.wait_for(&scene.invitation_path("dora"), WAIT, "spent", spent).await;

    clock.is_ahead_by(OVER_A_WEEK);
    scene.sweeps(3).await;
    let cleo = scene.client.get(&scene.invitation_path("cleo")).await.expect("the invitation is there");
    let ends = cleo["status"]["invitationExpirationTime"].as_str().expect("the vendor tells");
    let ends: Timestamp = ends.parse().expect("a time");
    assert!(ends < Timestamp::now() + OVER_A_WEEK, "by the operator's clock it is over");
    assert_eq!(cleo["status"]["state"], "Pending", "by the vendor's clock it is not: {cleo:#}");

    clock.is_behind_by(HOUR);
    scene.goes_on("emmy", "cleo").await;
    tells(&scene, "behind", &options, "ahead of").await;

    clock.is_right();
    scene.goes_on("frances", "dora").await;
    assert_eq!(term(&scene).await, first, "one leader, in one term");
    assert!(other.process.is_running(), "{}", other.process.log());
    assert_eq!(
        scene.calls("vmware.token"),
        tokens + 2,
        "one for each diagnosis: the operator's own is still good"
    );

    // Who begins with a wrong clock.
    stop(&mut other).await;
    clock.is_ahead_by(HOUR);
    scene.begin_anew("begun-ahead", &options).await;
    scene.goes_on("grace", "emmy").await;
    clock.is_behind_by(HOUR);
    scene.begin_anew("begun-behind", &options).await;
    scene.goes_on("hedy", "frances").await;
    scene.end().await;
}

/// Who leads, and for which time.
async fn term(scene: &Scene) -> (Value, Value) {
    let mut spec = scene.lease().await["spec"].take();
    (spec["holderIdentity"].take(), spec["leaseTransitions"].take())
}

/// That `diagnose` on the same node says how far the clocks of API server and vendor are from its own, and that this is wrong.
async fn tells(scene: &Scene, name: &str, options: &OperatorOptions, where_they_are: &str) {
    let (code, text) = scene.lab.diagnosis(&format!("diagnosis-{name}"), options).await;
    assert_eq!(code, Some(1), "{text}");
    for side in ["API server: ", "InvitationProvider team-a/csp: "] {
        let line = text.lines().find(|line| line.starts_with(&format!("wrong  {side}")));
        // Their dates have whole seconds.
        let told =
            [3599, 3600, 3601].map(|seconds| format!("its clock is {seconds} s {where_they_are} ours"));
        assert!(line.is_some_and(|line| told.iter().any(|told| line.ends_with(told))), "{side}\n{text}");
    }
}
