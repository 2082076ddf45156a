//! The decision for an invitation that is not being deleted.

use std::time::Duration;

use super::absence::{self, Course};
use super::access;
use super::history::{History, LastAttempt, RefusedAttempt};
use super::input::{Input, Provider, ProviderFacts};
use super::output::{Action, AttemptDraft, Event, Plan, RecordDraft};
use super::owner::Claim;
use super::refusal::{self, Permitted, Verdict};
use super::rehearsal::{self, Rehearsal};
use super::state::{Stamp, State};
use super::{facts, texts, words};
use crate::api::record::AttemptKind;
use crate::api::{
    InvitationState, OnDelete, Origin, ProviderKind, ProviderMode, ProviderRef, Reason, UserInvitationStatus,
};
use crate::tenant::{Sighting, Wish};
use crate::vendor::{Presence, Resend, Standing, TenantKey};

/// Decides about a live invitation.
pub(super) fn plan(input: &Input<'_>) -> Plan {
    let mut draft = Draft::new(input);
    draft.decide();
    draft.finish()
}

/// A decision in the making.
pub(super) struct Draft<'a> {
    pub input: &'a Input<'a>,
    pub status: UserInvitationStatus,
    /// The state to be written, once: a condition that changes twice would lose the time of its transition.
    said: Option<State>,
    pub action: Option<Action>,
    pub events: Vec<Event>,
    /// Why nothing is written, where that is so: only what would be is said.
    rehearsal: Option<Rehearsal>,
    /// What deleting would do is known for the spec as it is.
    on_delete_known: bool,
    /// A look of its own would tell more.
    pub wants_look: bool,
    /// When to decide again although nothing happened.
    pub wake: Option<Duration>,
}

