//! The one task of a tenant: it alone calls the vendor, so looks and writes never overlap.

use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span, info_span, warn};

use super::Shared;
use super::host::{Host, News, SweepEnd};
use super::request::{NextCall, Request};
use super::state::Wanted;
use crate::telemetry::{Cause, SPANS};
use crate::vendor::{Person, VendorClient, VendorError};

pub(super) struct Worker {
    pub shared: Arc<Shared>,
    pub host: Arc<dyn Host>,
    pub stop: CancellationToken,
    next_sweep: Instant,
    failed_looks: u32,
    not_before: Instant,
}

/// What the worker does next.
enum Step {
    Sweep,
    ReadNames,
    LookAt(Vec<String>),
    Call(Vec<Request>, Vec<Cause>),
    WaitUntil(Instant),
}

impl Worker {
    pub fn new(shared: Arc<Shared>, host: Arc<dyn Host>, stop: CancellationToken) -> Self {
        let now = Instant::now();
        Self { shared, host, stop, next_sweep: now, failed_looks: 0, not_before: now }
    }

    /// Runs until it is stopped. A call under way is finished first.
    pub async fn run(mut self) {
        while !self.stop.is_cancelled() {
            match self.next_step() {
                Step::Sweep => self.sweep().await,
                Step::ReadNames => self.read_names().await,
                Step::LookAt(people) => self.look_at(&people).await,
                Step::Call(requests, causes) => {
                    let span = self.batch_span(&requests, &causes);
                    self.call(requests).instrument(span).await;
                }
                Step::WaitUntil(time) => {
                    tokio::select! {
                        () = self.stop.cancelled() => {}
                        () = self.shared.changed.notified() => {}
                        () = tokio::time::sleep_until(time) => {}
                    }
                }
            }
        }
    }

    fn next_step(&self) -> Step {
        let now = Instant::now();
        let mut state = self.shared.lock();
        if state.looking_client().is_none() {
            return Step::WaitUntil(now + state.settings.resync);
        }
        if std::mem::take(&mut state.sweep_wanted) {
            return Step::Sweep;
        }
        if now < self.not_before {
            return Step::WaitUntil(self.not_before);
        }
        if state.names_wanted == Wanted::Now
            || (state.names_wanted == Wanted::Later && now >= self.next_sweep)
        {
            return Step::ReadNames;
        }
        if now >= self.next_sweep {
            return Step::Sweep;
        }
        let exact = state.wanting_exact_looks(now);
        if !exact.is_empty() {
            return Step::LookAt(exact);
        }
        let look = state.next_look();
        if look.is_some_and(|due| due <= now) {
            let people = state.people_to_look_at();
            let one_by_one = state.settings.rules.exact_read && people.len() == 1;
            return if one_by_one { Step::LookAt(people) } else { Step::Sweep };
        }
        let (next, requests, causes) = state.next_call(now);
        let call = match next {
            NextCall::Due(_) => return Step::Call(requests, causes),
            NextCall::At(time) => Some(time),
            NextCall::Nothing => None,
        };
        let wake = [Some(self.next_sweep), look, call].into_iter().flatten().min();
        Step::WaitUntil(wake.unwrap_or(self.next_sweep))
    }

    /// The span of one call with everything that it takes, below what asked for it.
    fn batch_span(&self, requests: &[Request], causes: &[Cause]) -> Span {
        let what = requests.first().map(|request| request.wish.kind());
        let (tenant, people) = (&self.shared.key, requests.len());
        let span = info_span!(target: SPANS, parent: None, "batch", %tenant, ?what, people);
        Cause::lead_to(causes, &span);
        span
    }

