//! Members: lists, search, removal. B3.3, B3.4.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{
    errors::Errors,
    invite::strings,
    knobs::{PageExcess, UnknownPerson},
    org::{Member, State},
    route::UserPart,
};
use crate::{
    credentials::{Caller, CallerRole},
    http::{Reply, Request},
};

/// What a list shows of each user.
struct View<'a> {
    organization: &'a str,
    now: u64,
    roles: bool,
    profile: bool,
    groups: bool,
}

/// `GET /v2/orgs/{orgId}/users`. B3.3: `pageStart` is the index of an item, counted from 1.
pub(super) fn list(state: &State, organization: &str, caller: &Caller, request: &Request, now: u64) -> Reply {
    let errors = Errors::from(&state.knobs);
    let number = |name: &str, default: usize| match request.query(name) {
        None | Some("") => Some(default),
        Some(text) => text.parse().ok(),
    };
    let (Some(start @ 1..), Some(mut limit @ 1..)) = (number("pageStart", 1), number("pageLimit", 200))
    else {
        return errors.say(400, "pageStart and pageLimit must be positive");
    };
    if limit > 200 {
        match state.knobs.page_excess {
            PageExcess::Reject => return errors.say(400, "pageLimit must be at most 200"),
            PageExcess::Clamp => limit = 200,
        }
    }
    let view = View {
        organization,
        now,
        // B3: plain members see no roles.
        roles: !request.has_query("excludeRoles") && caller.role != CallerRole::Member,
        profile: request.has_query("expandProfile"),
        groups: request.has_query("includeGroupIdsInRoles"),
    };
    let service = request.query("serviceDefinitionId").filter(|id| !id.is_empty());
    let wanted = |member: &&Member| {
        service.is_none_or(|id| member.access.services.iter().any(|service| service.id() == id))
    };
    let members: Vec<&Member> = state.listed().members.iter().filter(wanted).collect();
    let rows: Vec<Value> =
        members.iter().skip(start - 1).take(limit).map(|m| show(m, state, &view)).collect();
    let link = |start: usize| page_link(organization, request, start, limit);
    let next = (start - 1 + limit < members.len()).then(|| link(start + limit));
    let previous = (start > 1).then(|| link(start.saturating_sub(limit).max(1)));
    Reply::json(
        200,
        &json!({"totalResults": members.len(), "nextLink": next, "prevLink": previous, "results": rows}),
    )
}

/// B3.3: links are relative paths; they keep the other parameters.
fn page_link(organization: &str, request: &Request, start: usize, limit: usize) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("pageStart", &start.to_string()).append_pair("pageLimit", &limit.to_string());
    for (key, value) in request.query.iter().filter(|(key, _)| key != "pageStart" && key != "pageLimit") {
        query.append_pair(key, value);
    }
    format!("/csp/gateway/am/api/v2/orgs/{organization}/users?{}", query.finish())
}

/// `GET /orgs/{orgId}/users`: the old list, all in one page.
pub(super) fn list_old(state: &State, organization: &str, caller: &Caller, now: u64) -> Reply {
    let view =
        View { organization, now, roles: caller.role != CallerRole::Member, profile: false, groups: false };
    let rows: Vec<Value> = state.listed().members.iter().map(|member| show(member, state, &view)).collect();
    Reply::json(
        200,
        &json!({"totalResults": rows.len(), "nextLink": null, "prevLink": null, "results": rows}),
    )
}

/// `GET …/users/search`. B3.3: contains, over name and address; the first 20.
pub(super) fn search(
    state: &State,
    organization: &str,
    caller: &Caller,
    request: &Request,
    now: u64,
) -> Reply {
    let term = request.query("userSearchTerm").unwrap_or_default().to_lowercase();
    if term.is_empty() || term.chars().count() > 120 {
        return Errors::from(&state.knobs).say(400, "userSearchTerm must have 1 to 120 characters");
    }
    let view =
        View { organization, now, roles: caller.role != CallerRole::Member, profile: false, groups: false };
    let hit = |member: &&Member| {
        let (first, last) = names(&member.email);
        member.email.contains(&term) || [first, last].iter().any(|name| name.to_lowercase().contains(&term))
    };
    let rows: Vec<Value> =
        state.listed().members.iter().filter(hit).take(20).map(|member| show(member, state, &view)).collect();
    Reply::json(200, &json!({"results": rows}))
}

