//! VMware Cloud Services.

use std::sync::Arc;

use super::{Material, Opened, OpeningError};
use crate::api::{VmwareCloudServices, VmwarePlatform};
use crate::vendor::{Vendor, default_endpoint, vmware};

const HINT: &str = "VMware Cloud Services needs apiToken, or clientId and clientSecret";

pub(super) fn open(block: &VmwareCloudServices, material: &Material<'_>) -> Result<Opened, OpeningError> {
    let vendor = Vendor::VmwareCloudServices;
    let (values, consent) = (&material.values, &material.consent);
    let platform = match block.platform {
        VmwarePlatform::Vcsp => vmware::Platform::Vcsp,
        VmwarePlatform::Tcsp => vmware::Platform::Tcsp,
    };
    let credentials = if values.find("apiToken").is_none() && values.find("clientId").is_some() {
        vmware::Credentials::Client {
            id: values.text("clientId", HINT)?,
            secret: values.secret("clientSecret", HINT)?,
        }
    } else {
        vmware::Credentials::ApiToken(values.secret("apiToken", HINT)?)
    };
    let endpoint = block.endpoint.as_deref().unwrap_or_else(|| default_endpoint(vendor, Some(platform)));
    let config = vmware::Config {
        platform,
        org_id: block.org_id.clone(),
        endpoint: consent.url(vendor, endpoint)?,
        invited_by: block.invited_by.clone(),
        expiration_days: block.invitation_expiration_days.and_then(|days| u8::try_from(days).ok()),
        credentials,
        max_batch_size: material.max_batch_size(vendor),
    };
    let tenant = config.tenant();
    let client = vmware::Client::new(config, material.connection(&tenant));
    Ok(Opened { client: Arc::new(client), tenant })
}
