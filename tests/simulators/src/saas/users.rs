//! Listing, reading and deleting users. 3.2, 3.3.

use serde_json::{Value, json};

use super::{
    account::{State, Status, User},
    errors, group,
    knobs::SaasFields,
};
use crate::{
    clock::Clock,
    http::{Reply, Request},
};

/// `GET /users`: everybody in one answer, no paging.
pub(super) fn list(state: &State, request: &Request) -> Reply {
    let knobs = &state.knobs;
    let services = match request.query("service-users") {
        None => knobs.list_service_users,
        Some("true") => true,
        Some("false") => false,
        Some(_) => {
            return errors::api(knobs, knobs.validation_status, "service-users must be true or false");
        }
    };
    let users = state.users.read(Clock::real(), knobs.list_lag_milliseconds);
    let wanted = |user: &&User| services || !user.is_service();
    let items: Vec<Value> = users.iter().filter(wanted).map(|user| show(user, state)).collect();
    Reply::json(200, &json!({"count": items.len(), "items": items}))
}

/// `GET /users/{email}`: the user with groups.
pub(super) fn read(state: &State, account: &str, email: &str) -> Reply {
    let users = state.users.read(Clock::real(), state.knobs.read_lag_milliseconds);
    let Some(user) = state.find(users, email) else { return errors::no_user(&state.knobs, email) };
    let mut value = show(user, state);
    value["groups"] = group::held(state, user, account);
    Reply::json(200, &value)
}

/// `DELETE /users/{email}`: 200, empty.
pub(super) fn delete(state: &mut State, email: &str) -> Reply {
    let Some(user) = state.user(email) else { return errors::no_user(&state.knobs, email) };
    if state.special.unremovable.contains(&user.email) {
        return errors::api(&state.knobs, state.knobs.validation_status, "The user can't be deleted");
    }
    let uid = user.uid.clone();
    state.delete(&uid);
    Reply::empty(200)
}

/// First and last name, made from the address.
fn names(user: &User) -> (String, String) {
    let local = user.written.split('@').next().unwrap_or_default();
    let (first, last) = local.split_once('.').unwrap_or((local, ""));
    (first.to_owned(), last.to_owned())
}

/// A row without groups. 3.3: only `uid` and `email` are required; names and log-ins come with the first log-in.
pub(super) fn show(user: &User, state: &State) -> Value {
    let fields = state.knobs.fields;
    let mut value = json!({"uid": user.uid, "email": user.written});
    if fields == SaasFields::Required {
        return value;
    }
    value["userStatus"] = json!(user.status.name());
    if fields == SaasFields::Least {
        return value;
    }
    value["emergencyContact"] = json!(false);
    if fields == SaasFields::Observed {
        value["type"] = json!(if user.is_service() { "SERVICE_EXTERNAL" } else { "DEFAULT" });
    }
    if let Some(time) = user.signed_up.filter(|_| user.status != Status::Pending) {
        let (first, last) =
            if state.knobs.empty_names { (String::new(), String::new()) } else { names(user) };
        value["name"] = json!(first);
        value["surname"] = json!(last);
        value["userLoginMetadata"] = json!({
            "successfulLoginCounter": 1, "failedLoginCounter": 0,
            "lastSuccessfulLogin": state.time(time), "lastFailedLogin": null,
            "createdAt": state.time(user.invited), "updatedAt": state.time(user.updated),
        });
        if fields == SaasFields::Observed {
            value["userLoginMetadata"]["resetPasswordTokenSentAt"] = Value::Null;
            value["userLoginMetadata"]["lastSuccessfulBasicAuthentication"] = Value::Null;
        }
    }
    value
}
