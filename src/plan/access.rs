//! What a person is to be granted: profiles united, or access spelled out, as the vendor's plain terms.

use std::collections::BTreeMap;

use thiserror::Error;

use crate::api::{self, AccessProfile, InlineAccess, InvitationProviderSpec, Reason, UserInvitationSpec};
use crate::vendor::{Access, Role, ServiceRoles, VmwareAccess};

/// The most groups that one invitation can name (vendor contract, VMware B3.1).
const VMWARE_GROUPS_MAX: usize = 15;

/// Why the asked access is refused.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum AccessRefusal {
    /// The provider has no profile of that name.
    #[error("the provider has no access profile {name:?}; it has: {known}")]
    UnknownProfile {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// Two profiles want different ends of the same role.
    #[error("the access profiles disagree about when the role {role:?} ends; name only one of them")]
    ProfilesConflict {
        /// The role.
        role: String,
    },
    /// Together more than one invitation can carry.
    #[error("the access profiles name {count} groups together; an invitation can carry {VMWARE_GROUPS_MAX}")]
    TooLarge {
        /// How many.
        count: usize,
    },
    /// Only profiles are allowed.
    #[error(
        "the provider allows access profiles only: name some of {known} in accessProfiles, and remove access"
    )]
    InlineForbidden {
        /// The names there are.
        known: String,
    },
    /// The block is another vendor's.
    #[error("access has the block of another vendor than the provider's: remove it")]
    BlockMismatch,
}

impl AccessRefusal {
    /// The reason in the API.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::UnknownProfile { .. } => Reason::UnknownProfile,
            Self::ProfilesConflict { .. } => Reason::ProfilesConflict,
            Self::TooLarge { .. } => Reason::AccessTooLarge,
            Self::InlineForbidden { .. } => Reason::InlineAccessForbidden,
            Self::BlockMismatch => Reason::AccessBlockMismatch,
        }
    }
}

/// What an invitation grants: in the API's shape, for the record, and as terms of the call.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Resolved {
    /// The API's shape; `None`: the vendor's default.
    pub declared: Option<api::Access>,
    /// The call's terms.
    pub terms: Access,
}

/// Resolves what the invitation asks for against what the provider offers.
pub fn resolve(
    invitation: &UserInvitationSpec,
    provider: &InvitationProviderSpec,
) -> Result<Resolved, AccessRefusal> {
    let wanted = match &invitation.access {
        Some(_) if provider.policy.inline_access == InlineAccess::Forbid => {
            return Err(AccessRefusal::InlineForbidden { known: names(&provider.access_profiles) });
        }
        Some(access) => vec![access],
        None => named_profiles(&invitation.access_profiles, &provider.access_profiles)?,
    };
    let mut united = VmwareAccess::default();
    for access in &wanted {
        let Some(vmware) = &access.vmware_cloud_services else { continue };
        if provider.vmware_cloud_services.is_none() {
            return Err(AccessRefusal::BlockMismatch);
        }
        unite(&mut united, vmware)?;
    }
    if united.group_ids.len() > VMWARE_GROUPS_MAX {
        return Err(AccessRefusal::TooLarge { count: united.group_ids.len() });
    }
    if united == VmwareAccess::default() {
        return Ok(Resolved::default());
    }
    Ok(Resolved { declared: Some(declared(&united)), terms: Access::VmwareCloudServices(united) })
}

fn names(profiles: &[AccessProfile]) -> String {
    let names: Vec<&str> = profiles.iter().map(|profile| profile.name.as_str()).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

fn named_profiles<'a>(
    wanted: &[String],
    offered: &'a [AccessProfile],
) -> Result<Vec<&'a api::Access>, AccessRefusal> {
    wanted
        .iter()
        .map(|name| {
            offered
                .iter()
                .find(|profile| profile.name == *name)
                .map(|profile| &profile.access)
                .ok_or_else(|| AccessRefusal::UnknownProfile { name: name.clone(), known: names(offered) })
        })
        .collect()
}

fn unite(into: &mut VmwareAccess, from: &api::VmwareAccess) -> Result<(), AccessRefusal> {
    into.organization_roles = united_roles(&into.organization_roles, &from.organization_roles)?;
    let mut services: BTreeMap<String, Vec<Role>> =
        into.service_roles.drain(..).map(|service| (service.service_definition, service.roles)).collect();
    for service in &from.service_roles {
        let roles = services.entry(service.service_definition.clone()).or_default();
        *roles = united_roles(roles, &service.roles)?;
    }
    into.service_roles = services
        .into_iter()
        .map(|(service_definition, roles)| ServiceRoles { service_definition, roles })
        .collect();
    into.custom_roles.extend(from.custom_roles.iter().map(|role| role.name.clone()));
    into.custom_roles.sort_unstable();
    into.custom_roles.dedup();
    into.group_ids.extend(from.group_ids.iter().cloned());
    into.group_ids.sort_unstable();
    into.group_ids.dedup();
    Ok(())
}

fn united_roles(have: &[Role], more: &[api::VmwareRole]) -> Result<Vec<Role>, AccessRefusal> {
    let mut roles: BTreeMap<(String, Option<String>), Role> =
        have.iter().map(|role| ((role.name.clone(), role.resource.clone()), role.clone())).collect();
    for role in more {
        let role = Role {
            name: role.name.clone(),
            resource: role.resource.clone(),
            expires: role.expiration_time.as_ref().map(|time| time.0),
        };
        let known = roles.entry((role.name.clone(), role.resource.clone())).or_insert_with(|| role.clone());
        if known.expires != role.expires {
            return Err(AccessRefusal::ProfilesConflict { role: role.name });
        }
    }
    Ok(roles.into_values().collect())
}

fn declared(access: &VmwareAccess) -> api::Access {
    let role = |role: &Role| api::VmwareRole {
        name: role.name.clone(),
        resource: role.resource.clone(),
        expiration_time: role.expires.map(crate::api::time::whole_seconds),
    };
    api::Access {
        vmware_cloud_services: Some(api::VmwareAccess {
            organization_roles: access.organization_roles.iter().map(role).collect(),
            service_roles: access
                .service_roles
                .iter()
                .map(|service| api::ServiceRoles {
                    service_definition: service.service_definition.clone(),
                    roles: service.roles.iter().map(role).collect(),
                })
                .collect(),
            custom_roles: access
                .custom_roles
                .iter()
                .map(|name| api::CustomRole { name: name.clone() })
                .collect(),
            group_ids: access.group_ids.clone(),
        }),
    }
}
