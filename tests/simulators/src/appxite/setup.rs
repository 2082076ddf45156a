//! New platforms.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::{
    catalogue::{AppXiteIdentityProvider, AppXiteRole, known_organization, known_providers, known_roles},
    knobs::AppXiteKnobs,
    persons,
    platform::{Platform, State},
};
use crate::{
    clock::Clock,
    credentials::{Credential, Secret},
    history::Lagged,
    people::SpecialPeople,
    text::{normal, random_hex},
};

/// A platform to be made.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AppXitePlatform {
    /// The host of the platform's URL, which selects it; made if absent.
    pub id: Option<String>,
    /// What works: clients for tokens, and subscription keys. The owner of each client is an Active user.
    pub credentials: Vec<Credential>,
    /// The ids of its organizations, GUIDs.
    pub organizations: Vec<String>,
    /// Its roles.
    pub roles: Vec<AppXiteRole>,
    /// Its identity providers.
    pub identity_providers: Vec<AppXiteIdentityProvider>,
    /// Addresses of Active users of the first organization.
    pub members: Vec<String>,
    /// The switches.
    pub knobs: AppXiteKnobs,
}

impl Default for AppXitePlatform {
    fn default() -> Self {
        Self {
            id: None,
            credentials: Vec::new(),
            organizations: vec![known_organization(100), known_organization(101)],
            roles: known_roles(),
            identity_providers: known_providers(),
            members: Vec::new(),
            knobs: AppXiteKnobs::default(),
        }
    }
}

impl AppXitePlatform {
    /// A platform with a client and a subscription key.
    pub fn with(client: Credential, subscription_key: impl Into<String>) -> Self {
        let key = Credential::subscription_key(subscription_key);
        Self { credentials: vec![client, key], ..Self::default() }
    }

    pub(crate) fn build(self) -> Platform {
        let now = Clock::real();
        let is_client = |credential: &&Credential| matches!(credential.secret, Secret::Client { .. });
        let owners: Vec<String> =
            self.credentials.iter().filter(is_client).map(|credential| credential.owner.clone()).collect();
        let mut state = State {
            knobs: self.knobs,
            credentials: self.credentials,
            special: SpecialPeople::default(),
            users: Lagged::default(),
            pending: VecDeque::new(),
            organizations: self.organizations,
            roles: self.roles,
            providers: self.identity_providers,
        };
        for email in owners.iter().chain(&self.members) {
            if state.user(&normal(email)).is_none() {
                persons::add_member(&mut state, email, &["Customer".to_owned()], now);
            }
        }
        let id = self.id.unwrap_or_else(|| format!("{}.rethinkportal.example", random_hex(6)));
        Platform::new(id.to_ascii_lowercase(), state)
    }
}
