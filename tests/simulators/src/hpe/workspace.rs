//! One workspace: its users and their role assignments, and its credentials.

use std::sync::{Mutex, MutexGuard};

use serde_json::Value;

use super::{assignments::Assignment, knobs::HpeKnobs, persons};
use crate::{
    clock::{Clock, lock},
    control::ControlError,
    credentials::{self, Credential, CredentialChange},
    history::Lagged,
    limits::LimitStyle,
    people::{Person, PersonAction, SpecialPeople},
    table::{Row, Table},
    text::{normal, random_uuid},
    vendor::{Tenant, TenantId},
    world::World,
};

/// `userStatus`. A3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Unverified,
    Verified,
    Blocked,
    Suspended,
    DeleteInProgress,
    Deleted,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Unverified => "UNVERIFIED",
            Self::Verified => "VERIFIED",
            Self::Blocked => "BLOCKED",
            Self::Suspended => "SUSPENDED",
            Self::DeleteInProgress => "DELETE_IN_PROGRESS",
            Self::Deleted => "DELETED",
        }
    }
}

/// One user row.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) username: String,
    pub(super) status: Status,
    pub(super) generation: u64,
    pub(super) created: u64,
    pub(super) updated: u64,
    pub(super) last_login: Option<u64>,
    pub(super) language: String,
    pub(super) idle_timeout: u64,
    /// Real time at which `DELETE_IN_PROGRESS` ends.
    pub(super) gone_at: u64,
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
    pub(super) fn new(email: &str, status: Status, lower: bool, now: u64) -> Self {
        Self {
            id: random_uuid(),
            email: normal(email),
            username: if lower { normal(email) } else { email.trim().to_owned() },
            status,
            generation: 1,
            created: now,
            updated: now,
            last_login: None,
            language: "en".to_owned(), // A3.4: defaults.
            idle_timeout: 1800,
            gone_at: 0,
        }
    }

    pub(super) fn change(&mut self, status: Status, now: u64) {
        self.status = status;
        self.generation += 1;
        self.updated = now;
    }
}

/// All that is in a workspace.
#[derive(Clone)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) knobs: HpeKnobs,
    pub(super) credentials: Vec<Credential>,
    pub(super) special: SpecialPeople,
    pub(super) users: Lagged<Table<User>>,
    /// Ids of users that are `DELETE_IN_PROGRESS`.
    pub(super) leaving: Vec<String>,
    pub(super) assignments: Vec<Assignment>,
    pub(super) created: u64,
}

impl State {
    /// The users, for a change now.
    pub(super) fn users_mut(&mut self) -> &mut Table<User> {
        let keep = self.knobs.list_lag_milliseconds.max(self.knobs.read_lag_milliseconds);
        self.users.write(Clock::real(), keep)
    }

    /// The row of an address that is not DELETED.
    pub(super) fn row(&self, email: &str) -> Option<&User> {
        self.users.current().of(email).rfind(|user| user.status != Status::Deleted)
    }

    /// Ends the deletions whose time has come.
    pub(super) fn settle(&mut self) {
        let now = Clock::real();
        for id in std::mem::take(&mut self.leaving) {
            let due = self.users.current().get(&id).is_some_and(|user| user.gone_at <= now);
            if due { self.end(&id) } else { self.leaving.push(id) }
        }
    }

    /// Removes a user. A3.3; A6: the intermediate states are an inference.
    pub(super) fn delete(&mut self, id: &str, now: u64) {
        self.assignments.retain(|assignment| assignment.user != undashed(id));
        if let Some(user) = self.users.current().get(id)
            && matches!(user.status, Status::Verified | Status::Blocked | Status::Suspended)
        {
            self.special.accounts.insert(user.email.clone()); // The account outlives the membership.
        }
        let wait = self.knobs.delete_in_progress_milliseconds;
        if wait == 0 {
            return self.end(id);
        }
        if let Some(user) = self.users_mut().get_mut(id) {
            user.change(Status::DeleteInProgress, now);
            user.gone_at = Clock::real() + wait;
            self.leaving.push(id.to_owned());
        }
    }

    fn end(&mut self, id: &str) {
        if !self.knobs.list_deleted {
            self.users_mut().remove(id);
        } else if let Some(user) = self.users_mut().get_mut(id) {
            user.status = Status::Deleted;
        }
    }
}

/// An id as principals show it. A4.
pub(super) fn undashed(id: &str) -> String {
    id.replace('-', "")
}

/// A workspace.
pub(crate) struct Workspace {
    id: TenantId,
    state: Mutex<State>,
}

impl Workspace {
    pub(super) fn new(id: String, state: State) -> Self {
        Self { id: TenantId::hpe(id), state: Mutex::new(state) }
    }

    /// The state as it is now.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        let mut state = lock(&self.state);
        state.settle();
        state
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.id
    }
}

impl Tenant for Workspace {
    fn id(&self) -> TenantId {
        self.id.clone()
    }

    fn settle(&self, _world: &World) {
        drop(self.state());
    }

    fn people(&self, _world: &World) -> Vec<Person> {
        persons::list(&self.state())
    }

    fn act(&self, world: &World, email: &str, action: &PersonAction) -> Result<(), ControlError> {
        persons::act(&mut self.state(), world, &self.id, email, action)
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
