//! What a kubelet does with a pod, as far as one machine can: reads the Deployment, or the pod, that was applied, and starts its
//! container's command line as a local process with the environment, volumes, token and probes that it declares.
//!
//! Such a process has no files and no network of its own. So a volume is a folder, and environment variables that name its mount
//! path name the folder instead; probes have a port of their own for each process; and a kubeconfig tells where the
//! ServiceAccount's files and the API server are.

mod making;
mod token;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::kubeconfig::{self, Credential};
use crate::{KubernetesClient, OperatorProcess, ports};
use making::Making;
use token::Renewal;

/// Where a program in a pod finds its ServiceAccount.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How long getting ready, or a pod that ends by itself, may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often readiness is asked for.
const POLL: Duration = Duration::from_millis(20);

/// Where pods are from.
pub struct PodSource<'a> {
    /// The cluster's administrator.
    pub client: KubernetesClient,
    /// URL and authority of the API server.
    pub api_server: (String, PathBuf),
    /// The namespace.
    pub namespace: &'a str,
    /// The program that the image has.
    pub program: &'a Path,
}

/// A pod's one container as a local process.
pub struct Pod {
    /// The process.
    pub process: OperatorProcess,
    /// Where its port is.
    url: String,
    /// Where readiness is asked for.
    readiness: String,
    /// What else has to answer then: nobody asks for readiness before the start is over, or of what is not alive.
    probes: [String; 2],
    /// What renews its token.
    renewal: Option<Renewal>,
}

impl Pod {
    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) {
        let client = reqwest::Client::new();
        let answers =
            async |url: &str| client.get(url).send().await.is_ok_and(|answer| answer.status().is_success());
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            assert!(self.process.is_running(), "the operator ended:\n{}", self.process.log());
            if answers(&self.readiness).await {
                for probe in &self.probes {
                    assert!(answers(probe).await, "{probe} does not answer");
                }
                return;
            }
            tokio::time::sleep(POLL).await;
        }
        panic!("the operator is not ready:\n{}", self.process.log());
    }

    /// What its readiness probe is answered: whether it is ready, and what it waits for. `None`: no answer yet.
    pub async fn readiness(&self) -> Option<(bool, String)> {
        let answer = reqwest::get(&self.readiness).await.ok()?;
        let ready = answer.status().is_success();
        Some((ready, answer.text().await.ok()?))
    }

    /// Gives it a new token before the old one has ended.
    pub async fn renew_token(&self) {
        self.renewal.as_ref().expect("it has a token").now().await;
    }

    /// Its metrics.
    pub async fn metrics(&self) -> String {
        let answer = reqwest::get(format!("{}/metrics", self.url)).await.expect("metrics are served");
        answer.text().await.expect("metrics are text")
    }
}

/// What a process gets beside what its pod declares.
pub struct Further<'a> {
    /// Flags. Of all flags of one name, the Deployment's first, the last one counts.
    pub flags: Vec<String>,
    /// Variables of its environment.
    pub environment: &'a [(String, String)],
}

/// Starts a pod of a Deployment with this name; its files and its log are below `folder`.
///
/// A subcommand is run as `kubectl exec` would.
pub async fn start(
    source: &PodSource<'_>,
    deployment: &str,
    name: &str,
    folder: &Path,
    subcommand: Option<&str>,
    further: Further<'_>,
) -> Pod {
    let path = format!("/apis/apps/v1/namespaces/{}/deployments/{deployment}", source.namespace);
    let deployment = source.client.get(&path).await.expect("the Deployment is applied");
    let spec = &deployment["spec"]["template"]["spec"];
    let container = only(&spec["containers"]);
    let (declared, port) = (only(&container["ports"]), ports::free_port());
    let suffix = format!(":{}", declared["containerPort"]);
    let here = |argument: &Value| {
        let argument = string(argument);
        match argument.split_once('=') {
            Some((flag, value)) if value.ends_with(&suffix) => format!("{flag}=127.0.0.1:{port}"),
            _ => argument,
        }
    };
    let mut arguments: Vec<String> = subcommand.map(ToOwned::to_owned).into_iter().collect();
    for argument in list(&container["args"]).iter().map(here).chain(further.flags) {
        arguments.retain(|earlier| name_of(earlier) != name_of(&argument));
        arguments.push(argument);
    }
    let url = format!("http://127.0.0.1:{port}");
    let probe = |kind: &str| {
        let probe = &container[kind]["httpGet"];
        assert_eq!(probe["port"], declared["name"], "{kind} asks the container's port");
        format!("{url}{}", string(&probe["path"]))
    };
    let (readiness, probes) = (probe("readinessProbe"), ["startupProbe", "livenessProbe"].map(probe));
    let (process, renewal) = launch(source, spec, name, folder, arguments, further.environment).await;
    Pod { process, url, readiness, probes, renewal }
}

/// Runs a pod that ends by itself, and says so in its status; what it said.
pub async fn complete(source: &PodSource<'_>, name: &str, folder: &Path) -> String {
    let path = format!("/api/v1/namespaces/{}/pods/{name}", source.namespace);
    let there = |pod: &Value| pod["status"]["phase"] == "Pending";
    let pod = source.client.wait_for(&path, PATIENCE, "a pod that has not run yet", there).await;
    let spec = &pod["spec"];
    let arguments = list(&only(&spec["containers"])["args"]).iter().map(string).collect();
    let (mut process, renewal) = launch(source, spec, name, folder, arguments, &[]).await;
    let ended = process.wait_exit(PATIENCE).await.expect("the pod ends by itself");
    drop(renewal);
    let phase = if ended.success() { "Succeeded" } else { "Failed" };
    let status = json!({"status": {"phase": phase}});
    source.client.merge_patch(&format!("{path}/status"), &status).await.expect("the status is accepted");
    process.log()
}

/// Makes what the pod declares, and starts its container with these arguments.
async fn launch(
    source: &PodSource<'_>,
    spec: &Value,
    name: &str,
    folder: &Path,
    arguments: Vec<String>,
    further: &[(String, String)],
) -> (OperatorProcess, Option<Renewal>) {
    let home = folder.join("pods").join(name);
    let mut making = Making { source, name, folder: home, spec: spec.clone(), renewal: None };
    let container = only(&spec["containers"]);
    assert_eq!(container["command"], Value::Null, "the image's own program is what runs");
    let mounts = making.mounts(container).await;
    let mut environment = making.environment(container, &mounts).await;
    environment.extend_from_slice(further);
    if let Some(files) = mounts.get(SERVICE_ACCOUNT) {
        let config = making.folder.join("kubeconfig");
        let (server, authority) = &source.api_server;
        kubeconfig::write(&config, server, authority, Credential::TokenFile(&files.join("token")));
        environment.push(("USER_INVITATION_OPERATOR_KUBECONFIG".to_owned(), config.display().to_string()));
    }
    let log = folder.join(format!("{name}.log"));
    (OperatorProcess::start(source.program, arguments, environment, &log), making.renewal)
}

/// The name of a flag.
fn name_of(flag: &str) -> &str {
    flag.split('=').next().unwrap_or_default()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn only(value: &Value) -> &Value {
    let [only] = list(value) else { panic!("one is expected: {value}") };
    only
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("text is expected: {value}")).to_owned()
}
