//! Starts the watches and the queue, and stops them in order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::Client;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::info;

use super::brake::removal_entry;
use super::context::{Context, Parts, Work, by_person, by_provider, provider_key};
use super::listed::{CountedGate, Listed};
use super::observe::MeteredCalls;
use super::queue::{self, Done, Requests};
use super::store::{Key, Store};
use super::watch::{Listener, Watch};
use super::writer::Writer;
use super::{invitation, provider};
use crate::api::{InvitationProvider, UserInvitation};
use crate::health::Readiness;
use crate::leader::Leadership;
use crate::metrics::Metrics;
use crate::metrics::labels::{Kind, ReconcileResult};
use crate::settings::Settings;
use crate::tenant::Tenants;
use crate::vendor::Email;

/// No reconcile waits for a vendor, so one that takes this long hangs.
const RECONCILE_TIMEOUT: Duration = Duration::from_secs(60);

/// What the controllers are started with.
pub struct Start {
    /// What was set from outside.
    pub settings: Arc<Settings>,
    /// The Kubernetes API.
    pub client: Client,
    /// The right to act.
    pub leadership: Leadership,
    /// What is counted.
    pub metrics: Metrics,
    /// What readiness waits for.
    pub readiness: Readiness,
    /// Cancelled when all work has to end.
    pub stop: CancellationToken,
}

/// Runs the controllers until they are stopped; calls under way and reconciles finish first.
pub async fn run(start: Start) {
    let (requests, receiver) = Requests::channel();
    let context = Arc::new(Context::new(Parts {
        writer: Writer::new(start.client.clone(), start.leadership.clone(), start.metrics.clone()),
        client: start.client.clone(),
        settings: Arc::clone(&start.settings),
        metrics: start.metrics.clone(),
        invitations: Arc::new(Store::new(index_invitation)),
        providers: Arc::new(Store::new(|_: &InvitationProvider| Vec::new())),
        tenants: Tenants::new(start.stop.clone(), start.stop.clone()),
        requests: requests.clone(),
        observer: Arc::new(MeteredCalls(start.metrics.clone())),
    }));
    let listed = Arc::new(Listed::default());
    let watches = TaskTracker::new();
    let invitations_gate = start.readiness.gate("UserInvitation");
    let providers_gate = start.readiness.gate("InvitationProvider");
    let namespaces = start.settings.watch_namespaces.names();
    let scopes = if namespaces.is_empty() { vec![String::new()] } else { namespaces.to_vec() };
    for scope in scopes {
        let gate = listed.gate(&invitations_gate);
        watches.spawn(watch_invitations(&context, &start, &scope, gate).run(start.stop.clone()));
        let gate = listed.gate(&providers_gate);
        watches.spawn(watch_providers(&context, &start, &scope, gate).run(start.stop.clone()));
    }
    watches.close();

    // Deciding on half a picture could send twice: whose person it is depends on all objects.
    tokio::select! {
        () = start.stop.cancelled() => {}
        () = listed.all() => info!("stores are complete"),
    }
    let concurrency = usize::from(start.settings.engine.concurrency());
    let reconciling = Arc::clone(&context);
    queue::run(requests, receiver, concurrency, start.stop.clone(), move |work| {
        let context = Arc::clone(&reconciling);
        async move { reconcile(&context, work).await }
    })
    .await;
    context.tenants.stopped().await;
    watches.wait().await;
}

async fn reconcile(context: &Arc<Context>, work: Work) -> Done {
    let began = Instant::now();
    let kind = match &work {
        Work::Invitation(_) => Kind::UserInvitation,
        Work::Provider(_) => Kind::InvitationProvider,
    };
    let done = tokio::time::timeout(RECONCILE_TIMEOUT, async {
        match &work {
            Work::Invitation(key) => invitation::reconcile(context, key).await,
            Work::Provider(key) => provider::reconcile(context, key).await,
        }
    })
    .await;
    let result = match done {
        Ok(Done::Settled | Done::Again(_)) => ReconcileResult::Ok,
        Ok(Done::Failed) => ReconcileResult::Error,
        Err(_) => ReconcileResult::Timeout,
    };
    context.metrics.reconciled(kind, result, began.elapsed());
    done.unwrap_or(Done::Failed)
}

pub(super) fn index_invitation(invitation: &UserInvitation) -> Vec<String> {
    let always =
        [by_person(Email::new(&invitation.spec.email).key()), by_provider(&provider_key(invitation))];
    always.into_iter().chain(removal_entry(invitation)).collect()
}

fn watch_invitations(
    context: &Arc<Context>,
    start: &Start,
    scope: &str,
    gate: CountedGate,
) -> Watch<UserInvitation> {
    Watch {
        client: start.client.clone(),
        scope: scope.to_owned(),
        store: Arc::clone(&context.invitations),
        listener: Arc::new(Invitations(Arc::clone(context))),
        metrics: start.metrics.clone(),
        gate,
    }
}

fn watch_providers(
    context: &Arc<Context>,
    start: &Start,
    scope: &str,
    gate: CountedGate,
) -> Watch<InvitationProvider> {
    Watch {
        client: start.client.clone(),
        scope: scope.to_owned(),
        store: Arc::clone(&context.providers),
        listener: Arc::new(Providers(Arc::clone(context))),
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

impl Listener<InvitationProvider> for Providers {
    fn changed(&self, object: &InvitationProvider) {
        let key = Key::of(object);
        self.0.requests.now(Work::Provider(key.clone()));
        self.0.wake_invitations_of(&key);
    }

    fn gone(&self, object: &InvitationProvider) {
        self.0.requests.now(Work::Provider(Key::of(object)));
    }
}
