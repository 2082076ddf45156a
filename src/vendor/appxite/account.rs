//! What the credential opens, and what can be named there.

use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use super::wire::{List, field, text};
use super::{Client, Config};
use crate::vendor::client::Account;
use crate::vendor::credential::{TokenEndpoint, TokenForm};
use crate::vendor::error::VendorError;
use crate::vendor::grant::GrantKind;
use crate::vendor::names::{Named, Names};
use crate::vendor::observe::Operation;
use crate::vendor::transport::AnswerSize;

/// How long a token is taken to be good when the answer does not say; the vendor's own life is not known.
const DEFAULT_LIFE: Duration = Duration::from_secs(300);

/// The token endpoint: client credentials, as a form or, where that is refused, as JSON (vendor contract: 1.2.1, both
/// are inferences).
pub(super) fn token_endpoint(config: &Config) -> TokenEndpoint {
    let mut fields = vec![
        ("grant_type", "client_credentials".into()),
        ("client_id", config.client_id.clone().into()),
        ("client_secret", config.client_secret.clone()),
    ];
    fields.extend(config.token_audience.iter().map(|audience| ("audience", audience.clone().into())));
    fields.extend(config.token_scope.iter().map(|scope| ("scope", scope.clone().into())));
    let forms = vec![TokenForm { fields, basic: None }];
    TokenEndpoint::new(config.token_endpoint.clone(), forms, DEFAULT_LIFE).or_json()
}

impl Client {
    /// No operation tells which platform a credential opens: an answer about its roles shows that it opens the one
    /// that was named (vendor contract: 1.2.1, platform and organization are headers).
    pub(super) async fn account(&self) -> Result<Account, VendorError> {
        self.list(Operation::Verify, &self.config.paths.list_roles).await?;
        Ok(Account {
            id: self.config.tenant().account_id,
            name: None,
            own_login: None,
            credential_expires: None,
        })
    }

    /// Roles, and the identity providers that people can be invited with (vendor contract: 1.2.2). Organizations
    /// can't be listed.
    pub(super) async fn catalogue(&self) -> Result<Names, VendorError> {
        let roles = self.list(Operation::ListNames, &self.config.paths.list_roles).await?;
        let providers = self.list(Operation::ListNames, &self.config.paths.list_identity_providers).await?;
        let usable = |row: &&Value| {
            let enabled = row.as_object().and_then(|row| field(row, "enabled"));
            enabled.is_none_or(|enabled| *enabled != Value::Bool(false))
        };
        let providers = providers.iter().filter(usable).filter_map(named).collect();
        Ok(Names::default()
            .with(GrantKind::Role, roles.iter().filter_map(named).collect())
            .with(GrantKind::IdentityProvider, providers))
    }

    /// Reads a list that has no pages.
    async fn list(&self, operation: Operation, path: &str) -> Result<Vec<Value>, VendorError> {
        let request = self.request(Method::GET, path, &[]).size(AnswerSize::WholeList);
        let reply = self.session.read(operation, request).await?;
        let list = List::read(reply.json()?).ok_or_else(|| reply.unusable("no list in it"))?;
        if list.total.is_some_and(|total| total > list.rows.len()) {
            return Err(reply.unusable("only a part of the list"));
        }
        Ok(list.rows)
    }
}

/// A row with an id; without a name it is called by its id.
fn named(row: &Value) -> Option<Named> {
    let row = row.as_object()?;
    let id = text(row, "id")?.to_owned();
    Some(Named { name: text(row, "name").unwrap_or(&id).to_owned(), id })
}
