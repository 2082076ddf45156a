//! Which requests share a call, and when it is due.

use proptest::collection::vec;
use proptest::prelude::*;
use tokio::time::Instant;

use super::bench::{request, seconds, settings, target, terms};
use crate::telemetry::Cause;
use crate::tenant::queue::Queue;
use crate::tenant::request::{NextCall, Queued, next_call};
use crate::tenant::{BatchLimits, ObjectId, ProviderId, Request, Wish, WriteKind};
use crate::vendor::{InviteTerms, Notification};

const LIMITS: BatchLimits = BatchLimits { invite: 3, cancel: 2, remove: 1, window: seconds(1) };

fn invite(person: u32) -> Request {
    request(&format!("p{person}@example.com"), Wish::Invite(terms()))
}

fn quiet(person: u32) -> Request {
    let terms = InviteTerms { notification: Notification::Suppress, ..terms() };
    request(&format!("p{person}@example.com"), Wish::Invite(terms))
}

fn cancel(person: u32) -> Request {
    let email = format!("p{person}@example.com");
    request(&email, Wish::Cancel(target(&email, "1")))
}

fn remove(person: u32) -> Request {
    let email = format!("p{person}@example.com");
    request(&email, Wish::Remove(target(&email, "1")))
}

fn alone(request: Request) -> Request {
    Request { alone: true, ..request }
}

/// Requests that came one after the other, a second apart, the last just now.
fn came(requests: Vec<Request>, now: Instant) -> Vec<Queued> {
    let last = requests.len();
    requests
        .into_iter()
        .enumerate()
        .map(|(place, request)| {
            let since = now - seconds((last - place) as u64 - 1);
            Queued { request, since, not_before: since, tries: 0, cause: Cause::default() }
        })
        .collect()
}

fn next(requests: Vec<Request>) -> NextCall {
    let now = Instant::now() + seconds(1000);
    next_call(&came(requests, now), &LIMITS, now)
}

#[tokio::test]
async fn nothing_is_due_of_nothing() {
    assert_eq!(next(Vec::new()), NextCall::Nothing);
}

#[tokio::test]
async fn a_call_waits_for_more_people_unless_it_is_full() {
    let now = Instant::now() + seconds(1000);
    let one = came(vec![invite(1)], now);
    assert_eq!(next_call(&one, &LIMITS, now), NextCall::At(now + seconds(1)));
    assert_eq!(next_call(&one, &LIMITS, now + seconds(1)), NextCall::Due(vec![0]));
    let full: Vec<Queued> =
        (1..=3).map(|person| Queued { since: now, ..came(vec![invite(person)], now)[0].clone() }).collect();
    assert_eq!(next_call(&full, &LIMITS, now), NextCall::Due(vec![0, 1, 2]));
    assert_eq!(next(vec![remove(1)]), NextCall::Due(vec![0]), "one is full where one is all");
}

#[tokio::test]
async fn sizes_are_kept_for_each_kind() {
    assert_eq!(next((1..=5).map(invite).collect()), NextCall::Due(vec![0, 1, 2]));
    assert_eq!(next((1..=5).map(cancel).collect()), NextCall::Due(vec![0, 1]));
    assert_eq!(next((1..=5).map(remove).collect()), NextCall::Due(vec![0]));
}

#[tokio::test]
async fn only_equal_terms_of_one_provider_share_a_call() {
    let requests = || vec![invite(1), quiet(2), invite(3), quiet(4)];
    assert_eq!(next(requests()), NextCall::Due(vec![0, 2]));
    let mut others = requests();
    for request in others.iter_mut().skip(1) {
        request.provider = ProviderId("another".to_owned());
    }
    assert_eq!(next(others), NextCall::Due(vec![0]));
    assert_eq!(next(vec![invite(1), cancel(2), remove(3), invite(4)]), NextCall::Due(vec![0, 3]));
}

#[tokio::test]
async fn members_of_an_unclear_call_go_alone() {
    assert_eq!(next(vec![alone(invite(1)), alone(invite(2)), invite(3)]), NextCall::Due(vec![0]));
    assert_eq!(next(vec![invite(1), alone(invite(2)), invite(3)]), NextCall::Due(vec![0, 2]));
    assert_eq!(next(vec![alone(invite(2))]), NextCall::Due(vec![0]), "at once");
}

