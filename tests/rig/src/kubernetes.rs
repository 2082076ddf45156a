//! A thin client of the API server for the rig itself: paths and JSON, no types.

use std::panic::Location;
use std::time::{Duration, Instant};

use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Client, Method};
use serde_json::{Value, json};

/// How often [`KubernetesClient::wait_for`] looks.
const POLL: Duration = Duration::from_millis(50);

/// Longer than the API server itself allows for a request.
const TIMEOUT: Duration = Duration::from_secs(70);

/// Why a request did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The API server answered with an error.
    #[error("{code} {reason}: {message}")]
    Refused {
        /// HTTP code.
        code: u16,
        /// Kubernetes' reason, such as `NotFound` or `Forbidden`.
        reason: String,
        /// Message for people.
        message: String,
    },
    /// There was no answer, or not a whole one.
    #[error("no answer: {0:?}")]
    NoAnswer(#[from] reqwest::Error),
}

impl RequestError {
    /// The HTTP code of the answer; 0 when there was none.
    pub fn code(&self) -> u16 {
        match self {
            Self::Refused { code, .. } => *code,
            Self::NoAnswer(_) => 0,
        }
    }
}

/// A client with one user's token. Cheap to clone, safe to use from many tasks.
///
/// Its connections belong to the async runtime that used it first, so each `#[tokio::test]` needs its own.
#[derive(Debug, Clone)]
pub struct KubernetesClient {
    http: Client,
    url: String,
    token: String,
}

impl KubernetesClient {
    /// A client of the server at `url`, whose certificate is checked against `certificate_authority` (PEM).
    pub fn new(url: &str, certificate_authority: &str, token: &str) -> Self {
        let authority = Certificate::from_pem(certificate_authority.as_bytes()).expect("a PEM certificate");
        let http = Client::builder()
            .tls_certs_only([authority])
            .no_proxy()
            .timeout(TIMEOUT)
            .user_agent("test-rig")
            .build()
            .expect("an HTTP client");
        Self { http, url: url.to_owned(), token: token.to_owned() }
    }

