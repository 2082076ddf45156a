//! An operator that is started again at once whenever it has ended, as a kubelet would.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use test_rig::lab::RunningOperator;
use test_rig::{Lab, OperatorOptions};
use tokio_util::sync::CancellationToken;

/// How often the end of the operator is looked for.
const POLL: Duration = Duration::from_millis(10);

/// The process of the moment.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<Option<RunningOperator>>>);

impl Slot {
    fn lock(&self) -> MutexGuard<'_, Option<RunningOperator>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Kills the operator; it is dead when this returns.
    pub fn kill(&self) {
        if let Some(operator) = self.lock().as_mut() {
            operator.process.kill9();
        }
    }

    fn runs(&self) -> bool {
        self.lock().as_mut().is_some_and(|operator| operator.process.is_running())
    }
}

/// Keeps an operator running until it is dropped.
pub struct Supervisor {
    slot: Slot,
    log: PathBuf,
    stop: CancellationToken,
}

impl Supervisor {
    /// Starts an operator, again and again; `name` names its log.
    pub fn start(lab: &Arc<Lab>, name: &str, options: OperatorOptions, slot: Slot) -> Self {
        let stop = CancellationToken::new();
        let log = lab.directory().join(format!("{name}.log"));
        let (lab, name, kept) = (Arc::clone(lab), name.to_owned(), slot.clone());
        tokio::spawn(stop.clone().run_until_cancelled_owned(async move {
            loop {
                let operator = lab.operator(&name, &options).await;
                *kept.lock() = Some(operator);
                while kept.runs() {
                    tokio::time::sleep(POLL).await;
                }
            }
        }));
        Self { slot, log, stop }
    }

    /// Where its output goes.
    pub fn log(&self) -> &PathBuf {
        &self.log
    }
}

impl Drop for Supervisor {
    fn drop(&mut self) {
        self.stop.cancel();
        self.slot.kill();
    }
}
