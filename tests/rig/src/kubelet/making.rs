//! The parts of a pod: its volumes as folders, its environment, and a token that is renewed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::token::{Renewal, TokenFile};
use super::{PodSource, list, string};

/// A pod while it is made.
pub(super) struct Making<'a> {
    pub(super) source: &'a PodSource<'a>,
    /// The pod's name.
    pub(super) name: &'a str,
    /// Where its volumes are.
    pub(super) folder: PathBuf,
    pub(super) spec: Value,
    /// What renews its token.
    pub(super) renewal: Option<Renewal>,
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

    /// Writes the ServiceAccount's token, and keeps it good.
    async fn token(&mut self, source: &Value, folder: &Path) {
        let token = TokenFile {
            client: self.source.client.clone(),
            namespace: self.source.namespace.to_owned(),
            account: string(&self.spec["serviceAccountName"]),
            seconds: source["expirationSeconds"].as_u64().unwrap_or(3600),
            file: folder.join(string(&source["path"])),
        };
        self.renewal = Some(token.keep().await);
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
