//! What every kind keeps to.

use serde_json::{Value, json};

use crate::walk::crds;

fn kind<'a>(all: &'a [Value], name: &str) -> &'a Value {
    all.iter().find(|crd| crd["spec"]["names"]["kind"] == name).unwrap()
}

fn names<'a>(list: &'a Value, key: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap()).collect()
}

#[test]
fn one_version_is_served_and_stored_in_our_group() {
    for crd in crds() {
        assert_eq!(crd["spec"]["group"], "userinvitation.dev");
        let of_cluster = crd["spec"]["names"]["kind"] == "ClusterInvitationProvider";
        assert_eq!(crd["spec"]["scope"], if of_cluster { "Cluster" } else { "Namespaced" });
        assert_eq!(crd["spec"]["names"]["categories"], json!(["invitations"]));
        assert_eq!(crd["spec"]["versions"].as_array().unwrap().len(), 1);
        let version = &crd["spec"]["versions"][0];
        assert_eq!(version["name"], "v1alpha1");
        assert_eq!(version["served"], true);
        assert_eq!(version["storage"], true);
        assert!(version["schema"]["openAPIV3Schema"]["description"].is_string());
    }
}

#[test]
fn short_names() {
    let all = crds();
    assert_eq!(kind(&all, "InvitationProvider")["spec"]["names"]["shortNames"], json!(["iprov"]));
    assert_eq!(kind(&all, "ClusterInvitationProvider")["spec"]["names"]["shortNames"], json!(["ciprov"]));
    assert_eq!(kind(&all, "UserInvitation")["spec"]["names"]["shortNames"], json!(["uinv"]));
}

#[test]
fn status_is_a_subresource_and_its_fields_are_optional() {
    for crd in crds() {
        let version = &crd["spec"]["versions"][0];
        assert!(version["subresources"]["status"].is_object());
        let root = &version["schema"]["openAPIV3Schema"];
        assert_eq!(root["required"], json!(["spec"]));
        assert!(root["properties"]["status"].get("required").is_none());
    }
}

#[test]
fn every_object_is_born_not_ready() {
    for crd in crds() {
        let status = &crd["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["status"];
        let born = &status["default"];
        assert_eq!(born["observedGeneration"], -1);
        assert_eq!(
            born["conditions"],
            json!([{
                "type": "Ready",
                "status": "Unknown",
                "reason": "NotReconciled",
                "message": "The operator has not looked at this object yet.",
                "lastTransitionTime": "1970-01-01T00:00:00Z",
            }])
        );
        let first =
            if crd["spec"]["names"]["kind"] == "UserInvitation" { json!("Queued") } else { Value::Null };
        assert_eq!(born["state"], first);
    }
}

#[test]
fn the_columns_are_those_of_the_manual() {
    let all = crds();
    let columns = |name: &str| {
        let list = &kind(&all, name)["spec"]["versions"][0]["additionalPrinterColumns"];
        let wide: Vec<bool> = list.as_array().unwrap().iter().map(|column| column["priority"] == 1).collect();
        names(list, "name").into_iter().map(str::to_uppercase).zip(wide).collect::<Vec<_>>()
    };
    let narrow = |names: &[&str]| names.iter().map(|name| ((*name).to_owned(), false)).collect::<Vec<_>>();
    assert_eq!(
        columns("InvitationProvider"),
        narrow(&["VENDOR", "ACCOUNT", "READY", "REASON", "PENDING", "ACCEPTED", "AGE"])
    );
    assert_eq!(columns("ClusterInvitationProvider"), columns("InvitationProvider"));
    let mut invitation = narrow(&["PROVIDER", "EMAIL", "STATE", "READY", "REASON", "INVITED", "AGE"]);
    invitation
        .extend(["ACCEPTED", "EXPIRES", "ON-DELETE", "VENDOR-STATUS"].map(|name| (name.to_owned(), true)));
    assert_eq!(columns("UserInvitation"), invitation);
}

#[test]
fn a_future_time_is_shown_as_text() {
    for crd in crds() {
        for column in crd["spec"]["versions"][0]["additionalPrinterColumns"].as_array().unwrap() {
            let future = column["jsonPath"].as_str().unwrap().ends_with("ExpirationTime");
            assert!(!future || column["type"] == "string", "{column}");
        }
    }
}

#[test]
fn the_selectable_fields_are_those_of_the_manual() {
    let all = crds();
    assert_eq!(
        names(&kind(&all, "UserInvitation")["spec"]["versions"][0]["selectableFields"], "jsonPath"),
        [".spec.email", ".spec.providerRef.kind", ".spec.providerRef.name", ".status.state"]
    );
}

#[test]
fn every_column_and_selectable_field_exists() {
    for crd in crds() {
        let version = &crd["spec"]["versions"][0];
        let columns = names(&version["additionalPrinterColumns"], "jsonPath");
        let fields = version.get("selectableFields").map(|list| names(list, "jsonPath")).unwrap_or_default();
        for path in columns.into_iter().chain(fields).filter(|path| !path.starts_with(".metadata")) {
            let mut schema = &version["schema"]["openAPIV3Schema"];
            for step in path.split('[').next().unwrap().split('.').skip(1) {
                schema = &schema["properties"][step];
                assert!(schema.is_object(), "{path} of {} leads nowhere", crd["metadata"]["name"]);
            }
        }
    }
}

#[test]
fn both_kinds_of_providers_have_the_same_schema_but_for_who_may_use_them() {
    let all = crds();
    let schema = |name: &str| {
        let mut root =
            kind(&all, name)["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"].clone();
        let allowed = root["spec"]["properties"].as_object_mut().unwrap().remove("allowedNamespaces");
        let text = root["spec"].as_object_mut().unwrap().remove("description");
        assert_eq!(allowed.is_some(), name == "ClusterInvitationProvider");
        assert!(text.is_some());
        root
    };
    let (one, other) = (schema("InvitationProvider"), schema("ClusterInvitationProvider"));
    assert!(one["spec"]["x-kubernetes-validations"].as_array().unwrap().len() > 3);
    assert_eq!(one, other);
}
