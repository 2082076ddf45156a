//! What must have happened before the process counts as ready.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The gates of this process; clones share them.
///
/// The process is ready when every gate that exists is open. A gate exists from the moment it is made, so
/// each part makes its gates at once when it begins. That is also how a standby replica is ready: it has
/// only the gates of what it does while standing by. The gates of what only a leader does (its watches)
/// are made when leading begins, and count until it ends.
#[derive(Debug, Clone, Default)]
pub struct Readiness(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    next: u64,
    waiting: BTreeMap<u64, Waiting>,
}

#[derive(Debug)]
struct Waiting {
    name: &'static str,
    /// What is missing, as far as it is known.
    because: Option<String>,
}

/// One thing that readiness waits for. A gate that is dropped unopened stays closed: what it stood for
/// has not happened.
#[derive(Debug, Clone)]
pub struct Gate {
    id: u64,
    name: &'static str,
    readiness: Readiness,
}

impl Readiness {
    /// Ready, until gates are made.
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes a closed gate; the name is shown while it is closed.
    pub fn gate(&self, name: &'static str) -> Gate {
        let mut state = self.state();
        let id = state.next;
        state.next += 1;
        state.waiting.insert(id, Waiting { name, because: None });
        Gate { id, name, readiness: self.clone() }
    }

    /// Forgets all gates: what they stood for has ended.
    pub fn forget_gates(&self) {
        self.state().waiting.clear();
    }

    /// The names of the closed gates, in the order they were made, with what is known to be missing; none means
    /// ready. Gates that say the same are one.
    pub fn waiting(&self) -> Vec<String> {
        let told = |waiting: &Waiting| match &waiting.because {
            Some(because) => format!("{} ({because})", waiting.name),
            None => waiting.name.to_owned(),
        };
        let mut all = Vec::new();
        for text in self.state().waiting.values().map(told) {
            if !all.contains(&text) {
                all.push(text);
            }
        }
        all
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is one insertion or removal, so a panic elsewhere leaves nothing half done.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Gate {
    /// Says what is missing. An open gate stays open.
    pub fn waits_because(&self, because: impl Into<String>) {
        if let Some(waiting) = self.readiness.state().waiting.get_mut(&self.id) {
            waiting.because = Some(because.into());
        }
    }

    /// Opens the gate.
    pub fn open(&self) {
        self.readiness.state().waiting.remove(&self.id);
    }

    /// Closes it again: what it stands for is so no longer.
    pub fn close(&self, because: impl Into<String>) {
        let waiting = Waiting { name: self.name, because: Some(because.into()) };
        self.readiness.state().waiting.insert(self.id, waiting);
    }
}
