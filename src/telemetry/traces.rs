//! Traces for a collector: one tree for each call that writes, from the reconcile that asked for it over the batch to the
//! HTTP attempt. Built with the feature `otlp`, and switched on by the usual environment variables.
//!
//! Only our own spans are exported. Their fields name objects, tenants and outcomes, and never a person.

use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::Layer;
use tracing_subscriber::registry::LookupSpan;

use super::TracesError;
use super::cause::SPANS;

/// Any of these switches traces on.
const ENDPOINTS: [&str; 2] = ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT"];
/// How long one export may take.
const EXPORT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long the end waits for what is left.
const LAST_EXPORT: Duration = Duration::from_secs(2);

/// What sends spans to the collector until it is ended.
#[derive(Debug)]
pub struct Traces(SdkTracerProvider);

impl Traces {
    /// Sends what is left. To be called outside of the runtime, while that still runs.
    pub fn end(&self) {
        if let Err(error) = self.0.shutdown_with_timeout(LAST_EXPORT) {
            tracing::warn!(%error, "the last spans did not reach the collector");
        }
    }

    /// The layer that takes in spans.
    pub(super) fn layer<S>(&self) -> impl Layer<S> + Send + Sync + use<S>
    where
        S: Subscriber + for<'a> LookupSpan<'a> + Send + Sync,
    {
        let tracer = self.0.tracer(env!("CARGO_PKG_NAME"));
        let ours = filter_fn(|metadata| metadata.is_span() && metadata.target() == SPANS);
        tracing_opentelemetry::layer().with_tracer(tracer).with_location(false).with_filter(ours)
    }
}

/// Traces, if the environment names a collector. To be called within the runtime.
pub fn from_environment() -> Result<Option<Traces>, TracesError> {
    let is_named = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if ENDPOINTS.iter().any(is_named) { to_collector(None).map(Some) } else { Ok(None) }
}

/// Traces for a collector: this one, or that of the environment.
fn to_collector(endpoint: Option<&str>) -> Result<Traces, TracesError> {
    let client = reqwest::Client::builder()
        .timeout(EXPORT_TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(TracesError::Client)?;
    let runtime = Handle::try_current().map_err(|_| TracesError::NoRuntime)?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Collector { client, runtime })
        .with_protocol(Protocol::HttpJson);
    let exporter = match endpoint {
        Some(endpoint) => exporter.with_endpoint(endpoint),
        None => exporter,
    };
    let resource = Resource::builder();
    // The environment's name goes first.
    let resource = match std::env::var_os("OTEL_SERVICE_NAME") {
        Some(_) => resource,
        None => resource.with_service_name(env!("CARGO_PKG_NAME")),
    };
    let exporter = exporter.build().map_err(|error| TracesError::Exporter(Box::new(error)))?;
    let provider =
        SdkTracerProvider::builder().with_resource(resource.build()).with_batch_exporter(exporter).build();
    Ok(Traces(provider))
}

/// Calls the collector from whatever thread exports, on the runtime of everything else.
#[derive(Debug)]
struct Collector {
    client: reqwest::Client,
    runtime: Handle,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let client = self.client.clone();
        let call = async move {
            let answer = client.execute(request.try_into()?).await?;
            let (status, body) = (answer.status(), answer.bytes().await?);
            Ok::<_, HttpError>(Response::builder().status(status).body(body)?)
        };
        self.runtime.spawn(call).await?
    }
}

#[cfg(test)]
mod tests;
