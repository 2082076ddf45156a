//! What is watched, and what an event means for the queue.

use std::sync::Arc;

use kube::api::Api;
use tokio_util::task::TaskTracker;

use super::context::{Context, Work, provider_key};
use super::invitation;
use super::listed::{CountedGate, Listed};
use super::named::Namespaces;
use super::start::Start;
use super::store::{Key, Scope, Store};
use super::watch::{Listener, Watch};
use crate::api::{AnyProvider, ProviderKind, UserInvitation};
use crate::metrics::labels::Kind;
use crate::vendor::Email;

/// Starts all watches.
pub(super) fn start(context: &Arc<Context>, start: &Start, listed: &Arc<Listed>) -> TaskTracker {
    let watches = TaskTracker::new();
    let gate = |kind: Kind| Some(listed.gate(start.readiness.gate(kind.as_str())));
    for scope in scopes(start.settings.watch_namespaces.names()) {
        let api = match &scope {
            Scope::Namespace(name) => Api::namespaced(start.client.clone(), name),
            Scope::AllNamespaces | Scope::Cluster => Api::all(start.client.clone()),
        };
        let listener = Invitations(Arc::clone(context));
        let (store, gate_of_people) = (&context.invitations, gate(Kind::UserInvitation));
        let watch = watch(start, Kind::UserInvitation, scope.clone(), store, listener, gate_of_people);
        watches.spawn(watch.run(api, start.stop.clone()));

        let kind = ProviderKind::InvitationProvider;
        let api = match &scope {
            Scope::Namespace(name) => Api::namespaced_with(start.client.clone(), name, &kind),
            Scope::AllNamespaces | Scope::Cluster => Api::all_with(start.client.clone(), &kind),
        };
        let listener = Providers(Arc::clone(context));
        let (store, gate_of_providers) = (&context.providers, gate(Kind::InvitationProvider));
        let watch = self::watch(start, Kind::InvitationProvider, scope, store, listener, gate_of_providers);
        watches.spawn(watch.run(api, start.stop.clone()));
    }
    if start.settings.cluster_providers() {
        of_the_cluster(context, start, listed, &watches);
    }
    watches.close();
    watches
}

/// Providers for several namespaces, and, once one selects by them, the labels of namespaces.
fn of_the_cluster(context: &Arc<Context>, start: &Start, listed: &Arc<Listed>, watches: &TaskTracker) {
    let kind = Kind::ClusterInvitationProvider;
    let api = Api::all_with(start.client.clone(), &ProviderKind::ClusterInvitationProvider);
    let listener = Providers(Arc::clone(context));
    let gate = Some(listed.gate(start.readiness.gate(kind.as_str())));
    let watch = watch(start, kind, Scope::Cluster, &context.providers, listener, gate);
    watches.spawn(watch.run(api, start.stop.clone()));

    let api = Api::all(start.client.clone());
    let listener = Namespaces(Arc::clone(context));
    let store = &context.namespace_labels.store;
    // What depends on labels waits for them by itself.
    let watch = self::watch(start, Kind::Namespace, Scope::Cluster, store, listener, None);
    let (context, stop) = (Arc::clone(context), start.stop.clone());
    watches.spawn(async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = context.namespace_labels.wanted() => watch.run_on_metadata(api, stop.clone()).await,
        }
    });
}

fn scopes(namespaces: &[String]) -> Vec<Scope> {
    if namespaces.is_empty() {
        return vec![Scope::AllNamespaces];
    }
    namespaces.iter().cloned().map(Scope::Namespace).collect()
}

fn watch<K>(
    start: &Start,
    kind: Kind,
    scope: Scope,
    store: &Arc<Store<K>>,
    listener: impl Listener<K> + 'static,
    gate: Option<CountedGate>,
) -> Watch<K> {
    Watch {
        kind,
        scope,
        store: Arc::clone(store),
        listener: Arc::new(listener),
        metrics: start.metrics.clone(),
        gate,
    }
}

/// What a watch event on an invitation means.
struct Invitations(Arc<Context>);

impl Listener<UserInvitation> for Invitations {
    fn changed(&self, object: &UserInvitation) {
        self.0.requests.now(Work::Invitation(Key::of(object)));
        invitation::wake_rivals(&self.0, object);
        self.0.requests.after(Work::Provider(provider_key(object)), invitation::COUNTS_LAG);
    }

    fn gone(&self, object: &UserInvitation) {
        let uid = object.metadata.uid.clone().unwrap_or_default();
        self.0.forget(&uid);
        let email = Email::new(&object.spec.email);
        if let Some(tenant) =
            self.0.states().get(&provider_key(object)).and_then(|state| state.tenant.clone())
        {
            self.0.tenants.withdraw(&tenant, &uid);
            self.0.tenants.acknowledge(&tenant, email.key(), &uid, None);
        }
        invitation::wake_rivals(&self.0, object);
        self.0.requests.now(Work::Provider(provider_key(object)));
    }
}

/// What a watch event on a provider means.
struct Providers(Arc<Context>);

impl Listener<AnyProvider> for Providers {
    fn changed(&self, object: &AnyProvider) {
        let key = Key::of(object);
        self.0.namespace_labels.note(object);
        self.0.requests.now(Work::Provider(key.clone()));
        self.0.wake_invitations_of(&key);
    }

    fn gone(&self, object: &AnyProvider) {
        self.0.requests.now(Work::Provider(Key::of(object)));
    }
}
