//! VMware Cloud Services. Sections cited are those of part B of its contract.

mod access;
mod auth;
mod effects;
mod errors;
mod groups;
mod invitations;
mod invite;
mod knobs;
mod org;
mod persons;
mod roles;
mod route;
mod setup;
mod users;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::{Value, json};

pub(crate) use self::org::Org;
use self::{
    errors::Errors,
    org::{Pending, State, Task},
    route::{OrganizationRoute as O, Route},
};
pub use self::{
    knobs::{
        BadUsername, DuplicateInvite, ExpirationUnit, LeanRows, MemberInvite, PageExcess, Platform,
        TokenField, TokenHeader, UnknownFields, UnknownPerson, UsernameCase, VmwareKnobs,
    },
    setup::VmwareOrg,
};
use crate::{
    clock::{Clock, lock},
    credentials::{Caller, CallerRole, Credential, Tokens},
    http::{Reply, Request},
    text::normal,
    vendor::{Call, Context, Tenant, VendorApi, settle_later},
};

/// All organizations.
#[derive(Default)]
pub(crate) struct Vmware {
    orgs: Mutex<BTreeMap<String, Arc<Org>>>,
    tokens: Tokens,
}

impl Vmware {
    pub(crate) fn org(&self, id: &str) -> Option<Arc<Org>> {
        lock(&self.orgs).get(id).cloned()
    }

    pub(crate) fn insert(&self, org: Org) {
        lock(&self.orgs).insert(org.tenant().id.clone(), Arc::new(org));
    }

    /// The organization whose credential has this key.
    fn by_credential(&self, key: &str) -> Option<(Arc<Org>, Credential)> {
        lock(&self.orgs).values().find_map(|org| {
            let found = org.state().credentials.iter().find(|c| c.secret.key() == key).cloned();
            found.map(|credential| (org.clone(), credential))
        })
    }

    /// The credential key a token request offers.
    fn offered(route: &Route, request: &Request) -> Option<String> {
        match route {
            Route::AuthorizeApiToken => auth::offered_token(request).map(|(token, _)| token),
            Route::ClientToken => request.basic().map(|(user, _)| user),
            Route::TokenDetails => request.json_object()?.get("tokenValue")?.as_str().map(str::to_owned),
            _ => None,
        }
    }

    fn token_request(&self, context: &Context<'_>, route: &Route, request: &Request) -> Reply {
        let errors = Errors::default();
        let Some(key) = Self::offered(route, request) else { return errors.status(400) };
        let Some((org, credential)) = self.by_credential(&key) else {
            return match route {
                Route::ClientToken => errors.say(401, "invalid_client"),
                _ => auth::unknown_api_token(errors, &key),
            };
        };
        let (state, id, now) = (org.state(), &org.tenant().id, context.world.clock.vendor());
        match route {
            Route::AuthorizeApiToken => auth::authorize(&state, &self.tokens, id, &credential, request, now),
            Route::ClientToken => auth::client_token(&state, &self.tokens, id, &credential, request, now),
            // B2.3: times in milliseconds; 6 months is what the console proposes (B2.1).
            _ => Reply::json(
                200,
                &json!({"createdAt": state.created, "lastUsedAt": now, "expiresAt": state.created + 180 * 86_400_000}),
            ),
        }
    }

    fn logged_in_organizations(&self, context: &Context<'_>, request: &Request) -> Reply {
        let errors = Errors::default();
        let token = auth::access_token(request).map(|(token, _)| token);
        let Ok(caller) = self.tokens.caller(token, context.world.clock.vendor()) else {
            return errors.status(401);
        };
        let Some(org) = self.org(&caller.tenant) else { return errors.status(404) };
        let row = json!({"id": caller.tenant, "name": org.state().name, "displayName": org.state().name.clone(),
                         "refLink": format!("/csp/gateway/am/api/orgs/{}", caller.tenant)});
        Reply::json(200, &json!({"totalResults": 1, "nextLink": null, "prevLink": null, "results": [row]}))
    }

    fn of_organization(&self, context: &Context<'_>, id: &str, route: &O, request: &Request) -> Reply {
        let now = context.world.clock.vendor();
        let Some(org) = self.org(id) else {
            let token = auth::access_token(request).map(|(token, _)| token);
            let known = self.tokens.caller(token, now).is_ok();
            return Errors::default().status(if known { 404 } else { 401 });
        };
        let mut state = org.settled(context.world);
        let errors = Errors::from(&state.knobs);
        let Ok(caller) = auth::caller(&state, &self.tokens, request, now) else { return errors.status(401) };
        if caller.tenant != id || (caller.role == CallerRole::Member && !open_to_members(route)) {
            return errors.status(403); // B3: required roles; a token is for one organization.
        }
        let before = context.lose.then(|| state.clone());
        let queued = state.pending.len();
        let reply = perform(&mut state, &org, context, route, &caller, request, now);
        if let Some(before) = before {
            *state = before;
        }
        let delay = state.knobs.commit_delay_milliseconds;
        if state.pending.len() > queued {
            if delay == 0 {
                state.settle(context.world, org.tenant());
            } else {
                settle_later(context.world, org.clone(), Duration::from_millis(delay));
            }
        }
        reply
    }
}

