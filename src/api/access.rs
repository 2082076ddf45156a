//! What a person is to be granted, in the vendor's own words.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

mod vmware;

pub use vmware::{CustomRole, ServiceRoles, VmwareAccess, VmwareRole};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules;
use crate::vendor::{Grant, Vendor};

/// What a person is to be granted, in the words of one vendor: the block must be that of the provider's vendor.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rules::rule(
    "has(self.vmwareCloudServices)",
    "access needs a vendor block: fill in vmwareCloudServices, the only one in this version, or remove access",
)]))]
pub struct Access {
    /// vmwareCloudServices is what VMware Cloud Services is to grant. Only for providers with the block
    /// vmwareCloudServices; HPE GreenLake gives its own default and takes no access in this version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmware_cloud_services: Option<VmwareAccess>,
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
        let filled = [(Vendor::VmwareCloudServices, self.vmware_cloud_services.is_some())];
        filled.into_iter().filter(|(_, filled)| *filled).map(|(vendor, _)| vendor).collect()
    }

    /// What all the blocks grant.
    pub fn grants(&self) -> Vec<Grant> {
        self.vmware_cloud_services.iter().flat_map(Block::grants).collect()
    }

    /// The access that grants this at that vendor; `None`: nothing, or nothing that this vendor grants.
    pub fn from_grants(vendor: Vendor, grants: &[Grant]) -> Option<Self> {
        if grants.is_empty() {
            return None;
        }
        match vendor {
            Vendor::VmwareCloudServices => {
                Some(Self { vmware_cloud_services: Some(Block::from_grants(grants)) })
            }
            Vendor::HpeGreenLake => None,
        }
    }
}

#[cfg(test)]
mod tests;
