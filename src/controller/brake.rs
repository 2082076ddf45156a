//! The brake on mass removal, seen from the controller: deletions are counted in the stores, and what follows
//! stands in the provider's status before anything acts on it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kube::ResourceExt;
use rand::Rng;
use tokio::time::Instant;
use tracing::info;

use super::context::{Context, Work, by_person, now, provider_key};
use super::convert;
use super::gather::found_record;
use super::store::{Key, Stored};
use crate::api::{
    AnyProvider, FoundRecord, ProviderStatus, REMOVALS_APPROVED, Reason, RemovalsHeld, UserInvitation,
};
use crate::plan::{
    Brake, BrakeRules, BrakeSays, BrakeState, Claim, Event, EventKind, Removal, counts_as_removal,
};
use crate::vendor::Email;

/// When it is tried again to count.
const COUNT_AGAIN: Duration = Duration::from_secs(1);

/// Holds that do not stand in the provider's status yet, by the provider's uid.
#[derive(Debug, Default)]
pub(super) struct Holds(Mutex<HashMap<String, String>>);

impl Holds {
    fn ids(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a hold, unless one has begun already, or `is_written` by now: whoever counted may have read an older status,
    /// and a second hold would take away what an approval of the first one names.
    fn begin(&self, provider: &str, id: &str, is_written: impl FnOnce() -> bool) -> bool {
        let mut ids = self.ids();
        let new = !ids.contains_key(provider) && !is_written();
        if new {
            ids.insert(provider.to_owned(), id.to_owned());
        }
        new
    }

    /// Forgets a hold that stands in the status, or has come to its end.
    fn forget(&self, provider: &str, id: &str) {
        let mut ids = self.ids();
        if ids.get(provider).is_some_and(|known| known == id) {
            ids.remove(provider);
        }
    }
}

/// The index entry of a provider's deletions that count.
pub(super) fn by_removals(provider: &Key) -> String {
    format!("removals {provider}")
}

/// The index entry of an invitation whose deletion counts.
pub(super) fn removal_entry(invitation: &UserInvitation) -> Option<String> {
    let deleted = invitation.metadata.deletion_timestamp.is_some();
    (deleted && counts_as_removal(invitation, &found_record(invitation)))
        .then(|| by_removals(&provider_key(invitation)))
}

/// An id that no other hold has.
fn hold_id() -> String {
    format!("{:012x}", rand::rng().random::<u64>() >> 16)
}

fn rules<'a>(provider: &'a AnyProvider, next_id: &'a str) -> BrakeRules<'a> {
    BrakeRules {
        above: usize::try_from(provider.spec.policy.removals_held_above).unwrap_or_default(),
        approval: provider.annotations().get(REMOVALS_APPROVED).map(String::as_str),
        now: now(),
        next_id,
    }
}

impl Context {
    /// Where a provider's brake stands: in its status, or, until that is written, in memory.
    fn brake_state(&self, provider: &AnyProvider) -> BrakeState {
        let status = provider.status.as_ref();
        let mut state = BrakeState {
            held: status.and_then(|status| status.removals_held.clone()),
            released: status.map(|status| status.released_namespaces.clone()).unwrap_or_default(),
        };
        let begun = self.holds.ids().get(&provider.uid().unwrap_or_default()).cloned();
        if let Some(id) = begun
            && state.held.as_ref().is_none_or(|held| held.id != id)
        {
            state.held = Some(RemovalsHeld { id, count: 0, approved_time: None });
        }
        state
    }

    /// What the brake means for one deletion.
    pub(super) fn brake(
        &self,
        stored: &Stored<UserInvitation>,
        provider: &AnyProvider,
        claim: &Claim,
    ) -> Brake {
        if *claim != (Claim::Owner { successor: None }) {
            // It makes no call, whatever the brake says.
            return Brake::Off;
        }
        let counts = counts_as_removal(&stored.object, &found_record(&stored.object));
        let Some((removal, seen)) = counts.then(|| self.removal(stored)).flatten() else {
            return Brake::Uncounted;
        };
        let state = self.brake_state(provider);
        match state.says(&removal) {
            BrakeSays::LetGo => return Brake::LetGo,
            BrakeSays::Held => return Brake::Held,
            BrakeSays::Approved => {}
            BrakeSays::Count => match self.count(provider, &state, &removal) {
                Brake::Off => {}
                brake => return brake,
            },
        }
        let left = self.settings.engine.deletion_delay().saturating_sub(seen.elapsed());
        if left.is_zero() { Brake::Off } else { Brake::Waits(left) }
    }

    /// Counts the provider's deletions. Too many begin a hold here and now; the status follows.
    fn count(&self, provider: &AnyProvider, state: &BrakeState, removal: &Removal) -> Brake {
        let key = Key::of(provider);
        let Some(removals) = self.removals(&key) else { return Brake::Uncounted };
        let id = hold_id();
        let rules = rules(provider, &id);
        let next = state.next(&removals, &rules);
        if next.released.contains(&removal.namespace) || next.lacks_room(&removals, removal, rules.above) {
            // Nothing is let go before the status says so.
            self.requests.now(Work::Provider(key));
            return Brake::Uncounted;
        }
        if next.held.is_some_and(|held| held.id == id) {
            // A hold is in the store before memory forgets it.
            let is_written = || self.providers.get(&key).is_some_and(|stored| is_held(&stored.object));
            if self.holds.begin(&provider.uid().unwrap_or_default(), &id, is_written) {
                self.requests.now(Work::Provider(key));
            }
            return Brake::Held;
        }
        Brake::Off
    }

