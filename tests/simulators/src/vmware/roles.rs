//! Changing the roles of a member, and the roles there are. B3, B3.5.

use serde_json::{Map, Value, json};

use super::{
    access::{Access, Role, ServiceRoles, add_roles, display_name, service_id},
    errors::Errors,
    invite::{KNOWN_ROLES, strings},
    org::State,
};
use crate::{
    credentials::{Caller, CallerRole},
    http::{Reply, Request},
    ledger::MailKind,
    text::normal,
    vendor::{Context, TenantId},
};

/// `PATCH /v3/users/{userId}/orgs/{orgId}/roles`.
pub(super) fn change(
    state: &mut State,
    tenant: &TenantId,
    context: &Context<'_>,
    caller: &Caller,
    user: &str,
    request: &Request,
) -> Reply {
    let errors = Errors::from(&state.knobs);
    let Some(body) = request.json_object() else { return errors.status(400) };
    // B3.5: the user's id or account.
    let members = &state.people.current().members;
    let found = members.get(user).or_else(|| members.of(&normal(user)).next());
    let Some(member) = found else { return errors.say(404, "User not found") };
    let (id, written) = (member.user_id.clone(), member.written.clone());
    let (was_owner, mut access) = (member.access.is_owner(), member.access.clone());
    if apply(&mut access, &body, state).is_none() {
        return errors.status(400);
    }
    if was_owner != access.is_owner() && caller.role != CallerRole::Owner {
        return errors.status(403); // B3: an Admin cannot grant or manage Owner.
    }
    if was_owner && !access.is_owner() && state.owners() <= 1 {
        return errors.say(400, "The last organization owner can't be changed");
    }
    let more = access.names().len() > member.access.names().len();
    if let Some(member) = state.people_mut().members.get_mut(&id) {
        member.access = access;
    }
    let notify =
        body.get("notifyUsers").and_then(Value::as_bool).unwrap_or(state.knobs.patch_notifies_by_default);
    if notify && more {
        context.mail(tenant, &written, MailKind::AccessGranted);
    }
    Reply::json(200, &json!({}))
}

/// Applies the blocks of a change; `None` if one is malformed.
fn apply(access: &mut Access, body: &Map<String, Value>, state: &State) -> Option<()> {
    if let Some(block) = body.get("organizationRoles").filter(|block| !block.is_null()) {
        change_roles(&mut access.organization, block)?;
        let known = |role: &Role| {
            KNOWN_ROLES.contains(&role.name.as_str())
                || state.knobs.extra_organization_roles.contains(&role.name)
        };
        if !access.organization.iter().all(known) {
            return None;
        }
    }
    if let Some(block) = body.get("customRoles").filter(|block| !block.is_null()) {
        change_roles(&mut access.custom, block)?;
    }
    let services = match body.get("serviceRoles") {
        None | Some(Value::Null) => return Some(()),
        Some(services) => services.as_array()?,
    };
    for block in services {
        // B3.1, B3.5: here a service is named by its id, not by its link.
        let id = block.get("serviceDefinitionId")?.as_str()?;
        let at = access.services.iter().position(|held| held.id() == service_id(id)).unwrap_or_else(|| {
            let link = format!("/csp/gateway/slc/api/definitions/external/{id}");
            access.services.push(ServiceRoles { link, roles: Vec::new() });
            access.services.len() - 1
        });
        change_roles(&mut access.services[at].roles, block)?;
    }
    access.services.retain(|service| !service.roles.is_empty());
    Some(())
}

/// One block: roles to add, remove and update, as objects or (B3.5) as names.
fn change_roles(held: &mut Vec<Role>, block: &Value) -> Option<()> {
    let roles = |objects: &str, names: &str| {
        let mut roles = Role::parse_all(block.get(objects))?;
        roles.extend(strings(block.get(names))?.iter().map(|name| Role::named(name)));
        Some(roles)
    };
    let removed = roles("rolesToRemove", "roleNamesToRemove")?;
    add_roles(held, &roles("rolesToAdd", "roleNamesToAdd")?);
    add_roles(held, &Role::parse_all(block.get("rolesToUpdate"))?);
    held.retain(|role| !removed.iter().any(|gone| gone.same(role)));
    Some(())
}

/// `GET /orgs/{orgId}/roles`. B3: `refLinks`, or the roles themselves with `expand` \[I\].
pub(super) fn list(state: &State, organization: &str, request: &Request) -> Reply {
    let wanted: Option<Vec<&str>> = request.query("name").map(|names| names.split(',').collect());
    let names: Vec<&str> = KNOWN_ROLES
        .into_iter()
        .chain(state.knobs.extra_organization_roles.iter().map(String::as_str))
        .filter(|name| wanted.as_ref().is_none_or(|wanted| wanted.contains(name)))
        .collect();
    let link = |name: &&str| json!(format!("/csp/gateway/am/api/orgs/{organization}/roles/{name}"));
    let data = |name: &&str| json!({"name": name, "displayName": display_name(name), "refLink": link(name), "orgId": organization});
    let (links, roles): (Vec<Value>, Vec<Value>) = if request.has_query("expand") {
        (Vec::new(), names.iter().map(data).collect())
    } else {
        (names.iter().map(link).collect(), Vec::new())
    };
    Reply::json(200, &json!({"refLinks": links, "orgRolesData": roles}))
}

/// `GET /csp/gateway/iam-roles-mgmt/api/orgs/{orgId}/custom-roles`.
pub(super) fn list_custom(state: &State) -> Reply {
    let role = |name: &String| json!({"name": name, "displayName": name, "permissions": []});
    let rows: Vec<Value> = state.custom_roles.iter().map(role).collect();
    Reply::json(200, &json!({"results": rows}))
}
