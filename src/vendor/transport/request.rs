//! What is asked of a vendor.

use std::fmt;

use reqwest::header::HeaderName;
use reqwest::{Method, Url};
use secrecy::SecretString;
use serde::Serialize;

use crate::vendor::VendorError;

/// One HTTP request.
#[derive(Debug, Clone)]
pub(in crate::vendor) struct Request {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) authorization: Option<SecretString>,
    pub(super) headers: Vec<(HeaderName, SecretString)>,
    pub(super) body: Body,
    pub(super) size: AnswerSize,
}

/// The body of a request.
#[derive(Clone)]
pub(super) enum Body {
    None,
    Json(Vec<u8>),
    Form(Vec<(&'static str, SecretString)>),
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

/// How much of a success answer is read.
#[derive(Debug, Clone, Copy)]
pub(in crate::vendor) enum AnswerSize {
    /// One page of a list, or less.
    Page,
    /// A list that the vendor does not cut into pages.
    WholeList,
}

impl Request {
    pub(in crate::vendor) const fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            authorization: None,
            headers: Vec::new(),
            body: Body::None,
            size: AnswerSize::Page,
        }
    }

    pub(in crate::vendor) const fn get(url: Url) -> Self {
        Self::new(Method::GET, url)
    }

    pub(in crate::vendor) const fn post(url: Url) -> Self {
        Self::new(Method::POST, url)
    }

    /// The value of the authorization header.
    pub(in crate::vendor) fn authorization(mut self, value: SecretString) -> Self {
        self.authorization = Some(value);
        self
    }

    /// Headers that a vendor wants beside that one.
    pub(in crate::vendor) fn headers(mut self, headers: Vec<(HeaderName, SecretString)>) -> Self {
        self.headers = headers;
        self
    }

    pub(in crate::vendor) fn json(mut self, body: &impl Serialize) -> Result<Self, VendorError> {
        let body = serde_json::to_vec(body).map_err(|_| VendorError::Connect {
            host: self.host(),
            cause: "the request could not be built",
        })?;
        self.body = Body::Json(body);
        Ok(self)
    }

    pub(in crate::vendor) fn form(mut self, fields: Vec<(&'static str, SecretString)>) -> Self {
        self.body = Body::Form(fields);
        self
    }

    pub(in crate::vendor) const fn size(mut self, size: AnswerSize) -> Self {
        self.size = size;
        self
    }

    /// Host and port, as errors show them.
    pub(in crate::vendor) fn host(&self) -> String {
        host_and_port(&self.url)
    }
}

/// The host, with the port where it is not the usual one; lower-cased.
pub(in crate::vendor) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default().to_lowercase();
    url.port().map_or(host.clone(), |port| format!("{host}:{port}"))
}
