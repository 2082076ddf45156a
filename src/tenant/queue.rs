//! Requests in the order they came, at most one for each object.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use tokio::time::Instant;

use super::request::{Queued, Request};
use crate::telemetry::Cause;

#[derive(Debug, Default)]
pub(super) struct Queue {
    by_turn: BTreeMap<u64, Queued>,
    turn_of_object: HashMap<String, u64>,
    next_turn: u64,
}

impl Queue {
    /// Adds a request, or changes the one its object has.
    pub fn put(&mut self, request: Request, now: Instant) {
        if let Some(queued) =
            self.turn_of_object.get(&request.object.uid).and_then(|turn| self.by_turn.get_mut(turn))
        {
            queued.request = request;
            return;
        }
        self.turn_of_object.insert(request.object.uid.clone(), self.next_turn);
        self.by_turn.insert(
            self.next_turn,
            Queued { request, since: now, not_before: now, tries: 0, cause: Cause::here() },
        );
        self.next_turn += 1;
    }

    pub fn of_object(&self, object: &str) -> Option<&Request> {
        self.turn_of_object.get(object).and_then(|turn| self.by_turn.get(turn)).map(|queued| &queued.request)
    }

    pub fn remove(&mut self, object: &str) {
        if let Some(turn) = self.turn_of_object.remove(object) {
            self.by_turn.remove(&turn);
        }
    }

    /// Takes out a request that is still as given: a newer one of the same object stays.
    pub fn remove_exactly(&mut self, request: &Request) {
        if self.of_object(&request.object.uid) == Some(request) {
            self.remove(&request.object.uid);
        }
    }

    /// Lets a request wait, longer with every try.
    pub fn postpone(&mut self, object: &str, now: Instant, first: Duration, last: Duration) {
        if let Some(queued) = self.turn_of_object.get(object).and_then(|turn| self.by_turn.get_mut(turn)) {
            queued.not_before =
                now + first.saturating_mul(2_u32.saturating_pow(queued.tries.min(16))).min(last);
            queued.tries += 1;
        }
    }

    /// In the order they came.
    pub fn iter(&self) -> impl Iterator<Item = &Queued> {
        self.by_turn.values()
    }

    pub fn len(&self) -> usize {
        self.by_turn.len()
    }
}
