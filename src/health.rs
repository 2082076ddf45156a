//! Probes and metrics over HTTP.

mod readiness;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::metrics::Metrics;
pub use readiness::{Gate, Readiness};

/// The media type of the metrics.
const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Why probes and metrics cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum HealthError {
    /// The address is taken, or not ours.
    #[error("cannot listen on {address} for probes and metrics")]
    Bind {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// The server ended.
    #[error("the server of probes and metrics failed")]
    Serve(#[source] std::io::Error),
}

/// Serves `/livez`, `/readyz` and `/metrics`.
#[derive(Debug)]
pub struct HealthServer {
    listener: TcpListener,
    address: SocketAddr,
    state: HealthState,
}

#[derive(Debug, Clone)]
struct HealthState {
    readiness: Readiness,
    metrics: Metrics,
}

impl HealthServer {
    /// Takes the address; nothing is answered before [`HealthServer::serve`].
    pub async fn bind(
        address: SocketAddr,
        readiness: Readiness,
        metrics: Metrics,
    ) -> Result<Self, HealthError> {
        let bind = |source| HealthError::Bind { address, source };
        let listener = TcpListener::bind(address).await.map_err(bind)?;
        let address = listener.local_addr().map_err(bind)?;
        Ok(Self { listener, address, state: HealthState { readiness, metrics } })
    }

    /// The address, with the port that was given when 0 was asked for.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the token is cancelled; answers that have begun are finished.
    pub async fn serve(self, stop: CancellationToken) -> Result<(), HealthError> {
        let router = Router::new()
            .route("/livez", get(|| async { "ok\n" }))
            .route("/readyz", get(ready))
            .route("/metrics", get(metrics))
            .with_state(self.state);
        axum::serve(self.listener, router)
            .with_graceful_shutdown(stop.cancelled_owned())
            .await
            .map_err(HealthError::Serve)
    }
}

async fn ready(State(state): State<HealthState>) -> (StatusCode, String) {
    let waiting = state.readiness.waiting();
    if waiting.is_empty() {
        (StatusCode::OK, "ok\n".to_owned())
    } else {
        (StatusCode::SERVICE_UNAVAILABLE, format!("waiting for: {}\n", waiting.join(", ")))
    }
}

async fn metrics(State(state): State<HealthState>) -> Response {
    match state.metrics.encode() {
        Ok(text) => ([(header::CONTENT_TYPE, OPEN_METRICS)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "metrics cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
