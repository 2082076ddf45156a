//! The place of one run: a namespace, a tenant, proxies on both sides, and an operator between them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use test_rig::lab::{Hosts, Namespace};
use test_rig::proxy::{FaultProxy, Script, WhoIs, classify_api_server, classify_vendor};
use test_rig::{Lab, OperatorOptions};
use vendor_simulators::{Control, Platform, TenantId, Vendor};

use crate::mirror::Mirror;
use crate::operator::{Slot, Supervisor};
use crate::people::Person;
use crate::trial::Trial;

/// The provider's name.
pub const PROVIDER: &str = "tenant";

/// The shortest times that still have room for a slow machine. The rules stay the same.
pub const TIMES: [&str; 11] = [
    "--lease-duration-milliseconds=2000",
    "--lease-renew-deadline-milliseconds=1500",
    "--lease-renew-interval-milliseconds=300",
    "--lease-try-timeout-milliseconds=800",
    "--lease-retry-milliseconds=100",
    "--send-limit-milliseconds=500",
    "--vendor-timeout-milliseconds=1000",
    "--vendor-connect-timeout-milliseconds=500",
    "--settle-first-look-milliseconds=50",
    "--settle-last-look-milliseconds=500",
    "--log-filter=info,user_invitation_operator=debug",
];

/// Everything that belongs to one run. Dropped, its operator is killed.
pub struct Site {
    /// The namespace.
    pub namespace: Namespace,
    /// The tenant at the simulator.
    pub tenant: TenantId,
    /// What happens at which point.
    pub script: Arc<Script>,
    /// What the objects look like.
    pub mirror: Mirror,
    /// Keeps the operator running.
    pub operator: Supervisor,
    _proxies: [FaultProxy; 2],
}

impl Site {
    /// Makes everything for a run and starts its operator; `name` is new.
    pub async fn prepare(lab: &Arc<Lab>, name: &str, trial: &Trial) -> Self {
        let slot = Slot::default();
        let killed = slot.clone();
        let script = Arc::new(Script::new(&trial.faults, move || killed.kill()));
        let tenant: Arc<Mutex<Option<TenantId>>> = Arc::default();
        let who_is = who_is(lab.vendors().clone(), Arc::clone(&tenant));
        let authority = lab.control_plane.certificate_authority();
        let real = lab.hosts();
        let vendor_url = if trial.vendor == Vendor::Hpe { &real.hpe } else { &real.vmware };
        let classify = classify_vendor(who_is);
        let vendor =
            FaultProxy::start(vendor_url, &real.authority, authority, classify, Arc::clone(&script)).await;
        let api = lab.control_plane.url();
        let classify = Arc::new(classify_api_server);
        let api = FaultProxy::start(&api, &authority.pem(), authority, classify, Arc::clone(&script)).await;

        let hosts = Hosts { hpe: vendor.url(), vmware: vendor.url(), authority: authority.pem() };
        let namespace = lab.namespace_with(name, hosts).await;
        let own = set_up(&namespace, trial.vendor).await;
        *tenant.lock().unwrap_or_else(PoisonError::into_inner) = Some(own.clone());

        let options = OperatorOptions {
            namespaces: vec![name.to_owned()],
            api_server: Some((api.url(), lab.control_plane.ca_path())),
            flags: TIMES.map(str::to_owned).to_vec(),
            default_times: true,
            lease: None,
        };
        let operator = Supervisor::start(lab, name, options, slot);
        let mirror = Mirror::start(&namespace);
        Self { namespace, tenant: own, script, mirror, operator, _proxies: [vendor, api] }
    }

    /// The vendors' control.
    pub fn vendors(&self) -> &Control {
        &self.namespace.vendors
    }
}

/// Makes the tenant with its provider, and those who are there, or refused, from the start.
async fn set_up(namespace: &Namespace, vendor: Vendor) -> TenantId {
    let spec = json!({
        "limits": {"requestsPerMinute": 6000, "settleGraceSeconds": 1, "batchWindowMilliseconds": 100,
                   "minResendIntervalSeconds": 0},
        "resyncIntervalSeconds": 1,
        "policy": {"protectedEmails": ["owner@example.com"]},
    });
    let tenant = match vendor {
        Vendor::Hpe => namespace.hpe(PROVIDER, spec).await,
        Vendor::Vmware => {
            let org = namespace.vmware(PROVIDER, spec).await;
            let set = namespace.vendors.set_vmware_knobs(&org, |knobs| knobs.platform = Platform::Tcsp);
            set.expect("the organization exists");
            org
        }
    };
    let vendors = &namespace.vendors;
    vendors.add_member(&tenant, &Person::Adopted.email(), &[]).expect("the tenant exists");
    vendors.poison(&tenant, &Person::Refused.email()).expect("the tenant exists");
    tenant
}

/// Knows whom a vendor's id stands for, also when the vendor has forgotten it.
fn who_is(vendors: Control, tenant: Arc<Mutex<Option<TenantId>>>) -> WhoIs {
    let known: Mutex<HashMap<String, String>> = Mutex::default();
    Arc::new(move |id| {
        let tenant = tenant.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
        let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
        for person in vendors.people(&tenant).unwrap_or_default() {
            for id in person.user_id.iter().chain(&person.invitation_ids) {
                known.insert(id.clone(), person.email.clone());
            }
        }
        known.get(id).cloned()
    })
}
