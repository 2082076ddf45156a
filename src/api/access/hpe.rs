//! What HPE GreenLake grants.

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

/// Roles in an HPE GreenLake workspace. They are assigned once the person has accepted: an invitation carries none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct HpeAccess {
    /// roleAssignments are roles within scopes, 1 to 16. Only for workspaces with enhanced IAM; where that is absent, an
    /// invitation that names any is refused.
    #[schemars(length(min = 1, max = 16), extend("x-kubernetes-validations" = [
        rules::rule(rules::ASSIGNMENTS_DIFFER, "roleAssignments names a role twice within the same scopes: keep one entry"),
    ]))]
    pub role_assignments: Vec<RoleAssignment>,
}

/// One role within scopes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleAssignment {
    /// role is the role's GRN, for example grn:glp/providers/authorization/roles/ccs.observer. The vendor lists none, so it
    /// is taken as written.
    #[schemars(length(min = 5, max = 256), regex(pattern = "^grn:[!-~]+$"))]
    pub role: String,
    /// scopes are the GRNs within which the role counts, 1 to 11: the workspace (grn:glp/workspaces/{workspaceId}), tenant
    /// groups or scope groups.
    #[schemars(
        length(min = 1, max = 11),
        inner(length(min = 5, max = 256), regex(pattern = "^grn:[!-~]+$"))
    )]
    pub scopes: Vec<String>,
}

impl Block for HpeAccess {
    fn grants(&self) -> Vec<Grant> {
        let grant = |assignment: &RoleAssignment| {
            let mut resources = assignment.scopes.clone();
            resources.sort_unstable();
            resources.dedup();
            Grant { resources, ..Grant::named(GrantKind::RoleAssignment, &assignment.role) }
        };
        self.role_assignments.iter().map(grant).collect()
    }

    fn from_grants(grants: &[Grant]) -> Self {
        let assignment =
            |grant: &Grant| RoleAssignment { role: grant.name.clone(), scopes: grant.resources.clone() };
        Self { role_assignments: grants.iter().map(assignment).collect() }
    }
}
