//! A person as a vendor shows them.

use std::fmt;
use std::hash::{Hash, Hasher};

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};

use super::grant::Held;

/// An e-mail address: sent as it was written, compared trimmed and lower-cased.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Email {
    written: String,
    key: String,
}

impl Email {
    /// Takes an address as a person wrote it.
    pub fn new(written: &str) -> Self {
        let written = written.trim().to_owned();
        Self { key: written.to_lowercase(), written }
    }

    /// The address as it was written: the form that is sent.
    pub fn as_written(&self) -> &str {
        &self.written
    }

    /// The lower-cased address: the form that is compared.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl fmt::Debug for Email {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.key)
    }
}

/// Whom a look or an invite is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Person {
    /// The address.
    pub email: Email,
    /// The login name, where the vendor has one apart from the e-mail.
    pub login: Option<String>,
    /// The first name, where somebody told.
    pub first_name: Option<String>,
    /// The last name, where somebody told.
    pub last_name: Option<String>,
    /// The password to begin with, only while the call is made.
    pub initial_password: Option<InitialPassword>,
}

impl Person {
    /// Somebody of whom nothing but the address is known.
    pub const fn with_email(email: Email) -> Self {
        Self { email, login: None, first_name: None, last_name: None, initial_password: None }
    }

    /// The lower-cased address.
    pub fn key(&self) -> &str {
        self.email.key()
    }
}

/// A password that somebody begins with. It shows nowhere but in the call that needs it.
#[derive(Clone)]
pub struct InitialPassword(SecretString);

impl InitialPassword {
    /// Takes a password.
    pub const fn new(password: SecretString) -> Self {
        Self(password)
    }

    /// The password itself.
    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for InitialPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitialPassword")
    }
}

impl PartialEq for InitialPassword {
    fn eq(&self, other: &Self) -> bool {
        self.expose() == other.expose()
    }
}

impl Eq for InitialPassword {}

impl Hash for InitialPassword {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

/// Where a person stands at the vendor, in the words of the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Invited, not accepted, and the invitation can still be used.
    Pending,
    /// Invited, and the invitation can no longer be used.
    Expired,
    /// In the tenant.
    Member,
    /// In the tenant or invited, and locked by the vendor or an administrator.
    Blocked,
    /// Only history is left: the last invitation was revoked.
    Revoked,
    /// Only history is left: the last invitation was declined.
    Declined,
    /// Only history is left: the last invitation was used, and the person is not (or not yet) in the tenant.
    Redeemed,
}

impl Standing {
    /// Whether the person is there at all: rows that are only history don't count as presence.
    pub const fn is_present(self) -> bool {
        match self {
            Self::Pending | Self::Expired | Self::Member | Self::Blocked => true,
            Self::Revoked | Self::Declined | Self::Redeemed => false,
        }
    }
}

/// What a vendor shows of one person: the member row and the invitations, brought into one picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Presence {
    /// Where the person stands.
    pub standing: Standing,
    /// The vendor's id of the person, where a row shows one.
    pub user_id: Option<String>,
    /// The vendor's id of the newest open invitation, where invitations have ids of their own.
    pub invitation_id: Option<String>,
    /// How many invitations of this person are open.
    pub open_invitations: usize,
    /// Changes whenever the vendor has written something new for this person (ids, creation times, status). An
    /// invitation has had an effect when the fingerprint differs from the one before it.
    pub fingerprint: String,
    /// The vendor's own word for the status, cut down to `[A-Za-z0-9_]` and 64 characters.
    pub vendor_status: String,
    /// When the invitation was made, by the vendor's clock.
    pub invited: Option<Timestamp>,
    /// When the invitation ends, by the vendor's clock.
    pub expires: Option<Timestamp>,
    /// What the person holds; `None`: this look does not show it.
    pub held: Option<Held>,
}
