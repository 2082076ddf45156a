//! Candidates and leaders, one after the other and against each other.

use std::time::{Duration, SystemTime};

use clap::Parser;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{Instant, advance, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::super::{Candidate, Clock, LeaderError, Leadership, ProcessId, Reading};
use super::server::{Connection, Fault, Server};
use crate::settings::{CommandLine, Invocation};

/// The renew deadline and the duration of the default settings.
const DEADLINE: Duration = Duration::from_secs(10);
const DURATION: Duration = Duration::from_secs(15);
const STEP: Duration = Duration::from_millis(50);

fn candidate(connection: &Connection, pod: &str) -> Candidate {
    let Invocation::Run(settings) = CommandLine::parse_from(["operator"]).resolve().unwrap() else {
        unreachable!()
    };
    let (start, epoch) = (Instant::now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    Candidate::new(connection.client.clone(), "operator", &settings.lease, pod, ProcessId::random())
        .clock(Clock::new(move || Reading { monotonic: Instant::now(), wall: epoch + start.elapsed() }))
}

/// What renews the lease.
type Keeper = JoinHandle<Result<(), LeaderError>>;

/// A replica that stands by, and then leads until it is told to stop.
struct Replica {
    stop: CancellationToken,
    leading: JoinHandle<Option<(Leadership, Keeper)>>,
}

impl Replica {
    fn start(connection: &Connection, pod: &str) -> Self {
        let stop = CancellationToken::new();
        let (candidate, token) = (candidate(connection, pod), stop.clone());
        let leading = tokio::spawn(async move {
            let term = candidate.lead(&token).await?;
            Some((term.leadership(), tokio::spawn(term.keep(token))))
        });
        Self { stop, leading }
    }

    async fn leads(&mut self) -> (Leadership, Keeper) {
        (&mut self.leading).await.unwrap().expect("leads")
    }

    async fn leads_within(&mut self, limit: Duration) -> bool {
        sleep(limit).await;
        self.leading.is_finished()
    }
}

fn held_by(holder: &str, seconds: u64) -> serde_json::Value {
    // The times are long past by any wall clock: they must not count.
    let past = "2001-01-01T00:00:00.000000Z";
    json!({"holderIdentity": holder, "leaseDurationSeconds": seconds, "renewTime": past, "acquireTime": past,
           "leaseTransitions": 4})
}

#[tokio::test(start_paused = true)]
async fn a_free_lease_is_taken_at_once() {
    let server = Server::default();
    let start = Instant::now();
    let (leadership, _keeper) = Replica::start(&server.connect(), "a").leads().await;
    assert!(leadership.still_valid());
    assert!(start.elapsed() < STEP);
    let holder = server.holder().unwrap();
    assert_eq!(holder, format!("a_{}", leadership.process()));
    assert_eq!(server.spec()["leaseDurationSeconds"], 15);
    assert_eq!(server.spec()["leaseTransitions"], 0);
}

#[tokio::test(start_paused = true)]
async fn a_silent_holder_has_the_whole_duration_from_our_first_sight() {
    let server = Server::default();
    server.put(&held_by("other", 15));
    let start = Instant::now();
    let (leadership, _keeper) = Replica::start(&server.connect(), "a").leads().await;
    assert!(leadership.still_valid());
    assert!(start.elapsed() >= DURATION && start.elapsed() < DURATION + STEP, "{:?}", start.elapsed());
    assert_eq!(server.spec()["leaseTransitions"], 5);
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_renews_is_never_interrupted() {
    let server = Server::default();
    let (leadership, keeper) = Replica::start(&server.connect(), "a").leads().await;
    let mut standby = Replica::start(&server.connect(), "b");
    for _ in 0..1200 {
        sleep(STEP).await;
        assert!(leadership.still_valid());
    }
    assert!(!standby.leads_within(STEP).await && !keeper.is_finished());
    assert_eq!(server.writes(), 13, "one write to take it, then one for each 5 s");
}

#[rstest::rstest]
#[case::refused(Fault::Refuse)]
#[case::silent(Fault::Hang)]
#[tokio::test(start_paused = true)]
async fn without_renewal_the_right_ends_at_the_deadline_and_before_another_leads(#[case] fault: Fault) {
    let server = Server::default();
    let connection = server.connect();
    let mut first = Replica::start(&connection, "a");
    let (leadership, mut keeper) = first.leads().await;
    let mut second = Replica::start(&server.connect(), "b");
    sleep(Duration::from_secs(7)).await;
    let renewed = leadership.since() + Duration::from_secs(5);
    connection.fail(fault);

    while Instant::now() < renewed + DEADLINE {
        assert!(leadership.still_valid(), "after {:?}", renewed.elapsed());
        sleep(STEP).await;
    }
    assert!(!leadership.still_valid(), "at the deadline");
    let lost = timeout(STEP, &mut keeper).await.expect("the loss is told at the deadline").unwrap();
    assert!(matches!(lost, Err(LeaderError::NotRenewed { deadline: DEADLINE })), "{lost:?}");

    let (other, _keeper) = second.leads().await;
    assert!(renewed.elapsed() >= DURATION, "{:?}", renewed.elapsed());
    assert!(renewed.elapsed() < DURATION + Duration::from_secs(2) + STEP, "{:?}", renewed.elapsed());
    assert!(other.still_valid() && !leadership.still_valid());
}

#[tokio::test(start_paused = true)]
async fn slow_answers_and_lost_answers_are_no_loss() {
    let server = Server::default();
    let connection = server.connect();
    let (leadership, keeper) = Replica::start(&connection, "a").leads().await;
    let mut standby = Replica::start(&server.connect(), "b");
    // Renewals begin every 5 s; each fault meets one of them.
    for (fault, renewal) in [(Fault::Slow(Duration::from_secs(1)), 5), (Fault::LoseAnswer, 10)] {
        sleep_until(leadership.since() + Duration::from_secs(renewal) - STEP).await;
        connection.fail(fault);
        sleep(4 * STEP).await;
        connection.fail(Fault::None);
    }
    for _ in 0..400 {
        assert!(leadership.still_valid(), "after {:?}", leadership.since().elapsed());
        sleep(STEP).await;
    }
    assert!(!standby.leads_within(STEP).await && !keeper.is_finished());
}

#[tokio::test(start_paused = true)]
async fn one_silent_try_leaves_time_for_another() {
    let server = Server::default();
    let connection = server.connect();
    let (leadership, keeper) = Replica::start(&connection, "a").leads().await;
    connection.fail(Fault::Hang);
    sleep_until(leadership.since() + Duration::from_secs(7)).await;
    connection.fail(Fault::None);
    for _ in 0..200 {
        assert!(leadership.still_valid(), "after {:?}", leadership.since().elapsed());
        sleep(STEP).await;
    }
    assert!(!keeper.is_finished());
}

#[tokio::test(start_paused = true)]
async fn a_stop_gives_the_lease_back() {
    let server = Server::default();
    let mut first = Replica::start(&server.connect(), "a");
    let (leadership, keeper) = first.leads().await;
    let mut second = Replica::start(&server.connect(), "b");
    sleep(Duration::from_secs(7)).await;
    first.stop.cancel();
    keeper.await.unwrap().unwrap();
    assert!(!leadership.still_valid());
    assert_eq!(server.holder(), None);
    let given_back = Instant::now();
    let (other, _keeper) = second.leads().await;
    assert!(given_back.elapsed() <= Duration::from_secs(2) && other.still_valid());
}

#[tokio::test(start_paused = true)]
async fn a_candidate_that_is_stopped_leaves_the_lease_alone() {
    let server = Server::default();
    server.put(&held_by("other", 15));
    let replica = Replica::start(&server.connect(), "a");
    sleep(Duration::from_secs(3)).await;
    replica.stop.cancel();
    assert!(replica.leading.await.unwrap().is_none());
    assert_eq!(server.holder().as_deref(), Some("other"));
}

#[tokio::test(start_paused = true)]
async fn of_two_candidates_that_see_it_free_one_wins() {
    let server = Server::default();
    server.put(&json!({"holderIdentity": ""}));
    let connections = [server.connect(), server.connect()];
    for connection in &connections {
        // Both have read before either writes.
        connection.fail(Fault::Slow(Duration::from_millis(100)));
    }
    let [mut first, mut second] = connections.each_ref().map(|connection| Replica::start(connection, "a"));
    let both = (first.leads_within(DEADLINE).await, second.leads_within(Duration::from_secs(30)).await);
    assert!(both.0 ^ both.1, "{both:?}");
}

#[tokio::test(start_paused = true)]
async fn another_holder_ends_the_term_for_good() {
    let server = Server::default();
    let (leadership, keeper) = Replica::start(&server.connect(), "a").leads().await;
    server.put(&held_by("other", 15));
    let lost = keeper.await.unwrap();
    assert!(matches!(lost, Err(LeaderError::Superseded { holder }) if holder == "other"));
    assert!(!leadership.still_valid());
    assert_eq!(server.holder().as_deref(), Some("other"), "what is another's is not given back");
}

#[tokio::test(start_paused = true)]
async fn a_deleted_lease_is_no_invitation_to_lead() {
    let server = Server::default();
    let (leadership, keeper) = Replica::start(&server.connect(), "a").leads().await;
    let mut standby = Replica::start(&server.connect(), "b");
    sleep(Duration::from_secs(6)).await;
    server.delete();
    assert!(!standby.leads_within(Duration::from_secs(60)).await && !keeper.is_finished());
    assert!(leadership.still_valid());
    assert!(server.holder().unwrap().starts_with("a_"), "the leader has made it again");
}

#[tokio::test(start_paused = true)]
async fn a_process_that_was_stopped_finds_its_right_expired_until_it_knows_better() {
    let server = Server::default();
    let (leadership, keeper) = Replica::start(&server.connect(), "a").leads().await;
    sleep(Duration::from_secs(1)).await;
    advance(Duration::from_secs(60)).await;
    assert!(!leadership.still_valid(), "right after waking");
    sleep(STEP).await;
    assert!(leadership.still_valid() && !keeper.is_finished(), "nobody had the lease meanwhile");

    advance(Duration::from_secs(60)).await;
    server.put(&held_by("other", 15));
    assert!(!leadership.still_valid());
    assert!(matches!(keeper.await.unwrap(), Err(LeaderError::Superseded { .. })));
    assert!(!leadership.still_valid());
}
