//! Settings of one platform.

use reqwest::Url;
use secrecy::SecretString;

use crate::vendor::transport::host_and_port;
use crate::vendor::{TenantKey, Vendor};

/// The public API (vendor contract: 1.2.1).
pub const DEFAULT_ENDPOINT: &str = "https://api.appxite.com";

/// The header that says which platform is meant (vendor contract: 1.2.1, two articles differ).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PlatformHeader {
    /// `Referer`.
    Referer,
    /// `X-Referer`.
    XReferer,
}

/// Where an invite has its organizations (vendor contract: 1.3.3, ambiguous).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OrganizationIdsPlacement {
    /// In the payload, for all its users.
    Payload,
    /// In each user.
    User,
}

/// Paths below the endpoint; none of them is public (vendor contract: 1.3.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// List All Users.
    pub list_users: String,
    /// List All Roles.
    pub list_roles: String,
    /// List Identity Providers.
    pub list_identity_providers: String,
    /// Invite a User.
    pub invite: String,
    /// Removes a user, `{id}` standing for the user's id; `None`: there is no such call (vendor contract: 1.3.7).
    pub remove: Option<String>,
}

/// Settings of one platform.
#[derive(Debug, Clone)]
pub struct Config {
    /// The platform's URL as somebody wrote it; it is only named, never called.
    pub platform_url: String,
    /// The header that names it.
    pub platform_header: PlatformHeader,
    /// The organization that is acted for.
    pub on_behalf_of: Option<String>,
    /// Scheme, host and port of the API.
    pub endpoint: Url,
    /// Where tokens are got.
    pub token_endpoint: Url,
    /// The audience a token is asked for.
    pub token_audience: Option<String>,
    /// The scope a token is asked for.
    pub token_scope: Option<String>,
    /// The version that calls name.
    pub api_version: Option<String>,
    /// Paths below the endpoint.
    pub paths: Paths,
    /// Where an invite has its organizations.
    pub organization_ids: OrganizationIdsPlacement,
    /// The field of a user's role; one whose name ends in `s` holds a list.
    pub role_field: String,
    /// The field of a user's identity provider.
    pub identity_provider_field: String,
    /// The key of the product's subscription.
    pub subscription_key: SecretString,
    /// The API client's id.
    pub client_id: String,
    /// The API client's secret.
    pub client_secret: SecretString,
    /// How many people one call invites at most; default 20 (vendor contract: 1.3.6, the maximum is unknown).
    pub max_batch_size: usize,
}

impl Config {
    /// The tenant of these settings: the platform and, where one is acted for, the organization.
    pub fn tenant(&self) -> TenantKey {
        let written = self.platform_url.trim();
        let platform = Url::parse(written).map_or_else(|_| written.to_lowercase(), |url| host_and_port(&url));
        let account_id = match &self.on_behalf_of {
            Some(organization) => format!("{platform}/{}", organization.trim().to_lowercase()),
            None => platform,
        };
        TenantKey { vendor: Vendor::AppXite, host: host_and_port(&self.endpoint), account_id }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::vendor::appxite) fn config() -> Config {
        Config {
            platform_url: "https://Demo.RethinkPortal.com/sign-in".to_owned(),
            platform_header: PlatformHeader::Referer,
            on_behalf_of: None,
            endpoint: Url::parse(DEFAULT_ENDPOINT).unwrap(),
            token_endpoint: Url::parse("https://issuer.example/oauth/token").unwrap(),
            token_audience: None,
            token_scope: None,
            api_version: None,
            paths: Paths {
                list_users: "/users".to_owned(),
                list_roles: "/roles".to_owned(),
                list_identity_providers: "/identity-providers".to_owned(),
                invite: "/users/invite".to_owned(),
                remove: None,
            },
            organization_ids: OrganizationIdsPlacement::Payload,
            role_field: "GroupId".to_owned(),
            identity_provider_field: "IdentityProviderId".to_owned(),
            subscription_key: "".into(),
            client_id: String::new(),
            client_secret: "".into(),
            max_batch_size: 20,
        }
    }

    #[test]
    fn a_tenant_is_a_platform_and_an_organization() {
        assert_eq!(config().tenant().to_string(), "AppXite/api.appxite.com/demo.rethinkportal.com");
        let organization = Some(" 3A8F5C1D-3333-4f0f-b0b4-000000000100 ".to_owned());
        let config = Config { on_behalf_of: organization, ..config() };
        assert_eq!(config.tenant().account_id, "demo.rethinkportal.com/3a8f5c1d-3333-4f0f-b0b4-000000000100");
    }
}
