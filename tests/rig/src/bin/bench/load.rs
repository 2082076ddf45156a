//! The people who are invited.

use std::collections::HashSet;
use std::ops::Range;
use std::time::{Duration, Instant};

use futures::{StreamExt, stream};
use test_rig::lab::{Namespace, condition};
use vendor_simulators::{Filter, TenantId};

use crate::say;
use crate::vendors::Measured;

/// Everybody, as one LIST has them.
pub(crate) const EVERYBODY: &str = "/apis/userinvitation.dev/v1alpha1/userinvitations";
/// How many objects are created at once.
const CREATORS: usize = 16;
/// How often is looked whether everybody is invited.
const POLL: Duration = Duration::from_millis(100);
/// How long that may take.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often is told how far it is.
const TOLD_EVERY: Duration = Duration::from_secs(4);

/// Declares people of one vendor, as fast as the API server takes them.
pub(crate) async fn people(namespace: &Namespace, measured: &Measured, people: usize) {
    let begun = Instant::now();
    let create = |number| declare(namespace, measured, number);
    let mut created = stream::iter(0..people).map(create).buffer_unordered(CREATORS);
    let (mut progress, mut done) = (Progress::new(measured, people, "objects created"), 0);
    while created.next().await.is_some() {
        done += 1;
        progress.tell(done);
    }
    let took = begun.elapsed().as_secs_f64();
    say(&format!("bench: {}: {people} objects created in {took:.1} s", measured.provider));
}

/// Declares one after the other, with the same time between any two.
pub(crate) async fn steadily(
    namespace: &Namespace,
    measured: &Measured,
    people: Range<usize>,
    every: Duration,
) {
    let mut turns = tokio::time::interval(every);
    for number in people {
        turns.tick().await;
        declare(namespace, measured, number).await;
    }
}

async fn declare(namespace: &Namespace, measured: &Measured, number: usize) {
    let (name, email) = measured.person(number);
    namespace.invite(&name, measured.provider, &email, measured.asks()).await;
}

/// Waits until everybody of one vendor is invited.
///
/// Objects are listed only when the vendor's log has everybody: lists would cost the API server more than the operator does.
pub(crate) async fn until_invited(
    namespace: &Namespace,
    measured: &Measured,
    tenant: &TenantId,
    people: usize,
) {
    until_called(namespace, measured, tenant, people).await;
    let path = namespace.path("userinvitations");
    let mut progress = Progress::new(measured, people, "invited");
    progress
        .until(async || {
            let objects = namespace.client.list(&path).await.expect("the API server answers");
            objects.iter().filter(|object| condition(object, "Invited")["status"] == "True").count()
        })
        .await;
}

/// Waits until so many are invited at the vendor.
pub(crate) async fn until_called(
    namespace: &Namespace,
    measured: &Measured,
    tenant: &TenantId,
    people: usize,
) {
    let mut progress = Progress::new(measured, people, "invited at the vendor");
    progress.until(async || called(namespace, measured, tenant)).await;
}

/// How many people the vendor was asked to invite, and did.
fn called(namespace: &Namespace, measured: &Measured, tenant: &TenantId) -> usize {
    let operations = namespace.vendors.operations(&Filter::tenant(tenant));
    let invites = operations.into_iter().filter(|operation| measured.invited(operation));
    invites.flat_map(|operation| operation.emails).collect::<HashSet<_>>().len()
}

/// How far something is.
struct Progress {
    provider: &'static str,
    people: usize,
    what: &'static str,
    begun: Instant,
    told: Instant,
}

impl Progress {
    fn new(measured: &Measured, people: usize, what: &'static str) -> Self {
        Self { provider: measured.provider, people, what, begun: Instant::now(), told: Instant::now() }
    }

    async fn until(&mut self, done: impl AsyncFn() -> usize) {
        loop {
            let done = done().await;
            if done >= self.people {
                return;
            }
            self.tell(done);
            tokio::time::sleep(POLL).await;
        }
    }

    fn tell(&mut self, done: usize) {
        let text = format!("{}: {done} of {} {}", self.provider, self.people, self.what);
        assert!(self.begun.elapsed() < PATIENCE, "only {text}");
        if self.told.elapsed() > TOLD_EVERY {
            self.told = Instant::now();
            say(&format!("bench: {text}"));
        }
    }
}
