//! What the charts render, over a matrix of values: objects that the API server knows, and no more rights than a mode needs.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, merge};
use test_rig::{ControlPlane, ControlPlaneOptions, chart, command};

use crate::helm::{HELMS, home, lint_with, objects, scratch, template, template_with};
use crate::schemas;

/// Kinds of the Prometheus operator, which are not part of Kubernetes.
const OTHERS: &str = "ServiceMonitor,PodMonitor,PrometheusRule";

/// Which namespaces are served.
fn modes() -> Vec<(&'static str, Value)> {
    let two = json!(["team-a", "team-b"]);
    vec![
        ("everywhere", json!({})),
        ("everywhere but for the cluster", json!({"clusterProviders": {"enabled": false}})),
        ("everywhere with Secrets of two", json!({"secretNamespaces": two})),
        ("two namespaces", json!({"watchNamespaces": two})),
        ("two namespaces only", json!({"watchNamespaces": two, "clusterProviders": {"enabled": false}})),
        ("its own and default", json!({"watchNamespaces": ["default", "user-invitation-operator"]})),
    ]
}

/// What is set beside.
fn variations() -> Vec<(&'static str, Value)> {
    vec![("usual", json!({})), ("everything", everything()), ("little", little())]
}

fn everything() -> Value {
    json!({
        "global": {"of": "others"},
        "fullnameOverride": "inviter",
        "replicaCount": 3,
        "image": {"digest": format!("sha256:{}", "0123456789abcdef".repeat(4)), "pullPolicy": "Always"},
        "imagePullSecrets": [{"name": "registry"}],
        "allowedPrivateCidrs": ["10.0.0.0/8", "fd00::/8"],
        "proxy": {"secretRef": {"name": "proxy", "key": "address"}, "noProxy": ".example.com,10.0.0.0/8"},
        "extraCaBundle": {"configMapName": "authorities"},
        "log": {"format": "text", "filter": "debug", "emails": "hashed"},
        "extraArgs": ["--concurrency=8"],
        "extraEnv": [{"name": "RUST_BACKTRACE", "value": "1"}],
        "http": {"address": "[::]", "port": 9090},
        "shutdownGraceSeconds": 40,
        "serviceAccount": {"name": "inviter", "annotations": {"example.com/a": "b"}},
        "rbac": {"aggregateToDefaultRoles": "Always"},
        "organizationPolicy": {
            "enabled": true, "action": "Warn", "allowedEmailDomains": ["example.com", "example.org"],
            "allowedDeletionPolicies": ["Retain"],
            "validations": [{"expression": "has(object.spec.firstName)", "message": "say \"who\": it is asked for"}],
        },
        "topologySpread": {"topologyKey": "topology.kubernetes.io/zone", "whenUnsatisfiable": "DoNotSchedule"},
        "priorityClassName": "high",
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "a", "operator": "Exists", "effect": "NoSchedule"}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}},
        "podAnnotations": {"example.com/c": "d"}, "podLabels": {"example.com/e": "f"},
        "commonLabels": {"example.com/g": "h"}, "deploymentAnnotations": {"example.com/i": "j"},
        "networkPolicy": {
            "enabled": true, "metricsFrom": [{"namespaceSelector": {"matchLabels": {"name": "monitoring"}}}],
            "apiServerCidrs": ["10.96.0.1/32"], "vendorPorts": [443, 3128],
            "extraEgress": [{"ports": [{"port": 4317}]}],
        },
        "metrics": {
            "service": {"annotations": {"example.com/k": "l"}},
            "serviceMonitor": {"enabled": true, "labels": {"m": "n"}, "interval": "30s"},
            "podMonitor": {"enabled": true, "labels": {"m": "n"}, "interval": "1m30s"},
            "prometheusRule": {"enabled": true, "labels": {"m": "n"}},
            "dashboard": {"enabled": true, "annotations": {"folder": "people"}},
        },
    })
}

