//! What the API server says to manifests: the golden tables, and what a person sees in kubectl.

use serde_json::{Value, json};
use test_rig::KubernetesClient;
use test_rig::lab::condition;

use crate::lab::{CLUSTER, lab};
use crate::scene::Scene;

const TABLES: &[&str] = &[
    include_str!("admission/provider.yaml"),
    include_str!("admission/profiles_and_policy.yaml"),
    include_str!("admission/invitation.yaml"),
    include_str!("admission/holding_back.yaml"),
    include_str!("admission/appxite.yaml"),
    include_str!("admission/managed.yaml"),
    include_str!("admission/dynatrace_saas.yaml"),
];

fn cases(tables: &[&str]) -> Vec<Value> {
    tables
        .iter()
        .flat_map(|table| {
            // Anchors are resolved by the first reading; merge keys are not, and are not used.
            let yaml: serde_yaml::Value = serde_yaml::from_str(table).expect("the table is YAML");
            let json = serde_json::to_value(yaml).expect("the table is JSON");
            json.as_array().expect("the table is a list").clone()
        })
        .collect()
}

fn collection(namespace: &str, manifest: &Value) -> String {
    let kind = manifest["kind"].as_str().expect("a kind").to_lowercase();
    if kind.starts_with("cluster") {
        return format!("/apis/userinvitation.dev/v1alpha1/{kind}s");
    }
    format!("/apis/userinvitation.dev/v1alpha1/namespaces/{namespace}/{kind}s")
}

fn named(manifest: &Value) -> Value {
    let mut manifest = manifest.clone();
    if manifest["metadata"]["name"].is_null() {
        manifest["metadata"]["name"] = json!("case");
    }
    manifest
}

/// Whether `whole` has everything that `part` has. Lists have to be equal in length.
fn contains(whole: &Value, part: &Value) -> bool {
    match (whole, part) {
        (Value::Object(whole), Value::Object(part)) => {
            part.iter().all(|(name, part)| whole.get(name).is_some_and(|whole| contains(whole, part)))
        }
        (Value::Array(whole), Value::Array(part)) => {
            whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| contains(whole, part))
        }
        (whole, part) => whole == part,
    }
}

/// Tries one case; `Err` says what was not as expected.
async fn try_case(client: &KubernetesClient, namespace: &str, case: &Value) -> Result<(), String> {
    let manifest = named(&case["manifest"]);
    let collection = collection(namespace, &manifest);
    let path = format!("{collection}/{}", manifest["metadata"]["name"].as_str().expect("a name"));
    let strict = "fieldValidation=Strict";
    let answer = if case["before"].is_null() {
        client.create(&format!("{collection}?{strict}"), &manifest).await
    } else {
        let before = named(&case["before"]);
        let created = client.create(&format!("{collection}?{strict}"), &before).await;
        let created = created.map_err(|error| format!("what was before is refused: {error}"))?;
        let mut manifest = manifest.clone();
        manifest["metadata"]["resourceVersion"] = created["metadata"]["resourceVersion"].clone();
        client.replace(&format!("{path}?{strict}"), &manifest).await
    };
    let expected = case["expected"].as_str().expect("an expectation");
    let verdict = match (&answer, expected) {
        (Ok(object), "accepted") if contains(object, &case["stored"]) || case["stored"].is_null() => Ok(()),
        (Ok(object), "accepted") => Err(format!("stored as {object:#}")),
        (Ok(_), _) => Err(format!("accepted, and should be refused with: {expected}")),
        (Err(error), part) if error.to_string().contains(part) => Ok(()),
        (Err(error), _) => Err(format!("refused with: {error}\nexpected: {expected}")),
    };
    // Not there if it was refused.
    let _ = client.delete(&path).await;
    verdict
}

#[tokio::test]
async fn the_golden_table_holds() {
    let (client, namespace) = (lab().admin(), "admission-table");
    client.create_namespace(namespace).await;
    must_hold(&client, namespace, cases(TABLES)).await;
}

#[tokio::test]
async fn the_golden_table_of_the_cluster_holds() {
    let _alone = CLUSTER.lock().await;
    // These objects are in no namespace.
    let table = include_str!("admission/cluster_provider.yaml");
    must_hold(&lab().admin(), "", cases(&[table])).await;
}

/// Fails with all cases that are not as the table says.
async fn must_hold(client: &KubernetesClient, namespace: &str, cases: Vec<Value>) {
    let mut wrong = Vec::new();
    for case in cases {
        if let Err(why) = try_case(client, namespace, &case).await {
            wrong.push(format!("- {}: {why}", case["name"]));
        }
    }
    assert!(wrong.is_empty(), "{} cases are not as the table says:\n{}", wrong.len(), wrong.join("\n"));
}

async fn refused_by_kubectl(yaml: &str) -> String {
    lab().control_plane.kubectl_apply(yaml).await.failure()
}

fn invitation(namespace: &str, name: &str, spec: &str) -> String {
    format!(
        "apiVersion: userinvitation.dev/v1alpha1\nkind: UserInvitation\n\
         metadata: {{name: {name}, namespace: {namespace}}}\nspec: {{{spec}}}\n"
    )
}

#[tokio::test]
async fn kubectl_tells_a_newcomer_what_is_wrong() {
    let name = "admission-kubectl";
    let scene = Scene::new(name).await;
    let two_blocks = format!(
        "apiVersion: userinvitation.dev/v1alpha1\nkind: InvitationProvider\n\
         metadata: {{name: both, namespace: {name}}}\nspec:\n  credentials: {{secretRef: {{name: s}}}}\n\
         \x20 hpeGreenLake: {{workspaceId: 3009de6a1d6e43b1a5b2c1f0d4e5f607}}\n\
         \x20 vmwareCloudServices: {{orgId: 7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11, platform: Vcsp}}\n"
    );
    let said = refused_by_kubectl(&two_blocks).await;
    assert!(
        said.contains("exactly one vendor block is needed: keep one of hpeGreenLake, vmwareCloudServices, "),
        "{said}"
    );

    let said = refused_by_kubectl(&invitation(name, "a", "providerRef: {name: csp}, email: ada")).await;
    assert!(said.contains("email must be one address like ada@example.com"), "{said}");

    let policy = "providerRef: {name: csp}, email: ada@example.com, deletionPolicy: Delete";
    let said = refused_by_kubectl(&invitation(name, "a", policy)).await;
    assert!(said.contains(r#"supported values: "Retain", "RevokePending", "Remove""#), "{said}");

    let good = invitation(name, "ada", "providerRef: {name: nowhere}, email: ada@example.com");
    lab().control_plane.kubectl_apply(&good).await.success();
    let changed = invitation(name, "ada", "providerRef: {name: nowhere}, email: eve@example.com");
    let said = refused_by_kubectl(&changed).await;
    assert!(
        said.contains("email cannot be changed, since it says who this is about: delete this UserInvitation"),
        "{said}"
    );

    let waiting = scene.wait("ada", "Waiting", "ProviderNotFound").await;
    let ready = condition(&waiting, "Ready");
    assert_eq!(ready["status"], "Unknown");
    assert_eq!(condition(&waiting, "Reconciling")["status"], "True");
    let message = ready["message"].as_str().expect("a message");
    assert!(
        message.contains(r#"there is no InvitationProvider "nowhere" in this namespace: create it"#),
        "{message}"
    );
    scene.delete_and_wait("ada").await;
}
