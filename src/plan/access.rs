//! What a person is to be granted: profiles united, or access spelled out, in a form that no vendor owns.

use thiserror::Error;

use crate::api::{self, AccessProfile, InlineAccess, InvitationProviderSpec, Reason, UserInvitationSpec};
use crate::vendor::{Capabilities, Grant, GrantKind, Names, Vendor};

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
    /// Two profiles want different ends of the same grant.
    #[error("the access profiles disagree about when the {noun} {name:?} ends; name only one of them")]
    EndsConflict {
        /// What it is.
        noun: &'static str,
        /// Its name.
        name: String,
    },
    /// Two profiles name different values where a person can have only one.
    #[error(
        "the access profiles name two values for the {noun}, {one:?} and {other:?}; name only one of them"
    )]
    ValuesConflict {
        /// What it is.
        noun: &'static str,
        /// One value.
        one: String,
        /// The other.
        other: String,
    },
    /// Together more than one invitation can carry.
    #[error("the access profiles name {count} groups together; an invitation can carry {most}")]
    TooLarge {
        /// How many.
        count: usize,
        /// How many there may be.
        most: usize,
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
    /// The vendor has nothing of that name.
    #[error("the vendor has no {noun} {name:?}; the nearest names are: {nearest}")]
    UnknownName {
        /// What it would be.
        noun: &'static str,
        /// The name asked for.
        name: String,
        /// Some of those there are.
        nearest: String,
    },
    /// The vendor can't grant this.
    #[error("this vendor, as it is set up, can't grant a {noun}: remove it from the access")]
    Unsupported {
        /// What it is.
        noun: &'static str,
    },
}

impl AccessRefusal {
    /// The reason in the API.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::UnknownProfile { .. } => Reason::UnknownProfile,
            Self::EndsConflict { .. } | Self::ValuesConflict { .. } => Reason::ProfilesConflict,
            Self::TooLarge { .. } => Reason::AccessTooLarge,
            Self::InlineForbidden { .. } => Reason::InlineAccessForbidden,
            Self::BlockMismatch => Reason::AccessBlockMismatch,
            Self::UnknownName { .. } => Reason::UnknownName,
            Self::Unsupported { .. } => Reason::UnsupportedByVendor,
        }
    }
}

/// What the invitation asks for against what the provider offers, as it was written, sorted; empty: the vendor's
/// default.
pub fn asked(
    invitation: &UserInvitationSpec,
    provider: &InvitationProviderSpec,
) -> Result<Vec<Grant>, AccessRefusal> {
    let wanted = match &invitation.access {
        Some(_) if provider.policy.inline_access == InlineAccess::Forbid => {
            return Err(AccessRefusal::InlineForbidden { known: names(&provider.access_profiles) });
        }
        Some(access) => vec![access],
        None => named_profiles(&invitation.access_profiles, &provider.access_profiles)?,
    };
    let mut united: Vec<Grant> = Vec::new();
    for access in wanted {
        if access.vendors().iter().any(|vendor| Some(*vendor) != provider.vendor()) {
            return Err(AccessRefusal::BlockMismatch);
        }
        for grant in access.grants() {
            unite(&mut united, grant)?;
        }
    }
    united.sort_unstable();
    Ok(united)
}

/// The same in the vendor's ids, for a vendor that can grant it. `Ok(None)`: what can be named is not known yet.
pub fn located(
    asked: &[Grant],
    can: &Capabilities,
    names: Option<&Names>,
) -> Result<Option<Vec<Grant>>, AccessRefusal> {
    if let Some(grant) = asked.iter().find(|grant| !can.grants.contains(&grant.kind)) {
        return Err(AccessRefusal::Unsupported { noun: grant.kind.noun() });
    }
    let groups = asked.iter().filter(|grant| grant.kind == GrantKind::Group).count();
    if let Some(most) = can.most_groups.filter(|most| groups > *most) {
        return Err(AccessRefusal::TooLarge { count: groups, most });
    }
    if asked.is_empty() {
        return Ok(Some(Vec::new()));
    }
    let Some(names) = names else { return Ok(None) };
    let mut located = Vec::with_capacity(asked.len());
    for grant in asked {
        let name = names.id(grant.kind, &grant.name).map_err(|nearest| AccessRefusal::UnknownName {
            noun: grant.kind.noun(),
            name: grant.name.clone(),
            nearest: if nearest.is_empty() { "none".to_owned() } else { nearest.join(", ") },
        })?;
        unite(&mut located, Grant { name, ..grant.clone() })?;
    }
    located.sort_unstable();
    Ok(Some(located))
}

/// Grants in the API's shape, for record and status.
pub fn declared(vendor: Option<Vendor>, grants: &[Grant]) -> Option<api::Access> {
    api::Access::from_grants(vendor?, grants)
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

fn unite(united: &mut Vec<Grant>, more: Grant) -> Result<(), AccessRefusal> {
    let noun = more.kind.noun();
    if let Some(same) = united.iter().find(|known| known.is_same_thing(&more)) {
        return if same.expires == more.expires {
            Ok(())
        } else {
            Err(AccessRefusal::EndsConflict { noun, name: more.name })
        };
    }
    let rival = united.iter().find(|known| known.kind == more.kind).filter(|_| more.kind.is_single());
    if let Some(rival) = rival {
        return Err(AccessRefusal::ValuesConflict { noun, one: rival.name.clone(), other: more.name });
    }
    united.push(more);
    Ok(())
}
