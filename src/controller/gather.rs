//! Collects what a decision about one invitation is made from. Reads stores and the tenant's memory only.

use std::sync::Arc;

use jiff::SignedDuration;

use super::context::{Context, RequestState, now, provider_key};
use super::convert;
use super::ignored::is_served;
use super::named::Named;
use super::provider_state::ProviderState;
use super::store::{Key, Stored};
use crate::api::record::FoundRecord;
use crate::api::{AnyProvider, RECONCILE_REQUESTED_AT, Record, UserInvitation};
use crate::plan::{self, Brake, Claim, Deletion, Input, Plan, Provider, ProviderFacts, Recalled};
use crate::tenant::{PersonView, Question, RecordedAttempt, TenantHealth};
use crate::vendor::{Capabilities, EditCalls, Email, Expiry, Names, Resend, Support, TenantKey};

/// What a vendor can do as long as nobody knows.
const NO_CAPABILITIES: Capabilities = Capabilities {
    max_batch_size: 1,
    exact_read: false,
    cancel_is_remove: true,
    max_cancel_batch: 1,
    max_remove_batch: 1,
    suppress_all: false,
    suppress_known: false,
    cancel: Support::Unsupported,
    remove: Support::Unsupported,
    expiry: Expiry::None,
    acceptance: Support::Supported,
    resend: Resend::None,
    update_access: Support::Unsupported,
    grants: &[],
    most_groups: None,
    access_in_invite: false,
    access_of_pending: false,
    edit_calls: EditCalls::PerGrant,
    logins: false,
    names_required: false,
    initial_passwords: false,
};

/// A decision, and what carrying it out needs.
pub(super) struct Decided {
    pub object: Stored<UserInvitation>,
    pub plan: Plan,
    pub tenant: Option<TenantKey>,
    pub recalled: Recalled,
    pub view: Option<PersonView>,
}

impl Context {
    /// Decides about an invitation as the store shows it. `but_attempt` is an open write that the decision must
    /// not wait for: the one that is just being recorded.
    pub(super) fn decide(&self, key: &Key, but_attempt: Option<&str>) -> Option<Decided> {
        let stored = self.invitations.get(key)?;
        let object = &*stored.object;
        let uid = object.metadata.uid.clone().unwrap_or_default();
        let provider_key = provider_key(object);
        let named = self.provider_of(object);
        let unfound = match &named {
            Named::Missing | Named::Found(_) => Provider::Missing,
            Named::NotAllowed => Provider::NotAllowed,
            Named::NotKnown => Provider::NotKnown,
        };
        let provider = named.found();
        let state = provider
            .as_ref()
            .and_then(|provider| self.state(&provider_key, provider.object.metadata.uid.as_deref()));
        let health = state.as_ref().and_then(|state| self.tenants.health(state.tenant.as_ref()?));
        let known_names = provider
            .as_ref()
            .and_then(|provider| self.names_for(object, &provider.object, state.as_ref()?.tenant.as_ref()?));
        let facts = provider
            .as_ref()
            .map(|provider| facts(&provider.object, state.as_ref(), health.as_ref(), known_names.as_deref()));
        let found = found_record(object);
        // A deletion whose provider is gone still has a tenant to ask: the recorded one.
        let recorded_tenant = match &found {
            FoundRecord::Own(record) => convert::tenant_key(&record.tenant),
            FoundRecord::Absent | FoundRecord::Foreign(_) | FoundRecord::Ignored(_) => None,
        };
        let tenant =
            state.as_ref().and_then(|state| state.tenant.clone()).or_else(|| recorded_tenant.clone());
        let generation = provider.as_ref().and_then(|provider| provider.object.metadata.generation);
        let person = convert::person(&object.spec);

        let before = Recalled::new(object, found.clone(), &[], generation);
        let stale_after = self.settings.engine.abandoned_attempt_age();
        let open = plan::open_attempt(object, &found, now(), stale_after);
        // What was recorded in another tenant can't be settled by looking into this one.
        let looked_into =
            tenant.as_ref().filter(|tenant| recorded_tenant.as_ref().is_none_or(|other| other == *tenant));
        let ask = |known: bool| {
            let open_attempt = open.and_then(|open| {
                Some(RecordedAttempt {
                    id: &open.attempt.id,
                    kind: convert::write_kind(open.attempt.kind)?,
                    baseline: open.attempt.baseline.as_deref().unwrap_or_default(),
                    change: convert::recorded_change(object, open.attempt),
                    stale: open.stale,
                })
            });
            self.tenants.ask(looked_into?, &Question { person: &person, object: &uid, open_attempt, known })
        };
        let known = before.knows_the_person();
        let mut view = ask(known);
        if let (Some(view), Some(attempt)) = (&mut view, but_attempt) {
            view.open.retain(|open| open.attempt != attempt);
        }
        if let (Some(view), Some(provider)) = (&mut view, &provider)
            && !state.as_ref().is_some_and(|state| state.believes(&provider.object, view.sighting.as_ref()))
        {
            view.sighting = None;
        }
        let outcomes = view.as_ref().map(|view| view.outcomes.as_slice()).unwrap_or_default();
        let recalled = Recalled::new(object, found.clone(), outcomes, generation);
        if recalled.knows_the_person() && !known {
            // Only memory knows that the attempt changed nothing: the person is still somebody to be missed.
            ask(true);
        }
        let claim =
            tenant.as_ref().map_or(Claim::Owner { successor: None }, |tenant| self.claim(object, tenant));
        let brake = match &provider {
            Some(provider) if object.metadata.deletion_timestamp.is_some() => {
                self.brake(&stored, &provider.object, &claim)
            }
            Some(_) | None => Brake::Off,
        };
        let served = self.served_reconcile_request(object, &uid, tenant.as_ref(), view.as_ref());
        let stuck = self.stuck().get(&uid).copied();
        let password_trouble = self.password_trouble(object);
        let input = Input {
            now: now(),
            object,
            recalled: &recalled,
            provider: facts.map_or(unfound, Provider::Found),
            claim: &claim,
            person: view.as_ref(),
            deletion: Deletion {
                shown_by_watch: stored.deletion_shown.is_some(),
                brake,
                terminating_after_tries: stuck.filter(|stuck| stuck.terminating).map(|stuck| stuck.tries),
                most_tries: self.settings.engine.terminating_namespace_tries(),
                call_may_last: SignedDuration::try_from(
                    self.settings.engine.send_limit() + self.settings.engine.vendor_timeout(),
                )
                .unwrap_or(SignedDuration::MAX),
            },
            reconcile_request_served: served.as_deref(),
            password_trouble: password_trouble.as_deref(),
        };
        let plan = plan::plan(&input);
        Some(Decided { object: stored, plan, tenant, recalled, view })
    }

