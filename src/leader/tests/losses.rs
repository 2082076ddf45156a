//! What ends the right to act, and what does not.

use std::time::Duration;

use tokio::time::{Instant, advance, sleep, sleep_until, timeout};

use super::super::LeaderError;
use super::replica::{DEADLINE, DURATION, Replica, STEP, held_by};
use super::server::{Fault, Server};

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
async fn the_right_counts_from_the_begin_of_a_renewal_not_from_its_answer() {
    let server = Server::default();
    let connection = server.connect();
    let (leadership, _keeper) = Replica::start(&connection, "a").leads().await;
    connection.fail(Fault::Slow(Duration::from_secs(2)));
    let begun = leadership.since() + Duration::from_secs(5);
    sleep_until(begun + STEP).await;
    connection.fail(Fault::Hang);
    sleep_until(begun + DEADLINE - STEP).await;
    assert!(leadership.still_valid());
    sleep_until(begun + DEADLINE + STEP).await;
    assert!(!leadership.still_valid());
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
