//! One account: its users, its groups, and its credentials.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard},
};

use serde_json::Value;

use super::{
    group::Group,
    knobs::{DynatraceSaasKnobs, SaasEmailCase},
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
    text::{naive_timestamp, normal, random_uuid},
    vendor::{Tenant, TenantId},
    world::World,
};

/// How long the link of an invitation works. 3.4: the vendor never says so in the API.
pub(super) const LINK_MILLISECONDS: u64 = 24 * 60 * 60 * 1000;

/// `userStatus`. 3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Status {
    Pending,
    Active,
    Inactive,
    Blocked,
    Deleted,
}

impl Status {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Active => "ACTIVE",
            Self::Inactive => "INACTIVE",
            Self::Blocked => "ECUSTOMS_MANUALLY_BLOCKED",
            Self::Deleted => "DELETED",
        }
    }
}

/// One user.
#[derive(Debug, Clone)]
pub(super) struct User {
    pub(super) uid: String,
    pub(super) email: String,
    pub(super) written: String,
    pub(super) status: Status,
    /// Ids of groups; the one of all users is not among them.
    pub(super) groups: Vec<String>,
    pub(super) invited: u64,
    pub(super) updated: u64,
    /// First sign-in, when account and names came to be known.
    pub(super) signed_up: Option<u64>,
}

impl Row for User {
    fn id(&self) -> &str {
        &self.uid
    }
    fn email(&self) -> &str {
        &self.email
    }
}

impl User {
    /// Service users have addresses of their own. 3.3.
    pub(super) fn is_service(&self) -> bool {
        self.email.ends_with("@service.sso.dynatrace.com")
    }
}

/// All that is in an account.
#[derive(Clone)]
pub(super) struct State {
    pub(super) name: String,
    pub(super) knobs: DynatraceSaasKnobs,
    pub(super) credentials: Vec<Credential>,
    pub(super) special: SpecialPeople,
    pub(super) users: Lagged<Table<User>>,
    pub(super) groups: Vec<Group>,
    /// Mails to people who were deleted while they were pending: address as written, and time.
    pub(super) links: BTreeMap<String, (String, u64)>,
    /// The last `uid` of each address.
    uids: BTreeMap<String, String>,
}

impl State {
    pub(super) fn new(name: String, knobs: DynatraceSaasKnobs, credentials: Vec<Credential>) -> Self {
        Self {
            name,
            knobs,
            credentials,
            special: SpecialPeople::default(),
            users: Lagged::default(),
            groups: Vec::new(),
            links: BTreeMap::new(),
            uids: BTreeMap::new(),
        }
    }

    /// The users, for a change now.
    pub(super) fn users_mut(&mut self) -> &mut Table<User> {
        let keep = self.knobs.list_lag_milliseconds.max(self.knobs.read_lag_milliseconds);
        self.users.write(Clock::real(), keep)
    }

    /// The person as of now, if not deleted.
    pub(super) fn user(&self, email: &str) -> Option<&User> {
        self.find(self.users.current(), email).filter(|user| user.status != Status::Deleted)
    }

    /// The row of a person in what a reader sees.
    pub(super) fn find<'a>(&self, users: &'a Table<User>, email: &str) -> Option<&'a User> {
        let sensitive = self.knobs.email_case == SaasEmailCase::Sensitive;
        users.of(&normal(email)).rfind(|user| !sensitive || user.written == email.trim())
    }

    pub(super) fn is_active(&self, email: &str) -> bool {
        self.user(email).is_some_and(|user| user.status == Status::Active)
    }

    /// Makes a user; a row DELETED of the same person gives way.
    pub(super) fn add(&mut self, email: &str, status: Status, now: u64) -> String {
        let key = normal(email);
        let old = self.find(self.users.current(), email).map(|user| user.uid.clone());
        let known = self.uids.get(&key).filter(|uid| {
            let free = old.as_ref() == Some(uid) || self.users.current().get(uid).is_none();
            self.knobs.same_uid_again && free
        });
        let uid = known.cloned().unwrap_or_else(random_uuid);
        let written = match self.knobs.email_case {
            SaasEmailCase::Lowered => key.clone(),
            SaasEmailCase::Kept | SaasEmailCase::Sensitive => email.trim().to_owned(),
        };
        let user = User {
            uid: uid.clone(),
            email: key.clone(),
            written,
            status,
            groups: Vec::new(),
            invited: now,
            updated: now,
            signed_up: (status != Status::Pending).then_some(now),
        };
        self.uids.insert(key, uid.clone());
        let users = self.users_mut();
        if let Some(old) = old {
            users.remove(&old);
        }
        users.push(user);
        uid
    }

    /// Deletes a user. 5, SaaS 3 and 6: what becomes of link and row is not known.
    pub(super) fn delete(&mut self, uid: &str) {
        let Some(user) = self.users.current().get(uid).cloned() else { return };
        if user.status == Status::Pending {
            self.links.insert(user.email, (user.written, user.invited));
        }
        let keep = self.knobs.show_deleted;
        let users = self.users_mut();
        if !keep {
            users.remove(uid);
        } else if let Some(user) = users.get_mut(uid) {
            user.status = Status::Deleted;
            user.groups.clear();
        }
    }

    /// A timestamp. 3.3: with or without milliseconds.
    pub(super) fn time(&self, milliseconds: u64) -> String {
        let text = naive_timestamp(milliseconds);
        let length = if self.knobs.whole_seconds { 19 } else { 23 };
        format!("{}Z", text.get(..length).unwrap_or(&text))
    }
}

/// An account.
pub(crate) struct Account {
    id: TenantId,
    state: Mutex<State>,
}

impl Account {
    pub(super) fn new(id: String, state: State) -> Self {
        Self { id: TenantId::saas(id), state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.id
    }
}

impl Tenant for Account {
    fn id(&self) -> TenantId {
        self.id.clone()
    }

    fn settle(&self, _world: &World) {}

    fn people(&self, world: &World) -> Vec<Person> {
        persons::list(&self.state(), world.clock.vendor())
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