    /// The provider's deletions that count; `None`: not known yet.
    fn removals(&self, provider: &Key) -> Option<Vec<Removal>> {
        let counted = self.invitations.indexed(&by_removals(provider));
        let owed = counted.iter().filter(|stored| self.has_no_heir(&stored.object));
        owed.map(|stored| Some(self.removal(stored)?.0)).collect()
    }

    /// Nobody else takes the person over, so that the vendor would be called.
    fn has_no_heir(&self, object: &UserInvitation) -> bool {
        if self.invitations.count(&by_person(Email::new(&object.spec.email).key())) < 2 {
            return true;
        }
        let tenant = match found_record(object) {
            FoundRecord::Own(record) => convert::tenant_key(&record.tenant),
            FoundRecord::Absent | FoundRecord::Foreign(_) | FoundRecord::Ignored(_) => None,
        };
        tenant.is_none_or(|tenant| self.claim(object, &tenant) == (Claim::Owner { successor: None }))
    }

    /// One deletion, and when it was first seen; `None`: the watch has not shown it, or nobody knows yet whether its
    /// namespace is being deleted.
    fn removal(&self, stored: &Stored<UserInvitation>) -> Option<(Removal, Instant)> {
        let seen = stored.deletion_shown?;
        let namespace = stored.object.namespace().unwrap_or_default();
        let leaving = self.namespaces.leaves(&namespace, seen)?;
        let requested = stored.object.metadata.deletion_timestamp.as_ref()?.0;
        Some((Removal { namespace, requested, leaving }, seen))
    }

    /// Moves the brake in a status that is about to be written.
    pub(super) fn move_brake(&self, provider: &AnyProvider, status: &mut ProviderStatus) -> BrakeMove {
        let begun = self.holds.ids().get(&provider.uid().unwrap_or_default()).cloned();
        let before = self.brake_state(provider);
        let Some(removals) = self.removals(&Key::of(provider)) else {
            return BrakeMove { again: Some(COUNT_AGAIN), ..BrakeMove::default() };
        };
        let id = hold_id();
        let next = before.next(&removals, &rules(provider, &id));
        let (was, is) = (phase(status.removals_held.as_ref()), phase(next.held.as_ref()));
        let moved = BrakeMove {
            again: None,
            event: if was == is { None } else { event(next.held.as_ref()) },
            ends: begun,
            wakes: was != is || status.released_namespaces != next.released,
            counts: was == is && status.removals_held != next.held,
        };
        status.removals_held = next.held;
        status.released_namespaces = next.released;
        moved
    }

    /// What follows once the moved brake stands in the status.
    pub(super) async fn brake_moved(&self, provider: &AnyProvider, moved: &BrakeMove) {
        if let Some(id) = &moved.ends {
            self.holds.forget(&provider.uid().unwrap_or_default(), id);
        }
        if let Some(event) = &moved.event {
            info!(provider = %Key::of(provider), reason = event.reason, "the brake on removals moved");
            if event.kind == EventKind::Warning {
                self.metrics.removals_held();
            }
            self.writer.event(provider, event).await;
        }
        if moved.wakes {
            for key in self.invitations.keys(&by_removals(&Key::of(provider))) {
                self.requests.now(Work::Invitation(key));
            }
        }
    }
}

/// Whether a hold stands in the provider's status.
fn is_held(provider: &AnyProvider) -> bool {
    provider.status.as_ref().is_some_and(|status| status.removals_held.is_some())
}

/// How a provider's brake moved.
#[derive(Debug, Default)]
pub(super) struct BrakeMove {
    /// It could not be told yet; when to try again.
    pub again: Option<Duration>,
    /// What people should hear of.
    pub event: Option<Event>,
    /// The hold in memory that now stands in the status, or has come to its end.
    ends: Option<String>,
    /// The deletions have something new to decide on.
    wakes: bool,
    /// Only the number of deletions changed.
    pub counts: bool,
}

/// What a hold means for its deletions.
fn phase(hold: Option<&RemovalsHeld>) -> Option<(&str, bool)> {
    hold.map(|hold| (hold.id.as_str(), hold.approved_time.is_some()))
}

/// Without the hold's id: Kubernetes may count a later event of that reason as the same one.
fn event(hold: Option<&RemovalsHeld>) -> Option<Event> {
    let hold = hold?;
    Some(match hold.approved_time {
        None => Event::warning(
            Reason::RemovalsHeld,
            "more deletions owe a call to the vendor than policy.removalsHeldAbove, so none is made before somebody \
             approves: the condition RemovalsHeld has the command",
        ),
        Some(_) => Event::normal(Reason::RemovalsApproved, "the removals that were held go on, as approved"),
    })
}

/// What the condition says: the exact command that lets the removals go on.
pub(super) fn held_message(provider: &AnyProvider, hold: &str) -> String {
    let place = provider.namespace().map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    format!(
        "more deletions owe a call than policy.removalsHeldAbove, so none is made; if all of them are meant: \
         kubectl annotate {} {}{place} {REMOVALS_APPROVED}={hold} --overwrite",
        provider.provider_kind().short_name(),
        provider.name_any(),
    )
}

#[cfg(test)]
mod tests;
