//! Credentials of tenants and the access tokens made from them.

use std::{collections::HashMap, sync::Mutex};

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{clock::lock, control::ControlError, text::random_hex, vendor::TenantId};

/// How a caller proves who it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", untagged)]
pub enum Secret {
    /// An API token of a person (VMware).
    #[serde(rename_all = "camelCase")]
    ApiToken {
        /// The token.
        api_token: String,
    },
    /// The key of a product's subscription (AppXite), which comes on top of a client.
    #[serde(rename_all = "camelCase")]
    SubscriptionKey {
        /// The key.
        subscription_key: String,
    },
    /// An API client (HPE GreenLake, AppXite), OAuth app (VMware) or OAuth client (Dynatrace SaaS).
    #[serde(rename_all = "camelCase")]
    Client {
        /// The public half.
        client_id: String,
        /// The secret half.
        client_secret: String,
    },
}

impl Secret {
    /// What names the credential: the token or key itself, or the client id.
    pub fn key(&self) -> &str {
        match self {
            Self::ApiToken { api_token } => api_token,
            Self::SubscriptionKey { subscription_key } => subscription_key,
            Self::Client { client_id, .. } => client_id,
        }
    }
}

/// What the owner of a credential may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CallerRole {
    /// Everything.
    #[default]
    Owner,
    /// Everything but granting and managing owners.
    Admin,
    /// Reads only, and sees no roles.
    Member,
}

/// A credential of a tenant.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Credential {
    /// The proof.
    #[serde(flatten)]
    pub secret: Secret,
    /// The person behind it: `sub` or `username` of its tokens.
    #[serde(default = "default_owner")]
    pub owner: String,
    /// What that person may do.
    #[serde(default)]
    pub role: CallerRole,
}

fn default_owner() -> String {
    "owner@example.com".to_owned()
}

impl Credential {
    /// An owner's API token.
    pub fn api_token(token: impl Into<String>) -> Self {
        let secret = Secret::ApiToken { api_token: token.into() };
        Self { secret, owner: default_owner(), role: CallerRole::Owner }
    }

    /// The key of a product's subscription.
    pub fn subscription_key(key: impl Into<String>) -> Self {
        let secret = Secret::SubscriptionKey { subscription_key: key.into() };
        Self { secret, owner: default_owner(), role: CallerRole::Owner }
    }

    /// An owner's client.
    pub fn client(client_id: impl Into<String>, client_secret: impl Into<String>) -> Self {
        let secret = Secret::Client { client_id: client_id.into(), client_secret: client_secret.into() };
        Self { secret, owner: default_owner(), role: CallerRole::Owner }
    }

    /// The same for another person.
    #[must_use]
    pub fn owned_by(mut self, owner: impl Into<String>) -> Self {
        self.owner = owner.into();
        self
    }

    /// The same with other rights.
    #[must_use]
    pub fn with_role(mut self, role: CallerRole) -> Self {
        self.role = role;
        self
    }
}

impl std::fmt::Debug for Credential {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credential")
            .field("owner", &self.owner)
            .field("role", &self.role)
            .finish_non_exhaustive()
    }
}

/// A change to the credentials of a tenant.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "change", rename_all = "camelCase")]
pub enum CredentialChange {
    /// One more works.
    Add {
        /// The new one.
        credential: Credential,
    },
    /// One stops working; access tokens made from it live on unless dropped.
    #[serde(rename_all = "camelCase")]
    Revoke {
        /// API token, subscription key or client id.
        key: String,
    },
    /// A client gets another secret, or a person another API token.
    #[serde(rename_all = "camelCase")]
    Rotate {
        /// API token, subscription key or client id as it was.
        key: String,
        /// The new API token, subscription key or client secret.
        new_secret: String,
    },
}

/// Applies a change.
pub(crate) fn change(list: &mut Vec<Credential>, change: CredentialChange) -> Result<(), ControlError> {
    let at = |list: &[Credential], key: &str| {
        list.iter().position(|c| c.secret.key() == key).ok_or(ControlError::NoSuchCredential)
    };
    match change {
        CredentialChange::Add { credential } => list.push(credential),
        CredentialChange::Revoke { key } => {
            let index = at(list, &key)?;
            list.remove(index);
        }
        CredentialChange::Rotate { key, new_secret } => {
            let index = at(list, &key)?;
            match &mut list[index].secret {
                Secret::ApiToken { api_token } => *api_token = new_secret,
                Secret::SubscriptionKey { subscription_key } => *subscription_key = new_secret,
                Secret::Client { client_secret, .. } => *client_secret = new_secret,
            }
        }
    }
    Ok(())
}

/// Who makes a call.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pub(crate) tenant: String,
    pub(crate) owner: String,
    pub(crate) role: CallerRole,
    /// The client's id, or for a person the owner's address.
    pub(crate) client: String,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BadToken {
    Missing,
    Unknown,
    Expired,
}

/// The access tokens of one vendor.
#[derive(Default)]
pub(crate) struct Tokens {
    issued: Mutex<HashMap<String, (Caller, u64)>>,
}

impl Tokens {
    /// Puts a token into circulation.
    pub(crate) fn issue(&self, token: &str, caller: Caller, expires: u64) {
        lock(&self.issued).insert(token.to_owned(), (caller, expires));
    }

    /// Says whose a token is.
    pub(crate) fn caller(&self, token: Option<&str>, now: u64) -> Result<Caller, BadToken> {
        let token = token.ok_or(BadToken::Missing)?;
        match lock(&self.issued).get(token) {
            None => Err(BadToken::Unknown),
            Some((_, expires)) if *expires <= now => Err(BadToken::Expired),
            Some((caller, _)) => Ok(caller.clone()),
        }
    }

    /// Says whose a token is or was.
    pub(crate) fn tenant(&self, token: &str) -> Option<String> {
        lock(&self.issued).get(token).map(|(caller, _)| caller.tenant.clone())
    }

    /// Makes the tokens of a tenant unknown.
    pub(crate) fn drop_all(&self, tenant: &TenantId) -> usize {
        let mut issued = lock(&self.issued);
        let before = issued.len();
        issued.retain(|_, (caller, _)| caller.tenant != tenant.id);
        before - issued.len()
    }
}

/// A token in the form of a JWT; its signature is random.
pub(crate) fn jwt(claims: &Value) -> String {
    let header = BASE64_URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"RS256","kid":"simulator"}"#);
    let payload = BASE64_URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{header}.{payload}.{}", BASE64_URL_SAFE_NO_PAD.encode(random_hex(32)))
}
