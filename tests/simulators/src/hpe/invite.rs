//! `POST /identity/v1/users`. A3.1.

use serde_json::{Value, json};

use super::{
    errors,
    knobs::{LocationForm, PendingInvite},
    workspace::{State, Status, User},
};
use crate::{
    credentials::{Caller, CallerRole},
    http::{Reply, Request},
    ledger::{Effect, MailKind},
    text::{is_email, normal, random_uuid},
    vendor::{Context, TenantId},
};

/// Invites one person.
pub(super) fn invite(
    state: &mut State,
    tenant: &TenantId,
    context: &Context<'_>,
    caller: &Caller,
    request: &Request,
) -> Reply {
    if caller.role == CallerRole::Member {
        return errors::api(403, "Edit permission is required");
    }
    let invalid = state.knobs.validation_status;
    let Some(body) = request.json_object() else { return errors::api(400, "The body is not a JSON object") };
    let email = match body.get("email") {
        Some(Value::String(email)) if is_email(email) => email.trim().to_owned(),
        _ => return errors::api(invalid, "email is not a valid address"),
    };
    let send = match body.get("sendWelcomeEmail") {
        None | Some(Value::Null) => true, // A3.1: the default.
        Some(Value::Bool(send)) => *send,
        Some(_) => return errors::api(invalid, "sendWelcomeEmail is not a boolean"),
    };
    let key = normal(&email);
    if state.special.poisoned.contains(&key) {
        return errors::api(invalid, "email is not acceptable");
    }
    // A3.1: 451 is documented, its meaning inferred.
    if key.split('@').nth(1).is_some_and(|domain| state.knobs.denied_domains.contains(domain)) {
        return errors::api(451, "The user can't be invited for legal reasons");
    }
    if state.special.ignored.contains(&key) {
        return created(state, &random_uuid(), request);
    }
    if let Some(user) = state.row(&key) {
        let (id, status, username) = (user.id.clone(), user.status, user.username.clone());
        return again(state, tenant, context, &id, &username, status, send, request);
    }
    let known = state.special.accounts.contains(&key);
    let now = context.world.clock.vendor();
    let user = if known {
        // A3.1: an activated account is VERIFIED at once; no mail is documented for it.
        let mail = (send && state.knobs.mail_existing_accounts).then_some(MailKind::AccessGranted);
        context.grant(tenant, &email, Effect::MemberAdded, mail);
        User::new(&email, Status::Verified, state.knobs.lower_usernames, now)
    } else {
        context.grant(tenant, &email, Effect::InvitationCreated, send.then_some(MailKind::Invitation));
        User::new(&email, Status::Unverified, state.knobs.lower_usernames, now)
    };
    let id = user.id.clone();
    state.users_mut().push(user);
    created(state, &id, request)
}

/// An invitation of somebody who has a row. A3.1 \[I\], U2.
#[allow(clippy::too_many_arguments)] // what a repeated invitation depends on
fn again(
    state: &State,
    tenant: &TenantId,
    context: &Context<'_>,
    id: &str,
    username: &str,
    status: Status,
    send: bool,
    request: &Request,
) -> Reply {
    let conflict = errors::api(state.knobs.exists_status, "The user exists in the workspace");
    if status != Status::Unverified {
        return conflict;
    }
    let mail = |context: &Context<'_>| {
        if send {
            context.mail(tenant, username, MailKind::Invitation);
        }
    };
    match state.knobs.pending_invite {
        PendingInvite::Conflict => conflict,
        PendingInvite::ConflictWithMail => {
            mail(context);
            conflict
        }
        PendingInvite::Created => {
            context.grant(tenant, username, Effect::InvitationUnchanged, None);
            created(state, id, request)
        }
        PendingInvite::CreatedWithMail => {
            let mail = send.then_some(MailKind::Invitation);
            context.grant(tenant, username, Effect::InvitationUnchanged, mail);
            created(state, id, request)
        }
    }
}

/// A3.1: the body holds no id; whether `Location` is a URL or a path is not known.
fn created(state: &State, id: &str, request: &Request) -> Reply {
    let reply = Reply::json(201, &json!({"message": "invited user"}));
    let path = format!("/identity/v1/users/{id}");
    match state.knobs.location {
        LocationForm::Relative => reply.with_header("location", &path),
        LocationForm::Absolute => {
            let host = request.header("host").unwrap_or("global.api.greenlake.hpe.com");
            reply.with_header("location", &format!("https://{host}{path}"))
        }
        LocationForm::Missing => reply,
    }
}
