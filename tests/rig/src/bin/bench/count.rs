//! What is counted, and what is left aside.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use test_rig::AuditEntry;
use test_rig::audit::{by_user, count, service_account_user};
use test_rig::lab::{Namespace, OPERATOR};
use vendor_simulators::Operation;

use crate::report::{Row, Target};
use crate::vendors::{self, Measured};

/// Requests by kind, such as `patch userinvitations/status`.
type Counts = BTreeMap<String, usize>;

/// The operator's requests to the API server by kind.
fn requests(entries: &[AuditEntry]) -> Counts {
    let name = |(verb, resource, subresource): (String, String, String)| {
        if subresource.is_empty() {
            format!("{verb} {resource}")
        } else {
            format!("{verb} {resource}/{subresource}")
        }
    };
    let user = service_account_user(OPERATOR, OPERATOR);
    count(by_user(entries, &user)).into_iter().map(|(kind, number)| (name(kind), number)).collect()
}

/// What the operator wrote to the invitations of a namespace, one by one.
pub(crate) fn patches<'a>(
    entries: &'a [AuditEntry],
    namespace: &Namespace,
) -> impl Iterator<Item = &'a AuditEntry> {
    let of_invitations = |entry: &&AuditEntry| {
        entry.namespace == namespace.name && entry.resource == "userinvitations" && entry.verb == "patch"
    };
    by_user(entries, &service_account_user(OPERATOR, OPERATOR)).into_iter().filter(of_invitations)
}

/// The vendor calls by kind.
fn vendor_calls(operations: &[Operation]) -> Counts {
    let mut counts = Counts::new();
    for operation in operations {
        *counts.entry(operation.operation.clone()).or_default() += 1;
    }
    counts
}

fn total(counts: &Counts, counted: impl Fn(&str) -> bool) -> usize {
    counts.iter().filter(|(kind, _)| counted(kind)).map(|(_, number)| number).sum()
}

#[expect(clippy::cast_precision_loss, reason = "the counts are far below 2^52")]
fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// Writes for each person, from creation to Invited.
pub(crate) fn writes(vendor: &'static str, entries: &[AuditEntry], people: usize) -> Row {
    let counts = requests(entries);
    let written = total(&counts, |kind| {
        ["create ", "update ", "patch ", "delete "].iter().any(|verb| kind.starts_with(verb))
            && !kind.ends_with(" leases")
            && !kind.ends_with(" events")
            && !kind.ends_with(" selfsubjectaccessreviews")
    });
    Row::new(
        "R1",
        vendor,
        "operator's writes to the API server per invitation, creation to Invited (events and lease aside)",
        ratio(written, people),
        Target::AtMost(2.05),
        raw(people, "writes", written, &counts),
    )
}

/// Reads for each person.
pub(crate) fn reads(vendor: &'static str, entries: &[AuditEntry], people: usize) -> Row {
    let counts = requests(entries);
    let read = total(&counts, |kind| {
        (kind.starts_with("get ") || kind.starts_with("list ")) && !kind.ends_with(" leases")
    });
    Row::new(
        "R2",
        vendor,
        "operator's GET + LIST per invitation (lease aside)",
        ratio(read, people),
        Target::AtMost(0.01),
        raw(people, "reads", read, &counts),
    )
}

/// How well batches are filled.
pub(crate) fn calls(measured: &Measured, operations: &[Operation], people: usize, batch: usize) -> Row {
    let counts = vendor_calls(operations);
    let calls = total(&counts, |kind| measured.invites.contains(&kind));
    let least = people.div_ceil(batch);
    Row::new(
        "R3",
        measured.provider,
        "ceil(people / batch size) ÷ invite calls made",
        ratio(least, calls.max(1)),
        Target::AtLeast(0.95),
        json!({"people": people, "batchSize": batch, "leastCalls": least, "inviteCalls": calls, "vendor": counts}),
    )
}

/// What happens when nothing changes.
///
/// Aside: the lease; renewals of watches; sweeps with the token they need; and the timer that reads the provider's
/// Secret and certificate authority again.
pub(crate) fn quiet(entries: &[AuditEntry], operations: &[Operation]) -> Row {
    let counts = requests(entries);
    let calls = vendor_calls(operations);
    let kubernetes = total(&counts, |kind| {
        !kind.ends_with(" leases")
            && !kind.starts_with("watch ")
            && !["get secrets", "get configmaps"].contains(&kind)
    });
    let vendor = total(&calls, |kind| !vendors::ALL.iter().any(|measured| measured.sweeps.contains(&kind)));
    Row::new(
        "R8",
        "all",
        "requests to vendor and API server in a quiet minute (lease, watch renewals, sweeps, credential timer aside)",
        ratio(kubernetes + vendor, 1),
        Target::AtMost(0.0),
        json!({
            "counted": {"apiServer": kubernetes, "vendor": vendor},
            "apiServer": counts, "vendor": calls,
        }),
    )
}

fn raw(people: usize, what: &str, number: usize, counts: &Counts) -> Value {
    json!({"people": people, what: number, "apiServer": counts})
}
