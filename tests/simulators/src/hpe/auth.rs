//! Tokens. A1, A2.

use serde_json::json;

use super::{
    knobs::{CredentialPlacement, HpeKnobs, TokenUrls},
    workspace::State,
};
use crate::{
    credentials::{Caller, Credential, Secret, Tokens, jwt},
    http::{Reply, Request},
    text::random_hex,
};

/// Client id and secret of a token request, and where they stood. A2: body, or Basic.
pub(super) fn offered(request: &Request) -> Option<(String, String, CredentialPlacement)> {
    let form = request.form();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    if let (Some(id), Some(secret)) = (field("client_id"), field("client_secret")) {
        return Some((id, secret, CredentialPlacement::Body));
    }
    request.basic().map(|(id, secret)| (id, secret, CredentialPlacement::Basic))
}

/// A refusal in the manner of OAuth. A2 \[I\]: the body is not documented.
pub(super) fn refused(status: u16, error: &str) -> Reply {
    Reply::json(status, &json!({"error": error, "error_description": "the token request was refused"}))
}

/// A token request for this workspace; `from` is the workspace id in the URL, if it had one.
pub(super) fn token(
    state: &State,
    tokens: &Tokens,
    workspace: &str,
    credential: &Credential,
    from: Option<&str>,
    request: &Request,
    now: u64,
) -> Reply {
    let knobs = &state.knobs;
    let status = knobs.token_error_status;
    let form = request.form();
    if !form.iter().any(|(key, value)| key == "grant_type" && value == "client_credentials") {
        return refused(400, "unsupported_grant_type");
    }
    let Some((_, secret, placement)) = offered(request) else { return refused(status, "invalid_client") };
    let misplaced =
        knobs.credential_placement != CredentialPlacement::Both && knobs.credential_placement != placement;
    let right =
        matches!(&credential.secret, Secret::Client { client_secret, .. } if *client_secret == secret);
    // A1: the workspace in the URL is 32 hexadecimal digits without hyphens, and the client belongs to it.
    if misplaced || !right || from.is_some_and(|id| id != workspace) {
        return refused(status, "invalid_client");
    }
    issue(knobs, tokens, workspace, credential, from.is_some(), now)
}

/// Whether the workspace offers this kind of URL.
pub(super) fn offers(knobs: &HpeKnobs, own_url: bool) -> bool {
    match knobs.token_urls {
        TokenUrls::Both => true,
        TokenUrls::Workspace => own_url,
        TokenUrls::Shared => !own_url,
    }
}

fn issue(
    knobs: &HpeKnobs,
    tokens: &Tokens,
    workspace: &str,
    credential: &Credential,
    own_url: bool,
    now: u64,
) -> Reply {
    // A2: 15 minutes are documented, 7199 s were recorded at the shared URL.
    let ttl = knobs.token_ttl_seconds.unwrap_or(if own_url { 900 } else { 7199 });
    let expires = now + ttl * 1000;
    let client = credential.secret.key();
    // A2: claims.
    let claims = json!({
        "client_id": client, "iss": "https://sso.common.cloud.hpe.com", "aud": "external_api",
        "sub": credential.owner, "user_ctx": random_hex(16), "auth_source": "ccs_token_management",
        "platform_customer_id": workspace, "application_instance_id": random_hex(16),
        "iat": now / 1000, "exp": expires / 1000, "jti": random_hex(16),
    });
    let token = if knobs.opaque_tokens { random_hex(32) } else { jwt(&claims) };
    let caller = Caller {
        tenant: workspace.to_owned(),
        owner: credential.owner.clone(),
        role: credential.role,
        client: client.to_owned(),
    };
    tokens.issue(&token, caller, expires);
    let mut body = json!({"access_token": token, "token_type": "Bearer"});
    if !knobs.omit_expires_in {
        body["expires_in"] = json!(ttl);
    }
    if knobs.scope_as_list {
        body["scope"] = json!(["openid"]);
    }
    Reply::json(200, &body)
}
