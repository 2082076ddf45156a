//! Counts what vendor clients and tenants do.

use std::time::Duration;

use crate::metrics::Metrics;
use crate::metrics::labels::{InviteOutcome, SweepResult, TokenResult};
use crate::tenant::{News, SweepEnd, Tally, WriteKind};
use crate::vendor::{CallObserver, CallOutcome, ErrorClass, FinishedCall, Operation, Vendor};

/// Puts finished calls into metrics.
#[derive(Debug)]
pub(super) struct MeteredCalls(pub Metrics);

impl CallObserver for MeteredCalls {
    fn call_finished(&self, call: FinishedCall) {
        let vendor = call.vendor;
        if call.operation == Operation::Token {
            let result = match call.outcome {
                CallOutcome::Success => TokenResult::Issued,
                CallOutcome::Failed(
                    ErrorClass::Authentication | ErrorClass::Forbidden | ErrorClass::Invalid,
                ) => TokenResult::Refused,
                CallOutcome::NotSent | CallOutcome::Failed(_) => TokenResult::Failed,
            };
            self.0.token_requested(vendor, result);
        }
        self.0.vendor_request(&call);
    }

    fn waited_for_budget(&self, vendor: Vendor, duration: Duration) {
        self.0.limiter_waited(vendor, duration);
    }
}

/// Puts the news of tenants into metrics.
pub(super) fn note(metrics: &Metrics, vendor: Vendor, news: News) {
    match news {
        News::Begun => metrics.tenant_begun(vendor),
        News::CallEnded { kind: WriteKind::Invite, tally } => invited(metrics, vendor, tally),
        // Other calls are counted as calls.
        News::CallEnded { kind: WriteKind::Cancel | WriteKind::Remove | WriteKind::Edit, .. } => {}
        News::Swept(end) => metrics.sweep_ended(
            vendor,
            match end {
                SweepEnd::Fits => SweepResult::Complete,
                SweepEnd::Incomplete => SweepResult::Partial,
                SweepEnd::PeopleMissing => SweepResult::PeopleMissing,
                SweepEnd::Failed => SweepResult::Failed,
            },
        ),
    }
}

fn invited(metrics: &Metrics, vendor: Vendor, tally: Tally) {
    let sent = tally.accepted + tally.refused + tally.unclear;
    if sent > 0 {
        metrics.invitations_sent(vendor, u32::try_from(sent).unwrap_or(u32::MAX));
    }
    let outcomes = [
        (tally.accepted, InviteOutcome::Invited),
        (tally.refused, InviteOutcome::Refused),
        (tally.unclear, InviteOutcome::Ambiguous),
    ];
    for (people, outcome) in outcomes {
        for _ in 0..people {
            metrics.invite_outcome(vendor, outcome);
        }
    }
}
