//! Listing, reading, changing and removing users. 2.2, 2.6, 2.7.

use serde_json::Value;

use super::{
    cluster::{State, find},
    config::{UserConfig, show},
    create,
    errors::error,
    knobs::{DeleteAgain, MissingGroups},
};
use crate::{
    clock::Clock,
    http::{Reply, Request},
};

/// `GET /users`: all of them, without pages.
pub(super) fn list(state: &State) -> Reply {
    let users = state.users.read(Clock::real(), state.knobs.list_lag_milliseconds);
    let mut rows: Vec<Value> = users.iter().map(|user| show(user, state.knobs.reversed_arrays)).collect();
    if state.knobs.reversed_arrays {
        rows.reverse();
    }
    Reply::json(200, &Value::Array(rows))
}

/// `GET /users/{id}`.
pub(super) fn read(state: &State, id: &str) -> Reply {
    let users = state.users.read(Clock::real(), state.knobs.read_lag_milliseconds);
    match find(users, id, state.knobs.ids_ignore_case) {
        Some(user) => Reply::json(200, &show(user, state.knobs.reversed_arrays)),
        None => error(&state.knobs, 404, "Not found"),
    }
}

/// `PUT /users`: the user named by the body's id becomes what the body says.
pub(super) fn update(state: &mut State, request: &Request) -> Reply {
    let invalid = |state: &State, message| error(&state.knobs, 400, message);
    let mut config = match UserConfig::read(&request.json_object().unwrap_or_default()) {
        Ok(config) => config,
        Err(message) => return invalid(state, message),
    };
    if let Err(message) = create::password(state, &mut config) {
        return invalid(state, message);
    }
    let Some(found) = state.user(&config.id).cloned() else { return error(&state.knobs, 404, "Not found") };
    if state.special.poisoned.contains(&config.key()) {
        return invalid(state, "invalid user data");
    }
    if !state.has_groups(config.groups.as_deref().unwrap_or_default()) {
        return invalid(state, "user group ID does not exist");
    }
    if state.of_email(&config.email).is_some_and(|other| other.id != found.id) {
        return error(&state.knobs, state.knobs.email_taken_status, "user email address already assigned");
    }
    // 2.6: a list replaces the memberships; what a missing one does is not known.
    if config.groups.is_none() && state.knobs.missing_groups == MissingGroups::Keep {
        config.groups = Some(found.groups.clone());
    }
    config.id.clone_from(&found.id);
    config.password = config.password.or(found.initial_password);
    let mut changed = super::cluster::User::new(config, &state.knobs);
    changed.built_in = found.built_in;
    let reply = Reply::json(200, &show(&changed, state.knobs.reversed_arrays));
    if !state.special.ignored.contains(&found.email) {
        let users = state.users_mut();
        users.remove(&found.id);
        users.push(changed);
    }
    reply
}

/// `DELETE /users/{id}`: 200 with the user that was.
pub(super) fn delete(state: &mut State, id: &str) -> Reply {
    let Some(user) = state.user(id).cloned() else {
        return match state.knobs.delete_again {
            DeleteAgain::Ok => Reply::empty(200),
            DeleteAgain::NotModified => Reply::empty(304),
            DeleteAgain::NotFound => error(&state.knobs, 404, "Not found"),
        };
    };
    // 2.7 [INF]: what a 406 is for.
    if user.built_in || state.special.unremovable.contains(&user.email) {
        return error(&state.knobs, 406, "The user can't be removed");
    }
    if !state.special.ignored.contains(&user.email) {
        state.users_mut().remove(&user.id);
    }
    Reply::json(200, &show(&user, state.knobs.reversed_arrays))
}
