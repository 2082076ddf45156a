//! Calls that take away: the exact look before a call that would also remove a member.

use rstest::rstest;
use tokio::time::sleep;

use super::bench::{Bench, GRACE, seconds, settings, target};
use super::vendor::{CAN, Say};
use crate::tenant::{Settlement, Wish};
use crate::vendor::{Capabilities, Standing, Target};

const ADA: &str = "ada@example.com";

const ONE_CALL_FOR_BOTH: Capabilities =
    Capabilities { cancel_is_remove: true, max_cancel_batch: 1, max_remove_batch: 1, ..CAN };

async fn bench(standing: Standing) -> Bench {
    let mut one = settings();
    one.limits.cancel = 1;
    one.limits.remove = 1;
    let bench = Bench::with(ONE_CALL_FOR_BOTH, one);
    bench.vendor.put(ADA, standing, "1");
    sleep(seconds(1)).await;
    bench
}

#[tokio::test(start_paused = true)]
async fn the_person_is_read_just_before_the_call() {
    let bench = bench(Standing::Pending).await;
    bench.request(ADA, Wish::Cancel(target(ADA, "1")));
    sleep(seconds(1)).await;
    let call = bench.vendor.calls()[0].at;
    let recorded = bench.intents()[0].0;
    let reads = bench.vendor.state().finds.clone();
    assert!(reads.iter().any(|(at, _)| *at >= recorded && *at <= call));
    bench.settled(ADA, seconds(30)).await;
    assert_eq!(bench.outcomes(ADA)[0].settlement, Settlement::Effect);
}

#[rstest]
#[case::accepted_meanwhile(Standing::Member)]
#[case::blocked(Standing::Blocked)]
#[tokio::test(start_paused = true)]
async fn under_cancel_anything_but_pending_means_no_call(#[case] standing: Standing) {
    let bench = bench(Standing::Pending).await;
    bench.vendor.put(ADA, standing, "1");
    bench.request(ADA, Wish::Cancel(target(ADA, "1")));
    sleep(seconds(30)).await;
    assert!(bench.vendor.calls().is_empty());
    assert_eq!(bench.outcomes(ADA)[0].settlement, Settlement::Unsent);
    assert_eq!(
        bench.ask(ADA).sighting.unwrap().present().unwrap().standing,
        standing,
        "and the object may see why"
    );
}

#[tokio::test(start_paused = true)]
async fn under_remove_anybody_but_the_recorded_person_means_no_call() {
    let bench = bench(Standing::Member).await;
    bench.vendor.put(ADA, Standing::Member, "2");
    bench.request(ADA, Wish::Remove(target(ADA, "1")));
    sleep(seconds(30)).await;
    assert!(bench.vendor.calls().is_empty());
    bench.request(ADA, Wish::Remove(target(ADA, "2")));
    sleep(seconds(30)).await;
    assert_eq!(bench.vendor.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nobody_there_means_no_call() {
    let bench = bench(Standing::Pending).await;
    bench.vendor.take_out(ADA);
    bench.request(ADA, Wish::Cancel(target(ADA, "1")));
    sleep(seconds(30)).await;
    assert!(bench.vendor.calls().is_empty());
    let sighting = bench.ask(ADA).sighting.unwrap();
    assert!(sighting.present().is_none() && !sighting.absence_proven, "one look proves nothing");
}

#[tokio::test(start_paused = true)]
async fn without_a_recorded_id_the_standing_decides() {
    let bench = bench(Standing::Pending).await;
    bench.request(ADA, Wish::Cancel(Target { user_id: None, ..target(ADA, "1") }));
    sleep(seconds(30)).await;
    assert_eq!(bench.vendor.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_means_no_call_and_a_pause() {
    let bench = bench(Standing::Pending).await;
    bench.vendor.state().finds_fail = true;
    for _ in 0..20 {
        bench.request(ADA, Wish::Cancel(target(ADA, "1")));
        sleep(seconds(1)).await;
    }
    assert!(bench.vendor.calls().is_empty());
    let intents = bench.intents().len();
    assert!(intents <= 4, "{intents} intents in 20 s");
}

#[rstest]
#[case::lost_and_done(Say::Lost, Settlement::Effect)]
#[case::lost_and_not_done(Say::Dropped, Settlement::NoEffect)]
#[case::a_lie(Say::Lie, Settlement::NoEffect)]
#[tokio::test(start_paused = true)]
async fn two_late_looks_settle_it_either_way(#[case] say: Say, #[case] wanted: Settlement) {
    let bench = bench(Standing::Pending).await;
    bench.vendor.state().says.push_back(say);
    bench.request(ADA, Wish::Cancel(target(ADA, "1")));
    sleep(seconds(1)).await;
    let took = bench.settled(ADA, seconds(600)).await;
    assert!(took >= seconds(GRACE - 2), "{took:?}");
    assert_eq!(bench.outcomes(ADA)[0].settlement, wanted);
}
