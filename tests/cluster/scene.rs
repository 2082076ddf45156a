//! What a test plays in: a namespace of its own, and an operator that watches only it.

use std::ops::Deref;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::lab::{Namespace, RunningOperator, WAIT, condition};
use test_rig::{AuditEntry, Lab, OperatorOptions};
use vendor_simulators::{Filter, Standing, TenantId, Vendor};

use crate::lab::{lab, own_lab};

const POLL: Duration = Duration::from_millis(20);

/// The operator's user name at the API server.
pub const OPERATOR_USER: &str = "system:serviceaccount:user-invitation-operator:user-invitation-operator";

/// Everything at the vendors that changes something for somebody.
const WRITES: [&str; 11] = [
    "hpe.invite",
    "hpe.delete_user",
    "hpe.put_preferences",
    "hpe.assign_role",
    "vmware.invite",
    "vmware.revoke",
    "vmware.delete_invitation",
    "vmware.remove_users",
    "vmware.change_roles",
    "appxite.invite",
    "appxite.remove",
];

/// Nobody is killed here, so leadership need not move quickly; on a busy machine it must not be lost.
const LONG_LEASE: [&str; 4] = [
    "--lease-duration-milliseconds=60000",
    "--lease-renew-deadline-milliseconds=40000",
    "--lease-renew-interval-milliseconds=2000",
    "--lease-try-timeout-milliseconds=10000",
];

/// The vendors that tests go through in turn; each provider is named after its vendor.
pub const VENDORS: [(Vendor, &str); 3] =
    [(Vendor::Vmware, "vmware"), (Vendor::Hpe, "hpe"), (Vendor::AppXite, "appxite")];

/// What is asked with another method than GET, and changes nothing.
const READS: [&str; 4] = ["hpe.token", "vmware.token", "vmware.token_details", "appxite.token"];

/// A namespace and its operator.
pub struct Scene {
    /// `None`: the one that all tests share.
    own_lab: Option<Lab>,
    namespace: Namespace,
    options: OperatorOptions,
    operator: Option<RunningOperator>,
    starts: u32,
    audit_from: u64,
}

impl Deref for Scene {
    type Target = Namespace;

    fn deref(&self) -> &Namespace {
        &self.namespace
    }
}

impl Scene {
    /// A new namespace, and an operator that is ready.
    pub async fn new(name: &str) -> Self {
        Self::with(name, &[]).await
    }

    /// The same with further flags for the operator.
    pub async fn with(name: &str, flags: &[&str]) -> Self {
        Self::of(name, &[name], flags).await
    }

    /// The same with an operator that watches these namespaces.
    pub async fn of(name: &str, namespaces: &[&str], flags: &[&str]) -> Self {
        let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
        let flags = LONG_LEASE.iter().chain(flags).map(|flag| (*flag).to_owned()).collect();
        Self::start(name, OperatorOptions { namespaces, flags, ..OperatorOptions::default() }).await
    }

    /// The same with an operator that keeps the product's own times.
    pub async fn with_default_times(name: &str) -> Self {
        let namespaces = vec![name.to_owned()];
        Self::start(name, OperatorOptions { namespaces, default_times: true, ..OperatorOptions::default() })
            .await
    }

    /// The same on a control plane of its own, for what would disturb the others.
    pub async fn alone(name: &str, flags: &[&str]) -> Self {
        let flags = LONG_LEASE.iter().chain(flags).map(|flag| (*flag).to_owned()).collect();
        let options =
            OperatorOptions { namespaces: vec![name.to_owned()], flags, ..OperatorOptions::default() };
        Self::start_in(Some(own_lab(name).await), name, options).await
    }

    async fn start(name: &str, options: OperatorOptions) -> Self {
        Self::start_in(None, name, options).await
    }

    async fn start_in(own_lab: Option<Lab>, name: &str, options: OperatorOptions) -> Self {
        let on = own_lab.as_ref().unwrap_or_else(|| lab());
        let audit_from = on.control_plane.audit_log().end();
        let namespace = on.namespace(name).await;
        let mut scene = Self { own_lab, namespace, options, operator: None, starts: 0, audit_from };
        scene.go().await;
        scene
    }

    /// What the scene is set in.
    pub fn lab(&self) -> &Lab {
        self.own_lab.as_ref().unwrap_or_else(|| lab())
    }

