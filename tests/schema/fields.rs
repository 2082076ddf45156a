//! What every field keeps to. Each test lists all offenders at once.

use serde_json::{Value, json};

use crate::walk::{Place, places};

/// Asserts that no place of the CRDs offends.
fn nowhere(what: &str, offends: impl Fn(&Place) -> bool) {
    let offenders: Vec<String> = places().into_iter().filter(offends).map(|place| place.path).collect();
    assert!(offenders.is_empty(), "{what}:\n  {}", offenders.join("\n  "));
}

fn camel_case(word: &str) -> bool {
    word.starts_with(|first: char| first.is_ascii_uppercase())
        && word.chars().all(|c| c.is_ascii_alphanumeric())
}

#[test]
fn every_string_is_bounded() {
    nowhere("no maxLength", |place| place.kind() == "string" && place.get("maxLength").is_none());
}

#[test]
fn every_list_is_bounded_and_typed() {
    nowhere("no maxItems", |place| place.kind() == "array" && place.get("maxItems").is_none());
    nowhere("no list type", |place| place.kind() == "array" && place.get("x-kubernetes-list-type").is_none());
}

#[test]
fn every_map_is_bounded() {
    nowhere("no maxProperties", |place| {
        place.get("additionalProperties").is_some() && place.get("maxProperties").is_none()
    });
    nowhere("no properties", |place| {
        place.kind() == "object"
            && place.get("properties").is_none()
            && place.get("additionalProperties").is_none()
    });
}

#[test]
fn lists_of_objects_are_atomic_but_for_two() {
    nowhere("list type", |place| {
        let keyed = match place.name.as_str() {
            "conditions" => Some("type"),
            "accessProfiles" if place.schema["items"]["type"] == "object" => Some("name"),
            _ => None,
        };
        place.kind() == "array"
            && match (keyed, place.schema["items"]["type"].as_str()) {
                (Some(key), _) => {
                    place.schema["x-kubernetes-list-type"] != "map"
                        || place.schema["x-kubernetes-list-map-keys"] != json!([key])
                        || !place.schema["items"]["required"].as_array().unwrap().contains(&json!(key))
                }
                (None, Some("object")) => place.schema["x-kubernetes-list-type"] != "atomic",
                (None, _) => place.schema["x-kubernetes-list-type"] != "set",
            }
    });
}

#[test]
fn every_field_is_described_beginning_with_its_name() {
    nowhere("description", |place| {
        let text = place.get("description").and_then(Value::as_str).unwrap_or_default();
        let named = text.starts_with(&format!("{} ", place.name));
        let sentence = text.ends_with('.') && text.len() > place.name.len() + 10;
        !place.is_item() && (!named || !sentence)
    });
    nowhere("a description with line breaks in a paragraph", |place| {
        let text = place.get("description").and_then(Value::as_str).unwrap_or_default();
        text.replace("\n\n", "").contains('\n')
    });
}

#[test]
fn descriptions_name_every_value_and_the_default() {
    nowhere("a value of the enum is not explained", |place| {
        let text = place.get("description").and_then(Value::as_str).unwrap_or_default();
        let values = place.get("enum").and_then(Value::as_array).into_iter().flatten();
        values.filter_map(Value::as_str).any(|value| !text.contains(value))
    });
    nowhere("the default is not in the description", |place| {
        let text = place.get("description").and_then(Value::as_str).unwrap_or_default();
        place.get("default").is_some_and(|default| {
            let shown = match default {
                Value::String(word) => word.clone(),
                Value::Array(words) => words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
                other => other.to_string(),
            };
            !default.is_object() && !text.contains(&format!("Default {shown}"))
        })
    });
}

#[test]
fn enums_are_camel_case() {
    nowhere("enum value", |place| {
        let values = place.get("enum").and_then(Value::as_array).into_iter().flatten();
        values.into_iter().any(|value| !value.as_str().is_some_and(camel_case))
    });
}

