//! The life of the process: probes, leader election, the leader's work, and an orderly end.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use kube::Client;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::{JoinError, JoinHandle};
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::health::{HealthError, HealthServer, Readiness};
use crate::kubernetes::{Clients, KubernetesError};
use crate::leader::{Candidacy, Candidate, LeaderError, Leadership, Notice, ProcessId, Term};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::start::{self, Context, StartError};

/// How soon a token is read again that the API server does not accept.
const TOKEN_PAUSE: Duration = Duration::from_secs(5);
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
    /// Leadership is lost, and something of it goes on.
    #[error("the work did not end within {grace:?} after the loss")]
    Lingering {
        /// The time it had.
        grace: Duration,
        /// How leadership was lost.
        source: LeaderError,
    },
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
    tracing::info!(version = env!("CARGO_PKG_VERSION"), health = %server.address(), "starting");
    let health_stop = CancellationToken::new();
    let health = tokio::spawn(serve_health(server, health_stop.clone(), stop.clone()));

    let result = serve(Arc::new(settings), metrics, readiness, &stop).await;

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
    metrics: Metrics,
    readiness: Readiness,
    stop: &CancellationToken,
) -> Result<(), RunError> {
    let context = |client: Client, leadership: Leadership| Context {
        settings: Arc::clone(&settings),
        client,
        leadership,
        metrics: metrics.clone(),
        readiness: readiness.clone(),
        stop: stop.child_token(),
    };
    if !settings.lease.election {
        tracing::warn!("leader election is off: a second replica would do everything twice");
        metrics.leading(true);
        let clients = Clients::connect(&settings).await?;
        let context = context(clients.main, Leadership::with_check(ProcessId::random(), || true));
        let stop = context.stop.clone();
        return finish(&mut tokio::spawn(start::run_leader(context)), &stop, settings.shutdown_grace()).await;
    }
    loop {
        // Whoever lost the lease begins anew, as another process would: with a name of its own, so that what was begun
        // before counts as somebody else's, and with the token as it is now, since the old one may have ended.
        let process = ProcessId::random();
        let clients = Clients::connect(&settings).await?;
        readiness.forget_gates();
        let candidate = candidate(&settings, &clients, process.clone(), &metrics, &readiness);
        tracing::info!(%process, "standing by");
        let term = match candidate.lead(stop).await {
            Candidacy::Leads(term) => *term,
            Candidacy::Stopped => return Ok(()),
            Candidacy::TokenRefused => {
                stop.run_until_cancelled(sleep(TOKEN_PAUSE)).await;
                continue;
            }
        };
        let context = context(clients.main, term.leadership());
        match work_under(term, context).await? {
            Ending::Asked => return Ok(()),
            Ending::Lost(error) => tracing::warn!(%error, "this process leads no longer"),
        }
    }
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
            Notice::Unanswered => answered.waits_because(
                "the API server does not answer, or takes neither token nor request: the log has the words",
            ),
            Notice::Leading => metrics.leading(true),
            Notice::Over => metrics.leading(false),
        })
}

/// How a term ends well.
#[derive(Debug)]
enum Ending {
    /// As somebody asked, with the lease given back.
    Asked,
    /// The lease is lost, and all work has ended.
    Lost(LeaderError),
}

/// Works as the leader; gives the lease back when all work has ended in time.
async fn work_under(term: Term, context: Context) -> Result<Ending, RunError> {
    let stop = context.stop.clone();
    let grace = context.settings.shutdown_grace();
    // The lease is given back within the grace period, too.
    let grace_when_asked = grace.saturating_sub(context.settings.lease.try_timeout());
    let done = CancellationToken::new();
    let mut keeper = tokio::spawn(term.keep(done.clone()));
    let mut work = tokio::spawn(start::run_leader(context));
    tokio::select! {
        kept = &mut keeper => {
            // Only a loss ends it here, since nothing has cancelled `done` yet. What still runs can write nothing more.
            stop.cancel();
            match (kept.map_err(RunError::Broken)?, timeout(grace, work).await) {
                (Ok(()), _) => Ok(Ending::Asked),
                (Err(source), Err(_)) => Err(RunError::Lingering { grace, source }),
                (Err(error), Ok(ended)) => {
                    ended.map_err(RunError::Broken)??;
                    Ok(Ending::Lost(error))
                }
            }
        }
        result = finish(&mut work, &stop, grace_when_asked) => {
            if matches!(result, Err(RunError::Unstoppable { .. })) {
                // Something may still write: the lease must run out by itself.
                return result.map(|()| Ending::Asked);
            }
            done.cancel();
            if let Err(error) = keeper.await.map_err(RunError::Broken)? {
                tracing::warn!(%error, "there is no lease to give back");
            }
            result.map(|()| Ending::Asked)
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
