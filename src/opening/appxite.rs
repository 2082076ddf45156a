//! AppXite.

use std::sync::Arc;

use super::{Material, Opened, OpeningError};
use crate::api::{AppXite, AppXiteOrganizationIdsPlacement, AppXitePlatformHeader};
use crate::vendor::{Vendor, appxite, default_endpoint};

const HINT: &str = "AppXite needs subscriptionKey, clientId and clientSecret";

pub(super) fn open(block: &AppXite, material: &Material<'_>) -> Result<Opened, OpeningError> {
    let vendor = Vendor::AppXite;
    let (values, consent) = (&material.values, &material.consent);
    let endpoint = block.endpoint.as_deref().unwrap_or_else(|| default_endpoint(vendor, None));
    let config = appxite::Config {
        platform_url: block.platform_url.clone(),
        platform_header: match block.platform_header {
            AppXitePlatformHeader::Referer => appxite::PlatformHeader::Referer,
            AppXitePlatformHeader::XReferer => appxite::PlatformHeader::XReferer,
        },
        on_behalf_of: block.on_behalf_of_organization_id.clone(),
        endpoint: consent.url(vendor, endpoint)?,
        token_endpoint: consent.url(vendor, &block.token_endpoint)?,
        token_audience: block.token_audience.clone(),
        token_scope: block.token_scope.clone(),
        api_version: block.api_version.clone(),
        paths: appxite::Paths {
            list_users: block.paths.list_users.clone(),
            list_roles: block.paths.list_roles.clone(),
            list_identity_providers: block.paths.list_identity_providers.clone(),
            invite: block.paths.invite.clone(),
            remove: block.paths.remove.clone(),
        },
        organization_ids: match block.organization_ids_placement {
            AppXiteOrganizationIdsPlacement::Payload => appxite::OrganizationIdsPlacement::Payload,
            AppXiteOrganizationIdsPlacement::User => appxite::OrganizationIdsPlacement::User,
        },
        role_field: block.role_field.clone(),
        identity_provider_field: block.identity_provider_field.clone(),
        subscription_key: values.secret("subscriptionKey", HINT)?,
        client_id: values.text("clientId", HINT)?,
        client_secret: values.secret("clientSecret", HINT)?,
        max_batch_size: material.max_batch_size(vendor),
    };
    let tenant = config.tenant();
    let client = appxite::Client::new(config, material.connection(&tenant));
    Ok(Opened { client: Arc::new(client), tenant })
}
