//! Which labels each metric has.

use prometheus_client::encoding::EncodeLabelSet;

use super::labels::{
    InviteOutcome, Kind, ReconcileResult, ReleaseReason, SweepResult, TokenResult, WriteResult, WriteVerb,
};

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
