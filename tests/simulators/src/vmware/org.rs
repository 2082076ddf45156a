//! One organization: its people, its credentials, and requests that are accepted but not yet done.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
};

use serde_json::Value;

use super::{
    access::Access,
    effects,
    invite::InviteOrder,
    knobs::{UsernameCase, VmwareKnobs},
    persons,
};
use crate::{
    clock::{Clock, lock},
    control::ControlError,
    credentials::{self, Credential, CredentialChange},
    history::Lagged,
    limits::LimitStyle,
    people::{Person, PersonAction, SpecialPeople},
    table::{Row, Table},
    vendor::{Tenant, TenantId},
    world::World,
};

/// Status of an invitation. B3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Available,
    Redeemed,
    Revoked,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Available => "AVAILABLE",
            Self::Redeemed => "REDEEMED",
            Self::Revoked => "REVOKED",
        }
    }
}

/// One invitation; rows are never deleted. B3.2.
#[derive(Debug, Clone)]
pub(super) struct Invitation {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) written: String,
    pub(super) status: Status,
    pub(super) generated_at: u64,
    pub(super) generated_by: String,
    pub(super) invited_by: String,
    pub(super) expires_at: u64,
    pub(super) redeemed_at: u64,
    pub(super) revoked_at: u64,
    pub(super) revoked_by: Option<String>,
    pub(super) access: Access,
}

impl Invitation {
    /// AVAILABLE and in time. B3.2: past its time it stays AVAILABLE in the data, unusable.
    pub(super) fn is_open(&self, now: u64) -> bool {
        self.status == Status::Available && self.expires_at > now
    }
}

impl Row for Invitation {
    fn id(&self) -> &str {
        &self.id
    }
    fn email(&self) -> &str {
        &self.email
    }
}

/// One member.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub(super) user_id: String,
    pub(super) email: String,
    pub(super) written: String,
    pub(super) access: Access,
}

impl Row for Member {
    fn id(&self) -> &str {
        &self.user_id
    }
    fn email(&self) -> &str {
        &self.email
    }
}

/// Members and invitations.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    pub(super) members: Table<Member>,
    pub(super) invitations: Table<Invitation>,
}

/// A request answered with 202 and not yet done. B3.1.
#[derive(Debug, Clone)]
pub(super) struct Pending {
    /// Real time at which it takes effect.
    pub(super) due: u64,
    pub(super) operation: u64,
    pub(super) task: Task,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub(super) enum Task {
    Invite(Box<InviteOrder>),
    Revoke { emails: Vec<String>, by: String },
}

/// A group of the organization.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
}

/// All that is in an organization.
#[derive(Clone)]
pub(super) struct State {
    /// When it was made, together with its credentials.
    pub(super) created: u64,
    pub(super) name: String,
    pub(super) knobs: VmwareKnobs,
    pub(super) credentials: Vec<Credential>,
    pub(super) special: SpecialPeople,
    pub(super) people: Lagged<People>,
    pub(super) pending: VecDeque<Pending>,
    pub(super) groups: Vec<Group>,
    pub(super) custom_roles: Vec<String>,
}

impl State {
    /// The people, for a change at real time `now`.
    pub(super) fn people_mut(&mut self) -> &mut People {
        let keep = self.knobs.list_lag_milliseconds.max(self.knobs.read_lag_milliseconds);
        self.people.write(Clock::real(), keep)
    }

    /// The people as lists show them.
    pub(super) fn listed(&self) -> &People {
        self.people.read(Clock::real(), self.knobs.list_lag_milliseconds)
    }

    /// The people as reads of one of them show them.
    pub(super) fn read(&self) -> &People {
        self.people.read(Clock::real(), self.knobs.read_lag_milliseconds)
    }

    /// How an address is shown.
    pub(super) fn shown(&self, written: &str) -> String {
        match self.knobs.username_case {
            UsernameCase::AsWritten => written.to_owned(),
            UsernameCase::Lower => written.to_lowercase(),
            UsernameCase::Mixed => {
                let alternate = |(at, c): (usize, char)| if at % 2 == 0 { c.to_ascii_uppercase() } else { c };
                written.to_lowercase().chars().enumerate().map(alternate).collect()
            }
        }
    }

    /// Does every accepted request whose time has come, in the order of arrival.
    pub(super) fn settle(&mut self, world: &World, tenant: &TenantId) {
        let now = Clock::real();
        while self.pending.front().is_some_and(|pending| pending.due <= now) {
            let Some(pending) = self.pending.pop_front() else { return };
            match pending.task {
                Task::Invite(order) => effects::apply(self, world, tenant, &order, pending.operation),
                Task::Revoke { emails, by } => {
                    let at = world.clock.vendor();
                    for email in emails {
                        self.revoke(&email, &by, at);
                    }
                }
            }
        }
    }

    /// Revokes every AVAILABLE invitation of an address.
    pub(super) fn revoke(&mut self, email: &str, by: &str, now: u64) {
        let ids = self.people.current().invitations.ids_of(email);
        for id in ids {
            self.revoke_one(&id, by, now);
        }
    }

    /// Revokes one invitation if it is AVAILABLE.
    pub(super) fn revoke_one(&mut self, id: &str, by: &str, now: u64) -> bool {
        let available =
            self.people.current().invitations.get(id).is_some_and(|row| row.status == Status::Available);
        if available && let Some(row) = self.people_mut().invitations.get_mut(id) {
            row.status = Status::Revoked;
            row.revoked_at = now;
            row.revoked_by = Some(by.to_owned());
        }
        available
    }

    /// The number of owners.
    pub(super) fn owners(&self) -> usize {
        self.people.current().members.iter().filter(|member| member.access.is_owner()).count()
    }
}

/// An organization.
pub(crate) struct Org {
    id: TenantId,
    state: Mutex<State>,
}

impl Org {
    pub(super) fn new(id: String, state: State) -> Self {
        Self { id: TenantId::vmware(id), state: Mutex::new(state) }
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

impl Tenant for Org {
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
