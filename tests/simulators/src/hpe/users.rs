//! Listing, reading, removing users and their preferences. A3.2 to A3.4.

use serde_json::{Value, json};

use super::{
    errors, filter, filter_parser,
    knobs::{OffsetUnit, OptionalFields, Timestamps},
    workspace::{State, Status, User},
};
use crate::{
    clock::Clock,
    credentials::{Caller, CallerRole},
    http::{Reply, Request},
    text::{is_uuid, naive_timestamp, normal},
};

/// A3.2: properties a filter may name.
pub(super) const PROPERTIES: [&str; 8] =
    ["id", "username", "firstName", "lastName", "userStatus", "createdAt", "updatedAt", "lastLogin"];
/// A3.4.
const LANGUAGES: [&str; 10] = ["en", "de", "es", "fr", "jp", "br", "cn", "ko", "ru", "it"];

/// `GET /identity/v1/users`.
pub(super) fn list(state: &State, request: &Request) -> Reply {
    let knobs = &state.knobs;
    let number = |name: &str, default: usize| match request.query(name) {
        None => Some(default),
        Some(text) => text.parse().ok(),
    };
    // A3.2: offset ≥ 0, limit 1..600.
    let (Some(offset), Some(limit @ 1..=600)) = (number("offset", 0), number("limit", 300)) else {
        return errors::api(knobs.validation_status, "offset or limit is out of bounds");
    };
    // A3.2: an empty filter is accepted.
    let text = request.query("filter").unwrap_or_default().trim();
    let filter = match text {
        "" => None,
        text => match filter_parser::parse(text, &PROPERTIES, knobs.filter_dialect) {
            Some(filter) => Some(filter),
            None => return errors::api(400, "The filter is not understood"),
        },
    };
    let exact = filter.as_ref().and_then(filter::Filter::exact);
    let lag = if exact.is_some() { knobs.read_lag_milliseconds } else { knobs.list_lag_milliseconds };
    let fits = |user: &&User| {
        filter.as_ref().is_none_or(|filter| {
            filter.fits(&|property| property_of(user, property), &|property, value| {
                fold(property, value, knobs.username_filter_ignores_case)
            })
        })
    };
    let users = state.users.read(Clock::real(), lag);
    // One person is found by index, so that large workspaces stay fast.
    let rows: Vec<&User> = match exact {
        Some(("username", email)) => users.of(&normal(email)).filter(fits).collect(),
        Some((_, id)) => users.get(id).into_iter().filter(fits).collect(),
        None => users.iter().filter(fits).collect(),
    };
    // U1: pages or items.
    let skip = match knobs.offset_unit {
        OffsetUnit::Pages => offset.saturating_mul(limit),
        OffsetUnit::Items => offset,
    };
    let items: Vec<Value> = rows.iter().skip(skip).take(limit).map(|user| show(user, state)).collect();
    Reply::json(200, &json!({"offset": offset, "count": items.len(), "total": rows.len(), "items": items}))
}

/// Texts as filters compare them: timestamps without a zone.
fn fold(property: &str, value: &str, ignore_case: bool) -> String {
    match property {
        "username" if ignore_case => normal(value),
        "createdAt" | "updatedAt" | "lastLogin" => {
            value.trim_end_matches('Z').trim_end_matches("+00:00").to_owned()
        }
        _ => value.to_owned(),
    }
}

fn property_of(user: &User, property: &str) -> Option<String> {
    match property {
        "id" => Some(user.id.clone()),
        "username" => Some(user.username.clone()),
        "userStatus" => Some(user.status.name().to_owned()),
        "createdAt" => Some(naive_timestamp(user.created)),
        "updatedAt" => Some(naive_timestamp(user.updated)),
        "lastLogin" => user.last_login.map(naive_timestamp),
        _ => user.last_login.map(|_| names(user)[usize::from(property == "lastName")].clone()),
    }
}

