//! Tokens. B2.

use serde_json::json;

use super::{
    errors::Errors,
    knobs::{Platform, TokenField, TokenHeader},
    org::State,
};
use crate::{
    credentials::{BadToken, Caller, CallerRole, Credential, Secret, Tokens, jwt},
    http::{Reply, Request},
    text::random_hex,
};

/// The API token a request offers, and the form field it came in.
pub(super) fn offered_token(request: &Request) -> Option<(String, TokenField)> {
    let form = request.form();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    // B2.1: a token in the query string does not work.
    field("api_token")
        .map(|token| (token, TokenField::ApiToken))
        .or_else(|| field("refresh_token").map(|token| (token, TokenField::RefreshToken)))
}

/// The access token a request carries, and its header. B2.3.
pub(super) fn access_token(request: &Request) -> Option<(&str, TokenHeader)> {
    let bearer = request.bearer().map(|token| (token, TokenHeader::Bearer));
    bearer.or_else(|| request.header("csp-auth-token").map(|token| (token, TokenHeader::CspAuthToken)))
}

/// Who calls.
pub(super) fn caller(
    state: &State,
    tokens: &Tokens,
    request: &Request,
    now: u64,
) -> Result<Caller, BadToken> {
    let (token, header) = access_token(request).ok_or(BadToken::Missing)?;
    let wanted = state.knobs.token_header;
    if wanted != TokenHeader::Both && wanted != header {
        return Err(BadToken::Missing);
    }
    tokens.caller(Some(token), now)
}

/// The answer to an API token that no organization knows. B2.1: 400 and a masked token.
pub(super) fn unknown_api_token(errors: Errors, token: &str) -> Reply {
    let count = token.chars().count();
    let tail: String = token.chars().skip(count.saturating_sub(5)).collect();
    errors.say(400, &format!("invalid_grant: Invalid refresh token: xxxxx-{tail}"))
}

/// `POST …/auth/api-tokens/authorize` with a token that this organization knows.
pub(super) fn authorize(
    state: &State,
    tokens: &Tokens,
    organization: &str,
    credential: &Credential,
    request: &Request,
    now: u64,
) -> Reply {
    let errors = Errors::from(&state.knobs);
    let Some((token, field)) = offered_token(request) else { return errors.status(400) };
    if state.knobs.token_field != TokenField::Both && state.knobs.token_field != field {
        return errors.say(400, "invalid_grant: the token's form field is not supported");
    }
    if let Some(passcode) = &state.knobs.mfa_passcode {
        let given = request.form().into_iter().find(|(key, _)| key == "passcode");
        if given.is_none_or(|(_, value)| value != *passcode) {
            return errors.say(400, "invalid_grant: a passcode is required"); // B2.1: MFA on API tokens.
        }
    }
    issue(state, tokens, organization, credential, Some(&token), now)
}

/// `POST …/auth/token` and its older equivalent with a client that this organization knows. B2.2.
pub(super) fn client_token(
    state: &State,
    tokens: &Tokens,
    organization: &str,
    credential: &Credential,
    request: &Request,
    now: u64,
) -> Reply {
    let errors = Errors::from(&state.knobs);
    let form = request.form();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    if field("grant_type") != Some("client_credentials") {
        return errors.say(400, "unsupported_grant_type");
    }
    if field("orgId").is_some_and(|id| id != organization) {
        return errors.status(403);
    }
    let secret = request.basic().map(|(_, password)| password);
    match &credential.secret {
        Secret::Client { client_secret, .. } if secret.as_ref() == Some(client_secret) => {
            issue(state, tokens, organization, credential, None, now)
        }
        _ => errors.say(state.knobs.bad_client_status, "invalid_client"),
    }
}

fn issue(
    state: &State,
    tokens: &Tokens,
    organization: &str,
    credential: &Credential,
    api_token: Option<&str>,
    now: u64,
) -> Reply {
    let ttl = state.knobs.token_ttl_seconds;
    let expires = now + ttl * 1000;
    let client = match &credential.secret {
        Secret::Client { client_id, .. } => client_id.clone(),
        Secret::ApiToken { .. } | Secret::SubscriptionKey { .. } => "csp_api_token_client".to_owned(),
    };
    let permission = match credential.role {
        CallerRole::Owner => "csp:org_owner",
        CallerRole::Admin => "csp:org_admin",
        CallerRole::Member => "csp:org_member",
    };
    let domain = credential.owner.split('@').nth(1).unwrap_or_default();
    // B2.3: claims.
    let claims = json!({
        "sub": format!("vmware.com:{}", random_hex(16)), "azp": client, "domain": domain,
        "context": random_hex(16), "iss": "https://gaz.csp-vidm-prod.com", "perms": [permission],
        "context_name": organization, "username": credential.owner, "acct": credential.owner,
        "iat": now / 1000, "exp": expires / 1000, "jti": random_hex(16),
    });
    let token = if state.knobs.opaque_tokens { random_hex(32) } else { jwt(&claims) };
    let caller = Caller {
        tenant: organization.to_owned(),
        owner: credential.owner.clone(),
        role: credential.role,
        client,
    };
    tokens.issue(&token, caller, expires);
    // B2.1: the response of a live service.
    let mut body = json!({
        "id_token": null, "token_type": "bearer", "expires_in": ttl, "scope": permission, "access_token": token,
        "refresh_token": api_token,
    });
    if state.knobs.platform == Platform::Tcsp {
        body["issued_token_type"] = json!("urn:ietf:params:oauth:token-type:access_token");
    }
    Reply::json(200, &body)
}
