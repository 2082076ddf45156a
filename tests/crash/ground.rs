//! The place of one run: a namespace, a tenant, and proxies before the API server and before the vendor.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::json;
use test_rig::lab::{Hosts, Namespace};
use test_rig::proxy::{FaultProxy, Script, WhoIs, classify_api_server, classify_vendor};
use test_rig::vendors::Case;
use test_rig::{Lab, OperatorOptions};
use vendor_simulators::{Control, TenantId};

use crate::mirror::Mirror;
use crate::trial::VendorTimes;

/// The provider's name.
pub const PROVIDER: &str = "tenant";

/// The shortest times that still have room for a slow machine. The rules stay the same.
const TIMES: [&str; 6] = [
    "--send-limit-milliseconds=500",
    "--vendor-connect-timeout-milliseconds=500",
    "--settle-first-look-milliseconds=50",
    "--settle-last-look-milliseconds=500",
    "--deletion-delay-milliseconds=300",
    "--log-filter=info,user_invitation_operator=debug",
];

/// The lease's times: a killed holder is waited for that long in every run.
pub const SHORT_LEASE: [&str; 5] = [
    "--lease-duration-milliseconds=3000",
    "--lease-renew-deadline-milliseconds=2400",
    "--lease-renew-interval-milliseconds=400",
    "--lease-try-timeout-milliseconds=900",
    "--lease-retry-milliseconds=100",
];

/// Everything that belongs to one run but the operator.
pub struct Ground {
    /// The namespace.
    pub namespace: Namespace,
    /// The vendor, and how to speak to it.
    pub case: &'static Case,
    /// The tenant at the simulator.
    pub tenant: TenantId,
    /// What happens at which point.
    pub script: Arc<Script>,
    /// What the objects look like.
    pub mirror: Mirror,
    /// Before the API server.
    pub api: FaultProxy,
    times: VendorTimes,
    _vendor: FaultProxy,
}

impl Ground {
    /// Makes everything for a run; `name` is new.
    pub async fn prepare(
        lab: &Lab,
        name: &str,
        case: &'static Case,
        script: Arc<Script>,
        times: VendorTimes,
    ) -> Self {
        let tenant: Arc<Mutex<Option<TenantId>>> = Arc::default();
        let who_is = who_is(lab.vendors().clone(), Arc::clone(&tenant));
        let authority = lab.control_plane.certificate_authority();
        let real = lab.hosts();
        let url = real.of(case.vendor);
        let classify = classify_vendor(who_is);
        let before_vendor =
            FaultProxy::start(url, &real.authority, authority, classify, Arc::clone(&script)).await;
        let url = lab.control_plane.url();
        let classify = Arc::new(classify_api_server);
        let api = FaultProxy::start(&url, &authority.pem(), authority, classify, Arc::clone(&script)).await;

        let url = before_vendor.url();
        let hosts = Hosts::all_at(&url, &authority.pem());
        let namespace = lab.namespace_with(name, hosts).await;
        let own = set_up(&namespace, case, times).await;
        *tenant.lock().unwrap_or_else(PoisonError::into_inner) = Some(own.clone());
        let mirror = Mirror::start(&namespace);
        Self { namespace, case, tenant: own, script, mirror, api, times, _vendor: before_vendor }
    }

    /// How an operator is started here, by way of the proxy.
    pub fn operator_options(&self, lab: &Lab, lease: &[&str]) -> OperatorOptions {
        let timeout = format!("--vendor-timeout-milliseconds={}", self.times.timeout.as_millis());
        OperatorOptions {
            namespaces: vec![self.namespace.name.clone()],
            api_server: Some((self.api.url(), lab.control_plane.ca_path())),
            flags: TIMES.iter().chain(lease).map(ToString::to_string).chain([timeout]).collect(),
            default_times: true,
            ..OperatorOptions::default()
        }
    }

    /// The vendors' control.
    pub fn vendors(&self) -> &Control {
        &self.namespace.vendors
    }
}

/// Makes the tenant with its provider.
async fn set_up(namespace: &Namespace, case: &Case, times: VendorTimes) -> TenantId {
    let spec = json!({
        "limits": {"requestsPerMinute": 6000, "settleGraceSeconds": times.grace_seconds, "batchWindowMilliseconds": 100,
                   "minResendIntervalSeconds": 0},
        "resyncIntervalSeconds": 1,
    });
    case.open(namespace, PROVIDER, spec).await
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
