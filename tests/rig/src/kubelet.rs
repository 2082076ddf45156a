//! What a kubelet does with a pod, as far as one machine can: reads the Deployment that was applied, and starts its
//! container's command line as a local process with the environment, volumes, token and probes that it declares.
//!
//! Such a process has no files and no network of its own. So a volume is a folder, and environment variables that name its mount
//! path name the folder instead; probes have a port of their own for each process; and a kubeconfig tells where the
//! ServiceAccount's files and the API server are.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use crate::files::write_private;
use crate::kubeconfig::{self, Credential};
use crate::{KubernetesClient, OperatorProcess, ports};

/// Where a program in a pod finds its ServiceAccount.
const SERVICE_ACCOUNT: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
/// How long getting ready may take.
const READY: Duration = Duration::from_secs(30);
/// How often readiness is asked for.
const POLL: Duration = Duration::from_millis(20);
/// How soon a token is asked for again that was not given.
const RETRY: Duration = Duration::from_secs(1);

/// What is started.
pub struct PodSource<'a> {
    /// The cluster's administrator.
    pub client: KubernetesClient,
    /// URL and authority of the API server.
    pub api_server: (String, PathBuf),
    /// The namespace.
    pub namespace: &'a str,
    /// The Deployment.
    pub deployment: &'a str,
    /// The program that its image has.
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
    /// What renews its token.
    renewal: Option<AbortHandle>,
}

impl Drop for Pod {
    fn drop(&mut self) {
        if let Some(renewal) = &self.renewal {
            renewal.abort();
        }
    }
}

