//! A process that is killed in the middle of its work, beside one that does the same without a fault.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use test_rig::lab::{Namespace, OPERATOR, condition};
use test_rig::{Lab, OperatorOptions};
use vendor_simulators::{Filter, TenantId, Vendor};

use crate::report::{Row, Target};
use crate::resources::Replica;
use crate::vendors::{self, Measured};
use crate::{count, load};

/// The operator's memory on an object.
const RECORD: &str = "userinvitation.dev/record";
/// Where the lease is.
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces";
/// How long the vendor may take to show what it took: what is found out after that is left aside below.
const GRACE_SECONDS: u32 = 5;

/// From the moment when a process leads until everybody is invited: one that follows a killed one, beside one that does all of it.
///
/// Those for whom a call was open at that moment are left aside: for them, as much time as settlement takes has to pass.
pub(crate) async fn after_a_kill(lab: &Lab, options: &OperatorOptions, people: usize) -> Row {
    let fault_free = fault_free(lab, options, people).await;
    let scene = Scene::new(lab, "bench-recovery", people).await;
    let mut killed = Replica::start(lab, options).await;
    load::until_called(&scene.namespace, scene.measured, &scene.tenant, people / 2).await;
    killed.kill();
    let open = scene.open().await;
    let replica = Replica::start(lab, options).await;
    let recovered = scene.time(lab, &open).await;
    replica.stop().await;
    let mails = lab.vendors().mails(&Filter::tenant(&scene.tenant)).len();
    assert_eq!(mails, people, "one mail for each");
    Row::new(
        "R9",
        scene.measured.provider,
        "leading after a kill -9 to all invited ÷ the time without a fault (calls open at the kill aside)",
        recovered.as_secs_f64() / fault_free.as_secs_f64(),
        Target::AtMost(1.1),
        json!({
            "people": people, "openAtTheKill": open.len(), "mails": mails,
            "recoveredMilliseconds": recovered.as_millis(), "faultFreeMilliseconds": fault_free.as_millis(),
        }),
    )
}

async fn fault_free(lab: &Lab, options: &OperatorOptions, people: usize) -> Duration {
    let scene = Scene::new(lab, "bench-fault-free", people).await;
    let replica = Replica::start(lab, options).await;
    let time = scene.time(lab, &HashSet::new()).await;
    replica.stop().await;
    time
}

/// People who are declared while nobody leads.
struct Scene {
    namespace: Namespace,
    measured: &'static Measured,
    tenant: TenantId,
    people: usize,
    mark: u64,
}

impl Scene {
    async fn new(lab: &Lab, name: &str, people: usize) -> Self {
        let namespace = lab.namespace(name).await;
        let measured = vendors::of(Vendor::Vmware);
        let limits = json!({"limits": {"settleGraceSeconds": GRACE_SECONDS}});
        let tenant = measured.tenant_with(&namespace, limits).await;
        load::people(&namespace, measured, people).await;
        Self { namespace, measured, tenant, people, mark: lab.control_plane.audit_log().end() }
    }

    /// Who is not invited, but has a call recorded.
    async fn open(&self) -> HashSet<String> {
        let path = self.namespace.path("userinvitations");
        let objects = self.namespace.client.list(&path).await.expect("the API server answers");
        let open = |object: &&Value| {
            let record = object["metadata"]["annotations"][RECORD].as_str().unwrap_or_default();
            let record: Value = serde_json::from_str(record).unwrap_or_default();
            record["attempt"].is_object() && condition(object, "Invited")["status"] != "True"
        };
        let name = |object: &Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        objects.iter().filter(open).map(name).collect()
    }

    /// From the moment when the present process leads until the last of the others is invited.
    async fn time(&self, lab: &Lab, aside: &HashSet<String>) -> Duration {
        load::until_invited(&self.namespace, self.measured, &self.tenant, self.people).await;
        let lease = lab.admin().get(&format!("{LEASES}/{OPERATOR}/leases/{OPERATOR}")).await;
        let taken = lease.expect("somebody leads")["spec"]["acquireTime"].take();
        let taken: Timestamp = taken.as_str().and_then(|time| time.parse().ok()).expect("a time");
        let (entries, _) = lab.control_plane.audit_log().read_since(self.mark);
        let written = count::patches(&entries, &self.namespace).filter(|entry| !aside.contains(&entry.name));
        let last = written.map(|entry| entry.time).max().expect("somebody is invited");
        Duration::try_from(last.duration_since(taken)).expect("the leader invites")
    }
}
