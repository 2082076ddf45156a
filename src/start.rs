//! What the leader starts.

use std::sync::Arc;

use kube::Client;
use tokio_util::sync::CancellationToken;

use crate::controller;
use crate::health::Readiness;
use crate::leader::Leadership;
use crate::metrics::Metrics;
use crate::settings::Settings;

/// Everything a leader works with.
#[derive(Clone)]
pub struct Context {
    /// What was set from outside.
    pub settings: Arc<Settings>,
    /// The Kubernetes API.
    pub client: Client,
    /// The right to act.
    pub leadership: Leadership,
    /// What is counted.
    pub metrics: Metrics,
    /// What readiness waits for; the leader's gates are made first of all.
    pub readiness: Readiness,
    /// Cancelled when all work has to end.
    pub stop: CancellationToken,
}

/// Why the leader's work ended.
#[derive(Debug, thiserror::Error)]
pub enum StartError {}

/// Does the leader's work until `stop` is cancelled.
pub async fn run_leader(context: Context) -> Result<(), StartError> {
    controller::run(controller::Start {
        settings: context.settings,
        client: context.client,
        leadership: context.leadership,
        metrics: context.metrics,
        readiness: context.readiness,
        stop: context.stop,
    })
    .await;
    Ok(())
}
