//! Requests and replies as the vendors' code sees them.

use std::{io, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http_body_util::{BodyExt, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::{
    HeaderMap, Method, Response, StatusCode, Uri,
    body::Frame,
    header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue},
};
use serde_json::Value;

/// Query or form parameters whose value is a credential.
const SECRET_PARAMETERS: [&str; 8] = [
    "api_token",
    "api-token",
    "Api-Token",
    "refresh_token",
    "client_secret",
    "subject_token",
    "passcode",
    "access_token",
];

/// A request, read whole.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) segments: Vec<String>,
    pub(crate) query: Vec<(String, String)>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    /// The tenant at whose own address it arrived.
    pub(crate) door: Option<String>,
}

impl Request {
    pub(crate) fn new(method: Method, uri: &Uri, headers: HeaderMap, body: Bytes) -> Self {
        let path = uri.path().to_owned();
        let segments = path.split('/').filter(|part| !part.is_empty()).map(decode).collect();
        let query = parse_form(uri.query().unwrap_or_default().as_bytes());
        Self { method, path, segments, query, headers, body, door: None }
    }

    /// The path, split and percent-decoded.
    pub(crate) fn route(&self) -> (&str, Vec<&str>) {
        (self.method.as_str(), self.segments.iter().map(String::as_str).collect())
    }

    pub(crate) fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn has_query(&self, name: &str) -> bool {
        self.query(name).is_some()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The body as a JSON object; `None` for anything else.
    pub(crate) fn json_object(&self) -> Option<serde_json::Map<String, Value>> {
        match serde_json::from_slice(&self.body) {
            Ok(Value::Object(object)) => Some(object),
            _ => None,
        }
    }

    /// The fields of a form body.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        let form =
            self.header("content-type").is_some_and(|t| t.starts_with("application/x-www-form-urlencoded"));
        if form { parse_form(&self.body) } else { Vec::new() }
    }

    /// User and password of HTTP Basic.
    pub(crate) fn basic(&self) -> Option<(String, String)> {
        let (scheme, value) = self.header(AUTHORIZATION.as_str())?.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let text = String::from_utf8(BASE64_STANDARD.decode(value.trim()).ok()?).ok()?;
        text.split_once(':').map(|(user, password)| (user.to_owned(), password.to_owned()))
    }

    /// The token of `Authorization: Bearer`.
    pub(crate) fn bearer(&self) -> Option<&str> {
        let (scheme, value) = self.header(AUTHORIZATION.as_str())?.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| value.trim())
    }

    /// Path and query for the log, without values that are credentials.
    pub(crate) fn logged_target(&self) -> String {
        if self.query.is_empty() {
            return self.path.clone();
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (key, value) in &self.query {
            let secret = SECRET_PARAMETERS.contains(&key.as_str());
            query.append_pair(key, if secret { "REDACTED" } else { value });
        }
        format!("{}?{}", self.path, query.finish())
    }

    /// Every credential the request carries, in each form it has; for echoing them back.
    pub(crate) fn credentials(&self) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for name in ["authorization", "csp-auth-token", "ocp-apim-subscription-key"] {
            found.extend(self.header(name).map(str::to_owned));
        }
        found.extend(self.basic().map(|(_, password)| password));
        found.extend(self.bearer().map(str::to_owned));
        found.extend(
            self.header("authorization").and_then(|v| Some(v.split_once("Api-Token ")?.1.to_owned())),
        );
        for (key, value) in self.form().iter().chain(&self.query) {
            if SECRET_PARAMETERS.contains(&key.as_str()) {
                found.push(value.clone());
            }
        }
        let body = self.json_object().unwrap_or_default();
        let in_body = ["tokenValue", "client_secret"].into_iter().filter_map(|name| body.get(name)?.as_str());
        found.extend(in_body.map(str::to_owned));
        found.extend(self.passwords());
        found
    }

    /// Every `passwordClearText` in the body.
    fn passwords(&self) -> Vec<String> {
        let rows = match serde_json::from_slice(&self.body) {
            Ok(Value::Array(rows)) => rows,
            Ok(row) => vec![row],
            Err(_) => Vec::new(),
        };
        rows.iter().filter_map(|row| Some(row.get("passwordClearText")?.as_str()?.to_owned())).collect()
    }
}

