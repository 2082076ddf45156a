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

/// Opens a readiness gate, and counts one list as complete, the first time.
pub(super) struct CountedGate {
    listed: Arc<Listed>,
    gate: Gate,
    opened: AtomicBool,
}

impl Listed {
    pub fn gate(self: &Arc<Self>, gate: &Gate) -> CountedGate {
        self.missing.fetch_add(1, Ordering::SeqCst);
        CountedGate { listed: Arc::clone(self), gate: gate.clone(), opened: false.into() }
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
    /// Says what the list waits for.
    pub fn waits_because(&self, because: String) {
        self.gate.waits_because(because);
    }

    pub fn open(&self) {
        if !self.opened.swap(true, Ordering::SeqCst) {
            self.listed.missing.fetch_sub(1, Ordering::SeqCst);
            self.listed.changed.notify_waiters();
            self.gate.open();
        }
    }
}
