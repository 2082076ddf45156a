//! What a Grafana dashboard asks Prometheus: the queries of its panels and variables.

use std::collections::BTreeMap;

use serde_json::Value;

/// One query of a panel.
pub struct Query {
    /// The panel's title.
    pub panel: String,
    /// The expression, with the dashboard's variables.
    pub expression: String,
    /// Labels that the legend shows.
    pub legend: Vec<String>,
    /// It is asked for one moment, and not for a span of time.
    pub instant: bool,
}

/// A variable whose values are asked for: `label_values(selector, label)`.
pub struct Variable {
    /// Its name.
    pub name: String,
    /// The series.
    pub selector: String,
    /// The label whose values it has.
    pub label: String,
    /// What it stands for when everything is chosen.
    pub everything: String,
}

/// The queries of all panels.
pub fn queries(dashboard: &Value) -> Vec<Query> {
    let panels = list(dashboard, "panels").iter().filter(|panel| panel["type"] != "row");
    let queries = panels.flat_map(|panel| {
        let title = text(panel, "title");
        let targets = list(panel, "targets");
        assert!(!targets.is_empty(), "{title} asks for nothing");
        targets.iter().map(move |target| Query {
            panel: title.clone(),
            expression: text(target, "expr"),
            legend: legend(&text(target, "legendFormat")),
            instant: target["instant"] == true,
        })
    });
    queries.collect()
}

/// The variables that have a query, as they follow from one another.
pub fn variables(dashboard: &Value) -> Vec<Variable> {
    let variables =
        list(&dashboard["templating"], "list").iter().filter(|variable| variable["type"] == "query");
    let variables = variables.map(|variable| {
        let query = text(&variable["query"], "query");
        assert_eq!(text(variable, "definition"), query, "what is shown is what is asked");
        let inside = query.strip_prefix("label_values(").and_then(|rest| rest.strip_suffix(')'));
        let (selector, label) =
            inside.and_then(|inside| inside.rsplit_once(", ")).expect("label_values(…, …)");
        Variable {
            name: text(variable, "name"),
            selector: selector.to_owned(),
            label: label.to_owned(),
            everything: text(variable, "allValue"),
        }
    });
    variables.collect()
}

/// The expression with everything put in that stands for a `$name`.
pub fn substitute(expression: &str, values: &BTreeMap<String, String>) -> String {
    // Backwards, so that no name is taken for another one that it begins with.
    let whole = values
        .iter()
        .rev()
        .fold(expression.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value));
    assert!(!whole.contains('$'), "a variable that nobody knows: {whole}");
    whole
}

/// The labels that stand in a legend.
fn legend(format: &str) -> Vec<String> {
    let labels = format.split("{{").skip(1).map(|rest| rest.split("}}").next().unwrap_or_default());
    labels.map(|label| label.trim().to_owned()).collect()
}

fn list<'a>(value: &'a Value, field: &str) -> &'a Vec<Value> {
    value[field].as_array().unwrap_or_else(|| panic!("no list {field} in {value}"))
}

fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_else(|| panic!("no text {field} in {value}")).to_owned()
}
