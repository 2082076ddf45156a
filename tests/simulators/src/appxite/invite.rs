//! Invite a User: reading and judging the payload. 1.3.3, 1.3.4.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::{
    answer::{self, Read, Refusal},
    choices::{
        DuplicateEmail, ExistingUser, MissingOrganizations, OrganizationIdsPlacement, ProviderReference,
    },
    errors,
    knobs::AppXiteKnobs,
    platform::{Permission, State},
};
use crate::{
    http::Reply,
    text::{is_email, normal},
};

/// Somebody to be invited.
#[derive(Debug, Clone)]
pub(super) struct Invitee {
    pub(super) email: String,
    pub(super) names: [Option<String>; 2],
    pub(super) permissions: Vec<Permission>,
}

/// Reads an invite. `acting` is the organization acted for.
pub(super) fn read(state: &State, body: &Map<String, Value>, acting: Option<&str>, now: u64) -> Read {
    match judge(state, body, acting, now) {
        Ok((invitees, refusals)) => answer::answer(&state.knobs, invitees, &refusals),
        Err(reply) => Read { invitees: Vec::new(), reply },
    }
}

/// The value of a field. 1.3.3: whether the case of names matters is not known.
pub(super) fn field<'a>(
    knobs: &AppXiteKnobs,
    object: &'a Map<String, Value>,
    name: &str,
) -> Option<&'a Value> {
    if knobs.exact_request_names {
        return object.get(name);
    }
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

type Judged = (Vec<Invitee>, Vec<Refusal>);

fn judge(state: &State, body: &Map<String, Value>, acting: Option<&str>, now: u64) -> Result<Judged, Reply> {
    let knobs = &state.knobs;
    let wrong = |field: &str, said: &str| errors::invalid(knobs, field, said);
    // 1.3.4: empty `Users` is refused.
    let Some(Value::Array(users)) = field(knobs, body, "Users").filter(|users| **users != json!([])) else {
        return Err(wrong("Users", "The Users field is required."));
    };
    if knobs.max_users.is_some_and(|most| users.len() > most) {
        return Err(wrong("Users", "There are too many users.")); // 1.3.6: the maximum is unknown.
    }
    let common = organizations(state, body, "OrganizationIds", OrganizationIdsPlacement::Payload)?;
    let mut seen = BTreeSet::new();
    let mut judged = (Vec::new(), Vec::new());
    for (at, user) in users.iter().enumerate() {
        let Value::Object(user) = user else {
            return Err(wrong(&format!("Users[{at}]"), "The user is not an object."));
        };
        let text = |name: &str| field(knobs, user, name).and_then(Value::as_str).map(str::to_owned);
        let email = text("Email").unwrap_or_default();
        if !seen.insert(normal(&email)) {
            match knobs.duplicate_email {
                DuplicateEmail::Refuse => return Err(wrong(&format!("Users[{at}].Email"), "Duplicate.")),
                DuplicateEmail::Collapse => continue,
            }
        }
        let mut chosen = common.clone();
        chosen.extend(organizations(state, user, &format!("Users[{at}]"), OrganizationIdsPlacement::User)?);
        let chosen = or_default(state, chosen, acting)?;
        let groups = groups(state, user, at)?;
        provider(state, user, at)?;
        match refusal(state, &email, now) {
            Some((status, said)) => {
                judged.1.push(Refusal { status, field: format!("Users[{at}].Email"), said, email });
            }
            None => judged.0.push(Invitee {
                names: [text("FirstName"), text("LastName")],
                permissions: permissions(&chosen, &groups),
                email: email.trim().to_owned(),
            }),
        }
    }
    Ok(judged)
}

/// Why this one address can't be invited. 1.3.4.
fn refusal(state: &State, email: &str, now: u64) -> Option<(u16, &'static str)> {
    let key = normal(email);
    if !is_email(email) || state.special.poisoned.contains(&key) {
        return Some((400, "The Email field is not a valid e-mail address."));
    }
    let exists = state.user(&key).is_some_and(|user| user.exists(now));
    match state.knobs.existing_user {
        ExistingUser::Conflict if exists => Some((409, "The user already exists.")),
        ExistingUser::BadRequest if exists => Some((400, "The user already exists.")),
        _ => None,
    }
}

