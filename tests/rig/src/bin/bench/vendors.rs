//! The vendors that are measured: how a tenant is made, and which of its calls are what.

use serde_json::{Value, json};
use test_rig::lab::{Namespace, merge};
use vendor_simulators::{Operation, TenantId, Vendor};

/// One vendor.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Which one.
    pub(crate) vendor: Vendor,
    /// The name of its provider.
    pub(crate) provider: &'static str,
    /// The calls that invite.
    pub(crate) invites: &'static [&'static str],
    /// The calls of a sweep, with the token they need.
    pub(crate) sweeps: &'static [&'static str],
}

/// All of them, in the order in which they are measured.
pub(crate) static ALL: [Measured; 5] = [
    Measured {
        vendor: Vendor::Vmware,
        provider: "vmware",
        invites: &["vmware.invite"],
        sweeps: &["vmware.list_invitations", "vmware.list_users", "vmware.token"],
    },
    Measured {
        vendor: Vendor::Hpe,
        provider: "hpe",
        invites: &["hpe.invite"],
        sweeps: &["hpe.list_users", "hpe.token"],
    },
    Measured {
        vendor: Vendor::AppXite,
        provider: "appxite",
        invites: &["appxite.invite"],
        sweeps: &["appxite.list_users", "appxite.token"],
    },
    Measured {
        vendor: Vendor::Managed,
        provider: "managed",
        invites: &["managed.create_user", "managed.create_users"],
        sweeps: &["managed.list_users"],
    },
    Measured {
        vendor: Vendor::Saas,
        provider: "saas",
        invites: &["saas.invite"],
        sweeps: &["saas.list_users", "saas.token"],
    },
];

/// One of them.
pub(crate) fn of(vendor: Vendor) -> &'static Measured {
    ALL.iter().find(|measured| measured.vendor == vendor).expect("all are measured")
}

impl Measured {
    /// A tenant whose provider is not held back by its own pace, and whose sweeps fall into the quiet minute.
    pub(crate) async fn tenant(&self, namespace: &Namespace) -> TenantId {
        self.tenant_with(namespace, json!({})).await
    }

    /// The same; `further` is merged into the provider's spec.
    pub(crate) async fn tenant_with(&self, namespace: &Namespace, further: Value) -> TenantId {
        let mut spec = json!({
            "limits": {"requestsPerMinute": 60_000, "batchWindowMilliseconds": 1000, "settleGraceSeconds": 600},
            "resyncIntervalSeconds": 20,
        });
        merge(&mut spec, further);
        let tenant = match self.vendor {
            Vendor::Vmware => namespace.vmware(self.provider, spec).await,
            Vendor::Hpe => namespace.hpe(self.provider, spec).await,
            Vendor::AppXite => namespace.appxite(self.provider, spec).await,
            Vendor::Managed => namespace.managed(self.provider, spec).await,
            Vendor::Saas => namespace.saas(self.provider, spec).await,
        };
        // Only the operator's own pace counts here.
        namespace.vendors.clear_limits(&tenant);
        tenant
    }

    /// Whether a call invited somebody.
    pub(crate) fn invited(&self, operation: &Operation) -> bool {
        operation.performed && self.invites.contains(&operation.operation.as_str())
    }

    /// Name and address of one person.
    pub(crate) fn person(&self, number: usize) -> (String, String) {
        let name = format!("{}-{number:05}", self.provider);
        let email = format!("{name}@example.com");
        (name, email)
    }

    /// What an invitation says beside its address.
    pub(crate) fn asks(&self) -> Value {
        match self.vendor {
            Vendor::Vmware | Vendor::Hpe | Vendor::AppXite | Vendor::Saas => json!({}),
            Vendor::Managed => json!({"firstName": "Ada", "lastName": "Lovelace"}),
        }
    }
}
