//! What the outside may count: finished calls and waits for budget.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

use super::Vendor;
use super::error::ErrorClass;

/// What a call was for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Operation {
    /// Getting an access token.
    Token,
    /// Asking which account a credential opens.
    Verify,
    /// One page of invitations.
    ListInvitations,
    /// One invitation.
    ReadInvitation,
    /// One page of users.
    ListUsers,
    /// One user, by e-mail.
    FindUser,
    /// An invite.
    Invite,
    /// Taking back invitations.
    Cancel,
    /// Removing members.
    Remove,
    /// Reading what can be named: roles, groups and the like.
    ListNames,
    /// Reading what people hold, where the list of users does not tell.
    ReadAccess,
    /// Changing what a member holds.
    Edit,
}

impl Operation {
    /// Every operation.
    pub const ALL: [Self; 12] = [
        Self::Token,
        Self::Verify,
        Self::ListInvitations,
        Self::ReadInvitation,
        Self::ListUsers,
        Self::FindUser,
        Self::Invite,
        Self::Cancel,
        Self::Remove,
        Self::ListNames,
        Self::ReadAccess,
        Self::Edit,
    ];

    /// The name used in metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Verify => "verify",
            Self::ListInvitations => "list_invitations",
            Self::ReadInvitation => "read_invitation",
            Self::ListUsers => "list_users",
            Self::FindUser => "find_user",
            Self::Invite => "invite",
            Self::Cancel => "cancel",
            Self::Remove => "remove",
            Self::ListNames => "list_names",
            Self::ReadAccess => "read_access",
            Self::Edit => "edit",
        }
    }
}

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CallOutcome {
    /// A success status.
    Success,
    /// No connection: nothing was written.
    NotSent,
    /// Any other failure.
    Failed(ErrorClass),
}

impl CallOutcome {
    /// The name used in metrics and logs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::NotSent => "not_sent",
            Self::Failed(class) => match class {
                ErrorClass::Authentication => "authentication",
                ErrorClass::Forbidden => "forbidden",
                ErrorClass::Invalid => "invalid",
                ErrorClass::Conflict => "conflict",
                ErrorClass::Throttled => "throttled",
                ErrorClass::Transient => "transient",
                ErrorClass::Ambiguous => "ambiguous",
                ErrorClass::Unsupported => "unsupported",
            },
        }
    }
}

/// A finished call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FinishedCall {
    /// The vendor.
    pub vendor: Vendor,
    /// What it was for.
    pub operation: Operation,
    /// How it ended.
    pub outcome: CallOutcome,
    /// The HTTP status, where there was an answer.
    pub status: Option<u16>,
    /// What the vendor's clock said, where there was an answer that tells.
    pub date: Option<Timestamp>,
    /// From its start to the end of the answer, without waits for budget.
    pub duration: Duration,
}

/// Sees every call of a client.
pub trait CallObserver: Send + Sync + fmt::Debug {
    /// A call has ended.
    fn call_finished(&self, call: FinishedCall);

    /// A call has got its place in the tenant's budget after waiting for `duration`.
    fn waited_for_budget(&self, vendor: Vendor, duration: Duration);
}

/// Sees nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoObserver;

impl CallObserver for NoObserver {
    fn call_finished(&self, _call: FinishedCall) {}

    fn waited_for_budget(&self, _vendor: Vendor, _duration: Duration) {}
}
