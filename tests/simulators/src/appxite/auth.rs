//! Access tokens, and what else has to be with every call. 1.2.1, 1.3.2.

use serde_json::{Value, json};

use super::{
    choices::{PlatformHeader, TokenRequest},
    errors,
    knobs::AppXiteKnobs,
    platform::State,
};
use crate::{
    credentials::{Caller, Credential, Secret, Tokens, jwt},
    http::{Reply, Request},
    text::random_hex,
};

/// The header of a product's subscription. 1.2.1.
const SUBSCRIPTION_KEY: &str = "ocp-apim-subscription-key";

/// A token request's fields, and whether they came as a form.
pub(super) struct Offered {
    fields: Vec<(String, String)>,
    form: bool,
}

impl Offered {
    /// What a request offers; `None` if it is not a token request at all.
    pub(super) fn read(request: &Request) -> Option<Self> {
        let fields = request.form();
        if !fields.is_empty() {
            return Some(Self { fields, form: true });
        }
        let text = |(name, value): (String, Value)| value.as_str().map(|text| (name, text.to_owned()));
        let fields: Vec<(String, String)> = request.json_object()?.into_iter().filter_map(text).collect();
        Some(Self { fields, form: false })
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// A refusal in the manner of OAuth; 1.3.2 says nothing about it.
pub(super) fn refused(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": "the token request was refused"}))
}

/// A token request of one of the platform's clients.
pub(super) fn token(
    state: &State,
    tokens: &Tokens,
    platform: &str,
    credential: &Credential,
    offered: &Offered,
    now: u64,
) -> Reply {
    let knobs = &state.knobs;
    let wrong_form = match knobs.token_request {
        TokenRequest::Both => false,
        TokenRequest::Form => !offered.form,
        TokenRequest::Json => offered.form,
    };
    if wrong_form {
        return refused(415, "invalid_request");
    }
    if offered.get("grant_type") != Some("client_credentials") {
        return refused(400, "unsupported_grant_type");
    }
    let right = matches!(&credential.secret, Secret::Client { client_secret, .. }
        if offered.get("client_secret") == Some(client_secret));
    let named = |wanted: &Option<String>, name| wanted.is_none() || offered.get(name) == wanted.as_deref();
    if !right {
        return refused(knobs.token_error_status, "invalid_client");
    }
    if !named(&knobs.required_audience, "audience") {
        return refused(knobs.token_error_status, "access_denied");
    }
    if !named(&knobs.required_scope, "scope") {
        return refused(400, "invalid_scope");
    }
    let expires = now + knobs.token_ttl_seconds * 1000;
    let client = credential.secret.key();
    let claims = json!({
        "iss": "https://appxite.example/", "sub": format!("{client}@clients"), "azp": client,
        "gty": "client-credentials", "iat": now / 1000, "exp": expires / 1000, "jti": random_hex(16),
    });
    let token = if knobs.opaque_tokens { random_hex(32) } else { jwt(&claims) };
    let caller = Caller {
        tenant: platform.to_owned(),
        owner: credential.owner.clone(),
        role: credential.role,
        client: client.to_owned(),
    };
    tokens.issue(&token, caller, expires);
    let mut body = json!({"access_token": token, "token_type": "Bearer"});
    if !knobs.omit_expires_in {
        body["expires_in"] = json!(knobs.token_ttl_seconds);
    }
    Reply::json(200, &body)
}

/// The subscription key of a call.
pub(super) fn subscription_key(request: &Request) -> Option<&str> {
    request.header(SUBSCRIPTION_KEY)
}

/// Judges what a call carries beside its token: subscription key and version (the gateway), then the platform.
pub(super) fn check_gateway(state: &State, request: &Request) -> Result<(), Reply> {
    let knobs = &state.knobs;
    // 1.2.1: each call needs the key.
    let Some(key) = subscription_key(request) else {
        return Err(errors::gateway(knobs, 401, errors::NO_KEY));
    };
    if !state.has_key(key) {
        return Err(errors::gateway(knobs, 401, errors::BAD_KEY));
    }
    // 1.2.1: `api-version`; a gateway that routes by it knows no path without.
    let version = request.header("api-version");
    if knobs.required_api_version.is_some() && version != knobs.required_api_version.as_deref() {
        return Err(errors::of_status(knobs, 404));
    }
    Ok(())
}

/// Judges which platform a call is for, and tells the organization it acts for. 1.2.1.
pub(super) fn acting_for(state: &State, platform: &str, request: &Request) -> Result<Option<String>, Reply> {
    let knobs = &state.knobs;
    let named = match knobs.platform_header {
        PlatformHeader::Either => request.header("referer").or_else(|| request.header("x-referer")),
        PlatformHeader::Referer => request.header("referer"),
        PlatformHeader::XReferer => request.header("x-referer"),
        PlatformHeader::Ignored => Some(platform),
    };
    if named.map(host).as_deref() != Some(platform) {
        return Err(errors::problem(knobs, knobs.unknown_platform_status, &[]));
    }
    organization(state, knobs, request)
}

fn organization(state: &State, knobs: &AppXiteKnobs, request: &Request) -> Result<Option<String>, Reply> {
    match request.header("x-on-behalf-of") {
        None if knobs.on_behalf_of_required => {
            Err(errors::invalid(knobs, "X-On-Behalf-Of", "The header is required."))
        }
        None => Ok(None),
        Some(id) => match state.organization(id) {
            Some(id) => Ok(Some(id)),
            None => Err(errors::problem(knobs, knobs.unknown_organization_status, &[])),
        },
    }
}

/// The host of a platform's URL.
fn host(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('/').next().unwrap_or_default().to_ascii_lowercase()
}
