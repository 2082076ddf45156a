//! What every simulated vendor has in common: its name, its tenants, and the way requests reach it.

use std::{fmt, sync::Arc, time::Duration};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    clock::lock,
    control::ControlError,
    credentials::{CredentialChange, Tokens},
    http::{Reply, Request},
    ledger::{Effect, MailKind},
    limits::LimitStyle,
    people::{Person, PersonAction},
    world::World,
};

/// A simulated vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Vendor {
    /// HPE GreenLake.
    Hpe,
    /// VMware Cloud Services, VCSP and TCSP.
    Vmware,
    /// AppXite.
    AppXite,
    /// Dynatrace Managed.
    Managed,
    /// Dynatrace SaaS.
    Saas,
}

impl Vendor {
    /// All vendors.
    pub const ALL: [Self; 5] = [Self::Hpe, Self::Vmware, Self::AppXite, Self::Managed, Self::Saas];
}

/// A tenant: a workspace of HPE GreenLake, an organization of VMware, a platform of AppXite, a cluster of Dynatrace Managed,
/// an account of Dynatrace SaaS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TenantId {
    /// The vendor.
    pub vendor: Vendor,
    /// The vendor's id for it.
    pub id: String,
}

impl TenantId {
    /// A workspace of HPE GreenLake.
    pub fn hpe(id: impl Into<String>) -> Self {
        Self { vendor: Vendor::Hpe, id: id.into() }
    }

    /// An organization of VMware Cloud Services.
    pub fn vmware(id: impl Into<String>) -> Self {
        Self { vendor: Vendor::Vmware, id: id.into() }
    }

    /// A platform of AppXite, by the host of its URL.
    pub fn appxite(id: impl Into<String>) -> Self {
        Self { vendor: Vendor::AppXite, id: id.into() }
    }

    /// A cluster of Dynatrace Managed.
    pub fn managed(id: impl Into<String>) -> Self {
        Self { vendor: Vendor::Managed, id: id.into() }
    }

    /// An account of Dynatrace SaaS.
    pub fn saas(id: impl Into<String>) -> Self {
        Self { vendor: Vendor::Saas, id: id.into() }
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}/{}", self.vendor, self.id)
    }
}

/// What a request asks for, known before it is done.
#[derive(Debug, Clone, Default)]
pub(crate) struct Call {
    pub(crate) operation: &'static str,
    pub(crate) tenant: Option<String>,
    pub(crate) emails: Vec<String>,
    pub(crate) ids: Vec<String>,
}

/// The surroundings of one request.
pub(crate) struct Context<'a> {
    pub(crate) world: &'a Arc<World>,
    /// The request's number in the operation log.
    pub(crate) operation: u64,
    /// Answer as usual, but do nothing.
    pub(crate) lose: bool,
}

impl Context<'_> {
    /// Notes a grant in the ledger, unless the request is to be lost.
    pub(crate) fn grant(&self, tenant: &TenantId, email: &str, effect: Effect, mail: Option<MailKind>) {
        if !self.lose {
            lock(&self.world.ledger).grant(tenant, email, effect, mail, self.operation);
        }
    }

    /// Notes a mail without a grant in the ledger, unless the request is to be lost.
    pub(crate) fn mail(&self, tenant: &TenantId, email: &str, kind: MailKind) {
        if !self.lose {
            lock(&self.world.ledger).mail(tenant, email, kind, self.operation);
        }
    }
}

/// One vendor's API.
pub(crate) trait VendorApi: Send + Sync {
    /// Says what a request asks for, without doing it.
    fn identify(&self, request: &Request) -> Call;
    /// Does what the request asks for.
    fn perform(&self, context: &Context<'_>, request: &Request) -> Reply;
    /// The vendor's own error for a status, as fault injector and limits need it.
    fn error(&self, tenant: Option<&str>, status: u16) -> Reply;
    /// A tenant by its id.
    fn tenant(&self, id: &str) -> Option<Arc<dyn Tenant>>;
    /// All tenants.
    fn tenants(&self) -> Vec<Arc<dyn Tenant>>;
    /// The access tokens in circulation.
    fn tokens(&self) -> &Tokens;
}

/// What the control API can do to a tenant of any vendor.
pub(crate) trait Tenant: Send + Sync {
    fn id(&self) -> TenantId;
    /// Lets everything happen whose time has come.
    fn settle(&self, world: &World);
    fn people(&self, world: &World) -> Vec<Person>;
    fn act(&self, world: &World, email: &str, action: &PersonAction) -> Result<(), ControlError>;
    fn knobs(&self) -> Result<Value, ControlError>;
    fn replace_knobs(&self, knobs: Value) -> Result<(), ControlError>;
    fn change_credential(&self, change: CredentialChange) -> Result<(), ControlError>;
    /// What names the tenant's credentials.
    fn credential_keys(&self) -> Vec<String>;
    fn limit_style(&self) -> LimitStyle;
}

/// Settles `tenant` again after `delay`, so that effects and mails appear on time also when nobody calls.
pub(crate) fn settle_later(world: &Arc<World>, tenant: Arc<dyn Tenant>, delay: Duration) {
    let world = world.clone();
    tokio::spawn(async move {
        tokio::time::sleep(delay).await;
        tenant.settle(&world);
    });
}
