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

/// A copy of the operator's chart, and of the definitions in it, as another version; in each file of the edits the first text is
/// replaced by the second.
pub fn version(folder: &Path, version: &str, edits: &[(&str, &str, &str)]) -> String {
    let chart = folder.join(version).join(OPERATOR);
    copy(&chart::folder(OPERATOR), &chart);
    let now = env!("CARGO_PKG_VERSION");
    let line = |key: &str, version: &str| format!("{key}: {version}");
    let (chart_now, chart_then) = (line("version", now), line("version", version));
    let (program_now, program_then) = (line("appVersion", now), line("appVersion", version));
    let versions = ["Chart.yaml", "charts/user-invitation-operator-crds/Chart.yaml"]
        .into_iter()
        .flat_map(|file| [(file, &*chart_now, &*chart_then), (file, &*program_now, &*program_then)]);
    for (file, from, to) in versions.chain(edits.iter().copied()) {
        let path = chart.join(file);
        let text = std::fs::read_to_string(&path).expect("the file is part of the chart");
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(&path, text.replace(from, to)).expect("the file can be written");
    }
    chart.display().to_string()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}
