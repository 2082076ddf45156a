//! People of a cluster as the control API shows and moves them.

use super::{
    cluster::{State, User},
    config::UserConfig,
    setup::ManagedUser,
};
use crate::{
    clock::lock,
    control::ControlError,
    ledger::{Effect, MailKind},
    people::{Person, PersonAction, Standing},
    text::normal,
    vendor::TenantId,
    world::World,
};

/// One entry for each user. 2.5: whoever is there is there; nobody is invited or gone.
pub(super) fn list(state: &State) -> Vec<Person> {
    state.users.current().iter().map(person).collect()
}

fn person(user: &User) -> Person {
    Person {
        email: user.email.clone(),
        email_as_written: user.written.clone(),
        standing: Standing::Member,
        vendor_status: "PRESENT".to_owned(),
        user_id: Some(user.id.clone()),
        invitation_ids: Vec::new(),
        roles: user.groups.clone(),
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
    if state.special.act(&normal(email), action) {
        return Ok(());
    }
    let id = state.of_email(email).map(|user| user.id.clone());
    match (action, id) {
        (PersonAction::Remove, Some(id)) => {
            state.users_mut().remove(&id);
            Ok(())
        }
        (PersonAction::AddMember { roles }, Some(id)) => {
            if let Some(user) = state.users_mut().get_mut(&id) {
                user.groups.clone_from(roles);
            }
            Ok(())
        }
        (PersonAction::AddMember { roles }, None) => {
            add(state, ManagedUser { groups: roles.clone(), ..ManagedUser::of(email) })
        }
        (PersonAction::InviteByOther, None) => {
            add(state, ManagedUser::of(email))?;
            let mail = state.knobs.mail_on_create.then_some(MailKind::Invitation);
            lock(&world.ledger).grant(tenant, email, Effect::MemberAdded, mail, 0);
            Ok(())
        }
        (PersonAction::Remove | PersonAction::InviteByOther, _) => Err(ControlError::NothingToDo),
        // 2.5: nothing of this is in the API.
        _ => Err(ControlError::Unsupported),
    }
}

/// Makes a user; ids and addresses are unique. 2.3.
pub(super) fn add(state: &mut State, user: ManagedUser) -> Result<(), ControlError> {
    if state.user(&user.id).is_some() || state.of_email(&user.email).is_some() {
        return Err(ControlError::NothingToDo);
    }
    let config = UserConfig {
        id: user.id,
        email: user.email,
        first_name: user.first_name,
        last_name: user.last_name,
        groups: Some(user.groups),
        password: None,
    };
    let user = User::new(config, &state.knobs);
    state.users_mut().push(user);
    Ok(())
}
