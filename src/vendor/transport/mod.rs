//! The one way to speak HTTP with a vendor.
//!
//! https only, no redirects, no cookies, no compression, no request is ever repeated. Time, headers and bodies
//! are capped. HTTP/1.1 only: a connection carries one call at a time, so a broken connection says something
//! about one call.

mod address;
mod failure;
mod proxy;
mod reply;
mod request;
mod resolver;
mod url;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Certificate, Client, redirect, retry};
use secrecy::ExposeSecret;
use thiserror::Error;

pub use address::is_allowed;
pub use proxy::ProxySettings;
pub(super) use reply::{Reply, status_class};
pub(super) use request::{AnswerSize, Request, host_and_port};
pub(super) use url::{is_path_safe, last_segment, target, target_of};

use super::error::VendorError;
use request::Body;
use resolver::CheckedResolver;

/// How long a connection is kept for the next call. Short, since a call on a connection that the other side is
/// just closing ends without anybody knowing whether it arrived.
const IDLE: Duration = Duration::from_secs(15);
/// How much of an error answer is read.
const ERROR_BODY: usize = 64 * 1024;

/// Settings of the transport.
#[derive(Debug, Clone)]
pub struct TransportSettings {
    /// How long a connection with its TLS handshake may take; default 5 s.
    pub connect_timeout: Duration,
    /// How long a call may take from its beginning to the last byte of the answer; default 20 s.
    pub total_timeout: Duration,
    /// Networks that may be spoken to although they are not public; default none.
    pub allowed_private_cidrs: Vec<IpNet>,
    /// PEM certificates that are trusted beside the platform's; default none.
    pub ca_bundle: Option<Vec<u8>>,
    /// How many bytes of one page are read; default 4 MiB.
    pub max_body_bytes: usize,
    /// How many bytes of a list are read that the vendor does not cut into pages (VMware's invitations, about
    /// 600 bytes each); default 16 MiB.
    pub max_list_bytes: usize,
    /// The outgoing proxy; default none.
    pub proxy: Option<ProxySettings>,
    /// The user-agent header.
    pub user_agent: String,
}

impl Default for TransportSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(5),
            total_timeout: Duration::from_secs(20),
            allowed_private_cidrs: Vec::new(),
            ca_bundle: None,
            max_body_bytes: 4 * 1024 * 1024,
            max_list_bytes: 16 * 1024 * 1024,
            proxy: None,
            user_agent: concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).to_owned(),
        }
    }
}

/// Why a transport can't be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TransportError {
    /// The CA bundle holds no certificate, or something that is none.
    #[error("the CA bundle is not a list of PEM certificates")]
    CaBundle,
    /// The proxy's URL can't be used.
    #[error("the proxy's URL can't be used")]
    Proxy,
    /// The TLS set-up failed.
    #[error("TLS can't be set up")]
    Tls,
}

/// An HTTP client for vendors; a clone shares connections.
#[derive(Debug, Clone)]
pub struct Transport {
    client: Client,
    allowed: Arc<[IpNet]>,
    proxy: Option<ProxySettings>,
    max_body_bytes: usize,
    max_list_bytes: usize,
}

impl Transport {
    /// Makes a transport.
    pub fn new(settings: &TransportSettings) -> Result<Self, TransportError> {
        let allowed: Arc<[IpNet]> = settings.allowed_private_cidrs.clone().into();
        let mut builder = Client::builder()
            .https_only(true)
            .http1_only()
            .http1_max_headers(100)
            .redirect(redirect::Policy::none())
            .retry(retry::never())
            .referer(false)
            .no_proxy()
            .connect_timeout(settings.connect_timeout)
            .timeout(settings.total_timeout)
            .pool_idle_timeout(IDLE)
            .user_agent(&settings.user_agent);
        let mut exempt = None;
        if let Some(proxy) = &settings.proxy {
            exempt = reqwest::Url::parse(proxy.url.expose_secret()).ok().and_then(|url| proxy::host_of(&url));
            builder = builder.proxy(checked_proxy(proxy)?);
        }
        if let Some(bundle) = &settings.ca_bundle {
            let certificates = Certificate::from_pem_bundle(bundle).map_err(|_| TransportError::CaBundle)?;
            if certificates.is_empty() {
                return Err(TransportError::CaBundle);
            }
            builder = builder.tls_certs_merge(certificates);
        }
        let client = builder
            .dns_resolver(CheckedResolver { allowed: Arc::clone(&allowed), exempt })
            .build()
            .map_err(|_| TransportError::Tls)?;
        Ok(Self {
            client,
            allowed,
            proxy: settings.proxy.clone(),
            max_body_bytes: settings.max_body_bytes,
            max_list_bytes: settings.max_list_bytes,
        })
    }

    /// Makes one request. An answer of any status is a reply.
    pub(super) async fn send(&self, request: Request) -> Result<Reply, VendorError> {
        let host = request.host();
        self.check_literal(&request, &host)?;
        let mut builder = self
            .client
            .request(request.method, request.url)
            .header(ACCEPT, HeaderValue::from_static("application/json"));
        let authorization = request.authorization.iter().map(|value| (AUTHORIZATION, value));
        let others = request.headers.iter().map(|(name, value)| (name.clone(), value));
        for (name, value) in authorization.chain(others) {
            let mut value = HeaderValue::from_str(value.expose_secret()).map_err(|_| {
                VendorError::Connect { host: host.clone(), cause: "the credential can't stand in a header" }
            })?;
            value.set_sensitive(true);
            builder = builder.header(name, value);
        }
        builder = match request.body {
            Body::None => builder,
            Body::Json(body) => builder.header(CONTENT_TYPE, "application/json").body(body),
            Body::Form(fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|(name, value)| (*name, value.expose_secret())).collect();
                builder.form(&fields)
            }
        };
        let response = builder.send().await.map_err(|error| failure::classify(&error, &host))?;
        let limit = match (response.status().is_success(), request.size) {
            (false, _) => ERROR_BODY,
            (true, AnswerSize::Page) => self.max_body_bytes,
            (true, AnswerSize::WholeList) => self.max_list_bytes,
        };
        Ok(Reply::read(host, response, limit).await)
    }

    /// Addresses in the URL itself never pass the resolver.
    fn check_literal(&self, request: &Request, host: &str) -> Result<(), VendorError> {
        if self.proxy.as_ref().is_some_and(|proxy| proxy.takes(&request.url)) {
            return Ok(());
        }
        let literal = proxy::host_of(&request.url).and_then(|host| host.parse::<IpAddr>().ok());
        if literal.is_none_or(|address| is_allowed(address, &self.allowed)) {
            return Ok(());
        }
        Err(VendorError::AddressNotAllowed { host: host.to_owned() })
    }
}

fn checked_proxy(settings: &ProxySettings) -> Result<reqwest::Proxy, TransportError> {
    let url = reqwest::Url::parse(settings.url.expose_secret()).map_err(|_| TransportError::Proxy)?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err(TransportError::Proxy);
    }
    let settings = settings.clone();
    Ok(reqwest::Proxy::custom(move |target| settings.takes(target).then(|| url.clone())))
}
