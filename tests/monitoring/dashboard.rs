//! Every panel of the dashboard shows something once the demo has told its story, and shows nothing twice.

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use crate::queries::{Query, Variable, queries, substitute, variables};
use crate::rendering::{promtool, rendered, scratch};
use crate::replicas;
use crate::story::Story;

/// What is asked of promtool: an expression at the end of the story, and what is to come out.
fn check(story: &Story, expression: &str, expected: &[(String, f64)]) -> Value {
    let samples = expected.iter().map(|(labels, value)| json!({"labels": labels, "value": value}));
    json!({
        "expr": expression,
        "eval_time": format!("{}s", story.lasts()),
        "exp_samples": samples.collect::<Vec<_>>(),
    })
}

/// Whether a query has a number that a panel can show, with the labels that its legend names: at the end, or at any
/// second of the story, as the panel asks.
fn shows(story: &Story, query: &Query, values: &BTreeMap<String, String>) -> Value {
    let mut shown = format!("(({}) >= 0)", substitute(&query.expression, values));
    for label in &query.legend {
        // The right side lacks the label, and so takes away what lacks it on the left.
        shown = format!("({shown} unless on ({label}) vector(0))");
    }
    if !query.instant {
        shown = format!("max_over_time({shown}[{}s:1s])", story.lasts());
    }
    // The comment is how a failure says which panel it is.
    let expression = format!("# {}\ncount({shown}) > bool 0", query.panel);
    check(story, &expression, &[("{}".to_owned(), 1.0)])
}

/// What a variable offers to choose from.
fn offers(story: &Story, variable: &Variable, values: &BTreeMap<String, String>) -> Value {
    let Variable { name, selector, label, .. } = variable;
    let expression = format!("# ${name}\ngroup by ({label}) ({})", substitute(selector, values));
    let offered = chosen(story, variable);
    let expected: Vec<_> = offered.iter().map(|value| (format!("{{{label}=\"{value}\"}}"), 1.0)).collect();
    check(story, &expression, &expected)
}

/// Whether a query shows as much of two replicas, of which one led before, as of one.
fn counts_once(story: &Story, query: &Query, values: &BTreeMap<String, String>) -> Value {
    let both = substitute(&query.expression, values);
    let one = replicas::over_one(&both);
    let expression = format!("# {}\ncount(({both}) == ({one})) == bool count({both})", query.panel);
    check(story, &expression, &[("{}".to_owned(), 1.0)])
}

/// All that can be chosen for a variable.
fn chosen(story: &Story, variable: &Variable) -> Vec<String> {
    let metric = variable.selector.split('{').next().unwrap_or_default();
    story.values(metric, &variable.label).into_iter().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_panel_shows_data_after_the_demo_and_nothing_twice() {
    let folder = scratch("dashboard");
    let map = rendered(&folder, "templates/dashboard.yaml", "metrics.dashboard.enabled=true").await;
    let dashboard = map["data"]["user-invitation-operator.json"].as_str().expect("a dashboard");
    let dashboard: Value = serde_json::from_str(dashboard).expect("JSON");
    let story = Story::tell(&folder).await;

    let (queries, variables) = (queries(&dashboard), variables(&dashboard));
    assert!(queries.len() > 30 && variables.len() == 2, "{} queries", queries.len());
    // As Grafana does: four times the interval of the scrapes.
    let interval = ("__rate_interval".to_owned(), format!("{}s", 4 * story.interval()));
    let everything = variables.iter().map(|variable| (variable.name.clone(), variable.everything.clone()));
    // Several values that are chosen one by one become a pattern.
    let each = variables.iter().map(|variable| {
        let values = chosen(&story, variable);
        assert!(values.len() > 1, "{}: {values:?}", variable.name);
        (variable.name.clone(), format!("({})", values.join("|").replace('.', r"\\.")))
    });
    let (mut checks, mut of_two) = (Vec::new(), Vec::new());
    for choice in [everything.collect::<Vec<_>>(), each.collect()] {
        let values = choice.into_iter().chain([interval.clone()]).collect();
        checks.extend(variables.iter().map(|variable| offers(&story, variable, &values)));
        checks.extend(queries.iter().map(|query| shows(&story, query, &values)));
        let of_leader = queries.iter().filter(|query| replicas::is_of_leader(query));
        of_two.extend(of_leader.map(|query| counts_once(&story, query, &values)));
    }
    assert!(of_two.len() > 30, "{} queries of what the leader knows", of_two.len());
    let group = |series: &[Value], checks: Vec<Value>| {
        json!({
            "interval": "1s",
            "start_timestamp": story.begins(),
            "input_series": series,
            "promql_expr_test": checks,
        })
    };
    let series = story.input_series();
    let groups = [group(&series, checks), group(&replicas::doubled(&series), of_two)];
    let tests = json!({"evaluation_interval": "1s", "tests": groups});
    let file = folder.join("queries.json");
    fs::write(&file, tests.to_string()).expect("the folder can be written");
    promtool(&folder, &["test", "rules", &file.display().to_string()]).await.success();
}
