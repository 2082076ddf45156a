//! Reading and writing the lease: every write is a compare-and-swap.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::{Lease, LeaseSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::MicroTime;
use k8s_openapi::jiff::Timestamp;
use kube::api::{ObjectMeta, PostParams};
use kube::{Api, Client};

use super::Notice;
use super::decide::claim;

/// The lease, as one candidate sees it.
#[derive(Debug)]
pub(super) struct LeaseFile {
    api: Api<Lease>,
    name: String,
    me: String,
    duration: Duration,
}

/// How a try to write the lease failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum TryError {
    /// Somebody else holds it.
    #[error("the lease is held by {holder:?}")]
    HeldBy { holder: String },
    /// Somebody else wrote it first.
    #[error("the lease was changed by somebody else")]
    Changed,
    /// The API server did not do it.
    #[error("the lease cannot be read or written: {0}")]
    Api(#[source] Box<kube::Error>),
}

impl TryError {
    /// What it says of the API server; `None`: it has answered.
    pub(super) fn notice(&self) -> Option<Notice> {
        match self {
            Self::HeldBy { .. } | Self::Changed => None,
            Self::Api(error) => match &**error {
                kube::Error::Api(status) if status.is_forbidden() => Some(Notice::Forbidden),
                _ => Some(Notice::Unanswered),
            },
        }
    }

    /// Whether the API server does not accept the token.
    pub(super) fn is_unauthorized(&self) -> bool {
        matches!(self, Self::Api(error) if matches!(&**error, kube::Error::Api(status) if status.code == 401))
    }
}

impl LeaseFile {
    pub(super) fn new(client: Client, namespace: &str, name: String, me: String, duration: Duration) -> Self {
        Self { api: Api::namespaced(client, namespace), name, me, duration }
    }

    pub(super) fn me(&self) -> &str {
        &self.me
    }

    pub(super) async fn read(&self) -> Result<Option<Lease>, TryError> {
        self.api.get_opt(&self.name).await.map_err(|error| TryError::Api(Box::new(error)))
    }

    /// Takes the lease as it was read, or makes it; or renews it, when it is ours.
    pub(super) async fn claim(&self, read: Option<&Lease>) -> Result<Lease, TryError> {
        let now = Some(MicroTime(Timestamp::now()));
        let mut lease = self.copy(read);
        let ours = claim(&lease).holder.as_deref() == Some(self.me.as_str());
        let spec = lease.spec.get_or_insert_default();
        if !ours {
            spec.holder_identity = Some(self.me.clone());
            spec.acquire_time.clone_from(&now);
            spec.lease_transitions =
                Some(spec.lease_transitions.map_or(0, |transitions| transitions.saturating_add(1)));
        }
        spec.renew_time = now;
        spec.lease_duration_seconds = Some(whole_seconds(self.duration));
        self.write(&lease).await
    }

    /// Renews the lease as it was last written. When somebody wrote it since, reads who holds it: this
    /// process still, as after an answer that was lost or a lease that was deleted, or another one.
    pub(super) async fn renew(&self, written: &Lease) -> Result<Lease, TryError> {
        match self.claim(Some(written)).await {
            Err(TryError::Changed) => {}
            result => return result,
        }
        let read = self.read().await?;
        match read.as_ref().map(claim) {
            Some(seen) if seen.holder.as_deref() != Some(self.me.as_str()) => {
                Err(TryError::HeldBy { holder: seen.holder.unwrap_or_default() })
            }
            _ => self.claim(read.as_ref()).await,
        }
    }

    /// Gives the lease back, if it is still ours.
    pub(super) async fn release(&self, written: &Lease) -> Result<(), TryError> {
        match self.write(&self.freed(written)).await {
            Err(TryError::Changed) => {}
            result => return result.map(drop),
        }
        match self.read().await? {
            Some(read) if claim(&read).holder.as_deref() == Some(self.me.as_str()) => {
                self.write(&self.freed(&read)).await.map(drop)
            }
            _ => Ok(()),
        }
    }

    fn freed(&self, lease: &Lease) -> Lease {
        let mut lease = self.copy(Some(lease));
        let spec = lease.spec.get_or_insert_default();
        spec.holder_identity = None;
        spec.renew_time = Some(MicroTime(Timestamp::now()));
        lease
    }

    /// The lease to write: as it was read, with its version and uid, so that only this very one is replaced.
    fn copy(&self, read: Option<&Lease>) -> Lease {
        let mut lease = read.cloned().unwrap_or_else(|| Lease {
            metadata: ObjectMeta { name: Some(self.name.clone()), ..ObjectMeta::default() },
            spec: Some(LeaseSpec::default()),
        });
        lease.metadata.managed_fields = None;
        lease
    }

    async fn write(&self, lease: &Lease) -> Result<Lease, TryError> {
        let result = if lease.metadata.resource_version.is_some() {
            self.api.replace(&self.name, &PostParams::default(), lease).await
        } else {
            self.api.create(&PostParams::default(), lease).await
        };
        result.map_err(|error| match error {
            kube::Error::Api(status) if matches!(status.code, 404 | 409) => TryError::Changed,
            error => TryError::Api(Box::new(error)),
        })
    }
}

/// The duration in the lease's own unit; never shorter than ours.
fn whole_seconds(duration: Duration) -> i32 {
    let seconds = duration.as_secs() + u64::from(duration.subsec_nanos() > 0);
    i32::try_from(seconds.max(1)).unwrap_or(i32::MAX)
}
