//! One platform: its users, organizations and credentials, and invites that are accepted but not yet done.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use serde_json::Value;

use super::{
    catalogue::{AppXiteIdentityProvider, AppXiteRole},
    effects,
    invite::Invitee,
    knobs::AppXiteKnobs,
    persons,
};
use crate::{
    clock::{Clock, lock},
    control::ControlError,
    credentials::{self, Credential, CredentialChange, Secret},
    history::Lagged,
    limits::LimitStyle,
    people::{Person, PersonAction, SpecialPeople},
    table::{Row, Table},
    vendor::{Tenant, TenantId},
    world::World,
};

/// An invitation is valid this long. 1.2.4.
pub(super) const VALID: u64 = 7 * 24 * 60 * 60 * 1000;

/// The account state. 1.2.4; what becomes of who rejects is unknown (1.3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AccountState {
    New,
    Active,
    Blocked,
    Rejected,
}

/// A role in an organization. 1.2.4: permissions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Permission {
    pub(super) organization: String,
    /// The role's id, if one was named.
    pub(super) group: Option<String>,
}

/// One user.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) written: String,
    pub(super) names: [Option<String>; 2],
    pub(super) state: AccountState,
    /// `createdDate`.
    pub(super) created: u64,
    /// When the last invitation was sent.
    pub(super) invited: u64,
    pub(super) permissions: Vec<Permission>,
}

impl Row for User {
    fn id(&self) -> &str {
        &self.id
    }
    fn email(&self) -> &str {
        &self.email
    }
}

impl User {
    /// New, and too late to accept. 1.2.4.
    pub(super) fn is_expired(&self, now: u64) -> bool {
        self.state == AccountState::New && now >= self.invited + VALID
    }

    /// Whether an invitation would find the person there. 1.2.4: after expiry a new one must be sent.
    pub(super) fn exists(&self, now: u64) -> bool {
        self.state != AccountState::Rejected && !self.is_expired(now)
    }

    /// Adds what is not held yet.
    pub(super) fn allow(&mut self, permissions: &[Permission]) {
        let new = permissions.iter().filter(|permission| !self.permissions.contains(permission));
        let new: Vec<Permission> = new.cloned().collect();
        self.permissions.extend(new);
    }
}

/// An invite that was answered and has not taken effect yet.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    /// Real time at which it does.
    pub(super) due: u64,
    pub(super) operation: u64,
    pub(super) invitees: Vec<Invitee>,
}

/// All that is in a platform.
#[derive(Clone)]
pub(super) struct State {
    pub(super) knobs: AppXiteKnobs,
    pub(super) credentials: Vec<Credential>,
    pub(super) special: SpecialPeople,
    pub(super) users: Lagged<Table<User>>,
    pub(super) pending: VecDeque<Pending>,
    pub(super) organizations: Vec<String>,
    pub(super) roles: Vec<AppXiteRole>,
    pub(super) providers: Vec<AppXiteIdentityProvider>,
}

impl State {
    /// The users, for a change now.
    pub(super) fn users_mut(&mut self) -> &mut Table<User> {
        self.users.write(Clock::real(), self.knobs.list_lag_milliseconds)
    }

    /// The user with an address.
    pub(super) fn user(&self, email: &str) -> Option<&User> {
        self.users.current().of(email).next_back()
    }

    /// An organization by its id. 1.2.1: ids are GUIDs, so their case means nothing.
    pub(super) fn organization(&self, id: &str) -> Option<String> {
        self.organizations.iter().find(|known| known.eq_ignore_ascii_case(id)).cloned()
    }

    /// Whether a subscription key works.
    pub(super) fn has_key(&self, key: &str) -> bool {
        self.credentials.iter().any(|credential| {
            matches!(&credential.secret, Secret::SubscriptionKey { subscription_key } if subscription_key == key)
        })
    }

    /// Does every answered invite whose time has come, in the order of arrival.
    pub(super) fn settle(&mut self, world: &World, tenant: &TenantId) {
        let now = Clock::real();
        while self.pending.front().is_some_and(|pending| pending.due <= now) {
            let Some(pending) = self.pending.pop_front() else { return };
            effects::apply(self, world, tenant, &pending);
        }
    }
}

/// A platform.
pub(crate) struct Platform {
    id: TenantId,
    state: Mutex<State>,
}

impl Platform {
    pub(super) fn new(id: String, state: State) -> Self {
        Self { id: TenantId::appxite(id), state: Mutex::new(state) }
    }

    /// The state as it is now, with everything done that is due.
    pub(super) fn settled(&self, world: &World) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        state.settle(world, &self.id);
        state
    }

    /// The state, whatever is due.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.id
    }
}

impl Tenant for Platform {
    fn id(&self) -> TenantId {
        self.id.clone()
    }

    fn settle(&self, world: &World) {
        drop(self.settled(world));
    }

    fn people(&self, world: &World) -> Vec<Person> {
        persons::list(&self.settled(world), world.clock.vendor())
    }

    fn act(&self, world: &World, email: &str, action: &PersonAction) -> Result<(), ControlError> {
        persons::act(&mut self.settled(world), world, &self.id, email, action)
    }

    fn knobs(&self) -> Result<Value, ControlError> {
        Ok(serde_json::to_value(&self.state().knobs)?)
    }

    fn replace_knobs(&self, knobs: Value) -> Result<(), ControlError> {
        self.state().knobs = serde_json::from_value(knobs)?;
        Ok(())
    }

    fn change_credential(&self, change: CredentialChange) -> Result<(), ControlError> {
        credentials::change(&mut self.state().credentials, change)
    }

    fn credential_keys(&self) -> Vec<String> {
        self.state().credentials.iter().map(|credential| credential.secret.key().to_owned()).collect()
    }

    fn limit_style(&self) -> LimitStyle {
        let state = self.state();
        LimitStyle { headers: state.knobs.rate_headers, retry_after: state.knobs.retry_after }
    }
}
