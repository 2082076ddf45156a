//! What went wrong on the way, in our own words.

use std::error::Error;
use std::io;

use super::resolver::AddressRefused;
use crate::vendor::VendorError;

/// Classifies an error of the HTTP client: before the request was begun (nothing was written), or after.
pub(super) fn classify(error: &reqwest::Error, host: &str) -> VendorError {
    let host = host.to_owned();
    if causes(error).any(<dyn Error>::is::<AddressRefused>) {
        return VendorError::AddressNotAllowed { host };
    }
    if error.is_builder() {
        return VendorError::Connect { host, cause: "the request could not be built" };
    }
    if error.is_connect() {
        return VendorError::Connect { host, cause: connect_cause(error) };
    }
    let cause = if error.is_timeout() { "no answer in time" } else { "the connection broke" };
    VendorError::NoAnswer { host, cause }
}

fn connect_cause(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        return "no connection in time";
    }
    if error.is_dns() {
        return "the name can't be resolved";
    }
    for cause in causes(error) {
        if let Some(tls) = cause.downcast_ref::<rustls::Error>() {
            return tls_cause(tls);
        }
        match cause.downcast_ref::<io::Error>().map(io::Error::kind) {
            Some(io::ErrorKind::ConnectionRefused) => return "the connection was refused",
            Some(io::ErrorKind::ConnectionReset | io::ErrorKind::UnexpectedEof) => {
                return "the connection was closed before TLS was ready";
            }
            _ => {}
        }
    }
    "the connection failed"
}

const fn tls_cause(error: &rustls::Error) -> &'static str {
    match error {
        rustls::Error::InvalidCertificate(_) => "the certificate is not trusted",
        _ => "the TLS handshake failed",
    }
}

/// An error and all that it comes from. An I/O error's own source is what comes after the error it wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    let mut next = Some(error);
    std::iter::from_fn(move || {
        let error = next?;
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        next = wrapped.map(|wrapped| wrapped as &(dyn Error + 'static)).or_else(|| error.source());
        Some(error)
    })
}
