//! How fast the operator works, beside the least that the same takes without it.

use std::time::{Duration, Instant, UNIX_EPOCH};

use futures::{StreamExt, stream};
use serde_json::json;
use test_rig::lab::Namespace;
use test_rig::{AuditEntry, Lab, OperatorOptions};
use vendor_simulators::{Filter, Vendor};

use crate::report::{Row, Target};
use crate::resources::Replica;
use crate::vendors::{self, Measured};
use crate::{count, load};

/// Everybody, as one LIST has them.
pub(crate) const EVERYBODY: &str = "/apis/userinvitation.dev/v1alpha1/userinvitations";
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
        lab.admin().text(EVERYBODY).await.expect("the API server answers");
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
    let namespace = lab.namespace("bench-pace").await;
    // The one of the largest batches, so that the vendor is not what is waited for.
    let measured = vendors::of(Vendor::Vmware);
    let tenant = measured.tenant(&namespace).await;
    load::people(&namespace, measured, people).await;
    let audit = lab.control_plane.audit_log();
    let mark = audit.end();
    let replica = Replica::start(lab, options).await;
    load::until_invited(&namespace, measured, &tenant, people).await;
    replica.stop().await;
    let written = written(&audit.read_since(mark).0, &namespace);
    let bare = bare(&namespace, measured, people).await;
    Row::new(
        "R4",
        measured.provider,
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

/// What the operator wrote to invitations, from the first to the last.
fn written(entries: &[AuditEntry], namespace: &Namespace) -> Written {
    let times: Vec<_> = count::patches(entries, namespace).map(|entry| entry.time).collect();
    let (first, last) = times.iter().min().zip(times.iter().max()).expect("somebody was invited");
    Written {
        writes: u32::try_from(times.len()).expect("a small number"),
        time: last.duration_since(*first).unsigned_abs(),
    }
}

/// Changes one field of the status of everybody.
async fn bare(namespace: &Namespace, measured: &Measured, people: usize) -> Written {
    let begun = Instant::now();
    let change = json!({"status": {"observedGeneration": 0}});
    let patch = async |number: usize| {
        let (name, _) = measured.person(number);
        let path = format!("{}/status", namespace.invitation_path(&name));
        namespace.client.merge_patch(&path, &change).await.expect("the API server takes it");
    };
    let patched = stream::iter(0..people).map(patch).buffer_unordered(load::AT_ONCE).count().await;
    Written { writes: u32::try_from(patched).expect("a small number"), time: begun.elapsed() }
}
