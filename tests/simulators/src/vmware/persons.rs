//! People of an organization as the control API shows and moves them.

use std::collections::BTreeSet;

use super::{
    access::{Access, Role},
    effects,
    invite::InviteOrder,
    org::{Invitation, Member, State, Status},
};
use crate::{
    control::ControlError,
    people::{Person, PersonAction, Standing},
    text::normal,
    vendor::TenantId,
    world::World,
};

/// One entry for each address that is a member or was ever invited.
pub(super) fn list(state: &State, now: u64) -> Vec<Person> {
    let people = state.people.current();
    let mut seen = BTreeSet::new();
    let members = people.members.iter().map(|row| &row.email);
    let invited = people.invitations.iter().map(|row| &row.email);
    members
        .chain(invited)
        .filter(|email| seen.insert((*email).clone()))
        .filter_map(|email| person(state, email, now))
        .collect()
}

fn person(state: &State, email: &str, now: u64) -> Option<Person> {
    let people = state.people.current();
    let newest = people.invitations.of(email).next_back();
    let member = people.members.of(email).next();
    let (standing, status, written, access) = match (member, newest) {
        (Some(member), _) => (Standing::Member, "MEMBER", &member.written, &member.access),
        (None, Some(row)) => {
            let standing = match row.status {
                Status::Available if row.is_open(now) => Standing::Invited,
                Status::Available => Standing::Expired,
                Status::Revoked => Standing::Revoked,
                Status::Redeemed => Standing::Removed,
            };
            (standing, row.status.name(), &row.written, &row.access)
        }
        (None, None) => return None,
    };
    Some(Person {
        email: email.to_owned(),
        email_as_written: written.clone(),
        standing,
        vendor_status: status.to_owned(),
        user_id: member.map(|member| member.user_id.clone()),
        invitation_ids: people.invitations.ids_of(email),
        roles: access.names(),
    })
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
    match action {
        PersonAction::Accept => accept(state, &key, now),
        PersonAction::Expire => {
            let ids = available(state, &key, |row| row.is_open(now));
            for id in some(ids)? {
                if let Some(row) = state.people_mut().invitations.get_mut(&id) {
                    // The date of an answer has whole seconds, and has to be later, too.
                    row.expires_at = now.saturating_sub(1000);
                }
            }
            Ok(())
        }
        PersonAction::Remove => {
            let members = state.people.current().members.ids_of(&key);
            let open = available(state, &key, |row| row.status == Status::Available);
            some([members.clone(), open].concat())?;
            for id in members {
                state.people_mut().members.remove(&id);
                state.special.accounts.insert(key.clone());
            }
            state.revoke(&key, "another.admin@example.com", now);
            Ok(())
        }
        PersonAction::AddMember { roles } => {
            let mut organization: Vec<Role> = roles.iter().map(|name| Role::named(name)).collect();
            if organization.is_empty() {
                organization.push(Role::named("org_member"));
            }
            add_member(state, email, Access { organization, ..Access::default() });
            Ok(())
        }
        PersonAction::SetRoles { roles } => {
            let key = normal(email);
            let id = state.people.current().members.ids_of(&key).pop();
            let member = id.and_then(|id| state.people_mut().members.get_mut(&id));
            let member = member.ok_or(ControlError::Unsupported)?;
            member.access.organization = roles.iter().map(|name| Role::named(name)).collect();
            Ok(())
        }
        PersonAction::InviteByOther => {
            effects::apply(state, world, tenant, &InviteOrder::by_other(email), 0);
            Ok(())
        }
        _ => Err(ControlError::Unsupported), // Not in the contract of this vendor.
    }
}

/// Makes a person a member, or gives a member more.
pub(super) fn add_member(state: &mut State, email: &str, access: Access) {
    let key = normal(email);
    state.special.accounts.insert(key.clone());
    match state.people.current().members.ids_of(&key).pop() {
        Some(id) => {
            if let Some(member) = state.people_mut().members.get_mut(&id) {
                member.access.merge(&access);
            }
        }
        None => state.people_mut().members.push(Member::new(email, access)),
    }
}

/// The person registers and accepts the newest open invitation. B3.2: it becomes REDEEMED, the person a member.
fn accept(state: &mut State, key: &str, now: u64) -> Result<(), ControlError> {
    let id = available(state, key, |row| row.is_open(now)).pop().ok_or(ControlError::NothingToDo)?;
    let mut accepted = None;
    if let Some(row) = state.people_mut().invitations.get_mut(&id) {
        row.status = Status::Redeemed;
        row.redeemed_at = now;
        accepted = Some((row.written.clone(), row.access.clone()));
    }
    if let Some((written, access)) = accepted {
        add_member(state, &written, access);
    }
    Ok(())
}

/// Ids of the invitations of an address that fit, oldest first.
fn available(state: &State, key: &str, fits: impl Fn(&Invitation) -> bool) -> Vec<String> {
    state.people.current().invitations.of(key).filter(|row| fits(row)).map(|row| row.id.clone()).collect()
}

fn some(ids: Vec<String>) -> Result<Vec<String>, ControlError> {
    if ids.is_empty() { Err(ControlError::NothingToDo) } else { Ok(ids) }
}
