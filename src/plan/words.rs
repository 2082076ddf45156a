//! What would be written, in stable words for people.

use super::output::{Action, RecordDraft};
use crate::api::condition::shortened;
use crate::api::{Access, Origin};
use crate::tenant::Wish;
use crate::vendor::{Grant, GrantKind};

/// What is granted where nothing is asked for.
const NOTHING_NAMED: &str = "the vendor's default access";

/// What an action of a live object would do.
pub(super) fn action(action: &Action) -> Option<String> {
    match action {
        Action::Request { wish, draft, .. } => Some(write(wish, draft, true)),
        Action::Record { draft, .. } => Some(match draft.origin {
            Origin::Invited => "take the person over from another object, with no call".to_owned(),
            Origin::Adopted | Origin::Other => "adopt the person, who was there before".to_owned(),
        }),
        Action::Release(_) => None,
    }
}

/// What a call would do.
pub(super) fn write(wish: &Wish, draft: &RecordDraft, live: bool) -> String {
    match wish {
        Wish::Invite(_) => {
            let access = draft.attempt.as_ref().and_then(|attempt| attempt.access.as_ref());
            let grants = access.map(Access::grants).unwrap_or_default();
            let granted: Vec<String> = grants.iter().map(named).collect();
            let granted = if granted.is_empty() { NOTHING_NAMED.to_owned() } else { granted.join(", ") };
            shortened(&format!("invite with {granted}"))
        }
        Wish::Cancel(_) if live => "take back the pending invitation, and invite again".to_owned(),
        Wish::Cancel(_) => "take back the pending invitation".to_owned(),
        Wish::Remove(_) => "remove the person from the tenant".to_owned(),
        Wish::Edit(_, change) => {
            let part = |verb: &str, grants: &[Grant]| {
                let names: Vec<String> = grants.iter().map(named).collect();
                (!names.is_empty()).then(|| format!("{verb} {}", names.join(", ")))
            };
            let parts = [part("grant", &change.add), part("take away", &change.remove)];
            shortened(&parts.into_iter().flatten().collect::<Vec<_>>().join(" and "))
        }
    }
}

/// One thing that is held or granted: roles by their names alone, everything else with what it is.
pub(super) fn named(grant: &Grant) -> String {
    let name = &grant.name;
    match grant.kind {
        GrantKind::OrganizationRole | GrantKind::CustomRole | GrantKind::RoleAssignment | GrantKind::Role => {
            name.clone()
        }
        GrantKind::ServiceRole => format!("{name} in {}", grant.service_id().unwrap_or("a service")),
        GrantKind::Group | GrantKind::Organization | GrantKind::IdentityProvider => {
            format!("{} {name}", grant.kind.noun())
        }
    }
}
