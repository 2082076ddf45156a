//! Access kept as declared: what a member holds against what is asked for, and the one call that mends it.

use std::time::Duration;

use jiff::Timestamp;

use super::access;
use super::history::{History, LastAttempt};
use super::input::ProviderFacts;
use super::live::Draft;
use super::refusal::Permitted;
use super::{facts, texts};
use crate::api::condition::{remove_condition, set_condition};
use crate::api::record::AttemptKind;
use crate::api::{Access, ConditionStatus as Is, ConditionType as Type, ManagementPolicy, Reason};
use crate::tenant::Wish;
use crate::vendor::{AccessChange, Grant, Held, Presence, Standing, TenantKey};

/// What a look says of somebody's access.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Compared {
    /// The person holds what is asked for, and nothing that was granted and is no longer asked for.
    Same,
    /// The look does not show all of it.
    NotShown,
    /// It differs.
    Differs(AccessChange),
}

/// Compares what is asked for, and what was granted before, with what the person is shown to hold. What nobody granted
/// is nobody's to take away.
pub(super) fn compare(asked: &[Grant], granted: &[Grant], held: Option<&Held>, now: Timestamp) -> Compared {
    let Some(held) = held else { return Compared::NotShown };
    // What has ended by itself is not held, and need not be.
    let lasting = |grant: &&Grant| grant.expires.is_none_or(|end| end > now);
    let no_longer = |grant: &&Grant| !asked.iter().any(|other| other.is_same_thing(grant));
    let add: Vec<Grant> =
        asked.iter().filter(lasting).filter(|grant| held.shows(grant) && !held.has(grant)).cloned().collect();
    let remove: Vec<Grant> =
        granted.iter().filter(no_longer).filter(|grant| held.has_something_of(grant)).cloned().collect();
    let change = AccessChange { add, remove };
    if !change.is_empty() {
        Compared::Differs(change)
    } else if asked
        .iter()
        .chain(granted.iter().filter(no_longer))
        .filter(lasting)
        .all(|grant| held.shows(grant))
    {
        Compared::Same
    } else {
        Compared::NotShown
    }
}

impl Draft<'_> {
    /// Compares the access of somebody who is there, says how it is, and asks for the next call that mends it.
    pub fn sync_access(
        &mut self,
        presence: &Presence,
        permitted: &Permitted,
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        let granted = self.granted();
        if permitted.grants.is_empty() && granted.is_empty() {
            remove_condition(&mut self.status.conditions, Type::AccessSynced);
            return;
        }
        let can = &provider.capabilities;
        match presence.standing {
            Standing::Member => {}
            Standing::Pending if can.access_of_pending => {}
            Standing::Pending => {
                self.synced(Is::Unknown, Reason::AwaitingAcceptance, &texts::access_of_pending());
                return;
            }
            Standing::Expired
            | Standing::Blocked
            | Standing::Revoked
            | Standing::Declined
            | Standing::Redeemed => {
                remove_condition(&mut self.status.conditions, Type::AccessSynced);
                return;
            }
        }
        if !can.update_access.is_given() {
            self.synced(Is::Unknown, Reason::UnsupportedByVendor, &texts::access_not_edited_by_vendor());
            return;
        }
        match compare(&permitted.grants, &granted, presence.held.as_ref(), self.input.now) {
            Compared::Same => self.synced(Is::True, Reason::InSync, &texts::access_in_sync()),
            Compared::NotShown => {
                self.wants_look = true;
                self.synced(Is::Unknown, Reason::NotReportedByVendor, &texts::access_not_shown());
            }
            Compared::Differs(change) => self.mend(presence, &change, &granted, provider, tenant),
        }
    }

    /// What this object granted, as far as it is remembered.
    fn granted(&self) -> Vec<Grant> {
        self.status.applied_access.as_ref().map(Access::grants).unwrap_or_default()
    }

    fn mend(
        &mut self,
        presence: &Presence,
        change: &AccessChange,
        granted: &[Grant],
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        if !self.may_edit(provider) {
            self.synced(Is::False, Reason::OutOfSync, &texts::access_only_observed());
            return;
        }
        if let History::Settled(LastAttempt::EditRefused(refused)) = &self.input.recalled.history
            && !refused.is_retried()
        {
            facts::note_refusal(&mut self.status, refused, self.input.now);
            let (reason, message) = facts::refusal_words(&self.status, refused);
            self.synced(Is::False, reason, &message);
            return;
        }
        self.synced(Is::False, Reason::OutOfSync, &texts::access_is_mended());
        if !provider.starts {
            return;
        }
        if self.has_news() {
            self.wake = Some(Duration::ZERO);
            return;
        }
        let step = provider.capabilities.edit_calls.next(change);
        let mut after: Vec<Grant> = granted
            .iter()
            .filter(|grant| !step.remove.iter().chain(&step.add).any(|other| other.is_same_thing(grant)))
            .cloned()
            .chain(step.add.iter().cloned())
            .collect();
        after.sort_unstable();
        let access = access::declared(provider.object.spec.vendor(), &after);
        let served = self.served_resend();
        let wish = Wish::Edit(facts::target(self.input, presence), step);
        self.request(wish, true, AttemptKind::Edit, Some((access, served)), provider, tenant);
    }

    /// Whether this decision is the first to say what became of the attempt before. That is written before the next one is
    /// recorded: the record holds one attempt, and what it granted and when would be forgotten.
    fn has_news(&self) -> bool {
        let written = self.input.object.status.as_ref().and_then(|status| status.attempt.as_ref());
        self.status.attempt.as_ref() != written
    }

    fn may_edit(&self, provider: &ProviderFacts<'_>) -> bool {
        match self.input.object.spec.management_policy {
            ManagementPolicy::Manage | ManagementPolicy::Observe => self.manages(provider),
            ManagementPolicy::InviteOnly => false,
        }
    }

    fn synced(&mut self, is: Is, reason: Reason, message: &str) {
        let (now, generation) = (self.input.now, self.input.object.metadata.generation.unwrap_or_default());
        set_condition(&mut self.status.conditions, Type::AccessSynced, is, reason, message, now, generation);
    }
}
