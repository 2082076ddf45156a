//! Counts what vendor clients do.

use std::time::Duration;

use crate::metrics::Metrics;
use crate::metrics::labels::{CodeClass, Operation as Label, TokenResult, VendorLabel};
use crate::vendor::{CallObserver, CallOutcome, ErrorClass, FinishedCall, Operation, Vendor};

/// Puts finished calls into metrics.
#[derive(Debug)]
pub(super) struct MeteredCalls(pub Metrics);

impl CallObserver for MeteredCalls {
    fn call_finished(&self, call: FinishedCall) {
        let vendor = vendor_label(call.vendor);
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
        self.0.vendor_request(
            vendor,
            operation_label(call.operation),
            code_class(call.outcome),
            call.duration,
        );
    }

    fn waited_for_budget(&self, vendor: Vendor, duration: Duration) {
        self.0.limiter_waited(vendor_label(vendor), duration);
    }
}

pub(super) const fn vendor_label(vendor: Vendor) -> VendorLabel {
    match vendor {
        Vendor::HpeGreenLake => VendorLabel::HpeGreenLake,
        Vendor::VmwareCloudServices => VendorLabel::VmwareCloudServices,
    }
}

const fn operation_label(operation: Operation) -> Label {
    match operation {
        Operation::Token => Label::Token,
        Operation::Verify => Label::ReadAccount,
        Operation::ListInvitations | Operation::ReadInvitation => Label::ListInvitations,
        Operation::ListUsers => Label::ListMembers,
        Operation::FindUser => Label::ReadPerson,
        Operation::Invite => Label::Invite,
        Operation::Cancel => Label::Cancel,
        Operation::Remove => Label::Remove,
    }
}

const fn code_class(outcome: CallOutcome) -> CodeClass {
    match outcome {
        CallOutcome::Success => CodeClass::Success,
        CallOutcome::NotSent => CodeClass::Unreachable,
        CallOutcome::Failed(class) => match class {
            ErrorClass::Authentication => CodeClass::Unauthorized,
            ErrorClass::Forbidden => CodeClass::Forbidden,
            ErrorClass::Conflict => CodeClass::Conflict,
            ErrorClass::Throttled => CodeClass::Throttled,
            ErrorClass::Invalid | ErrorClass::Unsupported => CodeClass::ClientError,
            ErrorClass::Transient | ErrorClass::Ambiguous => CodeClass::ServerError,
        },
    }
}
