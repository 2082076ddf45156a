//! People of a workspace as the control API shows and moves them.

use super::workspace::{State, Status, User};
use crate::{
    clock::lock,
    control::ControlError,
    ledger::{Effect, MailKind},
    people::{Person, PersonAction, Standing},
    text::normal,
    vendor::TenantId,
    world::World,
};

/// One entry for each row.
pub(super) fn list(state: &State) -> Vec<Person> {
    state.users.current().iter().map(|user| person(state, user)).collect()
}

fn person(state: &State, user: &User) -> Person {
    let standing = match user.status {
        Status::Unverified => Standing::Invited,
        Status::Verified => Standing::Member,
        Status::Blocked | Status::Suspended => Standing::Blocked,
        Status::DeleteInProgress => Standing::Leaving,
        Status::Deleted => Standing::Removed,
    };
    Person {
        email: user.email.clone(),
        email_as_written: user.username.clone(),
        standing,
        vendor_status: user.status.name().to_owned(),
        user_id: Some(user.id.clone()),
        invitation_ids: Vec::new(),
        roles: state.assignments.iter().filter(|a| a.is_of(&user.id)).map(|a| a.role.clone()).collect(),
    }
}

/// Lets something happen to a person. A6.
pub(super) fn act(
    state: &mut State,
    world: &World,
    tenant: &TenantId,
    email: &str,
    action: &PersonAction,
) -> Result<(), ControlError> {
    let key = normal(email);
    if state.special.act(&key, action) {
        return Ok(());
    }
    let now = world.clock.vendor();
    let user = state.row(&key).map(|user| (user.id.clone(), user.status));
    let status = match (action, user.as_ref().map(|(_, status)| *status)) {
        // A6: signing up and confirming the mail; and a platform's or administrator's action, for which there is no
        // public call.
        (PersonAction::Accept, Some(Status::Unverified))
        | (PersonAction::Unblock, Some(Status::Blocked | Status::Suspended))
        | (PersonAction::AddMember { .. }, Some(_)) => Status::Verified,
        (PersonAction::Block, Some(Status::Verified | Status::Suspended)) => Status::Blocked,
        (PersonAction::Suspend, Some(Status::Verified | Status::Blocked)) => Status::Suspended,
        (PersonAction::Remove, Some(_)) => {
            if let Some((id, _)) = user {
                state.delete(&id, now);
            }
            return Ok(());
        }
        (PersonAction::AddMember { .. }, None) => {
            add(state, email, Status::Verified, now);
            return Ok(());
        }
        (PersonAction::InviteByOther, None) => {
            let known = state.special.accounts.contains(&key);
            let (status, effect) = if known {
                (Status::Verified, Effect::MemberAdded)
            } else {
                (Status::Unverified, Effect::InvitationCreated)
            };
            add(state, email, status, now);
            let mail = (!known).then_some(MailKind::Invitation);
            lock(&world.ledger).grant(tenant, email, effect, mail, 0);
            return Ok(());
        }
        // A3.1: invitations don't expire, and can't be declined.
        (PersonAction::Expire | PersonAction::Decline, _) => return Err(ControlError::Unsupported),
        _ => return Err(ControlError::NothingToDo),
    };
    let id = user.map(|(id, _)| id).unwrap_or_default();
    if let Some(user) = state.users_mut().get_mut(&id) {
        user.change(status, now);
        user.last_login = Some(now);
    }
    state.special.accounts.insert(key);
    Ok(())
}

/// Makes a row.
pub(super) fn add(state: &mut State, email: &str, status: Status, now: u64) {
    let mut user = User::new(email, status, state.knobs.lower_usernames, now);
    if status == Status::Verified {
        user.last_login = Some(now);
        state.special.accounts.insert(user.email.clone());
    }
    state.users_mut().push(user);
}
