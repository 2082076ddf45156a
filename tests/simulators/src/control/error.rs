//! What can go wrong with the control API.

use crate::vendor::TenantId;

/// Why the control API did nothing.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// No tenant has this id.
    #[error("no such tenant: {0}")]
    NoSuchTenant(TenantId),
    /// A tenant with this id exists.
    #[error("the tenant exists already")]
    TenantExists,
    /// The person is not in a state in which this can happen.
    #[error("nobody with that address can have this happen now")]
    NothingToDo,
    /// The vendor knows no such thing.
    #[error("this vendor knows no such thing")]
    Unsupported,
    /// Another tenant of the vendor has this credential; a credential belongs to one tenant.
    #[error("another tenant has that credential")]
    CredentialInUse,
    /// No credential has this key.
    #[error("no such credential")]
    NoSuchCredential,
    /// An address of its own could not be had.
    #[error("listening: {0}")]
    Listen(#[from] std::io::Error),
    /// The knobs are malformed.
    #[error("malformed: {0}")]
    Malformed(#[from] serde_json::Error),
}
