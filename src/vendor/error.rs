//! Errors of vendors, classified once and exhaustively.

use std::time::Duration;

use thiserror::Error;

/// What kind of failure it is: one rule for each (DESIGN of retries: see [`ErrorClass::is_permanent`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorClass {
    /// The credential is not accepted.
    Authentication,
    /// The credential is accepted and may not do this.
    Forbidden,
    /// The vendor does not accept what was asked.
    Invalid,
    /// The vendor already has something that contradicts it.
    Conflict,
    /// Too many requests.
    Throttled,
    /// The vendor can't answer now; nothing was changed.
    Transient,
    /// Nobody can say whether it had an effect.
    Ambiguous,
    /// The vendor can't do this.
    Unsupported,
}

impl ErrorClass {
    /// Whether trying again makes no sense until the object or the provider changes.
    pub const fn is_permanent(self) -> bool {
        match self {
            Self::Forbidden | Self::Invalid | Self::Conflict | Self::Unsupported => true,
            Self::Authentication | Self::Throttled | Self::Transient | Self::Ambiguous => false,
        }
    }
}

/// A failure of a call, in our own words: it can't hold a body, a header or a credential.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum VendorError {
    /// The connection could not be made: no byte of the call was written.
    #[error("cannot connect to {host}: {cause}")]
    Connect {
        /// Host of the call.
        host: String,
        /// One of a fixed set of words.
        cause: &'static str,
    },
    /// The address of the host is not allowed (private, loopback, link-local or metadata).
    #[error("{host} resolves to an address that is not allowed; see --allowed-private-cidrs")]
    AddressNotAllowed {
        /// Host of the call.
        host: String,
    },
    /// The connection broke or timed out after the call was begun.
    #[error("no answer from {host}: {cause}")]
    NoAnswer {
        /// Host of the call.
        host: String,
        /// One of a fixed set of words.
        cause: &'static str,
    },
    /// The vendor answered with a status that is not a success.
    #[error("{host} answered {status}{}", .code.as_deref().map(|code| format!(" ({code})")).unwrap_or_default())]
    Status {
        /// Host of the call.
        host: String,
        /// The HTTP status.
        status: u16,
        /// The vendor's code, cut down to `[A-Za-z0-9_.-]` and 64 characters.
        code: Option<String>,
        /// What the status means for this call.
        class: ErrorClass,
        /// How long the vendor asks to wait.
        retry_after: Option<Duration>,
    },
    /// The answer could not be understood, was too large, or is not what the contract says.
    #[error("the answer of {host} is not usable: {cause}")]
    BadAnswer {
        /// Host of the call.
        host: String,
        /// One of a fixed set of words.
        cause: &'static str,
    },
    /// The token endpoint does not accept the credential.
    #[error("{host} does not accept the credential (status {status})")]
    CredentialRefused {
        /// Host of the token endpoint.
        host: String,
        /// The HTTP status.
        status: u16,
    },
    /// The credential works, and every write is refused: the tenant's users come from a directory elsewhere.
    #[error("{host} takes its users from a directory, and refuses to change them")]
    ExternallyManaged {
        /// Host of the call.
        host: String,
    },
    /// The tenant's calls are paused because the vendor asked for it.
    #[error("the vendor asked to wait")]
    Paused {
        /// How long from now.
        remaining: Duration,
    },
}

impl VendorError {
    /// The class of this failure.
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Connect { .. } | Self::AddressNotAllowed { .. } => ErrorClass::Transient,
            Self::NoAnswer { .. } | Self::BadAnswer { .. } => ErrorClass::Ambiguous,
            Self::Status { class, .. } => *class,
            Self::CredentialRefused { .. } => ErrorClass::Authentication,
            Self::ExternallyManaged { .. } => ErrorClass::Forbidden,
            Self::Paused { .. } => ErrorClass::Throttled,
        }
    }
}
