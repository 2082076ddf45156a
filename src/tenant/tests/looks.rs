//! Open writes under the worker: when they settle, and that nothing is sent before.

use std::time::Duration;

use rstest::rstest;
use tokio::time::{Instant, sleep};

use super::bench::{Bench, GRACE, seconds, settings};
use super::vendor::{CAN, Say};
use crate::tenant::{RecordedAttempt, Settlement, WriteKind};
use crate::vendor::{AccessChange, Standing};

const ADA: &str = "ada@example.com";

fn recorded(kind: WriteKind, stale: bool) -> RecordedAttempt<'static> {
    RecordedAttempt { id: "of another process", kind, baseline: "", change: AccessChange::default(), stale }
}

#[rstest]
#[case::unclear(Say::Dropped, false)]
#[case::success(Say::Lie, true)]
#[tokio::test(start_paused = true)]
async fn absence_settles_after_two_late_looks_one_of_them_exact(#[case] say: Say, #[case] accepted: bool) {
    let bench = Bench::new();
    bench.vendor.put("bob@example.com", Standing::Member, "1");
    bench.vendor.state().says.push_back(say);
    bench.vendor.state().call_takes = seconds(15);
    bench.invite(ADA);
    sleep(seconds(2)).await;
    let ended = bench.vendor.calls()[0].at + seconds(15);
    bench.invite(ADA);
    while bench.outcomes(ADA).is_empty() {
        sleep(seconds(1)).await;
    }
    assert!(ended.elapsed() >= seconds(GRACE));
    let outcome = &bench.outcomes(ADA)[0];
    assert_eq!((&outcome.settlement, outcome.accepted), (&Settlement::NoEffect, accepted));
    let late = ended + seconds(GRACE);
    let state = bench.vendor.state();
    let finds = state.finds.iter().filter(|(at, who)| *at >= late && who == ADA).count();
    let sweeps = state.sweeps.iter().filter(|at| **at >= late).count();
    assert!(finds >= 1 && finds + sweeps >= 2, "{finds} and {sweeps}");
    assert!(state.calls[1..].iter().all(|call| call.at >= late), "the second request waited all the time");
}

#[tokio::test(start_paused = true)]
async fn an_effect_settles_as_soon_as_it_shows() {
    let bench = Bench::new();
    bench.vendor.state().says.push_back(Say::Lost);
    bench.vendor.state().lag = seconds(100);
    bench.invite(ADA);
    sleep(seconds(2)).await;
    let took = bench.settled(ADA, seconds(600)).await;
    assert!(took > seconds(90) && took < seconds(125), "{took:?}");
    assert_eq!(bench.outcomes(ADA)[0].settlement, Settlement::Effect);
}

#[tokio::test(start_paused = true)]
async fn another_process_s_attempt_holds_the_person_from_its_first_sight() {
    let bench = Bench::new();
    sleep(seconds(1)).await;
    let begun = Instant::now();
    let view = bench.question(ADA, Some(recorded(WriteKind::Invite, false)), false);
    assert!(view.open[0].unclear && view.open[0].in_flight);
    bench.invite(ADA);
    sleep(seconds(31)).await;
    assert!(!bench.ask(ADA).open[0].in_flight, "the call itself has ended by now");
    while bench.outcomes(ADA).is_empty() {
        assert!(bench.vendor.calls().is_empty());
        sleep(seconds(1)).await;
    }
    assert!(begun.elapsed() >= seconds(10 + 20 + GRACE));
    let outcome = &bench.outcomes(ADA)[0];
    assert_eq!((&outcome.settlement, outcome.accepted, outcome.stale), (&Settlement::NoEffect, false, false));
}

#[tokio::test(start_paused = true)]
async fn attempts_found_one_after_the_other_share_their_looks() {
    let bench = Bench::new();
    sleep(seconds(1)).await;
    let before = bench.vendor.state().sweeps.len();
    for number in 0..100 {
        let email = format!("person-{number}@example.com");
        bench.question(&email, Some(recorded(WriteKind::Invite, false)), false);
        sleep(Duration::from_millis(25)).await;
    }
    sleep(seconds(2)).await;
    let state = bench.vendor.state();
    let looks = state.finds.len() + state.sweeps.len() - before;
    assert!((1..=2).contains(&looks), "{looks} looks within 4.5 s");
}

