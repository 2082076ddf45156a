//! What a decision says.

use std::time::Duration;

use crate::api::record::AttemptKind;
use crate::api::{Access, Origin, Reason, Tenant, UserInvitationStatus};
use crate::tenant::Wish;

/// A decision about one invitation.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// The status as it should be.
    pub status: UserInvitationStatus,
    /// What to do, if anything.
    pub action: Option<Action>,
    /// What people should hear of, once the status is written.
    pub events: Vec<Event>,
    /// A deletion can't go on by itself: worth a look at its namespace.
    pub stuck: bool,
    /// When to decide again although nothing happened.
    pub wake: Option<Duration>,
    /// A sweep of its own would show what the latest look did not.
    pub wants_look: bool,
}

/// The one thing to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Put this into the tenant's queue; when its turn comes, record the draft and make the call.
    Request {
        /// What is to be written at the vendor.
        wish: Wish,
        /// Never together with others.
        alone: bool,
        /// What the record will say.
        draft: RecordDraft,
    },
    /// Write this record now; nothing is sent.
    Record {
        /// What the record will say.
        draft: RecordDraft,
        /// Whether deleting the object may owe a call from now on.
        finalizer: bool,
    },
    /// Let the deleted object go.
    Release(Release),
}

/// Why a deleted object may go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Release {
    /// Nothing is owed.
    NothingOwed,
    /// What was owed is done.
    Done,
    /// Another object speaks for the person now.
    HandedOver,
    /// Somebody said so.
    Abandoned,
    /// The vendor can't do what the deletion policy asks for.
    Unsupported,
    /// The vendor shows another person, or another invitation, under the address.
    AnotherPerson,
    /// The namespace is terminating, and bounded tries came to nothing.
    GivenUp,
    /// The namespace is terminating, with more owed than may go on without an approval.
    TooMany,
    /// The provider does not allow this deletion to take anybody away.
    NotAllowed(Reason),
}

/// A record without what only its writing decides: attempt id, process and time.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordDraft {
    /// Where.
    pub tenant: Tenant,
    /// How the person came into the tenant.
    pub origin: Origin,
    /// The person's id at the vendor.
    pub vendor_user_id: Option<String>,
    /// The invitation's id at the vendor.
    pub vendor_invitation_id: Option<String>,
    /// The resend request that is served by this.
    pub resend: Option<String>,
    /// The call that is about to be made.
    pub attempt: Option<AttemptDraft>,
}

/// An attempt without what only its writing decides.
#[derive(Debug, Clone, PartialEq)]
pub struct AttemptDraft {
    /// What is about to be done.
    pub kind: AttemptKind,
    /// What it grants.
    pub access: Option<Access>,
    /// The provider's generation.
    pub provider_generation: i64,
}

/// Something people should hear of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Good or bad news.
    pub kind: EventKind,
    /// The reason, a word.
    pub reason: String,
    /// In our own words.
    pub message: String,
}

/// The two kinds of events that Kubernetes has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// As expected.
    Normal,
    /// Somebody may have to do something.
    Warning,
}

impl Event {
    /// Good news.
    pub fn normal(reason: Reason, message: impl Into<String>) -> Self {
        Self { kind: EventKind::Normal, reason: reason.as_str().to_owned(), message: message.into() }
    }

    /// Bad news.
    pub fn warning(reason: Reason, message: impl Into<String>) -> Self {
        Self { kind: EventKind::Warning, reason: reason.as_str().to_owned(), message: message.into() }
    }
}
