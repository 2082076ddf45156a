//! New workspaces.

use serde::{Deserialize, Serialize};

use super::{
    knobs::HpeKnobs,
    persons,
    workspace::{State, Status, Workspace},
};
use crate::{
    clock::Clock,
    credentials::Credential,
    history::Lagged,
    limits::Limit,
    people::SpecialPeople,
    text::{normal, random_hex},
};

/// A workspace to be made.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct HpeWorkspace {
    /// 32 hexadecimal digits; made if absent.
    pub id: Option<String>,
    /// What the workspace is called.
    pub name: Option<String>,
    /// What works for tokens: clients only. The owner of each is a VERIFIED user.
    pub credentials: Vec<Credential>,
    /// Addresses of VERIFIED users.
    pub members: Vec<String>,
    /// Addresses of people with an account who are not in the workspace: an invitation makes them VERIFIED.
    pub known_accounts: Vec<String>,
    /// The switches.
    pub knobs: HpeKnobs,
}

impl HpeWorkspace {
    /// A workspace with one credential.
    pub fn with(credential: Credential) -> Self {
        Self { credentials: vec![credential], ..Self::default() }
    }

    /// The workspace and the limits of the contract.
    pub(crate) fn build(self) -> (Workspace, Vec<Limit>) {
        let now = Clock::real();
        let accounts = self.known_accounts.iter().map(|email| normal(email)).collect();
        let owners: Vec<String> =
            self.credentials.iter().map(|credential| credential.owner.clone()).collect();
        let mut state = State {
            name: self.name.unwrap_or_else(|| "Simulated Workspace".to_owned()),
            knobs: self.knobs,
            credentials: self.credentials,
            special: SpecialPeople { accounts, ..SpecialPeople::default() },
            users: Lagged::default(),
            leaving: Vec::new(),
            assignments: Vec::new(),
            created: now,
        };
        for email in owners.iter().chain(&self.members) {
            if state.row(&normal(email)).is_none() {
                persons::add(&mut state, email, Status::Verified, now);
            }
        }
        let per_minute = |operations: &[&str], requests| Limit {
            operations: operations.iter().map(|name| (*name).to_owned()).collect(),
            requests,
            window_milliseconds: 60_000,
        };
        // A5: 300 a minute and workspace for the list; 1000 a minute for each endpoint of role assignments.
        let mut limits = vec![per_minute(&["hpe.list_users", "hpe.find_user"], 300)];
        let endpoints =
            ["list_assignments", "assign_role", "read_assignment", "replace_assignment", "delete_assignment"];
        limits.extend(endpoints.map(|name| per_minute(&[&format!("hpe.{name}")], 1000)));
        (Workspace::new(self.id.unwrap_or_else(|| random_hex(16)), state), limits)
    }
}
