//! `POST /users`. 3.2, 3.4, 3.5.

use serde_json::{Value, json};

use super::{
    account::{State, Status},
    errors,
};
use crate::{
    http::{Reply, Request},
    ledger::{Effect, MailKind},
    text::{is_email, normal, random_uuid},
    vendor::{Context, TenantId},
};

/// Invites one person. 3.2: the body has an address and nothing else.
pub(super) fn invite(
    state: &mut State,
    tenant: &TenantId,
    context: &Context<'_>,
    request: &Request,
) -> Reply {
    let knobs = &state.knobs;
    let invalid = |message: &str| errors::api(knobs, knobs.validation_status, message);
    let body = request.json_object().unwrap_or_default();
    let email = match body.get("email") {
        Some(Value::String(email)) if is_email(email) => email.trim().to_owned(),
        _ => return invalid("email must be an email"),
    };
    let key = normal(&email);
    if state.special.poisoned.contains(&key) {
        return invalid("email is not acceptable");
    }
    // 3.4: people bound to another account can't be invited.
    if key.split('@').nth(1).is_some_and(|domain| knobs.foreign_domains.contains(domain)) {
        return invalid("The user belongs to another account");
    }
    if state.special.ignored.contains(&key) {
        return created(state, &random_uuid());
    }
    // 3.5: the documented message; the status is not.
    if state.user(&email).is_some() {
        return errors::api(knobs, knobs.exists_status, "User already exists");
    }
    // 3.4: pending until the person has signed up by the mail's link.
    let uid = state.add(&email, Status::Pending, context.world.clock.vendor());
    context.grant(tenant, &email, Effect::InvitationCreated, Some(MailKind::Invitation));
    created(state, &uid)
}

/// 3.2: documented without a body, seen with one.
fn created(state: &State, uid: &str) -> Reply {
    if state.knobs.created_body {
        Reply::json(state.knobs.invite_status, &json!({"userUuid": uid}))
    } else {
        Reply::empty(state.knobs.invite_status)
    }
}
