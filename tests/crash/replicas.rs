//! Two replicas on one lease: a leader that is stopped in the middle of its work, killed, asked to end, or cut off
//! from the API server. Whoever takes over does so when the lease says, not before and not much later.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, RunningOperator};
use test_rig::proxy::{Fault, Point, Script};
use test_rig::vendors::{self, Case as VendorCase};
use test_rig::{Lab, OperatorOptions};
use vendor_simulators::Filter;

use crate::ground::{Ground, PROVIDER, SHORT_LEASE};
use crate::mirror::state;
use crate::trial::VendorTimes;

/// Longer than the product's own lease.
const LONG_STOP: Duration = Duration::from_secs(20);

/// How long the product's own lease lasts, and the short one; and how often a standby replica looks at it here.
const LEASE: Duration = Duration::from_secs(15);
const SHORT: Duration = Duration::from_secs(3);
const LOOKS: &str = "--lease-retry-milliseconds=100";

/// How long a takeover may take beside that, on a slow machine.
const SLACK: Duration = Duration::from_millis(1500);

/// The renew deadline of the short lease, and how long work may linger after it, with room for a slow machine.
const DEADLINE: Duration = Duration::from_millis(2400);
const LINGER: Duration = Duration::from_millis(1500);

/// How long an ordered end may take: far less than the product's own lease.
const FAST: Duration = Duration::from_secs(5);

/// How long something may take.
const WAIT: Duration = Duration::from_secs(30);

/// How often something is looked for.
const POLL: Duration = Duration::from_millis(20);

/// How long it takes to stop a process once its request is seen.
const HELD: Duration = Duration::from_millis(700);

/// What is tried.
#[derive(Debug, Clone, Copy)]
pub enum Case {
    /// Stopped with its intent written and the call not yet made, then woken.
    StoppedBeforeTheCall,
    /// Stopped while its call is under way, then woken.
    StoppedDuringTheCall,
    /// Killed with its intent written.
    Killed,
    /// Asked to end in the middle of its work.
    AskedToEnd,
    /// Cut off from the API server, not from the vendor.
    CutOff,
}

impl Case {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::StoppedBeforeTheCall,
        Self::StoppedDuringTheCall,
        Self::Killed,
        Self::AskedToEnd,
        Self::CutOff,
    ];
}

/// Tries a case in a new place of that name; answers what was measured.
pub async fn run(lab: &Arc<Lab>, case: Case, name: &str) -> Result<String, String> {
    match case {
        Case::StoppedBeforeTheCall => stopped(lab, name, &point("patch userinvitations", "person-0")).await,
        Case::StoppedDuringTheCall => {
            stopped(lab, name, &point("vmware.invite", "person-0@example.com")).await
        }
        Case::Killed => killed(lab, name).await,
        Case::AskedToEnd => asked_to_end(lab, name).await,
        Case::CutOff => cut_off(lab, name).await,
    }
}

/// With the product's own lease, the leader is stopped for longer than that. The other one takes over, nobody gets a second
/// mail, and the woken one calls nobody, changes nothing, and stands by. Requests that it was about to send when it was stopped
/// may still reach the API server, which refuses them: they are for versions that are gone.
async fn stopped(lab: &Arc<Lab>, name: &str, at: &Point) -> Result<String, String> {
    let scene = Scene::begin(lab, name, vendors::VMWARE, &[(at.clone(), Fault::Delay(HELD))], &[]).await;
    let mut leader = scene.leader(lab).await;
    let _other = scene.other(lab, &[LOOKS]).await;
    let since = Timestamp::now();
    scene.invite(3).await;
    scene.until(&format!("{at} is seen"), || scene.has_seen(at)).await?;
    let stopped = Instant::now();
    leader.process.stop_signal();
    let told = scene.taken_from_the_silent(LEASE, since).await?;
    scene.all_pending(3).await?;
    tokio::time::sleep(LONG_STOP.saturating_sub(stopped.elapsed())).await;

    let before = scene.versions().await?;
    let woken = Instant::now();
    leader.process.cont_signal();
    scene.until("the woken leader stands by", || has_lost(&leader)).await?;
    must(leader.process.is_running(), "the woken leader ended")?;
    let mut called = scene.ground.script.writes_since(woken);
    called.retain(|entry| entry.call.operation.starts_with("vmware."));
    must(called.is_empty(), &format!("the woken leader called the vendor: {called:?}"))?;
    let after = scene.versions().await?;
    must(after == before, &format!("the woken leader wrote: {before:?} became {after:?}"))?;
    scene.one_mail_each(3)?;
    Ok(format!("{told}; stopped for {:.1?}", stopped.elapsed()))
}

