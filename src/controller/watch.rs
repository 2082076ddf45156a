//! Watches: they keep the stores, and say whose turn it is.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use futures::{Stream, StreamExt, TryStreamExt};
use kube::api::{Api, PartialObjectMeta};
use kube::core::DeserializeGuard;
use kube::runtime::WatchStreamExt;
use kube::runtime::watcher::{self, Config, Event, watcher};
use kube::{Resource, ResourceExt};
use serde::de::DeserializeOwned;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::listed::CountedGate;
use super::store::{Change, Scope, Store};
use crate::metrics::Metrics;
use crate::metrics::labels::Kind;

/// Shorter than the idle time after which load balancers drop a connection without a word.
const WATCH_SECONDS: u32 = 200;

/// The first pause before a watch begins anew with a list; it doubles up to the last one.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LAST_PAUSE: Duration = Duration::from_secs(30);

/// What a watch event means for the queue.
pub(super) trait Listener<K>: Send + Sync {
    /// An object is new or different.
    fn changed(&self, object: &K);
    /// An object is gone.
    fn gone(&self, object: &K);
}

/// One watch: all namespaces, one, or what is in none.
pub(super) struct Watch<K> {
    pub kind: Kind,
    pub scope: Scope,
    pub store: Arc<Store<K>>,
    pub listener: Arc<dyn Listener<K>>,
    pub metrics: Metrics,
    /// What waits for the first list.
    pub gate: Option<CountedGate>,
}

impl<K> Watch<PartialObjectMeta<K>>
where
    K: Resource<DynamicType = ()> + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    /// Watches metadata only, which nothing can be wrong with, until it is stopped.
    pub async fn run_on_metadata(self, api: Api<PartialObjectMeta<K>>, stop: CancellationToken) {
        self.follow(|| watcher(api.clone(), config()).map_ok(guarded), stop).await;
    }
}

impl<K> Watch<K>
where
    K: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static,
{
    /// Watches until it is stopped. Errors are counted and tried again with backoff.
    pub async fn run(self, api: Api<DeserializeGuard<K>>, stop: CancellationToken) {
        self.follow(|| watcher(api.clone(), config()), stop).await;
    }

    /// Follows one stream after the other, each from a list on.
    async fn follow<S>(self, begin: impl Fn() -> S, stop: CancellationToken)
    where
        S: Stream<Item = Result<Event<DeserializeGuard<K>>, watcher::Error>> + Send,
    {
        let (mut told, mut pause) = (String::new(), FIRST_PAUSE);
        while !stop.is_cancelled() {
            let (since, stopped) = (Instant::now(), stop.clone().cancelled_owned());
            let mut events = std::pin::pin!(begin().default_backoff().take_until(stopped));
            while let Some(event) = events.next().await {
                match event {
                    Ok(event) => {
                        if matches!(event, Event::InitDone) {
                            told.clear();
                        }
                        self.take(event);
                    }
                    Err(error) => {
                        if self.failed(&error, &mut told) {
                            break;
                        }
                        // The backoff of the stream decides when; a failing watch must not spin in between.
                        tokio::time::sleep(Duration::from_millis(10)).await;
                    }
                }
            }
            // Each stream has a backoff of its own. Where lists are fine and watches are not, they follow each other.
            if since.elapsed() > LAST_PAUSE {
                pause = FIRST_PAUSE;
            }
            stop.run_until_cancelled(tokio::time::sleep(pause)).await;
            pause = (pause * 2).min(LAST_PAUSE);
        }
    }

    /// Counts and tells a failure. Answers whether the watch has to begin anew: what somebody took away is back only when
    /// a list says so, and a watch that goes on in silence would never tell.
    fn failed(&self, error: &watcher::Error, told: &mut String) -> bool {
        self.metrics.watch_failed(self.kind);
        let text = error.to_string();
        if *told == text {
            debug!(kind = self.kind.as_str(), error = text, "watch failed once more");
        } else {
            warn!(kind = self.kind.as_str(), error = text, "watch failed; it is tried again");
            *told = text;
        }
        match (&self.gate, missing(self.kind, error)) {
            (Some(gate), Some(because)) => gate.close(because),
            (Some(_) | None, _) => false,
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
                info!(kind = self.kind.as_str(), scope = %self.scope, objects = self.objects(), "listed");
                if let Some(gate) = &self.gate {
                    gate.open();
                }
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
    }

    fn objects(&self) -> usize {
        self.store.len(self.scope == Scope::Cluster)
    }

    /// One object that can't be read must not stop the others.
    fn decoded(&self, object: DeserializeGuard<K>) -> Option<K> {
        let name = object.name_any();
        match object.0 {
            Ok(object) => Some(object),
            Err(error) => {
                self.metrics.undecodable_object(self.kind);
                warn!(kind = self.kind.as_str(), %name, error = %error.error, "object can't be read and is left alone");
                None
            }
        }
    }
}

/// What somebody has to do before a watch can work; `None`: that is not what is wrong.
fn missing(kind: Kind, error: &watcher::Error) -> Option<String> {
    let (watcher::Error::InitialListFailed(error)
    | watcher::Error::WatchStartFailed(error)
    | watcher::Error::WatchFailed(error)) = error
    else {
        return None;
    };
    let kube::Error::Api(status) = error else { return None };
    let kind = kind.as_str();
    if status.code == 401 {
        return Some("the API server does not accept the service account's token".to_owned());
    }
    // What nobody serves is answered with a bare 404, without a reason.
    if status.code == 404 {
        return Some(format!(
            "the API server does not know this kind: install the definitions, with the chart or with \
             user-invitation-operator crds | kubectl apply -f - (asked for {kind})"
        ));
    }
    status.is_forbidden().then(|| format!("no right to list and watch {kind}: see the chart's rights"))
}

fn config() -> Config {
    Config::default().timeout(WATCH_SECONDS)
}

fn guarded<K>(event: Event<K>) -> Event<DeserializeGuard<K>> {
    let guard = |object| DeserializeGuard(Ok(object));
    match event {
        Event::Init => Event::Init,
        Event::InitApply(object) => Event::InitApply(guard(object)),
        Event::InitDone => Event::InitDone,
        Event::Apply(object) => Event::Apply(guard(object)),
        Event::Delete(object) => Event::Delete(guard(object)),
    }
}

#[cfg(test)]
mod tests;
