//! Two times: the real one, in which calls, delays and rate windows are measured, and the vendors' one, which
//! tests may advance to let tokens and invitations expire.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{SystemTime, UNIX_EPOCH},
};

/// The simulators' clock.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    offset: AtomicI64,
}

impl Clock {
    /// Milliseconds since the epoch, as the machine has it.
    pub(crate) fn real() -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }

    /// Milliseconds since the epoch, as the vendors see it.
    pub(crate) fn vendor(&self) -> u64 {
        Self::real().saturating_add_signed(self.offset.load(Ordering::SeqCst))
    }

    /// Moves the vendors' time.
    pub(crate) fn advance(&self, milliseconds: i64) {
        self.offset.fetch_add(milliseconds, Ordering::SeqCst);
    }
}

/// Locks, also after a panic of another holder: a test that failed must not hide why.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
