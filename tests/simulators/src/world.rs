//! Everything the servers and the control API share.

use std::sync::{
    Arc, Mutex, OnceLock,
    atomic::{AtomicBool, Ordering},
};

use crate::{
    appxite::AppXite,
    clock::Clock,
    doors::Doors,
    faults::FaultSet,
    hpe::Hpe,
    ledger::Ledger,
    limits::Limits,
    managed::Managed,
    operations::OperationLog,
    saas::Saas,
    vendor::{Tenant, TenantId, Vendor, VendorApi},
    vmware::Vmware,
};

/// The state of all simulators. Locks are taken in the order tenant, then one of those below.
#[derive(Default)]
pub(crate) struct World {
    pub(crate) clock: Clock,
    pub(crate) ledger: Mutex<Ledger>,
    pub(crate) operations: Mutex<OperationLog>,
    pub(crate) faults: Mutex<FaultSet>,
    pub(crate) limits: Mutex<Limits>,
    echo_credentials: AtomicBool,
    pub(crate) vmware: Vmware,
    pub(crate) hpe: Hpe,
    pub(crate) appxite: AppXite,
    pub(crate) managed: Managed,
    /// Set by the start; clusters of Dynatrace Managed have addresses of their own.
    pub(crate) doors: OnceLock<Doors>,
    pub(crate) saas: Saas,
}

impl World {
    /// The API of a vendor.
    pub(crate) fn api(&self, vendor: Vendor) -> &dyn VendorApi {
        match vendor {
            Vendor::Hpe => &self.hpe,
            Vendor::Vmware => &self.vmware,
            Vendor::AppXite => &self.appxite,
            Vendor::Managed => &self.managed,
            Vendor::Saas => &self.saas,
        }
    }

    /// A tenant of any vendor.
    pub(crate) fn tenant(&self, id: &TenantId) -> Option<Arc<dyn Tenant>> {
        self.api(id.vendor).tenant(&id.id)
    }

    /// All tenants of all vendors.
    pub(crate) fn tenants(&self) -> Vec<Arc<dyn Tenant>> {
        Vendor::ALL.into_iter().flat_map(|vendor| self.api(vendor).tenants()).collect()
    }

    /// Lets everything happen whose time has come, so that ledger and people are complete.
    pub(crate) fn settle(&self) {
        for tenant in self.tenants() {
            tenant.settle(self);
        }
    }

    /// Whether errors echo what the caller authenticated with.
    pub(crate) fn echoes_credentials(&self) -> bool {
        self.echo_credentials.load(Ordering::SeqCst)
    }

    pub(crate) fn echo_credentials(&self, on: bool) {
        self.echo_credentials.store(on, Ordering::SeqCst);
    }
}
