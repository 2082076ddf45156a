//! Which hosts may get a credential: the vendor's own, and those that the Secret's owner allows.

use reqwest::Url;

use super::OpeningError;
use crate::vendor::{Vendor, built_in_hosts};

/// What the owner of a Secret allows.
#[derive(Debug, Clone, Copy)]
pub struct Consent<'a> {
    /// The Secret's name.
    pub secret: &'a str,
    /// The hosts allowed, separated by commas.
    pub allowed: &'a str,
}

impl Consent<'_> {
    /// A URL that the credential may be sent to.
    pub fn url(&self, vendor: Vendor, text: &str) -> Result<Url, OpeningError> {
        let url = Url::parse(text).map_err(|_| OpeningError::Endpoint(text.to_owned()))?;
        let usable = url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        let Some(host) = url.host_str().filter(|_| usable) else {
            return Err(OpeningError::Endpoint(text.to_owned()));
        };
        let host =
            url.port().map_or_else(|| host.to_lowercase(), |port| format!("{}:{port}", host.to_lowercase()));
        let consented = self.allowed.split(',').any(|allowed| allowed.trim().eq_ignore_ascii_case(&host));
        if consented || built_in_hosts(vendor).contains(&host.as_str()) {
            Ok(url)
        } else {
            Err(OpeningError::HostNotAllowed { host, secret: self.secret.to_owned() })
        }
    }
}
