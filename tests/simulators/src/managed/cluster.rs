//! One cluster: its users and groups, and its tokens.

use std::sync::{Mutex, MutexGuard};

use serde_json::Value;

use super::{config::UserConfig, knobs::DynatraceManagedKnobs, persons};
use crate::{
    clock::{Clock, lock},
    control::ControlError,
    credentials::{self, Credential, CredentialChange},
    history::Lagged,
    limits::LimitStyle,
    people::{Person, PersonAction, SpecialPeople},
    table::{Row, Table},
    text::normal,
    vendor::{Tenant, TenantId},
    world::World,
};

/// One user. 2.3: there is no status and no time.
#[derive(Debug, Clone)]
pub(super) struct User {
    /// The login name.
    pub(super) id: String,
    pub(super) email: String,
    /// The address as the cluster keeps it.
    pub(super) written: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// Ids of groups.
    pub(super) groups: Vec<String>,
    pub(super) initial_password: Option<String>,
    /// 2.7 \[INF\]: the administrator made by the installation can't be removed.
    pub(super) built_in: bool,
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
    pub(super) fn new(config: UserConfig, knobs: &DynatraceManagedKnobs) -> Self {
        let key = config.key();
        Self {
            written: if knobs.lower_emails { key.clone() } else { config.email.trim().to_owned() },
            email: key,
            id: config.id,
            first_name: config.first_name,
            last_name: config.last_name,
            groups: config.groups.unwrap_or_default(),
            initial_password: config.password,
            built_in: false,
        }
    }
}

/// One group of users. 2.6.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) cluster_admin: bool,
}

impl Group {
    /// A group with the id that a cluster makes: `salesgroup` from "Sales Group".
    pub(super) fn named(name: &str, cluster_admin: bool) -> Self {
        let id = name.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
        Self { id, name: name.to_owned(), cluster_admin }
    }
}

/// All that is in a cluster.
#[derive(Clone)]
pub(super) struct State {
    pub(super) knobs: DynatraceManagedKnobs,
    pub(super) credentials: Vec<Credential>,
    pub(super) special: SpecialPeople,
    pub(super) users: Lagged<Table<User>>,
    pub(super) groups: Vec<Group>,
}

impl State {
    /// The users, for a change now.
    pub(super) fn users_mut(&mut self) -> &mut Table<User> {
        let keep = self.knobs.list_lag_milliseconds.max(self.knobs.read_lag_milliseconds);
        self.users.write(Clock::real(), keep)
    }

    /// The user with this id.
    pub(super) fn user(&self, id: &str) -> Option<&User> {
        find(self.users.current(), id, self.knobs.ids_ignore_case)
    }

    /// The user with this address.
    pub(super) fn of_email(&self, email: &str) -> Option<&User> {
        self.users.current().of(&normal(email)).next()
    }

    /// Whether every one of the groups exists.
    pub(super) fn has_groups(&self, ids: &[String]) -> bool {
        ids.iter().all(|id| self.groups.iter().any(|group| group.id == *id))
    }
}

/// The user with this id among some. 5, Managed 7: the case rule of ids is not known.
pub(super) fn find<'a>(users: &'a Table<User>, id: &str, ignore_case: bool) -> Option<&'a User> {
    let folded = || users.iter().find(|user| user.id.to_lowercase() == id.to_lowercase());
    users.get(id).or_else(|| if ignore_case { folded() } else { None })
}

/// A cluster.
pub(crate) struct Cluster {
    id: TenantId,
    state: Mutex<State>,
}

impl Cluster {
    pub(super) fn new(id: String, state: State) -> Self {
        Self { id: TenantId::managed(id), state: Mutex::new(state) }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(super) fn tenant(&self) -> &TenantId {
        &self.id
    }

    /// Makes a user by hand, in the console.
    pub(crate) fn add_user(&self, user: super::ManagedUser) -> Result<(), ControlError> {
        persons::add(&mut self.state(), user)
    }

    /// The initial password that a request gave to a user.
    pub(crate) fn initial_password(&self, id: &str) -> Option<String> {
        self.state().user(id)?.initial_password.clone()
    }
}

impl Tenant for Cluster {
    fn id(&self) -> TenantId {
        self.id.clone()
    }

    fn settle(&self, _world: &World) {}

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
