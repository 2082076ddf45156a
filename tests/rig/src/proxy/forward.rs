//! Passes one request on, and its answer back as it comes.

use bytes::Bytes;
use futures::TryStreamExt;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::Frame;
use hyper::header::{CONNECTION, CONTENT_LENGTH, HOST, HeaderName, TRANSFER_ENCODING};
use hyper::http::request::Parts;
use hyper::{Response, StatusCode};

/// The body of an answer.
pub(super) type Body = BoxBody<Bytes, reqwest::Error>;

/// Headers that are about one connection, or that are written anew.
const OWN: [HeaderName; 4] = [CONNECTION, TRANSFER_ENCODING, HOST, CONTENT_LENGTH];

/// The way to the real server.
#[derive(Debug, Clone)]
pub(super) struct Upstream {
    pub url: String,
    pub client: reqwest::Client,
}

impl Upstream {
    /// A way to the server at `url`, whose certificate is checked against `authority` (PEM).
    pub fn new(url: &str, authority: &str) -> Self {
        let authority = reqwest::Certificate::from_pem(authority.as_bytes()).expect("a PEM certificate");
        let client = reqwest::Client::builder()
            .tls_certs_only([authority])
            .http1_only()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .expect("an HTTP client");
        Self { url: url.trim_end_matches('/').to_owned(), client }
    }

    /// Sends a request; its answer's body is still to come.
    pub async fn send(&self, parts: &Parts, body: &Bytes) -> reqwest::Result<reqwest::Response> {
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let mut headers = parts.headers.clone();
        for own in &OWN {
            headers.remove(own);
        }
        let request =
            self.client.request(parts.method.clone(), format!("{}{target}", self.url)).headers(headers);
        request.body(body.clone()).send().await
    }
}

/// An answer that streams.
pub(super) fn answer(from: reqwest::Response) -> Response<Body> {
    let mut answer = Response::new(());
    *answer.status_mut() = from.status();
    *answer.headers_mut() = from.headers().clone();
    answer.headers_mut().remove(CONNECTION);
    answer.headers_mut().remove(TRANSFER_ENCODING);
    let frames = from.bytes_stream().map_ok(Frame::data);
    answer.map(|()| BodyExt::boxed(StreamBody::new(frames)))
}

/// An answer of the proxy's own.
pub(super) fn own_answer(status: u16) -> Response<Body> {
    let body = Full::new(Bytes::from_static(b"{}")).map_err(|never| match never {});
    let mut answer = Response::new(body.boxed());
    *answer.status_mut() = StatusCode::from_u16(status).expect("a status code");
    answer
}
