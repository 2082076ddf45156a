//! From the queue to the call: late intents, the send limit, leadership, budgets, batches.

use std::sync::atomic::Ordering;

use rstest::rstest;
use tokio::time::{Duration, Instant, sleep};

use super::bench::{Bench, seconds, settings, target, tenant_key, terms};
use super::vendor::{CAN, Say};
use crate::tenant::{Recording, Settlement, Wish, WriteKind};
use crate::vendor::{ErrorClass, Standing};

const ADA: &str = "ada@example.com";

#[tokio::test(start_paused = true)]
async fn an_invite_is_recorded_sent_and_seen() {
    let bench = Bench::new();
    bench.invite(ADA);
    sleep(seconds(5)).await;
    assert_eq!(bench.intents().len(), 1);
    assert_eq!(bench.vendor.mails_to(ADA), 1);
    let outcome = &bench.outcomes(ADA)[0];
    assert_eq!((&outcome.settlement, outcome.accepted), (&Settlement::Effect, true));
    assert!(bench.host.woken.lock().unwrap().contains(&ADA.to_owned()));
}

#[tokio::test(start_paused = true)]
async fn nothing_is_recorded_without_a_look() {
    let bench = Bench::new();
    bench.vendor.state().looks_fail = true;
    bench.invite(ADA);
    sleep(seconds(3600)).await;
    assert!(bench.intents().is_empty());
    assert!(bench.health().last_error.is_some());
    let tried = bench.vendor.state().sweeps.len();
    assert!(tried < 20, "{tried} tries in an hour");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_recorded_without_budget() {
    let bench = Bench::new();
    bench.vendor.state().permits_fail = true;
    bench.invite(ADA);
    sleep(seconds(600)).await;
    assert!(bench.intents().is_empty());
    bench.vendor.state().permits_fail = false;
    sleep(seconds(120)).await;
    assert_eq!(bench.vendor.mails_to(ADA), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_on_an_old_picture() {
    let bench = Bench::new();
    sleep(seconds(300)).await;
    let begun = Instant::now();
    bench.invite(ADA);
    bench.invite("bob@example.com");
    sleep(seconds(3)).await;
    assert!(*bench.vendor.state().sweeps.last().unwrap() >= begun, "a look before the call");
    assert_eq!(bench.vendor.calls().len(), 1);
    sleep(seconds(300)).await;
    let begun = Instant::now();
    bench.invite("eve@example.com");
    sleep(seconds(3)).await;
    let finds = bench.vendor.state().finds.clone();
    assert!(
        finds.iter().any(|(at, who)| *at >= begun && who == "eve@example.com"),
        "one person is read alone"
    );
}

#[rstest]
#[case::in_time(9, 1)]
#[case::too_late(10, 0)]
#[tokio::test(start_paused = true)]
async fn the_send_limit(#[case] recording_takes: u64, #[case] mails: usize) {
    let bench = Bench::new();
    *bench.host.takes.lock().unwrap() = seconds(recording_takes);
    bench.invite(ADA);
    sleep(seconds(15)).await;
    assert_eq!(bench.vendor.mails_to(ADA), mails);
    let unsent = bench.outcomes(ADA).iter().any(|outcome| outcome.settlement == Settlement::Unsent);
    assert_eq!(unsent, mails == 0, "noted as unsent: a new intent is needed");
    assert_eq!(bench.ask(ADA).queued, None);
}

#[tokio::test(start_paused = true)]
async fn leadership_lost_between_intent_and_call() {
    let bench = Bench::new();
    bench.host.lost_while_recording.store(true, Ordering::SeqCst);
    bench.invite(ADA);
    sleep(seconds(60)).await;
    assert_eq!(bench.intents().len(), 1);
    assert!(bench.vendor.calls().is_empty());
    assert_eq!(bench.outcomes(ADA)[0].settlement, Settlement::Unsent);
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_could_not_be_written_is_not_sent_and_tried_less_and_less() {
    let bench = Bench::new();
    *bench.host.answers.lock().unwrap() = Some(Recording::Failed);
    bench.invite(ADA);
    sleep(seconds(600)).await;
    assert!(bench.vendor.calls().is_empty());
    let times: Vec<Instant> = bench.intents().iter().map(|(at, _)| *at).collect();
    let waits: Vec<u64> = times.windows(2).map(|pair| (pair[1] - pair[0]).as_secs()).collect();
    assert_eq!(waits[..5], [2, 4, 8, 16, 32]);
    assert!(waits[5..].iter().all(|wait| (60..=62).contains(wait)), "{waits:?}");
    assert!(bench.outcomes(ADA).len() <= 16, "only so many are remembered");
    *bench.host.answers.lock().unwrap() = None;
    sleep(seconds(62)).await;
    assert_eq!(bench.vendor.mails_to(ADA), 1);
}

#[tokio::test(start_paused = true)]
async fn an_intent_that_is_not_wanted_leaves_nothing_behind() {
    let bench = Bench::new();
    *bench.host.answers.lock().unwrap() = Some(Recording::NotWanted);
    bench.invite(ADA);
    sleep(seconds(60)).await;
    assert_eq!(bench.intents().len(), 1);
    assert!(bench.vendor.calls().is_empty());
    let view = bench.ask(ADA);
    assert!(view.outcomes.is_empty() && view.open.is_empty() && view.queued.is_none());
}

#[tokio::test(start_paused = true)]
async fn many_people_share_few_calls() {
    let bench = Bench::new();
    for person in 0..45 {
        bench.invite(&format!("p{person}@example.com"));
    }
    sleep(seconds(10)).await;
    let sizes: Vec<usize> = bench.vendor.calls().iter().map(|call| call.people.len()).collect();
    assert_eq!(sizes, [20, 20, 5]);
    for person in 0..45 {
        assert_eq!(bench.vendor.mails_to(&format!("p{person}@example.com")), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn two_objects_of_one_person_send_one_mail() {
    let bench = Bench::new();
    bench.invite(ADA);
    let mut other = super::bench::request(ADA, Wish::Invite(terms()));
    other.object.uid = "another object".to_owned();
    bench.tenants.request(&bench.key, other);
    sleep(seconds(1)).await;
    bench.vendor.state().lag = seconds(30);
    sleep(seconds(20)).await;
    assert_eq!(bench.vendor.mails_to(ADA), 1, "the second waits for the settlement of the first");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_was_taken_back_is_not_sent() {
    let bench = Bench::new();
    bench.invite(ADA);
    bench.tenants.withdraw(&bench.key, ADA);
    sleep(seconds(60)).await;
    assert!(bench.intents().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_settles_at_once_and_by_name() {
    let bench = Bench::new();
    bench.vendor.state().says.push_back(Say::Refuse(ErrorClass::Invalid));
    bench.invite(ADA);
    sleep(seconds(3)).await;
    let outcomes = bench.outcomes(ADA);
    assert!(
        matches!(&outcomes[0].settlement, Settlement::Refused(refusal) if refusal.class == ErrorClass::Invalid)
    );
    assert!(bench.ask(ADA).open.is_empty());
    assert!(bench.health().last_error.is_none());
}

#[rstest]
#[case::credential(Say::Refuse(ErrorClass::Authentication))]
#[case::connection(Say::NotSent)]
#[tokio::test(start_paused = true)]
async fn a_call_that_fails_for_everybody_pauses_the_tenant(#[case] say: Say) {
    let bench = Bench::with(CAN, {
        let mut one = settings();
        one.limits.invite = 1;
        one
    });
    bench.vendor.state().says.extend([say; 50]);
    for person in 0..50 {
        bench.invite(&format!("p{person}@example.com"));
    }
    sleep(seconds(3)).await;
    assert_eq!(bench.vendor.calls().len(), 1, "not one for each person");
    assert_eq!(bench.intents().len(), 1);
    assert!(bench.health().last_error.is_some());
    assert!(*bench.host.providers_woken.lock().unwrap() >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_vendor_that_refuses_every_write_is_asked_once() {
    let one_by_one = || {
        let mut one = settings();
        one.limits.invite = 1;
        one
    };
    let bench = Bench::with(CAN, one_by_one());
    bench.vendor.put("old@example.com", Standing::Member, "7");
    bench.vendor.state().says.push_back(Say::External);
    for person in 0..50 {
        bench.invite(&format!("p{person}@example.com"));
    }
    sleep(seconds(3600)).await;
    assert_eq!(bench.vendor.calls().len(), 1, "not one for each person, and none later");
    assert!(bench.health().writes_refused);
    assert!(bench.health().last_error.is_none(), "looks work");
    assert_eq!(bench.outcomes("p0@example.com")[0].settlement, Settlement::Unsent);
    assert!(bench.host.woken.lock().unwrap().contains(&"everybody".to_owned()));
    assert!(*bench.host.providers_woken.lock().unwrap() >= 1);
    bench.request("old@example.com", Wish::Remove(target("old@example.com", "7")));
    sleep(seconds(10)).await;
    assert_eq!(bench.kinds(), [WriteKind::Invite, WriteKind::Remove], "deletions are tried all the same");
    bench.attach(one_by_one());
    assert!(!bench.health().writes_refused, "somebody changed something");
    sleep(seconds(60)).await;
    assert_eq!(bench.vendor.mails_to("p1@example.com"), 1);
}

#[tokio::test(start_paused = true)]
async fn a_person_whom_the_answer_leaves_out_is_unclear_and_found_by_a_look() {
    let bench = Bench::new();
    bench.vendor.state().says.push_back(Say::Silence);
    bench.vendor.state().lag = seconds(30);
    bench.invite(ADA);
    sleep(seconds(3)).await;
    assert!(bench.ask(ADA).open[0].unclear);
    bench.settled(ADA, seconds(120)).await;
    let outcome = &bench.outcomes(ADA)[0];
    assert_eq!((&outcome.settlement, outcome.accepted), (&Settlement::Effect, false));
    assert_eq!(bench.vendor.mails_to(ADA), 1);
}

#[tokio::test(start_paused = true)]
async fn a_slow_tenant_does_not_delay_another() {
    let slow = Bench::new();
    slow.vendor.state().look_takes = seconds(20);
    let client: std::sync::Arc<dyn crate::vendor::VendorClient> =
        std::sync::Arc::new(super::vendor::FakeVendor::new(CAN));
    let host: std::sync::Arc<dyn crate::tenant::Host> =
        std::sync::Arc::new(std::sync::Arc::clone(&slow.host));
    let other = tenant_key("other");
    slow.tenants.attach(&other, super::bench::provider(), client, true, settings(), &host);
    slow.invite(ADA);
    slow.tenants.request(&other, super::bench::request("bob@example.com", Wish::Invite(terms())));
    sleep(seconds(2)).await;
    let sent: Vec<String> =
        slow.intents().iter().map(|(_, intent)| intent.request.person.key().to_owned()).collect();
    assert_eq!(sent, ["bob@example.com"]);
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_call_end() {
    let bench = Bench::new();
    bench.vendor.state().call_takes = seconds(15);
    bench.invite(ADA);
    sleep(seconds(3)).await;
    assert_eq!(bench.kinds(), [WriteKind::Invite]);
    bench.stop.cancel();
    let begun = Instant::now();
    bench.tenants.stopped().await;
    assert!(begun.elapsed() > seconds(10), "the answer was waited for");
    assert_eq!(bench.vendor.truth(ADA), Some(Standing::Pending));
}

#[tokio::test(start_paused = true)]
async fn a_stop_sends_nothing_more() {
    let bench = Bench::new();
    *bench.host.takes.lock().unwrap() = seconds(5);
    bench.invite(ADA);
    sleep(seconds(3)).await;
    assert_eq!(bench.intents().len(), 1);
    bench.stop.cancel();
    bench.tenants.stopped().await;
    assert!(bench.vendor.calls().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_quiet_tenant_looks_once_for_each_interval() {
    let bench = Bench::new();
    sleep(Duration::from_secs(6000)).await;
    let sweeps = bench.vendor.state().sweeps.len();
    assert!((9..=12).contains(&sweeps), "{sweeps}");
    assert!(bench.vendor.state().finds.is_empty());
}
