//! Which labels each metric has.

use prometheus_client::encoding::EncodeLabelSet;

use super::labels::{
    CodeClass, InviteOutcome, Kind, ReconcileResult, ReleaseReason, SweepResult, TokenResult, WriteResult,
    WriteVerb,
};
use crate::api::{InvitationState, Reason};
use crate::vendor::{CallOutcome, Operation, Vendor};

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct KindLabels {
    pub(super) kind: Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReconcileLabels {
    pub(super) kind: Kind,
    pub(super) result: ReconcileResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct WriteLabels {
    pub(super) kind: Kind,
    pub(super) verb: WriteVerb,
    pub(super) result: WriteResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct VendorLabels {
    pub(super) vendor: Vendor,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OperationLabels {
    pub(super) vendor: Vendor,
    pub(super) operation: Operation,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct RequestLabels {
    pub(super) vendor: Vendor,
    pub(super) operation: Operation,
    pub(super) code: CodeClass,
    pub(super) outcome: CallOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct OutcomeLabels {
    pub(super) vendor: Vendor,
    pub(super) outcome: InviteOutcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct TokenLabels {
    pub(super) vendor: Vendor,
    pub(super) result: TokenResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct SweepLabels {
    pub(super) vendor: Vendor,
    pub(super) result: SweepResult,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReleaseLabels {
    pub(super) reason: ReleaseReason,
}

/// Whose number it is. Providers are few, and made by whoever runs the platform.
#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ProviderLabels {
    pub(super) vendor: Vendor,
    /// Empty for a provider of the cluster. Not `namespace`: that is the scraped pod's.
    pub(super) provider_namespace: String,
    pub(super) provider: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct StateLabels {
    #[prometheus(flatten)]
    pub(super) of: ProviderLabels,
    pub(super) state: InvitationState,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReadyLabels {
    #[prometheus(flatten)]
    pub(super) of: ProviderLabels,
    pub(super) reason: Reason,
}
