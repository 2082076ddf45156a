//! Responses as a broken vendor, a gateway or an attacker would send them.

use std::time::Duration;

use bytes::Bytes;
use serde_json::Value;

use crate::{
    faults::{BodyFault, ErrorBody, RateHeaders, RetryAfter},
    http::{Reply, ReplyBody, Request},
    limits::rate_headers,
};

/// An injected error.
pub(crate) fn status(vendor_error: Reply, body: &ErrorBody) -> Reply {
    let status = vendor_error.status;
    match body {
        ErrorBody::Vendor => vendor_error,
        ErrorBody::Html => Reply::html(status),
        ErrorBody::Empty => Reply::empty(status),
        ErrorBody::Json(text) => Reply::text(status, "application/json", text.clone()),
    }
}

/// An injected 429.
pub(crate) fn too_many(
    vendor_error: Reply,
    retry_after: &RetryAfter,
    spelling: RateHeaders,
    now: u64,
) -> Reply {
    let reset = (retry_after.wait(now) / 1000).max(1);
    let reply = rate_headers(vendor_error, spelling, 1, 0, reset);
    match retry_after.value(now) {
        Some(value) => reply.with_header("retry-after", &value),
        None => reply,
    }
}

/// An injected redirect.
pub(crate) fn redirect(status: u16, location: Option<&str>, request: &Request) -> Reply {
    let same_host = format!("/moved{}", request.path);
    Reply::empty(status).with_header("location", location.unwrap_or(&same_host))
}

/// A response with a spoiled body.
pub(crate) fn body(mut reply: Reply, how: &BodyFault, status: Option<u16>) -> Reply {
    reply.status = status.unwrap_or(reply.status);
    let mut bytes = reply.bytes();
    if bytes.is_empty() {
        bytes = Bytes::from_static(b"{\"message\":\"filler\"}");
    }
    let half = bytes.slice(..bytes.len() / 2);
    match how {
        BodyFault::Html => return Reply::html(reply.status),
        BodyFault::Empty => reply.body = ReplyBody::Full(Bytes::new()),
        BodyFault::Truncated => reply.body = ReplyBody::Truncated { sent: half, promised: bytes.len() },
        BodyFault::Cut => reply.body = ReplyBody::Full(half),
        BodyFault::Huge(size) => reply.body = ReplyBody::Huge { bytes: *size },
        BodyFault::InvalidUtf8 => {
            reply.body = ReplyBody::Full(Bytes::from_static(b"{\"message\":\"\xff\xfe\xc3\x28\"}"));
        }
        BodyFault::WrongContentType => return reply.with_content_type("text/plain"),
        BodyFault::SlowLoris(every) => {
            reply.body = ReplyBody::Slow { bytes, every: Duration::from_millis(*every) };
        }
        BodyFault::DeepJson(depth) => {
            reply.body = ReplyBody::Full(Bytes::from("[".repeat(*depth) + &"]".repeat(*depth)));
        }
        BodyFault::ManyHeaders(count) => {
            return (0..*count)
                .fold(reply, |reply, at| reply.with_header(&format!("x-filler-{at}"), &"x".repeat(64)));
        }
        BodyFault::Json(text) => return Reply::text(reply.status, "application/json", text.clone()),
    }
    reply
}

/// An error that repeats everything the caller authenticated with, in headers and body.
pub(crate) fn echo(mut reply: Reply, request: &Request) -> Reply {
    let credentials = request.credentials();
    for credential in &credentials {
        reply = reply.with_header("x-echo", credential).with_header("www-authenticate", credential);
    }
    let text = credentials.join(" ");
    if let Some((_, location)) = reply.headers.iter_mut().find(|(name, _)| name == "location")
        && let Ok(old) = location.to_str()
    {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("echo", &text).finish();
        if let Ok(new) = format!("{old}?{query}").try_into() {
            *location = new;
        }
    }
    let ReplyBody::Full(bytes) = &reply.body else { return reply };
    let body = match serde_json::from_slice(bytes) {
        Ok(Value::Object(mut object)) => {
            for value in object.values_mut() {
                if let Value::String(said) = value {
                    *said = format!("{said} {text}");
                }
            }
            object.insert("echo".to_owned(), Value::from(text));
            Value::Object(object).to_string()
        }
        _ => format!("{} {text}", String::from_utf8_lossy(bytes)),
    };
    reply.body = ReplyBody::Full(Bytes::from(body));
    reply
}
