//! The operator's rights: it uses no others than it has, and reads no Secret that it should not.

use serde_json::json;
use test_rig::AuditEntry;
use test_rig::lab::{OPERATOR, WAIT};
use test_rig::rights;

use crate::lab::{CLUSTER, lab};
use crate::place::OPERATOR_USER;
use crate::scene::Scene;

/// Reads of Secrets in a namespace, by name.
fn secrets_read(scene: &Scene, name: &str) -> Vec<AuditEntry> {
    scene.requests().into_iter().filter(|entry| entry.resource == "secrets" && entry.name == name).collect()
}

#[tokio::test]
async fn what_is_used_is_granted_and_nothing_is_refused() {
    // A life with a Secret, a private authority, events, a provider of the cluster. That none of the rights is idle is shown
    // where the chart is installed in each of its modes.
    let _alone = CLUSTER.lock().await;
    let mut scene = Scene::with("rights-used", &["--cluster-providers=true"]).await;
    of_the_cluster(&scene).await;
    scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    scene.annotate("ada", &json!({"userinvitation.dev/resend-requested-at": "early"})).await;
    scene.wait_event("ada", "ResendSpent").await;
    scene.restart().await;
    scene.delete_and_wait("ada").await;

    // Also what the other tests' operators did so far.
    let entries = lab().control_plane.audit_log().read();
    let entries: Vec<AuditEntry> = entries.into_iter().filter(|entry| entry.user == OPERATOR_USER).collect();
    let grants = rights::granted(&scene.client, OPERATOR, OPERATOR).await;
    let is_granted = |entry: &&AuditEntry| grants.iter().any(|grant| grant.covers(entry));
    let more: Vec<&AuditEntry> = rights::take_rights(&entries).filter(|entry| !is_granted(entry)).collect();
    assert!(more.is_empty(), "used, and not granted: {more:?}");
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
