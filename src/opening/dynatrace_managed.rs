//! Dynatrace Managed.

use std::sync::Arc;

use super::{Material, Opened, OpeningError};
use crate::api::DynatraceManaged;
use crate::vendor::{Vendor, dynatrace_managed};

const HINT: &str = "Dynatrace Managed needs apiToken, a cluster token with the scope ServiceProviderAPI";

pub(super) fn open(block: &DynatraceManaged, material: &Material<'_>) -> Result<Opened, OpeningError> {
    let vendor = Vendor::DynatraceManaged;
    let config = dynatrace_managed::Config {
        endpoint: material.consent.url(vendor, &block.endpoint)?,
        api_token: material.values.secret("apiToken", HINT)?,
        max_batch_size: material.max_batch_size(vendor),
    };
    let tenant = config.tenant();
    let client = dynatrace_managed::Client::new(config, material.connection(&tenant));
    Ok(Opened { client: Arc::new(client), tenant })
}