fn little() -> Value {
    json!({
        "crds": {"enabled": false},
        "replicaCount": 1,
        "allowedPrivateCidrs": [],
        "proxy": {"url": "http://proxy.example.com:3128"},
        "serviceAccount": {"create": false},
        "rbac": {"aggregateToDefaultRoles": "Never"},
        "recordPolicy": {"enabled": false},
        "podDisruptionBudget": {"enabled": false},
        "topologySpread": {"enabled": false},
        "networkPolicy": {"enabled": true, "dnsCidrs": []},
        "podSecurityContext": {"runAsUser": null, "runAsGroup": null, "fsGroup": null},
        "metrics": {"service": {"enabled": false}},
    })
}

/// Each combination.
fn matrix() -> Vec<(String, Value)> {
    let mut matrix = Vec::new();
    for (mode, base) in modes() {
        for (variation, more) in variations() {
            let mut values = base.clone();
            merge(&mut values, more);
            matrix.push((format!("{mode}, {variation}"), values));
        }
    }
    matrix
}

#[tokio::test]
async fn both_versions_of_helm_render_the_same() {
    for (name, values) in matrix() {
        let sorted = async |helm| {
            let mut objects = objects(&template_with(helm, &values).await.success());
            objects.sort_by_key(ToString::to_string);
            objects
        };
        assert_eq!(sorted("helm").await, sorted("helm3").await, "{name}");
    }
}

#[tokio::test]
async fn no_version_of_helm_finds_fault() {
    for helm in HELMS {
        let _whole = lint_with(helm, OPERATOR, &chart::values()).await.success();
        let _definitions = lint_with(helm, "user-invitation-operator-crds", &json!({})).await.success();
    }
    let _typo = lint_with("helm", OPERATOR, &json!({"imagee": {}})).await.failure();
}

#[tokio::test]
async fn the_api_server_knows_every_field() {
    let folder = scratch("charts-schemas");
    let control_plane =
        ControlPlane::start(&folder.join("control-plane"), ControlPlaneOptions::default()).await;
    schemas::write(&control_plane.client(), &folder).await;
    control_plane.stop().await;
    for (name, values) in matrix() {
        let rendering = template(&values).await.success();
        let checked = conforms(&folder, &rendering).await.success();
        let counts: Value = serde_json::from_str(&checked).expect("kubeconform writes JSON");
        let others = objects(&rendering).iter().filter(|object| is_of_others(object)).count();
        assert_eq!(counts["summary"]["skipped"], others, "{name}: {checked}");
        assert_eq!(counts["summary"]["valid"], objects(&rendering).len() - others, "{name}: {checked}");
    }
    // What the server does not know is found.
    let typo = template(&json!({})).await.success().replace("enableServiceLinks:", "enableServiceLink:");
    let _said = conforms(&folder, &typo).await.failure();
}

fn is_of_others(object: &Value) -> bool {
    OTHERS.split(',').any(|kind| object["kind"] == kind)
}

async fn conforms(schemas: &Path, rendering: &str) -> test_rig::CommandOutput {
    let location = format!("{}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json", schemas.display());
    let arguments =
        ["-strict", "-summary", "-output", "json", "-skip", OTHERS, "-schema-location", &location];
    command::run(&chart::tool("kubeconform"), Path::new("/dev/null"), &home(), &arguments, Some(rendering))
        .await
}

/// The names of an object's kind that a rendering has.
fn named<'a>(objects: &'a [Value], kind: &str) -> BTreeSet<&'a str> {
    let of_the_kind = objects.iter().filter(|object| object["kind"] == kind);
    of_the_kind.map(|object| object["metadata"]["name"].as_str().expect("a name")).collect()
}

