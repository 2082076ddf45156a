//! Turning a credential into a token.

use std::fmt;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use reqwest::{Method, Url};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::error::VendorError;
use super::lenient;
use super::token::Grant;
use super::transport::{Reply, Request, host_and_port};

const NONE_WORKED: usize = usize::MAX;

/// A way to show a credential to a token endpoint.
pub(super) struct TokenForm {
    pub(super) fields: Vec<(&'static str, SecretString)>,
    /// Id and secret for the authorization header.
    pub(super) basic: Option<(String, SecretString)>,
}

/// A token endpoint with one credential.
///
/// Several forms are ways that the contract leaves open: the next one is tried once when the one before was
/// refused and none has ever worked.
pub(super) struct TokenEndpoint {
    url: Url,
    forms: Vec<TokenForm>,
    worked: AtomicUsize,
    default_life: Duration,
    /// Whether each form may also be written as JSON.
    json: bool,
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenEndpoint").field("url", &self.url.as_str()).finish_non_exhaustive()
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct TokenAnswer {
    #[serde(deserialize_with = "lenient::text")]
    access_token: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    expires_in: Option<i64>,
}

impl TokenEndpoint {
    pub(super) const fn new(url: Url, forms: Vec<TokenForm>, default_life: Duration) -> Self {
        Self { url, forms, worked: AtomicUsize::new(NONE_WORKED), default_life, json: false }
    }

    /// The same; after every form it is tried as JSON, too.
    pub(super) const fn or_json(mut self) -> Self {
        self.json = true;
        self
    }

    /// Host and port of the endpoint.
    pub(super) fn host(&self) -> String {
        host_and_port(&self.url)
    }

    /// The requests that may be made, in order; the next one only when the one before was refused.
    pub(super) fn requests(&self) -> Vec<(usize, Request)> {
        let worked = self.worked.load(Ordering::Relaxed);
        let as_json = self.forms.iter().filter(|_| self.json).map(|form| self.json_request(form));
        let requests = self.forms.iter().map(|form| self.request(form)).chain(as_json).enumerate();
        requests.filter(|(index, _)| worked == NONE_WORKED || *index == worked).collect()
    }

    /// Takes the token out of a success answer, and remembers which form worked.
    pub(super) fn accept(&self, index: usize, reply: &Reply) -> Result<Grant, VendorError> {
        let grant = self.grant(reply)?;
        self.worked.store(index, Ordering::Relaxed);
        Ok(grant)
    }

    fn request(&self, form: &TokenForm) -> Request {
        let request = Request::new(Method::POST, self.url.clone()).form(form.fields.clone());
        let Some((id, secret)) = &form.basic else { return request };
        let pair = SecretString::from(format!("{id}:{}", secret.expose_secret()));
        request.authorization(format!("Basic {}", STANDARD.encode(pair.expose_secret())).into())
    }

    fn json_request(&self, form: &TokenForm) -> Request {
        let fields = form.fields.iter().map(|(name, value)| (*name, value.expose_secret()));
        let body: std::collections::BTreeMap<&str, &str> = fields.collect();
        let request = Request::new(Method::POST, self.url.clone());
        // A map of texts can always be written.
        request.clone().json(&body).unwrap_or(request)
    }

    fn grant(&self, reply: &Reply) -> Result<Grant, VendorError> {
        let answer: TokenAnswer = reply.json()?;
        let token = answer.access_token.ok_or_else(|| reply.unusable("no token in it"))?;
        let life = answer.expires_in.filter(|life| *life > 0).and_then(|life| u64::try_from(life).ok());
        Ok(Grant {
            authorization: format!("Bearer {token}").into(),
            life: life.map_or(self.default_life, Duration::from_secs),
        })
    }

    /// Whether `text` holds a part of the credential.
    pub(super) fn is_shown_in(&self, text: &str) -> bool {
        self.forms.iter().any(|form| {
            let basic = form.basic.as_ref().map(|(_, secret)| secret);
            let fields = form.fields.iter().filter(|(name, _)| *name != "grant_type").map(|(_, value)| value);
            fields.chain(basic).any(|secret| shows(text, secret))
        })
    }
}

/// Whether `text` holds eight characters in a row of `secret`, or all of a shorter one.
pub(super) fn shows(text: &str, secret: &SecretString) -> bool {
    let secret = secret.expose_secret();
    if secret.len() < 8 {
        return !secret.is_empty() && text.contains(secret);
    }
    text.as_bytes().windows(8).any(|part| secret.as_bytes().windows(8).any(|of_secret| of_secret == part))
}

/// The claims of a token that happens to be a JWT. Its signature is not checked: it came from the vendor, and
/// only says what the vendor thinks of the credential.
pub(super) fn claims(authorization: &SecretString) -> Option<Value> {
    let token = authorization.expose_secret().strip_prefix("Bearer ")?;
    let mut parts = token.split('.');
    let (_, payload, _) = (parts.next()?, parts.next()?, parts.next()?);
    let payload = URL_SAFE_NO_PAD.decode(payload.trim_end_matches('=')).ok()?;
    serde_json::from_slice(&payload).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::jwt("Bearer e30.eyJjb250ZXh0X25hbWUiOiJvcmcifQ.x", Some("org"))]
    #[case::padded("Bearer e30.eyJjb250ZXh0X25hbWUiOiJvcmcxIn0=.x", Some("org1"))]
    #[case::opaque("Bearer abcdef", None)]
    #[case::two_parts("Bearer e30.e30", None)]
    #[case::no_json("Bearer a.b.c", None)]
    #[case::no_base64("Bearer a.{}.c", None)]
    fn reads_claims(#[case] authorization: &str, #[case] context: Option<&str>) {
        let claims = claims(&authorization.into());
        assert_eq!(claims.as_ref().and_then(|claims| claims.get("context_name")?.as_str()), context);
    }

    #[rstest]
    #[case::whole("code-0123456789abcdef", true)]
    #[case::part("x-23456789-y", true)]
    #[case::little("0123-4567", false)]
    #[case::nothing("invalid_client", false)]
    fn finds_parts_of_secrets(#[case] text: &str, #[case] shown: bool) {
        assert_eq!(shows(text, &"0123456789abcdef".into()), shown);
    }
}
