//! AppXite. Sections cited are those of part 1 of its contract; nearly everything is an inference there, so nearly
//! everything has a knob.

mod answer;
mod auth;
mod catalogue;
mod choices;
mod effects;
mod errors;
mod invite;
mod knobs;
mod persons;
mod platform;
mod route;
mod setup;
mod users;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use serde_json::Value;

use self::{
    auth::Offered,
    platform::{Pending, Platform, State},
    route::Route,
};
pub use self::{
    catalogue::{AppXiteIdentityProvider, AppXiteRole},
    choices::{
        AccountStateForm, AppXiteErrors, CreatedDate, DuplicateEmail, ExistingUser, InviteBody, ListForm,
        ListScope, Listing, MissingOrganizations, NameCase, OrganizationIdsPlacement, Paging, PartialFailure,
        PlatformHeader, ProviderReference, RowFields, TokenRequest,
    },
    knobs::{AppXiteKnobs, AppXitePaths},
    setup::AppXitePlatform,
};
use crate::{
    clock::{Clock, lock},
    credentials::{CallerRole, Credential, Tokens},
    http::{Reply, Request},
    text::normal,
    vendor::{Call, Context, Tenant, VendorApi, settle_later},
};

/// All platforms.
#[derive(Default)]
pub(crate) struct AppXite {
    platforms: Mutex<BTreeMap<String, Arc<Platform>>>,
    tokens: Tokens,
}

impl AppXite {
    fn platform(&self, id: &str) -> Option<Arc<Platform>> {
        lock(&self.platforms).get(id).cloned()
    }

    pub(crate) fn insert(&self, platform: Platform) {
        lock(&self.platforms).insert(platform.tenant().id.clone(), Arc::new(platform));
    }

    /// The platform whose credential has this key: a client id or a subscription key.
    fn by_credential(&self, key: &str) -> Option<(Arc<Platform>, Credential)> {
        lock(&self.platforms).values().find_map(|platform| {
            let found = platform.state().credentials.iter().find(|c| c.secret.key() == key).cloned();
            found.map(|credential| (platform.clone(), credential))
        })
    }

    /// The platform a request belongs to, by its token, else its subscription key, else the client that asks for a
    /// token.
    fn of(&self, request: &Request) -> Option<Arc<Platform>> {
        let by_token = request.bearer().and_then(|token| self.tokens.tenant(token));
        if let Some(platform) = by_token.and_then(|id| self.platform(&id)) {
            return Some(platform);
        }
        let client =
            || Offered::read(request).and_then(|offered| offered.get("client_id").map(str::to_owned));
        let key = auth::subscription_key(request).map(str::to_owned).or_else(client)?;
        self.by_credential(&key).map(|(platform, _)| platform)
    }

    /// The platform and what the request asks of it.
    fn route(&self, request: &Request) -> (Option<Arc<Platform>>, Route) {
        let platform = self.of(request);
        let paths =
            platform.as_ref().map(|platform| platform.state().knobs.paths.clone()).unwrap_or_default();
        let route = Route::of(request, &paths);
        (platform, route)
    }

    /// 1.3.2: client credentials.
    fn token(&self, context: &Context<'_>, request: &Request) -> Reply {
        let Some(offered) = Offered::read(request) else { return auth::refused(400, "invalid_request") };
        let client = offered.get("client_id").unwrap_or_default();
        let Some((platform, credential)) = self.by_credential(client) else {
            return auth::refused(401, "invalid_client");
        };
        let now = context.world.clock.vendor();
        auth::token(&platform.state(), &self.tokens, &platform.tenant().id, &credential, &offered, now)
    }

