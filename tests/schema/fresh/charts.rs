//! What the charts hold of generated things: the definitions as templates, the copy of their chart that the operator's chart
//! brings along, and the table of values in its README.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;
use user_invitation_operator::api::crds;

use super::{files_below, hint, is_fresh, rewrites, root};

const DEFINITIONS: &str = "charts/user-invitation-operator-crds";
const OPERATOR: &str = "charts/user-invitation-operator";

/// What a template has and a definition has not: it stays when its release goes, and says whose part it is.
const METADATA: &str = "\nmetadata:\n  annotations:\n    helm.sh/resource-policy: keep\n  labels:\n    \
                        app.kubernetes.io/part-of: user-invitation-operator\n";

/// Where the table of values begins and ends.
const BEGIN: &str = "<!-- Generated from values.yaml by `make generate`. -->\n";
const END: &str = "<!-- End of what is generated. -->\n";

fn read(chart: &str, name: &str) -> String {
    std::fs::read_to_string(root().join(chart).join(name)).unwrap()
}

/// The definitions as templates.
fn templates() -> BTreeMap<String, String> {
    let template = |(name, definition): (String, String)| {
        assert!(!definition.contains("{{"), "{name} has text that a template would take for an action");
        let template = definition.replacen("\nmetadata:\n", METADATA, 1);
        assert_ne!(template, definition);
        (name, template)
    };
    crds::files().unwrap().into_iter().map(template).collect()
}

#[test]
fn the_chart_of_definitions_holds_them() {
    is_fresh(&format!("{DEFINITIONS}/templates"), &templates());
}

#[test]
fn the_operators_chart_brings_their_chart_along() {
    // What is generated is taken from where it comes from, since it may be written just now.
    let mut wanted = files_below(&root().join(DEFINITIONS));
    wanted.retain(|name, _| !name.starts_with("templates/"));
    wanted.extend(templates().into_iter().map(|(name, template)| (format!("templates/{name}"), template)));
    is_fresh(&format!("{OPERATOR}/charts/user-invitation-operator-crds"), &wanted);
}

/// The values that have a comment, in the order of the file, with it.
fn documented(values: &str) -> Vec<(Vec<String>, String)> {
    let (mut found, mut path, mut comment) = (Vec::new(), Vec::<String>::new(), Vec::new());
    for line in values.lines() {
        let text = line.trim_start();
        if let Some(words) = text.strip_prefix("# ") {
            comment.push(words);
            continue;
        }
        let key = text.split_once(':').map(|(key, _)| key);
        if let Some(key) = key.filter(|key| key.chars().all(char::is_alphanumeric)) {
            path.truncate((line.len() - text.len()) / 2);
            path.push(key.to_owned());
            if !comment.is_empty() {
                found.push((path.clone(), comment.join(" ")));
            }
        }
        comment.clear();
    }
    found
}

/// The table of values.
fn table() -> String {
    let text = read(OPERATOR, "values.yaml");
    let values: Value = serde_yaml::from_str(&text).unwrap();
    let mut table = "| value | default | meaning |\n|---|---|---|\n".to_owned();
    for (path, meaning) in documented(&text) {
        let default = values.pointer(&format!("/{}", path.join("/"))).unwrap();
        writeln!(table, "| `{}` | `{default}` | {} |", path.join("."), meaning.replace('|', "\\|")).unwrap();
    }
    table
}

#[test]
fn the_table_of_values_is_what_their_file_says() {
    let readme = read(OPERATOR, "README.md");
    let (before, rest) = readme.split_once(BEGIN).unwrap();
    let (_, after) = rest.split_once(END).unwrap();
    let wanted = format!("{before}{BEGIN}{}{END}{after}", table());
    if rewrites() {
        std::fs::write(root().join(OPERATOR).join("README.md"), &wanted).unwrap();
        return;
    }
    assert!(readme == wanted, "{OPERATOR}/README.md is stale: {}", hint());
}

#[test]
fn every_value_says_what_it_does() {
    let text = read(OPERATOR, "values.yaml");
    let documented: Vec<String> = documented(&text).into_iter().map(|(path, _)| path.join(".")).collect();
    let mut silent = Vec::new();
    undocumented(&serde_yaml::from_str(&text).unwrap(), "", &documented, &mut silent);
    assert!(silent.is_empty(), "without a comment in values.yaml: {silent:?}");
}

fn undocumented(value: &Value, path: &str, documented: &[String], silent: &mut Vec<String>) {
    if documented.iter().any(|documented| documented == path) {
        return;
    }
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                let dot = if path.is_empty() { "" } else { "." };
                undocumented(value, &format!("{path}{dot}{name}"), documented, silent);
            }
        }
        _ => silent.push(path.to_owned()),
    }
}

#[test]
fn the_schema_knows_the_values_and_no_others() {
    let values: Value = serde_yaml::from_str(&read(OPERATOR, "values.yaml")).unwrap();
    let schema: Value = serde_json::from_str(&read(OPERATOR, "values.schema.json")).unwrap();
    same_names(&values, &schema, "");
}

/// Checks that a closed object of the schema has the members that the values have.
fn same_names(values: &Value, schema: &Value, path: &str) {
    let Some(properties) = schema["properties"].as_object() else { return };
    assert_eq!(schema["additionalProperties"], false, "typos in {path} are not refused");
    let members = values.as_object().unwrap();
    for (name, schema) in properties {
        // Helm hands them to every dependency.
        if format!("{path}.{name}") != ".crds.global" && !(path == ".resources" || path == ".affinity") {
            let value = members.get(name);
            let value = value.unwrap_or_else(|| panic!("values.yaml does not have {path}.{name}"));
            same_names(value, schema, &format!("{path}.{name}"));
        }
    }
    for name in members.keys() {
        assert!(properties.contains_key(name), "the schema does not know {path}.{name}");
    }
}
