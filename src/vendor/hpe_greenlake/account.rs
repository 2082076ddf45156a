//! What the credential opens.

use std::time::Duration;

use super::config::plain_id;
use super::wire::Workspace;
use super::{Client, Config};
use crate::vendor::client::Account;
use crate::vendor::credential::{TokenEndpoint, TokenForm, claims};
use crate::vendor::error::VendorError;
use crate::vendor::observe::Operation;
use crate::vendor::transport::{Request, target};

/// How long a token is taken to be good when the answer does not say (vendor contract: A2, 15 minutes).
const DEFAULT_LIFE: Duration = Duration::from_secs(900);

/// The token endpoint. The secret goes into the body and, when that is refused, once into the authorization
/// header: the documentation shows both (vendor contract: A2).
pub(super) fn token_endpoint(config: &Config) -> TokenEndpoint {
    let workspace = plain_id(&config.workspace_id);
    let of_workspace =
        || target(&config.endpoint, &["authorization", "v2", "oauth2", &workspace, "token"], &[]);
    let url = config.token_endpoint.clone().unwrap_or_else(of_workspace);
    let grant = || ("grant_type", "client_credentials".into());
    let (id, secret) = (config.client_id.clone(), config.client_secret.clone());
    let forms = vec![
        TokenForm {
            fields: vec![grant(), ("client_id", id.clone().into()), ("client_secret", secret.clone())],
            basic: None,
        },
        TokenForm { fields: vec![grant()], basic: Some((id, secret)) },
    ];
    TokenEndpoint::new(url, forms, DEFAULT_LIFE)
}

impl Client {
    /// Reads the workspace from the token, where it is a JWT that tells (vendor contract: A2, inferred from
    /// recorded tokens); else asks for the configured one.
    pub(super) async fn account(&self) -> Result<Account, VendorError> {
        let authorization = self.session.authorization().await?;
        let claims = claims(&authorization);
        let claim = |name: &str| Some(claims.as_ref()?.get(name)?.as_str()?.trim().to_owned());
        let (id, name) =
            match claim("platform_customer_id").map(|id| plain_id(&id)).filter(|id| is_workspace(id)) {
                Some(id) => (id, None),
                None => self.workspace().await?,
            };
        let own_login = claim("sub").filter(|login| login.contains('@'));
        Ok(Account { id, name, own_login, credential_expires: None })
    }

    async fn workspace(&self) -> Result<(String, Option<String>), VendorError> {
        let configured = plain_id(&self.config.workspace_id);
        let url = target(&self.config.endpoint, &["workspaces", "v1", "workspaces", &configured], &[]);
        let reply = self.session.read(Operation::Verify, Request::get(url)).await?;
        let workspace: Workspace = reply.json()?;
        let told = workspace.id.map(|id| plain_id(&id)).filter(|id| is_workspace(id));
        Ok((told.unwrap_or(configured), workspace.workspace_name))
    }
}

fn is_workspace(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())
}
