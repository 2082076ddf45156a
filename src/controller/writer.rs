//! The only place that writes to Kubernetes. Every write checks leadership first, carries the version it was
//! decided on, and its answer replaces the store's copy.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use kube::api::{Api, Patch, PatchParams};
use kube::runtime::events::{Event as KubeEvent, EventType, Recorder, Reporter};
use kube::{Client, Resource, ResourceExt};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use thiserror::Error;
use tracing::{debug, warn};

use super::queue::Done;
use super::store::{Key, Store};
use crate::api::{AnyProvider, ProviderKind, UserInvitation};
use crate::leader::Leadership;
use crate::metrics::Metrics;
use crate::metrics::labels::{Kind, WriteResult, WriteVerb};
use crate::plan::{Event, EventKind};

/// The longest note that Kubernetes takes in an event.
const NOTE_MAX: usize = 1000;

/// Why a write did not happen, or may not have.
#[derive(Debug, Error)]
pub enum WriteError {
    /// Somebody else wrote first, or this process worked with an old copy.
    #[error("the object has changed meanwhile")]
    Conflict,
    /// The object is gone.
    #[error("the object is gone")]
    Gone,
    /// This process does not lead any more.
    #[error("this process does not lead")]
    NotLeading,
    /// Anything else; the write may have happened.
    #[error("the API server did not take the write: {0}")]
    Kube(#[source] Box<kube::Error>),
}

/// What is written.
pub trait Written: Resource + Clone + Debug + DeserializeOwned + Send + Sync + 'static {
    /// The kind of the object of this key, in metrics and logs.
    fn label(key: &Key) -> Kind;

    /// The same for the API.
    fn type_of(key: &Key) -> Self::DynamicType;

    /// Where the object of this key is.
    fn api(client: Client, key: &Key) -> Api<Self>;
}

impl Written for UserInvitation {
    fn label(_: &Key) -> Kind {
        Kind::UserInvitation
    }

    fn type_of(_: &Key) -> Self::DynamicType {}

    fn api(client: Client, key: &Key) -> Api<Self> {
        Api::namespaced(client, &key.namespace)
    }
}

impl Written for AnyProvider {
    fn label(key: &Key) -> Kind {
        match Self::type_of(key) {
            ProviderKind::InvitationProvider => Kind::InvitationProvider,
            ProviderKind::ClusterInvitationProvider => Kind::ClusterInvitationProvider,
        }
    }

    fn type_of(key: &Key) -> ProviderKind {
        if key.namespace.is_empty() {
            ProviderKind::ClusterInvitationProvider
        } else {
            ProviderKind::InvitationProvider
        }
    }

    fn api(client: Client, key: &Key) -> Api<Self> {
        match Self::type_of(key) {
            kind @ ProviderKind::InvitationProvider => Api::namespaced_with(client, &key.namespace, &kind),
            kind @ ProviderKind::ClusterInvitationProvider => Api::all_with(client, &kind),
        }
    }
}

/// Writes objects and events.
#[derive(Clone)]
pub struct Writer {
    client: Client,
    leadership: Leadership,
    events: Recorder,
    metrics: Metrics,
}

impl Writer {
    /// A writer for a process that leads.
    pub fn new(client: Client, leadership: Leadership, metrics: Metrics) -> Self {
        let reporter = Reporter {
            controller: "userinvitation.dev/operator".to_owned(),
            instance: Some(leadership.process().to_string()),
        };
        Self { events: Recorder::new(client.clone(), reporter), client, leadership, metrics }
    }

    /// Whether this process leads at this moment.
    pub fn leads(&self) -> bool {
        self.leadership.still_valid()
    }

    /// This process' id.
    pub fn process(&self) -> &str {
        self.leadership.process().as_str()
    }

    /// Writes annotations and finalizers in one PATCH.
    pub async fn metadata<K: Written>(
        &self,
        store: &Store<K>,
        object: &K,
        annotations: &[(&str, &str)],
        finalizers: Vec<String>,
    ) -> Result<Arc<K>, WriteError> {
        let annotations: serde_json::Map<String, Value> =
            annotations.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
        let mut metadata = json!({ "resourceVersion": object.resource_version(), "finalizers": finalizers });
        if !annotations.is_empty() {
            metadata["annotations"] = Value::Object(annotations);
        }
        let patch = Patch::Merge(json!({ "metadata": metadata }));
        self.patch(store, object, &patch, WriteVerb::Patch).await
    }

