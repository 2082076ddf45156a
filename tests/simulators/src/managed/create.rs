//! Creating users, one or several in a call. 2.2, 2.4.

use serde_json::{Map, Value};

use super::{
    cluster::{State, User},
    config::{UserConfig, show},
    errors::error,
    knobs::{BulkExisting, DynatraceManagedKnobs, PartialBody, PasswordInput},
};
use crate::{
    http::{Reply, Request},
    ledger::{Effect, MailKind},
    vendor::{Context, TenantId},
};

/// Why a user can't be created.
enum Refusal {
    /// The request is wrong.
    Invalid(&'static str),
    IdTaken,
    EmailTaken,
}

/// `POST /users`.
pub(super) fn one(state: &mut State, tenant: &TenantId, context: &Context<'_>, request: &Request) -> Reply {
    let body = request.json_object().unwrap_or_default();
    let refuse = |state: &State, status, message: &str| error(&state.knobs, status, message);
    match check(state, &body).and_then(|user| taken(state, &user).map_or(Ok(user), Err)) {
        Err(Refusal::Invalid(message)) => refuse(state, 400, message),
        // 2.2 and 2.4: each of the two has two documented codes.
        Err(Refusal::IdTaken) => refuse(state, state.knobs.exists_status, "user ID already exists"),
        Err(Refusal::EmailTaken) => {
            refuse(state, state.knobs.email_taken_status, "user email address already assigned")
        }
        Ok(user) if fails(state, &user) => refuse(state, 522, "The user could not be created"),
        Ok(user) => {
            let reply = Reply::json(200, &show(&user, state.knobs.reversed_arrays));
            create(state, tenant, context, user);
            reply
        }
    }
}

/// `POST /users/bulk`. 2.4 \[INF\]: everything is checked first, and refused as a whole with 400; what fails after that
/// is a 406, with the others created.
pub(super) fn several(
    state: &mut State,
    tenant: &TenantId,
    context: &Context<'_>,
    request: &Request,
) -> Reply {
    let Ok(Value::Array(rows)) = serde_json::from_slice::<Value>(&request.body) else {
        return error(&state.knobs, 400, "invalid user data");
    };
    let users = match check_all(state, &rows) {
        Ok(users) => users,
        Err(message) => return error(&state.knobs, 400, message),
    };
    let (mut created, mut failed) = (Vec::new(), Vec::new());
    for user in &users {
        if taken(state, user).is_some() || fails(state, user) {
            failed.push(user.clone());
        } else {
            create(state, tenant, context, user.clone());
            created.push(user.clone());
        }
    }
    if failed.is_empty() {
        return Reply::json(200, &array(&created, &state.knobs));
    }
    let shown = match state.knobs.partial_body {
        PartialBody::Created => created,
        PartialBody::Failed => failed,
        PartialBody::Everybody => users,
        PartialBody::Nobody => Vec::new(),
        PartialBody::Error => {
            return error(&state.knobs, 406, "Unacceptable or incomplete request. Some users added");
        }
    };
    Reply::json(406, &array(&shown, &state.knobs))
}

/// The users of a batch, if nothing is wrong with any of them.
fn check_all(state: &State, rows: &[Value]) -> Result<Vec<User>, &'static str> {
    if rows.is_empty() {
        return Err("no user information received for the create-users request");
    }
    if state.knobs.largest_batch.is_some_and(|most| rows.len() > most) {
        return Err("too many users");
    }
    let mut users: Vec<User> = Vec::new();
    for row in rows {
        let object = row.as_object().ok_or("invalid user data")?;
        let user = check(state, object).map_err(|refusal| refusal.message())?;
        if users.iter().any(|other| same_id(&state.knobs, &other.id, &user.id)) {
            return Err("input contains duplicated IDs");
        }
        if users.iter().any(|other| other.email == user.email) {
            return Err("input contains duplicated email addresses");
        }
        if state.knobs.bulk_existing == BulkExisting::Refused
            && let Some(refusal) = taken(state, &user)
        {
            return Err(refusal.message());
        }
        users.push(user);
    }
    Ok(users)
}

impl Refusal {
    fn message(&self) -> &'static str {
        match self {
            Self::Invalid(message) => message,
            Self::IdTaken => "user ID already exists",
            Self::EmailTaken => "user email address already assigned",
        }
    }
}

/// The user that a `UserConfig` describes, if it is good by itself.
fn check(state: &State, object: &Map<String, Value>) -> Result<User, Refusal> {
    let mut config = UserConfig::read(object).map_err(Refusal::Invalid)?;
    password(state, &mut config).map_err(Refusal::Invalid)?;
    if state.special.poisoned.contains(&config.key()) || !acceptable(&state.knobs, &config.id) {
        return Err(Refusal::Invalid("invalid user data"));
    }
    if !state.has_groups(config.groups.as_deref().unwrap_or_default()) {
        return Err(Refusal::Invalid("user group ID does not exist"));
    }
    Ok(User::new(config, &state.knobs))
}

/// 2.3 \[INF\]: what becomes of a password. 2.3: accepted only with a feature flag.
pub(super) fn password(state: &State, config: &mut UserConfig) -> Result<(), &'static str> {
    match state.knobs.password_input {
        PasswordInput::Accepted => {}
        PasswordInput::Ignored => config.password = None,
        PasswordInput::Refused if config.password.is_some() => {
            return Err("setting a password is not allowed");
        }
        PasswordInput::Refused => {}
    }
    Ok(())
}

/// 5, Managed 7: allowed characters of an id are not known.
fn acceptable(knobs: &DynatraceManagedKnobs, id: &str) -> bool {
    !knobs.plain_ids_only || id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

fn taken(state: &State, user: &User) -> Option<Refusal> {
    if state.user(&user.id).is_some() {
        return Some(Refusal::IdTaken);
    }
    state.of_email(&user.email).map(|_| Refusal::EmailTaken)
}

fn same_id(knobs: &DynatraceManagedKnobs, one: &str, other: &str) -> bool {
    one == other || (knobs.ids_ignore_case && one.to_lowercase() == other.to_lowercase())
}

fn fails(state: &State, user: &User) -> bool {
    state.knobs.creation_faults.contains(&user.email)
}

fn create(state: &mut State, tenant: &TenantId, context: &Context<'_>, user: User) {
    if state.special.ignored.contains(&user.email) {
        return;
    }
    // 2.5: whether a mail is sent is not documented; the creation is what counts.
    let mail = state.knobs.mail_on_create.then_some(MailKind::Invitation);
    context.grant(tenant, &user.written, Effect::MemberAdded, mail);
    state.users_mut().push(user);
}

fn array(users: &[User], knobs: &DynatraceManagedKnobs) -> Value {
    let mut rows: Vec<Value> = users.iter().map(|user| show(user, knobs.reversed_arrays)).collect();
    if knobs.reversed_arrays {
        rows.reverse();
    }
    Value::Array(rows)
}
