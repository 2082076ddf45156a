//! Commands that pages and workflows tell people and machines to run: what they name exists.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::CommandFactory;
use serde_json::{Value, json};
use test_rig::pages;
use user_invitation_operator::settings::CommandLine;

fn read(place: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(place);
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{place}: {error}"))
}

/// Every text that tells people or machines what to run.
fn texts() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".github/workflows");
    let workflows = std::fs::read_dir(folder).unwrap().map(|entry| {
        let name = entry.unwrap().file_name().into_string().unwrap();
        format!(".github/workflows/{name}")
    });
    let others = ["CONTRIBUTING.md", "SECURITY.md", ".ci/run"].map(ToOwned::to_owned);
    let read_too = workflows.chain(others).map(|place| (place.clone(), read(&place)));
    pages::all().into_iter().map(|page| (page.place, page.text)).chain(read_too).collect()
}

/// The words that follow `make` at the beginning of a code span, a line or a step.
fn asked_targets(text: &str) -> Vec<String> {
    let starts = ["`make ", "\nmake ", "run: make "];
    let rests = starts.iter().flat_map(|start| text.split(start).skip(1));
    let word =
        |rest: &str| -> String { rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect() };
    rests.map(word).filter(|target| !target.is_empty()).collect()
}

#[test]
fn every_target_of_make_exists() {
    let makefile = read("Makefile");
    let targets: BTreeSet<&str> = makefile
        .lines()
        .filter(|line| line.contains(": ## ") || line.contains(" ## "))
        .filter_map(|line| line.split_once(':'))
        .map(|(target, _)| target)
        .collect();
    let mut seen = BTreeSet::new();
    for (place, text) in texts() {
        for target in asked_targets(&text) {
            assert!(targets.contains(target.as_str()), "{place}: make {target}");
            seen.insert(target);
        }
    }
    assert!(seen.len() > 5, "the targets have gone missing: {seen:?}");
}

#[test]
fn every_flag_that_a_page_names_exists() {
    let command = CommandLine::command();
    let flags: BTreeSet<String> =
        command.get_arguments().filter_map(|flag| flag.get_long()).map(|long| format!("--{long}")).collect();
    let mut seen = 0;
    // The plugin's page has the plugin's flags; its own tests look at them.
    for page in pages::all().into_iter().filter(|page| page.place != "docs/kubectl-invite.md") {
        for word in page.words().into_iter().filter(|word| word.starts_with("--")) {
            let flag = word.split(['=', ' ']).next().unwrap_or_default();
            assert!(flags.contains(flag), "{}: {flag}", page.place);
            seen += 1;
        }
    }
    assert!(seen > 2, "the flags have gone missing");
}

/// The chart's values that commands set, as paths.
fn values_set(text: &str) -> Vec<String> {
    let rests = text.split("--set ").skip(1).map(|rest| rest.trim_start_matches(['\'', '"']));
    rests.filter_map(|rest| Some(rest.split_once('=')?.0.to_owned())).collect()
}

#[test]
fn every_value_that_a_page_sets_or_names_is_one_of_the_chart() {
    let values: Value = serde_yaml::from_str(&read("charts/user-invitation-operator/values.yaml")).unwrap();
    let is_one = |path: &str| values.pointer(&format!("/{}", path.replace('.', "/"))).is_some();
    let blocks = values.as_object().unwrap();
    let mut seen = 0;
    for page in pages::all() {
        // A path that begins like a value, such as proxy.url, is meant as one.
        let named = page.words().into_iter().filter_map(|word| {
            let path = word.split('=').next()?.to_owned();
            let first = path.split_once('.')?.0;
            let is_path = path.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
            (is_path && blocks.contains_key(first)).then_some(path)
        });
        for path in values_set(&page.text).into_iter().chain(named) {
            assert!(is_one(&path), "{}: {path}", page.place);
            seen += 1;
        }
    }
    assert!(seen > 20, "the values have gone missing: {seen}");
}

/// A release is one version of everything.
#[test]
fn the_charts_have_the_version_of_the_crates() {
    let version = env!("CARGO_PKG_VERSION");
    for name in ["user-invitation-operator", "user-invitation-operator-crds"] {
        let chart: Value = serde_yaml::from_str(&read(&format!("charts/{name}/Chart.yaml"))).unwrap();
        assert_eq!((&chart["version"], &chart["appVersion"]), (&json!(version), &json!(version)), "{name}");
    }
}

/// The builder's toolchain is the one that everything else is tested with.
#[test]
fn the_image_is_built_with_the_toolchain_of_the_tests() {
    let toolchain = read("rust-toolchain.toml");
    let channel = toolchain.lines().find_map(|line| line.strip_prefix("channel = ")).unwrap();
    let base = format!("FROM rust:{}-", channel.trim_matches('"'));
    assert!(read("Dockerfile").contains(&base), "the Dockerfile does not build with {channel}");
}
