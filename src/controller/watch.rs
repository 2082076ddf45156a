//! Watches: they keep the stores, and say whose turn it is.

use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use kube::api::Api;
use kube::core::{DeserializeGuard, NamespaceResourceScope};
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{Config, Event, watcher};
use kube::{Client, ResourceExt};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::listed::CountedGate;
use super::store::{Change, Store};
use super::writer::Written;
use crate::metrics::Metrics;

/// Shorter than the idle time after which load balancers drop a connection without a word.
const WATCH_SECONDS: u32 = 200;

/// What a watch event means for the queue.
pub(super) trait Listener<K>: Send + Sync {
    /// An object is new or different.
    fn changed(&self, object: &K);
    /// An object is gone.
    fn gone(&self, object: &K);
}

/// One watch: all namespaces, or one.
pub(super) struct Watch<K: Written> {
    pub client: Client,
    /// The namespace; empty: all.
    pub scope: String,
    pub store: Arc<Store<K>>,
    pub listener: Arc<dyn Listener<K>>,
    pub metrics: Metrics,
    pub gate: CountedGate,
}

impl<K> Watch<K>
where
    K: Written + kube::Resource<Scope = NamespaceResourceScope>,
{
    /// Watches until it is stopped. Errors are counted and tried again with backoff.
    pub async fn run(self, stop: CancellationToken) {
        let api: Api<DeserializeGuard<K>> = if self.scope.is_empty() {
            Api::all(self.client.clone())
        } else {
            Api::namespaced(self.client.clone(), &self.scope)
        };
        let stream = watcher(api, Config::default().timeout(WATCH_SECONDS)).default_backoff();
        let mut events = std::pin::pin!(stream.take_until(stop.cancelled_owned()));
        while let Some(event) = events.next().await {
            match event {
                Ok(event) => self.take(event),
                Err(error) => {
                    self.metrics.watch_failed(K::LABEL);
                    warn!(kind = %K::NAME, %error, "watch failed; it is tried again");
                    // The backoff of the stream decides when; a failing watch must not spin in between.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }

    fn take(&self, event: Event<DeserializeGuard<K>>) {
        match event {
            Event::Init => self.store.list_begins(&self.scope),
            Event::InitApply(object) => {
                if let Some(object) = self.decoded(object) {
                    let copy = object.clone();
                    if self.store.listed(&self.scope, object) == Change::Changed {
                        self.listener.changed(&copy);
                    }
                }
            }
            Event::InitDone => {
                for object in self.store.list_ends(&self.scope) {
                    self.listener.gone(&object);
                }
                info!(kind = %K::NAME, scope = %self.scope, objects = self.store.len(), "listed");
                self.gate.open();
            }
            Event::Apply(object) => {
                if let Some(object) = self.decoded(object) {
                    let copy = object.clone();
                    if self.store.shown(object) == Change::Changed {
                        self.listener.changed(&copy);
                    }
                }
            }
            Event::Delete(object) => {
                if let Some(object) = self.decoded(object)
                    && self.store.removed(&object).is_some()
                {
                    self.listener.gone(&object);
                }
            }
        }
        self.metrics.store_size(K::LABEL, self.store.len());
    }

    /// One object that can't be read must not stop the others.
    fn decoded(&self, object: DeserializeGuard<K>) -> Option<K> {
        let name = object.name_any();
        match object.0 {
            Ok(mut object) => {
                object.managed_fields_mut().clear();
                object.annotations_mut().remove("kubectl.kubernetes.io/last-applied-configuration");
                Some(object)
            }
            Err(error) => {
                self.metrics.undecodable_object(K::LABEL);
                warn!(kind = %K::NAME, %name, error = %error.error, "object can't be read and is left alone");
                None
            }
        }
    }
}
