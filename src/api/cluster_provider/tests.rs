use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn allowed(value: Value) -> AllowedNamespaces {
    serde_json::from_value(value).unwrap()
}

fn labels(value: Value) -> BTreeMap<String, String> {
    serde_json::from_value(value).unwrap()
}

#[rstest]
#[case::nothing_is_asked_for(json!({}), json!({"a": "1"}), false)]
#[case::empty(json!({"selector": {}}), json!({"a": "1"}), false)]
#[case::the_label(json!({"selector": {"matchLabels": {"a": "1"}}}), json!({"a": "1", "b": "2"}), true)]
#[case::another_value(json!({"selector": {"matchLabels": {"a": "1"}}}), json!({"a": "2"}), false)]
#[case::one_of_two(json!({"selector": {"matchLabels": {"a": "1", "b": "2"}}}), json!({"a": "1"}), false)]
#[case::an_empty_value(json!({"selector": {"matchLabels": {"a": ""}}}), json!({}), false)]
#[case::in_values(expression("In", &["1", "2"]), json!({"a": "2"}), true)]
#[case::not_in_values(expression("In", &["1", "2"]), json!({"a": "3"}), false)]
#[case::in_without_the_label(expression("In", &["1"]), json!({}), false)]
#[case::in_nothing(expression("In", &[]), json!({"a": "1"}), false)]
#[case::outside(expression("NotIn", &["1"]), json!({"a": "2"}), true)]
#[case::outside_without_the_label(expression("NotIn", &["1"]), json!({}), true)]
#[case::inside(expression("NotIn", &["1"]), json!({"a": "1"}), false)]
#[case::there(expression("Exists", &[]), json!({"a": ""}), true)]
#[case::not_there(expression("Exists", &[]), json!({"b": ""}), false)]
#[case::missing(expression("DoesNotExist", &[]), json!({"b": ""}), true)]
#[case::not_missing(expression("DoesNotExist", &[]), json!({"a": ""}), false)]
#[case::both_have_to_hold(
    json!({"selector": {
        "matchLabels": {"b": "2"}, "matchExpressions": [{"key": "a", "operator": "Exists"}],
    }}),
    json!({"a": "1", "b": "3"}),
    false
)]
fn labels_are_selected(#[case] allow: Value, #[case] have: Value, #[case] wanted: bool) {
    assert_eq!(allowed(allow).selects(&labels(have)), wanted);
}

fn expression(operator: &str, values: &[&str]) -> Value {
    json!({"selector": {"matchExpressions": [{"key": "a", "operator": operator, "values": values}]}})
}

#[test]
fn names_are_whole_names() {
    let allow = allowed(json!({"names": ["team-a", "team-b"]}));
    assert!(allow.names("team-b"));
    for other in ["team", "team-", "team-ab", "TEAM-A", ""] {
        assert!(!allow.names(other), "{other}");
    }
}
