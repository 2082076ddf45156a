//! The reference of the API, made of the CRDs.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::Value;

use super::{hint, rewrites, root};
use crate::walk::{Place, crds, places};

/// Fields that are of the shape of another one, whose rows stand for theirs.
const SAME_SHAPE: [(&str, &str); 2] = [
    ("UserInvitation.status.appliedAccess", "UserInvitation.spec.access"),
    ("InvitationProvider.spec.accessProfiles[].access", "UserInvitation.spec.access"),
];

/// Every field by its path, parents before children.
fn fields() -> BTreeMap<String, Place> {
    places().into_iter().map(|place| (place.path.clone(), place)).collect()
}

/// The fields of a kind, without those that stand elsewhere.
fn rows_of<'a>(fields: &'a BTreeMap<String, Place>, kind: &str) -> Vec<&'a Place> {
    let own = format!("{kind}.");
    let elsewhere = |path: &str| SAME_SHAPE.iter().any(|(copy, _)| path.starts_with(&format!("{copy}.")));
    fields
        .values()
        .filter(|place| place.path.starts_with(&own) && !place.is_item() && !elsewhere(&place.path))
        .collect()
}

/// What a field may be.
fn type_of(place: &Place) -> String {
    // Bounds are floats in the CRD type.
    let number = |key: &str| place.get(key).and_then(Value::as_f64);
    let of_items = |items: &Value| items["type"].as_str().unwrap_or("value").to_owned();
    if let Some(values) = place.get("enum").and_then(Value::as_array) {
        let words: Vec<String> =
            values.iter().filter_map(Value::as_str).map(|word| format!("`{word}`")).collect();
        return words.join(", ");
    }
    match place.kind() {
        "array" => {
            let most = number("maxItems").map(|most| format!(", at most {most}")).unwrap_or_default();
            format!("list of {}s{most}", of_items(&place.schema["items"]))
        }
        "object" if place.get("additionalProperties").is_some() => {
            format!("map of {}s", of_items(&place.schema["additionalProperties"]))
        }
        "integer" => match (number("minimum"), number("maximum")) {
            (Some(least), Some(most)) => format!("integer, {least} to {most}"),
            (Some(least), None) => format!("integer, at least {least}"),
            _ => "integer".to_owned(),
        },
        "string" => match place.get("format").and_then(Value::as_str) {
            Some("date-time") => "time".to_owned(),
            _ => number("maxLength").map_or("string".to_owned(), |most| format!("string, at most {most}")),
        },
        other => other.to_owned(),
    }
}

/// Text that Markdown leaves as it is, on one line.
fn plain(text: &str) -> String {
    text.replace('|', "\\|").replace('<', "\\<").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// One line of a table.
fn row(place: &Place, required: bool) -> String {
    let path = place.path.split_once('.').map_or("", |(_, path)| path);
    let default = place.get("default").filter(|default| !default.is_object() && !default.is_array());
    let default = default.map(|default| default.to_string().trim_matches('"').to_owned());
    let mut description = plain(place.get("description").and_then(Value::as_str).unwrap_or_default());
    if let Some((_, shown)) = SAME_SHAPE.iter().find(|(copy, _)| *copy == place.path) {
        description = format!("{description} Its fields are those of {shown}.");
    }
    format!(
        "| `{path}`{} | {} | {} | {description} |\n",
        if required { " *" } else { "" },
        type_of(place),
        default.unwrap_or_default(),
    )
}

/// A table of fields.
fn table(fields: &BTreeMap<String, Place>, rows: &[&Place]) -> String {
    let mut text = "| field | type | default | |\n|---|---|---|---|\n".to_owned();
    for place in rows {
        let (parent, name) = place.path.rsplit_once('.').unwrap_or_default();
        let required = fields.get(parent).and_then(|parent| parent.get("required")).and_then(Value::as_array);
        text += &row(place, required.is_some_and(|names| names.iter().any(|other| other == name)));
    }
    text
}

/// What the API server refuses, in the words in which it does.
fn refusals(fields: &BTreeMap<String, Place>, kind: &str) -> String {
    let own = format!("{kind}.");
    let rules = fields.values().filter(|place| place.path.starts_with(&own)).flat_map(|place| {
        place.get("x-kubernetes-validations").and_then(Value::as_array).cloned().unwrap_or_default()
    });
    let mut messages: Vec<String> =
        rules.filter_map(|rule| rule["message"].as_str().map(ToOwned::to_owned)).collect();
    messages.sort();
    messages.dedup();
    messages.iter().fold(String::new(), |mut text, message| {
        let _ = writeln!(text, "- {message}");
        text
    })
}

/// The beginning of a kind's part.
fn head(crd: &Value) -> String {
    let names = &crd["spec"]["names"];
    let schema = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"];
    format!(
        "## {}\n\n{}. Short: `{}`. {}\n\n",
        names["kind"].as_str().unwrap(),
        crd["spec"]["scope"].as_str().unwrap(),
        names["shortNames"][0].as_str().unwrap(),
        plain(schema["description"].as_str().unwrap()),
    )
}

/// The page.
fn reference() -> String {
    let fields = fields();
    let mut text = "<!-- Generated from the CRDs by `make generate`. -->\n\
                    # API reference\n\n\
                    Group `userinvitation.dev`, version `v1alpha1`. A star marks what is required. The same is in \
                    `kubectl explain`. What goes\nbeyond a field is in [who may ask for what](who-may-ask.md) and \
                    [states and errors](states.md).\n\n"
        .to_owned();
    for crd in crds() {
        let kind = crd["spec"]["names"]["kind"].as_str().unwrap();
        let mut rows = rows_of(&fields, kind);
        text += &head(&crd);
        if kind == "ClusterInvitationProvider" {
            text += "The fields of [InvitationProvider](#invitationprovider), and what differs:\n\n";
            rows.retain(|place| {
                let like = place.path.replacen("ClusterInvitationProvider", "InvitationProvider", 1);
                fields.get(&like).is_none_or(|like| {
                    like.get("description") != place.get("description") || type_of(like) != type_of(place)
                })
            });
        }
        text += &table(&fields, &rows);
        let refused = refusals(&fields, kind);
        let _ = write!(text, "\nThe API server refuses what breaks one of these rules:\n\n{refused}\n");
    }
    text.trim_end().to_owned() + "\n"
}

#[test]
fn the_reference_of_the_api_is_what_the_types_say() {
    let path = root().join("docs/api.md");
    if rewrites() {
        std::fs::write(&path, reference()).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(found == reference(), "docs/api.md is stale: {}", hint());
}

/// What the page says once has to be so in both places.
#[test]
fn what_is_of_the_same_shape_has_the_same_fields() {
    let fields = fields();
    let below = |start: &str| -> Vec<(String, String)> {
        let inner = fields.values().filter(|place| place.path.starts_with(&format!("{start}.")));
        inner.map(|place| (place.path.replacen(start, "", 1), place.kind().to_owned())).collect()
    };
    for (copy, shown) in SAME_SHAPE {
        assert!(!below(copy).is_empty(), "{copy} has gone");
        assert_eq!(below(copy), below(shown), "{copy} and {shown}");
    }
}
