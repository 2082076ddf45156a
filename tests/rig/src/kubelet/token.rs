//! A ServiceAccount's token as a file that is renewed in time.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::sync::Notify;
use tokio::task::AbortHandle;

use super::string;
use crate::files::write_private;
use crate::{KubernetesClient, RequestError};

/// How soon a token is asked for again that was not given.
const RETRY: Duration = Duration::from_secs(1);

/// Whose token it is, and where it is written.
#[derive(Clone)]
pub(super) struct TokenFile {
    pub client: KubernetesClient,
    pub namespace: String,
    pub account: String,
    /// How long a token lives.
    pub seconds: u64,
    pub file: PathBuf,
}

/// What renews a token until it is dropped.
pub(super) struct Renewal {
    token: TokenFile,
    renewed: Arc<Notify>,
    task: AbortHandle,
}

impl Drop for Renewal {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl TokenFile {
    /// Writes the token, and renews it when most of its life is over.
    pub(super) async fn keep(self) -> Renewal {
        let (namespace, account) = (&self.namespace, &self.account);
        self.write().await.unwrap_or_else(|error| panic!("token of {namespace}/{account}: {error}"));
        let (kept, renewed) = (self.clone(), Arc::new(Notify::new()));
        let meanwhile = Arc::clone(&renewed);
        let task = tokio::spawn(async move {
            loop {
                let life = Duration::from_secs(kept.seconds * 4 / 5);
                if tokio::time::timeout(life, meanwhile.notified()).await.is_ok() {
                    continue;
                }
                while kept.write().await.is_err() {
                    tokio::time::sleep(RETRY).await;
                }
            }
        });
        Renewal { token: self, renewed, task: task.abort_handle() }
    }

    async fn write(&self) -> Result<(), RequestError> {
        let Self { client, namespace, account, .. } = self;
        let path = format!("/api/v1/namespaces/{namespace}/serviceaccounts/{account}/token");
        let request = json!({
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest",
            "spec": {"expirationSeconds": self.seconds},
        });
        let answer: Value = client.create(&path, &request).await?;
        // Whoever reads it finds the old one or the new one.
        let new = self.file.with_extension("new");
        write_private(&new, &string(&answer["status"]["token"]));
        fs::rename(&new, &self.file).expect("a file can be moved");
        Ok(())
    }
}

impl Renewal {
    /// Renews the token now.
    pub(super) async fn now(&self) {
        self.token.write().await.expect("the ServiceAccount is there");
        self.renewed.notify_one();
    }
}
