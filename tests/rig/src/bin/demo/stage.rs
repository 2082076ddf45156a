//! What the story happens on: control plane, simulators, operator; and the hands that move them.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value;
use test_rig::lab::RunningOperator;
use test_rig::{ControlPlaneOptions, Lab, OperatorOptions};
use vendor_simulators::Control;

use crate::ledger::Ledger;
use crate::screen;
use crate::tenants::Tenants;

/// Everything the story needs.
pub(crate) struct Stage {
    pub(crate) lab: Lab,
    pub(crate) ledger: Ledger,
    pub(crate) tenants: Tenants,
    // The folder that has the kubectl plugin; `None`: it is left out.
    pub(crate) plugins: Option<PathBuf>,
    // Where scrapes go; `None`: nobody asked for them.
    pub(crate) scrapes: Option<PathBuf>,
    // `None`: killed.
    operator: Option<RunningOperator>,
    begun: Instant,
}

impl Stage {
    /// Starts everything and makes what administrators make: namespaces, Secrets, tenants at the vendors.
    pub(crate) async fn build(folder: &Path, operator: &Path, plugin: Option<&Path>) -> Self {
        let begun = Instant::now();
        screen::say("user-invitation-operator: the demo");
        screen::say(
            "Starting etcd, kube-apiserver and kube-controller-manager, and simulators of five vendors ...",
        );
        let lab = Lab::start(folder, operator, ControlPlaneOptions::default()).await;
        let tenants = Tenants::make(&lab).await;
        let plugins = plugin.map(|plugin| {
            let plugin = plugin.canonicalize().expect("the plugin is there");
            plugin.parent().expect("it is in a folder").to_owned()
        });
        let ledger = Ledger::default();
        let mut stage = Self { ledger, lab, tenants, plugins, scrapes: None, operator: None, begun };
        stage.start_operator().await;
        screen::say(&format!(
            "Ready after {:.0} s. Helm installed the chart; the operator runs as its Deployment says.",
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

    /// Keeps what the operator tells Prometheus now, if somebody asked for it.
    pub(crate) async fn scrape(&self) {
        let Some(folder) = &self.scrapes else { return };
        let text = self.operator.as_ref().expect("the operator runs").metrics().await;
        let file = folder.join(format!("{}.txt", jiff::Timestamp::now().as_second()));
        std::fs::write(&file, text).unwrap_or_else(|error| panic!("write {}: {error}", file.display()));
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
        if let Some(plugins) = &self.plugins {
            screen::say(&format!("  export PATH={}:$PATH", plugins.display()));
            screen::say("  kubectl invite status -A");
        }
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
