//! The CRDs, as types and as the files below `crds/`.

use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::{CustomResourceDefinition, JSON};
use kube::CustomResourceExt;
use serde::Serialize;
use serde_json::{Number, Value};

use super::schema::finish;
use super::{
    ClusterInvitationProvider, InvitationProvider, ProviderStatus, UserInvitation, UserInvitationStatus,
};

/// The first line of each file.
const HEADER: &str = "# Generated from src/api by `make generate`; do not edit.\n";

/// Every CRD of this version.
pub fn all() -> Vec<CustomResourceDefinition> {
    let provider = InvitationProvider::crd();
    vec![
        finish(provider.clone(), json(&ProviderStatus::unreconciled()).as_ref()),
        finish(cluster_provider(&provider), json(&ProviderStatus::unreconciled()).as_ref()),
        finish(UserInvitation::crd(), json(&UserInvitationStatus::unreconciled()).as_ref()),
    ]
}

/// The provider for several namespaces is shown in the same columns.
fn cluster_provider(provider: &CustomResourceDefinition) -> CustomResourceDefinition {
    let mut crd = ClusterInvitationProvider::crd();
    for (version, like) in crd.spec.versions.iter_mut().zip(&provider.spec.versions) {
        version.additional_printer_columns.clone_from(&like.additional_printer_columns);
    }
    crd
}

/// Every CRD as a file: its name below `crds/`, and what is in it. The same types give the same bytes.
pub fn files() -> Result<Vec<(String, String)>, serde_yaml::Error> {
    let file = |crd: CustomResourceDefinition| {
        let name = format!("{}_{}.yaml", crd.spec.group, crd.spec.names.plural);
        to_yaml(&crd).map(|yaml| (name, format!("{HEADER}{yaml}")))
    };
    all().into_iter().map(file).collect()
}

/// One CRD as YAML, with sorted keys.
pub fn to_yaml(crd: &CustomResourceDefinition) -> Result<String, serde_yaml::Error> {
    let mut value = serde_json::to_value(crd).map_err(<serde_yaml::Error as serde::ser::Error>::custom)?;
    whole_numbers(&mut value);
    serde_yaml::to_string(&value)
}

/// Bounds are floats in the CRD type, and would be written `1.0`.
fn whole_numbers(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(whole_numbers),
        Value::Object(fields) => fields.values_mut().for_each(whole_numbers),
        Value::Number(number) => {
            let whole = number.to_string().strip_suffix(".0").and_then(|digits| digits.parse::<i64>().ok());
            if let Some(whole) = whole {
                *number = Number::from(whole);
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

fn json(status: &impl Serialize) -> Option<JSON> {
    serde_json::to_value(status).ok().map(JSON)
}
