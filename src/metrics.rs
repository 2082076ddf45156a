//! What the operator counts and measures, for Prometheus.
//!
//! Callers record with plain methods and closed sets of labels; nobody else sees the library.

pub mod labels;
mod numbers;
mod sets;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::text;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Metric, Registry, Unit};

use crate::vendor::{FinishedCall, Vendor};
use labels::{
    CodeClass, InviteOutcome, Kind, ReconcileResult, ReleaseReason, SweepResult, TokenResult, WriteResult,
    WriteVerb,
};
use numbers::Counted;
pub use numbers::{Numbers, ProviderNumbers, Source, TenantNumbers};
use sets::{
    KindLabels, OperationLabels, OutcomeLabels, ReconcileLabels, ReleaseLabels, RequestLabels, SweepLabels,
    TokenLabels, VendorLabels, WriteLabels,
};

/// Histograms that all have the same buckets.
type Histograms<L> = Family<L, Histogram, fn() -> Histogram>;

/// Buckets for how long people take: from a minute to a quarter of a year.
const WAITS: [f64; 11] = [
    60.0,
    600.0,
    3_600.0,
    14_400.0,
    86_400.0,
    172_800.0,
    345_600.0,
    604_800.0,
    1_209_600.0,
    2_592_000.0,
    7_776_000.0,
];

/// The operator's metrics; clones share them.
#[derive(Debug, Clone)]
pub struct Metrics(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    registry: Registry,
    series: Series,
}

#[derive(Debug)]
struct Series {
    reconciles: Family<ReconcileLabels, Counter>,
    reconcile_duration: Histograms<KindLabels>,
    requests: Family<RequestLabels, Counter>,
    request_duration: Histograms<OperationLabels>,
    invitations_sent: Family<VendorLabels, Counter>,
    outcomes: Family<OutcomeLabels, Counter>,
    batch_size: Histograms<VendorLabels>,
    time_to_accept: Histograms<VendorLabels>,
    tokens: Family<TokenLabels, Counter>,
    limiter_wait: Histograms<VendorLabels>,
    sweeps: Family<SweepLabels, Counter>,
    watch_errors: Family<KindLabels, Counter>,
    undecodable: Family<KindLabels, Counter>,
    writes: Family<WriteLabels, Counter>,
    releases: Family<ReleaseLabels, Counter>,
    removal_holds: Counter,
    leader: Gauge,
    counted: Counted,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// Metrics in which nothing has happened yet.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("user_invitation_operator");
        let build = Info::new([("version", env!("CARGO_PKG_VERSION"))]);
        registry.register("build", "The operator's version", build);
        let series = Series::register(&mut registry);
        Self(Arc::new(Inner { registry, series }))
    }

    /// All metrics in the `OpenMetrics` text format.
    pub fn encode(&self) -> Result<String, std::fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.0.registry)?;
        Ok(text)
    }

    /// A reconcile ended.
    pub fn reconciled(&self, kind: Kind, result: ReconcileResult, took: Duration) {
        let series = &self.0.series;
        series.reconciles.get_or_create(&ReconcileLabels { kind, result }).inc();
        series.reconcile_duration.get_or_create(&KindLabels { kind }).observe(took.as_secs_f64());
    }

    /// Work for a tenant of this vendor began.
    pub fn tenant_begun(&self, vendor: Vendor) {
        self.0.series.vendor_begins_at_zero(vendor);
    }

    /// A vendor was called.
    pub fn vendor_request(&self, call: &FinishedCall) {
        let FinishedCall { vendor, operation, outcome, status, duration, date: _ } = *call;
        let series = &self.0.series;
        let code = CodeClass::of(status);
        series.requests.get_or_create(&RequestLabels { vendor, operation, code, outcome }).inc();
        let took = series.request_duration.get_or_create(&OperationLabels { vendor, operation });
        took.observe(duration.as_secs_f64());
    }

    /// An invite call for so many people was sent.
    pub fn invitations_sent(&self, vendor: Vendor, people: u32) {
        let series = &self.0.series;
        series.invitations_sent.get_or_create(&VendorLabels { vendor }).inc_by(u64::from(people));
        series.batch_size.get_or_create(&VendorLabels { vendor }).observe(f64::from(people));
    }

    /// What became of one person in an invite call.
    pub fn invite_outcome(&self, vendor: Vendor, outcome: InviteOutcome) {
        self.0.series.outcomes.get_or_create(&OutcomeLabels { vendor, outcome }).inc();
    }

    /// A token was asked for.
    pub fn token_requested(&self, vendor: Vendor, result: TokenResult) {
        self.0.series.tokens.get_or_create(&TokenLabels { vendor, result }).inc();
    }

    /// A call waited so long for its tenant's budget.
    pub fn limiter_waited(&self, vendor: Vendor, waited: Duration) {
        self.0.series.limiter_wait.get_or_create(&VendorLabels { vendor }).observe(waited.as_secs_f64());
    }

    /// A sweep ended.
    pub fn sweep_ended(&self, vendor: Vendor, result: SweepResult) {
        self.0.series.sweeps.get_or_create(&SweepLabels { vendor, result }).inc();
    }

    /// A person accepted an invitation this long after it was sent.
    pub fn accepted(&self, vendor: Vendor, after: Duration) {
        self.0.series.time_to_accept.get_or_create(&VendorLabels { vendor }).observe(after.as_secs_f64());
    }

    /// From now on each scrape asks this source for its numbers, as long as it lives.
    pub fn count_by(&self, source: &Arc<dyn Source>) {
        self.0.series.counted.by(source);
    }

    /// A watch failed; it begins again by itself.
    pub fn watch_failed(&self, kind: Kind) {
        self.0.series.watch_errors.get_or_create(&KindLabels { kind }).inc();
    }

    /// An object could not be decoded and is left out.
    pub fn undecodable_object(&self, kind: Kind) {
        self.0.series.undecodable.get_or_create(&KindLabels { kind }).inc();
    }

    /// Something was written to Kubernetes, or should have been.
    pub fn kubernetes_write(&self, kind: Kind, verb: WriteVerb, result: WriteResult) {
        self.0.series.writes.get_or_create(&WriteLabels { kind, verb, result }).inc();
    }

    /// A deleted object was released without the call that was owed.
    pub fn released_without_call(&self, reason: ReleaseReason) {
        self.0.series.releases.get_or_create(&ReleaseLabels { reason }).inc();
    }

    /// A provider's removals are held until somebody approves them.
    pub fn removals_held(&self) {
        self.0.series.removal_holds.inc();
    }

    /// Whether this process leads.
    pub fn leading(&self, leads: bool) {
        self.0.series.leader.set(i64::from(leads));
    }
}

