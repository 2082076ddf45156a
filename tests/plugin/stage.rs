//! A cluster with an operator, and the plugin beside it as a person has it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;

use test_rig::lab::{Namespace, RunningOperator};
use test_rig::{ControlPlaneOptions, Lab, OperatorOptions, kubeconfig};
use tokio::process::Command;
use tokio::runtime::Runtime;

use crate::plugin::{PROGRAM, Said, folder, said};

/// The lab, and the runtime that its servers live on: longer than the runtime of any one test.
static LAB: LazyLock<(Lab, Runtime)> = LazyLock::new(|| {
    // A test's thread is inside the test's runtime, where no other can be waited for.
    std::thread::spawn(|| {
        let runtime = Runtime::new().expect("a runtime");
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin");
        let operator = Path::new(env!("CARGO_BIN_EXE_user-invitation-operator"));
        let lab = runtime.block_on(Lab::start(&target, operator, ControlPlaneOptions::default()));
        (lab, runtime)
    })
    .join()
    .expect("the lab starts")
});

/// A lease that is not lost on a busy machine.
const LONG_LEASE: [&str; 4] = [
    "--lease-duration-milliseconds=60000",
    "--lease-renew-deadline-milliseconds=40000",
    "--lease-renew-interval-milliseconds=2000",
    "--lease-try-timeout-milliseconds=10000",
];

/// A namespace, its operator, and a folder with a kubeconfig.
pub struct Stage {
    /// The namespace.
    pub namespace: Namespace,
    /// Where the plugin runs.
    pub folder: PathBuf,
    _operator: RunningOperator,
}

impl Stage {
    /// A new namespace, and an operator that is ready.
    pub async fn new(name: &str) -> Self {
        let lab = &LAB.0;
        let folder = folder(name);
        let plane = &lab.control_plane;
        let token = lab.admin().service_account_token("user-invitation-operator", "default").await;
        plane
            .kubectl(&[
                "create",
                "clusterrolebinding",
                &format!("person-{name}"),
                "--clusterrole=cluster-admin",
                "--serviceaccount=user-invitation-operator:default",
            ])
            .await
            .success();
        let credential = kubeconfig::Credential::Token(&token);
        kubeconfig::write(&folder.join("config"), &plane.url(), &plane.ca_path(), credential);
        let namespace = lab.namespace(name).await;
        let options = OperatorOptions {
            namespaces: vec![name.to_owned()],
            flags: LONG_LEASE.map(str::to_owned).to_vec(),
            ..OperatorOptions::default()
        };
        let mut operator = lab.operator(name, &options).await;
        operator.ready().await;
        Self { namespace, folder, _operator: operator }
    }

    /// Runs the plugin in the namespace.
    pub async fn run(&self, arguments: &[&str]) -> Said {
        let output = Command::new(PROGRAM)
            .args(arguments)
            .args(["--namespace", &self.namespace.name])
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("KUBECONFIG", self.folder.join("config"))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("the plugin starts");
        said(&output)
    }
}
