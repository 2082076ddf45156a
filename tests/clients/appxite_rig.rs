//! A platform of AppXite, and a client that talks to it.

use reqwest::Url;
use user_invitation_operator::vendor::{Grant, GrantKind, InviteTerms, Notification, appxite};
use vendor_simulators::{AppXitePlatform, Credential, Options, Simulators};

use super::support::{CLIENT_ID, CLIENT_SECRET, OWNER, Rig, connection};

pub(crate) const SUBSCRIPTION_KEY: &str = "c41d7be09a5f4e2f8d6031b7a92c5e74";
/// The organizations that every simulated platform has.
pub(crate) const ORGANIZATIONS: [&str; 2] =
    ["3a8f5c1d-3333-4f0f-b0b4-000000000100", "3a8f5c1d-3333-4f0f-b0b4-000000000101"];

impl Rig<appxite::Client> {
    pub(crate) async fn appxite(change: impl FnOnce(&mut AppXitePlatform)) -> Self {
        Self::appxite_with(change, |_| {}).await
    }

    pub(crate) async fn appxite_with(
        change: impl FnOnce(&mut AppXitePlatform),
        configure: impl FnOnce(&mut appxite::Config),
    ) -> Self {
        let simulators = Simulators::start(Options::default()).await.unwrap();
        let credential = Credential::client(CLIENT_ID, CLIENT_SECRET).owned_by(OWNER);
        let mut platform = AppXitePlatform::with(credential, SUBSCRIPTION_KEY);
        change(&mut platform);
        let token_path = platform.knobs.paths.token.clone();
        let control = simulators.control();
        let tenant = control.create_appxite_platform(platform).unwrap();
        let base = simulators.base_url_appxite();
        let mut config = appxite::Config {
            platform_url: format!("https://{}", tenant.id),
            platform_header: appxite::PlatformHeader::Referer,
            on_behalf_of: None,
            endpoint: Url::parse(&base).unwrap(),
            token_endpoint: Url::parse(&format!("{base}{token_path}")).unwrap(),
            token_audience: None,
            token_scope: None,
            api_version: None,
            paths: appxite::Paths {
                list_users: "/users".to_owned(),
                list_roles: "/roles".to_owned(),
                list_identity_providers: "/identity-providers".to_owned(),
                invite: "/users/invite".to_owned(),
                remove: None,
            },
            organization_ids: appxite::OrganizationIdsPlacement::Payload,
            role_field: "GroupId".to_owned(),
            identity_provider_field: "IdentityProviderId".to_owned(),
            subscription_key: SUBSCRIPTION_KEY.into(),
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.into(),
            max_batch_size: 20,
        };
        configure(&mut config);
        let (connection, calls, limiter) = connection(&simulators);
        let client = appxite::Client::new(config, connection);
        Self { simulators, control, tenant, client, calls, limiter }
    }

    /// A platform whose catalogue has a removal, and a client that knows it.
    pub(crate) async fn appxite_with_removal() -> Self {
        Self::appxite_with(
            |platform| "/users/{id}".clone_into(&mut platform.knobs.paths.remove),
            |config| config.paths.remove = Some("/users/{id}".to_owned()),
        )
        .await
    }
}

/// Terms with these grants.
pub(crate) fn granting(grants: &[(GrantKind, &str)]) -> InviteTerms {
    let grants = grants.iter().map(|(kind, name)| Grant::named(*kind, *name)).collect();
    InviteTerms { grants, notification: Notification::Send }
}
