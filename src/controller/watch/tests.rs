use std::convert::Infallible;
use std::sync::Mutex;

use axum::http::{Request, Response, StatusCode};
use k8s_openapi::api::core::v1::Namespace;
use kube::Client;
use kube::client::Body;
use kube::core::Status;
use rstest::rstest;
use serde_json::json;
use tower::service_fn;

use super::super::listed::Listed;
use super::*;
use crate::health::Readiness;

fn start_failed(code: u16, reason: &str) -> watcher::Error {
    let status = Status { code, reason: reason.to_owned(), ..Status::default() };
    watcher::Error::WatchStartFailed(kube::Error::Api(Box::new(status)))
}

#[rstest]
#[case::definition(404, "", Some("the API server does not know this kind"))]
#[case::right(403, "Forbidden", Some("no right to list and watch UserInvitation"))]
#[case::token(401, "Unauthorized", Some("does not accept the service account's token"))]
#[case::history(410, "Expired", None)]
#[case::busy(429, "TooManyRequests", None)]
#[case::broken(500, "InternalError", None)]
fn only_what_somebody_has_to_mend_is_missing(
    #[case] code: u16,
    #[case] reason: &str,
    #[case] told: Option<&str>,
) {
    let missing = missing(Kind::UserInvitation, &start_failed(code, reason));
    assert_eq!(missing.is_some(), told.is_some(), "{missing:?}");
    assert!(told.is_none_or(|told| missing.is_some_and(|missing| missing.contains(told))));
}

struct Nobody;

impl<K> Listener<K> for Nobody {
    fn changed(&self, _: &K) {}

    fn gone(&self, _: &K) {}
}

/// An API server that lists, and watches if it is allowed; and what was asked for.
fn server(allowed: Arc<Mutex<bool>>) -> (Client, Arc<Mutex<Vec<&'static str>>>) {
    let asked: Arc<Mutex<Vec<&str>>> = Arc::default();
    let seen = Arc::clone(&asked);
    let service = service_fn(move |request: Request<Body>| {
        let watches = request.uri().query().is_some_and(|query| query.contains("watch=true"));
        seen.lock().unwrap().push(if watches { "watch" } else { "list" });
        let allowed = *allowed.lock().unwrap();
        async move {
            if watches && allowed {
                return std::future::pending().await;
            }
            let forbidden =
                json!({"kind": "Status", "status": "Failure", "reason": "Forbidden", "code": 403});
            let list = json!({"kind": "PartialObjectMetadataList", "apiVersion": "meta.k8s.io/v1",
                "metadata": {"resourceVersion": "1"}, "items": []});
            let (code, body) =
                if watches { (StatusCode::FORBIDDEN, forbidden) } else { (StatusCode::OK, list) };
            let body = Body::from(serde_json::to_vec(&body).unwrap());
            Ok::<_, Infallible>(Response::builder().status(code).body(body).unwrap())
        }
    });
    (Client::new(service, "operator"), asked)
}

#[tokio::test(start_paused = true)]
async fn who_may_list_and_not_watch_asks_rarely_and_is_not_ready() {
    let allowed = Arc::new(Mutex::new(false));
    let (client, asked) = server(Arc::clone(&allowed));
    let (readiness, listed) = (Readiness::new(), Arc::new(Listed::default()));
    let watch = Watch {
        kind: Kind::Namespace,
        scope: Scope::Cluster,
        store: Arc::new(Store::new(|_| Vec::new())),
        listener: Arc::new(Nobody),
        metrics: Metrics::new(),
        gate: Some(listed.gate(readiness.gate("namespaces"))),
    };
    let stop = CancellationToken::new();
    let api: Api<PartialObjectMeta<Namespace>> = Api::all(client);
    let running = tokio::spawn(watch.run_on_metadata(api, stop.clone()));
    tokio::time::sleep(Duration::from_secs(300)).await;
    let count = asked.lock().unwrap().len();
    assert!((10..40).contains(&count), "{count} requests in five minutes");
    assert!(readiness.waiting()[0].contains("no right to list and watch"), "{:?}", readiness.waiting());

    *allowed.lock().unwrap() = true;
    tokio::time::sleep(2 * LAST_PAUSE).await;
    assert!(readiness.waiting().is_empty(), "{:?}", readiness.waiting());
    assert_eq!(asked.lock().unwrap().last(), Some(&"watch"), "it watches");
    stop.cancel();
    tokio::time::timeout(LAST_PAUSE, running).await.expect("it stops").unwrap();
}
