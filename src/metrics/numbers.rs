//! What is counted afresh for each scrape, and only by the process that leads: invitations, providers, queues.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use jiff::Timestamp;
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeLabelSet, EncodeMetric, MetricEncoder};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

use super::labels::Kind;
use super::sets::{KindLabels, ProviderLabels, ReadyLabels, StateLabels, VendorLabels};
use crate::api::{InvitationState, Reason};
use crate::vendor::Vendor;

/// Whoever can count.
pub trait Source: Send + Sync {
    /// The numbers as they are now; `None`: this process does not lead.
    fn numbers(&self) -> Option<Numbers>;
}

/// The numbers at one moment.
#[derive(Debug, Clone, Default)]
pub struct Numbers {
    /// Each provider's.
    pub providers: Vec<ProviderNumbers>,
    /// Invitations whose provider is not there, or not for them.
    pub without_provider: usize,
    /// How many objects are held in memory.
    pub stored: Vec<(Kind, usize)>,
}

/// One provider's numbers.
#[derive(Debug, Clone)]
pub struct ProviderNumbers {
    /// Its vendor.
    pub vendor: Vendor,
    /// Its namespace; empty for a provider of the cluster.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// Its invitations, by where they stand.
    pub invitations: BTreeMap<InvitationState, usize>,
    /// Its invitations that wait for somebody to change something.
    pub stalled: usize,
    /// When the oldest invitation was sent that nobody has accepted yet.
    pub oldest_pending: Option<Timestamp>,
    /// Whether it is ready, and why or why not, as its status says.
    pub ready: Option<(bool, Reason)>,
    /// Deletions that wait for an approval.
    pub removals_held: usize,
    /// How long its tenant's budget still pauses.
    pub blocked: Duration,
    /// When the values of its Secret were last written.
    pub credential_written: Option<Timestamp>,
    /// When its credential ends, where the vendor tells.
    pub credential_expires: Option<Timestamp>,
    /// Its tenant's numbers, if it is the provider that serves it.
    pub tenant: Option<TenantNumbers>,
}

/// One tenant's numbers.
#[derive(Debug, Clone, Copy)]
pub struct TenantNumbers {
    /// People who wait in the queue.
    pub queued: usize,
    /// Writes that are not settled.
    pub open_writes: usize,
    /// Since the last sweep that could be believed, or since there is none.
    pub since_sweep: Duration,
    /// How often sweeps are made.
    pub sweep_interval: Duration,
}

/// Shows the numbers of a source for as long as there is one.
#[derive(Clone, Default)]
pub(super) struct Counted(Arc<Mutex<Option<Weak<dyn Source>>>>);

impl fmt::Debug for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counted").finish_non_exhaustive()
    }
}

impl Counted {
    pub(super) fn by(&self, source: &Arc<dyn Source>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::downgrade(source));
    }

    fn numbers(&self) -> Option<Numbers> {
        let source = self.0.lock().unwrap_or_else(PoisonError::into_inner).as_ref()?.upgrade()?;
        source.numbers()
    }
}

impl Collector for Counted {
    fn encode(&self, mut encoder: DescriptorEncoder) -> fmt::Result {
        match self.numbers() {
            Some(numbers) => numbers.encode(&mut encoder),
            None => Ok(()),
        }
    }
}

/// A gauge: its name without the unit, its unit if it has one, and its help.
struct Column(&'static str, Option<Unit>, &'static str);

impl Column {
    /// Writes the gauge with a value for each set of labels; without any it does not exist.
    fn write<L: EncodeLabelSet>(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        values: impl IntoIterator<Item = (L, f64)>,
    ) -> fmt::Result {
        let mut values = values.into_iter().peekable();
        if values.peek().is_none() {
            return Ok(());
        }
        let mut family = self.begin(encoder)?;
        for (labels, value) in values {
            ConstGauge::new(value).encode(family.encode_family(&labels)?)?;
        }
        Ok(())
    }

    fn begin<'e>(&'e self, encoder: &'e mut DescriptorEncoder<'_>) -> Result<MetricEncoder<'e>, fmt::Error> {
        let Self(name, unit, help) = self;
        encoder.encode_descriptor(name, help, unit.as_ref(), MetricType::Gauge)
    }
}

