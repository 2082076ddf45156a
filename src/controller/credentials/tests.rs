//! Which Secrets are asked for, where, and how much of them.

use std::sync::Mutex;

use axum::http::header::ACCEPT;
use axum::http::{Request, Response};
use kube::client::Body;
use rstest::rstest;
use serde_json::{Value, json};
use tower::service_fn;

use super::*;
use crate::vendor::{FinishedCall, Vendor};

#[derive(Debug)]
struct Nobody;

impl CallObserver for Nobody {
    fn call_finished(&self, _: FinishedCall) {}

    fn waited_for_budget(&self, _: Vendor, _: std::time::Duration) {}
}

/// Opens a provider against an API server whose every Secret has these labels. Answers why that failed, and each
/// request as `metadata of PATH` or `PATH`.
async fn opened(provider: &AnyProvider, labels: Value) -> (Reason, Vec<String>) {
    let requests: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&requests);
    let service = service_fn(move |request: Request<Body>| {
        let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let part = if accept.contains("PartialObjectMetadata") { "metadata of " } else { "" };
        seen.lock().unwrap().push(format!("{part}{}", request.uri().path()));
        let kind = if part.is_empty() { "Secret" } else { "PartialObjectMetadata" };
        let secret = json!({
            "apiVersion": "v1", "kind": kind,
            "metadata": {"name": "s", "uid": "u", "resourceVersion": "1", "labels": labels},
        });
        let answer = Response::builder().body(Body::from(serde_json::to_vec(&secret).unwrap())).unwrap();
        async move { Ok::<_, std::convert::Infallible>(answer) }
    });
    let client = Client::new(service, "default");
    let around = Surroundings {
        client: &client,
        namespace: "operators",
        transport: TransportSettings::default(),
        observer: Arc::new(Nobody),
        limiter: &|_| Arc::new(Limiter::new(std::num::NonZeroU32::MIN)),
    };
    let error = open(provider, None, &around).await.err().unwrap();
    let requests = requests.lock().unwrap().clone();
    (error.reason(), requests)
}

fn provider(namespace: Option<&str>) -> AnyProvider {
    let mut provider = AnyProvider::default();
    provider.metadata.namespace = namespace.map(ToOwned::to_owned);
    provider.spec.credentials.secret_ref.name = "s".to_owned();
    provider
}

#[rstest]
#[case::of_a_namespace(Some("team"), "/api/v1/namespaces/team/secrets/s")]
#[case::of_the_cluster(None, "/api/v1/namespaces/operators/secrets/s")]
#[tokio::test]
async fn values_are_asked_for_only_after_the_label_was_seen(
    #[case] namespace: Option<&str>,
    #[case] path: &str,
) {
    let provider = provider(namespace);
    for labels in [json!({}), json!({CREDENTIALS_LABEL: "yes"})] {
        let (reason, requests) = opened(&provider, labels).await;
        assert_eq!(reason, Reason::SecretNotLabelled);
        assert_eq!(requests, [format!("metadata of {path}")]);
    }
    let (reason, requests) = opened(&provider, json!({CREDENTIALS_LABEL: "true"})).await;
    assert_eq!(reason, Reason::InvalidSpec, "it has no vendor block");
    assert_eq!(requests, [format!("metadata of {path}"), path.to_owned()]);
}

#[tokio::test]
async fn an_authority_in_a_secret_needs_the_label_too() {
    let mut provider = provider(None);
    let reference = CaBundleRef { name: "s".to_owned(), key: "ca.crt".to_owned() };
    provider.spec.tls =
        Some(crate::api::Tls { ca_bundle_secret_ref: Some(reference), ca_bundle_config_map_ref: None });
    let (_, requests) = opened(&provider, json!({})).await;
    assert!(requests.iter().all(|request| request.starts_with("metadata of ")), "{requests:?}");
}

#[test]
fn a_credential_that_works_is_not_given_up_for_a_moment_of_the_api_server() {
    let forbidden = CredentialsError::SecretForbidden("s".to_owned());
    assert!(forbidden.leaves_in_use(0) && forbidden.leaves_in_use(REFUSALS - 1));
    assert!(!forbidden.leaves_in_use(REFUSALS), "it stays so");
    let silent = kube::Error::LinesCodecMaxLineLengthExceeded;
    assert!(CredentialsError::Kube(Box::new(silent)).leaves_in_use(u32::MAX));
    assert!(!CredentialsError::NotLabelled("s".to_owned()).leaves_in_use(0), "somebody said so");
}