/// First and last name, made from the address; known once the person has signed up.
fn names(user: &User) -> [String; 2] {
    let local = user.email.split('@').next().unwrap_or_default();
    let (first, last) = local.split_once('.').unwrap_or((local, "user"));
    [first.to_owned(), last.to_owned()]
}

/// `GET /identity/v1/users/{id}`.
pub(super) fn read(state: &State, id: &str) -> Reply {
    if !is_uuid(id) {
        return errors::api(state.knobs.validation_status, "the id is not a UUID"); // A3.
    }
    match state.users.read(Clock::real(), state.knobs.read_lag_milliseconds).get(id) {
        Some(user) => Reply::json(200, &show(user, state)),
        None => unknown(state),
    }
}

/// `DELETE /identity/v1/users/{id}`: 204, empty. A3.3.
pub(super) fn delete(state: &mut State, caller: &Caller, id: &str, now: u64) -> Reply {
    if !is_uuid(id) {
        return errors::api(state.knobs.validation_status, "the id is not a UUID");
    }
    if caller.role == CallerRole::Member {
        return errors::api(403, "Delete permission is required");
    }
    match state.users.current().get(id) {
        None => unknown(state),
        Some(user) if user.status == Status::Deleted => unknown(state),
        Some(user) if state.special.unremovable.contains(&user.email) => {
            errors::api(400, "The user can't be removed")
        }
        Some(user) if user.status == Status::DeleteInProgress => Reply::empty(204),
        Some(_) => {
            state.delete(id, now);
            Reply::empty(204)
        }
    }
}

/// `PUT /identity/v1/users/{id}`: preferences only. A3.4.
pub(super) fn preferences(state: &mut State, id: &str, request: &Request, now: u64) -> Reply {
    let invalid = state.knobs.validation_status;
    let Some(body) = request.json_object() else { return errors::api(400, "The body is not a JSON object") };
    let language = match body.get("language") {
        None => None,
        Some(Value::String(language)) if LANGUAGES.contains(&language.as_str()) => Some(language.clone()),
        Some(_) => return errors::api(invalid, "language is not supported"),
    };
    let idle = match body.get("idleTimeout") {
        None => None,
        Some(value) => match value.as_u64() {
            Some(seconds) => Some(seconds),
            None => return errors::api(invalid, "idleTimeout is not a number"),
        },
    };
    if state.users.current().get(id).is_none() {
        return unknown(state);
    }
    if let Some(user) = state.users_mut().get_mut(id) {
        user.language = language.unwrap_or_else(|| user.language.clone());
        user.idle_timeout = idle.unwrap_or(user.idle_timeout);
        let status = user.status;
        user.change(status, now);
    }
    Reply::json(200, &json!({"message": "updated user preferences"}))
}

/// U3: the status for an unknown id is not documented.
fn unknown(state: &State) -> Reply {
    errors::api(state.knobs.unknown_id_status, "There is no such user in the workspace")
}

/// A3.2: `id`, `type` and `username` are required, the others optional.
fn show(user: &User, state: &State) -> Value {
    let time = |milliseconds: u64| {
        let naive = naive_timestamp(milliseconds);
        if state.knobs.timestamps == Timestamps::Zulu { format!("{naive}Z") } else { naive }
    };
    let mut value =
        json!({"id": user.id, "type": "user", "username": user.username, "userStatus": user.status.name()});
    if state.knobs.optional_fields == OptionalFields::Least {
        return value;
    }
    value["generation"] = json!(user.generation);
    value["createdAt"] = json!(time(user.created));
    value["updatedAt"] = json!(time(user.updated));
    if let Some(login) = user.last_login {
        value["lastLogin"] = json!(time(login));
    }
    if state.knobs.optional_fields == OptionalFields::All {
        let [first, last] = names(user);
        value["firstName"] = json!(first);
        value["lastName"] = json!(last);
        value["resourceUri"] = json!(format!("/identity/v1/users/{}", user.id));
    }
    value
}
