//! The operator's rights: it uses no others than it has, and reads no Secret that it should not.

use std::collections::BTreeSet;

use serde_json::json;
use test_rig::AuditEntry;
use test_rig::lab::{OPERATOR, WAIT};
use test_rig::rights::{self, Right};

use crate::lab::{CLUSTER, lab};
use crate::place::OPERATOR_USER;
use crate::scene::Scene;

/// Reads of Secrets in a namespace, by name.
fn secrets_read(scene: &Scene, name: &str) -> Vec<AuditEntry> {
    scene.requests().into_iter().filter(|entry| entry.resource == "secrets" && entry.name == name).collect()
}

/// Only a write that met another one reads an object again, and only a repeated event is patched.
const RARE: [(&str, &str, &str); 4] = [
    ("get", "userinvitation.dev", "userinvitations"),
    ("get", "userinvitation.dev", "invitationproviders"),
    ("get", "userinvitation.dev", "clusterinvitationproviders"),
    ("patch", "events.k8s.io", "events"),
];

#[tokio::test]
async fn what_is_granted_is_what_is_used() {
    // A life that uses every right: a Secret, a private authority, events, a deletion that can't go on.
    let _alone = CLUSTER.lock().await;
    let mut scene = Scene::with("rights-used", &["--cluster-providers=true"]).await;
    of_the_cluster(&scene).await;
    scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.annotate("ada", &json!({"userinvitation.dev/resend-requested-at": "early"})).await;
    scene.wait_event("ada", "ResendSpent").await;
    scene.stop().await;
    let secret = format!("/api/v1/namespaces/{}/secrets/csp", scene.name);
    scene.client.delete(&secret).await.expect("the Secret is there");
    scene.go().await;
    scene.delete("ada").await;
    scene.wait("ada", "Deleting", "CredentialsMissing").await;
    scene.annotate("ada", &json!({"userinvitation.dev/abandon": "true"})).await;
    scene.client.wait_gone(&scene.invitation_path("ada"), WAIT).await;

    // Also what the other tests' operators did so far.
    let entries = lab().control_plane.audit_log().read();
    let entries: Vec<AuditEntry> = entries.into_iter().filter(|entry| entry.user == OPERATOR_USER).collect();
    let used = rights::used(&entries);
    let granted = rights::granted(&scene.client, OPERATOR, OPERATOR).await;
    let granted: BTreeSet<Right> = granted.into_iter().map(|(_, right)| right).collect();
    let more: Vec<&Right> = used.difference(&granted).collect();
    assert!(more.is_empty(), "used, and not granted: {more:?}");
    let rare = |right: &&Right| RARE.contains(&(&right.verb, &right.group, &right.resource));
    let idle: Vec<&Right> = granted.difference(&used).filter(|right| !rare(right)).collect();
    assert!(idle.is_empty(), "granted, and not used: {idle:?}");
    // In a namespace that terminates nobody may create anything, events neither.
    let terminating =
        |entry: &AuditEntry| entry.resource == "events" && entry.namespace.starts_with("departures-");
    let refused: Vec<&AuditEntry> =
        entries.iter().filter(|entry| matches!(entry.code, 401 | 403) && !terminating(entry)).collect();
    assert!(refused.is_empty(), "refused: {refused:?}");
    let broad: Vec<&AuditEntry> =
        entries.iter().filter(|entry| entry.resource == "secrets" && entry.verb != "get").collect();
    assert!(broad.is_empty(), "Secrets are read by name only: {broad:?}");
}

/// A life with a provider of the cluster that selects by labels.
async fn of_the_cluster(scene: &Scene) {
    let cluster = lab().cluster();
    let selector = json!({"matchLabels": {"kubernetes.io/metadata.name": scene.name}});
    cluster.vmware("rights-used", json!({"allowedNamespaces": {"selector": selector}})).await;
    let reference = json!({"providerRef": {"kind": "ClusterInvitationProvider"}});
    scene.invite("bob", "rights-used", "bob@example.com", reference).await;
    scene.wait_for_state("bob", "Pending").await;
    scene.delete_and_wait("bob").await;
    let path = cluster.provider_path("rights-used");
    cluster.client.delete(&path).await.expect("the provider is there");
    cluster.client.wait_gone(&path, WAIT).await;
}

#[tokio::test]
async fn an_unlabelled_secret_is_never_read() {
    let scene = Scene::new("rights-unlabelled").await;
    let secret = json!({
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "csp", "namespace": scene.name},
        "stringData": {"apiToken": "not-for-the-operator"},
    });
    let collection = format!("/api/v1/namespaces/{}/secrets", scene.name);
    scene.client.create(&collection, &secret).await.expect("the Secret is new");
    let block = json!({"vmwareCloudServices": {
        "orgId": "7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11", "platform": "Vcsp", "endpoint": scene.vmware_url(),
    }});
    scene.provider("csp", block, json!({})).await;
    scene.wait_for_provider("csp", "SecretNotLabelled").await;
    let reads = secrets_read(&scene, "csp");
    assert!(!reads.is_empty());
    // The audit log does not tell what a request accepts; that only metadata is asked for shows in the number:
    // a read of the values always follows one of the metadata at once.
    let patch = json!({"metadata": {"labels": {"userinvitation.dev/credentials": "true"}}});
    scene.client.merge_patch(&format!("{collection}/csp"), &patch).await.expect("the Secret is there");
    scene.wait_for_provider("csp", "HostNotAllowed").await;
    assert!(secrets_read(&scene, "csp").len() >= reads.len() + 2);
}

#[tokio::test]
async fn a_secret_of_another_namespace_is_never_read() {
    let scene = Scene::new("rights-other").await;
    let other = lab().namespace("rights-other-secret").await;
    other.secret("csp", other.vmware_url(), &json!({"apiToken": "somebody-elses"})).await;
    let block = json!({"vmwareCloudServices": {
        "orgId": "7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11", "platform": "Vcsp", "endpoint": scene.vmware_url(),
    }});
    scene.provider("csp", block, json!({})).await;
    let provider = scene.wait_for_provider("csp", "SecretNotFound").await;
    assert!(!provider["status"].to_string().contains(&other.name));
    let entries = lab().control_plane.audit_log().read();
    let there =
        entries.iter().filter(|entry| entry.user == OPERATOR_USER && entry.namespace == other.name).count();
    assert_eq!(there, 0);
}