    fn call(
        &self,
        context: &Context<'_>,
        platform: &Arc<Platform>,
        route: &Route,
        request: &Request,
    ) -> Reply {
        let now = context.world.clock.vendor();
        let id = &platform.tenant().id;
        let mut state = platform.settled(context.world);
        if let Err(reply) = auth::check_gateway(&state, request) {
            return reply;
        }
        let caller = match self.tokens.caller(request.bearer(), now) {
            Ok(caller) if caller.tenant == *id => caller,
            _ => return errors::of_status(&state.knobs, 401),
        };
        let acting = match auth::acting_for(&state, id, request) {
            Ok(acting) => acting,
            Err(reply) => return reply,
        };
        // 1.2.1: a client has permissions for each operation.
        if caller.role == CallerRole::Member && matches!(route, Route::Invite | Route::Remove(_)) {
            return errors::of_status(&state.knobs, 403);
        }
        let before = context.lose.then(|| state.clone());
        let queued = state.pending.len();
        let reply = perform(&mut state, context, route, request, acting.as_deref(), now);
        if let Some(before) = before {
            *state = before;
        }
        if state.pending.len() > queued {
            let delay = state.knobs.commit_delay_milliseconds;
            if delay == 0 {
                state.settle(context.world, platform.tenant());
            } else {
                settle_later(context.world, platform.clone(), Duration::from_millis(delay));
            }
        }
        reply
    }
}

fn perform(
    state: &mut State,
    context: &Context<'_>,
    route: &Route,
    request: &Request,
    acting: Option<&str>,
    now: u64,
) -> Reply {
    match route {
        Route::ListUsers => users::list(state, request, acting, now),
        Route::ListRoles => catalogue::roles(state),
        Route::ListIdentityProviders => catalogue::identity_providers(state),
        Route::Invite => {
            let Some(body) = request.json_object() else {
                return errors::invalid(&state.knobs, "$", "The body is not a JSON object.");
            };
            let read = invite::read(state, &body, acting, now);
            if !read.invitees.is_empty() {
                let due = Clock::real() + state.knobs.commit_delay_milliseconds;
                let invitees = read.invitees;
                state.pending.push_back(Pending { due, operation: context.operation, invitees });
            }
            read.reply
        }
        Route::Remove(id) => users::remove(state, id, acting),
        Route::Token | Route::Unknown => errors::of_status(&state.knobs, 404),
    }
}

/// The addresses an invite names.
fn emails(request: &Request) -> Vec<String> {
    let knobs = AppXiteKnobs::default();
    let Some(body) = request.json_object() else { return Vec::new() };
    let users = invite::field(&knobs, &body, "Users").and_then(Value::as_array).cloned().unwrap_or_default();
    let email = |user: &Value| invite::field(&knobs, user.as_object()?, "Email")?.as_str().map(normal);
    users.iter().filter_map(email).collect()
}

impl VendorApi for AppXite {
    fn identify(&self, request: &Request) -> Call {
        let (platform, route) = self.route(request);
        let tenant = platform.map(|platform| platform.tenant().id.clone());
        let mut call = Call { operation: route.operation(), tenant, emails: Vec::new(), ids: Vec::new() };
        match route {
            Route::Invite => call.emails = emails(request),
            Route::Remove(id) => call.ids.push(id),
            _ => {}
        }
        call
    }

    fn perform(&self, context: &Context<'_>, request: &Request) -> Reply {
        let (platform, route) = self.route(request);
        match (platform, &route) {
            (_, Route::Token) => self.token(context, request),
            // 1.3.6: the gateway knows its paths before it looks at keys.
            (platform, Route::Unknown) => {
                let knobs = platform.map(|platform| platform.state().knobs.clone()).unwrap_or_default();
                errors::of_status(&knobs, 404)
            }
            (Some(platform), route) => self.call(context, &platform, route, request),
            (None, _) => {
                let key = auth::subscription_key(request).map_or(errors::NO_KEY, |_| errors::BAD_KEY);
                errors::gateway(&AppXiteKnobs::default(), 401, key)
            }
        }
    }

    fn error(&self, tenant: Option<&str>, status: u16) -> Reply {
        let platform = tenant.and_then(|id| self.platform(id));
        let knobs = platform.map(|platform| platform.state().knobs.clone()).unwrap_or_default();
        errors::of_status(&knobs, status)
    }

    fn tenant(&self, id: &str) -> Option<Arc<dyn Tenant>> {
        self.platform(id).map(|platform| platform as Arc<dyn Tenant>)
    }

    fn tenants(&self) -> Vec<Arc<dyn Tenant>> {
        lock(&self.platforms).values().cloned().map(|platform| platform as Arc<dyn Tenant>).collect()
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
