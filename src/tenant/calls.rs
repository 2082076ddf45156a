//! One writing call, from the queue to its answers: fresh look, budget and token, intents, last checks, call.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::time::Instant;
use tracing::debug;

use super::attempt_id;
use super::host::{Intent, Made, News, NoPassword, Recording, Tally};
use super::request::{Request, Wish};
use super::worker::Worker;
use super::write::{OpenWrite, Settlement, WriteKind};
use crate::vendor::{
    AccessChange, Answer, ErrorClass, InitialPassword, MemberAnswer, Permit, Person, Standing, Target,
    VendorClient, VendorError,
};

/// Passwords that people begin with, by lower-cased e-mail, for as long as one call is made.
type Passwords = HashMap<String, InitialPassword>;

impl Worker {
    /// Makes one call for these requests: fresh look, budget and token, intents, checks, call, answers.
    pub async fn call(&mut self, requests: Vec<Request>) {
        let Some(client) = requests.first().and_then(|request| self.shared.client(&request.provider)) else {
            return;
        };
        if !self.pictures_are_fresh(&requests) {
            self.freshen(&client, &requests).await;
            if !self.pictures_are_fresh(&requests) {
                self.postpone(&requests);
                return;
            }
        }
        let permit = match self.unless_stopped(client.permit()).await {
            None => return,
            Some(Ok(permit)) => permit,
            Some(Err(error)) => {
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
        let (recorded, passwords) = self.with_passwords(recorded).await;
        let ready = match self.still_right(&client, recorded, recording_began + send_limit).await {
            Some(ready) if !ready.is_empty() => ready,
            Some(_) | None => return,
        };
        let answer = self.make_call(&client, permit, &ready, passwords).await;
        self.take_answers(&ready, &answer);
    }

    /// Looks again: at everybody, or, for one person and while sweeps don't fit, at each person alone.
    async fn freshen(&mut self, client: &Arc<dyn VendorClient>, requests: &[Request]) {
        let (swept_before, paused, resync) = {
            let state = self.shared.lock();
            (state.picture.is_some(), state.health().people_missing.is_some(), state.settings.resync)
        };
        let one_by_one = client.capabilities().exact_read && swept_before && (paused || requests.len() == 1);
        if !one_by_one {
            self.sweep().await;
            return;
        }
        for request in requests {
            if let Err(error) = self.read(client, &request.person).await {
                self.look_failed(error, resync);
                return;
            }
        }
    }

    fn pictures_are_fresh(&self, requests: &[Request]) -> bool {
        let now = Instant::now();
        let state = self.shared.lock();
        requests.iter().all(|request| {
            state
                .sighting(request.person.key())
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
                        .sighting(request.person.key())
                        .and_then(|sighting| sighting.presence)
                        .map(|presence| presence.fingerprint)
                        .unwrap_or_default();
                    let intent = Intent { attempt: attempt_id(), request, baseline };
                    let write = OpenWrite::recorded(
                        intent.attempt.clone(),
                        intent.request.object.uid.clone(),
                        intent.request.wish.kind(),
                        intent.baseline.clone(),
                    );
                    let change = change(&intent.request.wish).cloned().unwrap_or_default();
                    state.open(intent.request.person.key(), write.changing(change));
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
            let key = intent.request.person.key();
            if *recording == Recording::NotWanted {
                state.forget(key, &intent.attempt);
                state.dequeue(&intent.request);
            } else {
                state.settle(key, &intent.attempt, Settlement::Unsent);
                state.postpone(&intent.request, now);
            }
        }
        drop(state);
        self.wake(not_recorded.iter().map(|(intent, _)| intent));
        recorded
    }

    /// Reads the passwords that people begin with. Who lacks one is noted as unsent.
    async fn with_passwords(&self, recorded: Vec<Intent>) -> (Vec<Intent>, Passwords) {
        let found = self.host.initial_passwords(&self.shared.key, &recorded).await;
        let (mut kept, mut unsent, mut passwords) = (Vec::new(), Vec::new(), Passwords::new());
        for (intent, password) in recorded.into_iter().zip(found) {
            match password {
                Ok(password) => {
                    passwords.extend(password.map(|word| (intent.request.person.key().to_owned(), word)));
                    kept.push(intent);
                }
                Err(NoPassword) => unsent.push(intent),
            }
        }
        if !unsent.is_empty() {
            self.settle_all(&unsent, &Settlement::Unsent);
        }
        (kept, passwords)
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
                Wish::Invite(_) | Wish::Edit(..) => true,
                Wish::Cancel(target) | Wish::Remove(target) if capabilities.cancel_is_remove => {
                    match self.read(client, &intent.request.person).await {
                        Ok(()) => self.target_fits(intent.request.wish.kind(), target),
                        Err(error) => {
                            let resync = self.shared.lock().settings.resync;
                            self.look_failed(error, resync);
                            false
                        }
                    }
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
            WriteKind::Invite | WriteKind::Edit => false,
            WriteKind::Cancel => matches!(presence.standing, Standing::Pending | Standing::Expired),
            WriteKind::Remove => presence.standing.is_present(),
        };
        same_person && standing_fits
    }

    async fn make_call(
        &self,
        client: &Arc<dyn VendorClient>,
        permit: Permit,
        ready: &[Intent],
        mut passwords: Passwords,
    ) -> Answer {
        let targets = || -> Vec<Target> {
            ready.iter().filter_map(|intent| target(&intent.request.wish).cloned()).collect()
        };
        let Some(first) = ready.first() else { return Answer::default() };
        match &first.request.wish {
            Wish::Invite(terms) => {
                let mut with_password = |person: &Person| Person {
                    initial_password: passwords.remove(person.key()),
                    ..person.clone()
                };
                let people: Vec<Person> =
                    ready.iter().map(|intent| with_password(&intent.request.person)).collect();
                client.invite(permit, &people, terms).await
            }
            Wish::Cancel(_) => client.cancel(permit, &targets()).await,
            Wish::Remove(_) => client.remove(permit, &targets()).await,
            Wish::Edit(target, change) => {
                let answer = client.edit(permit, target, change).await;
                Answer::all([target.email.key()], &answer)
            }
        }
    }

    fn take_answers(&mut self, ready: &[Intent], answer: &Answer) {
        let ended = Instant::now();
        let unclear = MemberAnswer::Ambiguous(VendorError::BadAnswer {
            host: self.shared.key.host.clone(),
            cause: "the answer leaves a person out",
        });
        let made: Vec<Made<'_>> = ready
            .iter()
            .map(|intent| {
                let answer = answer.members.get(intent.request.person.key()).unwrap_or(&unclear);
                Made { intent, answer }
            })
            .collect();
        self.host.called(&self.shared.key, &made);
        let mut tally = Tally::default();
        {
            let mut state = self.shared.lock();
            for Made { intent, answer } in &made {
                let key = intent.request.person.key();
                match answer {
                    MemberAnswer::Accepted { .. } => {
                        state.call_ended(key, &intent.attempt, ended, true);
                        tally.accepted += 1;
                    }
                    MemberAnswer::Ambiguous(_) => {
                        state.call_ended(key, &intent.attempt, ended, false);
                        tally.unclear += 1;
                    }
                    MemberAnswer::Refused(refusal) => {
                        state.settle(key, &intent.attempt, Settlement::Refused(refusal.clone()));
                        tally.refused += 1;
                    }
                    MemberAnswer::NotSent(_) => {
                        state.settle(key, &intent.attempt, Settlement::Unsent);
                        tally.not_sent += 1;
                    }
                }
            }
        }
        if let Some(kind) = ready.first().map(|intent| intent.request.wish.kind()) {
            debug!(tenant = %self.shared.key, ?kind, accepted = tally.accepted, refused = tally.refused,
                unclear = tally.unclear, not_sent = tally.not_sent, "call ended");
            self.host.note(&self.shared.key, News::CallEnded { kind, tally });
        }
        let to_wake = ready.iter().filter(|intent| {
            !matches!(answer.members.get(intent.request.person.key()), Some(MemberAnswer::Accepted { .. }))
        });
        self.wake(to_wake);
        let refused = answer.members.values().find_map(|member| match member {
            MemberAnswer::Refused(refusal) if refusal.class == ErrorClass::Authentication => {
                Some(refusal.status)
            }
            MemberAnswer::Refused(_)
            | MemberAnswer::Accepted { .. }
            | MemberAnswer::Ambiguous(_)
            | MemberAnswer::NotSent(_) => None,
        });
        let not_connected = answer.members.values().find_map(|member| match member {
            MemberAnswer::NotSent(error) => Some(error.clone()),
            MemberAnswer::Refused(_) | MemberAnswer::Accepted { .. } | MemberAnswer::Ambiguous(_) => None,
        });
        if let Some(VendorError::ExternallyManaged { .. }) = &not_connected {
            self.writes_are_refused();
            return;
        }
        let host = self.shared.key.host.clone();
        let unusable =
            refused.map(|status| VendorError::CredentialRefused { host, status }).or(not_connected);
        if let Some(error) = unusable {
            let resync = self.shared.lock().settings.resync;
            self.look_failed(error, resync);
        }
    }

    /// The vendor takes no writes at all: said once, on the provider, instead of being heard for each person.
    fn writes_are_refused(&self) {
        let news = !std::mem::replace(&mut self.shared.lock().writes_refused, true);
        if news {
            self.host.wake_providers(&self.shared.key);
            self.host.wake_everybody(&self.shared.key);
        }
    }

    fn settle_all(&self, intents: &[Intent], settlement: &Settlement) {
        {
            let mut state = self.shared.lock();
            for intent in intents {
                state.settle(intent.request.person.key(), &intent.attempt, settlement.clone());
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
        let people: Vec<String> = intents.map(|intent| intent.request.person.key().to_owned()).collect();
        if !people.is_empty() {
            self.host.wake_people(&self.shared.key, people);
        }
    }
}

const fn target(wish: &Wish) -> Option<&Target> {
    match wish {
        Wish::Invite(_) => None,
        Wish::Cancel(target) | Wish::Remove(target) | Wish::Edit(target, _) => Some(target),
    }
}

const fn change(wish: &Wish) -> Option<&AccessChange> {
    match wish {
        Wish::Edit(_, change) => Some(change),
        Wish::Invite(_) | Wish::Cancel(_) | Wish::Remove(_) => None,
    }
}
