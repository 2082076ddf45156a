//! When calls may start: the limiter without its waiting.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::time::Duration;

use tokio::time::Instant;

use super::hints::{Hints, LONGEST};

/// A minute counts a second more, so that calls of two minutes that meet on their way stay within the limit.
pub(super) const MINUTE: Duration = Duration::from_secs(61);
/// The pause after a 429 that says nothing, doubling with each one in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_GUESS: Duration = Duration::from_secs(60);
/// How long a lowered rate is kept, and how often it then rises by a tenth of the configured one.
const KEPT: Duration = Duration::from_secs(300);
const STEP: Duration = Duration::from_secs(60);

#[derive(Debug)]
pub(super) struct Pace {
    configured: f64,
    /// Calls a minute at present.
    rate: f64,
    tokens: f64,
    filled: Instant,
    /// Starts within the last minute.
    starts: VecDeque<Instant>,
    paused_until: Option<Instant>,
    /// 429s in a row.
    refusals: u32,
    /// Since when calls have been let through.
    open_since: Instant,
    /// How many calls since then were answered without a 429.
    let_through: u32,
    rise_at: Option<Instant>,
}

impl Pace {
    pub(super) fn new(limit: NonZeroU32, now: Instant) -> Self {
        let configured = f64::from(limit.get());
        Self {
            configured,
            rate: configured,
            tokens: burst(configured),
            filled: now,
            starts: VecDeque::new(),
            paused_until: None,
            refusals: 0,
            open_since: now,
            let_through: 0,
            rise_at: None,
        }
    }

    pub(super) fn set_limit(&mut self, limit: NonZeroU32, now: Instant) {
        self.fill(now);
        let configured = f64::from(limit.get());
        if self.rise_at.is_none() || configured < self.rate {
            self.rate = configured;
        }
        self.configured = configured;
        self.tokens = self.tokens.min(burst(self.rate));
    }

    pub(super) const fn rate(&self) -> f64 {
        self.rate
    }

    pub(super) fn blocked_until(&self, now: Instant) -> Option<Instant> {
        self.paused_until.filter(|until| *until > now)
    }

    /// Starts a call, or says when to ask again.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Instant> {
        if let Some(until) = self.blocked_until(now) {
            return Err(until);
        }
        self.fill(now);
        while self.starts.front().is_some_and(|start| now.duration_since(*start) >= MINUTE) {
            self.starts.pop_front();
        }
        if self.tokens < 1.0 {
            return Err(now + span(self.rate).mul_f64(1.0 - self.tokens).max(Duration::from_millis(1)));
        }
        if let Some(oldest) = self.starts.front()
            && count(self.starts.len()) >= self.rate.max(1.0).floor()
        {
            return Err(*oldest + MINUTE);
        }
        self.tokens -= 1.0;
        self.starts.push_back(now);
        Ok(())
    }

    fn fill(&mut self, now: Instant) {
        if let Some(at) = self.rise_at
            && at <= now
        {
            self.rate = (self.rate + self.configured / 10.0).min(self.configured);
            self.rise_at = (self.rate < self.configured).then_some(now + STEP);
        }
        let gained = now.duration_since(self.filled).as_secs_f64() / span(self.rate).as_secs_f64();
        self.tokens = (self.tokens + gained).min(burst(self.rate));
        self.filled = now;
    }

    pub(super) fn learn(&mut self, status: u16, hints: Hints, now: Instant) {
        self.fill(now);
        if status == 429 {
            self.refused(hints, now);
            return;
        }
        if self.refusals > 0 && self.blocked_until(now).is_none() {
            self.refusals = 0;
            self.open_since = now;
            self.let_through = 0;
        }
        self.let_through = self.let_through.saturating_add(1);
        if status == 503
            && let Some(wait) = hints.retry_after
        {
            self.pause(wait, now);
        }
        match (hints.remaining, hints.reset) {
            (Some(0), Some(reset)) => self.pause(reset, now),
            (Some(remaining), Some(_)) => {
                self.tokens = self.tokens.min(f64::from(u32::try_from(remaining).unwrap_or(u32::MAX)));
            }
            _ => {}
        }
    }

    fn refused(&mut self, hints: Hints, now: Instant) {
        // calls that were on their way when the pause began say nothing new
        let late = self.blocked_until(now).is_some();
        if !late {
            self.refusals = self.refusals.saturating_add(1);
        }
        let guess = FIRST_PAUSE.saturating_mul(1 << (self.refusals.clamp(1, 7) - 1)).min(LONGEST_GUESS);
        let wait = hints.retry_after.or(hints.reset).unwrap_or(guess);
        self.pause(wait, now);
        if !late {
            self.lower(wait, now);
        }
    }

    /// What was let through in a minute (or in the last one, when it has been going on for longer) is what the
    /// vendor allows. Refusals that come sooner say nothing about a minute.
    fn lower(&mut self, wait: Duration, now: Instant) {
        let open = now.duration_since(self.open_since) + wait;
        if open + Duration::from_secs(6) < MINUTE {
            return;
        }
        let allowed = if open <= MINUTE + wait {
            f64::from(self.let_through) * MINUTE.as_secs_f64() / open.as_secs_f64()
        } else {
            count(self.starts.iter().filter(|start| now.duration_since(**start) < MINUTE).count()) - 1.0
        };
        self.rate = allowed.max(self.rate / 2.0).clamp(1.0, self.rate.max(1.0));
        self.tokens = self.tokens.min(burst(self.rate));
        self.rise_at = Some(now + wait + KEPT);
    }

    fn pause(&mut self, wait: Duration, now: Instant) {
        let until = now + wait.min(LONGEST);
        self.paused_until = Some(self.paused_until.map_or(until, |paused| paused.max(until)));
    }
}

/// The time between two calls.
fn span(rate: f64) -> Duration {
    MINUTE.div_f64(rate.max(1.0))
}

fn count(calls: usize) -> f64 {
    f64::from(u32::try_from(calls).unwrap_or(u32::MAX))
}

fn burst(rate: f64) -> f64 {
    (rate / 20.0).floor().clamp(1.0, 5.0)
}