/// The organizations of payload or user, where the knob lets them count. 1.3.4: an unknown one is refused.
fn organizations(
    state: &State,
    object: &Map<String, Value>,
    place: &str,
    here: OrganizationIdsPlacement,
) -> Result<Vec<String>, Reply> {
    let knobs = &state.knobs;
    let counts = knobs.organization_ids == OrganizationIdsPlacement::Either || knobs.organization_ids == here;
    let ids = match field(knobs, object, "OrganizationIds") {
        Some(Value::Array(ids)) if counts => ids,
        Some(value) if counts && !value.is_null() => {
            return Err(errors::invalid(knobs, place, "OrganizationIds is not an array."));
        }
        _ => return Ok(Vec::new()),
    };
    let known = |id: &Value| id.as_str().and_then(|id| state.organization(id));
    let known: Option<Vec<String>> = ids.iter().map(known).collect();
    known.ok_or_else(|| errors::invalid(knobs, place, "The organization does not exist."))
}

/// The organizations of an invite that names none.
fn or_default(state: &State, chosen: Vec<String>, acting: Option<&str>) -> Result<Vec<String>, Reply> {
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    match state.knobs.missing_organizations {
        MissingOrganizations::OnBehalfOf => {
            let first = acting.map(str::to_owned).or_else(|| state.organizations.first().cloned());
            Ok(first.into_iter().collect())
        }
        MissingOrganizations::Refuse => {
            Err(errors::invalid(&state.knobs, "OrganizationIds", "The OrganizationIds field is required."))
        }
    }
}

/// The ids of a user's roles. 1.3.1: the field's name is a setting; 1.3.4: an unknown one is refused.
fn groups(state: &State, user: &Map<String, Value>, at: usize) -> Result<Vec<String>, Reply> {
    let knobs = &state.knobs;
    let mut found = Vec::new();
    for name in &knobs.role_fields {
        let wrong = |said| errors::invalid(knobs, &format!("Users[{at}].{name}"), said);
        let ids: Vec<&Value> = match field(knobs, user, name) {
            None | Some(Value::Null) => continue,
            Some(Value::Array(ids)) if name.ends_with('s') => ids.iter().collect(),
            Some(id @ Value::String(_)) if !name.ends_with('s') => vec![id],
            Some(_) => return Err(wrong("The value has the wrong type.")),
        };
        for id in ids {
            let known = state
                .roles
                .iter()
                .find(|role| id.as_str().is_some_and(|id| role.id.eq_ignore_ascii_case(id)));
            found.push(known.ok_or_else(|| wrong("The group does not exist."))?.id.clone());
        }
    }
    if found.is_empty() && knobs.role_required {
        return Err(errors::invalid(knobs, &format!("Users[{at}]"), "A group is required."));
    }
    Ok(found)
}

/// Judges a user's identity provider. 1.3.4: an unknown or disabled one is refused.
fn provider(state: &State, user: &Map<String, Value>, at: usize) -> Result<(), Reply> {
    let knobs = &state.knobs;
    for name in &knobs.identity_provider_fields {
        let named = match field(knobs, user, name) {
            None | Some(Value::Null) => continue,
            Some(value) => value.as_str().unwrap_or_default(),
        };
        let good = state.providers.iter().filter(|provider| provider.enabled).any(|provider| {
            let id = provider.id.eq_ignore_ascii_case(named);
            match knobs.provider_reference {
                ProviderReference::Either => id || provider.prefix == named,
                ProviderReference::Id => id,
                ProviderReference::Prefix => provider.prefix == named,
            }
        });
        if !good {
            let field = format!("Users[{at}].{name}");
            return Err(errors::invalid(knobs, &field, "There is no such identity provider."));
        }
    }
    Ok(())
}

/// Each role in each organization.
fn permissions(organizations: &[String], groups: &[String]) -> Vec<Permission> {
    let permission = |organization: &String, group| Permission { organization: organization.clone(), group };
    let in_one = |organization| match groups {
        [] => vec![permission(organization, None)],
        groups => groups.iter().map(|group| permission(organization, Some(group.clone()))).collect(),
    };
    organizations.iter().flat_map(in_one).collect()
}
