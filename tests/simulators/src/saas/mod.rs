//! Dynatrace SaaS: the Account Management API. Sections cited are those of its contract.

mod account;
mod auth;
mod errors;
mod group;
mod invite;
mod knobs;
mod membership;
mod persons;
mod quotas;
mod route;
mod setup;
mod users;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

pub(crate) use self::account::Account;
use self::{
    account::State,
    membership::Change,
    route::{AccountRoute, Route},
};
pub use self::{
    group::SaasGroupOwner,
    knobs::{DynatraceSaasKnobs, SaasEmailCase, SaasErrorForm, SaasFields, SaasLockedGroups, SaasScopes},
    setup::{DynatraceSaasAccount, DynatraceSaasGroup},
};
use crate::{
    clock::lock,
    credentials::{BadToken, Credential, Tokens},
    http::{Reply, Request},
    vendor::{Call, Context, Tenant, VendorApi},
};

/// All accounts.
#[derive(Default)]
pub(crate) struct Saas {
    accounts: Mutex<BTreeMap<String, Arc<Account>>>,
    tokens: Tokens,
    grants: auth::Grants,
}

impl Saas {
    pub(crate) fn account(&self, id: &str) -> Option<Arc<Account>> {
        lock(&self.accounts).get(id).cloned()
    }

    pub(crate) fn insert(&self, account: Account) {
        lock(&self.accounts).insert(account.tenant().id.clone(), Arc::new(account));
    }

    /// The account whose client this is. 3.1: a client belongs to an account.
    fn by_client(&self, id: &str) -> Option<(Arc<Account>, Credential)> {
        lock(&self.accounts).values().find_map(|account| {
            let found = account.state().credentials.iter().find(|c| c.secret.key() == id).cloned();
            found.map(|credential| (account.clone(), credential))
        })
    }

    fn token(&self, context: &Context<'_>, request: &Request) -> Reply {
        let found = auth::offered(request).and_then(|client| self.by_client(&client));
        let Some((account, credential)) = found else { return errors::token(400) };
        let (state, id) = (account.state(), &account.tenant().id);
        let now = context.world.clock.vendor();
        auth::token(&state, &self.tokens, &self.grants, id, &credential, request, now)
    }

    fn with_token(&self, context: &Context<'_>, id: &str, route: &AccountRoute, request: &Request) -> Reply {
        let account = self.account(id);
        let knobs = account.as_ref().map(|account| account.state().knobs.clone()).unwrap_or_default();
        let bearer = request.bearer();
        let caller = match self.tokens.caller(bearer, context.world.clock.vendor()) {
            Ok(caller) => caller,
            Err(BadToken::Missing) => {
                let message = "Incorrect Authorization header in request - expected `Bearer`!"; // 3.6.
                return errors::api(&knobs, 401, message);
            }
            Err(BadToken::Unknown | BadToken::Expired) => return errors::bad_token(&knobs),
        };
        let good = bearer.is_some_and(|token| self.grants.any(token, route.needs()));
        // 3.6: a token of another account, or without the scope, is stopped by the gateway.
        let Some(account) = account.filter(|_| caller.tenant == id && good) else {
            return errors::of_status(&knobs, 403);
        };
        let mut state = account.state();
        let before = context.lose.then(|| state.clone());
        let reply = perform(&mut state, &account, context, route, request);
        if let Some(before) = before {
            *state = before;
        }
        reply
    }
}

fn perform(
    state: &mut State,
    account: &Account,
    context: &Context<'_>,
    route: &AccountRoute,
    request: &Request,
) -> Reply {
    let (now, tenant) = (context.world.clock.vendor(), account.tenant());
    match route {
        AccountRoute::ListUsers => users::list(state, request),
        AccountRoute::Invite => invite::invite(state, tenant, context, request),
        AccountRoute::ReadUser(email) => users::read(state, &tenant.id, email),
        AccountRoute::DeleteUser(email) => users::delete(state, email),
        AccountRoute::AddGroups(email) => membership::change(state, email, Change::Add, route, request),
        AccountRoute::SetGroups(email) => membership::change(state, email, Change::Set, route, request),
        AccountRoute::RemoveGroups(email) => membership::change(state, email, Change::Remove, route, request),
        AccountRoute::ListGroups => group::list(state),
        AccountRoute::GroupUsers(id) => group::users(state, id),
        AccountRoute::CreateGroups => group::create(state, request, now),
        AccountRoute::UpdateGroup(id) => group::update(state, id, request, now),
        AccountRoute::DeleteGroup(id) => group::delete(state, id),
        AccountRoute::Limits => quotas::list(state),
    }
}

impl VendorApi for Saas {
    fn identify(&self, request: &Request) -> Call {
        let route = Route::of(request);
        let mut call = Call { operation: route.operation(), ..Call::default() };
        match &route {
            Route::Token => {
                let found = auth::offered(request).and_then(|client| self.by_client(&client));
                call.tenant = found.map(|(account, _)| account.tenant().id.clone());
            }
            Route::Unknown => {
                call.tenant = request.bearer().and_then(|token| self.tokens.tenant(token));
            }
            Route::Of(id, route) => {
                call.tenant = self.account(id).map(|account| account.tenant().id.clone());
                call.emails = route.emails(request);
                call.ids = route.groups(request);
            }
        }
        call
    }

    fn perform(&self, context: &Context<'_>, request: &Request) -> Reply {
        match Route::of(request) {
            Route::Token => self.token(context, request),
            Route::Unknown => errors::gateway(404, &format!("Cannot {} {}", request.method, request.path)),
            Route::Of(id, route) => self.with_token(context, &id, &route, request),
        }
    }

    fn error(&self, tenant: Option<&str>, status: u16) -> Reply {
        let account = tenant.and_then(|id| self.account(id));
        let knobs = account.map(|account| account.state().knobs.clone()).unwrap_or_default();
        errors::of_status(&knobs, status)
    }

    fn tenant(&self, id: &str) -> Option<Arc<dyn Tenant>> {
        self.account(id).map(|account| account as Arc<dyn Tenant>)
    }

    fn tenants(&self) -> Vec<Arc<dyn Tenant>> {
        lock(&self.accounts).values().cloned().map(|account| account as Arc<dyn Tenant>).collect()
    }

    fn tokens(&self) -> &Tokens {
        &self.tokens
    }
}
