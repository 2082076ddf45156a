//! A process that is killed in the middle of its work, beside one that does the same without a fault.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, condition};
use test_rig::{Lab, OperatorOptions};
use vendor_simulators::Filter;

use crate::crowd::Crowd;
use crate::load;
use crate::report::{Row, Target};
use crate::resources::Replica;

/// The operator's memory on an object.
const RECORD: &str = "userinvitation.dev/record";
/// Where the lease is.
const LEASES: &str = "/apis/coordination.k8s.io/v1/namespaces";
/// How long the vendor may take to show what it took: what is found out after that is left aside below.
const GRACE_SECONDS: u32 = 5;

/// From the moment when a process leads until it has invited everybody.
pub(crate) async fn without_a_fault(lab: &Lab, options: &OperatorOptions, people: usize) -> Duration {
    let crowd = declare(lab, people).await;
    let replica = Replica::start(lab, options).await;
    let fault_free = leading_until_invited(lab, &crowd, &HashSet::new()).await;
    replica.stop().await;
    fault_free
}

/// The same of a process that follows one that was killed halfway, beside that time.
///
/// Those for whom a call was open at the kill are left aside: for them, as much time as settlement takes has to pass.
pub(crate) async fn after_a_kill(
    lab: &Lab,
    options: &OperatorOptions,
    people: usize,
    fault_free: Duration,
) -> Row {
    let crowd = declare(lab, people).await;
    let mut killed = Replica::start(lab, options).await;
    load::until_called(&crowd.namespace, crowd.measured, &crowd.tenant, people / 2).await;
    killed.kill();
    let AtTheKill { invited, open } = AtTheKill::of(&crowd).await;
    let left = people - invited - open.len();
    assert!(left > 0, "killed too late: {invited} of {people} are invited, {} calls are open", open.len());
    let replica = Replica::start(lab, options).await;
    let recovered = leading_until_invited(lab, &crowd, &open).await;
    replica.stop().await;
    let mails = lab.vendors().mails(&Filter::tenant(&crowd.tenant)).len();
    assert_eq!(mails, people, "one mail for each");
    Row::new(
        "R9",
        crowd.measured.provider,
        "leading after a kill -9 to all invited ÷ the time without a fault (calls open at the kill aside)",
        recovered.as_secs_f64() / fault_free.as_secs_f64(),
        Target::AtMost(1.1),
        json!({
            "people": people, "mails": mails,
            "atTheKill": {"invited": invited, "open": open.len(), "left": left},
            "recoveredMilliseconds": recovered.as_millis(), "faultFreeMilliseconds": fault_free.as_millis(),
        }),
    )
}

async fn declare(lab: &Lab, people: usize) -> Crowd {
    Crowd::declare(lab, "bench-recovery", people, json!({"limits": {"settleGraceSeconds": GRACE_SECONDS}}))
        .await
}

/// How far the killed process was.
struct AtTheKill {
    /// How many were invited.
    invited: usize,
    /// Who was not, but had a call recorded.
    open: HashSet<String>,
}

impl AtTheKill {
    async fn of(crowd: &Crowd) -> Self {
        let path = crowd.namespace.path("userinvitations");
        let objects = crowd.namespace.client.list(&path).await.expect("the API server answers");
        let is_invited = |object: &&Value| condition(object, "Invited")["status"] == "True";
        let (invited, others): (Vec<_>, Vec<_>) = objects.iter().partition(is_invited);
        let has_a_call = |object: &&&Value| {
            let record = object["metadata"]["annotations"][RECORD].as_str().unwrap_or_default();
            let record: Value = serde_json::from_str(record).unwrap_or_default();
            record["attempt"].is_object()
        };
        let name = |object: &&Value| object["metadata"]["name"].as_str().unwrap_or_default().to_owned();
        Self { invited: invited.len(), open: others.iter().filter(has_a_call).map(name).collect() }
    }
}

/// From the moment when the present process leads until the last of the others is invited.
async fn leading_until_invited(lab: &Lab, crowd: &Crowd, aside: &HashSet<String>) -> Duration {
    let written = crowd.invited(lab).await;
    let counted = written.iter().filter(|entry| !aside.contains(&entry.name));
    let last = counted.map(|entry| entry.time).max().expect("somebody is invited");
    let lease = lab.admin().get(&format!("{LEASES}/{OPERATOR}/leases/{OPERATOR}")).await;
    let taken = lease.expect("somebody leads")["spec"]["acquireTime"].take();
    let taken: Timestamp = taken.as_str().and_then(|time| time.parse().ok()).expect("a time");
    Duration::try_from(last.duration_since(taken)).expect("the leader invites")
}