    /// The same server, as another user.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        Self { token: token.to_owned(), ..self.clone() }
    }

    /// Reads one object, or any JSON.
    pub async fn get(&self, path: &str) -> Result<Value, RequestError> {
        self.request(Method::GET, path, None).await
    }

    /// Reads anything as it is sent.
    pub async fn text(&self, path: &str) -> Result<String, RequestError> {
        self.exchange(Method::GET, path, None).await
    }

    /// Reads all objects of a collection.
    pub async fn list(&self, path: &str) -> Result<Vec<Value>, RequestError> {
        match self.get(path).await?["items"].take() {
            Value::Array(items) => Ok(items),
            other => panic!("GET {path} is no list: {other}"),
        }
    }

    /// Creates an object in a collection, or in a subresource such as `token`.
    pub async fn create(&self, path: &str, object: &Value) -> Result<Value, RequestError> {
        self.request(Method::POST, path, Some(("application/json", object))).await
    }

    /// Replaces an object.
    pub async fn replace(&self, path: &str, object: &Value) -> Result<Value, RequestError> {
        self.request(Method::PUT, path, Some(("application/json", object))).await
    }

    /// Changes the given fields of an object, or of a subresource such as `status`.
    pub async fn merge_patch(&self, path: &str, change: &Value) -> Result<Value, RequestError> {
        self.request(Method::PATCH, path, Some(("application/merge-patch+json", change))).await
    }

    /// Creates the object or makes it like this (server-side apply, taking fields from other managers).
    pub async fn apply(&self, path: &str, object: &Value) -> Result<Value, RequestError> {
        let path = format!("{path}?fieldManager=test-rig&force=true");
        self.request(Method::PATCH, &path, Some(("application/apply-patch+yaml", object))).await
    }

    /// Deletes an object.
    pub async fn delete(&self, path: &str) -> Result<Value, RequestError> {
        self.request(Method::DELETE, path, None).await
    }

    /// Creates a namespace.
    pub async fn create_namespace(&self, name: &str) {
        self.create_labelled_namespace(name, &json!({})).await;
    }

    /// Creates a namespace that takes only pods which keep the strictest of the Pod Security Standards.
    pub async fn create_restricted_namespace(&self, name: &str) {
        let labels = ["enforce", "warn", "audit"]
            .map(|mode| (format!("pod-security.kubernetes.io/{mode}"), Value::from("restricted")));
        let labels = Value::Object(labels.into_iter().collect());
        self.create_labelled_namespace(name, &labels).await;
    }

    async fn create_labelled_namespace(&self, name: &str, labels: &Value) {
        let metadata = json!({"name": name, "labels": labels});
        let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata});
        self.create("/api/v1/namespaces", &namespace)
            .await
            .unwrap_or_else(|error| panic!("create namespace {name}: {error}"));
    }

    /// A token of a service account, good for a day, so that it does not end before its test.
    pub async fn service_account_token(&self, namespace: &str, name: &str) -> String {
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token");
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 86_400},
        });
        let answer = self
            .create(&path, &request)
            .await
            .unwrap_or_else(|error| panic!("token of {namespace}/{name}: {error}"));
        answer["status"]["token"].as_str().expect("a token").to_owned()
    }

    /// Waits until the object (or list) at `path` satisfies the predicate, and returns it.
    ///
    /// Errors of the server are waited out too: it may be restarting. After `timeout` it panics with `what`,
    /// the place of the call and what was last seen.
    #[track_caller]
    pub fn wait_for<'a>(
        &'a self,
        path: &'a str,
        timeout: Duration,
        what: &'a str,
        mut predicate: impl FnMut(&Value) -> bool + 'a,
    ) -> impl Future<Output = Value> + 'a {
        self.poll(path, timeout, what, move |seen| seen.ok().filter(|object| predicate(object)).cloned())
    }

    /// Waits until there is nothing at `path` any more.
    #[track_caller]
    pub fn wait_gone<'a>(&'a self, path: &'a str, timeout: Duration) -> impl Future<Output = ()> + 'a {
        self.poll(path, timeout, "gone", |seen| seen.err().filter(|error| error.code() == 404).map(|_| ()))
    }

    #[track_caller]
    fn poll<'a, T>(
        &'a self,
        path: &'a str,
        timeout: Duration,
        what: &'a str,
        mut enough: impl FnMut(Result<&Value, &RequestError>) -> Option<T> + 'a,
    ) -> impl Future<Output = T> + 'a {
        let caller = Location::caller();
        async move {
            let deadline = Instant::now() + timeout;
            loop {
                let seen = self.get(path).await;
                if let Some(found) = enough(seen.as_ref()) {
                    return found;
                }
                if Instant::now() >= deadline {
                    let seen = seen.map_or_else(|error| error.to_string(), readable);
                    panic!("{caller}: {path} is not {what} after {timeout:?}; last seen: {seen}");
                }
                tokio::time::sleep(POLL).await;
            }
        }
    }

    async fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Result<Value, RequestError> {
        Ok(json_or_text(self.exchange(method, path, body).await?))
    }

    async fn exchange(
        &self,
        method: Method,
        path: &str,
        body: Option<(&str, &Value)>,
    ) -> Result<String, RequestError> {
        let mut request = self.http.request(method, format!("{}{path}", self.url)).bearer_auth(&self.token);
        if let Some((content_type, body)) = body {
            request = request.header(CONTENT_TYPE, content_type).body(body.to_string());
        }
        let answer = request.send().await?;
        let code = answer.status();
        let text = answer.text().await?;
        if code.is_success() {
            return Ok(text);
        }
        let value = json_or_text(text);
        let field = |name: &str| value[name].as_str().map(str::to_owned);
        Err(RequestError::Refused {
            code: code.as_u16(),
            reason: field("reason").unwrap_or_default(),
            message: field("message").unwrap_or_else(|| value.to_string()),
        })
    }
}

/// What the server answers: health endpoints and some errors are plain text.
fn json_or_text(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}

/// An object for people: without the bookkeeping of field managers.
fn readable(mut object: Value) -> String {
    if let Some(metadata) = object["metadata"].as_object_mut() {
        metadata.remove("managedFields");
    }
    format!("{object:#}")
}
