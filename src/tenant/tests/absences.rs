//! When somebody counts as not there.

use tokio::time::sleep;

use super::bench::{Bench, GRACE, seconds, target};
use crate::tenant::{RecordedAttempt, Wish, WriteKind};
use crate::vendor::{AccessChange, Standing};

const ADA: &str = "ada@example.com";

#[tokio::test(start_paused = true)]
async fn a_new_person_needs_one_complete_look() {
    let bench = Bench::new();
    bench.vendor.state().incomplete = Some("the pages do not fit");
    sleep(seconds(10)).await;
    assert!(bench.ask(ADA).sighting.is_none());
    bench.vendor.state().incomplete = None;
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    let sighting = bench.ask(ADA).sighting.unwrap();
    assert!(sighting.present().is_none() && sighting.counts_as_absence && !sighting.absence_proven);
}

#[tokio::test(start_paused = true)]
async fn an_incomplete_sweep_shows_presence_only_to_open_writes() {
    let bench = Bench::new();
    sleep(seconds(1)).await;
    bench.vendor.state().incomplete = Some("the pages do not fit");
    bench.invite(ADA);
    bench.invite("bob@example.com");
    bench.settled(ADA, seconds(30)).await;
    assert!(bench.ask("nobody@example.com").sighting.is_some());
}

#[tokio::test(start_paused = true)]
async fn no_look_soon_after_an_invite_shows_absence() {
    let bench = Bench::new();
    bench.invite(ADA);
    bench.settled(ADA, seconds(30)).await;
    // The vendor loses the person out of its lists for a moment.
    bench.vendor.state().hidden.insert(ADA.to_owned());
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    let sighting = bench.ask(ADA).sighting.unwrap();
    assert!(sighting.present().is_none());
    assert!(!sighting.counts_as_absence && !sighting.absence_proven);
    sleep(seconds(GRACE)).await;
    bench.vendor.state().incomplete = Some("the pages do not fit");
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert!(!bench.ask(ADA).sighting.unwrap().counts_as_absence, "nor an incomplete one later");
    bench.vendor.state().incomplete = None;
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert!(bench.ask(ADA).sighting.unwrap().counts_as_absence);
}

#[tokio::test(start_paused = true)]
async fn nor_after_another_process_s_invite() {
    let bench = Bench::new();
    bench.vendor.put(ADA, Standing::Pending, "1");
    sleep(seconds(1)).await;
    let attempt = RecordedAttempt {
        id: "another's",
        kind: WriteKind::Invite,
        baseline: "",
        change: AccessChange::default(),
        stale: false,
    };
    bench.question(ADA, Some(attempt), false);
    bench.settled(ADA, seconds(30)).await;
    bench.vendor.take_out(ADA);
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert!(!bench.ask(ADA).sighting.unwrap().counts_as_absence);
    sleep(seconds(30 + GRACE)).await;
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert!(bench.ask(ADA).sighting.unwrap().counts_as_absence);
}

#[tokio::test(start_paused = true)]
async fn the_absence_of_somebody_known_takes_two_late_looks_one_of_them_exact() {
    let bench = Bench::new();
    bench.vendor.put(ADA, Standing::Member, "1");
    sleep(seconds(1)).await;
    bench.vendor.take_out(ADA);
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    let asked = tokio::time::Instant::now();
    let finds = bench.vendor.state().finds.len();
    assert!(!bench.question(ADA, None, true).sighting.unwrap().absence_proven);
    while !bench.question(ADA, None, true).sighting.unwrap().absence_proven {
        sleep(seconds(1)).await;
        assert!(asked.elapsed() < seconds(1500));
    }
    assert!(bench.vendor.state().finds.len() > finds, "one was of this person alone");
    assert!(bench.host.woken.lock().unwrap().contains(&ADA.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn whoever_shows_again_is_there() {
    let bench = Bench::new();
    bench.vendor.put(ADA, Standing::Member, "1");
    sleep(seconds(1)).await;
    bench.vendor.state().hidden.insert(ADA.to_owned());
    bench.vendor.state().finds_fail = true;
    for _ in 0..3 {
        bench.tenants.look_now(&bench.key);
        sleep(seconds(1)).await;
        assert!(
            !bench.question(ADA, None, true).sighting.unwrap().absence_proven,
            "sweeps alone prove nothing"
        );
    }
    bench.vendor.state().hidden.clear();
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert!(bench.ask(ADA).sighting.unwrap().present().is_some());
}

#[tokio::test(start_paused = true)]
async fn what_changes_between_sweeps_wakes_those_whom_it_concerns() {
    let bench = Bench::new();
    bench.vendor.put(ADA, Standing::Pending, "1");
    bench.vendor.put("bob@example.com", Standing::Pending, "2");
    sleep(seconds(1)).await;
    assert_eq!(*bench.host.woken.lock().unwrap(), ["everybody"], "the first sweep is news for all");
    bench.host.woken.lock().unwrap().clear();
    bench.vendor.accept(ADA);
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert_eq!(*bench.host.woken.lock().unwrap(), [ADA]);
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert_eq!(*bench.host.woken.lock().unwrap(), [ADA], "nothing changed, nobody is woken");
}

#[tokio::test(start_paused = true)]
async fn after_a_cancel_the_person_is_gone_at_once() {
    let bench = Bench::new();
    bench.vendor.put(ADA, Standing::Pending, "1");
    sleep(seconds(1)).await;
    bench.request(ADA, Wish::Cancel(target(ADA, "1")));
    bench.settled(ADA, seconds(30)).await;
    assert!(bench.ask(ADA).sighting.unwrap().present().is_none());
    assert!(bench.ask(ADA).sighting.unwrap().counts_as_absence);
}
