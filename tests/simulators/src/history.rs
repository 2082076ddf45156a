//! Data whose readers may see it as it was some time ago.

use std::collections::VecDeque;

/// A value and, as long as reads lag, what it was before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Lagged<T> {
    current: T,
    /// Former values with the time at which each ceased to hold.
    past: VecDeque<(u64, T)>,
}

impl<T: Clone> Lagged<T> {
    /// The value as it is.
    pub(crate) fn current(&self) -> &T {
        &self.current
    }

    /// The value for a change at `now`; what it was is kept for `keep` milliseconds, and not at all for 0.
    pub(crate) fn write(&mut self, now: u64, keep: u64) -> &mut T {
        self.past.retain(|(until, _)| until.saturating_add(keep) > now);
        if keep > 0 {
            self.past.push_back((now, self.current.clone()));
        }
        &mut self.current
    }

    /// The value as it was `lag` milliseconds before `now`.
    pub(crate) fn read(&self, now: u64, lag: u64) -> &T {
        let then = now.saturating_sub(lag);
        self.past.iter().find(|(until, _)| lag > 0 && *until > then).map_or(&self.current, |(_, value)| value)
    }
}
