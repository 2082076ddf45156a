//! Settings of one organization.

use reqwest::Url;
use secrecy::SecretString;

use crate::vendor::transport::host_and_port;
use crate::vendor::{TenantKey, Vendor};

/// Which of the two code lines an organization lives on (vendor contract: B1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Platform {
    /// VMware Cloud Services: `console.cloud.vmware.com`.
    Vcsp,
    /// Tanzu Platform Cloud Services: `console.tanzu.broadcom.com`.
    Tcsp,
}

impl Platform {
    /// The public API.
    pub const fn default_endpoint(self) -> &'static str {
        match self {
            Self::Vcsp => "https://console.cloud.vmware.com",
            Self::Tcsp => "https://console.tanzu.broadcom.com",
        }
    }
}

/// A credential.
#[derive(Debug, Clone)]
pub enum Credentials {
    /// An API token of a user.
    ApiToken(SecretString),
    /// An OAuth app.
    Client {
        /// Its id.
        id: String,
        /// Its secret.
        secret: SecretString,
    },
}

/// Settings of one organization.
#[derive(Debug, Clone)]
pub struct Config {
    /// The code line, which decides the names of some fields.
    pub platform: Platform,
    /// The organization's id.
    pub org_id: String,
    /// Scheme, host and port of the API.
    pub endpoint: Url,
    /// Who is shown as the inviter; default: the credential's owner.
    pub invited_by: Option<String>,
    /// After how many days an invitation ends, 1 to 90; default 7, the vendor's own; only sent on TCSP.
    pub expiration_days: Option<u8>,
    /// The credential.
    pub credentials: Credentials,
    /// How many people one call invites or revokes at most; default 20 (vendor contract: no documented limit, U6).
    pub max_batch_size: usize,
}

impl Config {
    /// The tenant of these settings.
    pub fn tenant(&self) -> TenantKey {
        TenantKey {
            vendor: Vendor::VmwareCloudServices,
            host: host_and_port(&self.endpoint),
            account_id: self.org_id.trim().to_lowercase(),
        }
    }
}
