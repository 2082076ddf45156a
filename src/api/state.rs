//! Where an invitation stands, in one word for people and columns. Programs read the conditions.

use serde::{Deserialize, Serialize};

/// Where an invitation stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum InvitationState {
    /// Not looked at yet, or waiting for its turn.
    Queued,
    /// Invited and not answered yet.
    Pending,
    /// A member.
    Accepted,
    /// The vendor made an account and never tells more.
    Provisioned,
    /// The invitation ended before the person accepted.
    Expired,
    /// The invitation was taken back at the vendor.
    Revoked,
    /// The person was a member and is gone.
    Removed,
    /// The person declined.
    Declined,
    /// The vendor keeps the person out.
    Blocked,
    /// The vendor or its API failed the invitation.
    Failed,
    /// Whether the vendor invited cannot be known.
    OutcomeUnknown,
    /// Somebody else has a claim on this person.
    Conflict,
    /// Not allowed or not possible; nothing was sent.
    Refused,
    /// The provider is missing or not ready.
    Waiting,
    /// Suspended.
    Paused,
    /// Nothing is written at the vendor; what would be is said.
    Planned,
    /// Under deletion, with something owed.
    Deleting,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

impl InvitationState {
    /// Every state of this version.
    pub const ALL: [Self; 17] = [
        Self::Queued,
        Self::Pending,
        Self::Accepted,
        Self::Provisioned,
        Self::Expired,
        Self::Revoked,
        Self::Removed,
        Self::Declined,
        Self::Blocked,
        Self::Failed,
        Self::OutcomeUnknown,
        Self::Conflict,
        Self::Refused,
        Self::Waiting,
        Self::Paused,
        Self::Planned,
        Self::Deleting,
    ];

    /// The state as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Pending => "Pending",
            Self::Accepted => "Accepted",
            Self::Provisioned => "Provisioned",
            Self::Expired => "Expired",
            Self::Revoked => "Revoked",
            Self::Removed => "Removed",
            Self::Declined => "Declined",
            Self::Blocked => "Blocked",
            Self::Failed => "Failed",
            Self::OutcomeUnknown => "OutcomeUnknown",
            Self::Conflict => "Conflict",
            Self::Refused => "Refused",
            Self::Waiting => "Waiting",
            Self::Paused => "Paused",
            Self::Planned => "Planned",
            Self::Deleting => "Deleting",
            Self::Other => "Other",
        }
    }
}
