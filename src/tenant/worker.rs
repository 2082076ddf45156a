//! The one task of a tenant: it alone calls the vendor, so looks and writes never overlap.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::host::{Host, Intent, Recording};
use super::request::{NextCall, Request, Wish};
use super::write::{OpenWrite, Settlement, WriteKind};
use super::{Shared, attempt_id};
use crate::vendor::{
    Answer, Email, ErrorClass, MemberAnswer, Permit, Standing, Target, VendorClient, VendorError,
};

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
    LookAt(Vec<String>),
    Call(Vec<Request>),
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
                Step::LookAt(people) => self.look_at(&people).await,
                Step::Call(requests) => self.call(requests).await,
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
        if now >= self.next_sweep || state.picture.is_none() {
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
        let (next, requests) = state.next_call(now);
        let call = match next {
            NextCall::Due(_) => return Step::Call(requests),
            NextCall::At(time) => Some(time),
            NextCall::Nothing => None,
        };
        let wake = [Some(self.next_sweep), look, call].into_iter().flatten().min();
        Step::WaitUntil(wake.unwrap_or(self.next_sweep))
    }

    async fn sweep(&mut self) {
        let (client, resync) = {
            let state = self.shared.lock();
            let Some(client) = state.looking_client() else { return };
            (client, state.settings.resync)
        };
        let begun = Instant::now();
        match client.sweep().await {
            Ok(sweep) => {
                let usable = sweep.incomplete.is_none();
                if let Some(why) = sweep.incomplete {
                    warn!(tenant = %self.shared.key, why, "sweep proves no absence");
                }
                let (news, first, health_changed) = {
                    let mut state = self.shared.lock();
                    let before = state.health();
                    let news = state.absorb_sweep(begun, sweep, Instant::now());
                    let after = state.health();
                    let health_changed = before.last_error.is_some()
                        || before.people_missing != after.people_missing
                        || before.sweeps == 0;
                    (news, before.sweeps == 0 && after.sweeps > 0, health_changed)
                };
                self.failed_looks = if usable { 0 } else { self.failed_looks + 1 };
                self.next_sweep = begun + if usable { jittered(resync) } else { self.retry_wait(resync) };
                if first {
                    self.host.wake_everybody(&self.shared.key);
                } else if !news.is_empty() {
                    self.host.wake_people(&self.shared.key, news);
                }
                if health_changed {
                    self.host.wake_providers(&self.shared.key);
                }
            }
            Err(error) => self.look_failed(error, resync),
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
            if let Err(error) = self.read(&client, &self.shared.email(key)).await {
                self.look_failed(error, resync);
                return;
            }
        }
        self.failed_looks = 0;
    }

    /// Reads one person and takes in what shows.
    async fn read(&self, client: &Arc<dyn VendorClient>, email: &Email) -> Result<(), VendorError> {
        let begun = Instant::now();
        let presence = client.find(email).await?;
        let news = self.shared.lock().absorb_exact(email.key(), begun, presence);
        if news {
            self.host.wake_people(&self.shared.key, vec![email.key().to_owned()]);
        }
        Ok(())
    }

    fn look_failed(&mut self, error: VendorError, resync: Duration) {
        warn!(tenant = %self.shared.key, %error, "the vendor can't be used now");
        self.failed_looks += 1;
        let wait = match &error {
            VendorError::Paused { remaining } => *remaining,
            VendorError::Connect { .. }
            | VendorError::AddressNotAllowed { .. }
            | VendorError::NoAnswer { .. }
            | VendorError::Status { .. }
            | VendorError::BadAnswer { .. }
            | VendorError::CredentialRefused { .. } => self.retry_wait(resync),
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

    /// Makes one call for these requests: fresh look, budget and token, intents, checks, call, answers.
    async fn call(&mut self, requests: Vec<Request>) {
        let Some(client) = requests.first().and_then(|request| self.shared.client(&request.provider)) else {
            return;
        };
        if !self.pictures_are_fresh(&requests) {
            match requests.as_slice() {
                [single] if client.capabilities().exact_read && self.shared.lock().picture.is_some() => {
                    let email = single.email.clone();
                    if let Err(error) = self.read(&client, &email).await {
                        let resync = self.shared.lock().settings.resync;
                        self.look_failed(error, resync);
                    }
                }
                _ => self.sweep().await,
            }
            if !self.pictures_are_fresh(&requests) {
                self.postpone(&requests);
                return;
            }
        }
        let permit = match client.permit().await {
            Ok(permit) => permit,
            Err(error) => {
                let resync = self.shared.lock().settings.resync;
                self.look_failed(error, resync);
                self.postpone(&requests);
                return;
            }
        };
        if self.stop.is_cancelled() || !self.pictures_are_fresh(&requests) {
            return;
        }
        let send_limit = self.shared.lock().settings.rules.send_limit;
        let recording_began = Instant::now();
        let recorded = self.record(requests).await;
        let ready = match self.still_right(&client, recorded, recording_began + send_limit).await {
            Some(ready) if !ready.is_empty() => ready,
            Some(_) | None => return,
        };
        let answer = self.make_call(&client, permit, &ready).await;
        self.take_answers(&ready, &answer);
    }

    fn pictures_are_fresh(&self, requests: &[Request]) -> bool {
        let now = Instant::now();
        let state = self.shared.lock();
        requests.iter().all(|request| {
            state
                .sighting(request.email.key())
                .is_some_and(|sighting| sighting.begun + state.settings.look_freshness >= now)
        })
    }

    /// Records the intents. A write is open from before its recording, so that no answer can be missed.
    async fn record(&self, requests: Vec<Request>) -> Vec<Intent> {
        let intents: Vec<Intent> = {
            let mut state = self.shared.lock();
            requests
                .into_iter()
                .map(|request| {
                    let baseline = state
                        .sighting(request.email.key())
                        .and_then(|sighting| sighting.presence)
                        .map(|presence| presence.fingerprint)
                        .unwrap_or_default();
                    let intent = Intent { attempt: attempt_id(), request, baseline };
                    state.open(
                        intent.request.email.key(),
                        OpenWrite::recorded(
                            intent.attempt.clone(),
                            intent.request.object.uid.clone(),
                            intent.request.wish.kind(),
                            intent.baseline.clone(),
                        ),
                    );
                    intent
                })
                .collect()
        };
        let recordings = self.host.record(&self.shared.key, &intents).await;
        let mut recorded = Vec::with_capacity(intents.len());
        let mut not_recorded = Vec::new();
        for (intent, recording) in intents.into_iter().zip(recordings) {
            match recording {
                Recording::Recorded => recorded.push(intent),
                Recording::NotWanted | Recording::Failed => not_recorded.push((intent, recording)),
            }
        }
        let mut state = self.shared.lock();
        let now = Instant::now();
        for intent in &recorded {
            state.dequeue(&intent.request);
        }
        for (intent, recording) in &not_recorded {
            state.settle(intent.request.email.key(), &intent.attempt, Settlement::Unsent);
            if *recording == Recording::NotWanted {
                state.dequeue(&intent.request);
            } else {
                state.postpone(&intent.request, now);
            }
        }
        drop(state);
        self.wake(not_recorded.iter().map(|(intent, _)| intent));
        recorded
    }

    /// The last checks before the call: time, leadership, and an exact look where a cancel could remove a member.
    /// What must not be sent is noted as unsent. `None`: nothing may be sent at all.
    async fn still_right(
        &mut self,
        client: &Arc<dyn VendorClient>,
        recorded: Vec<Intent>,
        send_until: Instant,
    ) -> Option<Vec<Intent>> {
        let capabilities = client.capabilities();
        let mut ready = Vec::with_capacity(recorded.len());
        let mut unsent = Vec::new();
        for intent in recorded {
            let fits = match &intent.request.wish {
                Wish::Invite(_) => true,
                Wish::Cancel(target) | Wish::Remove(target) if capabilities.cancel_is_remove => {
                    self.read(client, &target.email).await.is_ok()
                        && self.target_fits(intent.request.wish.kind(), target)
                }
                Wish::Cancel(_) | Wish::Remove(_) => true,
            };
            if fits { ready.push(intent) } else { unsent.push(intent) }
        }
        if Instant::now() >= send_until || !self.host.leads() || self.stop.is_cancelled() {
            unsent.append(&mut ready);
        }
        if !unsent.is_empty() {
            self.settle_all(&unsent, &Settlement::Unsent);
        }
        (!ready.is_empty()).then_some(ready)
    }

    /// Under cancel anything but pending, under remove anything but the recorded person, means no call.
    fn target_fits(&self, kind: WriteKind, target: &Target) -> bool {
        let sighting = self.shared.lock().sighting(target.email.key());
        let Some(presence) = sighting.and_then(|sighting| sighting.presence) else { return false };
        let same_person = target.user_id.is_none() || presence.user_id == target.user_id;
        let standing_fits = match kind {
            WriteKind::Invite => false,
            WriteKind::Cancel => matches!(presence.standing, Standing::Pending | Standing::Expired),
            WriteKind::Remove => presence.standing.is_present(),
        };
        same_person && standing_fits
    }

    async fn make_call(&self, client: &Arc<dyn VendorClient>, permit: Permit, ready: &[Intent]) -> Answer {
        let targets = || -> Vec<Target> {
            ready.iter().filter_map(|intent| target(&intent.request.wish).cloned()).collect()
        };
        let Some(first) = ready.first() else { return Answer::default() };
        match &first.request.wish {
            Wish::Invite(terms) => {
                let people: Vec<Email> = ready.iter().map(|intent| intent.request.email.clone()).collect();
                client.invite(permit, &people, terms).await
            }
            Wish::Cancel(_) => client.cancel(permit, &targets()).await,
            Wish::Remove(_) => client.remove(permit, &targets()).await,
        }
    }

    fn take_answers(&self, ready: &[Intent], answer: &Answer) {
        let ended = Instant::now();
        let unclear = MemberAnswer::Ambiguous(VendorError::BadAnswer {
            host: self.shared.key.host.clone(),
            cause: "the answer leaves a person out",
        });
        let mut counts: HashMap<&'static str, usize> = HashMap::new();
        {
            let mut state = self.shared.lock();
            for intent in ready {
                let key = intent.request.email.key();
                let member = answer.members.get(key).unwrap_or(&unclear);
                let word = match member {
                    MemberAnswer::Accepted { .. } => {
                        state.call_ended(key, &intent.attempt, ended, true);
                        "accepted"
                    }
                    MemberAnswer::Ambiguous(_) => {
                        state.call_ended(key, &intent.attempt, ended, false);
                        "unclear"
                    }
                    MemberAnswer::Refused(refusal) => {
                        state.settle(key, &intent.attempt, Settlement::Refused(refusal.clone()));
                        "refused"
                    }
                    MemberAnswer::NotSent(_) => {
                        state.settle(key, &intent.attempt, Settlement::Unsent);
                        "not sent"
                    }
                };
                *counts.entry(word).or_default() += 1;
            }
        }
        for (word, count) in counts {
            info!(tenant = %self.shared.key, kind = ?ready.first().map(|intent| intent.request.wish.kind()),
                people = count, answer = word, "call ended");
        }
        let to_wake = ready.iter().filter(|intent| {
            !matches!(answer.members.get(intent.request.email.key()), Some(MemberAnswer::Accepted { .. }))
        });
        self.wake(to_wake);
        let refused = answer.members.values().find_map(|member| match member {
            MemberAnswer::Refused(refusal) if refusal.class == ErrorClass::Authentication => Some(refusal.status),
            MemberAnswer::Refused(_)
            | MemberAnswer::Accepted { .. }
            | MemberAnswer::Ambiguous(_)
            | MemberAnswer::NotSent(_) => None,
        });
        if let Some(status) = refused {
            let host = self.shared.key.host.clone();
            self.shared.lock().last_error = Some(VendorError::CredentialRefused { host, status });
            self.host.wake_providers(&self.shared.key);
        }
    }

    fn settle_all(&self, intents: &[Intent], settlement: &Settlement) {
        {
            let mut state = self.shared.lock();
            for intent in intents {
                state.settle(intent.request.email.key(), &intent.attempt, settlement.clone());
            }
        }
        self.wake(intents.iter());
    }

    fn postpone(&self, requests: &[Request]) {
        let now = Instant::now();
        let mut state = self.shared.lock();
        for request in requests {
            state.postpone(request, now);
        }
    }

    fn wake<'a>(&self, intents: impl Iterator<Item = &'a Intent>) {
        let people: Vec<String> = intents.map(|intent| intent.request.email.key().to_owned()).collect();
        if !people.is_empty() {
            self.host.wake_people(&self.shared.key, people);
        }
    }
}

const fn target(wish: &Wish) -> Option<&Target> {
    match wish {
        Wish::Invite(_) => None,
        Wish::Cancel(target) | Wish::Remove(target) => Some(target),
    }
}

/// ± 10 %, so that tenants don't read in step.
fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(rand::rng().random_range(0.9..1.1))
}
