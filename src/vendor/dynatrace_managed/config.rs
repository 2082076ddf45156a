//! Settings of one cluster.

use reqwest::Url;
use secrecy::SecretString;

use crate::vendor::transport::host_and_port;
use crate::vendor::{TenantKey, Vendor};

/// Settings of one cluster.
#[derive(Debug, Clone)]
pub struct Config {
    /// Scheme, host and port of the cluster.
    pub endpoint: Url,
    /// A cluster token with the scope `ServiceProviderAPI`.
    pub api_token: SecretString,
    /// The most people in one call.
    pub max_batch_size: usize,
}

impl Config {
    /// The tenant of these settings: a cluster is its host, no request names it otherwise (vendor contract: 2.1).
    pub fn tenant(&self) -> TenantKey {
        let host = host_and_port(&self.endpoint);
        TenantKey { vendor: Vendor::DynatraceManaged, account_id: host.clone(), host }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tenant_is_a_host() {
        let config = Config {
            endpoint: Url::parse("https://MyManaged.Example.com:8443/").unwrap(),
            api_token: "".into(),
            max_batch_size: 50,
        };
        let host = "mymanaged.example.com:8443";
        assert_eq!(config.tenant().to_string(), format!("DynatraceManaged/{host}/{host}"));
    }
}