/// The leader is killed between its intent and the call: the other one takes over and sends once.
async fn killed(lab: &Arc<Lab>, name: &str) -> Result<String, String> {
    let at = point("patch userinvitations", "person-0");
    let scene =
        Scene::begin(lab, name, vendors::VMWARE, &[(at.clone(), Fault::Delay(HELD))], &SHORT_LEASE).await;
    let mut leader = scene.leader(lab).await;
    let _other = scene.other(lab, &SHORT_LEASE).await;
    let since = Timestamp::now();
    scene.invite(3).await;
    scene.until(&format!("{at} is seen"), || scene.has_seen(&at)).await?;
    leader.process.kill9();
    let told = scene.taken_from_the_silent(SHORT, since).await?;
    scene.all_pending(3).await?;
    scene.one_mail_each(3)?;
    Ok(told)
}

/// With the product's own long lease: a leader that is asked to end gives the lease back, so that the other one goes
/// on at once.
async fn asked_to_end(lab: &Arc<Lab>, name: &str) -> Result<String, String> {
    let scene = Scene::begin(lab, name, vendors::HPE, &[], &[]).await;
    let mut leader = scene.leader(lab).await;
    let mut other = scene.other(lab, &[LOOKS]).await;
    scene.invite(20).await;
    scene.until("some people are invited", || scene.mails() >= 3).await?;
    let asked = Timestamp::now();
    leader.process.sigterm();
    let ended = leader.process.wait_exit(FAST).await;
    must(ended.is_some_and(|status| status.success()), "the leader does not end well when asked to")?;
    let (_, taken) = scene.taken_over().await?;
    let took = Duration::try_from(taken.duration_since(asked)).map_err(|error| error.to_string())?;
    must(took < FAST, &format!("the other one leads only after {took:?}"))?;
    scene.all_pending(20).await?;
    must(other.process.is_running(), "the other one ended")?;
    scene.one_mail_each(20)?;
    Ok(format!("taken over {took:.1?} after it was asked to end, with a lease of {LEASE:?}"))
}

/// A leader that can't reach the API server stops calling the vendor before its lease ends.
async fn cut_off(lab: &Arc<Lab>, name: &str) -> Result<String, String> {
    let scene = Scene::begin(lab, name, vendors::HPE, &[], &SHORT_LEASE).await;
    let mut leader = scene.leader(lab).await;
    scene.invite(40).await;
    scene.until("some people are invited", || scene.mails() >= 3).await?;
    let cut = Instant::now();
    scene.ground.api.sever(true);
    scene.until("the leader stands by", || has_lost(&leader)).await?;
    let took = cut.elapsed();
    must(leader.process.is_running(), "the leader ended")?;
    must(took < DEADLINE + LINGER, &format!("the leader's work ends only after {took:?}"))?;
    let late = scene.ground.script.entries();
    let late: Vec<_> = late
        .iter()
        .filter(|entry| entry.call.writes && entry.call.operation.starts_with("hpe."))
        .filter(|entry| entry.at > cut + DEADLINE)
        .collect();
    must(late.is_empty(), &format!("the vendor was called after the renew deadline: {late:?}"))?;
    must(scene.mails() < 40, "everything was done before the cut; nothing is shown")?;
    let _other = scene.other(lab, &SHORT_LEASE).await;
    scene.all_pending(40).await?;
    scene.one_mail_each(40)?;
    Ok(format!("stood by {took:.1?} after the cut"))
}

fn point(operation: &str, subject: &str) -> Point {
    Point { operation: operation.to_owned(), subject: subject.to_owned(), nth: 1 }
}

/// Whether it leads no longer, and all its work has ended.
fn has_lost(leader: &RunningOperator) -> bool {
    leader.process.log().contains("this process leads no longer")
}

fn must(holds: bool, what: &str) -> Result<(), String> {
    if holds { Ok(()) } else { Err(what.to_owned()) }
}

/// One place with two replicas. Only the first one goes by way of the proxy before the API server.
struct Scene {
    ground: Ground,
    name: String,
    first: OperatorOptions,
}

impl Scene {
    async fn begin(
        lab: &Lab,
        name: &str,
        vendor: &'static VendorCase,
        faults: &[(Point, Fault)],
        lease: &[&str],
    ) -> Self {
        let ground =
            Ground::prepare(lab, name, vendor, Arc::new(Script::new(faults, || ())), VendorTimes::default())
                .await;
        let first = ground.operator_options(lab, lease);
        Self { ground, name: name.to_owned(), first }
    }

