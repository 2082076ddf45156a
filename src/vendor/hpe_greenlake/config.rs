//! Settings of one workspace.

use reqwest::Url;
use secrecy::SecretString;

use crate::vendor::transport::host_and_port;
use crate::vendor::{TenantKey, Vendor};

/// The public API (vendor contract: A1, one global host).
pub const DEFAULT_ENDPOINT: &str = "https://global.api.greenlake.hpe.com";

/// Settings of one workspace.
#[derive(Debug, Clone)]
pub struct Config {
    /// The workspace's id, with or without hyphens.
    pub workspace_id: String,
    /// Scheme, host and port of the API.
    pub endpoint: Url,
    /// Where tokens are got; default: the workspace's own token endpoint below `endpoint`.
    pub token_endpoint: Option<Url>,
    /// The API client's id.
    pub client_id: String,
    /// The API client's secret.
    pub client_secret: SecretString,
}

impl Config {
    /// The tenant of these settings.
    pub fn tenant(&self) -> TenantKey {
        TenantKey {
            vendor: Vendor::HpeGreenLake,
            host: host_and_port(&self.endpoint),
            account_id: plain_id(&self.workspace_id),
        }
    }
}

/// A workspace's id as the API writes it: 32 hexadecimal digits without hyphens (vendor contract: A1).
pub(super) fn plain_id(id: &str) -> String {
    id.trim().replace('-', "").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_are_compared_without_hyphens_and_case() {
        let config = Config {
            workspace_id: " 05F0523C-FD03-47FC-981B-9C4333A37B70 ".to_owned(),
            endpoint: Url::parse("https://GLOBAL.example.com:8443/").unwrap(),
            token_endpoint: None,
            client_id: String::new(),
            client_secret: "".into(),
        };
        assert_eq!(
            config.tenant().to_string(),
            "HpeGreenLake/global.example.com:8443/05f0523cfd0347fc981b9c4333a37b70"
        );
    }
}
