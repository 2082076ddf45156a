//! What a person is to be granted, in the vendor's own words.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

mod appxite;
mod dynatrace_managed;
mod dynatrace_saas;
mod hpe;
mod vmware;

pub use appxite::AppXiteAccess;
pub use dynatrace_managed::DynatraceManagedAccess;
pub use dynatrace_saas::DynatraceSaasAccess;
pub use hpe::{HpeAccess, RoleAssignment};
pub use vmware::{CustomRole, ServiceRoles, VmwareAccess, VmwareRole};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules;
use crate::vendor::{Grant, Vendor};

/// What a person is to be granted, in the words of one vendor: the block must be that of the provider's vendor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rules::rule(
    "(has(self.hpeGreenLake) ? 1 : 0) + (has(self.vmwareCloudServices) ? 1 : 0) + \
     (has(self.appXite) ? 1 : 0) + (has(self.dynatraceManaged) ? 1 : 0) + (has(self.dynatraceSaas) ? 1 : 0) == 1",
    "access needs exactly one vendor block: that of the provider's vendor",
)]))]
pub struct Access {
    /// hpeGreenLake is what HPE GreenLake is to grant. Only for providers with the block hpeGreenLake.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hpe_green_lake: Option<HpeAccess>,
    /// vmwareCloudServices is what VMware Cloud Services is to grant. Only for providers with the block
    /// vmwareCloudServices.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmware_cloud_services: Option<VmwareAccess>,
    /// appXite is what AppXite is to grant. Only for providers with the block appXite.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_xite: Option<AppXiteAccess>,
    /// dynatraceManaged is what Dynatrace Managed is to grant. Only for providers with the block dynatraceManaged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynatrace_managed: Option<DynatraceManagedAccess>,
    /// dynatraceSaas is what Dynatrace SaaS is to grant. Only for providers with the block dynatraceSaas.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynatrace_saas: Option<DynatraceSaasAccess>,
}

/// The block of one vendor, to and from the form that no vendor owns.
trait Block: Sized {
    /// What the block grants.
    fn grants(&self) -> Vec<Grant>;

    /// The block that grants this.
    fn from_grants(grants: &[Grant]) -> Self;
}

impl Access {
    /// The vendors whose blocks are filled in.
    pub fn vendors(&self) -> Vec<Vendor> {
        let filled = [
            (Vendor::HpeGreenLake, self.hpe_green_lake.is_some()),
            (Vendor::VmwareCloudServices, self.vmware_cloud_services.is_some()),
            (Vendor::AppXite, self.app_xite.is_some()),
            (Vendor::DynatraceManaged, self.dynatrace_managed.is_some()),
            (Vendor::DynatraceSaas, self.dynatrace_saas.is_some()),
        ];
        filled.into_iter().filter(|(_, filled)| *filled).map(|(vendor, _)| vendor).collect()
    }

    /// What all the blocks grant.
    pub fn grants(&self) -> Vec<Grant> {
        let mut grants: Vec<Grant> = self.hpe_green_lake.iter().flat_map(Block::grants).collect();
        grants.extend(self.vmware_cloud_services.iter().flat_map(Block::grants));
        grants.extend(self.app_xite.iter().flat_map(Block::grants));
        grants.extend(self.dynatrace_managed.iter().flat_map(Block::grants));
        grants.extend(self.dynatrace_saas.iter().flat_map(Block::grants));
        grants
    }

    /// The access that grants this at that vendor; `None`: nothing.
    pub fn from_grants(vendor: Vendor, grants: &[Grant]) -> Option<Self> {
        if grants.is_empty() {
            return None;
        }
        let mut access = Self::default();
        match vendor {
            Vendor::HpeGreenLake => access.hpe_green_lake = Some(Block::from_grants(grants)),
            Vendor::VmwareCloudServices => access.vmware_cloud_services = Some(Block::from_grants(grants)),
            Vendor::AppXite => access.app_xite = Some(Block::from_grants(grants)),
            Vendor::DynatraceManaged => access.dynatrace_managed = Some(Block::from_grants(grants)),
            Vendor::DynatraceSaas => access.dynatrace_saas = Some(Block::from_grants(grants)),
        }
        Some(access)
    }
}

#[cfg(test)]
mod tests;