    pub async fn sweep(&mut self) {
        let (client, resync) = {
            let state = self.shared.lock();
            let Some(client) = state.looking_client() else { return };
            (client, state.settings.resync)
        };
        let watched = self.host.watched(&self.shared.key, None);
        let begun = Instant::now();
        let Some(swept) = self.unless_stopped(client.sweep(&watched)).await else { return };
        match swept {
            Ok(sweep) => {
                let usable = sweep.incomplete.is_none();
                if let Some(why) = sweep.incomplete {
                    warn!(tenant = %self.shared.key, why, "sweep proves no absence");
                }
                let (news, everybody, providers) = {
                    let mut state = self.shared.lock();
                    let before = state.health();
                    let news = state.absorb_sweep(begun, sweep);
                    let (after, waited_for) = (state.health(), state.ends_the_wait_of_providers());
                    let providers = before.last_error.is_some()
                        || before.people_missing != after.people_missing
                        || before.sweeps == 0
                        || waited_for;
                    let first = before.sweeps == 0 && after.sweeps > 0;
                    (news, state.ends_the_wait() || first, providers)
                };
                let end = match (usable, self.shared.lock().health().people_missing) {
                    (false, _) => SweepEnd::Incomplete,
                    (true, Some(_)) => SweepEnd::PeopleMissing,
                    (true, None) => SweepEnd::Fits,
                };
                self.host.note(&self.shared.key, News::Swept(end));
                self.failed_looks = if usable { 0 } else { self.failed_looks + 1 };
                self.next_sweep = begun + if usable { jittered(resync) } else { self.retry_wait(resync) };
                if everybody {
                    self.host.wake_everybody(&self.shared.key);
                } else if !news.is_empty() {
                    self.host.wake_people(&self.shared.key, news);
                }
                if providers {
                    self.host.wake_providers(&self.shared.key);
                }
            }
            Err(error) => {
                self.host.note(&self.shared.key, News::Swept(SweepEnd::Failed));
                self.look_failed(error, resync);
            }
        }
    }

    /// Reads what can be named, and lets everybody decide anew whose names were not known.
    async fn read_names(&mut self) {
        let (client, resync) = {
            let state = self.shared.lock();
            let Some(client) = state.looking_client() else { return };
            (client, state.settings.resync)
        };
        match self.unless_stopped(client.names()).await {
            None => {}
            Some(Ok(names)) => {
                let (first, changed) = {
                    let mut state = self.shared.lock();
                    state.names_wanted = Wanted::No;
                    let (first, changed) = (state.names.is_none(), state.names.as_deref() != Some(&names));
                    state.names = Some(Arc::new(names));
                    (first, changed)
                };
                if changed {
                    self.host.wake_everybody(&self.shared.key);
                }
                if first {
                    self.host.wake_providers(&self.shared.key);
                }
            }
            Some(Err(error)) => self.look_failed(error, resync),
        }
    }

    async fn look_at(&mut self, people: &[String]) {
        let (client, resync) = {
            let state = self.shared.lock();
            let Some(client) = state.looking_client() else { return };
            (client, state.settings.resync)
        };
        for key in people {
            if self.stop.is_cancelled() {
                return;
            }
            if let Err(error) = self.read(&client, &self.shared.person(key)).await {
                self.look_failed(error, resync);
                return;
            }
        }
        self.failed_looks = 0;
    }

    /// Reads one person and takes in what shows.
    pub async fn read(&self, client: &Arc<dyn VendorClient>, person: &Person) -> Result<(), VendorError> {
        let begun = Instant::now();
        let watched = self.host.watched(&self.shared.key, Some(person.key()));
        let Some(found) = self.unless_stopped(client.find(person, &watched)).await else { return Ok(()) };
        let presence = found?;
        let news = self.shared.lock().absorb_exact(person.key(), begun, presence);
        if news {
            self.host.wake_people(&self.shared.key, vec![person.key().to_owned()]);
        }
        Ok(())
    }

    pub fn look_failed(&mut self, error: VendorError, resync: Duration) {
        warn!(tenant = %self.shared.key, %error, "the vendor can't be used now");
        self.failed_looks += 1;
        let wait = match &error {
            VendorError::Paused { remaining } => *remaining,
            VendorError::Connect { .. }
            | VendorError::AddressNotAllowed { .. }
            | VendorError::NoAnswer { .. }
            | VendorError::Status { .. }
            | VendorError::BadAnswer { .. }
            | VendorError::CredentialRefused { .. }
            | VendorError::ExternallyManaged { .. } => self.retry_wait(resync),
        };
        self.not_before = Instant::now() + wait;
        let changed = {
            let mut state = self.shared.lock();
            let changed = state.last_error.as_ref() != Some(&error);
            state.last_error = Some(error);
            changed
        };
        if changed {
            self.host.wake_providers(&self.shared.key);
        }
    }

    fn retry_wait(&self, resync: Duration) -> Duration {
        let first = self.shared.lock().settings.first_look;
        jittered(first.saturating_mul(2_u32.saturating_pow(self.failed_looks.min(16))).min(resync))
    }

    /// Reads give way to a stop; calls that write never do.
    pub async fn unless_stopped<T>(&self, read: impl Future<Output = T>) -> Option<T> {
        tokio::select! {
            () = self.stop.cancelled() => None,
            read = read => Some(read),
        }
    }
}

/// ± 10 %, so that tenants don't read in step.
fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(rand::rng().random_range(0.9..1.1))
}
