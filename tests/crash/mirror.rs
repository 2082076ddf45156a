//! The objects of a namespace as they are, read over and over past all proxies.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;
use test_rig::lab::Namespace;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};

/// How often the objects are read.
const POLL: Duration = Duration::from_millis(100);

/// How long anything may take: what the vendor and the operator need, many times over.
const WAIT: Duration = Duration::from_secs(90);

/// Invitations by name.
pub type Objects = BTreeMap<String, Value>;

/// The newest picture of the objects.
pub struct Mirror {
    seen: watch::Receiver<Objects>,
    _stop: DropGuard,
}

impl Mirror {
    /// Begins to read.
    pub fn start(namespace: &Namespace) -> Self {
        let (show, seen) = watch::channel(Objects::new());
        let (client, path) = (namespace.client.clone(), namespace.path("userinvitations"));
        let stop = CancellationToken::new();
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                if let Ok(objects) = client.list(&path).await {
                    let named =
                        |object: Value| Some((object["metadata"]["name"].as_str()?.to_owned(), object));
                    show.send_replace(objects.into_iter().filter_map(named).collect());
                }
                tokio::time::sleep(POLL).await;
            }
        }));
        Self { seen, _stop: stop.drop_guard() }
    }

    /// The newest picture.
    pub fn objects(&self) -> Objects {
        self.seen.borrow().clone()
    }

    /// Waits until the picture is as wanted.
    pub async fn until(&self, what: &str, wanted: impl Fn(&Objects) -> bool) -> Result<(), String> {
        let mut seen = self.seen.clone();
        let ended = tokio::time::timeout(WAIT, seen.wait_for(|objects| wanted(objects))).await;
        match ended {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) => Err(format!("{what}: nobody looks any more")),
            Err(_) => Err(format!("I2: not so after {WAIT:?}: {what}")),
        }
    }
}

/// The state of an object; empty: it has none, or is not there.
pub fn state<'a>(objects: &'a Objects, name: &str) -> &'a str {
    objects.get(name).and_then(|object| object["status"]["state"].as_str()).unwrap_or_default()
}