    /// Stops the operator, and the control plane if it is the scene's own.
    pub async fn end(mut self) {
        self.stop().await;
        if let Some(lab) = self.own_lab {
            lab.stop().await;
        }
    }

    /// A tenant of one of [`VENDORS`], with its provider.
    pub async fn tenant(&self, vendor: Vendor, spec: Value) -> TenantId {
        match vendor {
            Vendor::Vmware => self.vmware("vmware", spec).await,
            Vendor::Hpe => self.hpe("hpe", spec).await,
            Vendor::AppXite => self.appxite("appxite", spec).await,
            Vendor::Managed => self.managed("managed", spec).await,
        }
    }

    /// The calls that a tenant got and that may change something: whatever is not known to read.
    pub fn not_only_read(&self, tenant: &TenantId) -> Vec<String> {
        let calls = self.vendors.operations(&Filter::tenant(tenant)).into_iter();
        let may_change =
            calls.filter(|call| call.method != "GET" && !READS.contains(&call.operation.as_str()));
        may_change.map(|call| call.operation).collect()
    }

    /// Starts the operator, and waits until it leads.
    pub async fn go(&mut self) {
        self.starts += 1;
        let name = format!("{}-{}", self.name, self.starts);
        let mut operator = self.lab().operator(&name, &self.options).await;
        operator.ready().await;
        self.operator = Some(operator);
    }

    /// Stops the operator in order.
    pub async fn stop(&mut self) {
        let mut operator = self.operator.take().expect("the operator runs");
        operator.process.sigterm();
        let ended = operator.process.wait_exit(WAIT).await.expect("the operator stops");
        assert!(ended.success(), "the operator ended with {ended}:\n{}", operator.process.log());
    }

