//! Every write checks leadership first, carries the version it was decided on, and its answer replaces the store's
//! copy.

use std::sync::Mutex;

use axum::http::{Request, Response};
use kube::client::Body;
use rstest::rstest;
use tower::service_fn;

use super::*;
use crate::api::{Reason, UserInvitation, UserInvitationSpec, UserInvitationStatus};
use crate::leader::ProcessId;

fn invitation(version: u64) -> UserInvitation {
    let mut object = UserInvitation::new("ada", UserInvitationSpec::default());
    object.metadata.namespace = Some("team".to_owned());
    object.metadata.uid = Some("uid".to_owned());
    object.metadata.resource_version = Some(version.to_string());
    object
}

struct Rig {
    writer: Writer,
    store: Store<UserInvitation>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

/// A writer whose API server answers every write with version 9, or with `status`.
fn rig(leads: bool, status: u16) -> Rig {
    let requests: Arc<Mutex<Vec<(String, Value)>>> = Arc::default();
    let seen = Arc::clone(&requests);
    let service = service_fn(move |request: Request<Body>| {
        let seen = Arc::clone(&seen);
        async move {
            let (parts, body) = request.into_parts();
            let body = body.collect_bytes().await.unwrap_or_default();
            let value = serde_json::from_slice(&body).unwrap_or(Value::Null);
            seen.lock().unwrap().push((format!("{} {}", parts.method, parts.uri.path()), value));
            let answer = if status == 200 {
                serde_json::to_vec(&invitation(9)).unwrap()
            } else {
                let failure = json!({ "kind": "Status", "apiVersion": "v1", "status": "Failure", "message": "no",
                    "reason": if status == 409 { "Conflict" } else { "NotFound" }, "code": status });
                serde_json::to_vec(&failure).unwrap()
            };
            Ok::<_, std::convert::Infallible>(
                Response::builder().status(status).body(Body::from(answer)).unwrap(),
            )
        }
    });
    let client = Client::new(service, "team");
    let leadership = Leadership::with_check(ProcessId::random(), move || leads);
    let store = Store::new(|_| Vec::new());
    store.shown(invitation(5));
    Rig { writer: Writer::new(client, leadership, Metrics::default()), store, requests }
}

impl Rig {
    async fn metadata(&self) -> Result<Arc<UserInvitation>, WriteError> {
        self.writer.metadata(&self.store, &invitation(5), &[("note", "x")], vec!["f".to_owned()]).await
    }

    async fn status(&self) -> Result<Arc<UserInvitation>, WriteError> {
        self.writer.status(&self.store, &invitation(5), &UserInvitationStatus::unreconciled()).await
    }

    fn requests(&self) -> Vec<(String, Value)> {
        self.requests.lock().unwrap().clone()
    }
}

#[tokio::test]
async fn nothing_is_written_without_leadership() {
    let rig = rig(false, 200);
    assert!(matches!(rig.metadata().await, Err(WriteError::NotLeading)));
    assert!(matches!(rig.status().await, Err(WriteError::NotLeading)));
    rig.writer.event(&invitation(5), &Event::warning(Reason::Abandoned, "text")).await;
    assert!(rig.requests().is_empty());
}

#[tokio::test]
async fn every_write_carries_its_version() {
    let rig = rig(true, 200);
    rig.metadata().await.unwrap();
    rig.status().await.unwrap();
    let requests = rig.requests();
    let path = "PATCH /apis/userinvitation.dev/v1alpha1/namespaces/team/userinvitations/ada";
    assert_eq!(requests[0].0, path);
    assert_eq!(requests[0].1["metadata"]["resourceVersion"], "5");
    assert_eq!(requests[0].1["metadata"]["finalizers"], json!(["f"]));
    assert_eq!(requests[1].0, format!("{path}/status"));
    let version = json!({ "op": "replace", "path": "/metadata/resourceVersion", "value": "5" });
    assert_eq!(requests[1].1[0], version);
}

#[tokio::test]
async fn an_answer_replaces_the_store_s_copy() {
    let rig = rig(true, 200);
    rig.metadata().await.unwrap();
    let stored = rig.store.get(&Key::of(&invitation(5))).unwrap();
    assert_eq!(stored.object.resource_version().as_deref(), Some("9"));
}

#[rstest]
#[case::conflict(409, "Conflict")]
#[case::gone(404, "Gone")]
#[tokio::test]
async fn refused_writes_are_told_apart(#[case] status: u16, #[case] wanted: &str) {
    let rig = rig(true, status);
    let error = rig.metadata().await.unwrap_err();
    assert_eq!(format!("{error:?}"), wanted);
    let stored = rig.store.get(&Key::of(&invitation(5))).unwrap();
    assert_eq!(stored.object.resource_version().as_deref(), Some("5"));
}
