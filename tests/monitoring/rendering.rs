//! The pinned helm and promtool.

use std::path::{Path, PathBuf};

use serde_json::Value;
use test_rig::lab::OPERATOR;
use test_rig::{CommandOutput, chart, command, files};

/// An empty folder of one test.
pub fn scratch(name: &str) -> PathBuf {
    files::fresh_folder(Path::new(env!("CARGO_TARGET_TMPDIR")), name)
}

/// The object that a template of the operator's chart renders when this value is set.
pub async fn rendered(folder: &Path, template: &str, set: &str) -> Value {
    let chart = chart::folder(OPERATOR).display().to_string();
    let image = "image.repository=registry.example.com/user-invitation-operator";
    let arguments = ["template", OPERATOR, &chart, "--show-only", template, "--set", image, "--set", set];
    let output = command::run(&chart::tool("helm"), Path::new("/dev/null"), folder, &arguments, None).await;
    serde_yaml::from_str(&output.success()).expect("YAML")
}

/// Runs promtool.
pub async fn promtool(folder: &Path, arguments: &[&str]) -> CommandOutput {
    command::run(&chart::tool("promtool"), Path::new("/dev/null"), folder, arguments, None).await
}
