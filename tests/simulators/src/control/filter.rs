//! Which entries of ledger, operation log and violations are wanted.

use serde::{Deserialize, Serialize};

use crate::{
    operations::Operation,
    text::normal,
    vendor::{TenantId, Vendor},
};

/// What to read of ledger, operation log and violations. Absent conditions fit everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Filter {
    /// Only of this vendor.
    pub vendor: Option<Vendor>,
    /// Only of the tenant with this id.
    pub tenant: Option<String>,
    /// Only about this address.
    pub email: Option<String>,
    /// Only this operation (not for mails and creations); `*` at the end stands for anything.
    pub operation: Option<String>,
    /// Only entries with a greater sequence number (not for violations).
    pub after: Option<u64>,
}

impl Filter {
    /// Entries of one tenant.
    pub fn tenant(tenant: &TenantId) -> Self {
        Self { vendor: Some(tenant.vendor), tenant: Some(tenant.id.clone()), ..Self::default() }
    }

    /// The same about one address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// The same for one operation.
    #[must_use]
    pub fn operation(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// The same, later than a sequence number.
    #[must_use]
    pub fn after(mut self, sequence: u64) -> Self {
        self.after = Some(sequence);
        self
    }

    pub(super) fn fits_tenant(&self, vendor: Vendor, tenant: Option<&str>) -> bool {
        self.vendor.is_none_or(|v| v == vendor) && self.tenant.as_deref().is_none_or(|t| tenant == Some(t))
    }

    pub(super) fn fits_email(&self, email: &str) -> bool {
        self.email.as_ref().is_none_or(|wanted| normal(wanted) == email)
    }

    pub(super) fn fits_operation(&self, operation: &str) -> bool {
        self.operation.as_ref().is_none_or(|pattern| match pattern.strip_suffix('*') {
            Some(start) => operation.starts_with(start),
            None => operation == pattern,
        })
    }

    pub(super) fn fits_sequence(&self, sequence: u64) -> bool {
        self.after.is_none_or(|after| sequence > after)
    }

    /// Whether a request is wanted.
    pub(super) fn fits(&self, entry: &Operation) -> bool {
        self.fits_tenant(entry.vendor, entry.tenant.as_deref())
            && self.fits_operation(&entry.operation)
            && self.fits_sequence(entry.sequence)
            && self.email.as_ref().is_none_or(|email| entry.emails.contains(&normal(email)))
    }
}
