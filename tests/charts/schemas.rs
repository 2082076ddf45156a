//! The API server's own description of its kinds, as files that kubeconform reads.

use std::path::Path;

use serde_json::{Value, json};
use test_rig::KubernetesClient;

/// Writes a schema for each kind: `KIND-GROUP-VERSION.json`, with the group's first word, in lower case.
pub async fn write(client: &KubernetesClient, folder: &Path) {
    let index = client.get("/openapi/v3").await.expect("the API server describes itself");
    for (path, entry) in index["paths"].as_object().expect("paths") {
        if !path.starts_with("api/") && !path.starts_with("apis/") {
            continue;
        }
        let url = entry["serverRelativeURL"].as_str().expect("a URL");
        let mut document = client.get(url).await.expect("the API server describes a group");
        close(&mut document["components"]["schemas"]);
        let schemas = document["components"]["schemas"].as_object().cloned().unwrap_or_default();
        for (name, schema) in &schemas {
            let kinds = schema["x-kubernetes-group-version-kind"].as_array();
            let [kind] = kinds.map_or(&[][..], Vec::as_slice) else { continue };
            let part = |name: &str| kind[name].as_str().unwrap_or_default().to_lowercase();
            let group = part("group");
            let group = group.split('.').next().filter(|group| !group.is_empty());
            let suffix =
                group.map_or_else(|| part("version"), |group| format!("{group}-{}", part("version")));
            let whole = json!({
                "$ref": format!("#/components/schemas/{name}"), "components": {"schemas": &schemas},
            });
            let file = folder.join(format!("{}-{suffix}.json", part("kind")));
            std::fs::write(file, whole.to_string()).expect("a file can be written");
        }
    }
}

/// Lets every object have only the fields that are described.
fn close(schema: &mut Value) {
    match schema {
        Value::Object(members) => {
            if members.contains_key("properties") && !members.contains_key("additionalProperties") {
                members.insert("additionalProperties".to_owned(), Value::Bool(false));
            }
            members.values_mut().for_each(close);
        }
        Value::Array(items) => items.iter_mut().for_each(close),
        _ => {}
    }
}
