//! Groups and the password policy. 2.2, 2.6.

use serde_json::{Value, json};

use super::{
    cluster::{Group, State},
    errors::error,
};
use crate::http::{Reply, Request};

/// `GET /groups`.
pub(super) fn list(state: &State) -> Reply {
    let mut groups: Vec<Value> = state.groups.iter().map(show).collect();
    if state.knobs.reversed_arrays {
        groups.reverse();
    }
    Reply::json(200, &Value::Array(groups))
}

/// `GET /groups/{id}`.
pub(super) fn read(state: &State, id: &str) -> Reply {
    match state.groups.iter().find(|group| group.id == id) {
        Some(group) => Reply::json(200, &show(group)),
        None => error(&state.knobs, 404, "Not found"),
    }
}

/// `POST /groups`: 200 with a new id; 400 where the request has one; 406 where the name exists.
pub(super) fn create(state: &mut State, request: &Request) -> Reply {
    let body = request.json_object().unwrap_or_default();
    let text = |name: &str| body.get(name).and_then(Value::as_str).unwrap_or_default();
    let (Some(Value::Bool(admin)), true, false) =
        (body.get("isClusterAdminGroup"), text("id").is_empty(), text("name").trim().is_empty())
    else {
        return error(&state.knobs, 400, "The input is invalid");
    };
    let group = Group::named(text("name"), *admin);
    if state.groups.iter().any(|other| other.id == group.id || other.name == group.name) {
        return error(&state.knobs, 406, "A group with this name exists");
    }
    let reply = Reply::json(200, &show(&group));
    state.groups.push(group);
    reply
}

/// `DELETE /groups/{id}`: 400 "Not Found" where there is none. 2.2 documents that beside 200 for one that is gone.
pub(super) fn delete(state: &mut State, id: &str) -> Reply {
    let Some(at) = state.groups.iter().position(|group| group.id == id) else {
        return error(&state.knobs, 400, "Not Found");
    };
    let group = state.groups.remove(at);
    let members: Vec<String> = state.users.current().iter().map(|user| user.id.clone()).collect();
    let users = state.users_mut();
    for member in members {
        if let Some(user) = users.get_mut(&member) {
            user.groups.retain(|held| *held != group.id);
        }
    }
    Reply::json(200, &show(&group))
}

/// `GET /passwordPolicy`.
pub(super) fn password_policy() -> Reply {
    Reply::json(
        200,
        &json!({"minPasswordLength": 8, "minNumberOfUppercaseChars": 1, "minNumberOfLowercaseChars": 1,
                "minNumberOfDigits": 1, "minNumberOfNonAlphanumericChars": 0}),
    )
}

fn show(group: &Group) -> Value {
    json!({
        "id": group.id, "name": group.name, "isClusterAdminGroup": group.cluster_admin,
        "isAccessAccount": false, "isManageAccount": false, "ldapGroupNames": [], "ssoGroupNames": [],
        "accessRight": {},
    })
}
