//! Settings of one account.

use reqwest::Url;
use secrecy::SecretString;

use crate::vendor::transport::host_and_port;
use crate::vendor::{TenantKey, Vendor};

/// The public API (vendor contract: 3.1).
pub const DEFAULT_ENDPOINT: &str = "https://api.dynatrace.com";
/// The public token endpoint, on another host (vendor contract: 3.1).
pub const DEFAULT_TOKEN_ENDPOINT: &str = "https://sso.dynatrace.com/sso/oauth2/token";

/// Settings of one account.
#[derive(Debug, Clone)]
pub struct Config {
    /// The account's UUID, without a prefix.
    pub account_uuid: String,
    /// Scheme, host and port of the API.
    pub endpoint: Url,
    /// Where tokens are got.
    pub token_endpoint: Url,
    /// The OAuth client's id.
    pub client_id: String,
    /// The OAuth client's secret.
    pub client_secret: SecretString,
}

impl Config {
    /// The tenant of these settings.
    pub fn tenant(&self) -> TenantKey {
        TenantKey {
            vendor: Vendor::DynatraceSaas,
            host: host_and_port(&self.endpoint),
            account_id: plain_id(&self.account_uuid),
        }
    }
}

/// An account's id as paths have it.
pub(super) fn plain_id(id: &str) -> String {
    id.trim().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_are_compared_without_case() {
        let config = Config {
            account_uuid: " 7C1D0000-0000-4000-8000-000000000001 ".to_owned(),
            endpoint: Url::parse("https://API.example.com:8443/").unwrap(),
            token_endpoint: Url::parse(DEFAULT_TOKEN_ENDPOINT).unwrap(),
            client_id: String::new(),
            client_secret: "".into(),
        };
        assert_eq!(
            config.tenant().to_string(),
            "DynatraceSaas/api.example.com:8443/7c1d0000-0000-4000-8000-000000000001"
        );
    }
}
