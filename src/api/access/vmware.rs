//! What VMware Cloud Services grants.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Block;
use crate::api::rules;
use crate::api::time::whole_seconds;
use crate::vendor::{Grant, GrantKind};

/// Roles and groups of VMware Cloud Services. All of them are part of the invitation.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VmwareAccess {
    /// organizationRoles are roles in the organization, at most 16. Absent or empty: org_member, the least that
    /// the vendor gives.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16), extend("x-kubernetes-validations" = [
        rules::rule(rules::ROLES_DIFFER, "organizationRoles names a role twice: keep one entry for each name and resource"),
    ]))]
    pub organization_roles: Vec<VmwareRole>,
    /// serviceRoles are roles in services, at most 10 services.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 10), extend("x-kubernetes-validations" = [
        rules::rule(rules::SERVICES_DIFFER, "serviceRoles names a service twice: put all its roles into one entry"),
    ]))]
    pub service_roles: Vec<ServiceRoles>,
    /// customRoles are roles that the organization made itself, at most 16. The vendor gives them an effect
    /// only together with at least one service role.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub custom_roles: Vec<CustomRole>,
    /// groupIds are the ids of groups that the person joins, at most 15.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 15), inner(length(min = 1, max = 128)))]
    pub group_ids: Vec<String>,
}

/// One role.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct VmwareRole {
    /// name is the role's name at the vendor, for example org_member, support_user or vmc-user:full.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
    /// resource limits the role to one resource, in the vendor's own form. Absent: not limited.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 256))]
    pub resource: Option<String>,
    /// expirationTime is when the vendor takes the role away again (RFC 3339). Absent: never.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expiration_time: Option<Time>,
}

/// Roles in one service.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceRoles {
    /// serviceDefinition says which service: the id of its definition, or the link that ends with it, as in
    /// /csp/gateway/slc/api/definitions/external/{id}.
    #[schemars(length(min = 1, max = 256))]
    pub service_definition: String,
    /// roles are the roles in that service, 1 to 10.
    #[schemars(length(min = 1, max = 10), extend("x-kubernetes-validations" = [
        rules::rule(rules::ROLES_DIFFER, "roles names a role twice: keep one entry for each name and resource"),
    ]))]
    pub roles: Vec<VmwareRole>,
}

/// One custom role.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CustomRole {
    /// name is the custom role's name in the organization.
    #[schemars(length(min = 1, max = 128))]
    pub name: String,
}

impl Block for VmwareAccess {
    fn grants(&self) -> Vec<Grant> {
        let organization =
            self.organization_roles.iter().map(|role| role.grant(GrantKind::OrganizationRole, None));
        let services = self.service_roles.iter().flat_map(|service| {
            let definition = Some(&service.service_definition);
            service.roles.iter().map(move |role| role.grant(GrantKind::ServiceRole, definition))
        });
        let custom = self.custom_roles.iter().map(|role| Grant::named(GrantKind::CustomRole, &role.name));
        let groups = self.group_ids.iter().map(|id| Grant::named(GrantKind::Group, id));
        organization.chain(services).chain(custom).chain(groups).collect()
    }

    fn from_grants(grants: &[Grant]) -> Self {
        let of_kind = |kind: GrantKind| grants.iter().filter(move |grant| grant.kind == kind);
        let mut services: BTreeMap<&str, Vec<VmwareRole>> = BTreeMap::new();
        for grant in of_kind(GrantKind::ServiceRole) {
            services
                .entry(grant.service.as_deref().unwrap_or_default())
                .or_default()
                .push(VmwareRole::of(grant));
        }
        Self {
            organization_roles: of_kind(GrantKind::OrganizationRole).map(VmwareRole::of).collect(),
            service_roles: services
                .into_iter()
                .map(|(definition, roles)| ServiceRoles { service_definition: definition.to_owned(), roles })
                .collect(),
            custom_roles: of_kind(GrantKind::CustomRole)
                .map(|grant| CustomRole { name: grant.name.clone() })
                .collect(),
            group_ids: of_kind(GrantKind::Group).map(|grant| grant.name.clone()).collect(),
        }
    }
}

impl VmwareRole {
    fn grant(&self, kind: GrantKind, service: Option<&String>) -> Grant {
        Grant {
            service: service.cloned(),
            resources: self.resource.iter().cloned().collect(),
            expires: self.expiration_time.as_ref().map(|time| time.0),
            ..Grant::named(kind, &self.name)
        }
    }

    fn of(grant: &Grant) -> Self {
        Self {
            name: grant.name.clone(),
            resource: grant.resources.first().cloned(),
            expiration_time: grant.expires.map(whole_seconds),
        }
    }
}
