//! A real Kubernetes control plane: etcd, kube-apiserver and kube-controller-manager as processes of their own.

use std::env;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::audit::AuditLog;
use crate::certificates::CertificateAuthority;
use crate::chart;
use crate::command::{self, CommandOutput};
use crate::files::tail;
use crate::kubernetes::KubernetesClient;
use crate::process::Process;
use crate::servers::{Layout, Server};

/// How often readiness is asked for.
const POLL: Duration = Duration::from_millis(20);

/// How long a server may take to get ready: seconds on an idle machine, more beside a compiler.
const START_TIMEOUT: Duration = Duration::from_secs(120);

/// How long a server may take to end by itself before it is killed.
const STOP_TIMEOUT: Duration = Duration::from_secs(20);

/// How a control plane differs from the usual one.
#[derive(Debug, Clone, Default)]
pub struct ControlPlaneOptions {
    /// Let etcd wait for the disk. Slow; only for tests that kill etcd and need what it had promised.
    pub etcd_fsync: bool,
    /// More flags for the API server. They win over the usual ones.
    pub api_server_flags: Vec<String>,
}

/// A running control plane. Dropping it kills its processes.
pub struct ControlPlane {
    layout: Layout,
    // In the order of `Server::ALL`. None: stopped.
    servers: [Option<Process>; 3],
}

impl ControlPlane {
    /// Starts a control plane with all its files and logs in `dir`, and returns when it is ready for use.
    ///
    /// The programs come from the folder that `KUBEBUILDER_ASSETS` names, where it has them, else from
    /// `tests/control-plane/bin`.
    pub async fn start(dir: &Path, options: ControlPlaneOptions) -> Self {
        let mut control_plane = Self { layout: Layout::prepare(dir, options), servers: [None, None, None] };
        for server in Server::ALL {
            control_plane.start_server(server).await;
        }
        control_plane
    }

    /// URL of the API server.
    pub fn url(&self) -> String {
        self.layout.url()
    }

    /// URL of etcd, without TLS.
    pub fn etcd_url(&self) -> String {
        self.layout.etcd_url()
    }

    /// File with the certificate that the API server's own is checked against.
    pub fn ca_path(&self) -> PathBuf {
        self.layout.file("ca.crt")
    }

    /// The authority behind [`ControlPlane::ca_path`], to issue certificates for proxies before the API server.
    pub fn certificate_authority(&self) -> &CertificateAuthority {
        &self.layout.authority
    }

    /// A kubeconfig that may do everything.
    pub fn admin_kubeconfig(&self) -> PathBuf {
        self.layout.file("admin.kubeconfig")
    }

    /// A new client that may do everything, as user `admin`.
    pub fn client(&self) -> KubernetesClient {
        KubernetesClient::new(&self.url(), &self.layout.authority.pem(), &self.layout.admin_token)
    }

    /// The file of the audit log.
    pub fn audit_log_path(&self) -> PathBuf {
        self.layout.file("audit.log")
    }