    async fn leader(&self, lab: &Lab) -> RunningOperator {
        let mut leader = lab.operator(&format!("{}-first", self.name), &self.first).await;
        leader.ready().await;
        leader
    }

    async fn other(&self, lab: &Lab, lease: &[&str]) -> RunningOperator {
        let options = OperatorOptions { api_server: None, ..self.ground.operator_options(lab, lease) };
        let mut other = lab.operator(&format!("{}-other", self.name), &options).await;
        other.ready().await;
        other
    }

    async fn invite(&self, people: usize) {
        for number in 0..people {
            let name = format!("person-{number}");
            self.ground.namespace.invite(&name, PROVIDER, &format!("{name}@example.com"), json!({})).await;
        }
    }

    /// Waits until the other replica holds the lease; when the first one wrote it last, as far as was seen, and when it was taken.
    async fn taken_over(&self) -> Result<(Option<Timestamp>, Timestamp), String> {
        let namespace = &self.ground.namespace;
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{OPERATOR}/leases/{}", namespace.name);
        let (begun, mut last) = (Instant::now(), None);
        loop {
            let lease = namespace.client.get(&path).await.map_err(|error| error.to_string())?;
            let time = |field: &str| -> Option<Timestamp> { lease["spec"][field].as_str()?.parse().ok() };
            let holder = lease["spec"]["holderIdentity"].as_str().unwrap_or_default();
            if let Some(taken) = time("acquireTime")
                && holder.starts_with(&format!("{}-other_", self.name))
            {
                return Ok((last, taken));
            }
            last = time("renewTime");
            must(begun.elapsed() < WAIT, &format!("nobody takes the lease: {lease}"))?;
            tokio::time::sleep(POLL).await;
        }
    }

    /// The same after a leader that says nothing more: the lease is taken when it has run out, and not much later. The other
    /// one has looked at it since this time.
    async fn taken_from_the_silent(&self, lasts: Duration, looked: Timestamp) -> Result<String, String> {
        let (Some(last), taken) = self.taken_over().await? else {
            return Err("the lease was taken before anybody looked".to_owned());
        };
        let after = |time| Duration::try_from(taken.duration_since(time)).map_err(|error| error.to_string());
        let (silent, seen) = (after(last)?, after(last.max(looked))?);
        must(silent >= lasts, &format!("taken after {silent:.1?} of silence, which is too early"))?;
        must(seen <= lasts + SLACK, &format!("taken only after {seen:.1?} of silence"))?;
        Ok(format!("taken over after {silent:.1?} of silence, with a lease of {lasts:?}"))
    }

    fn has_seen(&self, point: &Point) -> bool {
        self.ground.script.entries().iter().any(|entry| entry.points.contains(point))
    }

    /// The version of each invitation.
    async fn versions(&self) -> Result<BTreeMap<String, String>, String> {
        let namespace = &self.ground.namespace;
        let objects = namespace.client.list(&namespace.path("userinvitations")).await;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let version = |object: &Value| {
            let metadata = &object["metadata"];
            (text(&metadata["name"]), text(&metadata["resourceVersion"]))
        };
        objects.map(|objects| objects.iter().map(version).collect()).map_err(|error| error.to_string())
    }

    fn mails(&self) -> usize {
        self.ground.vendors().mails(&Filter::tenant(&self.ground.tenant)).len()
    }

    async fn until(&self, what: &str, holds: impl Fn() -> bool) -> Result<(), String> {
        let begun = Instant::now();
        while !holds() {
            must(begun.elapsed() < WAIT, &format!("not so after {WAIT:?}: {what}"))?;
            tokio::time::sleep(POLL).await;
        }
        Ok(())
    }

    async fn all_pending(&self, people: usize) -> Result<(), String> {
        let pending = self.ground.mirror.until("everybody is Pending", |objects| {
            objects.len() == people && objects.keys().all(|name| state(objects, name) == "Pending")
        });
        pending.await
    }

    fn one_mail_each(&self, people: usize) -> Result<(), String> {
        for number in 0..people {
            let email = format!("person-{number}@example.com");
            let mails = self.ground.vendors().mails(&Filter::tenant(&self.ground.tenant).email(&email)).len();
            must(mails == 1, &format!("{email} got {mails} mails"))?;
        }
        Ok(())
    }
}
