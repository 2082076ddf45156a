//! Every value a metric's label can have: closed sets, so that no series grows with people or tenants.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use crate::vendor::{CallOutcome, Operation, Vendor};

/// A kind of the API that is watched or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Kind {
    /// One person in one tenant.
    UserInvitation,
    /// One vendor tenant.
    InvitationProvider,
    /// One vendor tenant for several namespaces.
    ClusterInvitationProvider,
    /// A namespace, whose labels say which providers it may use.
    Namespace,
}

impl Kind {
    /// The kind's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UserInvitation => "UserInvitation",
            Self::InvitationProvider => "InvitationProvider",
            Self::ClusterInvitationProvider => "ClusterInvitationProvider",
            Self::Namespace => "Namespace",
        }
    }
}

/// How a reconcile ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum ReconcileResult {
    /// Nothing is wrong.
    Ok,
    /// It failed and is tried again.
    Error,
    /// It took too long and is tried again.
    Timeout,
}

/// What became of one person in an invite call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum InviteOutcome {
    /// The vendor took the invitation.
    Invited,
    /// The vendor refused this person.
    Refused,
    /// The answer does not say; looks will settle it.
    Ambiguous,
}

/// How a token request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum TokenResult {
    /// There is a token.
    Issued,
    /// The credential was refused.
    Refused,
    /// It failed otherwise.
    Failed,
}

/// How a sweep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum SweepResult {
    /// Everything was seen.
    Complete,
    /// Something was seen, but absence proves nothing.
    Partial,
    /// Nothing was seen.
    Failed,
    /// Complete, but too many known people were missing.
    PeopleMissing,
}

/// What was asked of the Kubernetes API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum WriteVerb {
    /// A PATCH of the object: finalizer, record.
    Patch,
    /// A PATCH of its status.
    PatchStatus,
}

/// How a write to Kubernetes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum WriteResult {
    /// Written.
    Ok,
    /// Another version was there.
    Conflict,
    /// The object is gone.
    Gone,
    /// Refused by admission, validation or RBAC.
    Refused,
    /// Not sent, since this process does not lead.
    NotLeading,
    /// Anything else.
    Error,
}

/// Why a deleted object was released without calling the vendor although a call was owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum ReleaseReason {
    /// Somebody asked for it by the annotation.
    Abandoned,
    /// Its namespace is going, and the tries are used up.
    NamespaceTerminating,
    /// Its namespace is going, with more owed than goes on without an approval.
    TooManyRemovals,
    /// The vendor cannot do it.
    UnsupportedByVendor,
    /// Another resource claims the person.
    Claimed,
    /// The vendor shows another person, or another state, than the one that was named.
    AnotherPerson,
    /// The provider's policy does not allow it.
    NotAllowed,
}

impl EncodeLabelValue for Vendor {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for Operation {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for CallOutcome {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.as_str().encode(encoder)
    }
}
