//! What the story happens on: control plane, simulators, operator; and the hands that move them.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::lab::{Namespace, RunningOperator};
use test_rig::{ControlPlaneOptions, Lab, OperatorOptions};
use vendor_simulators::{Control, Credential, HpeWorkspace, TenantId, VmwareOrg};

use crate::ledger::Ledger;
use crate::{manifests, screen};

/// Everything the story needs.
pub(crate) struct Stage {
    pub(crate) lab: Lab,
    pub(crate) ledger: Ledger,
    pub(crate) workspace_a: TenantId,
    pub(crate) workspace_b: TenantId,
    pub(crate) org: TenantId,
    // `None`: killed.
    operator: Option<RunningOperator>,
    begun: Instant,
}

impl Stage {
    /// Starts everything and makes what administrators make: namespaces, Secrets, tenants at the vendors.
    pub(crate) async fn build(folder: &Path, operator: &Path) -> Self {
        let begun = Instant::now();
        screen::say("user-invitation-operator: the demo");
        screen::say(
            "Starting etcd, kube-apiserver and kube-controller-manager, and simulators of two vendors ...",
        );
        let lab = Lab::start(folder, operator, ControlPlaneOptions::default()).await;
        let (greenlake, cloud_services) =
            (lab.namespace("greenlake").await, lab.namespace("cloud-services").await);
        let workspace_a = workspace(&lab, &greenlake, "workspace-a").await;
        let workspace_b = workspace(&lab, &greenlake, "workspace-b").await;
        let org = organization(&lab, &cloud_services).await;
        let mut stage =
            Self { ledger: Ledger::default(), lab, workspace_a, workspace_b, org, operator: None, begun };
        stage.start_operator().await;
        screen::say(&format!(
            "Ready after {:.0} s. The operator runs under its own ServiceAccount.",
            stage.seconds()
        ));
        stage
    }

    /// The vendors' control.
    pub(crate) fn vendors(&self) -> &Control {
        self.lab.vendors()
    }

    /// Seconds since the beginning.
    pub(crate) fn seconds(&self) -> f64 {
        self.begun.elapsed().as_secs_f64()
    }

    /// Starts the operator, for the first time or again.
    pub(crate) async fn start_operator(&mut self) {
        let mut operator = self.lab.operator("operator", &OperatorOptions::default()).await;
        operator.ready().await;
        self.operator = Some(operator);
    }

    /// Kills the operator as a crash does.
    pub(crate) fn kill_operator(&mut self) -> u32 {
        let mut operator = self.operator.take().expect("the operator runs");
        let pid = operator.process.pid();
        operator.process.kill9();
        pid
    }

    /// The objects of a collection below the project's API group.
    pub(crate) async fn list(&self, namespace: &str, plural: &str) -> Vec<Value> {
        let path = format!("/apis/userinvitation.dev/v1alpha1/namespaces/{namespace}/{plural}");
        self.lab.admin().list(&path).await.expect("the API server answers")
    }

    /// Waits until something is true; it must not take long.
    pub(crate) async fn until(&self, what: &str, mut holds: impl AsyncFnMut() -> bool) {
        let begun = Instant::now();
        while !holds().await {
            assert!(begun.elapsed() < Duration::from_secs(60), "{what}: not so after a minute");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// How to use what is left running.
    pub(crate) fn explain_keeping(&self) {
        // Its folder alone: the program goes by the name it is called by.
        let kubectl = self.lab.control_plane.kubectl_program();
        let folder = kubectl.parent().and_then(|folder| folder.canonicalize().ok()).unwrap_or_default();
        screen::heading("Everything keeps running until Ctrl-C");
        screen::say("In another terminal:");
        screen::say(&format!("  export KUBECONFIG={}", self.lab.control_plane.admin_kubeconfig().display()));
        screen::say(&format!("  alias kubectl={}", folder.join("kubectl").display()));
        screen::say("  kubectl get uinv -A -o wide");
        screen::say("  kubectl describe uinv ada -n greenlake");
        screen::say("  kubectl explain uinv.spec --recursive");
        if let Some(url) = self.lab.simulators.control_url() {
            screen::say(&format!("Mails that the simulated vendors sent: curl {url}/mails"));
        }
        screen::say(&format!("The operator's log: {}", self.lab.directory().join("operator.log").display()));
    }

    /// Stops everything in order.
    pub(crate) async fn strike(mut self) {
        self.operator = None;
        self.lab.stop().await;
    }
}

/// One of the workspaces of the example, with its Secret; Barbara is a member before anybody declares her.
async fn workspace(lab: &Lab, namespace: &Namespace, name: &str) -> TenantId {
    let id = example_value("examples/hpe-greenlake/providers.yaml", name, "/spec/hpeGreenLake/workspaceId");
    let (client, secret) = (format!("{name}-client"), format!("{name}-demo-secret-0123456789"));
    let mut made = HpeWorkspace::with(Credential::client(&client, &secret));
    made.id = Some(id);
    made.name = Some(name.to_owned());
    if name == "workspace-a" {
        made.members.push("barbara.liskov@example.com".to_owned());
    }
    let tenant = lab.vendors().create_hpe_workspace(made).expect("the workspace is new");
    let values = json!({"clientId": client, "clientSecret": secret});
    namespace.secret(name, &lab.simulators.base_url_hpe(), &values).await;
    tenant
}

/// The organization of the example, with its Secret.
async fn organization(lab: &Lab, namespace: &Namespace) -> TenantId {
    let id = example_value(
        "examples/vmware-cloud-services/provider.yaml",
        "csp",
        "/spec/vmwareCloudServices/orgId",
    );
    let token = "demo-api-token-0123456789abcdef";
    let mut made = VmwareOrg::with(Credential::api_token(token).owned_by("platform-team@example.com"));
    made.id = Some(id);
    made.custom_roles.push("example-role".to_owned());
    made.groups.push("55555555-5555-4555-8555-555555555555".to_owned());
    let tenant = lab.vendors().create_vmware_org(made).expect("the organization is new");
    lab.vendors()
        .patch_knobs(&tenant, &json!({"platform": "tcsp"}))
        .expect("the simulator knows the platform");
    namespace.secret("csp", &lab.simulators.base_url_vmware(), &json!({"apiToken": token})).await;
    tenant
}

/// A value of one of the example's providers.
fn example_value(file: &str, name: &str, pointer: &str) -> String {
    let documents = manifests::read(file);
    let provider = documents.iter().find(|document| document["metadata"]["name"] == name);
    let value = provider.and_then(|provider| provider.pointer(pointer)).and_then(Value::as_str);
    value.unwrap_or_else(|| panic!("{file} has no {pointer} of {name}")).to_owned()
}