    /// The audit log.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog::new(&self.audit_log_path())
    }

    /// The file a server's output goes to.
    pub fn log_path(&self, server: Server) -> PathBuf {
        self.layout.log(server)
    }

    /// The kubectl that belongs to the control plane.
    pub fn kubectl_program(&self) -> PathBuf {
        program("kubectl")
    }

    /// Runs kubectl as admin.
    pub async fn kubectl(&self, arguments: &[&str]) -> CommandOutput {
        self.run_kubectl(arguments, None).await
    }

    /// Runs `kubectl apply` as admin on this YAML.
    pub async fn kubectl_apply(&self, yaml: &str) -> CommandOutput {
        self.run_kubectl(&["apply", "-f", "-"], Some(yaml)).await
    }

    async fn run_kubectl(&self, arguments: &[&str], input: Option<&str>) -> CommandOutput {
        let folder = &self.layout.folder;
        command::run(&program("kubectl"), &self.admin_kubeconfig(), folder, arguments, input).await
    }

    /// Runs helm as admin.
    pub async fn helm(&self, arguments: &[&str]) -> CommandOutput {
        self.helm_of("helm", arguments).await
    }

    /// The same with one of the versions in `tests/tools`.
    pub async fn helm_of(&self, program: &str, arguments: &[&str]) -> CommandOutput {
        let folder = &self.layout.folder;
        command::run(&chart::tool(program), &self.admin_kubeconfig(), folder, arguments, None).await
    }

    /// A running server, to signal or kill it.
    pub fn process(&mut self, server: Server) -> &mut Process {
        self.servers[server as usize].as_mut().unwrap_or_else(|| panic!("{} is stopped", server.program()))
    }

    /// The process id of a running server.
    pub fn pid(&self, server: Server) -> u32 {
        let process = self.servers[server as usize].as_ref();
        process.unwrap_or_else(|| panic!("{} is stopped", server.program())).pid()
    }

    /// Starts a server, again on the same port and data, and waits until it is ready. One that still runs is
    /// killed first.
    pub async fn start_server(&mut self, server: Server) {
        self.servers[server as usize] = None;
        self.servers[server as usize] = Some(self.layout.start(server, &program(server.program())));
        self.wait_ready(server).await;
    }

    /// Asks a server to end and waits until it has.
    pub async fn stop_server(&mut self, server: Server) {
        if let Some(mut process) = self.servers[server as usize].take() {
            process.sigterm();
            if process.wait_exit(STOP_TIMEOUT).await.is_none() {
                tracing::warn!(server = server.program(), "did not stop by itself, killing it");
            }
        }
    }

    /// Stops the API server, as on an upgrade, and starts it again on the same port.
    pub async fn restart_api_server(&mut self) {
        self.stop_server(Server::ApiServer).await;
        self.start_server(Server::ApiServer).await;
    }

    /// Has etcd forget all versions but the present ones.
    pub async fn compact_etcd(&self) {
        let client = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let ask = async |path: &str, body: Value| -> Value {
            let url = format!("{}/v3/kv/{path}", self.etcd_url());
            let answer = client.post(url).body(body.to_string()).send().await.expect("etcd answers");
            assert!(answer.status().is_success(), "{path}: {}", answer.status());
            answer.json().await.expect("etcd answers with JSON")
        };
        // Any key will do: each answer has the revision, as text.
        let revision = ask("range", json!({"key": STANDARD.encode("a")})).await["header"]["revision"].take();
        ask("compaction", json!({"revision": revision, "physical": true})).await;
    }

    /// Stops everything in order. An API server whose etcd went first would hang for more than a minute.
    pub async fn stop(mut self) {
        for server in Server::ALL.into_iter().rev() {
            self.stop_server(server).await;
        }
    }

    async fn wait_ready(&mut self, server: Server) {
        let client = self.client();
        let health = format!("{}/health", self.etcd_url());
        let plain = reqwest::Client::builder().no_proxy().build().expect("an HTTP client");
        let deadline = Instant::now() + START_TIMEOUT;
        loop {
            let ready = match server {
                Server::Etcd => {
                    plain.get(&health).send().await.is_ok_and(|answer| answer.status().is_success())
                }
                Server::ApiServer => client.get("/readyz").await.is_ok(),
                // Its health endpoint says nothing about its controllers, so their first work is awaited.
                Server::ControllerManager => {
                    client.get("/api/v1/namespaces/default/serviceaccounts/default").await.is_ok()
                }
            };
            if ready {
                return;
            }
            let name = server.program();
            let log = self.log_path(server);
            if let Some(status) = self.process(server).exit_status() {
                panic!("{name} ended with {status}; the end of {}:\n{}", log.display(), tail(&log, 20));
            }
            assert!(
                Instant::now() < deadline,
                "{name} is not ready after {START_TIMEOUT:?}; the end of {}:\n{}",
                log.display(),
                tail(&log, 20)
            );
            tokio::time::sleep(POLL).await;
        }
    }
}

impl Drop for ControlPlane {
    fn drop(&mut self) {
        // A field's own order would end etcd first, and fill the others' logs with errors that mean nothing.
        for process in self.servers.iter_mut().rev() {
            *process = None;
        }
    }
}

/// Finds one of the programs.
fn program(name: &str) -> PathBuf {
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../control-plane/bin").join(name);
    let program = env::var_os("KUBEBUILDER_ASSETS")
        .map(|folder| Path::new(&folder).join(name))
        // The usual asset folders have no controller manager.
        .filter(|given| given.exists())
        .unwrap_or(built);
    assert!(program.exists(), "{} is missing; build it with tests/control-plane/build.sh", program.display());
    program
}