#[tokio::test]
async fn a_mode_has_no_more_roles_than_it_needs() {
    let render = async |values: Value| objects(&template(&values).await.success());
    let two = json!(["team-a", "team-b"]);

    let everywhere = render(json!({})).await;
    let all = ["", "-view", "-edit", "-admin"].map(|suffix| format!("user-invitation-operator{suffix}"));
    assert_eq!(named(&everywhere, "ClusterRole"), all.iter().map(String::as_str).collect());
    assert_eq!(named(&everywhere, "Role"), ["user-invitation-operator-leader"].into());

    let none = render(json!({"watchNamespaces": two, "clusterProviders": {"enabled": false}})).await;
    assert!(named(&none, "ClusterRole").is_empty() && named(&none, "ClusterRoleBinding").is_empty());
    let places: Vec<&Value> = none
        .iter()
        .filter(|object| object["kind"] == "Role" && object["metadata"]["name"] == "user-invitation-operator")
        .map(|role| &role["metadata"]["namespace"])
        .collect();
    assert_eq!(places, ["team-a", "team-b"]);

    let of_the_cluster = render(json!({"watchNamespaces": two})).await;
    let role = of_the_cluster.iter().find(|object| {
        object["kind"] == "ClusterRole" && object["metadata"]["name"] == "user-invitation-operator"
    });
    let role = role.expect("a ClusterRole").to_string();
    assert!(!role.contains("\"userinvitations\"") && !role.contains("secrets"), "{role}");

    let secrets = render(json!({"secretNamespaces": two})).await;
    let cluster: Vec<&Value> = secrets.iter().filter(|object| object["kind"] == "ClusterRole").collect();
    assert!(cluster.iter().all(|role| !role.to_string().contains("secrets")), "{cluster:?}");
    let places: BTreeSet<&str> = secrets
        .iter()
        .filter(|object| object["kind"] == "Role" && object.to_string().contains("\"secrets\""))
        .map(|role| role["metadata"]["namespace"].as_str().expect("a namespace"))
        .collect();
    assert_eq!(places, ["team-a", "team-b", "user-invitation-operator"].into());
}

#[tokio::test]
async fn nobody_reads_the_metadata_of_machines() {
    let rendering = objects(&template(&json!({"networkPolicy": {"enabled": true}})).await.success());
    let policy = rendering.iter().find(|object| object["kind"] == "NetworkPolicy").expect("a NetworkPolicy");
    let mut open = 0;
    for rule in policy["spec"]["egress"].as_array().expect("rules") {
        for peer in rule["to"].as_array().expect("every rule says where to") {
            let block = &peer["ipBlock"];
            if block["cidr"] == "0.0.0.0/0" {
                open += 1;
                assert!(block["except"].to_string().contains("169.254.0.0/16"), "{block}");
            } else if block["cidr"] == "::/0" {
                assert!(block["except"].to_string().contains("fd00:ec2::254/128"), "{block}");
            } else {
                assert!(block.is_null() || block["cidr"] == "169.254.20.10/32", "{block}");
            }
        }
    }
    assert_eq!(open, 2, "API server and vendors");
}

#[tokio::test]
async fn alerts_and_dashboard_are_as_their_files_say() {
    let metrics = json!({"prometheusRule": {"enabled": true}, "dashboard": {"enabled": true}});
    let rendering = objects(&template(&json!({"metrics": metrics})).await.success());
    let of = |kind: &str| rendering.iter().find(|object| object["kind"] == kind).expect("it is rendered");
    let file = |name: &str| {
        std::fs::read_to_string(chart::folder(OPERATOR).join("files").join(name)).expect("the file is there")
    };
    let alerts: Value = serde_yaml::from_str(&file("alerts.yaml")).expect("YAML");
    assert!(alerts["groups"].as_array().is_some_and(|groups| !groups.is_empty()));
    assert_eq!(of("PrometheusRule")["spec"], alerts);
    let text = of("ConfigMap")["data"]["user-invitation-operator.json"].as_str().expect("text");
    let rendered: Value = serde_json::from_str(text).expect("JSON");
    let dashboard: Value = serde_json::from_str(&file("dashboard.json")).expect("JSON");
    assert_eq!(rendered, dashboard);
}
