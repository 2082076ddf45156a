//! Nothing is decided before every list is complete.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use tokio::sync::Notify;

use crate::health::Gate;

/// Counts the lists that are still missing.
#[derive(Default)]
pub(super) struct Listed {
    missing: AtomicUsize,
    changed: Notify,
}

/// A readiness gate of one watch, which is open while there is a list; the first one is counted as complete.
pub(super) struct CountedGate {
    listed: Arc<Listed>,
    gate: Gate,
    counted: AtomicBool,
    open: AtomicBool,
}

impl Listed {
    pub fn gate(self: &Arc<Self>, gate: Gate) -> CountedGate {
        self.missing.fetch_add(1, Ordering::SeqCst);
        CountedGate { listed: Arc::clone(self), gate, counted: false.into(), open: false.into() }
    }

    pub async fn all(&self) {
        loop {
            let changed = self.changed.notified();
            if self.missing.load(Ordering::SeqCst) == 0 {
                return;
            }
            changed.await;
        }
    }
}

impl CountedGate {
    /// Closes the gate, or says what the list waits for. Answers whether it was open.
    pub fn close(&self, because: String) -> bool {
        self.gate.close(because);
        self.open.swap(false, Ordering::SeqCst)
    }

    pub fn open(&self) {
        self.gate.open();
        self.open.store(true, Ordering::SeqCst);
        if !self.counted.swap(true, Ordering::SeqCst) {
            self.listed.missing.fetch_sub(1, Ordering::SeqCst);
            self.listed.changed.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::health::Readiness;

    #[test]
    fn a_list_counts_once_and_readiness_follows_the_watch() {
        let (readiness, listed) = (Readiness::new(), Arc::new(Listed::default()));
        let gates = ["invitations", "providers"].map(|name| listed.gate(readiness.gate(name)));
        gates[0].open();
        assert!(listed.all().now_or_never().is_none());
        assert!(gates[0].close("the definition is gone".to_owned()), "it was open");
        assert!(!gates[0].close("the definition is gone".to_owned()), "it was not");
        gates[1].open();
        assert!(listed.all().now_or_never().is_some(), "all were complete once");
        assert_eq!(readiness.waiting(), ["invitations (the definition is gone)"]);
        gates[0].open();
        assert!(readiness.waiting().is_empty());
    }
}
