//! The tenant's people as the last fitting sweep showed them, and whether a new sweep can be believed.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::vendor::Presence;

/// Everybody, from one complete and fitting sweep.
#[derive(Debug)]
pub(super) struct Picture {
    pub begun: Instant,
    pub people: HashMap<String, Presence>,
}

/// What a new complete sweep is worth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fit {
    /// It can replace the picture.
    Fits,
    /// Too many known people are missing from it.
    PeopleMissing {
        /// Who, in order.
        missing: Vec<String>,
    },
}

/// Compares a complete sweep with the last fitting one. People with an open cancel or remove are expected to go
/// and don't count.
pub(super) fn fit(
    before: Option<&Picture>,
    now: &HashMap<String, Presence>,
    leaving: impl Fn(&str) -> bool,
) -> Fit {
    let Some(before) = before else { return Fit::Fits };
    let known =
        before.people.iter().filter(|(key, presence)| presence.standing.is_present() && !leaving(key));
    let mut total = 0_usize;
    let mut missing: Vec<String> = Vec::new();
    for (key, _) in known {
        total += 1;
        if !now.get(key).is_some_and(|presence| presence.standing.is_present()) {
            missing.push(key.clone());
        }
    }
    missing.sort_unstable();
    if missing.len() > 5.max(total / 10) { Fit::PeopleMissing { missing } } else { Fit::Fits }
}

/// The people whose picture changed between two sweeps.
pub(super) fn changed(before: &HashMap<String, Presence>, now: &HashMap<String, Presence>) -> Vec<String> {
    let gone = before.keys().filter(|key| !now.contains_key(*key));
    let new_or_other =
        now.iter().filter(|(key, presence)| before.get(*key) != Some(presence)).map(|(key, _)| key);
    gone.chain(new_or_other).cloned().collect()
}
