//! Leader election: at most one process acts, and it knows when it may not.
//!
//! A lease is taken and renewed by compare-and-swap only. Candidates judge silence by their own monotonic
//! observation of the lease; a leader stops acting when its last successful renewal began longer ago than
//! the renew deadline, which is shorter than the time a candidate waits. So the right to act ends here
//! before it can begin elsewhere, whatever the wall clocks say.
//!
//! One thing is left to people: a lease that somebody deletes or empties by hand looks free to a process that
//! starts before the leader has written it again. Nobody but the operator needs the right to do so.

mod decide;
mod leadership;
mod lease;
mod term;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use kube::Client;
use tokio::time::{Instant, sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::settings::LeaseArguments;
pub use decide::{Claim, Decision, decide};
pub use leadership::{Clock, Leadership, ProcessId, Reading};
use lease::{LeaseFile, TryError};
pub use term::Term;

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
    /// The lease could be read, and written if that was tried.
    Answered,
    /// The right to read or write the lease is missing.
    Forbidden,
    /// The API server does not answer, or refuses the request for another reason.
    Unanswered,
    /// This process leads.
    Leading,
    /// This process leads no longer.
    Over,
}

/// How a candidacy ends.
#[derive(Debug)]
pub enum Candidacy {
    /// This process leads.
    Leads(Box<Term>),
    /// It was stopped before.
    Stopped,
    /// The API server does not accept the token: another client, with a newer one, has to go on.
    TokenRefused,
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

    /// Waits until this process leads.
    pub async fn lead(mut self, stop: &CancellationToken) -> Candidacy {
        let mut failures: u32 = 0;
        loop {
            if stop.is_cancelled() {
                return Candidacy::Stopped;
            }
            let began = self.clock.read();
            let pause = match timeout(self.times.try_timeout, self.try_to_lead()).await {
                Ok(Ok(Step::Lead(lease))) => {
                    return Candidacy::Leads(Box::new(Term::begin(self, *lease, began)));
                }
                Ok(Ok(Step::Wait(rest))) => {
                    failures = 0;
                    rest.min(self.times.retry)
                }
                Ok(Err(error)) => {
                    if let Some(notice) = error.notice() {
                        (self.notify)(notice);
                    }
                    report(&mut failures, &error);
                    if error.is_unauthorized() {
                        return Candidacy::TokenRefused;
                    }
                    self.times.retry
                }
                Err(error) => {
                    (self.notify)(Notice::Unanswered);
                    report(&mut failures, &error);
                    self.times.retry
                }
            };
            tokio::select! {
                () = stop.cancelled() => return Candidacy::Stopped,
                () = sleep(pause) => {}
            }
        }
    }

    async fn try_to_lead(&mut self) -> Result<Step, TryError> {
        let read = self.lease.read().await?;
        let now = Instant::now();
        self.observer.note(read.as_ref(), now);
        let step = match self.observer.decide(self.lease.me(), now, self.times.duration) {
            Decision::Wait(rest) => Ok(Step::Wait(rest)),
            Decision::Renew | Decision::Take => {
                self.lease.claim(read.as_ref()).await.map(Box::new).map(Step::Lead)
            }
        };
        // Who may read the lease and not write it will never lead.
        if step.as_ref().err().and_then(TryError::notice).is_none() {
            (self.notify)(Notice::Answered);
        }
        step
    }
}

enum Step {
    Lead(Box<Lease>),
    Wait(Duration),
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
