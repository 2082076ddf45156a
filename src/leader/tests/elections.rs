//! Who leads, and who waits.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use super::super::{Candidacy, Notice};
use super::replica::{DEADLINE, DURATION, Replica, STEP, candidate, held_by};
use super::server::{Fault, Server};

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

/// What a candidate tells within a minute, each change once; and whether its candidacy has ended with the token.
async fn told_during(fault: Fault) -> (Vec<Notice>, bool) {
    let connection = Server::default().connect();
    connection.fail(fault);
    let told = Arc::new(Mutex::new(Vec::new()));
    let notices = Arc::clone(&told);
    let candidate = candidate(&connection, "a").notify(move |notice| notices.lock().unwrap().push(notice));
    let ended = timeout(Duration::from_secs(60), candidate.lead(&CancellationToken::new())).await;
    let mut told = told.lock().unwrap().clone();
    told.dedup();
    (told, matches!(ended, Ok(Candidacy::TokenRefused)))
}

#[tokio::test(start_paused = true)]
async fn a_candidate_tells_why_it_cannot_lead() {
    assert_eq!(told_during(Fault::Forbidden).await, (vec![Notice::Forbidden], false));
    assert_eq!(told_during(Fault::Refuse).await, (vec![Notice::Unanswered], false));
    assert_eq!(told_during(Fault::Hang).await, (vec![Notice::Unanswered], false));
    assert_eq!(
        told_during(Fault::Unauthorized).await,
        (vec![Notice::Unanswered], true),
        "for another client"
    );
    assert_eq!(told_during(Fault::None).await, (vec![Notice::Answered, Notice::Leading], false));
}