    /// Stops the operator and starts another one.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.go().await;
    }

    /// The running operator.
    pub fn operator(&mut self) -> &mut RunningOperator {
        self.operator.as_mut().expect("the operator runs")
    }

    /// One invitation as it is now.
    pub async fn invitation(&self, name: &str) -> Value {
        self.client.get(&self.invitation_path(name)).await.expect("the invitation is there")
    }

    /// Changes an invitation's spec.
    pub async fn edit(&self, name: &str, spec: Value) {
        let patch = json!({"spec": spec});
        self.client.merge_patch(&self.invitation_path(name), &patch).await.expect("the change is accepted");
    }

    /// Changes a provider's spec.
    pub async fn edit_provider(&self, name: &str, spec: Value) {
        let patch = json!({"spec": spec});
        self.client.merge_patch(&self.provider_path(name), &patch).await.expect("the change is accepted");
    }

    /// Requests the deletion of an invitation.
    pub async fn delete(&self, name: &str) {
        self.client.delete(&self.invitation_path(name)).await.expect("the invitation is there");
    }

    /// Waits until an invitation has a state and its Ready condition a reason.
    pub async fn wait(&self, name: &str, state: &str, reason: &str) -> Value {
        let what = format!("{state} with {reason}");
        let path = self.invitation_path(name);
        self.client
            .wait_for(&path, WAIT, &what, |object| {
                object["status"]["state"] == state && condition(object, "Ready")["reason"] == reason
            })
            .await
    }

    /// Waits until the invitation's status has this value for this field.
    pub async fn wait_status(&self, name: &str, field: &str, value: &str) -> Value {
        let what = format!("{field} = {value}");
        let path = self.invitation_path(name);
        self.client.wait_for(&path, WAIT, &what, |object| object["status"][field] == value).await
    }

    /// Waits until an invitation has a condition that is true.
    pub async fn wait_condition(&self, name: &str, type_: &str) -> Value {
        let path = self.invitation_path(name);
        self.client.wait_for(&path, WAIT, type_, |object| condition(object, type_)["status"] == "True").await
    }

    /// Waits until nothing will change for an invitation unless somebody does something.
    pub async fn wait_stalled(&self, name: &str) -> Value {
        self.wait_condition(name, "Stalled").await
    }

    /// Notes of the events about an object, by reason.
    pub async fn events(&self, name: &str, reason: &str) -> Vec<String> {
        let path = format!("/apis/events.k8s.io/v1/namespaces/{}/events", self.name);
        let events = self.client.list(&path).await.expect("events are listed");
        let about =
            events.iter().filter(|event| event["regarding"]["name"] == name && event["reason"] == reason);
        about.map(|event| event["note"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// Waits for an event.
    pub async fn wait_event(&self, name: &str, reason: &str) -> String {
        let begun = Instant::now();
        loop {
            if let Some(note) = self.events(name, reason).await.pop() {
                return note;
            }
            assert!(begun.elapsed() < WAIT, "no event {reason} about {name}");
            tokio::time::sleep(POLL).await;
        }
    }

    /// How many mails a person got from a tenant.
    pub fn mails(&self, tenant: &TenantId, email: &str) -> usize {
        self.vendors.mails(&Filter::tenant(tenant).email(email)).len()
    }

    /// How many mails everybody got from a tenant.
    pub fn all_mails(&self, tenant: &TenantId) -> usize {
        self.vendors.mails(&Filter::tenant(tenant)).len()
    }

    /// How many calls of an operation a tenant got.
    pub fn calls(&self, tenant: &TenantId, operation: &str) -> usize {
        self.vendors.count_operations(&Filter::tenant(tenant).operation(operation))
    }

    /// How many calls that change something a tenant got.
    pub fn writes(&self, tenant: &TenantId) -> usize {
        WRITES.iter().map(|operation| self.calls(tenant, operation)).sum()
    }

    /// Where a person stands.
    pub fn standing(&self, tenant: &TenantId, email: &str) -> Option<Standing> {
        self.vendors.person(tenant, email).expect("the tenant exists").map(|person| person.standing)
    }

    /// Waits until the operator has looked at everybody this many times more, from begin to end.
    pub async fn sweeps(&self, tenant: &TenantId, count: usize) {
        let operation = match tenant.vendor {
            Vendor::Hpe => "hpe.list_users",
            Vendor::Vmware => "vmware.list_users",
            Vendor::AppXite => "appxite.list_users",
            Vendor::Managed => "managed.list_users",
        };
        let before = self.calls(tenant, operation);
        // The first of them may have begun already, and what the last one shows is decided on after it.
        self.eventually("more sweeps", || self.calls(tenant, operation) > before + count).await;
    }

    /// Waits until something is so.
    pub async fn eventually(&self, what: &str, mut is_so: impl FnMut() -> bool) {
        let begun = Instant::now();
        while !is_so() {
            assert!(begun.elapsed() < WAIT, "{}: not so after {WAIT:?}: {what}", self.name);
            tokio::time::sleep(POLL).await;
        }
    }

    /// What the operator asked of the API server in this namespace so far, each request once.
    pub fn requests(&self) -> Vec<AuditEntry> {
        let (entries, _) = self.lab().control_plane.audit_log().read_since(self.audit_from);
        let mut ids = std::collections::HashSet::new();
        entries
            .into_iter()
            .filter(|entry| entry.user == OPERATOR_USER && entry.namespace == self.name)
            .filter(|entry| ids.insert(entry.id.clone()))
            .collect()
    }

    /// How many writes the operator made in this namespace, events aside.
    pub fn kubernetes_writes(&self) -> usize {
        let is_write = |entry: &&AuditEntry| {
            !matches!(entry.verb.as_str(), "get" | "list" | "watch") && entry.resource != "events"
        };
        self.requests().iter().filter(is_write).count()
    }

    /// Two sweeps pass, and neither the vendor nor an invitation gets a write.
    pub async fn stays_quiet_for_people(&self, tenant: &TenantId) {
        let writes = || {
            let requests = self.requests();
            requests.iter().filter(|r| r.resource == "userinvitations" && r.verb == "patch").count()
        };
        self.sweeps(tenant, 1).await;
        let before = (self.writes(tenant), writes());
        self.sweeps(tenant, 2).await;
        assert_eq!((self.writes(tenant), writes()), before, "{}: writes in quiet times", self.name);
    }

    /// Two sweeps pass, and neither the vendor nor the API server gets a write.
    pub async fn stays_quiet(&self, tenant: &TenantId) {
        self.sweeps(tenant, 1).await;
        let before = (self.writes(tenant), self.kubernetes_writes());
        self.sweeps(tenant, 2).await;
        assert_eq!(
            (self.writes(tenant), self.kubernetes_writes()),
            before,
            "{}: writes in quiet times",
            self.name
        );
    }
}