#[tokio::test(start_paused = true)]
async fn asking_again_does_not_begin_anew() {
    let bench = Bench::new();
    sleep(seconds(1)).await;
    let begun = Instant::now();
    while begun.elapsed() < seconds(400) {
        let view = bench.question(ADA, Some(recorded(WriteKind::Invite, true)), false);
        if view.open.is_empty() {
            assert!(begun.elapsed() >= seconds(150));
            assert!(view.outcomes[0].stale, "an hour old at first sight");
            return;
        }
        assert_eq!(view.open.len(), 1);
        sleep(seconds(1)).await;
    }
    panic!("not settled");
}

#[tokio::test(start_paused = true)]
async fn an_own_attempt_is_known_by_its_id_and_any_other_is_another_process_s() {
    let bench = Bench::new();
    bench.vendor.state().says.push_back(Say::Dropped);
    bench.invite(ADA);
    sleep(seconds(2)).await;
    let own = bench.intents()[0].1.attempt.clone();
    let known = RecordedAttempt {
        id: &own,
        kind: WriteKind::Invite,
        baseline: "",
        change: AccessChange::default(),
        stale: false,
    };
    assert_eq!(bench.question(ADA, Some(known), false).open.len(), 1);
    assert_eq!(bench.question(ADA, Some(recorded(WriteKind::Invite, false)), false).open.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn an_outcome_stays_until_it_is_written_down() {
    let bench = Bench::new();
    bench.invite(ADA);
    sleep(seconds(5)).await;
    let attempt = bench.outcomes(ADA)[0].attempt.clone();
    sleep(seconds(7200)).await;
    assert_eq!(bench.outcomes(ADA).len(), 1);
    let known = RecordedAttempt {
        id: &attempt,
        kind: WriteKind::Invite,
        baseline: "",
        change: AccessChange::default(),
        stale: true,
    };
    assert!(bench.question(ADA, Some(known), false).open.is_empty());
    bench.tenants.acknowledge(&bench.key, ADA, ADA, Some("another"));
    assert_eq!(bench.outcomes(ADA).len(), 1);
    bench.tenants.acknowledge(&bench.key, ADA, ADA, Some(&attempt));
    assert!(bench.outcomes(ADA).is_empty());
}

#[tokio::test(start_paused = true)]
async fn outcomes_are_told_to_their_object_only() {
    let bench = Bench::new();
    bench.invite(ADA);
    sleep(seconds(5)).await;
    let question = crate::tenant::Question {
        person: &crate::vendor::Person::with_email(crate::vendor::Email::new(ADA)),
        object: "another object",
        open_attempt: None,
        known: false,
    };
    assert!(bench.tenants.ask(&bench.key, &question).unwrap().outcomes.is_empty());
}

#[rstest]
#[case::incomplete_sweeps(false)]
#[case::failing_looks(true)]
#[tokio::test(start_paused = true)]
async fn looks_that_prove_nothing_settle_nothing_and_do_not_spin(#[case] fail: bool) {
    let bench = Bench::with(CAN, {
        let mut sweeps_only = settings();
        sweeps_only.rules.exact_read = false;
        sweeps_only
    });
    bench.vendor.state().says.extend([Say::Dropped; 2]);
    bench.invite(ADA);
    bench.invite("bob@example.com");
    // The first late look counts, and then no other one does.
    sleep(seconds(2)).await;
    let ended = bench.vendor.calls()[0].at;
    while bench.vendor.state().sweeps.last().is_none_or(|at| *at < ended + seconds(GRACE)) {
        sleep(std::time::Duration::from_millis(1)).await;
        if bench.vendor.state().sweeps.last().is_some_and(|at| *at >= ended + seconds(GRACE - 1)) {
            break;
        }
        if ended.elapsed() >= seconds(GRACE - 1) {
            let mut state = bench.vendor.state();
            state.looks_fail = fail;
            state.incomplete = Some("the pages do not fit");
            break;
        }
    }
    let before = bench.vendor.state().sweeps.len();
    sleep(seconds(3600)).await;
    assert_eq!(bench.ask(ADA).open.len(), 1);
    let looks = bench.vendor.state().sweeps.len() - before;
    assert!(looks < 130, "{looks} looks in an hour");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_left_settles_nothing_and_forgets_nothing() {
    let bench = Bench::new();
    bench.vendor.state().says.push_back(Say::Dropped);
    bench.invite(ADA);
    sleep(seconds(2)).await;
    bench.tenants.detach(&bench.key, &super::bench::provider());
    sleep(seconds(3600)).await;
    assert_eq!(bench.ask(ADA).open.len(), 1, "the register belongs to the process");
    bench.attach(settings());
    bench.settled(ADA, seconds(600)).await;
}
