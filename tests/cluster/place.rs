//! Where a test plays: a namespace, with what is seen and done in it.

use std::ops::Deref;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::lab::{Namespace, WAIT, condition};
use test_rig::vendors::calls_of;
use test_rig::{AuditEntry, AuditLog};
use vendor_simulators::{Filter, Standing, TenantId};

const POLL: Duration = Duration::from_millis(20);

/// The operator's user name at the API server.
pub const OPERATOR_USER: &str = "system:serviceaccount:user-invitation-operator:user-invitation-operator";

/// A namespace, and the audit log since it is there.
#[derive(Clone)]
pub struct Place {
    namespace: Namespace,
    audit: AuditLog,
    audit_from: u64,
}

impl Deref for Place {
    type Target = Namespace;

    fn deref(&self) -> &Namespace {
        &self.namespace
    }
}

impl Place {
    /// The place of a namespace.
    pub fn new(namespace: Namespace, audit: AuditLog, audit_from: u64) -> Self {
        Self { namespace, audit, audit_from }
    }

    /// The same with credentials of the vendors' tenants that are made like this.
    pub fn with_secrets(&self, secret: fn() -> String) -> Self {
        Self { namespace: self.namespace.clone().with_secrets(secret), ..self.clone() }
    }

    /// The calls that a tenant got and that may change something: whatever is not known to read.
    pub fn not_only_read(&self, tenant: &TenantId) -> Vec<String> {
        let reads = calls_of(tenant.vendor).reads;
        let calls = self.vendors.operations(&Filter::tenant(tenant)).into_iter();
        let may_change =
            calls.filter(|call| call.method != "GET" && !reads.contains(&call.operation.as_str()));
        may_change.map(|call| call.operation).collect()
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
        calls_of(tenant.vendor).writes().map(|operation| self.calls(tenant, operation)).sum()
    }

    /// Where a person stands.
    pub fn standing(&self, tenant: &TenantId, email: &str) -> Option<Standing> {
        self.vendors.person(tenant, email).expect("the tenant exists").map(|person| person.standing)
    }

    /// Waits until the operator has looked at everybody this many times more, from begin to end.
    pub async fn sweeps(&self, tenant: &TenantId, count: usize) {
        let operation = calls_of(tenant.vendor).sweeps_by();
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
        let (entries, _) = self.audit.read_since(self.audit_from);
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
