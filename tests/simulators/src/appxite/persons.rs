//! People of a platform as the control API shows and moves them. 1.2.4, 1.3.5.

use super::{
    effects,
    invite::Invitee,
    platform::{AccountState, Permission, State, User, VALID},
};
use crate::{
    clock::lock,
    control::ControlError,
    people::{Person, PersonAction, Standing},
    text::normal,
    vendor::TenantId,
    world::World,
};

/// One entry for each user.
pub(super) fn list(state: &State, now: u64) -> Vec<Person> {
    state.users.current().iter().map(|user| person(state, user, now)).collect()
}

fn person(state: &State, user: &User, now: u64) -> Person {
    let (standing, status) = match user.state {
        AccountState::New if user.is_expired(now) => (Standing::Expired, "New"),
        AccountState::New => (Standing::Invited, "New"),
        AccountState::Active => (Standing::Member, "Active"),
        AccountState::Blocked => (Standing::Blocked, "Blocked"),
        AccountState::Rejected => (Standing::Declined, "Rejected"),
    };
    let name = |id: &String| {
        state.roles.iter().find(|role| role.id == *id).map_or_else(|| id.clone(), |role| role.name.clone())
    };
    let mut roles: Vec<String> =
        user.permissions.iter().filter_map(|held| held.group.as_ref()).map(name).collect();
    roles.sort();
    roles.dedup();
    Person {
        email: user.email.clone(),
        email_as_written: user.written.clone(),
        standing,
        vendor_status: status.to_owned(),
        user_id: Some(user.id.clone()),
        invitation_ids: Vec::new(),
        roles,
    }
}

/// Lets something happen to a person.
pub(super) fn act(
    state: &mut State,
    world: &World,
    tenant: &TenantId,
    email: &str,
    action: &PersonAction,
) -> Result<(), ControlError> {
    let key = normal(email);
    if *action == PersonAction::AddAccount {
        return Err(ControlError::Unsupported); // 1.2.4: everybody who is invited has to accept.
    }
    if state.special.act(&key, action) {
        return Ok(());
    }
    let now = world.clock.vendor();
    let user = state.user(&key).map(|user| (user.id.clone(), user.state, user.is_expired(now)));
    let next = match (action, user.as_ref().map(|(_, account, expired)| (*account, *expired))) {
        // 1.3.5: accept and first login; the REJECT INVITATION link; deactivate and activate in the portal.
        (PersonAction::Accept, Some((AccountState::New, false)))
        | (PersonAction::Unblock, Some((AccountState::Blocked, _)))
        | (PersonAction::AddMember { .. }, Some(_)) => AccountState::Active,
        (PersonAction::Decline, Some((AccountState::New, false))) => AccountState::Rejected,
        (PersonAction::Block, Some((AccountState::Active, _))) => AccountState::Blocked,
        (PersonAction::Expire, Some((AccountState::New, false))) => AccountState::New,
        (PersonAction::Remove, Some(_)) => {
            let id = user.map(|(id, ..)| id).unwrap_or_default();
            state.users_mut().remove(&id);
            return Ok(());
        }
        (PersonAction::AddMember { roles }, None) => {
            add_member(state, email, roles, now);
            return Ok(());
        }
        (PersonAction::InviteByOther, None | Some((AccountState::New | AccountState::Rejected, _))) => {
            let invitee = invitee(state, email, &[]);
            let (effect, mail) = effects::apply_one(state, &invitee, now);
            lock(&world.ledger).grant(tenant, email, effect, mail, 0);
            return Ok(());
        }
        (PersonAction::Suspend, _) => return Err(ControlError::Unsupported), // 1.2.4: only Blocked.
        _ => return Err(ControlError::NothingToDo),
    };
    let id = user.map(|(id, ..)| id).unwrap_or_default();
    if let Some(user) = state.users_mut().get_mut(&id) {
        user.state = next;
        if *action == PersonAction::Expire {
            user.invited = now.saturating_sub(VALID);
            user.created = user.created.min(user.invited);
        }
    }
    Ok(())
}

/// Makes an Active user.
pub(super) fn add_member(state: &mut State, email: &str, roles: &[String], now: u64) {
    let invitee = invitee(state, email, roles);
    let user = effects::new_user(state, &invitee, AccountState::Active, now);
    state.users_mut().push(user);
}

/// Somebody with roles, by name, in the platform's first organization.
fn invitee(state: &State, email: &str, roles: &[String]) -> Invitee {
    let organization = state.organizations.first().cloned().unwrap_or_default();
    let ids = state.roles.iter().filter(|role| roles.contains(&role.name)).map(|role| Some(role.id.clone()));
    let mut groups: Vec<Option<String>> = ids.collect();
    if groups.is_empty() {
        groups.push(None);
    }
    let permission = |group| Permission { organization: organization.clone(), group };
    Invitee {
        email: email.trim().to_owned(),
        names: [None, None],
        permissions: groups.into_iter().map(permission).collect(),
    }
}
