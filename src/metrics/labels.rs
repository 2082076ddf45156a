//! Every value a metric's label can have: closed sets, so that no series grows with people.

use std::fmt;

use prometheus_client::encoding::{EncodeLabelValue, LabelValueEncoder};

use crate::api::{InvitationState, Reason};
use crate::vendor::{CallOutcome, Operation, Vendor};

/// A closed set of words: an enum, its values as they stand in a label, and the list of all of them.
macro_rules! words {
    ($(#[$doc:meta])+ $name:ident { $($(#[$of_value:meta])+ $value:ident = $word:literal,)+ }) => {
        $(#[$doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$of_value])+ $value,)+
        }

        impl $name {
            /// Every value.
            pub const ALL: &'static [Self] = &[$(Self::$value,)+];

            /// The value as it stands in a label.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$value => $word,)+
                }
            }
        }

        impl EncodeLabelValue for $name {
            fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
                self.as_str().encode(encoder)
            }
        }
    };
}

words! {
    /// A kind of the API that is watched or written.
    Kind {
        /// One person in one tenant.
        UserInvitation = "UserInvitation",
        /// One vendor tenant.
        InvitationProvider = "InvitationProvider",
        /// One vendor tenant for several namespaces.
        ClusterInvitationProvider = "ClusterInvitationProvider",
        /// A namespace, whose labels say which providers it may use.
        Namespace = "Namespace",
    }
}

words! {
    /// How a reconcile ended.
    ReconcileResult {
        /// Nothing is wrong.
        Ok = "ok",
        /// It failed and is tried again.
        Error = "error",
        /// It took too long and is tried again.
        Timeout = "timeout",
    }
}

words! {
    /// What became of one person in an invite call.
    InviteOutcome {
        /// The vendor took the invitation.
        Invited = "invited",
        /// The vendor refused this person.
        Refused = "refused",
        /// The answer does not say; looks will settle it.
        Ambiguous = "ambiguous",
    }
}

words! {
    /// What a vendor's answer began with.
    CodeClass {
        /// Nothing: there was no answer.
        None = "none",
        /// Something that is no final answer.
        Informational = "1xx",
        /// A success.
        Success = "2xx",
        /// A redirect, which is never followed.
        Redirect = "3xx",
        /// A refusal.
        Client = "4xx",
        /// A failure of the vendor's.
        Server = "5xx",
    }
}

words! {
    /// How a token request ended.
    TokenResult {
        /// There is a token.
        Issued = "issued",
        /// The credential was refused.
        Refused = "refused",
        /// It failed otherwise.
        Failed = "failed",
    }
}

words! {
    /// How a sweep ended.
    SweepResult {
        /// Everything was seen.
        Complete = "complete",
        /// Something was seen, but absence proves nothing.
        Partial = "partial",
        /// Nothing was seen.
        Failed = "failed",
        /// Complete, but too many known people were missing.
        PeopleMissing = "people_missing",
    }
}

words! {
    /// What was asked of the Kubernetes API.
    WriteVerb {
        /// A PATCH of the object: finalizer, record.
        Patch = "patch",
        /// A PATCH of its status.
        PatchStatus = "patch_status",
    }
}

words! {
    /// How a write to Kubernetes ended.
    WriteResult {
        /// Written.
        Ok = "ok",
        /// Another version was there.
        Conflict = "conflict",
        /// The object is gone.
        Gone = "gone",
        /// Refused by admission, validation or RBAC.
        Refused = "refused",
        /// Not sent, since this process does not lead.
        NotLeading = "not_leading",
        /// Anything else.
        Error = "error",
    }
}

words! {
    /// Why a deleted object was released without calling the vendor although a call was owed.
    ReleaseReason {
        /// Somebody asked for it by the annotation.
        Abandoned = "abandoned",
        /// Its namespace is going, and the tries are used up.
        NamespaceTerminating = "namespace_terminating",
        /// Its namespace is going, with more owed than goes on without an approval.
        TooManyRemovals = "too_many_removals",
        /// The vendor cannot do it.
        UnsupportedByVendor = "unsupported_by_vendor",
        /// Another resource claims the person.
        Claimed = "claimed",
        /// The vendor shows another person, or another state, than the one that was named.
        AnotherPerson = "another_person",
        /// The provider's policy does not allow it.
        NotAllowed = "not_allowed",
    }
}

impl CodeClass {
    /// The class of an answer's status; `None`: there was no answer.
    pub const fn of(status: Option<u16>) -> Self {
        match status {
            None => Self::None,
            Some(..=199) => Self::Informational,
            Some(200..=299) => Self::Success,
            Some(300..=399) => Self::Redirect,
            Some(400..=499) => Self::Client,
            Some(500..) => Self::Server,
        }
    }
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

impl EncodeLabelValue for InvitationState {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.as_str().encode(encoder)
    }
}

impl EncodeLabelValue for Reason {
    fn encode(&self, encoder: &mut LabelValueEncoder<'_>) -> fmt::Result {
        self.as_str().encode(encoder)
    }
}
