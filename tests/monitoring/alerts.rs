//! The alerts fire when they should, say what they should, and do not fire shortly before that.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::rendering::{promtool, rendered, scratch};

/// The files with the cases.
fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/monitoring/alerts");
    let entries = fs::read_dir(folder).expect("the folder is there");
    entries.map(|entry| entry.expect("the folder can be read").path()).collect()
}

/// Writes the rules as helm renders them; the names of their alerts.
async fn rules(folder: &Path) -> Vec<String> {
    let rule = rendered(folder, "templates/alerts.yaml", "metrics.prometheusRule.enabled=true").await;
    let text = serde_yaml::to_string(&rule["spec"]).expect("YAML");
    fs::write(folder.join("alerts.yaml"), text).expect("the folder can be written");
    let groups = rule["spec"]["groups"].as_array().expect("groups");
    let rules = groups.iter().flat_map(|group| group["rules"].as_array().expect("rules"));
    rules.map(|rule| rule["alert"].as_str().expect("a name").to_owned()).collect()
}

#[tokio::test]
async fn alerts_fire_when_they_should_and_not_before() {
    let folder = scratch("alerts-cases");
    rules(&folder).await;
    let mut arguments = vec!["test".to_owned(), "rules".to_owned()];
    for case in cases() {
        // Beside the rules, since that is where promtool looks for them.
        let copy = folder.join(case.file_name().expect("a file"));
        fs::copy(&case, &copy).expect("the folder can be written");
        arguments.push(copy.display().to_string());
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let said = promtool(&folder, &arguments).await.success();
    assert_eq!(said.matches("SUCCESS").count(), arguments.len() - 2, "{said}");
}

#[tokio::test]
async fn rules_are_what_promtool_wants() {
    let folder = scratch("alerts-lint");
    let names = rules(&folder).await;
    let file = folder.join("alerts.yaml").display().to_string();
    let said = promtool(&folder, &["check", "rules", "--lint=all", "--lint-fatal", &file]).await.success();
    assert!(said.contains(&format!("{} rules found", names.len())), "{said}");
}

#[tokio::test]
async fn every_alert_has_a_case_in_which_it_fires_and_one_in_which_it_does_not() {
    let files: Vec<Value> = cases()
        .iter()
        .map(|case| fs::read_to_string(case).expect("it can be read"))
        .map(|text| serde_yaml::from_str(&text).expect("YAML"))
        .collect();
    let groups = files.iter().flat_map(|file| file["tests"].as_array().expect("tests"));
    let cases: Vec<&Value> =
        groups.flat_map(|group| group["alert_rule_test"].as_array().expect("cases")).collect();
    for alert in rules(&scratch("alerts-names")).await {
        let is_firing = |case: &Value| case["exp_alerts"].as_array().is_some_and(|list| !list.is_empty());
        let of_alert = || cases.iter().filter(|case| case["alertname"] == alert.as_str());
        assert!(of_alert().any(|case| is_firing(case)), "no case in which {alert} fires");
        assert!(of_alert().any(|case| !is_firing(case)), "no case in which {alert} does not fire");
    }
}
