//! What the credential opens.

use std::time::Duration;

use super::wire::Limits;
use super::{Client, Config};
use crate::vendor::client::Account;
use crate::vendor::credential::{TokenEndpoint, TokenForm};
use crate::vendor::error::VendorError;
use crate::vendor::observe::Operation;
use crate::vendor::transport::{Request, target};

/// How long a token is taken to be good when the answer does not say (vendor contract: 3.1).
const DEFAULT_LIFE: Duration = Duration::from_secs(300);
/// Reading and changing people and groups (vendor contract: 3.1).
const SCOPES: &str = "account-idm-read account-idm-write";

/// The token endpoint. Scope and resource are both sent: whether they are needed is told both ways (vendor contract:
/// 3.1).
pub(super) fn token_endpoint(config: &Config) -> TokenEndpoint {
    let resource = format!("urn:dtaccount:{}", config.account_uuid);
    let fields = vec![
        ("grant_type", "client_credentials".into()),
        ("client_id", config.client_id.clone().into()),
        ("client_secret", config.client_secret.clone()),
        ("scope", SCOPES.into()),
        ("resource", resource.into()),
    ];
    let forms = vec![TokenForm { fields, basic: None }];
    TokenEndpoint::new(config.token_endpoint.clone(), forms, DEFAULT_LIFE)
}

impl Client {
    /// Reads something small of the account: a credential of another one is refused (vendor contract: 3.1). Neither the
    /// account's name nor the credential's owner is told.
    pub(super) async fn account(&self) -> Result<Account, VendorError> {
        let url = target(&self.config.endpoint, &self.path(&["limits"]), &[]);
        let reply = self.session.read(Operation::Verify, Request::get(url)).await?;
        reply.json::<Limits>()?;
        Ok(Account {
            id: self.config.account_uuid.clone(),
            name: None,
            own_login: None,
            credential_expires: None,
        })
    }

    /// A path below the account (vendor contract: 3.2).
    pub(super) fn path<'a>(&'a self, rest: &[&'a str]) -> Vec<&'a str> {
        [&["iam", "v1", "accounts", &self.config.account_uuid], rest].concat()
    }
}
