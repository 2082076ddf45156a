//! What all of these tests have: some people in an organization, an operator that is the same process at the end, and the rule
//! that nobody got a second mail and nobody was taken away.

use std::cell::RefCell;
use std::ops::Deref;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::lab::{Namespace, OPERATOR, RunningOperator, WAIT, condition};
use test_rig::vendors::calls_of;
use test_rig::{AuditEntry, ControlPlaneOptions, Lab, OperatorOptions};
use vendor_simulators::{Filter, Operation, Standing, TenantId};

/// The provider of the organization.
pub const PROVIDER: &str = "csp";

/// The operator's user name at the API server.
const OPERATOR_USER: &str = "system:serviceaccount:user-invitation-operator:user-invitation-operator";

/// How often something is looked for that can't be waited for.
const POLL: Duration = Duration::from_millis(50);

/// Nobody stops leading within these times.
pub const LONG_LEASE: [&str; 4] = [
    "--lease-duration-milliseconds=60000",
    "--lease-renew-deadline-milliseconds=40000",
    "--lease-renew-interval-milliseconds=2000",
    "--lease-try-timeout-milliseconds=1000",
];

/// A control plane of one's own before anything runs on it.
pub async fn lab(name: &str) -> Lab {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let operator = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
    Lab::start(&folder, operator, ControlPlaneOptions::default()).await
}

/// The flags as an operator takes them.
pub fn flags(flags: &[&str]) -> Vec<String> {
    flags.iter().map(ToString::to_string).collect()
}

/// A control plane, a namespace with an organization, and an operator.
pub struct Scene {
    pub lab: Lab,
    pub operator: RunningOperator,
    namespace: Namespace,
    org: TenantId,
    everybody: RefCell<Vec<String>>,
}

impl Deref for Scene {
    type Target = Namespace;

    fn deref(&self) -> &Namespace {
        &self.namespace
    }
}

impl Scene {
    /// An operator that leads, a member whose deletion would remove her, and somebody who has not accepted yet.
    pub async fn begin(lab: Lab, options: &OperatorOptions, provider: Value) -> Self {
        let namespace = lab.namespace("team-a").await;
        let org = namespace.vmware(PROVIDER, provider).await;
        let mut operator = lab.operator("operator", options).await;
        operator.ready().await;
        let scene = Self { lab, operator, namespace, org, everybody: RefCell::default() };
        scene.declare("ada", json!({"deletionPolicy": "Remove"})).await;
        scene.declare("bob", json!({})).await;
        scene.is_pending("bob").await;
        scene.follows("ada").await;
        scene
    }

    /// Declares a person.
    pub async fn declare(&self, name: &str, spec: Value) {
        self.namespace.invite(name, PROVIDER, &email(name), spec).await;
        self.everybody.borrow_mut().push(name.to_owned());
    }

    /// Waits until somebody is invited.
    pub async fn is_pending(&self, name: &str) {
        self.wait_for_state(name, "Pending").await;
    }

    /// Has somebody accept, and waits until that is seen.
    pub async fn follows(&self, name: &str) {
        self.is_pending(name).await;
        self.vendors.accept(&self.org, &email(name)).expect("invited");
        self.wait_for_state(name, "Accepted").await;
    }

    /// How many mails somebody got.
    pub fn mails(&self, name: &str) -> usize {
        self.vendors.mails(&Filter::tenant(&self.org).email(email(name))).len()
    }

    /// How often a tenant's call was made.
    pub fn calls(&self, operation: &str) -> usize {
        let calls = self.vendors.operations(&Filter::tenant(&self.org));
        calls.iter().filter(|call| call.operation == operation).count()
    }

    /// How many calls a tenant got that may change something: whatever is not known to read.
    pub fn calls_that_write(&self) -> usize {
        let reads = calls_of(self.org.vendor).reads;
        let calls = self.vendors.operations(&Filter::tenant(&self.org));
        let may_change =
            |call: &&Operation| call.method != "GET" && !reads.contains(&call.operation.as_str());
        calls.iter().filter(may_change).count()
    }

    /// Waits for so many sweeps that begin after now.
    pub async fn sweeps(&self, count: usize) {
        let sweep = calls_of(self.org.vendor).sweeps_by();
        let before = self.calls(sweep);
        // The first of them may have begun already, and what the last one shows is decided on after it.
        self.until("more sweeps", || self.calls(sweep) > before + count).await;
    }

    /// The organization.
    pub fn org(&self) -> &TenantId {
        &self.org
    }

    /// What the vendor has of somebody.
    pub fn standing(&self, name: &str) -> Option<Standing> {
        self.vendors
            .person(&self.org, &email(name))
            .expect("the organization is there")
            .map(|one| one.standing)
    }

    /// Where everything is as before: a newcomer is invited, an earlier one who accepts is followed, each has one mail,
    /// nobody was taken away, and the operator is the process that was started.
    pub async fn goes_on(&mut self, newcomer: &str, earlier: &str) {
        self.declare(newcomer, json!({})).await;
        self.is_pending(newcomer).await;
        self.follows(earlier).await;
        self.operator.ready().await;
        self.nobody_is_wronged();
    }

