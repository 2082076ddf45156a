//! Starts the watches and the queue, and stops them in order.

use std::sync::Arc;
use std::time::{Duration, Instant};

use kube::Client;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, info, info_span};

use super::brake::removal_entry;
use super::context::{
    Context, Parts, Work, by_cluster_user, by_login, by_person, by_provider, login, provider_key,
};
use super::listed::Listed;
use super::observe::MeteredCalls;
use super::queue::{self, Done, Requests};
use super::store::Store;
use super::writer::{Writer, Written};
use super::{granted, invitation, provider, watches};
use crate::api::{AnyProvider, ProviderKind, UserInvitation};
use crate::health::Readiness;
use crate::leader::Leadership;
use crate::metrics::labels::ReconcileResult;
use crate::metrics::{Metrics, Source};
use crate::settings::Settings;
use crate::telemetry::SPANS;
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
        providers: Arc::new(Store::new(|_| Vec::new())),
        tenants: Tenants::new(start.stop.clone(), start.stop.clone()),
        requests: requests.clone(),
        observer: Arc::new(MeteredCalls(start.metrics.clone())),
    }));
    let listed = Arc::new(Listed::default());
    let rights = start.readiness.gate("rights");
    let watches = watches::start(&context, &start, &listed);

    // Deciding on half a picture could send twice: whose person it is depends on all objects.
    tokio::select! {
        () = start.stop.cancelled() => {}
        // Both, side by side: asking for the rights costs no time.
        _ = async { tokio::join!(listed.all(), granted::wait(&start.client, &start.settings, &rights)) } => {
            info!("stores are complete");
            let numbers: Arc<dyn Source> = context.clone();
            start.metrics.count_by(&numbers);
        }
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
        Work::Invitation(key) => UserInvitation::label(key),
        Work::Provider(key) => AnyProvider::label(key),
    };
    let object = match &work {
        Work::Invitation(key) | Work::Provider(key) => key,
    };
    let span = info_span!(target: SPANS, parent: None, "reconcile", kind = kind.as_str(), %object);
    let reconciled = async {
        match &work {
            Work::Invitation(key) => invitation::reconcile(context, key).await,
            Work::Provider(key) => provider::reconcile(context, key).await,
        }
    };
    let done = tokio::time::timeout(RECONCILE_TIMEOUT, reconciled.instrument(span)).await;
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
    let named = invitation.spec.user_name.as_ref().map(|_| by_login(&login(invitation)));
    let of_the_cluster = match invitation.spec.provider_ref.kind {
        ProviderKind::InvitationProvider => None,
        ProviderKind::ClusterInvitationProvider => {
            Some(by_cluster_user(invitation.metadata.namespace.as_deref().unwrap_or_default()))
        }
    };
    always.into_iter().chain(of_the_cluster).chain(named).chain(removal_entry(invitation)).collect()
}
