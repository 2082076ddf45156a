//! Role assignments: the Authorization API. A4.

use serde_json::{Value, json};

use super::{
    errors, filter_parser,
    knobs::{FilterDialect, PrincipalForm},
    workspace::{State, undashed},
};
use crate::{
    credentials::{Caller, CallerRole},
    http::{Reply, Request},
    text::{is_uuid, naive_timestamp, random_uuid},
};

/// Who holds which role where.
#[derive(Debug, Clone)]
pub(super) struct Assignment {
    id: String,
    /// `user`, `user-group` or `api-client`.
    kind: String,
    /// The principal's id without hyphens.
    pub(super) user: String,
    pub(super) role: String,
    scope: Vec<String>,
    generation: u64,
    created: u64,
    updated: u64,
}

impl Assignment {
    pub(super) fn is_of(&self, user_id: &str) -> bool {
        self.kind == "user" && self.user == undashed(user_id)
    }

    fn principal(&self, form: PrincipalForm) -> String {
        match form {
            PrincipalForm::Undashed | PrincipalForm::UndashedOnly => format!("{}:{}", self.kind, self.user),
            PrincipalForm::Dashed | PrincipalForm::DashedOnly => {
                format!("{}:{}", self.kind, dashed(&self.user))
            }
        }
    }

    fn same(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.user == other.user
            && self.role == other.role
            && self.scope == other.scope
    }
}

/// The UUID form of 32 digits; anything else as it is.
fn dashed(id: &str) -> String {
    if id.len() != 32 || !id.is_ascii() {
        return id.to_owned();
    }
    format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..])
}

fn unknown() -> Reply {
    errors::coded(404, "HPE_GL_ERROR_NOT_FOUND", "There is no such role assignment")
}

fn malformed() -> Reply {
    errors::coded(400, "HPE_AUTHZ_INVALID_FORMAT", "The role assignment is malformed")
}

/// Reads principal, role and scope.
fn parse(state: &State, request: &Request, now: u64) -> Option<Assignment> {
    let body = request.json_object()?;
    let (kind, id) = body.get("principal")?.as_str()?.split_once(':')?;
    let form = match state.knobs.principal_form {
        PrincipalForm::UndashedOnly => !id.contains('-'),
        PrincipalForm::DashedOnly => is_uuid(id),
        _ => true,
    };
    let role = body.get("role")?.as_str()?.to_owned();
    let scope: Vec<String> = body
        .get("scope")?
        .as_array()?
        .iter()
        .map(|s| s.as_str().map(str::to_owned))
        .collect::<Option<_>>()?;
    let known_kind = matches!(kind, "user" | "user-group" | "api-client");
    let known_user = kind != "user" || state.users.current().get(&dashed(&undashed(id))).is_some();
    let good_scope = (1..=11).contains(&scope.len()) && scope.iter().all(|s| s.starts_with("grn:"));
    (form && known_kind && known_user && good_scope && role.starts_with("grn:")).then(|| Assignment {
        id: random_uuid(),
        kind: kind.to_owned(),
        user: undashed(id),
        role,
        scope,
        generation: 1,
        created: now,
        updated: now,
    })
}

/// `POST`: 201, 409 for one that is there, 412 over the quota.
pub(super) fn create(state: &mut State, caller: &Caller, request: &Request, now: u64) -> Reply {
    if caller.role == CallerRole::Member {
        return errors::coded(403, "HPE_AUTHZ_BLOCKED_USER", "The caller may not assign roles");
    }
    let Some(new) = parse(state, request, now) else { return malformed() };
    if state.assignments.iter().any(|held| held.same(&new)) {
        return errors::coded(409, "HPE_GL_AUTHORIZATION_ALREADY_CREATED", "The role is assigned already");
    }
    // A4: 50 assignments a user and workspace.
    if state.assignments.iter().filter(|held| held.kind == new.kind && held.user == new.user).count() >= 50 {
        return errors::coded(412, "HPE_GL_AUTHORIZATION_QUOTA", "Too many role assignments");
    }
    let value = show(&new, state, false);
    state.assignments.push(new);
    Reply::json(201, &value)
}

