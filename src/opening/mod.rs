//! From a provider's vendor block and its Secret's values to a client: one file per vendor, and what they share.
//!
//! Nothing here reads from Kubernetes or calls a vendor.

mod appxite;
mod consent;
mod dynatrace_managed;
mod dynatrace_saas;
mod hpe_greenlake;
mod material;
mod vmware;

pub use consent::Consent;
pub use material::{Material, Values};

use std::sync::Arc;

use thiserror::Error;

use crate::api::{ALLOWED_HOSTS, InvitationProviderSpec, VendorBlock};
use crate::vendor::{TenantKey, VendorClient};

/// A client, and the tenant that it is for.
#[derive(Debug)]
pub struct Opened {
    /// The client.
    pub client: Arc<dyn VendorClient>,
    /// The tenant that the spec names.
    pub tenant: TenantKey,
}

/// Why a block and a Secret make no client.
#[derive(Debug, Error)]
pub enum OpeningError {
    /// The Secret lacks a key, or it is empty or no text.
    #[error("the Secret {secret:?} has no usable key {key:?}: {hint}")]
    KeyMissing {
        /// The Secret's name.
        secret: String,
        /// The key.
        key: &'static str,
        /// What the vendor needs.
        hint: &'static str,
    },
    /// Nobody allowed the credential to be sent there.
    #[error(
        "the host {host:?} is not the vendor's own: the Secret's owner has to allow it, with the annotation {ALLOWED_HOSTS} on the Secret {secret:?}"
    )]
    HostNotAllowed {
        /// Host, with the port if it is not 443.
        host: String,
        /// The Secret's name.
        secret: String,
    },
    /// A URL that nothing is sent to.
    #[error("{0:?} is not a usable https URL")]
    Endpoint(String),
    /// None or several vendor blocks.
    #[error("the provider needs exactly one vendor block")]
    Spec,
}

/// Makes the client that a provider's block asks for.
pub fn open(spec: &InvitationProviderSpec, material: &Material<'_>) -> Result<Opened, OpeningError> {
    match spec.block() {
        Some(VendorBlock::HpeGreenLake(block)) => hpe_greenlake::open(block, material),
        Some(VendorBlock::VmwareCloudServices(block)) => vmware::open(block, material),
        Some(VendorBlock::AppXite(block)) => appxite::open(block, material),
        Some(VendorBlock::DynatraceManaged(block)) => dynatrace_managed::open(block, material),
        Some(VendorBlock::DynatraceSaas(block)) => dynatrace_saas::open(block, material),
        None => Err(OpeningError::Spec),
    }
}
