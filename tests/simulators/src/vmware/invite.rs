//! Inviting people and taking invitations back by name. B3.1.

use serde_json::{Map, Value};

use super::{
    access::{Access, Role, ServiceRoles},
    errors::Errors,
    knobs::{
        BadUsername, DuplicateInvite, MemberInvite, Platform, UnknownFields, UnknownPerson, VmwareKnobs,
    },
    org::{State, Status},
};
use crate::{
    credentials::{Caller, CallerRole},
    http::Reply,
    text::{is_email, normal},
};

/// B3.1: known role names.
pub(super) const KNOWN_ROLES: [&str; 5] =
    ["org_owner", "org_admin", "org_member", "support_user", "developer"];
/// B3.1: fields of both platforms.
const FIELDS: [&str; 9] = [
    "usernames",
    "orgRoleNames",
    "organizationRoles",
    "serviceRolesDtos",
    "customRoles",
    "customGroupsIds",
    "invitedBy",
    "skipNotify",
    "skipNotifyRegistration",
];
/// B1: fields seen only in the newest documentation.
const TCSP_FIELDS: [&str; 3] =
    ["invitationExpirationInDays", "notifyUsersOfOrgAccess", "notifyUsersOfRegistration"];

/// An invite request that was found good.
#[derive(Debug, Clone)]
pub(super) struct InviteOrder {
    pub(super) usernames: Vec<String>,
    pub(super) access: Access,
    pub(super) mail_access: bool,
    pub(super) mail_registration: bool,
    pub(super) invited_by: String,
    pub(super) generated_by: String,
    pub(super) days: u64,
}

/// Reads and judges an invite request against the organization.
pub(super) fn read(
    body: Option<&Map<String, Value>>,
    state: &State,
    caller: &Caller,
    now: u64,
) -> Result<InviteOrder, Reply> {
    let errors = Errors::from(&state.knobs);
    let knobs = &state.knobs;
    // B4: 400 invalid body.
    let body = body.ok_or_else(|| errors.status(400))?;
    check_fields(body, knobs)?;
    let usernames = usernames(body, state)?;
    let access = access(body, knobs)?;
    if access.is_owner() && caller.role != CallerRole::Owner {
        return Err(errors.status(403)); // B3: an Admin cannot grant Owner.
    }
    let members = &state.people.current().members;
    let invitations = &state.people.current().invitations;
    let member = |name: &String| members.of(&normal(name)).next().is_some();
    let invited = |name: &String| invitations.of(&normal(name)).any(|row| row.is_open(now));
    let conflict = (knobs.member_invite == MemberInvite::Conflict && usernames.iter().any(member))
        || (knobs.duplicate_invite == DuplicateInvite::Conflict && usernames.iter().any(invited));
    if conflict {
        return Err(errors.status(409)); // B3.1, U7.
    }
    let flag = |name: &str| body.get(name).and_then(Value::as_bool);
    let tcsp = knobs.platform == Platform::Tcsp;
    let days = match body.get("invitationExpirationInDays") {
        Some(value) if tcsp && !value.is_null() => match value.as_u64() {
            Some(days @ 1..=90) => days,
            _ => return Err(errors.say(400, "invitationExpirationInDays must be between 1 and 90")),
        },
        _ => 7, // B3.1: default; VCSP knows no other.
    };
    // B1, B3.1: the deprecated pair is the inverse of the new one, and the only one on VCSP.
    let skip = flag("skipNotify").unwrap_or(false);
    let skip_registration =
        flag("skipNotifyRegistration").unwrap_or(false) || (skip && knobs.skip_notify_suppresses_all);
    let invited_by = body.get("invitedBy").and_then(Value::as_str).unwrap_or(&caller.owner).to_owned();
    Ok(InviteOrder {
        usernames,
        access,
        mail_access: !skip && (!tcsp || flag("notifyUsersOfOrgAccess").unwrap_or(true)),
        mail_registration: !skip_registration && (!tcsp || flag("notifyUsersOfRegistration").unwrap_or(true)),
        invited_by,
        generated_by: caller.client.clone(), // B3.2: usually a client identifier.
        days,
    })
}

fn check_fields(body: &Map<String, Value>, knobs: &VmwareKnobs) -> Result<(), Reply> {
    let errors = Errors::from(knobs);
    let known = |name: &str| {
        FIELDS.contains(&name) || (knobs.platform == Platform::Tcsp && TCSP_FIELDS.contains(&name))
    };
    if knobs.unknown_fields == UnknownFields::Reject && !body.keys().all(|name| known(name)) {
        return Err(errors.say(400, "Unrecognized field")); // B1 [I].
    }
    let flags =
        ["skipNotify", "skipNotifyRegistration", "notifyUsersOfOrgAccess", "notifyUsersOfRegistration"];
    let wrong = |name: &&str| known(name) && body.get(*name).is_some_and(|v| !v.is_boolean() && !v.is_null());
    if flags.iter().any(wrong) {
        return Err(errors.status(400));
    }
    Ok(())
}

