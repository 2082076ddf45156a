//! New accounts.

use serde::{Deserialize, Serialize};

use super::{
    account::{Account, State, Status},
    group::{Group, SaasGroupOwner},
    knobs::DynatraceSaasKnobs,
};
use crate::{clock::Clock, credentials::Credential, text::random_uuid};

/// A group to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DynatraceSaasGroup {
    /// Made if absent.
    pub uuid: Option<String>,
    /// What it is called.
    pub name: String,
    /// Who manages it.
    pub owner: SaasGroupOwner,
}

impl DynatraceSaasGroup {
    /// A group of the account's administrators.
    pub fn local(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// The same for another owner.
    #[must_use]
    pub fn owned_by(mut self, owner: SaasGroupOwner) -> Self {
        self.owner = owner;
        self
    }
}

/// An account to be made. It has a group of all users in any case.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct DynatraceSaasAccount {
    /// A UUID; made if absent.
    pub id: Option<String>,
    /// What the account is called.
    pub name: Option<String>,
    /// What works for tokens: clients only. The owner of each is an ACTIVE user; an address of
    /// `service.sso.dynatrace.com` makes it a service user.
    pub credentials: Vec<Credential>,
    /// Addresses of ACTIVE users.
    pub members: Vec<String>,
    /// Its groups.
    pub groups: Vec<DynatraceSaasGroup>,
    /// The switches.
    pub knobs: DynatraceSaasKnobs,
}

impl DynatraceSaasAccount {
    /// An account with one credential.
    pub fn with(credential: Credential) -> Self {
        Self { credentials: vec![credential], ..Self::default() }
    }

    pub(crate) fn build(self) -> Account {
        let now = Clock::real();
        let owners: Vec<String> =
            self.credentials.iter().map(|credential| credential.owner.clone()).collect();
        let name = self.name.unwrap_or_else(|| "Simulated Account".to_owned());
        let mut state = State::new(name, self.knobs, self.credentials);
        state.groups.push(Group::new("All users", SaasGroupOwner::AllUsers, now));
        for group in self.groups {
            let mut made = Group::new(&group.name, group.owner, now);
            made.uuid = group.uuid.unwrap_or(made.uuid);
            state.groups.push(made);
        }
        for email in owners.iter().chain(&self.members) {
            if state.user(email).is_none() {
                state.add(email, Status::Active, now);
            }
        }
        Account::new(self.id.unwrap_or_else(random_uuid), state)
    }
}
