//! Counts what vendor clients and tenants do.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use crate::metrics::labels::{InviteOutcome, SweepResult, TokenResult};
use crate::metrics::{Metrics, TenantMetrics};
use crate::tenant::{News, SweepEnd, Tally, WriteKind};
use crate::vendor::{CallObserver, CallOutcome, ErrorClass, FinishedCall, Operation, TenantKey, Vendor};

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
        self.0.vendor_request(vendor, call.operation, call.outcome, call.duration);
    }

    fn waited_for_budget(&self, vendor: Vendor, duration: Duration) {
        self.0.limiter_waited(vendor, duration);
    }
}

/// Puts the news of tenants into metrics.
#[derive(Debug)]
pub(super) struct CountedTenants {
    metrics: Metrics,
    tenants: Mutex<HashMap<TenantKey, TenantMetrics>>,
}

impl CountedTenants {
    pub fn new(metrics: Metrics) -> Self {
        Self { metrics, tenants: Mutex::default() }
    }

    pub fn note(&self, tenant: &TenantKey, news: News) {
        let vendor = tenant.vendor;
        match news {
            News::CallEnded { kind: WriteKind::Invite, tally } => self.invited(vendor, tally),
            // Other calls are counted as calls.
            News::CallEnded { kind: WriteKind::Cancel | WriteKind::Remove | WriteKind::Edit, .. } => {}
            News::Swept(end) => {
                let result = match end {
                    SweepEnd::Fits => SweepResult::Complete,
                    SweepEnd::Incomplete => SweepResult::Partial,
                    SweepEnd::PeopleMissing => SweepResult::PeopleMissing,
                    SweepEnd::Failed => SweepResult::Failed,
                };
                self.metrics.sweep_ended(vendor, result);
                if end == SweepEnd::Fits {
                    self.of(tenant, TenantMetrics::swept);
                }
            }
            News::Load { queued, open_writes } => self.of(tenant, |metrics| {
                metrics.queued(queued);
                metrics.open_writes(open_writes);
            }),
        }
    }

    fn invited(&self, vendor: Vendor, tally: Tally) {
        let sent = tally.accepted + tally.refused + tally.unclear;
        if sent > 0 {
            self.metrics.invitations_sent(vendor, u32::try_from(sent).unwrap_or(u32::MAX));
        }
        let outcomes = [
            (tally.accepted, InviteOutcome::Invited),
            (tally.refused, InviteOutcome::Refused),
            (tally.unclear, InviteOutcome::Ambiguous),
        ];
        for (people, outcome) in outcomes {
            for _ in 0..people {
                self.metrics.invite_outcome(vendor, outcome);
            }
        }
    }

    fn of(&self, tenant: &TenantKey, tell: impl FnOnce(&TenantMetrics)) {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        tell(tenants.entry(tenant.clone()).or_insert_with(|| self.metrics.tenant(tenant.vendor)));
    }
}
