//! Only the operator may change its record.

use serde_json::{Value, json};
use test_rig::lab::WAIT;

use crate::lab::lab;
use crate::scene::Scene;

const RECORD: &str = "userinvitation.dev/record";
const MESSAGE: &str =
    "only the operator may change it: leave it as it is (kubectl apply does; kubectl replace drops it)";

fn manifest(namespace: &str, ready_when: &str) -> String {
    format!(
        "apiVersion: userinvitation.dev/v1alpha1\nkind: UserInvitation\n\
         metadata: {{name: ada, namespace: {namespace}}}\n\
         spec: {{providerRef: {{name: csp}}, email: ada@example.com, readyWhen: {ready_when}}}\n"
    )
}

#[tokio::test]
async fn people_cannot_change_it_and_the_operator_can() {
    let scene = Scene::new("record-policy").await;
    let org = scene.vmware("csp", json!({"limits": {"minResendIntervalSeconds": 0}})).await;
    lab().control_plane.kubectl_apply(&manifest(&scene.name, "Invited")).await.success();
    let pending = scene.wait_for_state("ada", "Pending").await;
    let record = pending["metadata"]["annotations"][RECORD].clone();
    assert!(record.is_string());
    let object = scene.invitation_path("ada");

    for value in [json!("{}"), Value::Null] {
        let patch = json!({"metadata": {"annotations": {RECORD: value}}});
        let denied = scene.client.merge_patch(&object, &patch).await.expect_err("only the operator may");
        assert!(denied.to_string().contains(MESSAGE), "{denied}");
    }

    let file = lab().directory().join("record-policy.yaml");
    std::fs::write(&file, manifest(&scene.name, "Accepted")).expect("the file is written");
    let file = file.to_string_lossy().into_owned();
    let said = lab().control_plane.kubectl(&["replace", "-f", &file]).await.failure();
    assert!(said.contains(MESSAGE), "{said}");
    lab().control_plane.kubectl(&["apply", "-f", &file]).await.success();
    let applied = scene.invitation("ada").await;
    assert_eq!(applied["spec"]["readyWhen"], "Accepted");
    assert_eq!(applied["metadata"]["annotations"][RECORD], record);

    scene.annotate("ada", &json!({"userinvitation.dev/resend-requested-at": "1"})).await;
    scene.wait_status("ada", "lastHandledResendAt", "1").await;
    let resent = scene.invitation("ada").await;
    assert_ne!(resent["metadata"]["annotations"][RECORD], record, "the operator is admitted");
    assert_eq!(scene.all_mails(&org), 2);

    // Without a record nothing is in the way, also of its removal together with the object.
    scene.client.delete(&object).await.expect("the invitation is there");
    scene.client.wait_gone(&object, WAIT).await;
}
