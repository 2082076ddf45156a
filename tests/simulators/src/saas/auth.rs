//! Tokens and what they are good for. 3.1.

use std::{collections::HashMap, sync::Mutex};

use serde_json::json;

use super::{account::State, errors, knobs::SaasScopes};
use crate::{
    clock::lock,
    credentials::{Caller, CallerRole, Credential, Secret, Tokens},
    http::{Reply, Request},
    text::random_hex,
};

/// Something that a token may be good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    Read,
    Write,
    Limits,
}

impl Scope {
    const ALL: [Self; 3] = [Self::Read, Self::Write, Self::Limits];

    fn name(self) -> &'static str {
        match self {
            Self::Read => "account-idm-read",
            Self::Write => "account-idm-write",
            Self::Limits => "sso-idm:account-limits:read",
        }
    }

    /// What a client was given when it was made.
    fn of(role: CallerRole) -> &'static [Self] {
        match role {
            CallerRole::Owner | CallerRole::Admin => &Self::ALL,
            CallerRole::Member => &[Self::Read],
        }
    }
}

/// What each token in circulation is good for.
#[derive(Default)]
pub(super) struct Grants {
    scopes: Mutex<HashMap<String, Vec<Scope>>>,
}

impl Grants {
    /// Whether a token has one of these scopes.
    pub(super) fn any(&self, token: &str, scopes: &[Scope]) -> bool {
        lock(&self.scopes).get(token).is_some_and(|held| held.iter().any(|scope| scopes.contains(scope)))
    }
}

/// The client id of a token request.
pub(super) fn offered(request: &Request) -> Option<String> {
    field(request, "client_id")
}

fn field(request: &Request, name: &str) -> Option<String> {
    request.form().into_iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// A token request by a client of this account.
pub(super) fn token(
    state: &State,
    tokens: &Tokens,
    grants: &Grants,
    account: &str,
    credential: &Credential,
    request: &Request,
    now: u64,
) -> Reply {
    let knobs = &state.knobs;
    let refused = || errors::token(knobs.token_error_status);
    let secret = field(request, "client_secret").unwrap_or_default();
    let right =
        matches!(&credential.secret, Secret::Client { client_secret, .. } if *client_secret == secret);
    let grant = field(request, "grant_type");
    // 3.1: the client is bound to a user, who has to be active.
    if !right || grant.as_deref() != Some("client_credentials") || !state.is_active(&credential.owner) {
        return refused();
    }
    let own = format!("urn:dtaccount:{account}");
    let defaults = knobs.scopes == SaasScopes::Defaults;
    let resource = match field(request, "resource") {
        Some(resource) if resource == own => Some(resource),
        Some(_) => return refused(),
        None => defaults.then_some(own),
    };
    let held = Scope::of(credential.role);
    let granted = match field(request, "scope") {
        None if defaults => held.to_vec(),
        None => Vec::new(),
        Some(text) => {
            let find = |name: &str| held.iter().copied().find(|scope| scope.name() == name);
            let missing: Vec<String> =
                text.split_whitespace().filter(|name| find(name).is_none()).map(str::to_owned).collect();
            if !missing.is_empty() {
                return errors::missing_scopes(&missing);
            }
            text.split_whitespace().filter_map(find).collect()
        }
    };
    let token = random_hex(32);
    let caller = Caller {
        tenant: account.to_owned(),
        owner: credential.owner.clone(),
        role: credential.role,
        client: credential.secret.key().to_owned(),
    };
    tokens.issue(&token, caller, now + knobs.token_ttl_seconds * 1000);
    // 3.1: a third-party client says that calls get 403 without a resource.
    let good_for = if resource.is_some() { granted.clone() } else { Vec::new() };
    lock(&grants.scopes).insert(token.clone(), good_for);
    let scope: Vec<&str> = granted.iter().map(|scope| scope.name()).collect();
    Reply::json(
        200,
        &json!({"token_type": "Bearer", "resource": resource, "access_token": token,
                "expires_in": knobs.token_ttl_seconds, "scope": scope.join(" ")}),
    )
}
