//! The control API: what tests and demos do to the simulated vendors from outside.

mod error;
mod filter;
pub(crate) mod http;

use std::sync::Arc;

use serde_json::Value;

pub use self::{error::ControlError, filter::Filter};
use crate::{
    appxite::{AppXiteKnobs, AppXitePlatform},
    clock::{Clock, lock},
    credentials::CredentialChange,
    faults::{ActiveFault, FaultRule},
    hpe::{HpeKnobs, HpeWorkspace},
    ledger::{Creation, Mail},
    limits::{Limit, Violation},
    managed::{Cluster, DynatraceManagedKnobs, ManagedCluster, ManagedUser},
    operations::Operation,
    people::{Person, PersonAction},
    saas::{DynatraceSaasAccount, DynatraceSaasKnobs},
    text::normal,
    vendor::{Tenant, TenantId, Vendor},
    vmware::{VmwareKnobs, VmwareOrg},
    world::World,
};

/// The handle on everything. Cheap to clone.
#[derive(Clone)]
pub struct Control {
    pub(crate) world: Arc<World>,
}

impl Control {
    /// Makes an organization of VMware Cloud Services.
    pub fn create_vmware_org(&self, org: VmwareOrg) -> Result<TenantId, ControlError> {
        let org = org.build();
        let id = org.id();
        self.check_new(&org)?;
        self.world.vmware.insert(org);
        Ok(id)
    }

    /// Makes a workspace of HPE GreenLake.
    pub fn create_hpe_workspace(&self, workspace: HpeWorkspace) -> Result<TenantId, ControlError> {
        let (workspace, limits) = workspace.build();
        let id = workspace.id();
        self.check_new(&workspace)?;
        self.world.hpe.insert(workspace);
        for limit in limits {
            self.set_limit(&id, limit);
        }
        Ok(id)
    }

    /// Makes a platform of AppXite.
    pub fn create_appxite_platform(&self, platform: AppXitePlatform) -> Result<TenantId, ControlError> {
        let platform = platform.build();
        let id = platform.id();
        self.check_new(&platform)?;
        self.world.appxite.insert(platform);
        Ok(id)
    }

    /// Makes a cluster of Dynatrace Managed, at an address of its own.
    pub fn create_managed_cluster(&self, cluster: ManagedCluster) -> Result<TenantId, ControlError> {
        let cluster = cluster.build();
        let id = cluster.id();
        self.check_new(&cluster)?;
        self.world.managed.insert(cluster);
        if let Some(doors) = self.world.doors.get() {
            doors.open(&self.world, &id)?;
        }
        Ok(id)
    }

    /// `https://…` of a cluster of Dynatrace Managed by itself: whoever calls there asks this cluster.
    pub fn managed_url(&self, tenant: &TenantId) -> Result<String, ControlError> {
        let address = self.world.doors.get().and_then(|doors| doors.address(tenant));
        let address = address.ok_or_else(|| ControlError::NoSuchTenant(tenant.clone()))?;
        Ok(format!("https://{address}"))
    }

    /// Makes a user of a cluster of Dynatrace Managed, as an administrator in the console does.
    pub fn add_managed_user(&self, tenant: &TenantId, user: ManagedUser) -> Result<(), ControlError> {
        self.managed(tenant)?.add_user(user)
    }

    /// The initial password that somebody was created with.
    pub fn managed_password(&self, tenant: &TenantId, id: &str) -> Result<Option<String>, ControlError> {
        Ok(self.managed(tenant)?.initial_password(id))
    }

    /// Makes an account of Dynatrace SaaS.
    pub fn create_dynatrace_saas_account(
        &self,
        account: DynatraceSaasAccount,
    ) -> Result<TenantId, ControlError> {
        let account = account.build();
        let id = account.id();
        self.check_new(&account)?;
        self.world.saas.insert(account);
        Ok(id)
    }

    /// All tenants.
    pub fn tenants(&self) -> Vec<TenantId> {
        self.world.tenants().iter().map(|tenant| tenant.id()).collect()
    }

    /// The people of a tenant.
    pub fn people(&self, tenant: &TenantId) -> Result<Vec<Person>, ControlError> {
        Ok(self.tenant(tenant)?.people(&self.world))
    }

    /// One person of a tenant.
    pub fn person(&self, tenant: &TenantId, email: &str) -> Result<Option<Person>, ControlError> {
        Ok(self.people(tenant)?.into_iter().find(|person| person.email == normal(email)))
    }

    /// Lets something happen to a person.
    pub fn act(&self, tenant: &TenantId, email: &str, action: &PersonAction) -> Result<(), ControlError> {
        self.tenant(tenant)?.act(&self.world, email, action)
    }

    /// The person accepts the pending invitation.
    pub fn accept(&self, tenant: &TenantId, email: &str) -> Result<(), ControlError> {
        self.act(tenant, email, &PersonAction::Accept)
    }

    /// The pending invitation runs out.
    pub fn expire(&self, tenant: &TenantId, email: &str) -> Result<(), ControlError> {
        self.act(tenant, email, &PersonAction::Expire)
    }

