//! The one interface to every vendor.

use std::collections::HashMap;

use async_trait::async_trait;
use jiff::Timestamp;

use super::answer::Answer;
use super::error::VendorError;
use super::person::{Email, Presence};
use super::terms::InviteTerms;

/// What a credential really opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The vendor's id of the account, lower-cased.
    pub id: String,
    /// Its name, where the vendor tells.
    pub name: Option<String>,
    /// The login name or e-mail of the credential's owner, where the credential reveals it: protected.
    pub own_login: Option<String>,
    /// When the credential ends, where the vendor tells.
    pub credential_expires: Option<Timestamp>,
}

/// Whether a vendor can do something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// It can.
    Supported,
    /// It can't.
    Unsupported,
}

/// What a vendor can do, as far as decisions depend on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // each is one fact about a vendor
pub struct Capabilities {
    /// How many people one invite call takes at most; 1: no bulk.
    pub max_batch_size: usize,
    /// Whether a person can be read by e-mail or id without listing everybody.
    pub exact_read: bool,
    /// Whether cancelling an invitation is the same call as removing a member.
    pub cancel_is_remove: bool,
    /// How many people one cancel call takes at most.
    pub max_cancel_batch: usize,
    /// How many people one remove call takes at most.
    pub max_remove_batch: usize,
    /// Whether a mail to everybody can be suppressed.
    pub suppress_all: bool,
    /// Whether mails can be limited to people without an account.
    pub suppress_known: bool,
    /// Whether a pending invitation can be cancelled.
    pub cancel: Support,
    /// Whether a member can be removed.
    pub remove: Support,
    /// Who ends an invitation that nobody accepts.
    pub expiry: Expiry,
}

/// Who ends an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The vendor, and it tells when.
    Vendor,
    /// Nobody.
    None,
}

/// Everybody the vendor shows, from one complete reading.
#[derive(Debug, Clone, Default)]
pub struct Sweep {
    /// People by [`Email::key`].
    pub people: HashMap<String, Presence>,
    /// Why this reading proves nobody's absence (a failed page, a total that does not fit, a missing overlap);
    /// `None`: it is complete.
    pub incomplete: Option<&'static str>,
}

/// Whom a cancel or remove call is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The person.
    pub email: Email,
    /// The vendor's id of the person, as recorded.
    pub user_id: Option<String>,
    /// The vendor's id of the invitation, as recorded.
    pub invitation_id: Option<String>,
}

/// The right to make one writing call now: a place in the tenant's budget and a valid token. Taken before
/// anything is recorded, so that a recorded call can be made at once.
#[derive(Debug)]
pub struct Permit {
    authorization: secrecy::SecretString,
}

impl Permit {
    /// A permit that carries the value of the authorization header.
    pub(crate) const fn new(authorization: secrecy::SecretString) -> Self {
        Self { authorization }
    }

    pub(super) const fn authorization(&self) -> &secrecy::SecretString {
        &self.authorization
    }
}

/// A vendor tenant opened with one credential.
///
/// Every method keeps to the tenant's budget, to time-outs and size caps. Reading methods renew an expired
/// token once by themselves; writing methods never repeat a call.
#[async_trait]
pub trait VendorClient: Send + Sync + std::fmt::Debug {
    /// What this vendor can do.
    fn capabilities(&self) -> Capabilities;

    /// Asks the vendor which account the credential opens.
    async fn verify(&self) -> Result<Account, VendorError>;

    /// Reads everybody: invitations first, then members.
    async fn sweep(&self) -> Result<Sweep, VendorError>;

    /// Reads one person, by e-mail (as written and lower-cased) or by id. `Ok(None)`: not there.
    async fn find(&self, email: &Email) -> Result<Option<Presence>, VendorError>;

    /// Waits for budget and token of one writing call.
    async fn permit(&self) -> Result<Permit, VendorError>;

    /// Invites people in one call; at most [`Capabilities::max_batch_size`] of them.
    async fn invite(&self, permit: Permit, people: &[Email], terms: &InviteTerms) -> Answer;

    /// Takes back pending invitations in one call; at most [`Capabilities::max_cancel_batch`] of them.
    async fn cancel(&self, permit: Permit, targets: &[Target]) -> Answer;

    /// Removes members in one call; at most [`Capabilities::max_remove_batch`] of them.
    async fn remove(&self, permit: Permit, targets: &[Target]) -> Answer;
}
