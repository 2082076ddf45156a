//! Dynatrace SaaS.

use std::sync::Arc;

use super::{Material, Opened, OpeningError};
use crate::api::DynatraceSaas;
use crate::vendor::{Vendor, default_endpoint, dynatrace_saas};

const HINT: &str = "Dynatrace SaaS needs clientId and clientSecret";

pub(super) fn open(block: &DynatraceSaas, material: &Material<'_>) -> Result<Opened, OpeningError> {
    let vendor = Vendor::DynatraceSaas;
    let (values, consent) = (&material.values, &material.consent);
    let endpoint = block.endpoint.as_deref().unwrap_or_else(|| default_endpoint(vendor, None));
    let token_endpoint = block.token_endpoint.as_deref().unwrap_or(dynatrace_saas::DEFAULT_TOKEN_ENDPOINT);
    let config = dynatrace_saas::Config {
        account_uuid: block.account_uuid.clone(),
        endpoint: consent.url(vendor, endpoint)?,
        token_endpoint: consent.url(vendor, token_endpoint)?,
        client_id: values.text("clientId", HINT)?,
        client_secret: values.secret("clientSecret", HINT)?,
    };
    let tenant = config.tenant();
    let client = dynatrace_saas::Client::new(config, material.connection(&tenant));
    Ok(Opened { client: Arc::new(client), tenant })
}
