//! A release from its installation to its end, with people who are invited meanwhile: nothing that the operator follows goes
//! with it, and nobody gets another mail because of it.

use std::path::Path;

use serde_json::{Value, json};
use test_rig::lab::{Namespace, OPERATOR};
use test_rig::replicas::Order;
use test_rig::{CommandOutput, ControlPlaneOptions, Lab, OperatorOptions, Replicas, RequestError, chart};
use vendor_simulators::{Filter, TenantId};

use crate::helm::{scratch, version};

const DEFINITION: &str =
    "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/userinvitations.userinvitation.dev";

/// A release in a restricted namespace of its own name, and what lives with it.
struct Release<'a> {
    helm: &'static str,
    lab: &'a Lab,
    people: Namespace,
    org: TenantId,
}

impl Release<'_> {
    async fn deployment(&self) -> Result<Value, RequestError> {
        let path = format!("/apis/apps/v1/namespaces/{OPERATOR}/deployments/{OPERATOR}");
        self.lab.admin().get(&path).await
    }

    /// The short names of invitations, as their definition says.
    async fn short_names(&self) -> Value {
        let definition = self.lab.admin().get(DEFINITION).await.expect("the definition is there");
        definition["spec"]["names"]["shortNames"].clone()
    }

    /// Runs helm on the release, and finds nothing in what it says that somebody should worry about.
    async fn helm(&self, arguments: &[&str]) {
        let arguments = [arguments, &["--namespace", OPERATOR]].concat();
        quiet(self.lab.control_plane.helm_of(self.helm, &arguments).await);
    }

    /// Checks that somebody's invitation is the one that was declared, in this state, with one mail.
    async fn is(&self, name: &str, uid: &Value, state: &str) {
        let path = self.people.invitation_path(name);
        let object = self.people.client.get(&path).await.expect("the invitation is kept");
        assert_eq!((&object["metadata"]["uid"], &object["status"]["state"]), (uid, &json!(state)), "{name}");
        assert_eq!(object["metadata"]["deletionTimestamp"], Value::Null, "{name}");
        let filter = Filter::tenant(&self.org).email(format!("{name}@example.com"));
        assert_eq!(self.people.vendors.mails(&filter).len(), 1, "mails to {name}");
    }

    /// Declares somebody and waits until the vendor has sent the mail; the object's uid.
    async fn invite(&self, name: &str) -> Value {
        self.people.invite(name, "csp", &format!("{name}@example.com"), json!({})).await;
        self.people.wait_for_state(name, "Pending").await["metadata"]["uid"].clone()
    }

    /// The vendor takes note of somebody's acceptance, and the running version of the operator does, too.
    async fn accept(&self, name: &str) {
        self.people.vendors.accept(&self.org, &format!("{name}@example.com")).expect("a mail came");
        self.people.wait_for_state(name, "Accepted").await;
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
    let definition = "charts/user-invitation-operator-crds/templates/userinvitation.dev_userinvitations.yaml";
    let edits =
        [(definition, "- uinv", "- uinvbefore"), ("values.yaml", "replicaCount: 2", "replicaCount: 1")];
    version(folder, "0.0.9", &edits)
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
    let program = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
    let lab = Lab::start_bare(&folder, program, ControlPlaneOptions::default()).await;
    lab.admin().create_restricted_namespace(OPERATOR).await;
    let file = folder.join("values.json");
    std::fs::write(&file, chart::values().to_string()).expect("the file can be written");
    let values = file.display().to_string();
    let (before, now) = (version_before(&folder), chart::folder(OPERATOR).display().to_string());
    let install = async |chart: &str| {
        let arguments = ["install", OPERATOR, chart, "--values", &values, "--namespace", OPERATOR];
        quiet(lab.control_plane.helm_of(helm, &arguments).await);
    };

    install(&before).await;
    let wait = ["wait", "--for=condition=Established", "--timeout=30s", "crd", "--all"];
    let _established = lab.control_plane.kubectl(&wait).await.success();
    let mut replicas = Replicas::start(&lab, OperatorOptions::default()).await;
    assert_eq!(replicas.running.len(), 1);
    let people = lab.namespace("team-a").await;
    let org = people.vmware("csp", json!({})).await;
    let release = Release { helm, lab: &lab, people, org };
    assert_eq!(release.short_names().await, json!(["uinvbefore"]));
    let ada = release.invite("ada").await;

    release.helm(&["upgrade", OPERATOR, &now, "--values", &values]).await;
    replicas.roll_out(Order::LeaderFirst).await;
    assert_eq!(replicas.running.len(), 2);
    assert_eq!(release.short_names().await, json!(["uinv"]), "an upgrade changes definitions");
    a_pod_is_admitted(&release).await;
    let bob = release.invite("bob").await;
    release.is("ada", &ada, "Pending").await;

    release.helm(&["rollback", OPERATOR, "1"]).await;
    replicas.roll_out(Order::LeaderFirst).await;
    assert_eq!(replicas.running.len(), 1);
    assert_eq!(release.short_names().await, json!(["uinvbefore"]), "a rollback changes them, too");
    release.accept("ada").await;
    release.is("bob", &bob, "Pending").await;

    release.helm(&["upgrade", OPERATOR, &now, "--values", &values]).await;
    replicas.roll_out(Order::LeaderFirst).await;
    release.helm(&["uninstall", OPERATOR]).await;
    replicas.stop().await;
    assert_eq!(release.deployment().await.expect_err("uninstalled").code(), 404);
    release.is("ada", &ada, "Accepted").await;
    release.is("bob", &bob, "Pending").await;
    // What happens without an operator is noticed by the next one.
    release.people.vendors.accept(&release.org, "bob@example.com").expect("a mail came");

    install(&now).await;
    let mut replicas = Replicas::start(&lab, OperatorOptions::default()).await;
    assert_eq!(replicas.running.len(), 2);
    release.people.wait_for_state("bob", "Accepted").await;
    release.is("ada", &ada, "Accepted").await;
    release.is("bob", &bob, "Accepted").await;
    release.people.delete_and_wait("ada").await;

    a_warning_would_be_seen(&release, &now, &values).await;
    replicas.stop().await;
    drop((release, replicas));
    lab.stop().await;
}

/// A pod of the Deployment's template, which is where restrictions are enforced.
async fn a_pod_is_admitted(release: &Release<'_>) {
    let pod = async |change: fn(&mut Value)| {
        let mut template =
            release.deployment().await.expect("the Deployment is there")["spec"]["template"].take();
        template["metadata"]["name"] = json!("probe");
        template["apiVersion"] = json!("v1");
        template["kind"] = json!("Pod");
        change(&mut template);
        release.lab.admin().create(&format!("/api/v1/namespaces/{OPERATOR}/pods"), &template).await
    };
    let refused = pod(|pod| pod["spec"]["securityContext"]["runAsNonRoot"] = json!(false)).await;
    assert_eq!(refused.expect_err("the namespace is restricted").code(), 403);
    pod(|_| {}).await.expect("the pod is admitted");
}

/// The same with a pod that keeps less than the restricted standard: helm passes the warning on.
async fn a_warning_would_be_seen(release: &Release<'_>, chart: &str, values: &str) {
    let root = "podSecurityContext.runAsNonRoot=false";
    let arguments = ["upgrade", OPERATOR, chart, "--values", values, "--set", root, "--namespace", OPERATOR];
    let output = release.lab.control_plane.helm_of(release.helm, &arguments).await;
    assert!(output.stderr.contains("would violate PodSecurity"), "{output:?}");
}
