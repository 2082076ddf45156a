//! The custom resource definitions as the API server publishes them, held against those of this version.

use std::collections::BTreeSet;

use axum::http::Request;
use kube::Client;
use serde_json::Value;

use super::finding::Finding;
use crate::api::{GROUP, VERSION, crds};

/// What to do about definitions.
const INSTALL: &str = "install this version's: helm upgrade the chart, or user-invitation-operator crds | kubectl apply --server-side -f -";

/// Looks at every definition.
pub(super) async fn check(client: &Client) -> Vec<Finding> {
    let api = format!("{GROUP}/{VERSION}");
    let served = match client.list_api_group_resources(&api).await {
        Ok(list) => list.resources.into_iter().map(|resource| resource.name).collect(),
        // What nobody serves is answered with a bare 404, without a reason.
        Err(kube::Error::Api(status)) if status.code == 404 => BTreeSet::new(),
        Err(error) => {
            let what = format!("definitions of {api}");
            return vec![Finding::wrong(what, format!("cannot be asked for: {error}"), "see the API server")];
        }
    };
    let published = published(client).await;
    crds::all().iter().map(|crd| definition(crd, &served, published.as_ref().ok())).collect()
}

/// What the API server says of the fields.
async fn published(client: &Client) -> Result<Value, kube::Error> {
    let path = format!("/openapi/v3/apis/{GROUP}/{VERSION}");
    client.request(Request::get(path).body(Vec::new()).map_err(kube::Error::HttpError)?).await
}

fn definition(
    crd: &k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition,
    served: &BTreeSet<String>,
    published: Option<&Value>,
) -> Finding {
    let (kind, plural) = (&crd.spec.names.kind, &crd.spec.names.plural);
    let what = format!("definition of {kind}");
    if !served.contains(plural) {
        return Finding::wrong(what, format!("{plural}.{GROUP} is not served as {VERSION}"), INSTALL);
    }
    if !served.contains(&format!("{plural}/status")) {
        return Finding::wrong(what, "it has no status subresource", INSTALL);
    }
    let ours = crd.spec.versions.first().and_then(|version| version.schema.as_ref());
    let ours =
        ours.and_then(|schema| serde_json::to_value(&schema.open_api_v3_schema).ok()).unwrap_or_default();
    let Some(theirs) = published.and_then(|published| schema_of(published, kind)) else {
        return Finding::note(
            what,
            format!("served as {VERSION}; the API server does not publish its fields"),
        );
    };
    let (ours, theirs) = (fields(&ours), fields(theirs));
    let lacks: Vec<&str> = ours.difference(&theirs).map(String::as_str).collect();
    if !lacks.is_empty() {
        return Finding::wrong(
            what,
            format!("it is of another version, and lacks {}", some(&lacks)),
            INSTALL,
        );
    }
    let more: Vec<&str> = theirs.difference(&ours).map(String::as_str).collect();
    if more.is_empty() {
        return Finding::fine(what, format!("served as {VERSION}, with the fields of this version"));
    }
    Finding::note(what, format!("it is newer than this operator, which does not know {}", some(&more)))
}

/// The schema of a kind among those that are published.
fn schema_of<'a>(published: &'a Value, kind: &str) -> Option<&'a Value> {
    let schemas = published["components"]["schemas"].as_object()?;
    schemas.values().find(|schema| {
        let kinds = schema["x-kubernetes-group-version-kind"].as_array();
        kinds.into_iter().flatten().any(|known| known["kind"] == kind && known["group"] == GROUP)
    })
}

/// The paths of all fields below spec and status.
fn fields(schema: &Value) -> BTreeSet<String> {
    let mut paths = BTreeSet::new();
    for part in ["spec", "status"] {
        walk(&schema["properties"][part], part, &mut paths);
    }
    paths
}

fn walk(schema: &Value, path: &str, paths: &mut BTreeSet<String>) {
    paths.insert(path.to_owned());
    for (name, below) in schema["properties"].as_object().into_iter().flatten() {
        walk(below, &format!("{path}.{name}"), paths);
    }
    for below in ["items", "additionalProperties"] {
        if schema[below].is_object() {
            walk(&schema[below], &format!("{path}[]"), paths);
        }
    }
}

/// The first few of them.
fn some(paths: &[&str]) -> String {
    let shown = paths.iter().take(3).copied().collect::<Vec<_>>().join(", ");
    if paths.len() > 3 { format!("{shown} and {} more", paths.len() - 3) } else { shown }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::diagnose::finding::Level;

    fn found(change: impl FnOnce(&mut Value), served: &[&str]) -> Finding {
        let crd = crds::all().into_iter().find(|crd| crd.spec.names.kind == "UserInvitation").unwrap();
        let schema = crd.spec.versions[0].schema.as_ref().unwrap();
        let mut theirs = serde_json::to_value(&schema.open_api_v3_schema).unwrap();
        theirs["x-kubernetes-group-version-kind"] = json!([{"group": GROUP, "kind": "UserInvitation"}]);
        change(&mut theirs);
        let published = json!({"components": {"schemas": {"dev.userinvitation.UserInvitation": theirs}}});
        let served = served.iter().map(|name| (*name).to_owned()).collect();
        definition(&crd, &served, Some(&published))
    }

    #[test]
    fn a_definition_is_missing_old_or_new() {
        let both = ["userinvitations", "userinvitations/status"];
        assert_eq!(found(|_| (), &both).level, Level::Fine);
        assert_eq!(found(|_| (), &[]).level, Level::Wrong);
        assert_eq!(found(|_| (), &both[..1]).level, Level::Wrong);
        let lacks = |theirs: &mut Value| {
            theirs["properties"]["spec"]["properties"].as_object_mut().unwrap().remove("readyWhen");
        };
        let old = found(lacks, &both);
        assert_eq!(old.level, Level::Wrong);
        assert!(old.told.ends_with("lacks spec.readyWhen"), "{old:?}");
        let new = found(|theirs| theirs["properties"]["spec"]["properties"]["later"] = json!({}), &both);
        assert_eq!(new.level, Level::Note);
        assert!(new.told.ends_with("does not know spec.later"), "{new:?}");
    }
}