/// The addresses of a request of either kind, as written. Bad and poisoned ones fail it or are left out.
pub(super) fn usernames(body: &Map<String, Value>, state: &State) -> Result<Vec<String>, Reply> {
    let errors = Errors::from(&state.knobs);
    let items = match body.get("usernames") {
        Some(Value::Array(items)) if !items.is_empty() => items,
        _ => return Err(errors.say(400, "usernames is required")),
    };
    if state.knobs.max_usernames.is_some_and(|most| items.len() > most) {
        return Err(errors.say(400, "too many usernames")); // U6.
    }
    let mut names = Vec::new();
    for item in items {
        let Some(name) = item.as_str() else { return Err(errors.status(400)) };
        let good = is_email(name) && !state.special.poisoned.contains(&normal(name));
        match (good, state.knobs.bad_username) {
            (true, _) => names.push(name.trim().to_owned()),
            (false, BadUsername::Skip) => {}
            // B3.1 [I]: one bad address fails the whole request.
            (false, BadUsername::RefuseAll) => return Err(errors.say(400, "Invalid username in the request")),
        }
    }
    Ok(names)
}

fn access(body: &Map<String, Value>, knobs: &VmwareKnobs) -> Result<Access, Reply> {
    let errors = Errors::from(knobs);
    let bad = || errors.status(400);
    let mut organization = Role::parse_all(body.get("organizationRoles")).ok_or_else(bad)?;
    // B3.1: `orgRoleNames` is the deprecated form.
    let names = strings(body.get("orgRoleNames")).ok_or_else(bad)?;
    organization.extend(names.iter().map(|name| Role::named(name)));
    for role in &organization {
        if !KNOWN_ROLES.contains(&role.name.as_str()) && !knobs.extra_organization_roles.contains(&role.name)
        {
            // B3.1: restricted roles and [I] unknown ones.
            return Err(errors.say(400, "Organization role can't be assigned"));
        }
    }
    if organization.is_empty() {
        organization.push(Role::named("org_member")); // B3.1: org_member is the minimum.
    }
    let custom = Role::parse_all(body.get("customRoles")).ok_or_else(bad)?;
    let groups = strings(body.get("customGroupsIds")).ok_or_else(bad)?;
    if groups.len() > 15 {
        return Err(errors.say(400, "customGroupsIds must have at most 15 items")); // B3.1.
    }
    let mut services = Vec::new();
    match body.get("serviceRolesDtos") {
        None | Some(Value::Null) => {}
        Some(Value::Array(items)) => {
            for item in items {
                services.push(service(item).ok_or_else(bad)?);
            }
        }
        Some(_) => return Err(bad()),
    }
    Ok(Access { organization, services, custom, groups })
}

/// B3.1: an invitation names a service by its link, with either role objects or names.
fn service(item: &Value) -> Option<ServiceRoles> {
    let link = item.get("serviceDefinitionLink")?.as_str()?.to_owned();
    let mut roles = Role::parse_all(item.get("serviceRoles"))?;
    roles.extend(strings(item.get("serviceRoleNames"))?.iter().map(|name| Role::named(name)));
    (link.starts_with("/csp/gateway/slc/api/definitions/") && !roles.is_empty())
        .then_some(ServiceRoles { link, roles })
}

/// An array of strings; absent or null counts as empty.
pub(super) fn strings(value: Option<&Value>) -> Option<Vec<String>> {
    match value {
        None | Some(Value::Null) => Some(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned)).collect(),
        Some(_) => None,
    }
}

/// Reads and judges a bulk revocation; gives the addresses in their compared form.
pub(super) fn read_revocation(
    body: Option<&Map<String, Value>>,
    state: &State,
) -> Result<Vec<String>, Reply> {
    let errors = Errors::from(&state.knobs);
    let body = body.ok_or_else(|| errors.status(400))?;
    let names: Vec<String> = usernames(body, state)?.iter().map(|name| normal(name)).collect();
    let invitations = &state.people.current().invitations;
    let available = |name: &String| invitations.of(name).any(|row| row.status == Status::Available);
    if state.knobs.revoke_unknown == UnknownPerson::NotFound && !names.iter().all(available) {
        return Err(errors.say(404, "Invitation not found")); // U12.
    }
    Ok(names)
}

impl InviteOrder {
    /// An invitation by somebody who is not the API's caller.
    pub(super) fn by_other(username: &str) -> Self {
        Self {
            usernames: vec![username.to_owned()],
            access: Access { organization: vec![Role::named("org_member")], ..Access::default() },
            mail_access: true,
            mail_registration: true,
            invited_by: "another.admin@example.com".to_owned(),
            generated_by: "console".to_owned(),
            days: 7,
        }
    }
}