impl<'a> Draft<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        let mut status = input.object.status.clone().unwrap_or_else(UserInvitationStatus::unreconciled);
        facts::note_attempt(&mut status, input);
        Self {
            input,
            status,
            said: None,
            action: None,
            events: Vec::new(),
            rehearsal: rehearsal::why(input),
            on_delete_known: false,
            wants_look: false,
            wake: None,
        }
    }

    fn finish(mut self) -> Plan {
        self.rehearse();
        if let Some(state) = self.said.take() {
            let stamp = self.stamp();
            if self.status.observed_generation != Some(stamp.generation) && !self.on_delete_known {
                // It was said of another spec.
                self.status.on_delete = None;
            }
            state.write(&mut self.status, stamp);
        }
        Plan {
            status: self.status,
            action: self.action,
            events: self.events,
            stuck: false,
            wake: self.wake,
            wants_look: self.wants_look,
        }
    }

    /// Says what would be done, and forgets it, where nothing is written. Where nothing is decided all stays as it was.
    fn rehearse(&mut self) {
        if self.said.is_none() && self.action.is_none() {
            return;
        }
        let Some(rehearsal) = self.rehearsal else {
            self.status.plan = None;
            return;
        };
        let action = self.action.take();
        self.status.plan = action.as_ref().and_then(words::action);
        if matches!(&action, Some(Action::Request { wish: Wish::Invite(_), .. })) {
            self.said = Some(State::Planned { message: rehearsal.message() });
        }
    }

    /// Whether only what would be written is said.
    pub fn rehearses(&self) -> bool {
        self.rehearsal.is_some()
    }

    fn stamp(&self) -> Stamp {
        Stamp {
            now: self.input.now,
            generation: self.input.object.metadata.generation.unwrap_or_default(),
            ready_when: self.input.object.spec.ready_when,
        }
    }

    fn is(&mut self, state: State) {
        self.said = Some(state);
    }

    /// The state as decided so far.
    fn state(&self) -> Option<InvitationState> {
        self.said.as_ref().map(State::name).or(self.status.state)
    }

    /// A state for invitations with which nothing was done yet; the others keep what they have.
    fn is_unless_something_was_done(&mut self, state: State) {
        let untouched = matches!(
            self.state(),
            None | Some(
                InvitationState::Queued
                    | InvitationState::Waiting
                    | InvitationState::Refused
                    | InvitationState::Paused
                    | InvitationState::Planned
            )
        ) && (self.input.recalled.record.is_none()
            || self.input.recalled.history == History::Settled(LastAttempt::Unsent(AttemptKind::Invite)));
        if untouched {
            self.is(state);
        }
    }

    fn decide(&mut self) {
        let input = self.input;
        let provider = match &input.provider {
            Provider::Found(provider) => provider,
            Provider::NotKnown => return,
            Provider::Missing => {
                self.is_unless_something_was_done(without_provider(&input.object.spec.provider_ref));
                return;
            }
            Provider::NotAllowed => {
                self.not_allowed();
                return;
            }
        };
        if let Some(record) = &input.recalled.record
            && let Some(tenant) = provider.tenant
            && !facts::same_tenant(&record.tenant, tenant)
        {
            self.is(State::Conflict { reason: Reason::TenantChanged, message: texts::tenant_changed() });
            return;
        }
        if input.recalled.history == History::Open {
            self.wait_for_settlement();
            return;
        }
        if input.object.spec.suspend || provider.object.spec.mode == ProviderMode::Suspended {
            self.note_on_delete(provider);
            self.is(State::Paused);
            return;
        }
        match input.claim {
            Claim::Owner { .. } => {}
            Claim::Duplicate { of } => {
                self.is(State::Conflict {
                    reason: Reason::DuplicateInvitation,
                    message: texts::duplicate(of.as_deref()),
                });
                return;
            }
            Claim::Heir { record } => {
                self.inherit(record.as_deref(), provider);
                return;
            }
            // Only deleted objects wait for another deleted one.
            Claim::WaitsForOwner => return,
        }
        let permitted = match refusal::check_live(input, provider) {
            Verdict::Permitted(permitted) => permitted,
            Verdict::Refused(refused) => {
                self.note_on_delete(provider);
                self.is(State::Refused { reason: refused.reason, message: refused.message });
                return;
            }
            Verdict::Undecided => {
                self.wait_for_provider();
                return;
            }
        };
        let (Some(tenant), Some(person)) = (provider.tenant, input.person) else {
            self.wait_for_provider();
            return;
        };
        if !person.open.is_empty() {
            // Another object's write for this person, or one of our own that its record does not show (yet):
            // nothing is decided until it is settled.
            return;
        }
        match &person.sighting {
            Some(sighting) => self.decide_on(sighting, &permitted, provider, tenant),
            None if !provider.starts => self.wait_for_provider(),
            None => {}
        }
    }

    /// The namespace may not use the provider (any more). What was called already is still settled.
    fn not_allowed(&mut self) {
        if self.input.recalled.history == History::Open {
            self.wait_for_settlement();
            return;
        }
        self.is(without_permission(&self.input.object.spec.provider_ref));
        self.status.on_delete = self.status.on_delete.map(|_| OnDelete::Keep);
        self.on_delete_known = true;
    }

    fn wait_for_provider(&mut self) {
        if self.input.provider.found().is_some_and(|provider| provider.verifying) {
            return;
        }
        self.is_unless_something_was_done(State::Waiting {
            reason: Reason::ProviderNotReady,
            message: texts::provider_not_ready(&self.input.object.spec.provider_ref),
        });
    }

    /// While a write is open. Its normal course costs no status; an unclear one is said.
    fn wait_for_settlement(&mut self) {
        let attempt = self.input.recalled.attempt();
        let unclear = self.input.person.is_some_and(|person| {
            person
                .open
                .iter()
                .any(|open| open.unclear && attempt.is_some_and(|attempt| attempt.id == open.attempt))
        });
        if unclear && attempt.is_some_and(|attempt| attempt.kind == AttemptKind::Invite) {
            if let Some(record) = &self.input.recalled.record {
                facts::note_record(&mut self.status, record);
            }
            self.is(State::OutcomeUnknown { settling: true });
        }
    }

    /// Takes the person over from an owner that is being deleted: record first, so that the owner may go.
    fn inherit(&mut self, owner: Option<&crate::api::Record>, provider: &ProviderFacts<'_>) {
        let Some(person) = self.input.person.filter(|person| person.open.is_empty()) else { return };
        if self.input.recalled.record.is_some() {
            // The owner may go already; until it has, there is nothing more to write.
            return;
        }
        let sighting = person.sighting.as_ref();
        if let (Some(tenant), Some(presence)) = (provider.tenant, sighting.and_then(Sighting::present)) {
            self.action = Some(Action::Record {
                finalizer: owner.is_some_and(|record| record.origin != Origin::Adopted),
                draft: RecordDraft {
                    tenant: facts::tenant(tenant),
                    origin: owner.map_or(Origin::Adopted, |record| record.origin),
                    vendor_user_id: owner
                        .and_then(|record| record.vendor_user_id.clone())
                        .or_else(|| presence.user_id.clone()),
                    vendor_invitation_id: owner
                        .and_then(|record| record.vendor_invitation_id.clone())
                        .or_else(|| presence.invitation_id.clone()),
                    resend: owner.and_then(|record| record.resend.clone()),
                    attempt: None,
                },
            });
        }
    }

    fn decide_on(
        &mut self,
        sighting: &Sighting,
        permitted: &Permitted,
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        if let Some(presence) = sighting.present() {
            let (presence, ends_in) = facts::by_own_clock(&self.status, presence, provider, self.input.now);
            self.wake = ends_in;
            self.present(&presence, permitted, provider, tenant);
        } else {
            self.absent(sighting, permitted, provider, tenant);
        }
        self.note_on_delete(provider);
        self.hold(provider);
    }

    fn note_on_delete(&mut self, provider: &ProviderFacts<'_>) {
        self.on_delete_known = facts::note_on_delete(&mut self.status, self.input, provider);
    }

    fn present(
        &mut self,
        presence: &Presence,
        permitted: &Permitted,
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        if self.adoption_is_forbidden(provider) {
            self.is(State::Conflict { reason: Reason::UserExists, message: texts::adoption_forbidden() });
            return;
        }
        match &self.input.recalled.history {
            // `Open` never comes here; it waits for its settlement.
            History::Open => return,
            History::Settled(LastAttempt::Unsent(AttemptKind::Invite)) if facts::was_unknown(self.input) => {}
            History::Fresh
            | History::Restored
            | History::Unreadable
            | History::Settled(LastAttempt::InviteRefused(_) | LastAttempt::Unsent(AttemptKind::Invite)) => {
                if !provider.starts {
                    self.wait_for_provider();
                    return;
                }
                if self.has_another_login(presence) {
                    let message = texts::another_login();
                    self.is(State::Conflict { reason: Reason::UserExists, message });
                    return;
                }
                self.adopt(presence, provider, tenant);
                if self.rehearsal.is_none() {
                    return;
                }
                // Nothing is recorded: whoever is there now is who is reported.
                facts::find_person(&mut self.status);
            }
            History::Settled(LastAttempt::Unknown) if !self.differs_from_baseline(presence) => {
                self.is(State::OutcomeUnknown { settling: false });
                return;
            }
            History::Adopted | History::Settled(_) => {}
        }
        facts::note_presence(&mut self.status, self.input, presence);
        if self.input.recalled.attempt().is_none() {
            // Adopted or inherited: what a call of long ago was answered stands no more.
            self.status.last_error = None;
        }
        let state = match presence.standing {
            Standing::Pending => State::Pending,
            Standing::Expired => State::Expired,
            Standing::Member if provider.capabilities.acceptance.is_given() => State::Accepted,
            Standing::Member => State::Provisioned,
            // The last three are never present.
            Standing::Blocked | Standing::Revoked | Standing::Declined | Standing::Redeemed => State::Blocked,
        };
        self.is(state);
        if let History::Settled(LastAttempt::TakingAwayRefused(refused)) = &self.input.recalled.history
            && !refused.is_retried()
        {
            self.failed(refused);
            return;
        }
        let Some(request) = self.resend_request() else {
            self.sync_access(presence, permitted, provider, tenant);
            return;
        };
        let adopted =
            self.input.recalled.record.as_ref().is_none_or(|record| record.origin != Origin::Invited);
        match presence.standing {
            Standing::Pending | Standing::Expired if adopted => {
                self.spend(&request, "the person was invited by somebody else, and is only observed");
            }
            Standing::Pending | Standing::Expired => {
                self.send_again(request, presence, permitted, provider, tenant);
            }
            Standing::Member
            | Standing::Blocked
            | Standing::Revoked
            | Standing::Declined
            | Standing::Redeemed => {
                self.spend(&request, "the person is in the tenant already");
            }
        }
    }

    /// Sends an invitation again that is still there.
    fn send_again(
        &mut self,
        request: String,
        presence: &Presence,
        permitted: &Permitted,
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        match (provider.capabilities.resend, presence.standing) {
            (Resend::Recreate, _) if provider.starts => {
                let target = facts::target(self.input, presence);
                let alone = presence.open_invitations != 1 || target.invitation_id != presence.invitation_id;
                self.request(Wish::Cancel(target), alone, AttemptKind::Cancel, None, provider, tenant);
            }
            (Resend::Recreate, _) => {}
            (Resend::AfterExpiry, Standing::Expired) => {
                self.invite(false, Some(request), permitted, provider, tenant);
            }
            (Resend::AfterExpiry, _) => {
                self.spend(&request, "the invitation can still be used, and this vendor can't take it back");
            }
            (Resend::None, _) => self.spend(&request, "this vendor can't send an invitation again"),
        }
    }

    /// Whether the vendor shows the address under another login name than the declared one: another person's, maybe.
    fn has_another_login(&self, presence: &Presence) -> bool {
        let declared = self.input.object.spec.user_name.as_deref();
        let shown = presence.user_id.as_deref();
        declared.zip(shown).is_some_and(|(declared, shown)| declared.to_lowercase() != shown.to_lowercase())
    }

    fn differs_from_baseline(&self, presence: &Presence) -> bool {
        let baseline = self.input.recalled.attempt().and_then(|attempt| attempt.baseline.as_deref());
        baseline.unwrap_or_default() != presence.fingerprint
    }

    fn absent(
        &mut self,
        sighting: &Sighting,
        permitted: &Permitted,
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        let was_member = self.status.accepted_time.is_some() || !provider.capabilities.acceptance.is_given();
        if self.rehearsal.is_some() && self.input.recalled.record.is_none() {
            facts::forget_person(&mut self.status);
            self.status.accepted_time = None;
        }
        let Some(course) = absence::course(&self.input.recalled.history, sighting, was_member) else {
            return;
        };
        let request = self.resend_request();
        match course {
            Course::Invite { alone } => {
                self.invite(alone, request, permitted, provider, tenant);
            }
            Course::Stands(state) => {
                self.is(state);
                if let Some(request) = request {
                    self.invite(false, Some(request), permitted, provider, tenant);
                }
            }
            Course::Refused(refused) => {
                self.failed(&refused);
                if let Some(request) = request {
                    self.spend(&request, "the vendor refuses this person; change the object or its provider");
                }
            }
        }
    }

    fn invite(
        &mut self,
        alone: bool,
        resend: Option<String>,
        permitted: &Permitted,
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        if !provider.starts {
            self.wait_for_provider();
            return;
        }
        if let Some(trouble) = self.input.password_trouble {
            self.is(State::Refused { reason: Reason::InitialPasswordUnusable, message: trouble.to_owned() });
            return;
        }
        self.queued();
        // An answer that is about the password must be about nobody else.
        let alone = alone || self.input.object.spec.initial_password_secret_ref.is_some();
        let access = access::declared(provider.object.spec.vendor(), &permitted.terms.grants);
        let wish = Wish::Invite(permitted.terms.clone());
        let served = resend.or_else(|| self.served_resend());
        self.request(wish, alone, AttemptKind::Invite, Some((access, served)), provider, tenant);
    }

    /// Waiting in the queue is said only where the last state would be misleading: the first time it costs no
    /// write.
    fn queued(&mut self) {
        let misleading = match self.state() {
            None | Some(InvitationState::Queued) => false,
            Some(InvitationState::OutcomeUnknown) if self.said.is_some() => false,
            Some(InvitationState::OutcomeUnknown) => {
                self.status.conditions.iter().any(|condition| condition.type_ == "Reconciling")
            }
            Some(_) => true,
        };
        if misleading {
            self.is(State::Queued);
        }
    }

    pub fn request(
        &mut self,
        wish: Wish,
        alone: bool,
        kind: AttemptKind,
        granted: Option<(Option<crate::api::Access>, Option<String>)>,
        provider: &ProviderFacts<'_>,
        tenant: &TenantKey,
    ) {
        let (vendor_user_id, vendor_invitation_id) = match &wish {
            Wish::Invite(_) => (None, None),
            Wish::Cancel(target) | Wish::Remove(target) | Wish::Edit(target, _) => {
                (target.user_id.clone(), target.invitation_id.clone())
            }
        };
        // An edit makes nobody somebody else's guest.
        let recorded = self.input.recalled.record.as_ref().map(|record| record.origin);
        let origin = match kind {
            AttemptKind::Edit => recorded.unwrap_or(Origin::Invited),
            AttemptKind::Invite | AttemptKind::Cancel | AttemptKind::Remove | AttemptKind::Other => {
                Origin::Invited
            }
        };
        let (access, resend) = granted.unwrap_or_else(|| (None, self.served_resend()));
        self.action = Some(Action::Request {
            wish,
            alone,
            draft: RecordDraft {
                tenant: facts::tenant(tenant),
                origin,
                vendor_user_id,
                vendor_invitation_id,
                resend,
                attempt: Some(AttemptDraft {
                    kind,
                    access,
                    provider_generation: provider.object.metadata.generation.unwrap_or_default(),
                }),
            },
        });
    }

    fn failed(&mut self, refused: &RefusedAttempt) {
        let (reason, message) = facts::refusal_words(&self.status, refused);
        facts::note_refusal(&mut self.status, refused, self.input.now);
        let state = if refused.is_conflict() || reason == Reason::UserExists {
            State::Conflict { reason: Reason::UserExists, message }
        } else {
            State::Failed { reason, message, retried: refused.is_retried() }
        };
        self.is(state);
    }
}

/// What is said where there is no such provider. Of those of the cluster nobody learns whether they exist.
fn without_provider(reference: &ProviderRef) -> State {
    match reference.kind {
        ProviderKind::InvitationProvider => State::Waiting {
            reason: Reason::ProviderNotFound,
            message: texts::provider_not_found(&reference.name),
        },
        ProviderKind::ClusterInvitationProvider => without_permission(reference),
    }
}

fn without_permission(reference: &ProviderRef) -> State {
    State::Refused {
        reason: Reason::NamespaceNotAllowed,
        message: texts::namespace_not_allowed(&reference.name),
    }
}
