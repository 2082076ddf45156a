//! Alerts, dashboard and documentation speak of the metrics that there are, and of no others. What their queries answer
//! is asked of Prometheus' own engine, in `tests/monitoring`.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::conventions::{Declared, PREFIX, families, values};
use super::everything;
use super::promql::{self, Read};

const ALERTS: &str = include_str!("../../../charts/user-invitation-operator/files/alerts.yaml");
const DASHBOARD: &str = include_str!("../../../charts/user-invitation-operator/files/dashboard.json");
/// What the alerts are tested with.
const CASES: [&str; 4] = [
    include_str!("../../../tests/monitoring/alerts/credentials.yaml"),
    include_str!("../../../tests/monitoring/alerts/tenants.yaml"),
    include_str!("../../../tests/monitoring/alerts/people.yaml"),
    include_str!("../../../tests/monitoring/alerts/operator.yaml"),
];
const RUNBOOKS: &str = include_str!("../../../docs/runbooks.md");
const REFERENCE: &str = include_str!("../../../docs/observability.md");

const RUNBOOKS_URL: &str = "https://userinvitation.dev/runbooks/#";
/// What the dashboard puts in by itself.
const VARIABLES: [&str; 2] = ["$provider_namespace", "$provider"];

fn there() -> BTreeMap<String, Declared> {
    let (metrics, _source) = everything();
    families(&metrics.encode().unwrap())
}

fn alerts() -> Vec<Value> {
    let file: Value = serde_yaml::from_str(ALERTS).unwrap();
    let groups = file["groups"].as_array().unwrap();
    groups.iter().flat_map(|group| group["rules"].as_array().unwrap().clone()).collect()
}

/// The title and the expressions of each panel.
fn panels() -> Vec<(String, Vec<String>)> {
    let file: Value = serde_json::from_str(DASHBOARD).unwrap();
    let panels = file["panels"].as_array().unwrap().iter().filter(|panel| panel["type"] != "row");
    let expressions = |panel: &Value| -> Vec<String> {
        let targets = panel["targets"].as_array().unwrap();
        targets.iter().map(|target| target["expr"].as_str().unwrap().to_owned()).collect()
    };
    panels.map(|panel| (panel["title"].as_str().unwrap().to_owned(), expressions(panel))).collect()
}

/// What is wrong with an expression: metrics that are not there, labels that they do not have, values that a label
/// never has.
fn mistakes(expression: &str, there: &BTreeMap<String, Declared>) -> Vec<String> {
    let Read { selectors, labels } = promql::read(expression);
    let mut mistakes = Vec::new();
    let mut known_labels: BTreeSet<&str> = BTreeSet::new();
    for selector in &selectors {
        let samples: Vec<_> =
            there.values().flat_map(|family| &family.samples).filter(|s| s.name == selector.name).collect();
        if samples.is_empty() {
            mistakes.push(format!("there is no metric {}", selector.name));
        }
        let of_metric: BTreeSet<&str> =
            samples.iter().flat_map(|sample| &sample.labels).map(|(label, _)| label.as_str()).collect();
        for (label, compared) in &selector.matchers {
            if !of_metric.contains(label.as_str()) {
                mistakes.push(format!("{} has no label {label}", selector.name));
                continue;
            }
            let Some(possible) = values(label) else { continue };
            let never = compared.iter().filter(|value| !possible.contains(value.as_str()));
            mistakes.extend(never.map(|value| format!("{label} is never {value}")));
        }
        known_labels.extend(of_metric);
    }
    let unknown = labels.iter().filter(|label| !label.is_empty() && !known_labels.contains(label.as_str()));
    mistakes.extend(unknown.map(|label| format!("nothing has the label {label}")));
    mistakes
}

/// The families that expressions read.
fn read_by<'a>(
    expressions: impl Iterator<Item = &'a str>,
    there: &BTreeMap<String, Declared>,
) -> BTreeSet<String> {
    let names: BTreeSet<String> = expressions
        .flat_map(|expression| promql::read(expression).selectors)
        .map(|selector| selector.name)
        .collect();
    let is_read = |family: &&Declared| family.samples.iter().any(|sample| names.contains(&sample.name));
    there.iter().filter(|(_, family)| is_read(family)).map(|(name, _)| name.clone()).collect()
}

/// How a heading is linked to.
fn anchor(heading: &str) -> String {
    heading.to_lowercase().replace(' ', "-")
}

