//! Calls whose outcome is not known at first: slow, lost, broken and untrue answers.

use futures::future::join_all;
use serde_json::json;
use test_rig::lab::condition;
use test_rig::vendors::{OnDelete, Policy, Resend, Stand};
use vendor_simulators::{BodyFault, Drop, ErrorBody, Fault, PersonAction, When};

use crate::scene::Scene;
use crate::stage::{Stage, each};

#[tokio::test]
async fn a_slow_success_is_found_out_and_not_sent_again() {
    let scene = Scene::new("unclear-slow").await;
    // Longer than the operator waits for an answer.
    let slow = [
        ("done", Fault::DelayAfter { milliseconds: 3000 }),
        ("late", Fault::DelayBefore { milliseconds: 3000 }),
    ];
    each(&scene.stages(json!({})).await, async |stage| {
        for (who, fault) in &slow {
            stage.spoil(stage.case.calls.invite, fault, When::Nth(1));
            stage.declare(who, json!({})).await;
            if *who == "late" {
                let unknown = stage.wait(who, "OutcomeUnknown", "OutcomeUnknown").await;
                assert_eq!(condition(&unknown, "Ready")["status"], "Unknown", "{stage}");
                assert_eq!(condition(&unknown, "Reconciling")["status"], "True", "{stage}");
            }
            stage.wait_for(who, Stand::Invited).await;
            stage.heal();
        }
        stage.sweeps(2).await;
        for (who, _) in &slow {
            assert_eq!(stage.mails(who), 1, "{stage}: {who}");
        }
        assert_eq!(stage.calls(stage.case.calls.invite), 2, "{stage}");
    })
    .await;
}

#[tokio::test]
async fn each_kind_of_broken_answer_is_settled_by_looks() {
    let scene = Scene::new("unclear-broken").await;
    let broken = |commit: bool, status: u16, body: ErrorBody| Fault::Status { status, commit, body };
    let faults = [
        ("lost", Fault::DropAfter { how: Drop::Reset }, true),
        ("closed", Fault::DropAfter { how: Drop::Close }, true),
        ("never-arrived", Fault::DropBefore { how: Drop::Reset }, false),
        ("done-500", broken(true, 500, ErrorBody::Vendor), true),
        ("not-done-500", broken(false, 500, ErrorBody::Vendor), false),
        ("done-html", broken(true, 502, ErrorBody::Html), true),
        ("not-done-html", broken(false, 503, ErrorBody::Html), false),
        ("odd-status", broken(true, 418, ErrorBody::Empty), true),
        ("redirected", Fault::Redirect { status: 307, location: None }, false),
        ("truncated", Fault::Body { spoil: BodyFault::Truncated, status: None }, true),
    ];
    // A tenant for each fault, so that they don't wait for each other.
    let of_one = async |(name, fault, done): &(&str, Fault, bool)| {
        each(&scene.stages_named(name, json!({})).await, async |stage| {
            stage.spoil(stage.case.calls.invite, fault, When::Nth(1));
            stage.invite("ada", json!({})).await;
            assert_eq!(stage.mails("ada"), 1, "{stage}: {name}");
            let calls = stage.calls(stage.case.calls.invite);
            assert_eq!(calls, if *done { 1 } else { 2 }, "{stage}: {name}");
        })
        .await;
    };
    join_all(faults.iter().map(of_one)).await;
}

#[tokio::test]
async fn a_success_that_never_shows_is_unknown_until_somebody_asks() {
    let scene = Scene::new("unclear-ignored").await;
    let limits = json!({"limits": {"minResendIntervalSeconds": 0}});
    each(&scene.stages(limits).await, async |stage| {
        stage.act("ada", &PersonAction::Ignore);
        stage.declare("ada", json!({})).await;
        let unknown = stage.wait_stalled("ada").await;
        assert_eq!(unknown["status"]["state"], "OutcomeUnknown", "{stage}");
        assert_eq!(condition(&unknown, "Ready")["status"], "Unknown", "{stage}");
        let writes = stage.writes();
        stage.stays_quiet().await;
        assert_eq!(writes, 1, "{stage}");
        stage.act("ada", &PersonAction::Heal);
        stage.resend("ada", "once more").await;
        stage.wait_for("ada", Stand::Invited).await;
        assert_eq!((stage.mails("ada"), stage.writes()), (1, 2), "{stage}");
    })
    .await;
}

/// Somebody is taken away with this fault; answers the calls that this took.
async fn taken_away(stage: &Stage, who: &str, stand: Stand, fault: &Fault) -> usize {
    let calls = match stage.can.on_delete(Policy::Remove, stand) {
        OnDelete::Revoke => stage.case.calls.cancel,
        OnDelete::Remove => stage.case.calls.remove,
        OnDelete::Keep | OnDelete::Unsupported => &[],
    };
    let before = stage.calls(calls);
    stage.spoil(calls, fault, When::Nth(1));
    stage.delete_and_wait(who).await;
    stage.heal();
    stage.is_kept_as(Policy::Remove, stand, who);
    assert_eq!(stage.mails(who), 1, "{stage}: {who}");
    stage.calls(calls) - before
}

#[tokio::test]
async fn a_lost_answer_to_taking_away_is_settled_too() {
    let scene = Scene::new("unclear-cancel").await;
    each(&scene.stages(json!({})).await, async |stage| {
        for stand in [Stand::Invited, Stand::Member] {
            if !stage.can.on_delete(Policy::Remove, stand).takes_away() {
                continue;
            }
            let people = [
                ("done", Fault::DropAfter { how: Drop::Reset }, 1),
                ("lost", Fault::DropBefore { how: Drop::Reset }, 2),
            ];
            for (what, fault, calls) in people {
                let who = format!("{what}-{stand:?}").to_lowercase();
                stage.invite(&who, json!({"deletionPolicy": "Remove"})).await;
                if stand == Stand::Member {
                    stage.accept(&who).await;
                }
                assert_eq!(taken_away(stage, &who, stand, &fault).await, calls, "{stage}: {who}");
            }
        }
    })
    .await;
}

/// A resend is two calls where the vendor has to take back first; neither may be lost.
#[tokio::test]
async fn a_lost_answer_in_a_resend_sends_once() {
    let scene = Scene::new("unclear-resend").await;
    let limits = json!({"limits": {"minResendIntervalSeconds": 0}});
    each(&scene.stages(limits).await, async |stage| {
        if stage.can.resend != Resend::Recreate {
            return;
        }
        let lost = Fault::DropAfter { how: Drop::Reset };
        for (who, calls) in [("cancelled", stage.case.calls.cancel), ("invited", stage.case.calls.invite)] {
            stage.invite(who, json!({})).await;
            stage.spoil(calls, &lost, When::Nth(1));
            stage.resend(who, "again").await;
            stage.wait_for(who, Stand::Invited).await;
            stage.heal();
            stage.sweeps(1).await;
            assert_eq!(stage.mails(who), 2, "{stage}: {who}");
        }
    })
    .await;
}
