//! What is added up over the tenants of a vendor: queues, open writes, the age of the oldest sweep.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;

use super::sets::VendorLabels;
use crate::vendor::Vendor;

/// The tenants that are being worked for.
#[derive(Debug, Clone, Default)]
pub(super) struct Tenants(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    tenants: BTreeMap<u64, Tenant>,
}

#[derive(Debug)]
struct Tenant {
    vendor: Vendor,
    swept: Instant,
    queued: usize,
    open_writes: usize,
}

/// One tenant's part in the metrics; the part ends with this value.
#[derive(Debug)]
pub struct TenantMetrics {
    id: u64,
    tenants: Tenants,
}

impl Tenants {
    pub(super) fn add(&self, vendor: Vendor) -> TenantMetrics {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.tenants.insert(id, Tenant { vendor, swept: Instant::now(), queued: 0, open_writes: 0 });
        TenantMetrics { id, tenants: self.clone() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one assignment, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TenantMetrics {
    /// A sweep of this tenant was complete.
    pub fn swept(&self) {
        self.change(|tenant| tenant.swept = Instant::now());
    }

    /// So many people wait in this tenant's queue.
    pub fn queued(&self, people: usize) {
        self.change(|tenant| tenant.queued = people);
    }

    /// So many writes to this tenant are open.
    pub fn open_writes(&self, writes: usize) {
        self.change(|tenant| tenant.open_writes = writes);
    }

    fn change(&self, change: impl FnOnce(&mut Tenant)) {
        if let Some(tenant) = self.tenants.state().tenants.get_mut(&self.id) {
            change(tenant);
        }
    }
}

impl Drop for TenantMetrics {
    fn drop(&mut self) {
        self.tenants.state().tenants.remove(&self.id);
    }
}

/// The sums for one vendor.
#[derive(Debug, Default)]
struct Sums {
    tenants: usize,
    queued: usize,
    open_writes: usize,
    oldest_sweep_seconds: f64,
}

/// A metric's name, its help, and its value for one vendor.
type Column = (&'static str, &'static str, fn(&Sums) -> f64);

impl Collector for Tenants {
    fn encode(&self, mut encoder: DescriptorEncoder) -> Result<(), fmt::Error> {
        let sums = self.sums();
        let columns: [Column; 4] = [
            ("tenants", "Tenants that are worked for", |sums| count(sums.tenants)),
            ("queue_depth", "People who wait to be sent to a vendor", |sums| count(sums.queued)),
            ("open_writes", "Writes to vendors whose outcome is not settled", |sums| count(sums.open_writes)),
            (
                "oldest_sweep_age_seconds",
                "Time since the last complete sweep of the tenant that waits longest for one",
                |sums| sums.oldest_sweep_seconds,
            ),
        ];
        for (name, help, value) in columns {
            let mut family = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            for (vendor, sums) in &sums {
                let gauge = ConstGauge::new(value(sums));
                gauge.encode(family.encode_family(&VendorLabels { vendor: *vendor })?)?;
            }
        }
        Ok(())
    }
}

impl Tenants {
    fn sums(&self) -> BTreeMap<Vendor, Sums> {
        let mut sums: BTreeMap<Vendor, Sums> = BTreeMap::new();
        for tenant in self.state().tenants.values() {
            let sum = sums.entry(tenant.vendor).or_default();
            sum.tenants += 1;
            sum.queued += tenant.queued;
            sum.open_writes += tenant.open_writes;
            sum.oldest_sweep_seconds = sum.oldest_sweep_seconds.max(tenant.swept.elapsed().as_secs_f64());
        }
        sums
    }
}

/// A number of things as a gauge's value.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