#[test]
fn alerts_read_what_there_is_and_say_what_to_do() {
    let there = there();
    let alerts = alerts();
    assert!(alerts.len() >= 8);
    for alert in &alerts {
        let name = alert["alert"].as_str().unwrap();
        assert!(name.starts_with("UserInvitation"), "{name}");
        let wrong = mistakes(alert["expr"].as_str().unwrap(), &there);
        assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        let severity = alert["labels"]["severity"].as_str().unwrap();
        assert!(["critical", "warning", "info"].contains(&severity), "{name}: {severity}");
        let annotation = |which: &str| alert["annotations"][which].as_str().unwrap_or_default().to_owned();
        for which in ["summary", "description"] {
            let text = annotation(which);
            assert!(text.len() > 20 && text.ends_with('.'), "{name}: {which}: {text:?}");
            for label in text.split("$labels.").skip(1) {
                let label = label.split(|c: char| !c.is_ascii_lowercase() && c != '_').next().unwrap();
                assert!(is_a_label(label), "{name}: {which} names the label {label}");
            }
        }
        assert_eq!(annotation("runbook_url"), format!("{RUNBOOKS_URL}{}", anchor(name)), "{name}");
    }
}

fn is_a_label(name: &str) -> bool {
    there()
        .values()
        .flat_map(|family| &family.samples)
        .flat_map(|s| &s.labels)
        .any(|(label, _)| label == name)
}

#[test]
fn alerts_are_tested_with_what_there_is() {
    let there = there();
    for file in CASES {
        let file: Value = serde_yaml::from_str(file).unwrap();
        let groups = file["tests"].as_array().unwrap().iter();
        for series in groups.flat_map(|group| group["input_series"].as_array().unwrap()) {
            let series = series["series"].as_str().unwrap();
            // The last label is the target's, which Prometheus adds.
            let own = series.split_once("instance=").unwrap().0;
            let wrong = mistakes(&format!("{own}}}"), &there);
            assert!(series.starts_with(PREFIX) && wrong.is_empty(), "{series}: {wrong:#?}");
        }
    }
}

#[test]
fn every_alert_has_a_section_and_every_section_an_alert() {
    let sections: Vec<&str> = RUNBOOKS.lines().filter_map(|line| line.strip_prefix("## ")).collect();
    let alerts = alerts();
    let names: Vec<&str> = alerts.iter().map(|alert| alert["alert"].as_str().unwrap()).collect();
    assert_eq!(sections, names);
    for section in RUNBOOKS.split("\n## ").skip(1) {
        let (name, text) = section.split_once('\n').unwrap();
        assert!(text.lines().any(|line| line.starts_with("1. ")), "{name} says what to do");
        for word in text.split('`').skip(1).step_by(2).filter(|word| word.starts_with(PREFIX)) {
            let wrong = mistakes(word, &there());
            assert!(wrong.is_empty(), "{name}: {wrong:#?}");
        }
    }
}

#[test]
fn the_dashboard_shows_everything_there_is_and_nothing_else() {
    let there = there();
    let panels = panels();
    for (title, expressions) in &panels {
        for expression in expressions {
            // Variables stand where values do.
            let plain = VARIABLES.iter().fold(expression.clone(), |text, name| text.replace(name, "x"));
            let wrong = mistakes(&plain, &there);
            assert!(wrong.is_empty(), "{title}: {wrong:#?}");
        }
    }
    let shown = read_by(panels.iter().flat_map(|(_, all)| all).map(String::as_str), &there);
    let all: BTreeSet<String> = there.keys().cloned().collect();
    assert_eq!(shown, all);
    let file: Value = serde_json::from_str(DASHBOARD).unwrap();
    let ids: BTreeSet<u64> =
        file["panels"].as_array().unwrap().iter().map(|panel| panel["id"].as_u64().unwrap()).collect();
    assert_eq!(ids.len(), file["panels"].as_array().unwrap().len(), "each panel has an id of its own");
}

#[test]
fn the_reference_lists_every_metric_as_it_is() {
    let mut expected = Vec::new();
    for (name, family) in there() {
        let mut labels: Vec<&str> = Vec::new();
        for (label, _) in family.samples.iter().flat_map(|sample| &sample.labels) {
            if label != "le" && !labels.contains(&label.as_str()) {
                labels.push(label);
            }
        }
        let labels: Vec<String> = labels.iter().map(|label| format!("`{label}`")).collect();
        let name = name.strip_prefix(PREFIX).unwrap();
        let labels = if labels.is_empty() { String::new() } else { format!(" {}", labels.join(", ")) };
        expected.push(format!("| `{name}` | {} |{labels} | {} |", family.type_, family.help));
    }
    let table = REFERENCE.lines().skip_while(|line| !line.starts_with("| metric ")).skip(2);
    let listed: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
    assert_eq!(listed, expected);
}
