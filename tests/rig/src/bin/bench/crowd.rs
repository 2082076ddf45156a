//! Many people of one tenant who are declared while nobody leads, so that the operator's own time is what is measured.

use serde_json::Value;
use test_rig::lab::Namespace;
use test_rig::{AuditEntry, Lab};
use vendor_simulators::{TenantId, Vendor};

use crate::vendors::{self, Measured};
use crate::{count, load};

/// Those people.
pub(crate) struct Crowd {
    pub(crate) namespace: Namespace,
    pub(crate) measured: &'static Measured,
    pub(crate) tenant: TenantId,
    pub(crate) people: usize,
    /// The end of the audit log when all had been declared.
    mark: u64,
}

impl Crowd {
    /// Declares them; `further` is merged into the provider's spec.
    pub(crate) async fn declare(lab: &Lab, name: &str, people: usize, further: Value) -> Self {
        let namespace = lab.namespace(name).await;
        // In batches of 20, so that the vendor is not what is waited for.
        let measured = vendors::of(Vendor::Vmware);
        let tenant = measured.tenant_with(&namespace, further).await;
        load::people(&namespace, measured, people).await;
        Self { namespace, measured, tenant, people, mark: lab.control_plane.audit_log().end() }
    }

    /// Waits until they are invited; what the operator wrote to them.
    pub(crate) async fn invited(&self, lab: &Lab) -> Vec<AuditEntry> {
        load::until_invited(&self.namespace, self.measured, &self.tenant, self.people).await;
        let (entries, _) = lab.control_plane.audit_log().read_since(self.mark);
        count::patches(&entries, &self.namespace).cloned().collect()
    }
}