/// B3: searching and listing users, and the organization's roles, are open to any member.
fn open_to_members(route: &O) -> bool {
    matches!(route, O::ListUsers | O::ListUsersOld | O::SearchUsers | O::Roles)
}

fn perform(
    state: &mut State,
    org: &Org,
    context: &Context<'_>,
    route: &O,
    caller: &Caller,
    request: &Request,
    now: u64,
) -> Reply {
    let id = &org.tenant().id;
    let body = request.json_object();
    match route {
        O::Invite => match invite::read(body.as_ref(), state, caller, now) {
            Ok(order) => accept(state, context, Task::Invite(Box::new(order))),
            Err(reply) => reply,
        },
        O::Revoke => match invite::read_revocation(body.as_ref(), state) {
            Ok(emails) => accept(state, context, Task::Revoke { emails, by: caller.owner.clone() }),
            Err(reply) => reply,
        },
        O::OtherAction => Errors::from(&state.knobs).say(400, "Unknown action"),
        O::ListInvitations => invitations::list(state, id, request),
        O::ReadInvitation(invitation) => invitations::read(state, id, invitation),
        O::DeleteInvitation(invitation) => invitations::delete(state, invitation, caller, now),
        O::ListUsers => users::list(state, id, caller, request, now),
        O::ListUsersOld => users::list_old(state, id, caller, now),
        O::SearchUsers => users::search(state, id, caller, request, now),
        O::RemoveUsers => users::remove(state, caller, request),
        O::ReadUser(user, part) => users::read(state, id, user, *part, now),
        O::ChangeRoles(user) => roles::change(state, org.tenant(), context, caller, user, request),
        O::Roles => roles::list(state, id, request),
        O::Groups => groups::list(state),
        O::SearchGroups => groups::search(state, request),
        O::AddToGroup(group) => groups::change(state, group, true, request),
        O::RemoveFromGroup(group) => groups::change(state, group, false, request),
        O::CustomRoles => roles::list_custom(state),
    }
}

/// B3.1: 202, empty, done later.
fn accept(state: &mut State, context: &Context<'_>, task: Task) -> Reply {
    let due = Clock::real() + state.knobs.commit_delay_milliseconds;
    state.pending.push_back(Pending { due, operation: context.operation, task });
    Reply::empty(202)
}

impl VendorApi for Vmware {
    fn identify(&self, request: &Request) -> Call {
        let route = Route::of(request);
        let tenant = match &route {
            Route::Of(org, _) => Some(org.clone()),
            Route::LoggedInOrganizations | Route::Unknown => {
                auth::access_token(request).and_then(|(token, _)| self.tokens.tenant(token))
            }
            _ => Self::offered(&route, request)
                .and_then(|key| self.by_credential(&key))
                .map(|(org, _)| org.tenant().id.clone()),
        };
        let mut call = Call { operation: route.operation(), tenant, emails: Vec::new(), ids: route.ids() };
        if let Some(body) = request.json_object() {
            let strings = |name: &str| invite::strings(body.get(name)).unwrap_or_default();
            call.emails.extend(strings("usernames").iter().map(|name| normal(name)));
            call.ids.extend(strings("ids"));
        }
        call.emails.extend(request.query("userSearchTerm").map(normal));
        call
    }

    fn perform(&self, context: &Context<'_>, request: &Request) -> Reply {
        match Route::of(request) {
            route @ (Route::AuthorizeApiToken | Route::ClientToken | Route::TokenDetails) => {
                self.token_request(context, &route, request)
            }
            Route::LoggedInOrganizations => self.logged_in_organizations(context, request),
            Route::Unknown => Reply::json(404, &Value::from(serde_json::Map::new())),
            Route::Of(org, route) => self.of_organization(context, &org, &route, request),
        }
    }

    fn error(&self, tenant: Option<&str>, status: u16) -> Reply {
        let org = tenant.and_then(|id| self.org(id));
        org.map_or_else(Errors::default, |org| Errors::from(&org.state().knobs)).status(status)
    }

    fn tenant(&self, id: &str) -> Option<Arc<dyn Tenant>> {
        self.org(id).map(|org| org as Arc<dyn Tenant>)
    }

    fn tenants(&self) -> Vec<Arc<dyn Tenant>> {
        lock(&self.orgs).values().cloned().map(|org| org as Arc<dyn Tenant>).collect()
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
