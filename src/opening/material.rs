//! What every client is made from, beside its vendor block.

use std::collections::BTreeMap;
use std::sync::Arc;

use secrecy::SecretString;

use super::{Consent, OpeningError};
use crate::vendor::{CallObserver, Connection, Limiter, TenantKey, Transport, Vendor};

/// Longest value of a Secret that is a credential, in bytes.
const LONGEST_VALUE: usize = 16 * 1024;

/// A Secret's values, and what the surroundings give.
pub struct Material<'a> {
    /// The Secret's values.
    pub values: Values<'a>,
    /// Where they may be sent.
    pub consent: Consent<'a>,
    /// How the vendor is reached.
    pub transport: Transport,
    /// The budget of a tenant.
    pub limiter: &'a (dyn Fn(&TenantKey) -> Arc<Limiter> + Sync),
    /// Sees every call.
    pub observer: Arc<dyn CallObserver>,
    /// The most people in one call, where the provider says so.
    pub max_batch_size: Option<usize>,
}

impl Material<'_> {
    /// How the tenant is reached.
    pub fn connection(&self, tenant: &TenantKey) -> Connection {
        Connection {
            transport: self.transport.clone(),
            limiter: (self.limiter)(tenant),
            observer: Arc::clone(&self.observer),
        }
    }

    /// The most people in one call.
    pub fn max_batch_size(&self, vendor: Vendor) -> usize {
        self.max_batch_size.unwrap_or(vendor.defaults().max_batch_size)
    }
}

/// The values of one Secret.
pub struct Values<'a> {
    secret: &'a str,
    data: BTreeMap<String, k8s_openapi::ByteString>,
}

impl<'a> Values<'a> {
    /// The values of the Secret of that name.
    pub const fn new(secret: &'a str, data: BTreeMap<String, k8s_openapi::ByteString>) -> Self {
        Self { secret, data }
    }

    /// A value as text, without the line end that editors and `echo` leave behind. `hint` says what the vendor
    /// needs.
    pub fn text(&self, key: &'static str, hint: &'static str) -> Result<String, OpeningError> {
        self.find(key).ok_or_else(|| OpeningError::KeyMissing { secret: self.secret.to_owned(), key, hint })
    }

    /// The same, for what nobody may see.
    pub fn secret(&self, key: &'static str, hint: &'static str) -> Result<SecretString, OpeningError> {
        self.text(key, hint).map(SecretString::from)
    }

    /// A value as text, if there is one.
    pub fn find(&self, key: &str) -> Option<String> {
        let text = std::str::from_utf8(&self.data.get(key)?.0).ok()?.trim();
        let usable = !text.is_empty() && text.len() <= LONGEST_VALUE && !text.chars().any(char::is_control);
        usable.then(|| text.to_owned())
    }
}