/// `GET /v2/users/{userId}/orgs/{orgId}/…`. The shapes are those of the list \[I\].
pub(super) fn read(state: &State, organization: &str, user: &str, part: UserPart, now: u64) -> Reply {
    let people = state.read();
    let Some(member) = people.members.get(user) else {
        return Errors::from(&state.knobs).say(404, "User not found");
    };
    let view = View { organization, now, roles: true, profile: true, groups: true };
    let whole = show(member, state, &view);
    match part {
        UserPart::Info => Reply::json(200, &whole),
        UserPart::Roles => Reply::json(200, &whole["organizationRoles"]),
        UserPart::ServiceRoles => Reply::json(200, &whole["serviceRoles"]),
    }
}

/// `DELETE /v2/orgs/{orgId}/users`. B3.4: at most 20 ids; part may fail; the last owner stays.
pub(super) fn remove(state: &mut State, caller: &Caller, request: &Request) -> Reply {
    let errors = Errors::from(&state.knobs);
    let ids = request.json_object().and_then(|body| strings(body.get("ids"))).unwrap_or_default();
    if ids.is_empty() || ids.len() > 20 {
        return errors.say(400, "ids must have 1 to 20 items");
    }
    let members = &state.people.current().members;
    if state.knobs.remove_unknown == UnknownPerson::NotFound && ids.iter().any(|id| members.get(id).is_none())
    {
        return errors.say(404, "Users not found");
    }
    let owner = |id: &&String| members.get(id).is_some_and(|member| member.access.is_owner());
    let owners: BTreeSet<&String> = ids.iter().filter(owner).collect();
    if !owners.is_empty() && caller.role != CallerRole::Owner {
        return errors.status(403); // B3: an Admin cannot manage Owner.
    }
    if !owners.is_empty() && owners.len() >= state.owners() {
        return errors.say(400, "The last organization owner can't be removed");
    }
    let (mut succeeded, mut failed) = (Vec::new(), Vec::new());
    for id in ids {
        let refused = |member: &Member| state.special.unremovable.contains(&member.email);
        match state.people.current().members.get(&id).map(refused) {
            Some(false) => {
                if let Some(member) = state.people_mut().members.remove(&id) {
                    state.special.accounts.insert(member.email); // The account outlives the membership.
                }
                succeeded.push(id);
            }
            Some(true) | None => failed.push(id),
        }
    }
    Reply::json(200, &json!({"succeeded": succeeded, "failed": failed}))
}

/// First and last name, made from the address.
fn names(email: &str) -> (String, String) {
    let local = email.split('@').next().unwrap_or_default();
    let capital = |word: &str| {
        let mut letters = word.chars();
        letters
            .next()
            .map(|first| first.to_uppercase().collect::<String>() + letters.as_str())
            .unwrap_or_default()
    };
    let (first, last) = local.split_once('.').unwrap_or((local, "User"));
    (capital(first), capital(last))
}

fn show(member: &Member, state: &State, view: &View<'_>) -> Value {
    let shown = state.shown(&member.written);
    let (first, last) = names(&member.email);
    let domain = member.email.split('@').nth(1).unwrap_or_default();
    let [organization, services, custom] = if view.roles {
        member.access.in_user(view.organization, view.now)
    } else {
        [json!([]), json!([]), json!([])]
    };
    let profile = view.profile.then(|| json!({"username": shown, "firstName": first, "lastName": last}));
    let mut value = json!({
        "orgId": view.organization,
        "user": {
            "username": shown, "acct": shown, "email": shown, "firstName": first, "lastName": last,
            "domain": domain, "idpId": "vmware.com", "userId": member.user_id, "accessible": true,
            "userProfile": profile,
        },
        "organizationRoles": organization,
        "serviceRoles": services,
        "customRoles": custom,
    });
    if view.groups {
        value["groupIds"] = json!(member.access.groups);
    }
    value
}