    fn served_reconcile_request(
        &self,
        object: &UserInvitation,
        uid: &str,
        tenant: Option<&TenantKey>,
        view: Option<&PersonView>,
    ) -> Option<String> {
        let value = object.metadata.annotations.as_ref()?.get(RECONCILE_REQUESTED_AT)?;
        let handled = object.status.as_ref().and_then(|status| status.last_handled_reconcile_at.as_ref());
        if handled == Some(value) || !is_served(value) {
            return None;
        }
        let (Some(tenant), Some(view)) = (tenant, view) else {
            // There is nobody to look at: having decided again is all that can be done.
            return Some(value.clone());
        };
        match self.reconcile_request_served(uid, value, view.sweeps) {
            RequestState::New => {
                self.tenants.look_for(tenant, Email::new(&object.spec.email).key());
                None
            }
            RequestState::Waiting => None,
            RequestState::Served => Some(value.clone()),
        }
    }

    /// What can be named in the tenant, for an invitation that names something there.
    pub(super) fn names_for(
        &self,
        invitation: &UserInvitation,
        provider: &AnyProvider,
        tenant: &TenantKey,
    ) -> Option<Arc<Names>> {
        let asked = plan::asked_access(&invitation.spec, &provider.spec).unwrap_or_default();
        if asked.is_empty() { None } else { self.tenants.names(tenant) }
    }
}

/// The record on an object.
pub(super) fn found_record(object: &UserInvitation) -> FoundRecord {
    match (&object.metadata.annotations, &object.metadata.uid) {
        (Some(annotations), Some(uid)) => Record::parse(annotations, uid, &object.spec.email),
        (None, _) | (_, None) => FoundRecord::Absent,
    }
}

pub(super) fn facts<'a>(
    provider: &'a AnyProvider,
    state: Option<&'a ProviderState>,
    health: Option<&TenantHealth>,
    names: Option<&'a Names>,
) -> ProviderFacts<'a> {
    // What was verified for an earlier generation says nothing about a credential named since.
    let current = state.is_some_and(|state| state.seen_generation == provider.metadata.generation);
    let terminating = provider.metadata.deletion_timestamp.is_some();
    ProviderFacts {
        object: provider,
        tenant: state.and_then(|state| state.tenant.as_ref()),
        capabilities: state.and_then(|state| state.capabilities).unwrap_or(NO_CAPABILITIES),
        starts: current
            && !terminating
            && state.is_some_and(ProviderState::starts)
            && !health.is_some_and(|health| health.writes_refused),
        has_credential: state.is_some_and(|state| state.client.is_some()),
        verifying: state.is_none_or(|state| state.gets_ready(current)),
        failing: health.is_some_and(|health| health.last_error.is_some()),
        own_login: state.and_then(|state| state.own_login.as_deref()),
        names,
    }
}
