//! One pass over the generated schemas, the same for all kinds, that brings them to the rules of this API: what
//! the generator leaves open is bounded, what it adds and the API server would keep for ever is taken away.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{
    CustomResourceDefinition, JSON, JSONSchemaProps, JSONSchemaPropsOrArray, JSONSchemaPropsOrBool,
};
use serde_json::json;

use super::invitation::ACCESS_PROFILES_MAX;

/// Longest time or enum value. Neither comes near it; it bounds what validation rules may cost.
const SHORT_STRING: i64 = 64;

/// What `kubectl explain` says about the fields of a condition, and how long they may be.
const CONDITION_FIELDS: [(&str, &str, Option<i64>); 6] = [
    ("type", "type is the condition's name. A list has one condition of each type.", Some(64)),
    ("status", "status says whether the condition holds: True, False or Unknown.", Some(16)),
    (
        "observedGeneration",
        "observedGeneration is the metadata.generation that the condition is about; an older one than the object's means that \
         the operator has not looked at the latest change yet.",
        None,
    ),
    (
        "lastTransitionTime",
        "lastTransitionTime is when status last changed (RFC 3339). It does not move when only reason or message change.",
        Some(SHORT_STRING),
    ),
    ("reason", "reason says in one word why the condition is as it is. Programs may rely on it.", Some(128)),
    ("message", "message says the same for people, and what to do. Programs must not rely on it.", Some(512)),
];

/// Brings the schemas of a generated CRD to the rules of this API.
pub fn finish(mut crd: CustomResourceDefinition, unreconciled: Option<&JSON>) -> CustomResourceDefinition {
    let schemas = crd.spec.versions.iter_mut().filter_map(|version| version.schema.as_mut());
    for root in schemas.filter_map(|schema| schema.open_api_v3_schema.as_mut()) {
        finish_everywhere(root);
        if let Some(status) = root.properties.as_mut().and_then(|all| all.get_mut("status")) {
            loosen(status);
            widen_applied_access(status);
            status.default = unreconciled.cloned();
        }
    }
    crd
}

/// Calls `visit` for each schema directly below.
fn below(schema: &mut JSONSchemaProps, mut visit: impl FnMut(&mut JSONSchemaProps)) {
    schema.properties.iter_mut().flat_map(|all| all.values_mut()).for_each(&mut visit);
    if let Some(JSONSchemaPropsOrArray::Schema(item)) = schema.items.as_mut() {
        visit(item);
    }
    if let Some(JSONSchemaPropsOrBool::Schema(value)) = schema.additional_properties.as_mut() {
        visit(value);
    }
}

fn finish_everywhere(schema: &mut JSONSchemaProps) {
    // An absent field and null would otherwise be two things, in the store and in rules.
    schema.nullable = None;
    schema.title = None;
    if let Some(text) = schema.description.as_mut() {
        *text = reflowed(text);
    }
    match schema.type_.as_deref() {
        Some("string") if schema.enum_.is_some() || schema.format.as_deref() == Some("date-time") => {
            schema.max_length = schema.max_length.or(Some(SHORT_STRING));
        }
        Some("integer") => {
            // The API server's formats know no unsigned integers.
            if let Some(signed) = schema.format.as_deref().and_then(|format| format.strip_prefix('u')) {
                schema.minimum = schema.minimum.or(Some(0.0));
                schema.format = Some(signed.to_owned());
            }
        }
        Some("array") => finish_array(schema),
        _ => {}
    }
    below(schema, finish_everywhere);
}

/// Lists of words are sets, lists of objects belong to one owner, conditions are keyed by type.
fn finish_array(schema: &mut JSONSchemaProps) {
    let Some(JSONSchemaPropsOrArray::Schema(item)) = schema.items.as_mut() else { return };
    if is_condition(item) {
        finish_condition(item);
        schema.x_kubernetes_list_type = Some("map".to_owned());
        schema.x_kubernetes_list_map_keys = Some(vec!["type".to_owned()]);
    } else if schema.x_kubernetes_list_type.is_none() {
        let kind = if item.type_.as_deref() == Some("object") { "atomic" } else { "set" };
        schema.x_kubernetes_list_type = Some(kind.to_owned());
    }
}

fn is_condition(item: &JSONSchemaProps) -> bool {
    item.properties.as_ref().is_some_and(|all| all.contains_key("lastTransitionTime"))
}

fn finish_condition(item: &mut JSONSchemaProps) {
    item.description = Some("One aspect of the object's state.".to_owned());
    let Some(fields) = item.properties.as_mut() else { return };
    for (name, description, max_length) in CONDITION_FIELDS {
        let Some(field) = fields.get_mut(name) else { continue };
        field.description = Some(description.to_owned());
        field.max_length = max_length;
        match name {
            "status" => {
                field.enum_ = Some(["True", "False", "Unknown"].map(|value| JSON(json!(value))).to_vec());
            }
            "observedGeneration" => field.minimum = Some(0.0),
            _ => {}
        }
    }
}

/// The operator alone writes status. A rule there could only make a whole status write fail, and a default would
/// claim something that was never found.
fn loosen(status: &mut JSONSchemaProps) {
    status.x_kubernetes_validations = None;
    status.pattern = None;
    status.default = None;
    status.min_length = None;
    status.min_items = None;
    below(status, loosen);
}

/// What was granted is what all the named profiles grant together.
fn widen_applied_access(status: &mut JSONSchemaProps) {
    fn widen(schema: &mut JSONSchemaProps) {
        schema.max_items = schema.max_items.map(|most| most * ACCESS_PROFILES_MAX);
        below(schema, widen);
    }
    if let Some(applied) = status.properties.as_mut().and_then(|all| all.get_mut("appliedAccess")) {
        widen(applied);
    }
}

/// The lines of a doc comment as paragraphs.
fn reflowed(text: &str) -> String {
    let paragraphs = text.split("\n\n").map(|lines| lines.split_whitespace().collect::<Vec<_>>().join(" "));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}