#[tokio::test]
async fn a_person_is_in_a_call_once() {
    let mut twice = invite(1);
    twice.object = ObjectId { uid: "another object".to_owned(), ..twice.object };
    assert_eq!(next(vec![invite(1), twice, invite(2)]), NextCall::Due(vec![0, 2]));
}

#[tokio::test]
async fn who_waited_longest_is_next() {
    assert_eq!(next(vec![cancel(1), invite(2), invite(3), invite(4)]), NextCall::Due(vec![0]));
    let mut postponed = came(vec![cancel(1), invite(2), invite(3)], Instant::now());
    let now = Instant::now() + seconds(1000);
    postponed[0].not_before = now + seconds(30);
    assert_eq!(next_call(&postponed, &LIMITS, now), NextCall::Due(vec![1, 2]));
    postponed.truncate(1);
    assert_eq!(next_call(&postponed, &LIMITS, now), NextCall::At(now + seconds(30)));
}

#[tokio::test]
async fn a_request_changes_in_its_place() {
    let now = Instant::now();
    let mut queue = Queue::default();
    queue.put(invite(1), now);
    queue.put(invite(2), now);
    queue.put(cancel(1), now + seconds(5));
    assert_eq!(queue.len(), 2);
    let kinds: Vec<WriteKind> = queue.iter().map(|queued| queued.request.wish.kind()).collect();
    assert_eq!(kinds, [WriteKind::Cancel, WriteKind::Invite]);
    queue.remove_exactly(&invite(1));
    assert_eq!(queue.len(), 2, "the newer request stays");
    queue.remove_exactly(&cancel(1));
    assert_eq!(queue.len(), 1);
}

#[tokio::test]
async fn tries_that_come_to_nothing_get_rarer() {
    let now = Instant::now();
    let mut queue = Queue::default();
    queue.put(invite(1), now);
    let mut waits = Vec::new();
    for _ in 0..7 {
        queue.postpone(&invite(1).object.uid, now, seconds(2), seconds(60));
        waits.push((queue.iter().next().unwrap().not_before - now).as_secs());
    }
    assert_eq!(waits, [2, 4, 8, 16, 32, 60, 60]);
    queue.put(invite(1), now);
    assert_eq!(queue.iter().next().unwrap().tries, 7, "asking again is no short cut");
}

fn any_request() -> impl Strategy<Value = Request> {
    (0_u32..8, 0_u32..4, prop::bool::weighted(0.2)).prop_map(|(person, kind, is_alone)| {
        let request = match kind {
            0 => invite(person),
            1 => quiet(person),
            2 => cancel(person),
            _ => remove(person),
        };
        if is_alone { alone(request) } else { request }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_request_gets_its_turn(requests in vec(any_request(), 0..30)) {
        let limits = settings().limits;
        let mut now = Instant::now();
        let mut queue = came(requests, now);
        for (place, queued) in queue.iter_mut().enumerate() {
            queued.request.object.uid = place.to_string();
        }
        let mut calls = 0;
        while !queue.is_empty() {
            match next_call(&queue, &limits, now) {
                NextCall::Due(members) => {
                    let head = queue[members[0]].request.clone();
                    let size = limits.size(head.wish.kind());
                    prop_assert!(!members.is_empty() && members.len() <= size);
                    let mut people: Vec<&str> = members.iter().map(|&at| queue[at].request.person.key()).collect();
                    people.sort_unstable();
                    people.dedup();
                    prop_assert_eq!(people.len(), members.len());
                    for &member in &members {
                        let other = &queue[member].request;
                        prop_assert_eq!(other.wish.kind(), head.wish.kind());
                        prop_assert!(!other.alone || members.len() == 1);
                        if let (Wish::Invite(one), Wish::Invite(another)) = (&head.wish, &other.wish) {
                            prop_assert_eq!(one, another);
                        }
                    }
                    let mut place = 0;
                    queue.retain(|_| {
                        place += 1;
                        !members.contains(&(place - 1))
                    });
                    calls += 1;
                }
                NextCall::At(time) => {
                    prop_assert!(time > now);
                    now = time;
                }
                NextCall::Nothing => prop_assert!(false, "forgotten"),
            }
            prop_assert!(calls <= 30);
        }
    }
}
