//! What Dynatrace Managed grants.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Block;
use crate::vendor::{Grant, GrantKind};

/// Groups of a Dynatrace Managed cluster.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DynatraceManagedAccess {
    /// groups are names or ids of user groups that the person joins, at most 32. Somebody without a group that has an
    /// environment cannot sign in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(min = 1, max = 128)))]
    pub groups: Vec<String>,
}

impl Block for DynatraceManagedAccess {
    fn grants(&self) -> Vec<Grant> {
        self.groups.iter().map(|group| Grant::named(GrantKind::Group, group)).collect()
    }

    fn from_grants(grants: &[Grant]) -> Self {
        let groups = grants.iter().filter(|grant| grant.kind == GrantKind::Group);
        Self { groups: groups.map(|grant| grant.name.clone()).collect() }
    }
}
