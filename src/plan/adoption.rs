//! People who were in the tenant before somebody declared them: what the provider's policy makes of them.

use super::facts;
use super::history::{History, LastAttempt};
use super::input::ProviderFacts;
use super::live::Draft;
use super::output::{Action, RecordDraft};
use super::owed::{Owed, has_finalizer};
use crate::api::record::AttemptKind;
use crate::api::{Adoption, ManagementPolicy, OnDelete, Origin};
use crate::vendor::{Presence, TenantKey};

impl Draft<'_> {
    /// Whether somebody who is there may not be taken over. Whoever only observes takes nobody over.
    pub fn adoption_is_forbidden(&self, provider: &ProviderFacts<'_>) -> bool {
        let forbidden = provider.object.spec.policy.adoption == Adoption::Forbid;
        let observes = self.input.object.spec.management_policy == ManagementPolicy::Observe;
        forbidden && !observes && self.was_there_before()
    }

    /// Whether the access of this person is this object's affair.
    pub fn manages(&self, provider: &ProviderFacts<'_>) -> bool {
        match facts::origin(self.input) {
            Origin::Invited => true,
            Origin::Adopted => provider.object.spec.policy.adoption == Adoption::Manage,
            Origin::Other => false,
        }
    }

    /// Whether somebody who is there came in without this object.
    fn was_there_before(&self) -> bool {
        match &self.input.recalled.history {
            History::Fresh
            | History::Restored
            | History::Unreadable
            | History::Adopted
            | History::Settled(LastAttempt::InviteRefused(_)) => true,
            History::Settled(LastAttempt::Unsent(AttemptKind::Invite)) => !facts::was_unknown(self.input),
            History::Open | History::Settled(_) => {
                self.input.recalled.record.as_ref().is_some_and(|record| record.origin == Origin::Adopted)
            }
        }
    }

    /// The person was there before: remembered in a record, so that losing the status never invites again.
    pub fn adopt(&mut self, presence: &Presence, provider: &ProviderFacts<'_>, tenant: &TenantKey) {
        self.action = Some(Action::Record {
            finalizer: match facts::owed_for(self.input, Origin::Adopted, presence, provider) {
                Owed::Cancel | Owed::Remove => true,
                Owed::Nothing | Owed::Unsupported => false,
            },
            draft: RecordDraft {
                tenant: facts::tenant(tenant),
                origin: Origin::Adopted,
                vendor_user_id: presence.user_id.clone(),
                vendor_invitation_id: presence.invitation_id.clone(),
                resend: self.input.recalled.record.as_ref().and_then(|record| record.resend.clone()),
                attempt: None,
            },
        });
    }

    /// Since policy or object have changed, deleting the object would call the vendor for somebody who was there before:
    /// from now on the object is held.
    pub fn hold(&mut self, provider: &ProviderFacts<'_>) {
        let owes = matches!(self.status.on_delete, Some(OnDelete::Revoke | OnDelete::Remove));
        let held = has_finalizer(self.input.object);
        if !owes || held || !provider.starts || self.rehearses() || self.action.is_some() {
            return;
        }
        // Only an intent writes a record with an attempt, and brings the finalizer with it.
        let record = self.input.recalled.record.as_ref().filter(|record| record.attempt.is_none());
        self.action = record.map(|record| Action::Record {
            finalizer: true,
            draft: RecordDraft {
                tenant: record.tenant.clone(),
                origin: record.origin,
                vendor_user_id: record.vendor_user_id.clone(),
                vendor_invitation_id: record.vendor_invitation_id.clone(),
                resend: record.resend.clone(),
                attempt: None,
            },
        });
    }
}
