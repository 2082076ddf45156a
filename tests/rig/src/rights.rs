//! What a ServiceAccount may do, as the cluster's bindings say, and what it did, as the audit log says; and one right taken
//! away from it.

use std::collections::BTreeSet;
use std::fmt;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::audit::service_account_user;
use crate::{AuditEntry, KubernetesClient};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";
const REVIEWS: &str = "/apis/authorization.k8s.io/v1/subjectaccessreviews";

/// How long the API server may take to notice that a role has changed.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is asked.
const POLL: Duration = Duration::from_millis(10);

/// One right, wherever it is granted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Verb as RBAC knows it.
    pub verb: String,
    /// API group; empty for the core group.
    pub group: String,
    /// Plural of the resource, with its subresource.
    pub resource: String,
}

impl Right {
    /// A right.
    pub fn new(verb: &str, group: &str, resource: &str) -> Self {
        Self { verb: verb.to_owned(), group: group.to_owned(), resource: resource.to_owned() }
    }

    /// What a request takes.
    pub fn of(entry: &AuditEntry) -> Self {
        match entry.subresource.as_str() {
            "" => Self::new(&entry.verb, &entry.api_group, &entry.resource),
            sub => Self::new(&entry.verb, &entry.api_group, &format!("{}/{sub}", entry.resource)),
        }
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.group.is_empty() { "" } else { "." };
        write!(f, "{} {}{dot}{}", self.verb, self.resource, self.group)
    }
}

/// A right where it holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Grant {
    /// A namespace, or, where that is empty, everywhere.
    pub place: String,
    /// The right.
    pub right: Right,
}

impl Grant {
    /// Whether it allows this request, or, if that was refused, would have.
    pub fn covers(&self, entry: &AuditEntry) -> bool {
        (self.place.is_empty() || self.place == entry.namespace) && self.right == Right::of(entry)
    }
}

impl fmt::Display for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.as_str() {
            "" => write!(f, "{} everywhere", self.right),
            place => write!(f, "{} in {place}", self.right),
        }
    }
}

/// A role that is bound to a ServiceAccount.
struct Bound {
    place: String,
    path: String,
    role: Value,
}

/// The roles that are bound to a ServiceAccount by name.
async fn bound(client: &KubernetesClient, namespace: &str, account: &str) -> Vec<Bound> {
    let mut found = Vec::new();
    for bindings in ["rolebindings", "clusterrolebindings"] {
        for binding in client.list(&format!("{RBAC}/{bindings}")).await.expect("bindings can be listed") {
            let of_the_account = |subject: &Value| {
                subject["kind"] == "ServiceAccount"
                    && subject["namespace"] == namespace
                    && subject["name"] == account
            };
            if !binding["subjects"].as_array().into_iter().flatten().any(of_the_account) {
                continue;
            }
            let place = binding["metadata"]["namespace"].as_str().unwrap_or_default().to_owned();
            let role = binding["roleRef"]["name"].as_str().expect("a name");
            let path = match binding["roleRef"]["kind"].as_str() {
                Some("Role") => format!("{RBAC}/namespaces/{place}/roles/{role}"),
                _ => format!("{RBAC}/clusterroles/{role}"),
            };
            let role = client.get(&path).await.expect("the role is there");
            found.push(Bound { place, path, role });
        }
    }
    found
}

/// What is granted to a ServiceAccount by name.
pub async fn granted(client: &KubernetesClient, namespace: &str, account: &str) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
    for Bound { place, role, .. } in bound(client, namespace, account).await {
        grants.extend(rights_of(&role).into_iter().map(|right| Grant { place: place.clone(), right }));
    }
    grants
}

/// What a role's rules allow.
fn rights_of(role: &Value) -> BTreeSet<Right> {
    let mut rights = BTreeSet::new();
    for rule in role["rules"].as_array().into_iter().flatten() {
        for group in strings(&rule["apiGroups"]) {
            for resource in strings(&rule["resources"]) {
                rights.extend(strings(&rule["verbs"]).map(|verb| Right::new(verb, group, resource)));
            }
        }
    }
    rights
}

/// The requests that take a right: all but those for what everybody may ask, what he may do himself.
pub fn take_rights<'a>(
    entries: impl IntoIterator<Item = &'a AuditEntry>,
) -> impl Iterator<Item = &'a AuditEntry> {
    let takes =
        |entry: &&AuditEntry| !entry.resource.is_empty() && entry.resource != "selfsubjectaccessreviews";
    entries.into_iter().filter(takes)
}

/// One right that was taken away.
#[must_use = "it has to be given back"]
pub struct Withdrawn {
    client: KubernetesClient,
    user: String,
    grant: Grant,
    path: String,
    rules: Value,
}

/// Takes one right away from a ServiceAccount, and no other, and waits until the API server has noticed.
pub async fn withdraw(client: &KubernetesClient, namespace: &str, account: &str, grant: &Grant) -> Withdrawn {
    let mut holders = bound(client, namespace, account).await;
    holders.retain(|bound| bound.place == grant.place && rights_of(&bound.role).contains(&grant.right));
    let [Bound { path, role, .. }] = &holders[..] else {
        panic!("{} roles grant the right to {grant}", holders.len());
    };
    let rest: Vec<Value> = rights_of(role)
        .iter()
        .filter(|right| **right != grant.right)
        .map(
            |right| json!({"apiGroups": [right.group], "resources": [right.resource], "verbs": [right.verb]}),
        )
        .collect();
    client.merge_patch(path, &json!({"rules": rest})).await.expect("an administrator may");
    let withdrawn = Withdrawn {
        client: client.clone(),
        user: service_account_user(namespace, account),
        grant: grant.clone(),
        path: path.clone(),
        rules: role["rules"].clone(),
    };
    withdrawn.wait_until(false).await;
    withdrawn
}

impl Withdrawn {
    /// Gives it back, and waits until the API server has noticed.
    pub async fn give_back(self) {
        let rules = json!({"rules": self.rules});
        self.client.merge_patch(&self.path, &rules).await.expect("an administrator may");
        self.wait_until(true).await;
    }

    async fn wait_until(&self, allowed: bool) {
        let Grant { place, right } = &self.grant;
        let (resource, subresource) = right.resource.split_once('/').unwrap_or((&right.resource, ""));
        let review = json!({
            "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
            "spec": {"user": self.user, "resourceAttributes": {
                "namespace": place, "verb": right.verb, "group": right.group,
                "resource": resource, "subresource": subresource,
            }},
        });
        let begun = Instant::now();
        loop {
            let answer = self.client.create(REVIEWS, &review).await.expect("reviews are answered");
            if answer["status"]["allowed"] == allowed {
                return;
            }
            assert!(begun.elapsed() < PATIENCE, "{}: allowed is not {allowed}", self.grant);
            tokio::time::sleep(POLL).await;
        }
    }
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().expect("text"))
}