impl Pod {
    /// Waits until it says that it is ready.
    pub async fn ready(&mut self) {
        let client = reqwest::Client::new();
        let begun = Instant::now();
        while begun.elapsed() < READY {
            assert!(self.process.is_running(), "the operator ended:\n{}", self.process.log());
            if client.get(&self.readiness).send().await.is_ok_and(|answer| answer.status().is_success()) {
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

    /// Its metrics.
    pub async fn metrics(&self) -> String {
        let answer = reqwest::get(format!("{}/metrics", self.url)).await.expect("metrics are served");
        answer.text().await.expect("metrics are text")
    }
}

/// The parts of a pod while it is made.
struct Making<'a> {
    source: &'a PodSource<'a>,
    name: &'a str,
    /// Where its volumes are.
    folder: PathBuf,
    spec: Value,
    renewal: Option<AbortHandle>,
}

/// Starts a pod with this name; its files and its log are below `folder`. Of all flags of one name, the Deployment's first,
/// the last one counts.
///
/// A subcommand is run as `kubectl exec` would.
pub async fn start(
    source: &PodSource<'_>,
    name: &str,
    folder: &Path,
    subcommand: Option<&str>,
    flags: Vec<String>,
) -> Pod {
    let (namespace, deployment) = (source.namespace, source.deployment);
    let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments/{deployment}");
    let deployment = source.client.get(&path).await.expect("the Deployment is applied");
    let spec = deployment["spec"]["template"]["spec"].clone();
    let mut making = Making { source, name, folder: folder.join("pods").join(name), spec, renewal: None };
    let container = only(&making.spec["containers"]).clone();
    assert_eq!(container["command"], Value::Null, "the image's own program is what runs");

    let mounts = making.mounts(&container).await;
    let mut environment = making.environment(&container, &mounts).await;
    if let Some(files) = mounts.get(SERVICE_ACCOUNT) {
        let config = making.folder.join("kubeconfig");
        let (server, authority) = &source.api_server;
        kubeconfig::write(&config, server, authority, Credential::TokenFile(&files.join("token")));
        environment.push(("USER_INVITATION_OPERATOR_KUBECONFIG".to_owned(), config.display().to_string()));
    }

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
    for argument in list(&container["args"]).iter().map(here).chain(flags) {
        arguments.retain(|earlier| name_of(earlier) != name_of(&argument));
        arguments.push(argument);
    }

    let url = format!("http://127.0.0.1:{port}");
    let probe = |kind: &str| {
        let probe = &container[kind]["httpGet"];
        assert_eq!(probe["port"], declared["name"], "{kind} asks the container's port");
        format!("{url}{}", string(&probe["path"]))
    };
    let readiness = probe("readinessProbe");
    let log = folder.join(format!("{name}.log"));
    let process = OperatorProcess::start(source.program, arguments, environment, &log);
    Pod { process, readiness, url, renewal: making.renewal.take() }
}

impl Making<'_> {
    /// Makes the volumes; where each mount path is here.
    async fn mounts(&mut self, container: &Value) -> BTreeMap<String, PathBuf> {
        let mut mounts = BTreeMap::new();
        for mount in list(&container["volumeMounts"]) {
            let volume = list(&self.spec["volumes"]).iter().find(|volume| volume["name"] == mount["name"]);
            let volume = volume.unwrap_or_else(|| panic!("no volume for {mount}")).clone();
            let folder = self.folder.join(string(&mount["name"]));
            fs::create_dir_all(&folder).expect("a folder can be made");
            if volume["configMap"].is_object() {
                self.config_map(&volume["configMap"], &folder).await;
            } else {
                for source in list(&volume["projected"]["sources"]) {
                    self.project(source, &folder).await;
                }
            }
            mounts.insert(string(&mount["mountPath"]), folder);
        }
        mounts
    }

    async fn project(&mut self, source: &Value, folder: &Path) {
        if source["serviceAccountToken"].is_object() {
            self.token(&source["serviceAccountToken"], folder).await;
        } else if source["configMap"].is_object() {
            self.config_map(&source["configMap"], folder).await;
        } else {
            for item in list(&source["downwardAPI"]["items"]) {
                let value = self.field(&item["fieldRef"]);
                fs::write(folder.join(string(&item["path"])), value).expect("a file can be written");
            }
        }
    }

    /// Writes the keys of a config map as files: those that are named, or all.
    async fn config_map(&self, source: &Value, folder: &Path) {
        let data = &self.object("configmaps", &source["name"]).await["data"];
        let write = |key: &str, path: &str| {
            fs::write(folder.join(path), string(&data[key])).expect("a file can be written");
        };
        match source["items"].as_array() {
            Some(items) => items.iter().for_each(|item| write(&string(&item["key"]), &string(&item["path"]))),
            None => data.as_object().into_iter().flatten().for_each(|(key, _)| write(key, key)),
        }
    }

    /// Writes the ServiceAccount's token, and renews it when most of its life is over.
    async fn token(&mut self, source: &Value, folder: &Path) {
        let namespace = self.source.namespace;
        let account = string(&self.spec["serviceAccountName"]);
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let seconds = source["expirationSeconds"].as_u64().unwrap_or(3600);
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"expirationSeconds": seconds},
        });
        let (file, client) = (folder.join(string(&source["path"])), self.source.client.clone());
        let ask = async move || match client.create(&path, &request).await {
            Ok(answer) => {
                // Whoever reads it finds the old one or the new one.
                let new = file.with_extension("new");
                write_private(&new, &string(&answer["status"]["token"]));
                fs::rename(&new, &file).expect("a file can be moved");
                Ok(())
            }
            Err(error) => Err(error),
        };
        ask().await.unwrap_or_else(|error| panic!("token of {namespace}/{account}: {error}"));
        let renewal = tokio::spawn(async move {
            loop {
                tokio::time::sleep(Duration::from_secs(seconds * 4 / 5)).await;
                while ask().await.is_err() {
                    tokio::time::sleep(RETRY).await;
                }
            }
        });
        self.renewal = Some(renewal.abort_handle());
    }

    /// The environment variables, with mount paths as they are here.
    async fn environment(
        &self,
        container: &Value,
        mounts: &BTreeMap<String, PathBuf>,
    ) -> Vec<(String, String)> {
        let mut environment = Vec::new();
        for variable in list(&container["env"]) {
            let from = &variable["valueFrom"];
            let value = if from["fieldRef"].is_object() {
                self.field(&from["fieldRef"])
            } else if from["secretKeyRef"].is_object() {
                let reference = &from["secretKeyRef"];
                let secret = self.object("secrets", &reference["name"]).await;
                decoded(&string(&secret["data"][string(&reference["key"])]))
            } else {
                let declared = string(&variable["value"]);
                mounts.iter().fold(declared, |value, (path, folder)| {
                    value.replace(path.as_str(), &folder.display().to_string())
                })
            };
            environment.push((string(&variable["name"]), value));
        }
        environment
    }

    fn field(&self, reference: &Value) -> String {
        match reference["fieldPath"].as_str() {
            Some("metadata.name") => self.name.to_owned(),
            Some("metadata.namespace") => self.source.namespace.to_owned(),
            other => panic!("no field {other:?} here"),
        }
    }

    async fn object(&self, plural: &str, name: &Value) -> Value {
        let path = format!("/api/v1/namespaces/{}/{plural}/{}", self.source.namespace, string(name));
        self.source.client.get(&path).await.unwrap_or_else(|error| panic!("{path}: {error}"))
    }
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

/// A value of a Secret.
fn decoded(value: &str) -> String {
    let bytes = STANDARD.decode(value).expect("the API server writes base64");
    String::from_utf8(bytes).expect("the value is text")
}
