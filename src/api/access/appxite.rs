//! What AppXite grants.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Block;
use crate::api::rules;
use crate::vendor::{Grant, GrantKind};

/// Organizations, role and identity provider of AppXite. All of them are part of the invitation, and nothing can
/// change them afterwards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppXiteAccess {
    /// organizationIds are the ids of the organizations that the person is invited to, at most 20. Absent or empty: the
    /// provider's onBehalfOfOrganizationId; without that it is left to the vendor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 20), inner(length(min = 1, max = 64)), extend("x-kubernetes-validations" = [
        rules::rule(rules::PLAIN_IDS, "organizationIds must be ids: letters, digits and hyphens"),
    ]))]
    pub organization_ids: Vec<String>,
    /// role is the person's role in these organizations, by its name or id, for example Seller Admin. Absent: it is left
    /// to the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub role: Option<String>,
    /// identityProvider is what the person signs in with, by its name or id, for example Custom User Database. It must
    /// be enabled on the platform. Absent: it is left to the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128))]
    pub identity_provider: Option<String>,
}

impl Block for AppXiteAccess {
    fn grants(&self) -> Vec<Grant> {
        let organizations = self.organization_ids.iter().map(|id| Grant::named(GrantKind::Organization, id));
        let role = self.role.iter().map(|role| Grant::named(GrantKind::Role, role));
        let provider =
            self.identity_provider.iter().map(|name| Grant::named(GrantKind::IdentityProvider, name));
        organizations.chain(role).chain(provider).collect()
    }

    fn from_grants(grants: &[Grant]) -> Self {
        let of_kind = |kind: GrantKind| {
            grants.iter().filter(move |grant| grant.kind == kind).map(|grant| grant.name.clone())
        };
        Self {
            organization_ids: of_kind(GrantKind::Organization).collect(),
            role: of_kind(GrantKind::Role).next(),
            identity_provider: of_kind(GrantKind::IdentityProvider).next(),
        }
    }
}
