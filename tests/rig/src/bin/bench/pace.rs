//! How fast the operator works, beside the least that the same takes without it.

use std::time::{Duration, Instant, UNIX_EPOCH};

use futures::{StreamExt, stream};
use serde_json::json;
use test_rig::{AuditEntry, Lab, OperatorOptions};
use vendor_simulators::Filter;

use crate::crowd::Crowd;
use crate::load;
use crate::report::{Row, Target};
use crate::resources::Replica;

/// How many patches are under way at once: as many as the operator reconciles at once, unless it is told otherwise.
const PATCHES_AT_ONCE: usize = 32;
/// How often the raw LIST is tried; the fastest counts.
const TRIES: usize = 3;

/// From the start of a process that has no lease to wait for to its first call, `mark` being the vendors' last call before.
pub(crate) async fn first_call(lab: &Lab, replica: &Replica, mark: u64, invitations: usize) -> Row {
    let calls = lab.vendors().operations(&Filter::default().after(mark));
    let first = calls.first().expect("each provider is looked at");
    let called = UNIX_EPOCH + Duration::from_millis(first.started);
    let start = called.duration_since(replica.started()).unwrap_or_default();
    let mut list = Duration::MAX;
    for _ in 0..TRIES {
        let begun = Instant::now();
        lab.admin().text(load::EVERYBODY).await.expect("the API server answers");
        list = list.min(begun.elapsed());
    }
    Row::new(
        "R6",
        "all",
        "start to first vendor call ÷ one raw LIST of the same objects",
        start.as_secs_f64() / list.as_secs_f64(),
        Target::AtMost(2.0),
        json!({
            "invitations": invitations, "startMilliseconds": start.as_millis(),
            "listMilliseconds": list.as_millis(), "firstCall": first.operation,
        }),
    )
    .goal()
}

/// The operator's writes while it invites people who are there already, beside those of a client that does nothing else.
pub(crate) async fn writes(lab: &Lab, options: &OperatorOptions, people: usize) -> Row {
    let crowd = Crowd::declare(lab, "bench-pace", people, json!({})).await;
    let replica = Replica::start(lab, options).await;
    let written = written(&crowd.invited(lab).await);
    replica.stop().await;
    // Last of all in this lab, since it spoils what the operator wrote.
    let bare = bare(&crowd).await;
    Row::new(
        "R4",
        crowd.measured.provider,
        "operator's writes per second ÷ those of a client that patches the status of the same objects",
        written.rate() / bare.rate(),
        Target::AtLeast(0.5),
        json!({"operator": written.raw(), "bare": bare.raw()}),
    )
}

/// A number of writes, and the time they took.
struct Written {
    writes: u32,
    time: Duration,
}

impl Written {
    fn rate(&self) -> f64 {
        f64::from(self.writes) / self.time.as_secs_f64()
    }

    fn raw(&self) -> serde_json::Value {
        json!({"writes": self.writes, "milliseconds": self.time.as_millis(), "perSecond": self.rate().round()})
    }
}

/// From the first to the last.
fn written(patches: &[AuditEntry]) -> Written {
    let times = || patches.iter().map(|entry| entry.time);
    let (first, last) = times().min().zip(times().max()).expect("somebody was invited");
    Written {
        writes: u32::try_from(patches.len()).expect("a small number"),
        time: last.duration_since(first).unsigned_abs(),
    }
}

/// Changes one field of the status of everybody.
async fn bare(crowd: &Crowd) -> Written {
    let begun = Instant::now();
    let change = json!({"status": {"observedGeneration": 0}});
    let patch = async |number: usize| {
        let (name, _) = crowd.measured.person(number);
        let path = format!("{}/status", crowd.namespace.invitation_path(&name));
        crowd.namespace.client.merge_patch(&path, &change).await.expect("the API server takes it");
    };
    let patched = stream::iter(0..crowd.people).map(patch).buffer_unordered(PATCHES_AT_ONCE).count().await;
    Written { writes: u32::try_from(patched).expect("a small number"), time: begun.elapsed() }
}
