//! New clusters.

use serde::{Deserialize, Serialize};

use super::{
    cluster::{Cluster, Group, State},
    knobs::DynatraceManagedKnobs,
    persons,
};
use crate::{
    clock::Clock, credentials::Credential, history::Lagged, people::SpecialPeople, table::Table,
    text::random_uuid,
};

/// The login name of the administrator whom the installation makes.
pub(super) const BUILT_IN: &str = "admin";

/// A user to be made by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct ManagedUser {
    /// The login name.
    pub id: String,
    /// The e-mail address.
    pub email: String,
    /// The first name.
    pub first_name: String,
    /// The last name.
    pub last_name: String,
    /// Ids of groups.
    #[serde(default)]
    pub groups: Vec<String>,
}

impl ManagedUser {
    /// A user whose login name is the address, with names made from it.
    pub fn of(email: &str) -> Self {
        let local = email.split('@').next().unwrap_or_default();
        let (first, last) = local.split_once('.').unwrap_or((local, "user"));
        Self {
            id: email.to_owned(),
            email: email.to_owned(),
            first_name: first.to_owned(),
            last_name: last.to_owned(),
            groups: Vec::new(),
        }
    }

    /// The same with another login name.
    #[must_use]
    pub fn with_id(mut self, id: impl Into<String>) -> Self {
        self.id = id.into();
        self
    }
}

/// A cluster to be made. It has the groups `admins`, `owners` and `users`, and one user, `admin`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct ManagedCluster {
    /// A GUID; made if absent. No request names it: the address or the token tells the cluster.
    pub id: Option<String>,
    /// What works: API tokens. A role of `member` means a token without the scope of the users' API. The owner of the
    /// first is the address of the user `admin`.
    pub credentials: Vec<Credential>,
    /// Users.
    pub users: Vec<ManagedUser>,
    /// Names of further groups; a group's id is the name's letters and digits in lower case.
    pub groups: Vec<String>,
    /// The switches.
    pub knobs: DynatraceManagedKnobs,
}

impl ManagedCluster {
    /// A cluster with one token.
    pub fn with(credential: Credential) -> Self {
        Self { credentials: vec![credential], ..Self::default() }
    }

    pub(crate) fn build(self) -> Cluster {
        let owner = self.credentials.first().map_or("owner@example.com", |c| c.owner.as_str()).to_owned();
        let mut groups =
            vec![Group::named("Admins", true), Group::named("Owners", false), Group::named("Users", false)];
        groups.extend(self.groups.iter().map(|name| Group::named(name, false)));
        let mut state = State {
            knobs: self.knobs,
            credentials: self.credentials,
            special: SpecialPeople::default(),
            users: Lagged::<Table<_>>::default(),
            groups,
        };
        let admin = ManagedUser { groups: vec!["admins".to_owned()], ..ManagedUser::of(&owner) };
        for user in [vec![admin.with_id(BUILT_IN)], self.users].concat() {
            // Whoever has the id or address of somebody before is left out: both are unique.
            let _ = persons::add(&mut state, user);
        }
        if let Some(user) = state.users_mut().get_mut(BUILT_IN) {
            user.built_in = true;
        }
        state.users.write(Clock::real(), 0); // They have always been there, whatever reads lag.
        Cluster::new(self.id.unwrap_or_else(random_uuid), state)
    }
}
