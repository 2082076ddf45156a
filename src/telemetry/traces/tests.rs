use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use serde_json::Value;
use tracing::info_span;
use tracing_subscriber::layer::SubscriberExt;

use super::super::cause::Cause;
use super::*;

type Received = Arc<Mutex<Vec<Value>>>;

async fn collector() -> (String, Received) {
    let received = Received::default();
    let keep = |State(received): State<Received>, body: axum::Json<Value>| async move {
        received.lock().unwrap().push(body.0);
    };
    let router = Router::new().route("/v1/traces", post(keep)).with_state(Arc::clone(&received));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/v1/traces", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (url, received)
}

/// Every span that was received.
fn spans(received: &Received) -> Vec<Value> {
    let exports = received.lock().unwrap().clone();
    let of = |value: &Value, field: &str| value[field].as_array().cloned().unwrap_or_default();
    exports
        .iter()
        .flat_map(|export| of(export, "resourceSpans"))
        .flat_map(|resource| of(&resource, "scopeSpans"))
        .flat_map(|scope| of(&scope, "spans"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_tree_goes_from_the_reconcile_over_the_batch_to_the_attempt() {
    let (url, received) = collector().await;
    let traces = to_collector(Some(&url)).unwrap();
    let subscriber = tracing_subscriber::registry().with(traces.layer());
    tracing::subscriber::with_default(subscriber, || {
        let causes: Vec<Cause> = ["a/ada", "a/bob"]
            .iter()
            .map(|object| info_span!(target: SPANS, "reconcile", object).in_scope(Cause::here))
            .collect();
        let batch = info_span!(target: SPANS, parent: None, "batch", people = 2);
        Cause::lead_to(&causes, &batch);
        batch.in_scope(|| {
            info_span!(target: SPANS, "vendor_call", operation = "invite").in_scope(|| {
                tracing::info!("an event, which is for the log");
                info_span!(target: "another", "other").in_scope(|| ());
            });
        });
    });
    tokio::task::spawn_blocking(move || traces.end()).await.unwrap();

    let spans = spans(&received);
    let named = |name: &str| -> Vec<&Value> { spans.iter().filter(|span| span["name"] == name).collect() };
    assert_eq!(spans.len(), 4, "{spans:#?}");
    let (reconciles, batch, call) = (named("reconcile"), named("batch")[0], named("vendor_call")[0]);
    assert_eq!(batch["parentSpanId"], reconciles[0]["spanId"]);
    assert_eq!(batch["links"][0]["spanId"], reconciles[1]["spanId"]);
    assert_eq!(call["parentSpanId"], batch["spanId"]);
    for span in [batch, call] {
        assert_eq!(span["traceId"], reconciles[0]["traceId"]);
    }
    assert!(spans.iter().all(|span| span["events"].as_array().is_none_or(Vec::is_empty)), "{spans:#?}");
    let exports = received.lock().unwrap();
    let resource = exports[0]["resourceSpans"][0]["resource"].to_string();
    assert!(resource.contains("user-invitation-operator"), "{resource}");
}