    /// An administrator removes the person.
    pub fn remove(&self, tenant: &TenantId, email: &str) -> Result<(), ControlError> {
        self.act(tenant, email, &PersonAction::Remove)
    }

    /// The person is a member from now on.
    pub fn add_member(&self, tenant: &TenantId, email: &str, roles: &[&str]) -> Result<(), ControlError> {
        let roles = roles.iter().map(|role| (*role).to_owned()).collect();
        self.act(tenant, email, &PersonAction::AddMember { roles })
    }

    /// Somebody else invites the person.
    pub fn invite_by_other(&self, tenant: &TenantId, email: &str) -> Result<(), ControlError> {
        self.act(tenant, email, &PersonAction::InviteByOther)
    }

    /// The person has an account with the vendor.
    pub fn add_account(&self, tenant: &TenantId, email: &str) -> Result<(), ControlError> {
        self.act(tenant, email, &PersonAction::AddAccount)
    }

    /// Every request that names the address is refused as invalid.
    pub fn poison(&self, tenant: &TenantId, email: &str) -> Result<(), ControlError> {
        self.act(tenant, email, &PersonAction::Poison)
    }

    /// The vendor's knobs as JSON.
    pub fn knobs(&self, tenant: &TenantId) -> Result<Value, ControlError> {
        self.tenant(tenant)?.knobs()
    }

    /// Sets some knobs from a JSON object; the others stay.
    pub fn patch_knobs(&self, tenant: &TenantId, patch: &Value) -> Result<Value, ControlError> {
        let found = self.tenant(tenant)?;
        let mut knobs = found.knobs()?;
        if let (Some(knobs), Some(patch)) = (knobs.as_object_mut(), patch.as_object()) {
            knobs.extend(patch.clone());
        }
        found.replace_knobs(knobs)?;
        found.knobs()
    }

    /// Changes the knobs of an organization.
    pub fn set_vmware_knobs(
        &self,
        tenant: &TenantId,
        change: impl FnOnce(&mut VmwareKnobs),
    ) -> Result<(), ControlError> {
        let found = self.tenant_of(Vendor::Vmware, tenant)?;
        let mut knobs = serde_json::from_value(found.knobs()?)?;
        change(&mut knobs);
        found.replace_knobs(serde_json::to_value(knobs)?)
    }

    /// Changes the knobs of a workspace.
    pub fn set_hpe_knobs(
        &self,
        tenant: &TenantId,
        change: impl FnOnce(&mut HpeKnobs),
    ) -> Result<(), ControlError> {
        let found = self.tenant_of(Vendor::Hpe, tenant)?;
        let mut knobs = serde_json::from_value(found.knobs()?)?;
        change(&mut knobs);
        found.replace_knobs(serde_json::to_value(knobs)?)
    }

    /// Changes the knobs of a platform.
    pub fn set_appxite_knobs(
        &self,
        tenant: &TenantId,
        change: impl FnOnce(&mut AppXiteKnobs),
    ) -> Result<(), ControlError> {
        let found = self.tenant_of(Vendor::AppXite, tenant)?;
        let mut knobs = serde_json::from_value(found.knobs()?)?;
        change(&mut knobs);
        found.replace_knobs(serde_json::to_value(knobs)?)
    }

    /// Changes the knobs of a cluster.
    pub fn set_managed_knobs(
        &self,
        tenant: &TenantId,
        change: impl FnOnce(&mut DynatraceManagedKnobs),
    ) -> Result<(), ControlError> {
        let found = self.tenant_of(Vendor::Managed, tenant)?;
        let mut knobs = serde_json::from_value(found.knobs()?)?;
        change(&mut knobs);
        found.replace_knobs(serde_json::to_value(knobs)?)
    }

    /// Changes the knobs of an account.
    pub fn set_dynatrace_saas_knobs(
        &self,
        tenant: &TenantId,
        change: impl FnOnce(&mut DynatraceSaasKnobs),
    ) -> Result<(), ControlError> {
        let found = self.tenant_of(Vendor::Saas, tenant)?;
        let mut knobs = serde_json::from_value(found.knobs()?)?;
        change(&mut knobs);
        found.replace_knobs(serde_json::to_value(knobs)?)
    }

    /// Adds, revokes or rotates a credential. Access tokens live on; see [`Control::drop_tokens`].
    pub fn change_credential(&self, tenant: &TenantId, change: CredentialChange) -> Result<(), ControlError> {
        let found = self.tenant(tenant)?;
        if let CredentialChange::Add { credential } = &change {
            self.check_keys(tenant, &[credential.secret.key().to_owned()])?;
        }
        found.change_credential(change)
    }

    /// Makes every access token of a tenant invalid; tells how many.
    pub fn drop_tokens(&self, tenant: &TenantId) -> usize {
        self.world.api(tenant.vendor).tokens().drop_all(tenant)
    }

