//! People of an account as the control API shows and moves them. 3.4.

use super::account::{LINK_MILLISECONDS, State, Status, User};
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
pub(super) fn list(state: &State, now: u64) -> Vec<Person> {
    state.users.current().iter().map(|user| person(state, user, now)).collect()
}

fn person(state: &State, user: &User, now: u64) -> Person {
    let standing = match user.status {
        // 3.4: the vendor goes on saying PENDING.
        Status::Pending if is_over(user.invited, now) => Standing::Expired,
        Status::Pending => Standing::Invited,
        Status::Active => Standing::Member,
        Status::Inactive | Status::Blocked => Standing::Blocked,
        Status::Deleted => Standing::Removed,
    };
    let held = state.groups.iter().filter(|group| user.groups.contains(&group.uuid));
    Person {
        email: user.email.clone(),
        email_as_written: user.written.clone(),
        standing,
        vendor_status: user.status.name().to_owned(),
        user_id: Some(user.uid.clone()),
        invitation_ids: Vec::new(),
        roles: held.map(|group| group.name.clone()).collect(),
    }
}

fn is_over(invited: u64, now: u64) -> bool {
    invited.saturating_add(LINK_MILLISECONDS) <= now
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
    if state.special.act(&key, action) {
        return Ok(());
    }
    let now = world.clock.vendor();
    let user = state.user(email).map(|user| (user.uid.clone(), user.status, user.invited));
    match (action, user) {
        (PersonAction::Accept, user) => accept(state, &key, user, now),
        (PersonAction::Expire, Some((uid, Status::Pending, invited))) if !is_over(invited, now) => {
            change(state, &uid, |user| user.invited = now.saturating_sub(LINK_MILLISECONDS));
            Ok(())
        }
        // 3.4: by support and in the web console only.
        (PersonAction::Suspend, Some((uid, Status::Active, _))) => {
            change(state, &uid, |user| user.status = Status::Inactive);
            Ok(())
        }
        (PersonAction::Block, Some((uid, _, _))) => {
            change(state, &uid, |user| user.status = Status::Blocked);
            Ok(())
        }
        (PersonAction::Unblock, Some((uid, Status::Inactive | Status::Blocked, _))) => {
            change(state, &uid, |user| {
                user.status = if user.signed_up.is_some() { Status::Active } else { Status::Pending };
            });
            Ok(())
        }
        (PersonAction::Remove, Some((uid, _, _))) => {
            state.delete(&uid);
            Ok(())
        }
        (PersonAction::AddMember { roles }, user) => {
            add_member(state, email, user.map(|(uid, _, _)| uid), roles, now)
        }
        (PersonAction::SetRoles { roles }, Some((uid, _, _))) => {
            let groups = groups(state, roles)?;
            change(state, &uid, |user| user.groups = groups);
            Ok(())
        }
        (PersonAction::InviteByOther, None) => {
            state.add(email, Status::Pending, now);
            let mail = Some(MailKind::Invitation);
            lock(&world.ledger).grant(tenant, email, Effect::InvitationCreated, mail, 0);
            Ok(())
        }
        (PersonAction::Decline, _) => Err(ControlError::Unsupported), // An invitation can only be left alone.
        _ => Err(ControlError::NothingToDo),
    }
}

/// The person signs up by the link of the mail, which works for a day. 3.4; 5, SaaS 3.
fn accept(
    state: &mut State,
    key: &str,
    user: Option<(String, Status, u64)>,
    now: u64,
) -> Result<(), ControlError> {
    match user {
        Some((uid, Status::Pending, invited)) if !is_over(invited, now) => {
            change(state, &uid, |user| {
                (user.status, user.updated, user.signed_up) = (Status::Active, now, Some(now));
            });
            Ok(())
        }
        None if state.knobs.link_survives_deletion => match state.links.remove(key) {
            Some((written, invited)) if !is_over(invited, now) => {
                state.add(&written, Status::Active, now);
                Ok(())
            }
            _ => Err(ControlError::NothingToDo),
        },
        _ => Err(ControlError::NothingToDo),
    }
}

/// The ids of groups that are named by name or id.
fn groups(state: &State, named: &[String]) -> Result<Vec<String>, ControlError> {
    let find = |name: &String| {
        let found = state.groups.iter().find(|group| group.name == *name || group.uuid == *name);
        found.map(|group| group.uuid.clone()).ok_or(ControlError::NothingToDo)
    };
    named.iter().map(find).collect()
}

/// 3.4: with SAML or SCIM people appear without an invitation.
fn add_member(
    state: &mut State,
    email: &str,
    uid: Option<String>,
    roles: &[String],
    now: u64,
) -> Result<(), ControlError> {
    let groups = groups(state, roles)?;
    let uid = uid.unwrap_or_else(|| state.add(email, Status::Active, now));
    change(state, &uid, |user| {
        user.status = Status::Active;
        user.signed_up = user.signed_up.or(Some(now));
        user.groups.retain(|held| !groups.contains(held));
        user.groups.extend(groups);
    });
    Ok(())
}

fn change(state: &mut State, uid: &str, change: impl FnOnce(&mut User)) {
    if let Some(user) = state.users_mut().get_mut(uid) {
        change(user);
    }
}
