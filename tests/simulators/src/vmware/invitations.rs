//! Listing, reading and deleting invitations. B3, B3.2.

use serde_json::{Value, json};

use super::{
    errors::Errors,
    knobs::{ExpirationUnit, LeanRows, UnknownPerson},
    org::{Invitation, State, Status},
};
use crate::{
    credentials::Caller,
    http::{Reply, Request},
};

/// `GET …/invitations`: a bare array without pages.
pub(super) fn list(state: &State, organization: &str, request: &Request) -> Reply {
    // B3.2: the presence of `expand` counts, not its value.
    let full = request.has_query("expand") || state.knobs.lean_rows == LeanRows::Full;
    let groups = request.has_query("expandCustomGroups");
    let wanted = request.query("customGroupId").filter(|id| !id.is_empty());
    let rows: Vec<Value> = state
        .listed()
        .invitations
        .iter()
        .filter(|row| wanted.is_none_or(|id| row.access.groups.iter().any(|group| group == id)))
        .filter(|row| !state.knobs.hide_closed_invitations || row.status == Status::Available)
        .map(|row| if full { show(row, state, organization, groups) } else { lean(row, organization) })
        .collect();
    Reply::json(200, &Value::from(rows))
}

/// `GET …/invitations/{id}`.
pub(super) fn read(state: &State, organization: &str, id: &str) -> Reply {
    match state.read().invitations.get(id) {
        Some(row) => Reply::json(200, &show(row, state, organization, true)),
        None => Errors::from(&state.knobs).say(404, "Invitation not found"),
    }
}

/// `DELETE …/invitations/{id}`: 200 without a body.
pub(super) fn delete(state: &mut State, id: &str, caller: &Caller, now: u64) -> Reply {
    let known = state.people.current().invitations.get(id).is_some();
    let revoked = state.revoke_one(id, &caller.owner, now);
    // U12: what happens to one that is REDEEMED or REVOKED already is not known.
    if revoked || (known && state.knobs.revoke_unknown == UnknownPerson::Accept) {
        return Reply::empty(200);
    }
    Errors::from(&state.knobs).say(404, "Invitation not found")
}

fn link(row: &Invitation, organization: &str) -> String {
    format!("/csp/gateway/am/api/orgs/{organization}/invitations/{}", row.id)
}

fn lean(row: &Invitation, organization: &str) -> Value {
    json!({"refLink": link(row, organization)})
}

/// B3.2: there is no `id`; it is the last segment of `refLink`.
fn show(row: &Invitation, state: &State, organization: &str, expand_groups: bool) -> Value {
    let mut value = json!({
        "refLink": link(row, organization),
        "username": state.shown(&row.written),
        "status": row.status.name(),
        "generatedAt": row.generated_at,
        "generatedBy": row.generated_by,
        "invitedByUsername": row.invited_by,
        "redeemedAt": row.redeemed_at,
        "redeemedBy": (row.status == Status::Redeemed).then(|| state.shown(&row.written)),
        "revokedAt": row.revoked_at,
        "revokedBy": row.revoked_by,
        "customGroups": [],
        "invitationLink": "",
    });
    if let Some(fields) = value.as_object_mut() {
        fields.append(&mut row.access.in_invitation());
    }
    // U5: the unit is not documented.
    match state.knobs.expiration_unit {
        ExpirationUnit::EpochMilliseconds => value["expirationTime"] = json!(row.expires_at),
        ExpirationUnit::EpochSeconds => value["expirationTime"] = json!(row.expires_at / 1000),
        ExpirationUnit::DurationSeconds => {
            value["expirationTime"] = json!(row.expires_at.saturating_sub(row.generated_at) / 1000);
        }
        ExpirationUnit::Absent => {}
    }
    if expand_groups {
        let group = |id: &String| state.groups.iter().find(|group| group.id == *id);
        let shown: Vec<Value> = row
            .access
            .groups
            .iter()
            .filter_map(group)
            .map(|group| json!({"id": group.id, "displayName": group.name}))
            .collect();
        value["customGroups"] = Value::from(shown);
    }
    value
}
