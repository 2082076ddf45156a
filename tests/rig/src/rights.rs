//! What a ServiceAccount may do, as the cluster's bindings say, and what it did, as the audit log says.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use crate::{AuditEntry, KubernetesClient};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

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
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let dot = if self.group.is_empty() { "" } else { "." };
        write!(f, "{} {}{dot}{}", self.verb, self.resource, self.group)
    }
}

/// A right and where it holds: in a namespace, or, where that is empty, everywhere.
pub type Grant = (String, Right);

/// What is granted to a ServiceAccount by name.
pub async fn granted(client: &KubernetesClient, namespace: &str, account: &str) -> BTreeSet<Grant> {
    let mut grants = BTreeSet::new();
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
            let place = binding["metadata"]["namespace"].as_str().unwrap_or_default();
            let role = binding["roleRef"]["name"].as_str().expect("a name");
            let path = match binding["roleRef"]["kind"].as_str() {
                Some("Role") => format!("{RBAC}/namespaces/{place}/roles/{role}"),
                _ => format!("{RBAC}/clusterroles/{role}"),
            };
            let role = client.get(&path).await.expect("the role is there");
            grants.extend(rights_of(&role).into_iter().map(|right| (place.to_owned(), right)));
        }
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

/// What was asked for, but for what everybody may ask: what he may do himself.
pub fn used(entries: &[AuditEntry]) -> BTreeSet<Right> {
    let of_objects = entries
        .iter()
        .filter(|entry| !entry.resource.is_empty() && entry.resource != "selfsubjectaccessreviews");
    of_objects
        .map(|entry| match entry.subresource.as_str() {
            "" => Right::new(&entry.verb, &entry.api_group, &entry.resource),
            sub => Right::new(&entry.verb, &entry.api_group, &format!("{}/{sub}", entry.resource)),
        })
        .collect()
}

fn strings(value: &Value) -> impl Iterator<Item = &str> {
    value.as_array().into_iter().flatten().map(|item| item.as_str().expect("text"))
}
