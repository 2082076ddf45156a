//! A cluster with an operator, and the plugin beside it as a person has it.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::LazyLock;
use std::time::Duration;

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

/// How often the memory of a running plugin is looked at.
const LOOK: Duration = Duration::from_millis(10);
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
    /// Runs as long as the stage is there.
    operator: Option<RunningOperator>,
}

impl Stage {
    /// A new namespace, and an operator that is ready.
    pub async fn new(name: &str) -> Self {
        Self::with(name, &[]).await
    }

    /// The same with further flags for the operator.
    pub async fn with(name: &str, flags: &[&str]) -> Self {
        let stage = Self::quiet(name).await;
        let flags = LONG_LEASE.iter().chain(flags).map(|flag| (*flag).to_owned()).collect();
        let options =
            OperatorOptions { namespaces: vec![name.to_owned()], flags, ..OperatorOptions::default() };
        let mut operator = LAB.0.operator(name, &options).await;
        operator.ready().await;
        Self { operator: Some(operator), ..stage }
    }

    /// Where providers of the cluster are made.
    pub fn cluster() -> Namespace {
        LAB.0.cluster()
    }

    /// What the operator has logged.
    pub fn log(&self) -> String {
        self.operator.as_ref().expect("there is an operator").process.log()
    }

    /// From now on the plugin runs as somebody who has this `ClusterRole` in the namespace, or no right at all.
    pub async fn become_somebody(&mut self, role: Option<&str>) {
        let (lab, name) = (&LAB.0, self.namespace.name.clone());
        let account = role.unwrap_or("nobody");
        lab.control_plane.kubectl(&["create", "serviceaccount", account, "-n", &name]).await.success();
        let token = lab.admin().service_account_token(&name, account).await;
        if let Some(role) = role {
            let to = format!("--serviceaccount={name}:{account}");
            let role = format!("--clusterrole={role}");
            let grant = ["create", "rolebinding", account, "-n", &name, &role, &to];
            lab.control_plane.kubectl(&grant).await.success();
        }
        self.folder = folder(&format!("{name}-{account}"));
        let credential = kubeconfig::Credential::Token(&token);
        let plane = &lab.control_plane;
        kubeconfig::write(&self.folder.join("config"), &plane.url(), &plane.ca_path(), credential);
    }

    /// A new namespace that no operator watches.
    pub async fn quiet(name: &str) -> Self {
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
        Self { namespace, folder, operator: None }
    }

    /// Runs a line in a shell that finds kubectl and the plugin in its PATH, as a person has it.
    pub async fn shell(&self, line: &str) -> Said {
        let programs = self.folder.join("bin");
        if !programs.exists() {
            std::fs::create_dir(&programs).expect("the folder is new");
            let kubectl = LAB.0.control_plane.kubectl_program();
            for (program, name) in [(kubectl.as_path(), "kubectl"), (Path::new(PROGRAM), "kubectl-invite")] {
                std::os::unix::fs::symlink(program, programs.join(name)).expect("the link is new");
            }
        }
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", line])
            .current_dir(&self.folder)
            .env("PATH", format!("{}:/usr/bin:/bin", programs.display()))
            .env("HOME", &self.folder)
            .env("KUBECONFIG", self.folder.join("config"))
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("a shell starts");
        said(&output)
    }

    /// The plugin with these arguments at a terminal of its own, whose name is the first line that it shows.
    pub fn at_terminal(&self, arguments: &str) -> Command {
        let line = format!("tty; exec {PROGRAM} {arguments} --namespace {}", self.namespace.name);
        let mut command = Command::new("script");
        command
            .args(["--quiet", "--flush", "--return", "--command", &line, "/dev/null"])
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("KUBECONFIG", self.folder.join("config"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs the plugin in the namespace.
    pub async fn run(&self, arguments: &[&str]) -> Said {
        self.run_watched(arguments).await.0
    }

    /// Runs the plugin; what it said, and the most memory that it was seen to have, in KiB.
    pub async fn run_watched(&self, arguments: &[&str]) -> (Said, u64) {
        let child = Command::new(PROGRAM)
            .args(arguments)
            .args(["--namespace", &self.namespace.name])
            .current_dir(&self.folder)
            .env("HOME", &self.folder)
            .env("KUBECONFIG", self.folder.join("config"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the plugin starts");
        let id = child.id().expect("it runs");
        let mut output = std::pin::pin!(child.wait_with_output());
        let mut most = 0;
        loop {
            tokio::select! {
                output = &mut output => return (said(&output.expect("the plugin ends")), most),
                () = tokio::time::sleep(LOOK) => most = most.max(peak(id)),
            }
        }
    }
}

/// The most memory that a process had so far, in KiB; 0 when it has just ended.
fn peak(id: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}
