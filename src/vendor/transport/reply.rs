//! What a vendor answered.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::Response;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, LOCATION};
use serde::de::DeserializeOwned;

use super::failure;
use crate::vendor::error::{ErrorClass, VendorError};
use crate::vendor::lenient;

/// An answer of any status. Its body never shows up in errors or logs.
pub(in crate::vendor) struct Reply {
    host: String,
    status: u16,
    headers: HeaderMap,
    body: Result<Vec<u8>, VendorError>,
}

impl fmt::Debug for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reply")
            .field("host", &self.host)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}

impl Reply {
    /// Reads the body up to `limit` bytes. A body that is longer or breaks off leaves the status known.
    pub(super) async fn read(host: String, mut response: Response, limit: usize) -> Self {
        let status = response.status().as_u16();
        let headers = std::mem::take(response.headers_mut());
        let body = read_body(&host, response, limit).await;
        Self { host, status, headers, body }
    }

    pub(in crate::vendor) const fn status(&self) -> u16 {
        self.status
    }

    /// What the vendor's clock said.
    pub(in crate::vendor) fn date(&self) -> Option<Timestamp> {
        lenient::http_date(self.headers.get(DATE)?.to_str().ok()?)
    }

    pub(in crate::vendor) const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    pub(in crate::vendor) fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The location header, as it was sent.
    pub(in crate::vendor) fn location(&self) -> Option<&str> {
        self.headers.get(LOCATION)?.to_str().ok()
    }

    /// The body as JSON.
    pub(in crate::vendor) fn json<T: DeserializeOwned>(&self) -> Result<T, VendorError> {
        let body = self.body.as_ref().map_err(Clone::clone)?;
        // what is skipped while reading is not checked to be text
        let text = std::str::from_utf8(body).map_err(|_| self.unusable("not UTF-8"))?;
        serde_json::from_str(text).map_err(|_| self.unusable("not the JSON that the contract describes"))
    }

    /// Whether there is nothing in the body.
    pub(in crate::vendor) fn is_blank(&self) -> bool {
        self.body.as_ref().is_ok_and(|body| body.iter().all(u8::is_ascii_whitespace))
    }

    /// Whether the body looks like what a gateway puts before an API: a page, or Cloudflare's one line.
    pub(in crate::vendor) fn is_of_a_gateway(&self) -> bool {
        let typed = self.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
        let text = self.body.as_ref().map(|body| body.trim_ascii_start()).unwrap_or_default();
        typed.is_some_and(|value| value.trim_start().to_ascii_lowercase().starts_with("text/html"))
            || text.starts_with(b"<")
            || text.starts_with(b"error code:")
    }

    /// An error about the content of this answer.
    pub(in crate::vendor) fn unusable(&self, cause: &'static str) -> VendorError {
        VendorError::BadAnswer { host: self.host.clone(), cause }
    }

    /// The vendor's error code, where the body is JSON that has one of `fields`.
    pub(in crate::vendor) fn code(&self, fields: &[&str]) -> Option<String> {
        let body: serde_json::Value = serde_json::from_slice(self.body.as_ref().ok()?).ok()?;
        fields.iter().find_map(|field| lenient::code(body.get(field)?))
    }

    /// An answer that is no success, as an error of the given class.
    pub(in crate::vendor) fn failure(
        &self,
        class: ErrorClass,
        fields: &[&str],
        retry_after: Option<Duration>,
    ) -> VendorError {
        if (300..400).contains(&self.status) {
            return self.unusable("a redirect, which is never followed");
        }
        VendorError::Status {
            host: self.host.clone(),
            status: self.status,
            code: self.code(fields),
            class,
            retry_after,
        }
    }
}

/// What a status means where nothing more is documented. For writing calls a class of its own is Ambiguous.
pub(in crate::vendor) const fn status_class(status: u16) -> ErrorClass {
    match status {
        401 => ErrorClass::Authentication,
        403 => ErrorClass::Forbidden,
        409 | 412 => ErrorClass::Conflict,
        429 => ErrorClass::Throttled,
        408 | 425 | 500..=599 => ErrorClass::Transient,
        405 => ErrorClass::Unsupported,
        400..=499 => ErrorClass::Invalid,
        _ => ErrorClass::Ambiguous,
    }
}

async fn read_body(host: &str, mut response: Response, limit: usize) -> Result<Vec<u8>, VendorError> {
    let too_large = || VendorError::BadAnswer { host: host.to_owned(), cause: "too large" };
    let announced = response.content_length().unwrap_or(0);
    if announced > limit as u64 {
        return Err(too_large());
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Err(too_large()),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body),
            Err(error) => return Err(failure::classify(&error, host)),
        }
    }
}
