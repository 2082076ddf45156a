//! Which vendor tenant something belongs to.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One vendor tenant, as the provider's own working credential opened it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Tenant {
    /// vendor is the vendor's name: HpeGreenLake, VmwareCloudServices, AppXite, DynatraceManaged or DynatraceSaas.
    #[schemars(length(max = 64))]
    pub vendor: String,
    /// host is the host name of the vendor's API, with the port if it is not 443, in lower case.
    #[schemars(length(max = 300))]
    pub host: String,
    /// accountId is the workspace (HPE GreenLake), organization (VMware) or account (Dynatrace SaaS) that the credential
    /// opens, the platform's host and the organization that is acted for (AppXite), or the cluster's host (Dynatrace
    /// Managed), in lower case.
    #[schemars(length(max = 300))]
    pub account_id: String,
}
