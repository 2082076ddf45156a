//! New organizations.

use serde::{Deserialize, Serialize};

use super::{
    access::{Access, Role},
    knobs::VmwareKnobs,
    org::{Group, Org, State},
    persons,
};
use crate::{
    clock::Clock,
    credentials::Credential,
    history::Lagged,
    people::SpecialPeople,
    text::{normal, random_uuid},
};

/// An organization to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct VmwareOrg {
    /// A GUID; made if absent.
    pub id: Option<String>,
    /// What the organization is called.
    pub name: Option<String>,
    /// What works for tokens. The owner of the first is the organization's owner; without any, one is
    /// `owner@example.com`.
    pub credentials: Vec<Credential>,
    /// Addresses of plain members.
    pub members: Vec<String>,
    /// Addresses of people with an account who are not members: an invitation makes them members at once.
    pub known_accounts: Vec<String>,
    /// Names of groups; their ids are the same.
    pub groups: Vec<String>,
    /// Names of custom roles.
    pub custom_roles: Vec<String>,
    /// The switches.
    pub knobs: VmwareKnobs,
}

impl VmwareOrg {
    /// An organization with one credential.
    pub fn with(credential: Credential) -> Self {
        Self { credentials: vec![credential], ..Self::default() }
    }

    pub(crate) fn build(self) -> Org {
        let id = self.id.unwrap_or_else(random_uuid);
        let owner = self.credentials.first().map_or("owner@example.com", |c| c.owner.as_str()).to_owned();
        let accounts = self.known_accounts.iter().map(|email| normal(email)).collect();
        let mut state = State {
            name: self.name.unwrap_or_else(|| "Simulated Organization".to_owned()),
            created: Clock::real(),
            knobs: self.knobs,
            credentials: self.credentials,
            special: SpecialPeople { accounts, ..SpecialPeople::default() },
            people: Lagged::default(),
            pending: std::collections::VecDeque::new(),
            groups: self.groups.into_iter().map(|name| Group { id: name.clone(), name }).collect(),
            custom_roles: self.custom_roles,
        };
        let access = |role: &str| Access { organization: vec![Role::named(role)], ..Access::default() };
        persons::add_member(&mut state, &owner, access("org_owner"));
        for email in &self.members {
            persons::add_member(&mut state, email, access("org_member"));
        }
        Org::new(id, state)
    }
}
