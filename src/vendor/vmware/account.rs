//! What the credential opens.

use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;

use super::wire::TokenDetails;
use super::{Client, Config, Credentials};
use crate::vendor::client::Account;
use crate::vendor::credential::{TokenEndpoint, TokenForm, claims};
use crate::vendor::error::VendorError;
use crate::vendor::observe::Operation;
use crate::vendor::transport::{Request, target};

/// How long a token is taken to be good when the answer does not say (vendor contract: B2, 30 minutes).
const DEFAULT_LIFE: std::time::Duration = std::time::Duration::from_secs(1800);
const AUTH: [&str; 5] = ["csp", "gateway", "am", "api", "auth"];

/// The token endpoint of a credential (vendor contract: B2.1, B2.2). API tokens are sent under their present name
/// and, when that is refused, once under the older one that most clients use.
pub(super) fn token_endpoint(config: &Config) -> TokenEndpoint {
    let (path, forms): (&[&str], _) = match &config.credentials {
        Credentials::ApiToken(token) => {
            let form = |name| TokenForm { fields: vec![(name, token.clone())], basic: None };
            (&["api-tokens", "authorize"], vec![form("api_token"), form("refresh_token")])
        }
        Credentials::Client { id, secret } => {
            let fields = vec![("grant_type", SecretString::from("client_credentials"))];
            (&["token"], vec![TokenForm { fields, basic: Some((id.clone(), secret.clone())) }])
        }
    };
    TokenEndpoint::new(target(&config.endpoint, &[&AUTH[..], path].concat(), &[]), forms, DEFAULT_LIFE)
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DetailsBody<'a> {
    token_value: &'a str,
}

impl Client {
    /// Reads the organization from the token (vendor contract: B2.3). A token that does not tell is tried on the
    /// configured organization.
    pub(super) async fn account(&self) -> Result<Account, VendorError> {
        let authorization = self.session.authorization().await?;
        let claims = claims(&authorization);
        let claim = |name: &str| Some(claims.as_ref()?.get(name)?.as_str()?.trim().to_owned());
        let id = match claim("context_name").filter(|id| !id.is_empty()) {
            Some(id) => id.to_lowercase(),
            None => self.proven().await?,
        };
        let by_user = matches!(self.config.credentials, Credentials::ApiToken(_));
        Ok(Account {
            id,
            name: None,
            own_login: claim("username").filter(|name| by_user && !name.is_empty()),
            credential_expires: self.credential_ends().await,
        })
    }

    async fn proven(&self) -> Result<String, VendorError> {
        let query = [("pageStart", "1"), ("pageLimit", "1")];
        let url = target(&self.config.endpoint, &self.users_path(), &query);
        self.session.read(Operation::Verify, Request::get(url)).await?;
        Ok(self.config.tenant().account_id)
    }

    /// Good for a warning only, so that no failure matters.
    async fn credential_ends(&self) -> Option<jiff::Timestamp> {
        let Credentials::ApiToken(token) = &self.config.credentials else { return None };
        let url = target(&self.config.endpoint, &[&AUTH[..], &["api-tokens", "details"]].concat(), &[]);
        let body = DetailsBody { token_value: token.expose_secret() };
        let request = Request::new(Method::POST, url).json(&body).ok()?;
        let reply = self.session.read(Operation::Verify, request).await.ok()?;
        reply.json::<TokenDetails>().ok()?.ends()
    }
}
