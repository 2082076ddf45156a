//! Values that the schema refuses, each with what it says.

use serde_json::{Value, json};

use crate::helm::{HELMS, template, template_with};

/// Wrong values, and what the message has to name.
fn table() -> Vec<(Value, &'static str)> {
    vec![
        (json!({"replicas": 2}), "replicas"),
        (json!({"replicaCount": "2"}), "/replicaCount"),
        (json!({"replicaCount": -1}), "/replicaCount"),
        (json!({"image": {"name": "operator"}}), "name"),
        (json!({"image": {"repository": "Registry/Operator"}}), "/image/repository"),
        (json!({"image": {"digest": "0123"}}), "/image/digest"),
        (json!({"image": {"pullPolicy": "Sometimes"}}), "/image/pullPolicy"),
        (json!({"imagePullSecrets": ["registry"]}), "/imagePullSecrets/0"),
        (json!({"crds": {"install": true}}), "install"),
        (json!({"watchNamespaces": "team-a,team-b"}), "/watchNamespaces"),
        (json!({"watchNamespaces": ["Team A"]}), "/watchNamespaces/0"),
        (json!({"watchNamespaces": ["a", "a"]}), "/watchNamespaces"),
        (json!({"clusterProviders": {"enabled": "yes"}}), "/clusterProviders/enabled"),
        (json!({"allowedPrivateCidrs": ["10.0.0.1"]}), "/allowedPrivateCidrs/0"),
        (json!({"proxy": {"httpsProxy": "http://proxy:3128"}}), "httpsProxy"),
        (json!({"proxy": {"url": "proxy:3128"}}), "/proxy/url"),
        (json!({"log": {"level": "debug"}}), "level"),
        (json!({"log": {"format": "xml"}}), "/log/format"),
        (json!({"extraArgs": ["--watch-namespaces=a"]}), "/extraArgs/0"),
        (json!({"extraArgs": ["concurrency=8"]}), "/extraArgs/0"),
        (json!({"extraEnv": {"A": "b"}}), "/extraEnv"),
        (json!({"http": {"port": 80}}), "/http/port"),
        (json!({"shutdownGraceSeconds": 1}), "/shutdownGraceSeconds"),
        (json!({"serviceAccount": {"tokenExpirationSeconds": 60}}), "/serviceAccount/tokenExpirationSeconds"),
        (json!({"rbac": {"aggregateToDefaultRoles": true}}), "/rbac/aggregateToDefaultRoles"),
        (json!({"organizationPolicy": {"action": "Refuse"}}), "/organizationPolicy/action"),
        (json!({"organizationPolicy": {"allowedEmailDomains": ["@example.com"]}}), "/organizationPolicy"),
        (json!({"organizationPolicy": {"validations": [{"expression": "true"}]}}), "message"),
        (json!({"resources": {"request": {"cpu": "1"}}}), "request"),
        (json!({"tolerations": [{"effect": "Never"}]}), "/tolerations/0/effect"),
        (json!({"podLabels": {"a": 1}}), "/podLabels/a"),
        (json!({"networkPolicy": {"vendorPorts": ["https"]}}), "/networkPolicy/vendorPorts/0"),
        (json!({"metrics": {"podMonitor": {"interval": "often"}}}), "/metrics/podMonitor/interval"),
        (json!({"metrics": {"dashboards": {}}}), "dashboards"),
    ]
}

#[tokio::test]
async fn wrong_values_are_refused() {
    for helm in HELMS {
        for (values, named) in table() {
            let said = template_with(helm, &values).await.failure();
            assert!(said.contains("values don't meet the specifications of the schema"), "{values}: {said}");
            assert!(said.contains(named), "{values}: {named} is not named by {helm}: {said}");
        }
    }
}

#[tokio::test]
async fn what_only_templates_know_is_refused_with_words() {
    let metrics = json!({"service": {"enabled": false}, "serviceMonitor": {"enabled": true}});
    for (values, words) in [
        (json!({"image": {"repository": ""}}), "image.repository is required"),
        (
            json!({"watchNamespaces": ["a"], "secretNamespaces": ["b"]}),
            "secretNamespaces is for an operator that serves all",
        ),
        (json!({"proxy": {"url": "http://proxy:3128", "secretRef": {"name": "proxy"}}}), "not in both"),
        (json!({"metrics": metrics}), "set metrics.service.enabled"),
    ] {
        let said = template(&values).await.failure();
        assert!(said.contains(words), "{values}: {said}");
    }
}
