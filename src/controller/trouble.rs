//! What keeps a provider from being ready, in the words of its status.

use super::credentials::CredentialsError;
use crate::api::Reason;
use crate::vendor::{ErrorClass, VendorError};

/// What keeps a provider from being ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trouble {
    pub reason: Reason,
    pub message: String,
    /// Nothing will change until somebody changes something.
    pub stalled: bool,
}

/// What a failure on the way to a client means for the provider.
pub(super) fn credentials_trouble(error: &CredentialsError) -> Trouble {
    Trouble { reason: error.reason(), message: error.to_string(), stalled: error.needs_somebody() }
}

/// The vendor does not accept the credential.
pub(super) fn credential_refused() -> Trouble {
    Trouble {
        reason: Reason::AuthenticationFailed,
        message:
            "the vendor does not accept the credential: put a valid one into the Secret; it is read again \
                  by itself"
                .to_owned(),
        stalled: true,
    }
}

/// The credential works, and the vendor refuses every write.
pub(super) fn writes_refused() -> Trouble {
    Trouble {
        reason: Reason::ExternallyManaged,
        message:
            "the vendor takes its users from a directory (LDAP or SAML) and refuses every change: invite people \
             there; once the vendor manages its users itself, annotate this provider with \
             userinvitation.dev/reconcile-requested-at=<any new value>"
                .to_owned(),
        stalled: true,
    }
}

/// What a vendor's failure means for the provider.
pub(super) fn vendor_trouble(error: &VendorError) -> Trouble {
    let (reason, stalled) = match error.class() {
        ErrorClass::Authentication => return credential_refused(),
        ErrorClass::Forbidden if matches!(error, VendorError::ExternallyManaged { .. }) => {
            return writes_refused();
        }
        ErrorClass::Forbidden => (Reason::Forbidden, true),
        ErrorClass::Throttled => (Reason::Throttled, false),
        ErrorClass::Invalid | ErrorClass::Conflict | ErrorClass::Unsupported => {
            (Reason::UnexpectedAnswer, false)
        }
        ErrorClass::Transient | ErrorClass::Ambiguous => (Reason::VendorUnavailable, false),
    };
    let reason = if matches!(error, VendorError::AddressNotAllowed { .. }) {
        Reason::AddressNotAllowed
    } else {
        reason
    };
    Trouble { reason, message: error.to_string(), stalled }
}