#[test]
fn numbers_are_plain_integers_with_bounds() {
    nowhere("a float", |place| place.kind() == "number");
    nowhere("an integer's format", |place| {
        place.kind() == "integer" && place.schema["format"] != "int32" && place.schema["format"] != "int64"
    });
    nowhere("an integer without a least value", |place| {
        place.kind() == "integer" && place.get("minimum").is_none()
    });
    nowhere("an integer without a greatest value", |place| {
        place.kind() == "integer" && !place.in_status() && place.get("maximum").is_none()
    });
}

#[test]
fn nothing_is_null_or_anything_goes() {
    nowhere("nullable", |place| place.get("nullable").is_some());
    for key in [
        "x-kubernetes-preserve-unknown-fields",
        "x-kubernetes-int-or-string",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
    ] {
        nowhere(key, |place| place.get(key).is_some());
    }
}

#[test]
fn names_carry_units_and_say_no_phase() {
    nowhere("phase", |place| place.name.to_ascii_lowercase().contains("phase"));
    nowhere("a time that is not called so", |place| {
        (place.schema["format"] == "date-time") != (place.name.ends_with("Time") || place.name == "time")
    });
    nowhere("a name that is not camelCase", |place| {
        let lower = place.name.starts_with(|first: char| first.is_ascii_lowercase());
        let plain = place.name.chars().all(|c| c.is_ascii_alphanumeric());
        !place.is_item() && (!lower || !plain)
    });
    let units = ["Seconds", "Milliseconds", "Days", "PerMinute", "Size", "Generation"];
    nowhere("an integer without a unit", |place| {
        let counted = place.path.contains(".status.counts.")
            || place.path.ends_with(".removalsHeldAbove")
            || place.path.ends_with(".removalsHeld.count")
            || place.path.contains(".status.unmanagedPage.");
        place.kind() == "integer" && !counted && !units.iter().any(|unit| place.name.ends_with(unit))
    });
    nowhere("a duration that is not a whole number", |place| {
        (place.name.ends_with("Seconds") || place.name.ends_with("Milliseconds")) && place.kind() != "integer"
    });
}

#[test]
fn switches_are_words_but_for_two() {
    let known = ["UserInvitation.spec.suspend", "UserInvitation.status.attempt.settled"];
    nowhere("a boolean", |place| place.kind() == "boolean" && !known.contains(&place.path.as_str()));
}

#[test]
fn references_name_things_of_the_same_namespace() {
    nowhere("a reference to another namespace", |place| place.path.contains("Ref.namespace"));
}

#[test]
fn a_field_is_required_or_has_a_default_not_both() {
    nowhere("required with default", |place| {
        let required = place.get("required").and_then(Value::as_array).into_iter().flatten();
        required
            .filter_map(Value::as_str)
            .any(|name| place.schema["properties"][name].get("default").is_some())
    });
}

#[test]
fn status_takes_what_the_operator_writes() {
    nowhere("a rule in status", |place| {
        place.in_status()
            && ["x-kubernetes-validations", "pattern", "minLength", "minItems"]
                .iter()
                .any(|key| place.get(key).is_some())
    });
    nowhere("a default inside status", |place| {
        place.in_status() && place.name != "status" && place.get("default").is_some()
    });
    nowhere("an enum in status, which a downgrade could not read", |place| {
        place.in_status() && place.get("enum").is_some() && !place.path.ends_with("conditions[].status")
    });
}

#[test]
fn applied_access_holds_what_all_profiles_grant_together() {
    let all = places();
    let most = |path: &str| {
        all.iter().find(|place| place.path == path).and_then(|place| place.get("maxItems")?.as_i64()).unwrap()
    };
    let profiles = most("UserInvitation.spec.accessProfiles");
    for list in ["organizationRoles", "serviceRoles", "serviceRoles[].roles", "customRoles", "groupIds"] {
        let asked = most(&format!("UserInvitation.spec.access.vmwareCloudServices.{list}"));
        let applied = most(&format!("UserInvitation.status.appliedAccess.vmwareCloudServices.{list}"));
        assert_eq!(applied, asked * profiles, "{list}");
    }
}

#[test]
fn every_refusal_says_what_to_do() {
    nowhere("a rule without a message", |place| {
        let rules = place.get("x-kubernetes-validations").and_then(Value::as_array).into_iter().flatten();
        rules.into_iter().any(|rule| rule["message"].as_str().is_none_or(|message| message.len() < 40))
    });
}
