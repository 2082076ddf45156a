//! Every schema of every CRD, with its path.

use serde_json::Value;
use user_invitation_operator::api::crds;

/// One schema inside a CRD.
pub(crate) struct Place {
    /// Where it is, as in `UserInvitation.spec.access.roles[].name`.
    pub(crate) path: String,
    /// The field's name; for the items of a list that of the list with `[]`.
    pub(crate) name: String,
    /// The schema.
    pub(crate) schema: Value,
}

impl Place {
    /// Whether the operator alone writes it.
    pub(crate) fn in_status(&self) -> bool {
        self.path.split('.').nth(1) == Some("status")
    }

    /// Whether it is an item of a list, and so has no name of its own.
    pub(crate) fn is_item(&self) -> bool {
        self.name.ends_with("[]")
    }

    /// One of the schema's settings.
    pub(crate) fn get(&self, key: &str) -> Option<&Value> {
        self.schema.get(key)
    }

    /// The schema's type.
    pub(crate) fn kind(&self) -> &str {
        self.get("type").and_then(Value::as_str).unwrap_or_else(|| panic!("{} has no type", self.path))
    }
}

/// Every CRD as plain JSON.
pub(crate) fn crds() -> Vec<Value> {
    crds::all().iter().map(|crd| serde_json::to_value(crd).unwrap()).collect()
}

/// Every schema of every CRD, the roots left out.
pub(crate) fn places() -> Vec<Place> {
    let mut all = Vec::new();
    for crd in crds() {
        let kind = crd["spec"]["names"]["kind"].as_str().unwrap();
        below(kind, kind, &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"], &mut all);
    }
    assert!(all.len() > 100, "the walk has lost its way");
    all
}

fn below(path: &str, name: &str, schema: &Value, all: &mut Vec<Place>) {
    for (field, inner) in schema["properties"].as_object().into_iter().flatten() {
        visit(format!("{path}.{field}"), field.clone(), inner, all);
    }
    if schema["items"].is_object() {
        visit(format!("{path}[]"), format!("{name}[]"), &schema["items"], all);
    }
    if schema["additionalProperties"].is_object() {
        visit(format!("{path}{{}}"), format!("{name}[]"), &schema["additionalProperties"], all);
    }
}

fn visit(path: String, name: String, schema: &Value, all: &mut Vec<Place>) {
    below(&path, &name, schema, all);
    all.push(Place { path, name, schema: schema.clone() });
}