fn parse_form(bytes: &[u8]) -> Vec<(String, String)> {
    form_urlencoded::parse(bytes).map(|(key, value)| (key.into_owned(), value.into_owned())).collect()
}

/// Percent-decodes a path segment, in which a plus sign means itself.
fn decode(segment: &str) -> String {
    let guarded = segment.replace('+', "%2B");
    form_urlencoded::parse(guarded.as_bytes()).map(|(key, _)| key.into_owned()).next().unwrap_or_default()
}

/// What is sent after the headers.
#[derive(Debug, Clone)]
pub(crate) enum ReplyBody {
    /// The bytes, with their length.
    Full(Bytes),
    /// Promises more than it sends, then breaks the connection.
    Truncated { sent: Bytes, promised: usize },
    /// This many bytes, made while they are sent.
    Huge { bytes: u64 },
    /// One byte at a time.
    Slow { bytes: Bytes, every: Duration },
}

/// A response before it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: ReplyBody,
}

/// The body type handed to the server.
pub(crate) type WireBody = UnsyncBoxBody<Bytes, io::Error>;

impl Reply {
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: ReplyBody::Full(Bytes::new()) }
    }

    pub(crate) fn json(status: u16, value: &Value) -> Self {
        Self::text(status, "application/json", value.to_string())
    }

    pub(crate) fn text(status: u16, content_type: &'static str, text: impl Into<Bytes>) -> Self {
        let mut reply = Self::empty(status);
        reply.headers.push((CONTENT_TYPE, HeaderValue::from_static(content_type)));
        reply.body = ReplyBody::Full(text.into());
        reply
    }

    /// The page a gateway shows instead of the API's own error.
    pub(crate) fn html(status: u16) -> Self {
        let page = format!("<html><head><title>{status}</title></head><body><h1>{status}</h1></body></html>");
        Self::text(status, "text/html", page)
    }

    /// Adds a header; values that can't be one are left out.
    pub(crate) fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.push((name, value));
        }
        self
    }

    /// Replaces the content type.
    pub(crate) fn with_content_type(mut self, value: &'static str) -> Self {
        self.headers.retain(|(name, _)| *name != CONTENT_TYPE);
        self.headers.push((CONTENT_TYPE, HeaderValue::from_static(value)));
        self
    }

    /// The bytes of a plain body.
    pub(crate) fn bytes(&self) -> Bytes {
        match &self.body {
            ReplyBody::Full(bytes) => bytes.clone(),
            _ => Bytes::new(),
        }
    }

    /// The response as the server sends it.
    pub(crate) fn into_response(self) -> Response<WireBody> {
        let promised = match &self.body {
            ReplyBody::Truncated { promised, .. } => Some(*promised),
            _ => None,
        };
        let body = match self.body {
            ReplyBody::Full(bytes) => Full::new(bytes).map_err(io::Error::other).boxed_unsync(),
            ReplyBody::Truncated { sent, .. } => {
                let broken = io::Error::from(io::ErrorKind::ConnectionReset);
                // The break comes a little later, so that the bytes before it are flushed.
                let pause = stream::once(async {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                    Err(broken)
                });
                StreamBody::new(stream::iter([Ok(Frame::data(sent))]).chain(pause)).boxed_unsync()
            }
            ReplyBody::Huge { bytes } => huge(bytes),
            ReplyBody::Slow { bytes, every } => slow(bytes, every),
        };
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in self.headers {
            response.headers_mut().append(name, value);
        }
        if let Some(length) = promised {
            response.headers_mut().insert(hyper::header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        response
    }
}

fn huge(bytes: u64) -> WireBody {
    let chunk = Bytes::from(vec![b' '; 64 * 1024]);
    let chunks = stream::unfold(bytes, move |left| {
        let part = chunk.slice(..usize::try_from(left).unwrap_or(usize::MAX).min(chunk.len()));
        let rest = left.saturating_sub(part.len() as u64);
        async move { (left > 0).then_some((Ok(Frame::data(part)), rest)) }
    });
    StreamBody::new(chunks).boxed_unsync()
}

fn slow(bytes: Bytes, every: Duration) -> WireBody {
    let drops = stream::unfold(bytes, move |mut left| async move {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(every).await;
        let drop = left.split_to(1);
        Some((Ok(Frame::data(drop)), left))
    });
    StreamBody::new(drops).boxed_unsync()
}
