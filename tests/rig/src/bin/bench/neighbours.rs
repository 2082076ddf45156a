//! Two tenants of one operator: one that waits for its vendor must not keep the other waiting.

use std::time::Duration;

use jiff::Timestamp;
use serde_json::json;
use test_rig::lab::Namespace;
use test_rig::{AuditEntry, Lab, OperatorOptions};
use vendor_simulators::{Fault, FaultRule, TenantId, Vendor};

use crate::report::{Row, Target};
use crate::resources::Replica;
use crate::vendors::{self, Measured};
use crate::{count, load, say};

/// How many people of the healthy tenant are declared, alone and once more beside the other one.
const PEOPLE: usize = 400;
/// The time between two of them.
const EVERY: Duration = Duration::from_millis(50);
/// How many people wait for the vendor that does not answer.
const WAITING: usize = 400;
/// Longer than the operator waits for an answer.
const NEVER: Fault = Fault::DelayBefore { milliseconds: 3_600_000 };

/// From the creation of an object until its status says that the person is invited.
pub(crate) async fn beside_a_black_hole(lab: &Lab, options: &OperatorOptions) -> Row {
    let replica = Replica::start(lab, options).await;
    let namespace = lab.namespace("bench-neighbours").await;
    let (healthy, hole) = (vendors::of(Vendor::Vmware), vendors::of(Vendor::Hpe));
    let tenant = healthy.tenant(&namespace).await;
    let silent = hole.tenant(&namespace).await;
    for measured in [healthy, hole] {
        namespace.wait_for_provider(measured.provider, "Ready").await;
    }
    say(&format!("bench: {PEOPLE} people of a tenant alone"));
    let alone = slowest(lab, &namespace, healthy, &tenant, 0).await;
    let fault = lab.vendors().add_fault(FaultRule::everywhere(NEVER).tenant(&silent));
    load::people(&namespace, hole, WAITING).await;
    say(&format!("bench: {PEOPLE} people of the tenant beside one that does not answer"));
    let beside = slowest(lab, &namespace, healthy, &tenant, PEOPLE).await;
    replica.stop().await;
    let faults = lab.vendors().faults();
    let unanswered = faults.iter().find(|active| active.id == fault).map_or(0, |active| active.fired);
    assert!(unanswered > 0, "the other tenant was never called");
    Row::new(
        "R10",
        healthy.provider,
        "99th percentile of creation to Invited beside a tenant that does not answer ÷ alone",
        beside.as_secs_f64() / alone.as_secs_f64(),
        Target::AtMost(1.1),
        json!({
            "people": PEOPLE, "waitingBeside": WAITING, "callsWithoutAnswer": unanswered,
            "aloneMilliseconds": alone.as_millis(), "besideMilliseconds": beside.as_millis(),
        }),
    )
}

/// The 99th percentile for the people from this number on.
async fn slowest(
    lab: &Lab,
    namespace: &Namespace,
    measured: &Measured,
    tenant: &TenantId,
    first: usize,
) -> Duration {
    let audit = lab.control_plane.audit_log();
    let mark = audit.end();
    load::steadily(namespace, measured, first..first + PEOPLE, EVERY).await;
    load::until_invited(namespace, measured, tenant, first + PEOPLE).await;
    let (entries, _) = audit.read_since(mark);
    let time = |number| {
        let (name, _) = measured.person(number);
        let written = count::patches(&entries, namespace).filter(|entry| entry.name == name);
        let invited: Timestamp = written.map(|entry| entry.time).max().expect("the person is invited");
        invited.duration_since(created(&entries, namespace, &name)).unsigned_abs()
    };
    let mut times: Vec<Duration> = (first..first + PEOPLE).map(time).collect();
    times.sort_unstable();
    times[PEOPLE * 99 / 100 - 1]
}

fn created(entries: &[AuditEntry], namespace: &Namespace, name: &str) -> Timestamp {
    let creation = entries
        .iter()
        .find(|entry| entry.verb == "create" && entry.namespace == namespace.name && entry.name == name);
    creation.expect("the creation is in the audit log").time
}
