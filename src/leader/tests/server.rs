//! An API server that knows one lease, and connections to it that can fail.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::{Method, Request, Response, StatusCode};
use kube::Client;
use kube::client::Body;
use serde_json::{Value, json};
use tokio::time::sleep;
use tower::service_fn;

/// What happens to requests on a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    None,
    /// Answered with 500, without effect.
    Refuse,
    /// Answered with 401: the token has ended.
    Unauthorized,
    /// Answered with 403: a right is missing.
    Forbidden,
    /// Never answered, without effect.
    Hang,
    /// Takes effect, but the answer is lost.
    LoseAnswer,
    /// Answered late.
    Slow(Duration),
}

/// The server's only object.
#[derive(Debug, Clone, Default)]
pub(super) struct Server(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    version: u64,
    lease: Option<Value>,
    writes: usize,
}

/// A client and the switch for its faults.
#[derive(Clone)]
pub(super) struct Connection {
    pub(super) client: Client,
    fault: Arc<Mutex<Fault>>,
}

impl Connection {
    pub(super) fn fail(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }
}

impl Server {
    pub(super) fn connect(&self) -> Connection {
        let fault = Arc::new(Mutex::new(Fault::None));
        let (server, switch) = (self.clone(), Arc::clone(&fault));
        let service = service_fn(move |request: Request<Body>| {
            let (server, fault) = (server.clone(), *switch.lock().unwrap());
            async move {
                match fault {
                    Fault::Refuse => return Ok(status(StatusCode::INTERNAL_SERVER_ERROR)),
                    Fault::Unauthorized => return Ok(status(StatusCode::UNAUTHORIZED)),
                    Fault::Forbidden => return Ok(status(StatusCode::FORBIDDEN)),
                    Fault::Hang => std::future::pending().await,
                    Fault::None | Fault::LoseAnswer | Fault::Slow(_) => {}
                }
                let method = request.method().clone();
                let body = request.into_body().collect_bytes().await?;
                let answer = server.answer(&method, serde_json::from_slice(&body).ok());
                match fault {
                    Fault::LoseAnswer => std::future::pending().await,
                    Fault::Slow(delay) => sleep(delay).await,
                    _ => {}
                }
                Ok::<_, kube::Error>(answer)
            }
        });
        Connection { client: Client::new(service, "operator"), fault }
    }

    fn answer(&self, method: &Method, body: Option<Value>) -> Response<Body> {
        let mut state = self.0.lock().unwrap();
        let stored = state.lease.as_ref().map(|lease| lease["metadata"]["resourceVersion"].clone());
        match (method, stored, body) {
            (&Method::GET, Some(_), _) => answer(StatusCode::OK, state.lease.as_ref().unwrap()),
            (&Method::GET, None, _) => status(StatusCode::NOT_FOUND),
            (&Method::POST, None, Some(lease)) => {
                assert!(lease["metadata"]["resourceVersion"].is_null(), "no version in a new object");
                state.store(lease)
            }
            (&Method::PUT, Some(version), Some(lease)) if lease["metadata"]["resourceVersion"] == version => {
                state.store(lease)
            }
            (&Method::PUT, _, Some(lease)) => {
                assert!(lease["metadata"]["resourceVersion"].is_string(), "every replacement has a version");
                status(StatusCode::CONFLICT)
            }
            (&Method::POST, Some(_), _) => status(StatusCode::CONFLICT),
            other => panic!("unexpected request {other:?}"),
        }
    }

    /// Somebody else writes the lease.
    pub(super) fn put(&self, spec: &Value) {
        self.0.lock().unwrap().store(json!({"metadata": {"name": "lease"}, "spec": spec}));
    }

    pub(super) fn delete(&self) {
        self.0.lock().unwrap().lease = None;
    }

    pub(super) fn holder(&self) -> Option<String> {
        let state = self.0.lock().unwrap();
        state.lease.as_ref()?["spec"]["holderIdentity"].as_str().map(str::to_owned)
    }

    pub(super) fn spec(&self) -> Value {
        self.0.lock().unwrap().lease.as_ref().map(|lease| lease["spec"].clone()).unwrap_or_default()
    }

    pub(super) fn writes(&self) -> usize {
        self.0.lock().unwrap().writes
    }
}

impl State {
    fn store(&mut self, mut lease: Value) -> Response<Body> {
        self.version += 1;
        self.writes += 1;
        lease["metadata"]["resourceVersion"] = json!(self.version.to_string());
        self.lease = Some(lease.clone());
        answer(StatusCode::OK, &lease)
    }
}

fn answer(code: StatusCode, body: &Value) -> Response<Body> {
    Response::builder().status(code).body(Body::from(serde_json::to_vec(body).unwrap())).unwrap()
}

fn status(code: StatusCode) -> Response<Body> {
    let reason = match code {
        StatusCode::NOT_FOUND => "NotFound",
        StatusCode::CONFLICT => "Conflict",
        StatusCode::UNAUTHORIZED => "Unauthorized",
        StatusCode::FORBIDDEN => "Forbidden",
        _ => "InternalError",
    };
    answer(
        code,
        &json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": reason, "code": code.as_u16()}),
    )
}
