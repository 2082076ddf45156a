//! The three servers of a control plane: their files and their command lines.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::certificates::{CertificateAuthority, signing_key};
use crate::control_plane::ControlPlaneOptions;
use crate::files::write_private;
use crate::kubeconfig::{self, Credential};
use crate::ports::free_port;
use crate::process::Process;

/// A server of the control plane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Server {
    /// The database.
    Etcd,
    /// The API server.
    ApiServer,
    /// The controller manager: finishes namespace deletions, collects garbage, makes default service accounts.
    ControllerManager,
}

impl Server {
    /// In the order in which they have to start; to stop them, go backwards.
    pub(crate) const ALL: [Self; 3] = [Self::Etcd, Self::ApiServer, Self::ControllerManager];

    /// The program's name.
    pub fn program(self) -> &'static str {
        match self {
            Self::Etcd => "etcd",
            Self::ApiServer => "kube-apiserver",
            Self::ControllerManager => "kube-controller-manager",
        }
    }
}

/// Where everything of one control plane is: files below its folder, and ports.
pub(crate) struct Layout {
    pub(crate) folder: PathBuf,
    pub(crate) authority: CertificateAuthority,
    pub(crate) admin_token: String,
    etcd_port: u16,
    api_port: u16,
    options: ControlPlaneOptions,
}

impl Layout {
    /// Writes all files the servers need.
    pub(crate) fn prepare(folder: &Path, options: ControlPlaneOptions) -> Self {
        fs::create_dir_all(folder).unwrap_or_else(|error| panic!("make {}: {error}", folder.display()));
        // Kubeconfigs and command lines are used from other folders too.
        let folder = folder.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        let layout = Self {
            folder,
            authority: CertificateAuthority::new("test control plane"),
            admin_token: random_token(),
            etcd_port: free_port(),
            api_port: free_port(),
            options,
        };
        assert!(
            !layout.file("etcd").exists(),
            "{} already holds the data of a control plane; its keys are lost",
            layout.folder.display()
        );
        layout.write_files();
        layout
    }

    fn write_files(&self) {
        let serving = self.authority.issue(&["localhost", "127.0.0.1", "kubernetes.default.svc"]);
        let (private, public) = signing_key();
        write_private(&self.file("ca.crt"), &self.authority.pem());
        write_private(&self.file("apiserver.crt"), &serving.certificate);
        write_private(&self.file("apiserver.key"), &serving.key);
        write_private(&self.file("service-account.key"), &private);
        write_private(&self.file("service-account.pub"), &public);
        write_private(
            &self.file("tokens.csv"),
            &format!("{},admin,admin,\"system:masters\"\n", self.admin_token),
        );
        let policy = json!({
            "apiVersion": "audit.k8s.io/v1",
            "kind": "Policy",
            "omitStages": ["RequestReceived"],
            "rules": [{"level": "Metadata"}],
        });
        write_private(&self.file("audit-policy.yaml"), &policy.to_string());
        kubeconfig::write(
            &self.file("admin.kubeconfig"),
            &self.url(),
            &self.file("ca.crt"),
            Credential::Token(&self.admin_token),
        );
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(crate) fn log(&self, server: Server) -> PathBuf {
        self.file(&format!("{}.log", server.program()))
    }

    pub(crate) fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.api_port)
    }

    pub(crate) fn etcd_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.etcd_port)
    }

    pub(crate) fn start(&self, server: Server, program: &Path) -> Process {
        let arguments = match server {
            Server::Etcd => self.etcd(),
            Server::ApiServer => self.api_server(),
            Server::ControllerManager => self.controller_manager(),
        };
        Process::start_server(program, &arguments, &self.log(server))
    }

    fn path_flag(&self, flag: &str, file: &str) -> String {
        format!("--{flag}={}", self.file(file).display())
    }

    fn etcd(&self) -> Vec<String> {
        vec![
            self.path_flag("data-dir", "etcd"),
            format!("--listen-client-urls={}", self.etcd_url()),
            format!("--advertise-client-urls={}", self.etcd_url()),
            "--listen-peer-urls=http://127.0.0.1:0".to_owned(),
            format!("--unsafe-no-fsync={}", !self.options.etcd_fsync),
        ]
    }

    fn api_server(&self) -> Vec<String> {
        let mut flags = vec![
            format!("--etcd-servers={}", self.etcd_url()),
            "--service-account-issuer=https://kubernetes.default.svc".to_owned(),
            self.path_flag("service-account-signing-key-file", "service-account.key"),
            self.path_flag("service-account-key-file", "service-account.pub"),
            // Its default is a folder of the whole machine.
            self.path_flag("cert-dir", "generated"),
            self.path_flag("tls-cert-file", "apiserver.crt"),
            self.path_flag("tls-private-key-file", "apiserver.key"),
            format!("--secure-port={}", self.api_port),
            "--bind-address=127.0.0.1".to_owned(),
            "--advertise-address=127.0.0.1".to_owned(),
            "--external-hostname=localhost".to_owned(),
            self.path_flag("token-auth-file", "tokens.csv"),
            "--authorization-mode=RBAC".to_owned(),
            "--service-cluster-ip-range=10.0.0.0/24".to_owned(),
            self.path_flag("audit-policy-file", "audit-policy.yaml"),
            self.path_flag("audit-log-path", "audit.log"),
            // In megabytes. A rotated log would look like requests that never happened.
            "--audit-log-maxsize=100000".to_owned(),
            // Else a server that is asked to stop waits a minute for clients to end their watches.
            "--shutdown-watch-termination-grace-period=2s".to_owned(),
        ];
        // Behind ours, so that they win.
        flags.extend_from_slice(&self.options.api_server_flags);
        flags
    }

    fn controller_manager(&self) -> Vec<String> {
        vec![
            self.path_flag("kubeconfig", "admin.kubeconfig"),
            self.path_flag("service-account-private-key-file", "service-account.key"),
            self.path_flag("root-ca-file", "ca.crt"),
            "--leader-elect=false".to_owned(),
            "--use-service-account-credentials=false".to_owned(),
            "--secure-port=0".to_owned(),
            concat!(
                "--controllers=namespace-controller,garbage-collector-controller,serviceaccount-controller,",
                "root-ca-certificate-publisher-controller,clusterrole-aggregation-controller,",
                "validatingadmissionpolicy-status-controller"
            )
            .to_owned(),
        ]
    }
}

/// A token nobody else on the machine can guess: the demo's control plane may run for long.
fn random_token() -> String {
    use std::fmt::Write;
    use std::io::Read;

    let mut bytes = [0; 16];
    fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes)).expect("random bytes");
    bytes.iter().fold(String::new(), |mut token, byte| {
        let _ = write!(token, "{byte:02x}");
        token
    })
}
