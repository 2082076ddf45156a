//! Requests to send an invitation again: served once for each value, or spent.

use jiff::Timestamp;

use super::history::{History, LastAttempt};
use super::live::Draft;
use super::output::Event;
use crate::api::{REQUEST_VALUE_MAX, RESEND_REQUESTED_AT, Reason};

impl Draft<'_> {
    pub fn served_resend(&self) -> Option<String> {
        self.input.recalled.record.as_ref().and_then(|record| record.resend.clone())
    }

    /// A resend request that is neither served nor spent; one that comes too early is spent.
    pub fn resend_request(&mut self) -> Option<String> {
        let annotations = self.input.object.metadata.annotations.as_ref()?;
        let value = annotations.get(RESEND_REQUESTED_AT)?;
        let unserved = value.len() <= REQUEST_VALUE_MAX
            && !value.is_empty()
            && self.status.last_handled_resend_at.as_deref() != Some(value)
            && self.served_resend().as_deref() != Some(value);
        if !unserved {
            return None;
        }
        if self.is_too_early() {
            self.spend(value, "the last invitation is younger than the provider's minResendIntervalSeconds");
            return None;
        }
        Some(value.clone())
    }

    fn is_too_early(&self) -> bool {
        // Once our own cancel began the resend, its invite follows whatever the time.
        if matches!(self.input.recalled.history, History::Settled(LastAttempt::TakenAway)) {
            return false;
        }
        let least = self
            .input
            .provider
            .found()
            .map_or(0, |provider| i64::from(provider.object.spec.limits.min_resend_interval_seconds));
        let invited: Option<Timestamp> = self.status.invited_time.as_ref().map(|time| time.0);
        invited.is_some_and(|invited| self.input.now.as_second() - invited.as_second() < least)
    }

    pub fn spend(&mut self, value: &str, why: &str) {
        if self.rehearses() {
            // It is served, or spent, once something can be sent.
            return;
        }
        self.status.last_handled_resend_at = Some(value.to_owned());
        self.events.push(Event::warning(Reason::ResendSpent, format!("no invitation was sent again: {why}")));
    }
}