    /// Each has one mail, nobody was taken away, and the operator is the process that was started.
    pub fn nobody_is_wronged(&mut self) {
        for name in self.everybody.borrow().iter() {
            assert_eq!(self.mails(name), 1, "mails of {name}");
            let standing = self.standing(name);
            assert!(matches!(standing, Some(Standing::Invited | Standing::Member)), "{name} is {standing:?}");
        }
        assert!(self.operator.process.is_running(), "the operator ended:\n{}", self.operator.process.log());
        let starts = self.operator.process.log().matches("\"message\":\"starting\"").count();
        assert_eq!(starts, 1, "starts of the operator");
    }

    /// Waits until the operator is not ready for this reason.
    pub async fn is_not_ready(&mut self, reason: &str) {
        let begun = Instant::now();
        loop {
            let answer = self.operator.readiness().await;
            if answer.as_ref().is_some_and(|(ready, told)| !ready && told.contains(reason)) {
                return;
            }
            assert!(self.operator.process.is_running(), "{}", self.operator.process.log());
            assert!(begun.elapsed() < WAIT, "it does not wait for {reason:?}: {answer:?}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// Waits until the operator's log has this.
    pub async fn says(&self, text: &str) {
        self.until(&format!("the log says {text:?}"), || self.operator.process.log().contains(text)).await;
    }

    /// Waits until something holds that has to be asked for again and again.
    pub async fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let begun = Instant::now();
        while !holds() {
            assert!(begun.elapsed() < WAIT, "not so: {what}\n{}", self.operator.process.log());
            tokio::time::sleep(POLL).await;
        }
    }

    /// The end of the audit log: a mark for [`Scene::requests_since`].
    pub fn mark(&self) -> u64 {
        self.lab.control_plane.audit_log().end()
    }

    /// What the operator asked the API server for since then, aside from its lease. A token that is not accepted has no name.
    pub fn requests_since(&self, mark: u64) -> Vec<AuditEntry> {
        let (entries, _) = self.lab.control_plane.audit_log().read_since(mark);
        // Nobody else has a bad token. It is refused before there is more to tell than that an answer begins.
        let own = |entry: &AuditEntry| match entry.code {
            401 => true,
            _ => entry.user == OPERATOR_USER && entry.stage != "ResponseStarted",
        };
        entries.into_iter().filter(|entry| own(entry) && entry.resource != "leases").collect()
    }

    /// Waits until each of these resources was listed since then, and a watch let in after that.
    pub async fn watches_again(&self, resources: &[&str], mark: u64) {
        let watched = |resource: &&str| {
            let (entries, _) = self.lab.control_plane.audit_log().read_since(mark);
            let own = |entry: &&AuditEntry| entry.user == OPERATOR_USER && entry.resource == **resource;
            let mut since = entries.iter().filter(own).filter(|entry| entry.code == 200);
            since.any(|entry| entry.verb == "list") && since.any(|entry| entry.verb == "watch")
        };
        self.until("everything is watched again", || resources.iter().all(watched)).await;
    }

    /// Waits until the API server knows whether the operator may write a status.
    pub async fn can_write_status(&self, allowed: bool) {
        let attributes = json!({
            "namespace": self.name, "group": "userinvitation.dev", "verb": "patch", "resource": "userinvitations",
            "subresource": "status",
        });
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {"user": OPERATOR_USER, "resourceAttributes": attributes},
        });
        let begun = Instant::now();
        let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
        while self.client.create(path, &review).await.expect("a review")["status"]["allowed"] != allowed {
            assert!(begun.elapsed() < WAIT, "the API server does not notice");
            tokio::time::sleep(POLL).await;
        }
    }

    /// The operator's lease.
    pub async fn lease(&self) -> Value {
        let path = format!("/apis/coordination.k8s.io/v1/namespaces/{OPERATOR}/leases/{OPERATOR}");
        self.client.get(&path).await.expect("the lease is there")
    }

    /// Whether the provider is ready, and since when.
    pub async fn readiness_of_the_provider(&self) -> Value {
        let provider = self.client.get(&self.provider_path(PROVIDER)).await.expect("the provider is there");
        let ready = condition(&provider, "Ready");
        json!({"status": ready["status"], "since": ready["lastTransitionTime"]})
    }

    /// Stops the operator in order, and starts another one.
    pub async fn begin_anew(&mut self, name: &str, options: &OperatorOptions) {
        stop(&mut self.operator).await;
        self.operator = self.lab.operator(name, options).await;
        self.operator.ready().await;
    }

    /// Stops the operator in order, and everything else.
    pub async fn end(mut self) {
        stop(&mut self.operator).await;
        self.lab.stop().await;
    }
}

/// Stops an operator in order.
pub async fn stop(operator: &mut RunningOperator) {
    operator.process.sigterm();
    let ended = operator.process.wait_exit(WAIT).await.expect("the operator stops");
    assert!(ended.success(), "the operator ended with {ended}:\n{}", operator.process.log());
}

/// Somebody's address.
pub fn email(name: &str) -> String {
    format!("{name}@example.com")
}

/// That so many requests in this time are no hot loop: below two a second, and some at the beginning.
pub fn is_calm(requests: &[AuditEntry], time: Duration) {
    let most = 10 + 2 * usize::try_from(time.as_secs()).expect("a short time");
    assert!(requests.len() <= most, "{} requests in {time:?}: {requests:#?}", requests.len());
}
