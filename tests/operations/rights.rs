//! The operator's rights are withdrawn while it works, and given back.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::OperatorOptions;
use test_rig::lab::{OPERATOR, WAIT};

use crate::scene::{LONG_LEASE, OPERATOR_USER, Scene, flags, is_calm, lab};

const RBAC: &str = "/apis/rbac.authorization.k8s.io/v1";

/// How long a fault lasts in which the operator must not spin.
const A_WHILE: Duration = Duration::from_secs(6);

/// All bindings: whatever it asks for is refused, the lease first of all.
#[tokio::test]
async fn everything_is_withdrawn() {
    let options = OperatorOptions { flags: flags(&[]), ..OperatorOptions::default() };
    let mut scene = Scene::begin(lab("operations-rights").await, &options, json!({})).await;
    let (mark, begun) = (scene.mark(), Instant::now());
    let mut taken = Vec::new();
    for plural in ["clusterrolebindings", "rolebindings"] {
        for binding in scene.client.list(&format!("{RBAC}/{plural}")).await.expect("bindings") {
            let name = binding["metadata"]["name"].as_str().expect("a name");
            if !name.starts_with(OPERATOR) {
                continue;
            }
            let place = match binding["metadata"]["namespace"].as_str() {
                Some(namespace) => format!("{RBAC}/namespaces/{namespace}/{plural}"),
                None => format!("{RBAC}/{plural}"),
            };
            scene.client.delete(&format!("{place}/{name}")).await.expect("an administrator may");
            let metadata = json!({"name": name, "labels": binding["metadata"]["labels"]});
            let (role, subjects) = (&binding["roleRef"], &binding["subjects"]);
            taken.push((place, json!({"metadata": metadata, "roleRef": role, "subjects": subjects})));
        }
    }
    assert!(taken.len() > 1, "roles of the cluster and of its namespace: {taken:?}");

    scene.is_not_ready("lease (no right to it: get, create and update leases").await;
    scene.says("this process leads no longer").await;
    scene.declare("cleo", json!({})).await;
    scene.vendors.accept(scene.org(), "bob@example.com").expect("invited");
    tokio::time::sleep(A_WHILE.saturating_sub(begun.elapsed())).await;
    is_calm(&scene.requests_since(mark), begun.elapsed());
    assert_eq!(scene.mails("cleo"), 0, "whoever may record nothing sends nothing");

    for (place, binding) in taken {
        scene.client.create(&place, &binding).await.expect("it is gone");
    }
    scene.wait_for_state("bob", "Accepted").await;
    scene.is_pending("cleo").await;
    scene.goes_on("dora", "cleo").await;
    scene.end().await;
}

/// The vendor has answered, and what it said can't be written down: it is kept, and written once that can be done.
#[tokio::test]
async fn a_status_cannot_be_written_for_a_while() {
    let options = OperatorOptions { flags: flags(&LONG_LEASE), ..OperatorOptions::default() };
    let mut scene = Scene::begin(lab("operations-status").await, &options, json!({})).await;
    let path = format!("{RBAC}/clusterroles/{OPERATOR}");
    let role = scene.client.get(&path).await.expect("it is installed");
    let rules = role["rules"].as_array().expect("rules");
    let may_write = |rule: &&Value| {
        rule["resources"].as_array().is_some_and(|all| all.contains(&json!("userinvitations/status")))
    };
    let left: Vec<&Value> = rules.iter().filter(|rule| !may_write(rule)).collect();
    assert_eq!(left.len() + 1, rules.len(), "one rule is about the status");
    scene.client.merge_patch(&path, &json!({"rules": left})).await.expect("an administrator may");
    can_write_status(&scene, false).await;

    let (mark, begun) = (scene.mark(), Instant::now());
    let refused = || {
        let requests = scene.requests_since(mark);
        requests.iter().filter(|entry| entry.code == 403 && entry.subresource == "status").count()
    };
    scene.declare("cleo", json!({})).await;
    scene
        .until("she has a mail, and the status was refused again and again", || {
            scene.mails("cleo") == 1 && refused() > 2
        })
        .await;
    let metrics = scene.operator.metrics().await;
    let told = "user_invitation_operator_kubernetes_writes_total{kind=\"UserInvitation\",verb=\"patch_status\",result=\"refused\"}";
    assert!(metrics.contains(told), "{metrics}");
    scene.says("not written; tried again").await;
    scene.says("cannot patch resource \\\"userinvitations/status\\\"").await;
    is_calm(&scene.requests_since(mark), begun.elapsed());
    let object = scene.client.get(&scene.invitation_path("cleo")).await.expect("the invitation is there");
    assert_eq!(object["status"]["state"], "Queued", "nobody could write more");

    scene.client.merge_patch(&path, &json!({"rules": rules})).await.expect("an administrator may");
    scene.is_pending("cleo").await;
    scene.goes_on("dora", "bob").await;
    scene.end().await;
}

/// Waits until the API server knows whether the operator may write a status.
async fn can_write_status(scene: &Scene, allowed: bool) {
    let attributes = json!({
        "namespace": scene.name, "group": "userinvitation.dev", "verb": "patch", "resource": "userinvitations",
        "subresource": "status",
    });
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": OPERATOR_USER, "resourceAttributes": attributes},
    });
    let begun = Instant::now();
    let path = "/apis/authorization.k8s.io/v1/subjectaccessreviews";
    while scene.client.create(path, &review).await.expect("a review")["status"]["allowed"] != allowed {
        assert!(begun.elapsed() < WAIT, "the API server does not notice");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
