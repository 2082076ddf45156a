//! The manifests of the story: those of `examples/`, and a few that are made here.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::{Value, json};

/// The project's folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .expect("the project is where it was built")
}

/// A file of the project, from wherever the demo was started.
pub(crate) fn path(file: &str) -> String {
    root().join(file).display().to_string()
}

/// The documents of a file of the project.
pub(crate) fn read(file: &str) -> Vec<Value> {
    let text =
        std::fs::read_to_string(root().join(file)).unwrap_or_else(|error| panic!("read {file}: {error}"));
    serde_yaml::Deserializer::from_str(&text)
        .map(|document| Value::deserialize(document).unwrap_or_else(|error| panic!("{file}: {error}")))
        .collect()
}

/// Adds what only the demo needs: where the simulator is, whom to trust, and times that bore nobody.
pub(crate) fn for_the_simulator(provider: &mut Value, endpoint: &str) {
    let spec = provider["spec"].as_object_mut().expect("a provider has a spec");
    let blocks = [
        ("hpeGreenLake", None),
        ("vmwareCloudServices", None),
        ("appXite", Some("/oauth/token")),
        ("dynatraceManaged", None),
        ("dynatraceSaas", Some("/sso/oauth2/token")),
    ];
    for (block, token) in blocks {
        if let Some(block) = spec.get_mut(block) {
            block["endpoint"] = json!(endpoint);
            if let Some(path) = token {
                block["tokenEndpoint"] = json!(format!("{endpoint}{path}"));
            }
        }
    }
    spec.insert("tls".to_owned(), json!({"caBundleConfigMapRef": {"name": "vendor-ca"}}));
    spec.insert("limits".to_owned(), json!({"requestsPerMinute": 6000, "settleGraceSeconds": 2}));
    spec.insert("resyncIntervalSeconds".to_owned(), json!(1));
}

/// One person by access profile.
pub(crate) fn person(name: &str, email: &str) -> Value {
    json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "UserInvitation",
        "metadata": {"name": name, "namespace": "cloud-services"},
        "spec": {"providerRef": {"name": "csp"}, "email": email, "accessProfiles": ["developer"]},
    })
}

/// Documents as YAML.
pub(crate) fn yaml(documents: &[Value]) -> String {
    let texts = documents.iter().map(|document| serde_yaml::to_string(document).expect("plain data"));
    texts.collect::<Vec<_>>().join("---\n")
}
