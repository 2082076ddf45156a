//! What a person may hold in a tenant, in a form that no vendor owns: lists of grants can be united, compared and
//! edited without knowing whose they are.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

/// What sort of thing is granted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum GrantKind {
    /// A role in an organization.
    OrganizationRole,
    /// A role in one service.
    ServiceRole,
    /// A role that the tenant made itself.
    CustomRole,
    /// A role assigned within scopes.
    RoleAssignment,
    /// Membership of a group.
    Group,
    /// Membership of one of several organizations.
    Organization,
    /// The one role that a person has.
    Role,
    /// The one identity provider that a person signs in with.
    IdentityProvider,
}

impl GrantKind {
    /// Whether a person can have only one of this kind.
    pub const fn is_single(self) -> bool {
        match self {
            Self::Role | Self::IdentityProvider => true,
            Self::OrganizationRole
            | Self::ServiceRole
            | Self::CustomRole
            | Self::RoleAssignment
            | Self::Group
            | Self::Organization => false,
        }
    }

    /// The kind in messages.
    pub const fn noun(self) -> &'static str {
        match self {
            Self::OrganizationRole => "organization role",
            Self::ServiceRole => "service role",
            Self::CustomRole => "custom role",
            Self::RoleAssignment => "role assignment",
            Self::Group => "group",
            Self::Organization => "organization",
            Self::Role => "role",
            Self::IdentityProvider => "identity provider",
        }
    }
}

/// One thing that a person holds or is to hold.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Grant {
    /// What sort of thing it is.
    pub kind: GrantKind,
    /// Its name or id at the vendor.
    pub name: String,
    /// The service that a role belongs to: its id, or a link whose last segment is the id.
    pub service: Option<String>,
    /// What it is limited to, sorted; empty: not limited.
    pub resources: Vec<String>,
    /// When the vendor takes it away again; `None`: never.
    pub expires: Option<Timestamp>,
}

impl Grant {
    /// A grant that is nothing but a name.
    pub fn named(kind: GrantKind, name: impl Into<String>) -> Self {
        Self { kind, name: name.into(), service: None, resources: Vec::new(), expires: None }
    }

    /// Whether both are the same thing, whenever they end.
    pub fn is_same_thing(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.name == other.name
            && self.service_id() == other.service_id()
            && self.resources == other.resources
    }

    /// The id of the service.
    pub fn service_id(&self) -> Option<&str> {
        self.service.as_deref().map(|service| service.rsplit('/').next().unwrap_or(service))
    }
}

/// What a look shows somebody to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The kinds that the look shows; it says nothing of the others.
    pub shown: &'static [GrantKind],
    /// The only groups that were looked at, by id; `None`: all groups.
    pub groups: Option<Arc<BTreeSet<String>>>,
    /// What of these the person holds, in the vendor's ids.
    pub grants: Vec<Grant>,
}

impl Held {
    /// Whether the look would show this if the person held it.
    pub fn shows(&self, grant: &Grant) -> bool {
        self.shown.contains(&grant.kind)
            && (grant.kind != GrantKind::Group
                || self.groups.as_ref().is_none_or(|groups| groups.contains(&grant.name)))
    }

    /// Whether the person holds this, until the same time.
    pub fn has(&self, grant: &Grant) -> bool {
        self.grants.iter().any(|held| held.is_same_thing(grant) && held.expires == grant.expires)
    }

    /// Whether the person holds this, until whenever.
    pub fn has_something_of(&self, grant: &Grant) -> bool {
        self.grants.iter().any(|held| held.is_same_thing(grant))
    }
}

/// What is to be changed of what a member holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccessChange {
    /// What the person does not hold yet.
    pub add: Vec<Grant>,
    /// What the person is to hold no more: granted by the operator, and no longer asked for.
    pub remove: Vec<Grant>,
}

impl AccessChange {
    /// Whether there is nothing to do.
    pub const fn is_empty(&self) -> bool {
        self.add.is_empty() && self.remove.is_empty()
    }

    /// Whether somebody who holds this has been changed as asked.
    pub fn is_made(&self, held: &Held) -> bool {
        self.add.iter().all(|grant| held.has(grant))
            && self.remove.iter().all(|grant| held.shows(grant) && !held.has_something_of(grant))
    }
}

/// How much of a change one call of a vendor can make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditCalls {
    /// All of it: the call carries everything that the person holds afterwards.
    WholeSet,
    /// One grant.
    PerGrant,
    /// All roles at once; each group by itself.
    RolesTogetherGroupsAlone,
    /// All that is added, or all that is taken away.
    AdditionsThenRemovals,
}

impl EditCalls {
    /// The part of a change that the next call makes: what is added comes before what is taken away.
    pub fn next(self, change: &AccessChange) -> AccessChange {
        let one = |grant: &Grant, adds: bool| {
            let only = vec![grant.clone()];
            if adds {
                AccessChange { add: only, remove: Vec::new() }
            } else {
                AccessChange { add: Vec::new(), remove: only }
            }
        };
        let first = || {
            let added = change.add.first().map(|grant| one(grant, true));
            added.or_else(|| change.remove.first().map(|grant| one(grant, false)))
        };
        match self {
            Self::WholeSet => change.clone(),
            Self::PerGrant => first().unwrap_or_default(),
            Self::RolesTogetherGroupsAlone => {
                let roles = |grants: &[Grant]| -> Vec<Grant> {
                    grants.iter().filter(|grant| grant.kind != GrantKind::Group).cloned().collect()
                };
                let together = AccessChange { add: roles(&change.add), remove: roles(&change.remove) };
                if together.is_empty() { first().unwrap_or_default() } else { together }
            }
            Self::AdditionsThenRemovals if change.add.is_empty() => change.clone(),
            Self::AdditionsThenRemovals => AccessChange { add: change.add.clone(), remove: Vec::new() },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(name: &str) -> Grant {
        Grant::named(GrantKind::OrganizationRole, name)
    }

    fn group(name: &str) -> Grant {
        Grant::named(GrantKind::Group, name)
    }

    #[test]
    fn calls_make_their_part_and_add_first() {
        let change =
            AccessChange { add: vec![group("g"), role("a"), role("b")], remove: vec![role("c"), group("h")] };
        assert_eq!(EditCalls::WholeSet.next(&change), change);
        let each = EditCalls::PerGrant.next(&change);
        assert_eq!((each.add, each.remove), (vec![group("g")], vec![]));
        let together = EditCalls::RolesTogetherGroupsAlone.next(&change);
        assert_eq!((together.add, together.remove), (vec![role("a"), role("b")], vec![role("c")]));
        let added = EditCalls::AdditionsThenRemovals.next(&change);
        assert_eq!((added.add, added.remove), (change.add.clone(), vec![]));
        let groups = AccessChange { add: vec![], remove: vec![group("h"), group("i")] };
        assert_eq!(EditCalls::AdditionsThenRemovals.next(&groups), groups);
        let alone = EditCalls::RolesTogetherGroupsAlone.next(&groups);
        assert_eq!((alone.add, alone.remove), (vec![], vec![group("h")]));
    }
}
