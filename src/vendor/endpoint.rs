//! The vendors' public hosts.

use super::vmware::Platform;
use super::{Vendor, appxite, dynatrace_saas, hpe_greenlake};

/// The API that is used when none is named; empty where each tenant is a host of its own. `platform` matters for
/// VMware only; default VCSP.
pub const fn default_endpoint(vendor: Vendor, platform: Option<Platform>) -> &'static str {
    match (vendor, platform) {
        (Vendor::HpeGreenLake, _) => hpe_greenlake::DEFAULT_ENDPOINT,
        (Vendor::VmwareCloudServices, Some(platform)) => platform.default_endpoint(),
        (Vendor::VmwareCloudServices, None) => Platform::Vcsp.default_endpoint(),
        (Vendor::AppXite, _) => appxite::DEFAULT_ENDPOINT,
        (Vendor::DynatraceManaged, _) => "",
        (Vendor::DynatraceSaas, _) => dynatrace_saas::DEFAULT_ENDPOINT,
    }
}

/// Hosts that may get a vendor's credentials without the consent of the Secret's owner: its public API and token
/// hosts, on port 443.
pub const fn built_in_hosts(vendor: Vendor) -> &'static [&'static str] {
    match vendor {
        Vendor::HpeGreenLake => &["global.api.greenlake.hpe.com", "sso.common.cloud.hpe.com"],
        Vendor::VmwareCloudServices => &["console.cloud.vmware.com", "console.tanzu.broadcom.com"],
        Vendor::AppXite => &["api.appxite.com"],
        // Clusters are everybody's own: none gets a token without consent.
        Vendor::DynatraceManaged => &[],
        Vendor::DynatraceSaas => &["api.dynatrace.com", "sso.dynatrace.com"],
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Url;

    use super::*;
    use crate::vendor::transport::host_and_port;

    #[test]
    fn default_endpoints_are_built_in() {
        for vendor in Vendor::ALL {
            for platform in [None, Some(Platform::Vcsp), Some(Platform::Tcsp)] {
                let default = default_endpoint(vendor, platform);
                if default.is_empty() {
                    assert!(built_in_hosts(vendor).is_empty());
                    continue;
                }
                let url = Url::parse(default).unwrap();
                assert_eq!(url.scheme(), "https");
                assert!(built_in_hosts(vendor).contains(&host_and_port(&url).as_str()));
            }
        }
    }
}