    /// Replaces the status: a JSON patch, so that fields that are gone go.
    pub async fn status<K: Written>(
        &self,
        store: &Store<K>,
        object: &K,
        status: &impl Serialize,
    ) -> Result<Arc<K>, WriteError> {
        self.may_write()?;
        let status = serde_json::to_value(status).map_err(serde_error)?;
        let operations = json!([
            { "op": "replace", "path": "/metadata/resourceVersion", "value": object.resource_version() },
            { "op": "add", "path": "/status", "value": status },
        ]);
        let patch: json_patch::Patch = serde_json::from_value(operations).map_err(serde_error)?;
        let key = Key::of(object);
        let api = K::api(self.client.clone(), &key);
        let answer = api.patch_status(&key.name, &PatchParams::default(), &Patch::Json::<()>(patch)).await;
        self.taken(store, &key, WriteVerb::PatchStatus, answer)
    }

    async fn patch<K: Written>(
        &self,
        store: &Store<K>,
        object: &K,
        patch: &Patch<Value>,
        verb: WriteVerb,
    ) -> Result<Arc<K>, WriteError> {
        self.may_write()?;
        let key = Key::of(object);
        let api = K::api(self.client.clone(), &key);
        let answer = api.patch(&key.name, &PatchParams::default(), patch).await;
        self.taken(store, &key, verb, answer)
    }

    /// One GET, after a conflict: what it shows replaces the store's copy.
    pub async fn refresh<K: Written>(&self, store: &Store<K>, key: &Key) -> Result<Arc<K>, WriteError> {
        let api = K::api(self.client.clone(), key);
        match api.get(&key.name).await {
            Ok(object) => Ok(store.answered(object)),
            Err(error) => Err(classified(error)),
        }
    }

    /// How a reconcile goes on after its writes: after a conflict on what is there now, after a failure later.
    pub(super) async fn after<K: Written>(
        &self,
        store: &Store<K>,
        key: &Key,
        written: Result<Done, WriteError>,
    ) -> Done {
        let error = match written {
            Ok(done) => return done,
            Err(WriteError::Conflict) => match self.refresh(store, key).await {
                Ok(_) => return Done::Again(Duration::ZERO),
                Err(error) => error,
            },
            Err(error) => error,
        };
        if matches!(error, WriteError::Gone) {
            return Done::Settled;
        }
        warn!(kind = K::label(key).as_str(), object = %key, %error, "not written; tried again");
        Done::Failed
    }

    /// Tells people. An event that can't be written is no reason to fail.
    pub async fn event<K: Written>(&self, object: &K, event: &Event) {
        if !self.leads() {
            return;
        }
        let type_ = match event.kind {
            EventKind::Normal => EventType::Normal,
            EventKind::Warning => EventType::Warning,
        };
        let mut note = event.message.clone();
        if note.len() > NOTE_MAX {
            note = note.chars().take(NOTE_MAX / 4).collect();
        }
        let kube_event = KubeEvent {
            type_,
            reason: event.reason.clone(),
            note: Some(note),
            action: "Reconcile".to_owned(),
            secondary: None,
        };
        if let Err(error) =
            self.events.publish(&kube_event, &object.object_ref(&K::type_of(&Key::of(object)))).await
        {
            debug!(%error, "event not written");
        }
    }

    fn may_write(&self) -> Result<(), WriteError> {
        if self.leads() { Ok(()) } else { Err(WriteError::NotLeading) }
    }

    fn taken<K: Written>(
        &self,
        store: &Store<K>,
        key: &Key,
        verb: WriteVerb,
        answer: kube::Result<K>,
    ) -> Result<Arc<K>, WriteError> {
        let answer = answer.map_err(classified);
        let result = match &answer {
            Ok(_) => WriteResult::Ok,
            Err(WriteError::Conflict) => WriteResult::Conflict,
            Err(WriteError::Gone) => WriteResult::Gone,
            Err(WriteError::NotLeading) => WriteResult::NotLeading,
            Err(WriteError::Kube(error)) if is_refusal(error) => WriteResult::Refused,
            Err(WriteError::Kube(_)) => WriteResult::Error,
        };
        self.metrics.kubernetes_write(K::label(key), verb, result);
        answer.map(|object| store.answered(object))
    }
}

/// Admission, validation or a missing right.
fn is_refusal(error: &kube::Error) -> bool {
    matches!(error, kube::Error::Api(status) if matches!(status.code, 403 | 422))
}

fn serde_error(error: serde_json::Error) -> WriteError {
    WriteError::Kube(Box::new(kube::Error::SerdeError(error)))
}

fn classified(error: kube::Error) -> WriteError {
    match &error {
        kube::Error::Api(status) if status.is_conflict() => WriteError::Conflict,
        kube::Error::Api(status) if status.is_not_found() => WriteError::Gone,
        _ => WriteError::Kube(Box::new(error)),
    }
}

#[cfg(test)]
mod tests;
