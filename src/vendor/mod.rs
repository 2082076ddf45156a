//! How each vendor is spoken to: one file or folder per vendor behind [`VendorClient`], and what they share.
//!
//! Nothing here knows Kubernetes. A client reports what the vendor said; what it means for an invitation is
//! decided elsewhere.

mod answer;
pub mod appxite;
mod client;
mod credential;
pub mod dynatrace_managed;
pub mod dynatrace_saas;
mod endpoint;
mod error;
mod grant;
pub mod hpe_greenlake;
mod lenient;
mod limiter;
mod names;
mod observe;
mod person;
mod session;
mod terms;
mod token;
mod transport;
pub mod vmware;

pub use answer::{Answer, MemberAnswer, Refusal};
pub use client::{
    Account, Capabilities, Expiry, Permit, Resend, Support, Sweep, Target, VendorClient, Watched,
};
pub use endpoint::{built_in_hosts, default_endpoint};
pub use error::{ErrorClass, VendorError};
pub use grant::{AccessChange, EditCalls, Grant, GrantKind, Held};
pub use limiter::Limiter;
pub use names::{Named, Names};
pub use observe::{CallObserver, CallOutcome, FinishedCall, NoObserver, Operation};
pub use person::{Email, InitialPassword, Person, Presence, Standing};
pub use session::Connection;
pub use terms::{InviteTerms, Notification};
pub use transport::{ProxySettings, Transport, TransportError, TransportSettings, is_allowed};

use std::fmt;
use std::num::NonZeroU32;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The vendors this operator speaks to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Vendor {
    /// HPE GreenLake, a workspace.
    HpeGreenLake,
    /// VMware Cloud Services (VCSP and TCSP), an organization.
    VmwareCloudServices,
    /// AppXite, a platform or an organization on it.
    AppXite,
    /// Dynatrace Managed, a cluster.
    DynatraceManaged,
    /// Dynatrace SaaS, an account.
    DynatraceSaas,
}

impl Vendor {
    /// Every vendor, in the order of the documentation.
    pub const ALL: [Self; 5] = [
        Self::HpeGreenLake,
        Self::VmwareCloudServices,
        Self::AppXite,
        Self::DynatraceManaged,
        Self::DynatraceSaas,
    ];

    /// The name used in the API, in metrics and in logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::HpeGreenLake => "HpeGreenLake",
            Self::VmwareCloudServices => "VmwareCloudServices",
            Self::AppXite => "AppXite",
            Self::DynatraceManaged => "DynatraceManaged",
            Self::DynatraceSaas => "DynatraceSaas",
        }
    }

    /// The vendor of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|vendor| vendor.as_str() == name)
    }

    /// What is assumed where a provider says nothing.
    pub const fn defaults(self) -> Defaults {
        match self {
            Self::HpeGreenLake => hpe_greenlake::DEFAULTS,
            Self::VmwareCloudServices => vmware::DEFAULTS,
            Self::AppXite => appxite::DEFAULTS,
            Self::DynatraceManaged => dynatrace_managed::DEFAULTS,
            Self::DynatraceSaas => dynatrace_saas::DEFAULTS,
        }
    }
}

/// What is assumed of a tenant where its provider says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defaults {
    /// The most requests a minute.
    pub requests_per_minute: NonZeroU32,
    /// The time within which the vendor surely shows a request that it took.
    pub settle_grace: Duration,
    /// The most people in one invite call.
    pub max_batch_size: usize,
}

impl fmt::Display for Vendor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One tenant at one vendor. Budgets, open writes and ownership of people belong to it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TenantKey {
    /// The vendor.
    pub vendor: Vendor,
    /// Host name (and port, when not 443) of the vendor's API, lower-cased.
    pub host: String,
    /// The vendor's id of the account: HPE's workspace id, VMware's organization id, AppXite's platform and
    /// organization, Dynatrace Managed's host, Dynatrace SaaS' account UUID; lower-cased.
    pub account_id: String,
}

impl fmt::Display for TenantKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.vendor, self.host, self.account_id)
    }
}

/// A number of requests a minute; at least one.
const fn requests_a_minute(number: u32) -> NonZeroU32 {
    match NonZeroU32::new(number) {
        Some(number) => number,
        None => NonZeroU32::MIN,
    }
}
