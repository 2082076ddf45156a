//! A release from its installation to its end: nothing that the operator follows goes with it.

use std::path::Path;

use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, WAIT};
use test_rig::{CommandOutput, ControlPlane, ControlPlaneOptions, KubernetesClient, chart};

use crate::helm::scratch;

const INVITATION: &str = "/apis/userinvitation.dev/v1alpha1/namespaces/default/userinvitations/ada";
const DEFINITION: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/userinvitations.userinvitation.dev";
const DEFINITIONS: &str = "charts/user-invitation-operator-crds";

/// A release in a restricted namespace of its own name.
struct Release {
    helm: &'static str,
    control_plane: ControlPlane,
    client: KubernetesClient,
}

impl Release {
    async fn deployment(&self) -> Result<Value, test_rig::RequestError> {
        self.client.get(&format!("/apis/apps/v1/namespaces/{OPERATOR}/deployments/{OPERATOR}")).await
    }

    async fn replicas(&self) -> Value {
        self.deployment().await.expect("the Deployment is there")["spec"]["replicas"].clone()
    }

    /// The short names of invitations, as their definition says.
    async fn short_names(&self) -> Value {
        self.client.get(DEFINITION).await.expect("the definition is there")["spec"]["names"]["shortNames"]
            .clone()
    }

    /// Runs helm on the release, and finds nothing in what it says that somebody should worry about.
    async fn helm(&self, arguments: &[&str]) {
        let arguments = [arguments, &["--namespace", OPERATOR]].concat();
        quiet(self.control_plane.helm_of(self.helm, &arguments).await);
    }
}

/// What a command said that has to succeed without a warning.
fn quiet(output: CommandOutput) {
    let all = format!("{}{}", output.stdout, output.stderr).to_lowercase();
    assert!(!all.contains("warn") && !all.contains("would violate"), "{all}");
    let _stdout = output.success();
}

/// The charts as a version before had them: without a short name, and with one replica.
fn version_before(folder: &Path) -> String {
    let chart = folder.join(OPERATOR);
    copy(&chart::folder(OPERATOR), &chart);
    let edit = |file: &str, from: &str, to: &str| {
        let path = chart.join(file);
        let text = std::fs::read_to_string(&path).expect("the file is part of the chart");
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(&path, text.replace(from, to)).expect("the file can be written");
    };
    edit("Chart.yaml", "version: 0.1.0", "version: 0.0.9");
    edit(&format!("{DEFINITIONS}/Chart.yaml"), "version: 0.1.0", "version: 0.0.9");
    edit(
        &format!("{DEFINITIONS}/templates/userinvitation.dev_userinvitations.yaml"),
        "- uinv",
        "- uinvbefore",
    );
    edit("values.yaml", "replicaCount: 2", "replicaCount: 1");
    chart.display().to_string()
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder can be made");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a file can be copied");
        }
    }
}

#[tokio::test]
async fn objects_outlive_their_release() {
    objects_outlive_a_release_of("helm").await;
}

#[tokio::test]
async fn objects_outlive_their_release_of_helm_3() {
    objects_outlive_a_release_of("helm3").await;
}

async fn objects_outlive_a_release_of(helm: &'static str) {
    let folder = scratch(&format!("charts-life-{helm}"));
    let control_plane =
        ControlPlane::start(&folder.join("control-plane"), ControlPlaneOptions::default()).await;
    let release = Release { helm, client: control_plane.client(), control_plane };
    release.client.create_restricted_namespace(OPERATOR).await;
    let file = folder.join("values.json");
    std::fs::write(&file, chart::values().to_string()).expect("the file can be written");
    let values = file.display().to_string();
    let (before, now) = (version_before(&folder), chart::folder(OPERATOR).display().to_string());

    release.helm(&["install", OPERATOR, &before, "--values", &values]).await;
    assert_eq!(release.replicas().await, 1);
    assert_eq!(release.short_names().await, json!(["uinvbefore"]));
    let born = invitation(&release).await;

    release.helm(&["upgrade", OPERATOR, &now, "--values", &values]).await;
    assert_eq!(release.replicas().await, 2);
    assert_eq!(release.short_names().await, json!(["uinv"]), "an upgrade changes definitions");
    a_pod_is_admitted(&release).await;

    release.helm(&["rollback", OPERATOR, "1"]).await;
    assert_eq!(release.replicas().await, 1);
    release.helm(&["upgrade", OPERATOR, &now, "--values", &values]).await;

    release.helm(&["uninstall", OPERATOR]).await;
    assert_eq!(release.deployment().await.expect_err("uninstalled").code(), 404);
    let kept = release.client.get(INVITATION).await.expect("the invitation is kept");
    assert_eq!(kept["metadata"]["uid"], born["metadata"]["uid"]);

    release.helm(&["install", OPERATOR, &now, "--values", &values]).await;
    assert_eq!(release.replicas().await, 2);
    let kept = release.client.get(INVITATION).await.expect("the invitation is kept");
    assert_eq!(kept["metadata"]["uid"], born["metadata"]["uid"]);

    a_warning_would_be_seen(&release, &now, &values).await;
    release.control_plane.stop().await;
}

/// Declares a person.
async fn invitation(release: &Release) -> Value {
    let wait = ["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"];
    let _established = release.control_plane.kubectl(&wait).await.success();
    let invitation = json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "UserInvitation", "metadata": {"name": "ada"},
        "spec": {"providerRef": {"name": "csp"}, "email": "ada@example.com"},
    });
    let collection = INVITATION.trim_end_matches("/ada");
    // A new kind is served a moment after it is established.
    release.client.wait_for(collection, WAIT, "served", |list| list["items"].is_array()).await;
    release.client.create(collection, &invitation).await.expect("the invitation is accepted")
}

/// A pod of the Deployment's template, which is where restrictions are enforced.
async fn a_pod_is_admitted(release: &Release) {
    let pod = async |change: fn(&mut Value)| {
        let mut template =
            release.deployment().await.expect("the Deployment is there")["spec"]["template"].take();
        template["metadata"]["name"] = json!("probe");
        template["apiVersion"] = json!("v1");
        template["kind"] = json!("Pod");
        change(&mut template);
        release.client.create(&format!("/api/v1/namespaces/{OPERATOR}/pods"), &template).await
    };
    let refused = pod(|pod| pod["spec"]["securityContext"]["runAsNonRoot"] = json!(false)).await;
    assert_eq!(refused.expect_err("the namespace is restricted").code(), 403);
    pod(|_| {}).await.expect("the pod is admitted");
}

/// The same with a pod that keeps less than the restricted standard: helm passes the warning on.
async fn a_warning_would_be_seen(release: &Release, chart: &str, values: &str) {
    let root = "podSecurityContext.runAsNonRoot=false";
    let arguments = ["upgrade", OPERATOR, chart, "--values", values, "--set", root, "--namespace", OPERATOR];
    let output = release.control_plane.helm_of(release.helm, &arguments).await;
    assert!(output.stderr.contains("would violate PodSecurity"), "{output:?}");
}
