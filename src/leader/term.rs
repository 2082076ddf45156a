//! Leading: renewing the lease, losing it, giving it back.

use std::sync::Arc;

use k8s_openapi::api::coordination::v1::Lease;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use super::leadership::{Leadership, Reading, Tenure};
use super::lease::TryError;
use super::{Candidate, LeaderError, Notice, report};

/// The time in which this process leads.
#[derive(Debug)]
pub struct Term {
    candidate: Candidate,
    lease: Lease,
    tenure: Arc<Tenure>,
    leadership: Leadership,
}

impl Term {
    pub(super) fn begin(candidate: Candidate, lease: Lease, began: Reading) -> Self {
        let tenure = Tenure::begin(candidate.times.deadline, candidate.clock.clone(), began);
        let check = Arc::clone(&tenure);
        let leadership = Leadership::with_check(candidate.process.clone(), move || check.is_valid());
        tracing::info!(holder = candidate.lease.me(), "this process leads");
        (candidate.notify)(Notice::Leading);
        Self { candidate, lease, tenure, leadership }
    }

    /// The right to act that goes with this term.
    pub fn leadership(&self) -> Leadership {
        self.leadership.clone()
    }

    /// Renews the lease until `done` is cancelled, and then gives it back. An error means that the lease is
    /// lost: nothing may be written any more, and the process should exit.
    pub async fn keep(mut self, done: CancellationToken) -> Result<(), LeaderError> {
        let result = self.renew_until(&done).await;
        // Whatever comes now, nothing is written under this term any more.
        self.tenure.end();
        (self.candidate.notify)(Notice::Over);
        if result.is_ok() {
            self.release().await;
        }
        result
    }

    async fn renew_until(&mut self, done: &CancellationToken) -> Result<(), LeaderError> {
        let times = self.candidate.times;
        let mut next = Instant::now() + times.interval;
        let mut failures: u32 = 0;
        loop {
            tokio::select! {
                () = done.cancelled() => return Ok(()),
                () = sleep_until(next) => {}
            }
            let began = self.candidate.clock.read();
            // A process that was stopped may find itself past the deadline here. It has lost the right to act,
            // but one try decides whether somebody else had it meanwhile: only if not is the write accepted.
            let rest = self.tenure.runs_out().saturating_duration_since(Instant::now());
            let cap = if rest.is_zero() { times.try_timeout } else { rest.min(times.try_timeout) };
            match timeout(cap, self.candidate.lease.renew(&self.lease)).await {
                Ok(Ok(lease)) => {
                    self.lease = lease;
                    self.tenure.renewed(began);
                    failures = 0;
                    next = began.monotonic + times.interval;
                    continue;
                }
                Ok(Err(TryError::HeldBy { holder })) => return Err(LeaderError::Superseded { holder }),
                Ok(Err(error)) => report(&mut failures, &error),
                Err(error) => report(&mut failures, &error),
            }
            // Counted from the begin of a try: a silent one has used up its pause, and another one fits in.
            next = Instant::now().max(began.monotonic + times.retry);
            let runs_out = self.tenure.runs_out();
            if next >= runs_out {
                tokio::select! {
                    () = done.cancelled() => return Ok(()),
                    () = sleep_until(runs_out) => {}
                }
                return Err(LeaderError::NotRenewed { deadline: times.deadline });
            }
        }
    }

    async fn release(&self) {
        match timeout(self.candidate.times.try_timeout, self.candidate.lease.release(&self.lease)).await {
            Ok(Ok(())) => tracing::info!("the lease is given back"),
            Ok(Err(error)) => {
                tracing::warn!(%error, "the lease is not given back: the next leader waits for it");
            }
            Err(error) => tracing::warn!(%error, "the lease is not given back: the next leader waits for it"),
        }
    }
}
