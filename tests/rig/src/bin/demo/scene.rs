//! What a chapter is made of: kubectl commands with their real output, and looks at the vendor's side.

use std::collections::HashMap;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use test_rig::lab::condition;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;
use vendor_simulators::{Filter, Operation, TenantId};

use crate::stage::Stage;
use crate::{manifests, screen};

impl Stage {
    /// Runs kubectl and shows what it prints.
    pub(crate) async fn kubectl(&self, arguments: &str) {
        screen::command(&format!("kubectl {arguments}"));
        let arguments: Vec<&str> = arguments.split_whitespace().collect();
        screen::output(&self.lab.control_plane.kubectl(&arguments).await.success());
    }

    /// Applies a file of the project as it is.
    pub(crate) async fn apply_file(&self, file: &str) {
        screen::command(&format!("kubectl apply -f {file}"));
        let path = manifests::path(file);
        screen::output(&self.lab.control_plane.kubectl(&["apply", "-f", &path]).await.success());
    }

    /// Applies documents that were made or changed here; `title` says what they are.
    pub(crate) async fn apply(&self, title: &str, documents: &[Value]) {
        screen::command(&format!("kubectl apply -f -   # {title}"));
        screen::output(&self.lab.control_plane.kubectl_apply(&manifests::yaml(documents)).await.success());
    }

    /// Runs the kubectl plugin in a folder, as kubectl finds it, and shows what it prints; answers its exit code.
    pub(crate) async fn invite(&self, plugins: &Path, folder: &Path, arguments: &str) -> Option<i32> {
        screen::command(&format!("kubectl invite {arguments}"));
        let output = Command::new(self.lab.control_plane.kubectl_program())
            .arg("invite")
            .args(arguments.split_whitespace())
            .current_dir(folder)
            .env_clear()
            .env("KUBECONFIG", self.lab.control_plane.admin_kubeconfig())
            .env("HOME", self.lab.directory())
            .env("PATH", plugins)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .expect("kubectl starts");
        let texts = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        screen::output(&texts.concat());
        output.status.code()
    }

    /// The end of what kubectl describes: the error, where the invitation stands, and its events.
    pub(crate) async fn describe(&self, name: &str) {
        screen::command(&format!(
            "kubectl describe uinv {name} -n cloud-services | sed -n '/^  Last Error:/,$p'"
        ));
        let arguments = ["describe", "uinv", name, "-n", "cloud-services"];
        let whole = self.lab.control_plane.kubectl(&arguments).await.success();
        let lines: Vec<&str> = whole.lines().skip_while(|line| !line.starts_with("  Last Error:")).collect();
        screen::output(&lines.join("\n"));
    }

    /// Shows what changes in a namespace until every named invitation is in its state.
    ///
    /// Rows are kubectl's own; one that repeats what the last one of that name said is left out.
    pub(crate) async fn watch(&self, namespace: &str, states: &[(&str, &str)]) {
        screen::command(&format!("kubectl get uinv -n {namespace} --watch"));
        let kubeconfig = self.lab.control_plane.admin_kubeconfig();
        let mut child = Command::new(self.lab.control_plane.kubectl_program())
            .args(["get", "uinv", "-n", namespace, "--watch"])
            .env_clear()
            .env("KUBECONFIG", &kubeconfig)
            .env("HOME", self.lab.directory())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("kubectl starts");
        let mut lines = BufReader::new(child.stdout.take().expect("kubectl's output is piped")).lines();
        let names: Vec<&str> = states.iter().map(|(name, _)| *name).collect();
        let show = async {
            let mut last = HashMap::new();
            while let Ok(Some(row)) = lines.next_line().await {
                let words = steady_words(&row);
                let Some(name) = words.first().cloned() else { continue };
                let wanted = name == "NAME" || names.contains(&name.as_str());
                if wanted && last.insert(name, words.clone()) != Some(words) {
                    screen::line(&row);
                }
            }
        };
        let reached = async {
            self.until("the invitations reach their states", async || {
                let objects = self.list(namespace, "userinvitations").await;
                states.iter().all(|(name, state)| {
                    objects.iter().any(|object| {
                        object["metadata"]["name"] == *name && object["status"]["state"] == *state
                    })
                })
            })
            .await;
            // The last rows are still on their way.
            tokio::time::sleep(Duration::from_millis(500)).await;
        };
        tokio::select! {
            () = show => panic!("kubectl stopped watching"),
            () = reached => {}
        }
    }

    /// What an invitation's condition Ready says.
    pub(crate) async fn message(&self, namespace: &str, name: &str) {
        let path = "jsonpath={.status.conditions[?(@.type==\"Ready\")].message}";
        screen::command(&format!("kubectl get uinv {name} -n {namespace} -o '{path}'"));
        let arguments = ["get", "uinv", name, "-n", namespace, "-o", path];
        screen::output(&self.lab.control_plane.kubectl(&arguments).await.success());
    }

    /// The vendor's log of requests of one kind since a mark.
    pub(crate) fn requests(&self, tenant: &TenantId, operation: &str, since: u64) -> Vec<Operation> {
        self.vendors().operations(&Filter::tenant(tenant).operation(operation).after(since))
    }

    /// A mark in the vendors' logs: what comes later is new.
    pub(crate) fn mark(&self) -> u64 {
        self.vendors().operations(&Filter::default()).last().map_or(0, |operation| operation.sequence)
    }

    /// Shows the vendor's log of requests of one kind.
    pub(crate) fn show_requests(&self, tenant: &TenantId, operation: &str, since: u64) {
        screen::say("\nThe vendor's own log:");
        let rows: Vec<Vec<String>> = self
            .requests(tenant, operation, since)
            .iter()
            .map(|request| {
                let status = request.status.map_or_else(|| "none".to_owned(), |status| status.to_string());
                let names: Vec<&str> = request
                    .emails
                    .iter()
                    .map(|email| email.split(['@', '.']).next().unwrap_or(email))
                    .collect();
                vec![request.operation.clone(), status, names.len().to_string(), names.join(", ")]
            })
            .collect();
        screen::table(&["CALL", "STATUS", "PEOPLE", "WHO"], &rows);
    }
}

/// The words of a row without ages, which change by themselves.
fn steady_words(row: &str) -> Vec<String> {
    let age = |word: &&str| {
        word.starts_with(|first: char| first.is_ascii_digit())
            && word.chars().all(|c| c.is_ascii_digit() || "smhd".contains(c))
    };
    row.split_whitespace().filter(|word| !age(word)).map(str::to_owned).collect()
}

/// The reason of an object's condition Ready.
pub(crate) fn ready_reason(object: &Value) -> &str {
    condition(object, "Ready")["reason"].as_str().unwrap_or_default()
}
