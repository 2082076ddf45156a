//! The points are only as good as the words for them: what the proxies noted in a run without faults has to be what the
//! logs on the other side have.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use test_rig::Lab;
use test_rig::audit::{by_user, count, service_account_user};
use test_rig::lab::OPERATOR;
use test_rig::vendors::CASES;
use vendor_simulators::Filter;

use crate::site::Site;

type Counts = BTreeMap<String, usize>;

/// How long a request may be under way: its proxy has seen it, and the log has it only once it is answered.
const UNDER_WAY: Duration = Duration::from_secs(5);
/// How often the two are compared meanwhile.
const POLL: Duration = Duration::from_millis(100);

/// Every operation that a proxy has seen more or less often than the log of the API server (from `offset` on) or of the
/// simulators. Routine is left out: it goes on meanwhile.
pub async fn differences(lab: &Lab, site: &Site, offset: u64) -> Vec<String> {
    let begun = Instant::now();
    loop {
        let found = differences_now(lab, site, offset);
        if found.is_empty() || begun.elapsed() > UNDER_WAY {
            return found;
        }
        tokio::time::sleep(POLL).await;
    }
}

fn differences_now(lab: &Lab, site: &Site, offset: u64) -> Vec<String> {
    let mut seen = Counts::new();
    for entry in site.script.entries().iter().filter(|entry| !entry.call.routine) {
        *seen.entry(entry.call.operation.clone()).or_default() += 1;
    }
    let mut logged = audited(lab, site, offset);
    for operation in site.vendors().operations(&Filter::tenant(&site.tenant)) {
        *logged.entry(operation.operation).or_default() += 1;
    }
    logged.retain(|operation, _| !is_routine(operation));
    let all = seen.keys().chain(logged.keys());
    let mut differences: Vec<String> = all
        .filter(|operation| seen.get(*operation) != logged.get(*operation))
        .map(|operation| {
            format!("{operation}: seen {:?}, logged {:?}", seen.get(operation), logged.get(operation))
        })
        .collect();
    differences.dedup();
    differences
}

fn audited(lab: &Lab, site: &Site, offset: u64) -> Counts {
    let (entries, _) = lab.control_plane.audit_log().read_since(offset);
    let operator = service_account_user(OPERATOR, OPERATOR);
    let mine = by_user(&entries, &operator);
    let here = mine.into_iter().filter(|entry| entry.namespace == site.namespace.name);
    let named = |((verb, resource, subresource), times): ((String, String, String), usize)| {
        let slash = if subresource.is_empty() { "" } else { "/" };
        (format!("{verb} {resource}{slash}{subresource}"), times)
    };
    count(here).into_iter().map(named).collect()
}

fn is_routine(operation: &str) -> bool {
    operation.starts_with("watch ") || CASES.iter().any(|case| case.calls.sweep.contains(&operation))
}
