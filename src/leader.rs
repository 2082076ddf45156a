//! Leader election: at most one process acts, and it knows when it may not.
//!
//! A lease is taken and renewed by compare-and-swap only. Candidates judge silence by their own monotonic
//! observation of the lease; a leader stops acting when its last successful renewal began longer ago than
//! the renew deadline, which is shorter than the time a candidate waits. So the right to act ends here
//! before it can begin elsewhere, whatever the wall clocks say.

mod decide;
mod leadership;
mod lease;
#[cfg(test)]
mod tests;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::Client;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::settings::LeaseArguments;
pub use decide::{Claim, Decision, decide};
use leadership::Tenure;
pub use leadership::{Clock, Leadership, ProcessId, Reading};
use lease::{LeaseFile, TryError};

/// Why this process does not lead any more.
#[derive(Debug, thiserror::Error)]
pub enum LeaderError {
    /// Another process holds the lease.
    #[error("leadership is lost: {holder:?} holds the lease")]
    Superseded {
        /// Who holds it; empty when nobody does.
        holder: String,
    },
    /// The lease could not be renewed in time.
    #[error("leadership is lost: the lease was not renewed within {deadline:?}")]
    NotRenewed {
        /// The renew deadline.
        deadline: Duration,
    },
}

/// What happens in an election, for metrics and readiness.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Notice {
    /// The lease could be read.
    Answered,
    /// This process leads.
    Leading,
    /// This process leads no longer.
    Over,
}

/// The times of an election.
#[derive(Debug, Clone, Copy)]
struct Times {
    duration: Duration,
    deadline: Duration,
    interval: Duration,
    retry: Duration,
    try_timeout: Duration,
}

/// A candidate for the lease.
pub struct Candidate {
    lease: LeaseFile,
    times: Times,
    process: ProcessId,
    clock: Clock,
    observer: decide::Observer,
    notify: Box<dyn Fn(Notice) + Send + Sync>,
}

impl fmt::Debug for Candidate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Candidate").field("lease", &self.lease).finish_non_exhaustive()
    }
}

impl Candidate {
    /// A candidate for the lease in this namespace. The client must not retry by itself. `pod` is for people
    /// who read the lease; the process makes the name unique.
    pub fn new(
        client: Client,
        namespace: &str,
        arguments: &LeaseArguments,
        pod: &str,
        process: ProcessId,
    ) -> Self {
        let times = Times {
            duration: arguments.duration(),
            deadline: arguments.renew_deadline(),
            interval: arguments.renew_interval(),
            retry: arguments.retry(),
            try_timeout: arguments.try_timeout(),
        };
        let me = format!("{pod}_{process}");
        let lease = LeaseFile::new(client, namespace, arguments.name.clone(), me, times.duration);
        let observer = decide::Observer::default();
        Self { lease, times, process, clock: Clock::system(), observer, notify: Box::new(|_| ()) }
    }

    /// With clocks of one's own.
    #[must_use]
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// With somebody who is told what happens.
    #[must_use]
    pub fn notify(mut self, notify: impl Fn(Notice) + Send + Sync + 'static) -> Self {
        self.notify = Box::new(notify);
        self
    }

    /// Waits until this process leads; nothing when it was stopped before.
    pub async fn lead(mut self, stop: &CancellationToken) -> Option<Term> {
        let mut failures: u32 = 0;
        loop {
            if stop.is_cancelled() {
                return None;
            }
            let began = self.clock.read();
            let pause = match timeout(self.times.try_timeout, self.try_to_lead()).await {
                Ok(Ok(Step::Lead(lease))) => return Some(Term::begin(self, *lease, began)),
                Ok(Ok(Step::Wait(rest))) => {
                    failures = 0;
                    rest.min(self.times.retry)
                }
                Ok(Err(error)) => {
                    report(&mut failures, &error);
                    self.times.retry
                }
                Err(error) => {
                    report(&mut failures, &error);
                    self.times.retry
                }
            };
            tokio::select! {
                () = stop.cancelled() => return None,
                () = sleep(pause) => {}
            }
        }
    }

    async fn try_to_lead(&mut self) -> Result<Step, TryError> {
        let read = self.lease.read().await?;
        (self.notify)(Notice::Answered);
        let now = Instant::now();
        self.observer.note(read.as_ref(), now);
        match self.observer.decide(self.lease.me(), now, self.times.duration) {
            Decision::Wait(rest) => Ok(Step::Wait(rest)),
            Decision::Renew | Decision::Take => {
                self.lease.claim(read.as_ref()).await.map(Box::new).map(Step::Lead)
            }
        }
    }
}

enum Step {
    Lead(Box<Lease>),
    Wait(Duration),
}

/// The time in which this process leads.
#[derive(Debug)]
pub struct Term {
    candidate: Candidate,
    lease: Lease,
    tenure: Arc<Tenure>,
    leadership: Leadership,
}

impl Term {
    fn begin(candidate: Candidate, lease: Lease, began: Reading) -> Self {
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
            next = Instant::now() + times.retry;
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

/// Reports a failed try: loudly the first time, so that a long outage does not fill the log.
fn report(failures: &mut u32, error: &dyn fmt::Display) {
    *failures = failures.saturating_add(1);
    if *failures == 1 {
        tracing::warn!(%error, "a try to read or write the lease failed; it is tried again");
    } else {
        tracing::debug!(%error, failures = *failures, "another try to read or write the lease failed");
    }
}
