//! The parts of a pod: its volumes as folders, its environment, and a token that is renewed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::task::AbortHandle;

use super::{PodSource, list, string};
use crate::files::write_private;

/// How soon a token is asked for again that was not given.
const RETRY: Duration = Duration::from_secs(1);

/// A pod while it is made.
pub(super) struct Making<'a> {
    pub(super) source: &'a PodSource<'a>,
    /// The pod's name.
    pub(super) name: &'a str,
    /// Where its volumes are.
    pub(super) folder: PathBuf,
    pub(super) spec: Value,
    /// What renews its token.
    pub(super) renewal: Option<AbortHandle>,
}

impl Making<'_> {
    /// Makes the volumes; where each mount path is here.
    pub(super) async fn mounts(&mut self, container: &Value) -> BTreeMap<String, PathBuf> {
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
    pub(super) async fn environment(
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

/// A value of a Secret.
fn decoded(value: &str) -> String {
    let bytes = STANDARD.decode(value).expect("the API server writes base64");
    String::from_utf8(bytes).expect("the value is text")
}
