//! Which namespaces with deletions are themselves being deleted. Asked by name, once for many deletions.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use k8s_openapi::api::core::v1::Namespace;
use kube::api::Api;
use tokio::time::Instant;
use tracing::debug;

use super::context::Context;

/// How soon a namespace is asked for again, at the earliest.
const ASK_DISTANCE: Duration = Duration::from_millis(200);

/// What is known of namespaces.
#[derive(Debug, Default)]
pub(super) struct Namespaces(Mutex<HashMap<String, Known>>);

#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// When it was last begun to ask.
    begun: Option<Instant>,
    /// When the question that was answered last was begun, and whether the namespace was being deleted.
    answered: Option<(Instant, bool)>,
}

impl Namespaces {
    /// Whether the namespace is being deleted, as found at this time or later; `None`: nobody knows.
    pub fn leaves(&self, namespace: &str, since: Instant) -> Option<bool> {
        let (begun, leaves) = self.known().get(namespace)?.answered?;
        (begun >= since).then_some(leaves)
    }

    /// Whether somebody should ask now; who is told so asks.
    fn shall_ask(&self, namespace: &str, now: Instant) -> bool {
        let mut known = self.known();
        let entry = known.entry(namespace.to_owned()).or_default();
        let asks = entry.begun.is_none_or(|begun| begun + ASK_DISTANCE <= now);
        if asks {
            entry.begun = Some(now);
        }
        asks
    }

    fn answer(&self, namespace: &str, begun: Instant, leaves: bool) {
        let mut known = self.known();
        let entry = known.entry(namespace.to_owned()).or_default();
        if entry.answered.is_none_or(|(earlier, _)| earlier < begun) {
            entry.answered = Some((begun, leaves));
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Context {
    /// Finds out whether a namespace is being deleted, unless that is known as of this time, or somebody just asks.
    pub(super) async fn learn_namespace(&self, namespace: &str, since: Instant) {
        let now = Instant::now();
        if self.namespaces.leaves(namespace, since).is_some() || !self.namespaces.shall_ask(namespace, now) {
            return;
        }
        let api: Api<Namespace> = Api::all(self.client.clone());
        let leaves = match api.get(namespace).await {
            Ok(namespace) => namespace.metadata.deletion_timestamp.is_some(),
            Err(kube::Error::Api(status)) if status.is_not_found() => true,
            // Without the right to ask, nothing is let go because of its namespace.
            Err(kube::Error::Api(status)) if status.is_forbidden() => false,
            Err(error) => {
                debug!(namespace, %error, "namespace not read");
                return;
            }
        };
        self.namespaces.answer(namespace, now, leaves);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn an_answer_counts_for_what_was_seen_before_it_was_asked_for() {
        let namespaces = Namespaces::default();
        let seen = Instant::now();
        assert_eq!(namespaces.leaves("a", seen), None);
        tokio::time::advance(Duration::from_secs(1)).await;
        let asked = Instant::now();
        assert!(namespaces.shall_ask("a", asked));
        assert!(!namespaces.shall_ask("a", asked), "one asks for all");
        assert!(namespaces.shall_ask("b", asked));
        tokio::time::advance(Duration::from_secs(1)).await;
        namespaces.answer("a", asked, true);
        assert_eq!(namespaces.leaves("a", seen), Some(true));
        assert_eq!(namespaces.leaves("a", Instant::now()), None, "a later deletion has to ask again");
        assert!(namespaces.shall_ask("a", Instant::now()));
        namespaces.answer("a", seen, false);
        assert_eq!(namespaces.leaves("a", seen), Some(true), "an answer that was overtaken");
    }
}
