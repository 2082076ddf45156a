//! The budget of calls of one tenant.

mod hints;
mod pace;

use std::fmt;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use tokio::time::{Instant, sleep_until};

use hints::Hints;
use pace::Pace;

/// A token bucket that every client of a tenant shares. It learns from answers: `Retry-After` and rate headers
/// pause it, and a vendor that lets fewer calls through than configured lowers it for a while.
///
/// In any 60 seconds at most `requests per minute` calls start, and none during a pause, however long it has
/// been waiting.
pub struct Limiter {
    pace: Mutex<Pace>,
    /// Held while waiting for one's turn: first come, first served.
    turn: tokio::sync::Mutex<()>,
}

impl fmt::Debug for Limiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Limiter").field("pace", &*self.pace()).finish_non_exhaustive()
    }
}

impl Limiter {
    /// A budget of `requests_per_minute`, with a burst of a twentieth of it (1 to 5 calls).
    pub fn new(requests_per_minute: NonZeroU32) -> Self {
        Self {
            pace: Mutex::new(Pace::new(requests_per_minute, Instant::now())),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    /// Changes the configured budget; pauses stay.
    pub fn set_limit(&self, requests_per_minute: NonZeroU32) {
        self.pace().set_limit(requests_per_minute, Instant::now());
    }

    /// Waits until one call may start, and takes it from the budget. The call has to start at once.
    pub async fn acquire(&self) {
        let _turn = self.turn.lock().await;
        loop {
            let wake = match self.pace().take(Instant::now()) {
                Ok(()) => return,
                Err(wake) => wake,
            };
            sleep_until(wake).await;
        }
    }

    /// Waits for the end of a pause without taking anything from the budget.
    pub(super) async fn unpaused(&self) {
        while let Some(until) = self.blocked_until() {
            sleep_until(until).await;
        }
    }

    /// Until when the vendor has asked to wait, if that is in the future.
    pub fn blocked_until(&self) -> Option<Instant> {
        self.pace().blocked_until(Instant::now())
    }

    /// How long the vendor still asks to wait.
    pub fn blocked_for(&self) -> Option<Duration> {
        Some(self.blocked_until()?.saturating_duration_since(Instant::now()))
    }

    /// How many calls a minute are made at present: the configured number or fewer.
    pub fn requests_per_minute(&self) -> f64 {
        self.pace().rate()
    }

    /// Learns from an answer.
    pub(super) fn learn(&self, status: u16, headers: &HeaderMap) {
        let hints = Hints::read(headers, Timestamp::now());
        self.pace().learn(status, hints, Instant::now());
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
