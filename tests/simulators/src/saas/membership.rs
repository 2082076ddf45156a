//! Groups of a user: added, set, removed. 3.2.

use super::{account::State, errors, group::SaasGroupOwner, knobs::SaasLockedGroups, route::AccountRoute};
use crate::http::{Reply, Request};

/// What becomes of the groups that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Change {
    Add,
    Set,
    Remove,
}

impl Change {
    /// 3.2: adding answers 201, the others 200; no body.
    fn status(self) -> u16 {
        match self {
            Self::Add => 201,
            Self::Set | Self::Remove => 200,
        }
    }
}

/// Changes the groups of a user, pending ones too (3.4).
pub(super) fn change(
    state: &mut State,
    email: &str,
    change: Change,
    route: &AccountRoute,
    request: &Request,
) -> Reply {
    let knobs = &state.knobs;
    let Some(user) = state.user(email) else { return errors::no_user(knobs, email) };
    let list = change == Change::Remove || serde_json::from_slice::<Vec<String>>(&request.body).is_ok();
    let asked = route.groups(request);
    if !list || (asked.is_empty() && change != Change::Set) {
        return errors::api(knobs, knobs.validation_status, "The groups must be a list of ids");
    }
    let mut named = Vec::new();
    for uuid in asked {
        let Some(group) = state.groups.iter().find(|group| group.uuid == uuid) else {
            return errors::api(knobs, knobs.unknown_group_status, &format!("Group {uuid} not found"));
        };
        match knobs.locked_groups {
            SaasLockedGroups::Refused if group.owner.is_locked() => {
                return errors::api(knobs, knobs.validation_status, "The group can't be assigned");
            }
            SaasLockedGroups::Ignored if group.owner.is_locked() => {}
            _ if group.owner == SaasGroupOwner::AllUsers => {} // 3.3: everybody has it, whatever is set.
            _ => named.push(uuid),
        }
    }
    let locked = |uuid: &String| {
        knobs.locked_groups != SaasLockedGroups::Taken
            && state.groups.iter().any(|group| group.uuid == *uuid && group.owner.is_locked())
    };
    let mut groups = user.groups.clone();
    match change {
        Change::Add => {}
        Change::Set => groups.retain(locked),
        Change::Remove => groups.retain(|held| !named.contains(held)),
    }
    if change != Change::Remove {
        named.retain(|uuid| !groups.contains(uuid));
        groups.extend(named);
    }
    let uid = user.uid.clone();
    if let Some(user) = state.users_mut().get_mut(&uid) {
        user.groups = groups;
    }
    Reply::empty(change.status())
}