impl Series {
    fn register(registry: &mut Registry) -> Self {
        let series = Self {
            reconciles: add(registry, "reconciles", "Reconciles by kind and result"),
            reconcile_duration: durations(registry, "reconcile_duration", "Time a reconcile took"),
            requests: add(registry, "vendor_requests", "Calls to vendors by operation, answer and outcome"),
            request_duration: durations(registry, "vendor_request_duration", "Time a vendor call took"),
            invitations_sent: add(registry, "invitations_sent", "People for whom an invite call was sent"),
            outcomes: add(registry, "invitation_outcomes", "What became of people in invite calls"),
            batch_size: Family::new_with_constructor(|| Histogram::new(exponential_buckets(1.0, 2.0, 9))),
            time_to_accept: Family::new_with_constructor(|| Histogram::new(WAITS)),
            tokens: add(registry, "token_requests", "Requests for access tokens"),
            limiter_wait: durations(registry, "limiter_wait", "Time calls waited for their tenant's budget"),
            sweeps: add(registry, "sweeps", "Sweeps of tenants"),
            watch_errors: add(registry, "watch_errors", "Failures of watches"),
            undecodable: add(
                registry,
                "undecodable_objects",
                "Objects left out since they cannot be decoded",
            ),
            writes: add(registry, "kubernetes_writes", "Writes to the Kubernetes API"),
            releases: add(
                registry,
                "releases_without_call",
                "Deletions that ended without the call they owed",
            ),
            removal_holds: add(
                registry,
                "removal_holds",
                "Times that a provider's removals were held for an approval",
            ),
            leader: add(registry, "leader", "1 while this process leads, else 0"),
            counted: Counted::default(),
        };
        registry.register("batch_size", "People in one invite call", series.batch_size.clone());
        registry.register_with_unit(
            "time_to_accept",
            "Time from an invitation to its acceptance, as far as looks show it",
            Unit::Seconds,
            series.time_to_accept.clone(),
        );
        registry.register_collector(Box::new(series.counted.clone()));
        series.begin_at_zero();
        series
    }

    /// What should never happen begins at zero, so that the first time shows as a rise.
    fn begin_at_zero(&self) {
        for reason in ReleaseReason::ALL {
            self.releases.get_or_create(&ReleaseLabels { reason: *reason }).inc_by(0);
        }
        for kind in Kind::ALL {
            self.watch_errors.get_or_create(&KindLabels { kind: *kind }).inc_by(0);
            self.undecodable.get_or_create(&KindLabels { kind: *kind }).inc_by(0);
        }
    }

    /// What is counted for a vendor begins with its first tenant, so that the first person shows as a rise, too.
    fn vendor_begins_at_zero(&self, vendor: Vendor) {
        let of_vendor = VendorLabels { vendor };
        self.invitations_sent.get_or_create(&of_vendor).inc_by(0);
        for outcome in InviteOutcome::ALL {
            self.outcomes.get_or_create(&OutcomeLabels { vendor, outcome: *outcome }).inc_by(0);
        }
        for result in TokenResult::ALL {
            self.tokens.get_or_create(&TokenLabels { vendor, result: *result }).inc_by(0);
        }
        for result in SweepResult::ALL {
            self.sweeps.get_or_create(&SweepLabels { vendor, result: *result }).inc_by(0);
        }
        for histograms in [&self.batch_size, &self.time_to_accept, &self.limiter_wait] {
            drop(histograms.get_or_create(&of_vendor));
        }
    }
}

fn add<M: Metric + Clone + Default>(registry: &mut Registry, name: &str, help: &str) -> M {
    let metric = M::default();
    registry.register(name, help, metric.clone());
    metric
}

/// A histogram of seconds, from five milliseconds to almost three minutes.
fn durations<L>(registry: &mut Registry, name: &str, help: &str) -> Histograms<L>
where
    Histograms<L>: Metric + Clone,
    L: Clone + std::hash::Hash + Eq,
{
    let metric: Histograms<L> =
        Family::new_with_constructor(|| Histogram::new(exponential_buckets(0.005, 2.0, 16)));
    registry.register_with_unit(name, help, Unit::Seconds, metric.clone());
    metric
}
