//! The life of the process: probes, leader election, the leader's work, and an orderly end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::health::{HealthError, HealthServer, Readiness};
use crate::kubernetes::{Clients, KubernetesError};
use crate::leader::{Candidate, LeaderError, Leadership, Notice, ProcessId, Term};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::start::{self, Context, StartError};

/// How long work may linger after leadership is lost: others may lead soon.
const GRACE_AFTER_LOSS: Duration = Duration::from_secs(1);
/// How long probes and metrics may linger at the end.
const GRACE_FOR_HEALTH: Duration = Duration::from_millis(200);

/// Why the process ends before it was asked to.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// Signals cannot be received.
    #[error("signals cannot be received")]
    Signals(#[source] io::Error),
    /// Probes and metrics cannot be served.
    #[error(transparent)]
    Health(#[from] HealthError),
    /// The Kubernetes API cannot be used.
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    /// Leadership is lost.
    #[error(transparent)]
    Leader(#[from] LeaderError),
    /// The leader's work failed.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The leader's work ended although nobody asked for it.
    #[error("the leader's work ended by itself")]
    EndedEarly,
    /// A part of the process panicked.
    #[error("a part of the process broke")]
    Broken(#[source] JoinError),
    /// The leader's work did not end in time; the lease was not given back.
    #[error("the work did not end within {grace:?}")]
    Unstoppable {
        /// The time it had.
        grace: Duration,
    },
}

/// Runs the operator until a signal asks it to stop, or until it cannot go on.
pub async fn run(settings: Settings) -> Result<(), RunError> {
    let stop = CancellationToken::new();
    stop_on_signals(&stop)?;

    let metrics = Metrics::new();
    let readiness = Readiness::new();
    let server = HealthServer::bind(settings.health_address, readiness.clone(), metrics.clone()).await?;
    let process = ProcessId::random();
    tracing::info!(version = env!("CARGO_PKG_VERSION"), %process, health = %server.address(), "starting");
    let health_stop = CancellationToken::new();
    let health = tokio::spawn(serve_health(server, health_stop.clone(), stop.clone()));

    let result = serve(Arc::new(settings), process, metrics, readiness, &stop).await;

    health_stop.cancel();
    if let Ok(ended) = timeout(GRACE_FOR_HEALTH, health).await {
        result.and(ended.map_err(RunError::Broken)?.map_err(RunError::Health))
    } else {
        tracing::debug!("a client of the probes still reads; not waited for");
        result
    }
}

/// Serves probes and metrics; without them the process is of no use, and stops.
async fn serve_health(
    server: HealthServer,
    health_stop: CancellationToken,
    stop: CancellationToken,
) -> Result<(), HealthError> {
    let ended = server.serve(health_stop).await;
    stop.cancel();
    ended
}

async fn serve(
    settings: Arc<Settings>,
    process: ProcessId,
    metrics: Metrics,
    readiness: Readiness,
    stop: &CancellationToken,
) -> Result<(), RunError> {
    let clients = Clients::connect(&settings).await?;
    let context = |leadership: Leadership| Context {
        settings: Arc::clone(&settings),
        client: clients.main.clone(),
        leadership,
        metrics: metrics.clone(),
        readiness: readiness.clone(),
        stop: stop.clone(),
    };
    if !settings.lease.election {
        tracing::warn!("leader election is off: a second replica would do everything twice");
        metrics.leading(true);
        let mut work = tokio::spawn(start::run_leader(context(Leadership::with_check(process, || true))));
        return finish(&mut work, stop, settings.shutdown_grace()).await;
    }

    let candidate = candidate(&settings, &clients, process, &metrics, &readiness);
    tracing::info!("standing by");
    let Some(term) = candidate.lead(stop).await else { return Ok(()) };
    let context = context(term.leadership());
    work_under(term, context).await
}

fn candidate(
    settings: &Settings,
    clients: &Clients,
    process: ProcessId,
    metrics: &Metrics,
    readiness: &Readiness,
) -> Candidate {
    let pod = std::env::var("POD_NAME").or_else(|_| std::env::var("HOSTNAME")).unwrap_or_default();
    let pod = if pod.is_empty() { env!("CARGO_PKG_NAME") } else { &pod };
    let metrics = metrics.clone();
    let answered = readiness.gate("lease");
    Candidate::new(clients.lease.clone(), &settings.operator_namespace(), &settings.lease, pod, process)
        .notify(move |notice| match notice {
            Notice::Answered => answered.open(),
            Notice::Forbidden => answered.waits_because("no right to it: get, create and update leases"),
            Notice::Leading => metrics.leading(true),
            Notice::Over => metrics.leading(false),
        })
}

/// Works as the leader; gives the lease back when all work has ended in time.
async fn work_under(term: Term, context: Context) -> Result<(), RunError> {
    let stop = context.stop.clone();
    // The lease is given back within the grace period, too.
    let grace = context.settings.shutdown_grace().saturating_sub(context.settings.lease.try_timeout());
    let done = CancellationToken::new();
    let mut keeper = tokio::spawn(term.keep(done.clone()));
    let mut work = tokio::spawn(start::run_leader(context));
    tokio::select! {
        kept = &mut keeper => {
            // Only a loss ends it here, since nothing has cancelled `done` yet.
            stop.cancel();
            if timeout(GRACE_AFTER_LOSS, work).await.is_err() {
                tracing::warn!("work did not end at once after the loss; the process exits all the same");
            }
            kept.map_err(RunError::Broken)?.map_err(RunError::Leader)
        }
        result = finish(&mut work, &stop, grace) => {
            if matches!(result, Err(RunError::Unstoppable { .. })) {
                // Something may still write: the lease must run out by itself.
                return result;
            }
            done.cancel();
            result.and(keeper.await.map_err(RunError::Broken)?.map_err(RunError::Leader))
        }
    }
}

/// Waits for the work to end: by itself, which is an error, or within the grace period after a stop.
async fn finish(
    work: &mut JoinHandle<Result<(), StartError>>,
    stop: &CancellationToken,
    grace: Duration,
) -> Result<(), RunError> {
    let asked = tokio::select! {
        ended = &mut *work => Some(ended),
        () = stop.cancelled() => None,
    };
    let ended = match asked {
        Some(ended) => ended,
        None => timeout(grace, work).await.map_err(|_| RunError::Unstoppable { grace })?,
    };
    let was_asked = stop.is_cancelled();
    stop.cancel();
    ended.map_err(RunError::Broken)??;
    if was_asked { Ok(()) } else { Err(RunError::EndedEarly) }
}

fn stop_on_signals(stop: &CancellationToken) -> Result<(), RunError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(RunError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(RunError::Signals)?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("asked to stop");
        stop.cancel();
    });
    Ok(())
}

#[cfg(test)]
mod tests;