impl Numbers {
    fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let stored = self.stored.iter().map(|(kind, objects)| (KindLabels { kind: *kind }, count(*objects)));
        Column("store_objects", None, "Objects held in memory.").write(encoder, stored)?;
        let without = "Invitations whose provider does not exist, or is not for their namespace.";
        let without = Column("invitations_without_provider", None, without);
        ConstGauge::new(count(self.without_provider)).encode(without.begin(encoder)?)?;
        let mut tenants: BTreeMap<Vendor, usize> = BTreeMap::new();
        for provider in self.providers.iter().filter(|provider| provider.tenant.is_some()) {
            *tenants.entry(provider.vendor).or_default() += 1;
        }
        let tenants = tenants.into_iter().map(|(vendor, number)| (VendorLabels { vendor }, count(number)));
        Column("tenants", None, "Tenants that are worked for.").write(encoder, tenants)?;
        self.encode_people(encoder)?;
        self.encode_credentials(encoder)?;
        self.encode_work(encoder)
    }

    fn encode_people(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let states = self.providers.iter().flat_map(|provider| {
            let labels = |state| StateLabels { of: provider.labels(), state };
            provider.invitations.iter().map(move |(state, number)| (labels(*state), count(*number)))
        });
        Column("invitations", None, "Invitations by provider and state.").write(encoder, states)?;
        self.each(
            encoder,
            &Column("invitations_stalled", None, "Invitations that wait for somebody to change something."),
            |provider| Some(count(provider.stalled)),
        )?;
        self.each(
            encoder,
            &Column(
                "oldest_pending_timestamp",
                Some(Unit::Seconds),
                "When the oldest invitation was sent that nobody has accepted yet.",
            ),
            |provider| provider.oldest_pending.map(unix_time),
        )?;
        self.each(
            encoder,
            &Column("removals_held", None, "Deletions that wait for somebody to approve them."),
            |provider| Some(count(provider.removals_held)),
        )
    }

    fn encode_credentials(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let ready = self.providers.iter().filter_map(|provider| {
            let (ready, reason) = provider.ready?;
            Some((ReadyLabels { of: provider.labels(), reason }, f64::from(u8::from(ready))))
        });
        let help = "1 while the provider is ready, else 0; the reason is the condition's.";
        Column("provider_ready", None, help).write(encoder, ready)?;
        self.each(
            encoder,
            &Column(
                "credential_written_timestamp",
                Some(Unit::Seconds),
                "When the values of the Secret with the credential were last written.",
            ),
            |provider| provider.credential_written.map(unix_time),
        )?;
        self.each(
            encoder,
            &Column(
                "credential_expiration_timestamp",
                Some(Unit::Seconds),
                "When the credential ends, where the vendor tells.",
            ),
            |provider| provider.credential_expires.map(unix_time),
        )
    }

    fn encode_work(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let blocked = "How long the tenant's budget still pauses, as its vendor asked.";
        self.each(encoder, &Column("tenant_blocked", Some(Unit::Seconds), blocked), |provider| {
            provider.tenant.map(|_| provider.blocked.as_secs_f64())
        })?;
        let depth = "People who wait to be sent to the vendor.";
        self.each(encoder, &Column("queue_depth", None, depth), |provider| {
            Some(count(provider.tenant?.queued))
        })?;
        let open = "Writes to the vendor whose outcome is not settled.";
        self.each(encoder, &Column("open_writes", None, open), |provider| {
            Some(count(provider.tenant?.open_writes))
        })?;
        let age = "Time since the last sweep that could be believed, or since work for the tenant began.";
        self.each(encoder, &Column("sweep_age", Some(Unit::Seconds), age), |provider| {
            Some(provider.tenant?.since_sweep.as_secs_f64())
        })?;
        let interval = "Time between two sweeps, as declared.";
        self.each(encoder, &Column("sweep_interval", Some(Unit::Seconds), interval), |provider| {
            Some(provider.tenant?.sweep_interval.as_secs_f64())
        })
    }

    /// A gauge for each provider that has a value.
    fn each(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        column: &Column,
        value: impl Fn(&ProviderNumbers) -> Option<f64>,
    ) -> fmt::Result {
        let values = self.providers.iter().filter_map(|provider| Some((provider.labels(), value(provider)?)));
        column.write(encoder, values)
    }
}

impl ProviderNumbers {
    fn labels(&self) -> ProviderLabels {
        ProviderLabels {
            vendor: self.vendor,
            provider_namespace: self.namespace.clone(),
            provider: self.name.clone(),
        }
    }
}

/// A number of things as a gauge's value.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

/// A time as Prometheus writes it.
fn unix_time(time: Timestamp) -> f64 {
    time.as_duration().as_secs_f64()
}
