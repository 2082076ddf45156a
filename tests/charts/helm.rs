//! Helm without a cluster.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;
use test_rig::lab::{OPERATOR, merge};
use test_rig::{CommandOutput, chart, command, files};

/// Where helm keeps what it likes to keep.
pub fn home() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("helm");
    std::fs::create_dir_all(&home).expect("a folder can be made");
    home
}

/// An empty folder of one test.
pub fn scratch(name: &str) -> PathBuf {
    files::fresh_folder(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
}

/// The versions of helm that the charts are for.
pub const HELMS: [&str; 2] = ["helm", "helm3"];

/// Renders the operator's chart with these values, in a namespace of the release's name.
pub async fn template(values: &Value) -> CommandOutput {
    template_with("helm", values).await
}

/// The same with one of the versions.
pub async fn template_with(helm: &str, values: &Value) -> CommandOutput {
    let mut whole = chart::values();
    merge(&mut whole, values.clone());
    let chart = chart::folder(OPERATOR).display().to_string();
    run(helm, &["template", OPERATOR, &chart, "--namespace", OPERATOR, "--values", "-"], &whole).await
}

/// What one of the versions finds in a chart with these values.
pub async fn lint_with(helm: &str, name: &str, values: &Value) -> CommandOutput {
    let chart = chart::folder(name).display().to_string();
    run(helm, &["lint", "--strict", &chart, "--values", "-"], values).await
}

async fn run(helm: &str, arguments: &[&str], values: &Value) -> CommandOutput {
    let (home, none) = (home(), Path::new("/dev/null"));
    command::run(&chart::tool(helm), none, &home, arguments, Some(&values.to_string())).await
}

/// The objects of a rendering.
pub fn objects(rendering: &str) -> Vec<Value> {
    let documents = serde_yaml::Deserializer::from_str(rendering);
    let objects = documents.map(|document| Value::deserialize(document).expect("YAML"));
    objects.filter(|object| !object.is_null()).collect()
}
