//! HPE GreenLake.

use std::sync::Arc;

use super::{Material, Opened, OpeningError};
use crate::api::HpeGreenLake;
use crate::vendor::{Vendor, default_endpoint, hpe_greenlake};

const HINT: &str = "HPE GreenLake needs clientId and clientSecret";

pub(super) fn open(block: &HpeGreenLake, material: &Material<'_>) -> Result<Opened, OpeningError> {
    let vendor = Vendor::HpeGreenLake;
    let (values, consent) = (&material.values, &material.consent);
    let endpoint = block.endpoint.as_deref().unwrap_or_else(|| default_endpoint(vendor, None));
    let config = hpe_greenlake::Config {
        workspace_id: block.workspace_id.clone(),
        endpoint: consent.url(vendor, endpoint)?,
        token_endpoint: block.token_endpoint.as_deref().map(|url| consent.url(vendor, url)).transpose()?,
        client_id: values.text("clientId", HINT)?,
        client_secret: values.secret("clientSecret", HINT)?,
    };
    let tenant = config.tenant();
    let client = hpe_greenlake::Client::new(config, material.connection(&tenant));
    Ok(Opened { client: Arc::new(client), tenant })
}
