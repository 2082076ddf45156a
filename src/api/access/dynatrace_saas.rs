//! What Dynatrace SaaS grants.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Block;
use crate::vendor::{Grant, GrantKind};

/// Groups of a Dynatrace SaaS account. An invitation carries none: they are set right after it, before the person has
/// accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DynatraceSaasAccess {
    /// groups are the groups that the person joins, by name or UUID, 1 to 50. Only groups of the account itself (LOCAL) or
    /// of its identity provider (SAML): those of a directory (SCIM) and the one of all users are never set or taken away.
    #[schemars(length(min = 1, max = 50), inner(length(min = 1, max = 256)))]
    pub groups: Vec<String>,
}

impl Block for DynatraceSaasAccess {
    fn grants(&self) -> Vec<Grant> {
        self.groups.iter().map(|group| Grant::named(GrantKind::Group, group)).collect()
    }

    fn from_grants(grants: &[Grant]) -> Self {
        Self { groups: grants.iter().map(|grant| grant.name.clone()).collect() }
    }
}