/// `GET`: a page; offset counts items, limit 1..200, default 100. The filter knows only `in` and `and`.
pub(super) fn list(state: &State, request: &Request) -> Reply {
    let number = |name: &str, default: usize| match request.query(name) {
        None => Some(default),
        Some(text) => text.parse().ok(),
    };
    let (Some(offset), Some(limit @ 1..=200)) = (number("offset", 0), number("limit", 100)) else {
        return malformed();
    };
    let text = request.query("filter").unwrap_or_default().trim();
    let parsed = filter_parser::parse(text, &["role", "scope", "principal"], FilterDialect::Guide);
    let filter = match (text, parsed) {
        ("", _) => None,
        (_, Some(filter)) if filter.is_for_assignments() => Some(filter),
        _ => return malformed(),
    };
    let fits = |held: &&Assignment| {
        filter.as_ref().is_none_or(|filter| {
            let property = |name: &str| match name {
                "role" => Some(held.role.clone()),
                "principal" => Some(held.principal(PrincipalForm::Undashed)),
                _ => Some(held.scope.join(" ")),
            };
            filter.fits(&property, &|name, value| {
                if name == "principal" {
                    let (kind, id) = value.split_once(':').unwrap_or((value, ""));
                    return format!("{kind}:{}", undashed(id));
                }
                value.to_owned()
            })
        })
    };
    let rows: Vec<&Assignment> = state.assignments.iter().filter(fits).collect();
    let items: Vec<Value> =
        rows.iter().skip(offset).take(limit).map(|held| show(held, state, true)).collect();
    Reply::json(200, &json!({"offset": offset, "count": items.len(), "total": rows.len(), "items": items}))
}

/// `GET …/{id}`.
pub(super) fn read(state: &State, id: &str) -> Reply {
    match state.assignments.iter().find(|held| held.id == id) {
        Some(held) => Reply::json(200, &show(held, state, true)),
        None => unknown(),
    }
}

/// `PUT …/{id}`: the id and the three fields; 409 if another is the same.
pub(super) fn replace(state: &mut State, id: &str, request: &Request, now: u64) -> Reply {
    let Some(at) = state.assignments.iter().position(|held| held.id == id) else { return unknown() };
    let Some(mut new) = parse(state, request, now) else { return malformed() };
    if state.assignments.iter().any(|held| held.id != id && held.same(&new)) {
        return errors::coded(
            409,
            "HPE_GL_AUTHORIZATION_RESOURCE_CONFLICT",
            "Another assignment is the same",
        );
    }
    id.clone_into(&mut new.id);
    new.created = state.assignments[at].created;
    new.generation = state.assignments[at].generation + 1;
    let value = show(&new, state, false);
    state.assignments[at] = new;
    Reply::json(200, &value)
}

/// `DELETE …/{id}`: 204.
pub(super) fn delete(state: &mut State, id: &str) -> Reply {
    let before = state.assignments.len();
    state.assignments.retain(|held| held.id != id);
    if state.assignments.len() < before { Reply::empty(204) } else { unknown() }
}

/// A4: timestamps with `+00:00`; list items also say where they come from.
fn show(held: &Assignment, state: &State, source: bool) -> Value {
    let principal = held.principal(state.knobs.principal_form);
    let id = principal.split_once(':').map_or("", |(_, id)| id);
    let time = |milliseconds: u64| format!("{}+00:00", naive_timestamp(milliseconds));
    let mut value = json!({
        "id": held.id, "type": "authorization/role-assignment",
        "principal": principal, "principalMetadata": {"id": id, "type": held.kind},
        "role": held.role, "roleMetadata": {"id": held.role, "type": "authorization/role"},
        "scope": held.scope, "generation": held.generation,
        "createdAt": time(held.created), "updatedAt": time(held.updated),
    });
    if source {
        value["source"] = json!("LOCAL");
    }
    value
}