    /// Limits requests; a limit for the same operations is replaced.
    pub fn set_limit(&self, tenant: &TenantId, limit: Limit) {
        lock(&self.world.limits).set(tenant, limit);
    }

    /// Lifts all limits of a tenant, also those of the contract.
    pub fn clear_limits(&self, tenant: &TenantId) {
        lock(&self.world.limits).clear(tenant);
    }

    /// Calls made before the time a 429 had named.
    pub fn violations(&self, filter: &Filter) -> Vec<Violation> {
        let fits = |v: &&Violation| {
            filter.fits_tenant(v.tenant.vendor, Some(&v.tenant.id)) && filter.fits_operation(&v.operation)
        };
        lock(&self.world.limits).violations.iter().filter(fits).cloned().collect()
    }

    /// Sets a fault; tells its id.
    pub fn add_fault(&self, rule: FaultRule) -> u64 {
        lock(&self.world.faults).add(rule)
    }

    /// The faults in force, with how often each fired.
    pub fn faults(&self) -> Vec<ActiveFault> {
        lock(&self.world.faults).active.clone()
    }

    /// Lifts a fault; tells whether it was there.
    pub fn remove_fault(&self, id: u64) -> bool {
        let mut faults = lock(&self.world.faults);
        let before = faults.active.len();
        faults.active.retain(|active| active.id != id);
        faults.active.len() < before
    }

    /// Lifts all faults.
    pub fn clear_faults(&self) {
        lock(&self.world.faults).active.clear();
    }

    /// Whether errors and redirects echo the caller's credentials.
    pub fn echo_credentials(&self, on: bool) {
        self.world.echo_credentials(on);
    }

    /// Moves the vendors' clock: tokens and invitations expire sooner. Delays and rate windows are not concerned.
    pub fn advance_clock(&self, milliseconds: i64) {
        self.world.settle();
        self.world.clock.advance(milliseconds);
    }

    /// The vendors' time in milliseconds since the epoch.
    pub fn vendor_time(&self) -> u64 {
        self.world.clock.vendor()
    }

    /// Real time in milliseconds since the epoch, as logs and ledger have it.
    pub fn real_time(&self) -> u64 {
        Clock::real()
    }

    /// Mails sent.
    pub fn mails(&self, filter: &Filter) -> Vec<Mail> {
        self.world.settle();
        let fits = |mail: &&Mail| {
            filter.fits_tenant(mail.tenant.vendor, Some(&mail.tenant.id))
                && filter.fits_email(&mail.email)
                && filter.fits_sequence(mail.sequence)
        };
        lock(&self.world.ledger).mails.iter().filter(fits).cloned().collect()
    }

    /// Grants made, with or without a mail.
    pub fn creations(&self, filter: &Filter) -> Vec<Creation> {
        self.world.settle();
        let fits = |creation: &&Creation| {
            filter.fits_tenant(creation.tenant.vendor, Some(&creation.tenant.id))
                && filter.fits_email(&creation.email)
                && filter.fits_sequence(creation.sequence)
        };
        lock(&self.world.ledger).creations.iter().filter(fits).cloned().collect()
    }

    /// Requests received.
    pub fn operations(&self, filter: &Filter) -> Vec<Operation> {
        let log = lock(&self.world.operations);
        log.entries.iter().filter(|entry| filter.fits(entry)).cloned().collect()
    }

    /// How many requests were received.
    pub fn count_operations(&self, filter: &Filter) -> usize {
        lock(&self.world.operations).entries.iter().filter(|entry| filter.fits(entry)).count()
    }

    fn check_new(&self, tenant: &impl Tenant) -> Result<(), ControlError> {
        let id = tenant.id();
        if self.world.tenant(&id).is_some() {
            return Err(ControlError::TenantExists);
        }
        self.check_keys(&id, &tenant.credential_keys())
    }

    /// Refuses credentials that another tenant of the vendor has.
    fn check_keys(&self, id: &TenantId, keys: &[String]) -> Result<(), ControlError> {
        let others = self.world.api(id.vendor).tenants();
        let mut taken =
            others.iter().filter(|other| other.id() != *id).flat_map(|other| other.credential_keys());
        if taken.any(|key| keys.contains(&key)) { Err(ControlError::CredentialInUse) } else { Ok(()) }
    }

    fn managed(&self, id: &TenantId) -> Result<Arc<Cluster>, ControlError> {
        let cluster = if id.vendor == Vendor::Managed { self.world.managed.cluster(&id.id) } else { None };
        cluster.ok_or_else(|| ControlError::NoSuchTenant(id.clone()))
    }

    fn tenant(&self, id: &TenantId) -> Result<Arc<dyn Tenant>, ControlError> {
        self.world.tenant(id).ok_or_else(|| ControlError::NoSuchTenant(id.clone()))
    }

    fn tenant_of(&self, vendor: Vendor, id: &TenantId) -> Result<Arc<dyn Tenant>, ControlError> {
        if id.vendor == vendor { self.tenant(id) } else { Err(ControlError::Unsupported) }
    }
}
