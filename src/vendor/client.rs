//! The one interface to every vendor.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;

use super::answer::{Answer, MemberAnswer};
use super::error::VendorError;
use super::grant::{AccessChange, EditCalls, GrantKind};
use super::names::Names;
use super::person::{Email, Person, Presence};
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
    /// It can if the provider's settings say how; they don't.
    Configurable,
}

impl Support {
    /// Whether it can be done now.
    pub const fn is_given(self) -> bool {
        match self {
            Self::Supported => true,
            Self::Unsupported | Self::Configurable => false,
        }
    }
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
    /// Whether the vendor shows that a person accepted; if not, somebody who is there is provisioned.
    pub acceptance: Support,
    /// How an invitation is sent again.
    pub resend: Resend,
    /// Whether what a member holds can be changed.
    pub update_access: Support,
    /// What can be granted at all.
    pub grants: &'static [GrantKind],
    /// How many groups one person's access can name; `None`: any number.
    pub most_groups: Option<usize>,
    /// Whether an invite carries what it grants; if not, edits follow it.
    pub access_in_invite: bool,
    /// Whether what a person holds can be changed before the invitation is accepted.
    pub access_of_pending: bool,
    /// How much of a change one call makes.
    pub edit_calls: EditCalls,
    /// Whether people have a login name apart from the e-mail.
    pub logins: bool,
    /// Whether an invite needs first and last name.
    pub names_required: bool,
    /// Whether an invite can carry a password to begin with.
    pub initial_passwords: bool,
}

/// How an invitation is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// It is cancelled, and made anew.
    Recreate,
    /// One that has ended is made anew; one that can still be used can't be sent again.
    AfterExpiry,
    /// Not at all.
    None,
}

/// Who ends an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The vendor, and it tells when.
    Vendor,
    /// The vendor, without a word; this long after it was made.
    OwnClock(Duration),
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

/// What looks have to show beside who is there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// Somebody wants to know what people hold.
    pub access: bool,
    /// The ids of the groups whose members have to be known, where the list of users does not tell.
    pub groups: BTreeSet<String>,
}

/// Whom a call that takes away or edits is about.
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

    /// Reads what can be named in the tenant. A vendor that can list nothing says nothing.
    async fn names(&self) -> Result<Names, VendorError> {
        Ok(Names::default())
    }

    /// Reads everybody: invitations first, then members.
    async fn sweep(&self, watched: &Watched) -> Result<Sweep, VendorError>;

    /// Reads one person, by e-mail (as written and lower-cased), login name or id. `Ok(None)`: not there.
    async fn find(&self, person: &Person, watched: &Watched) -> Result<Option<Presence>, VendorError>;

    /// Waits for budget and token of one writing call.
    async fn permit(&self) -> Result<Permit, VendorError>;

    /// Invites people in one call; at most [`Capabilities::max_batch_size`] of them.
    async fn invite(&self, permit: Permit, people: &[Person], terms: &InviteTerms) -> Answer;

    /// Takes back pending invitations in one call; at most [`Capabilities::max_cancel_batch`] of them.
    async fn cancel(&self, permit: Permit, targets: &[Target]) -> Answer;

    /// Removes members in one call; at most [`Capabilities::max_remove_batch`] of them.
    async fn remove(&self, permit: Permit, targets: &[Target]) -> Answer;

    /// Changes what one person holds, in one call that writes: [`EditCalls::next`] of a change. A vendor whose call
    /// carries the whole set reads the person just before.
    async fn edit(&self, permit: Permit, target: &Target, change: &AccessChange) -> MemberAnswer;
}
