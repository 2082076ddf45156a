//! What a platform has beside users: roles, identity providers, organizations. 1.2.2, 1.2.3.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{platform::State, users::cased};
use crate::http::Reply;

/// A role, which the vendor also calls a group. 1.2.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppXiteRole {
    /// A GUID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Its rank.
    pub weight: u32,
}

/// An identity provider. 1.2.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AppXiteIdentityProvider {
    /// A GUID.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What its users' ids begin with.
    pub prefix: String,
    /// Whether people can be invited with it.
    pub enabled: bool,
}

/// 1.2.3: roles known by name, highest first. Ids as in the example of 1.3.3.
pub(super) fn known_roles() -> Vec<AppXiteRole> {
    let names = [
        "Distributor Admin",
        "Seller Admin",
        "Seller Billing Admin",
        "Account Manager",
        "Product Manager",
        "Subscriptions Manager",
        "Support Agent",
        "Reseller Report",
        "Distributor Read-only",
        "Customer Admin",
        "Customer Billing Admin",
        "Customer",
    ];
    let role = |(at, name): (u32, &str)| AppXiteRole {
        id: format!("0f0c2f2e-1111-4c1e-9a51-{:012}", at + 10),
        name: name.to_owned(),
        weight: 100 - at * 5,
    };
    (0..).zip(names).map(role).collect()
}

/// 1.2.4: providers offered at an invite; the last one is switched off (1.2.4: set per platform).
pub(super) fn known_providers() -> Vec<AppXiteIdentityProvider> {
    let provider = |at: u32, name: &str, prefix: &str, enabled| AppXiteIdentityProvider {
        id: format!("7d1b6a70-2222-4a35-8a11-{at:012}"),
        name: name.to_owned(),
        prefix: prefix.to_owned(),
        enabled,
    };
    vec![
        provider(1, "Custom User Database", "auth0", true),
        provider(2, "Azure AD", "waad", true),
        provider(3, "Microsoft LiveID", "windowslive", false),
    ]
}

/// An organization of the example of 1.3.3, by its number.
pub(super) fn known_organization(number: u32) -> String {
    format!("3a8f5c1d-3333-4f0f-b0b4-{number:012}")
}

/// List All Roles: an array of id, name, weight. 1.2.2.
pub(super) fn roles(state: &State) -> Reply {
    Reply::json(200, &cased(json!(state.roles), state.knobs.name_case))
}

/// List Identity Providers: id, name, prefix, enabled. 1.2.2.
pub(super) fn identity_providers(state: &State) -> Reply {
    let rows: Value = json!(state.providers);
    Reply::json(200, &cased(rows, state.knobs.name_case))
}
