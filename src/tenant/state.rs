//! Everything a tenant knows, behind one lock: asked by reconciles, changed by the tenant's worker.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use super::person::{Entry, Sighting};
use super::picture::{self, Fit, Picture};
use super::queue::Queue;
use super::request::{BatchLimits, NextCall, ProviderId, Queued, Request, next_call};
use super::write::{Look, OpenWrite, Outcome, Progress, Settlement, SettlementRules, WriteKind};
use crate::telemetry::Cause;
use crate::vendor::{AccessChange, Names, Person, Presence, Sweep, VendorClient, VendorError};

/// How a tenant behaves; taken from the provider that serves it.
#[derive(Debug, Clone)]
pub struct TenantSettings {
    /// Times that settlement depends on.
    pub rules: SettlementRules,
    /// Sizes of calls.
    pub limits: BatchLimits,
    /// How often everybody is read.
    pub resync: Duration,
    /// Nothing is sent on a picture older than this.
    pub look_freshness: Duration,
    /// After a call, the first look for its effect.
    pub first_look: Duration,
    /// The longest distance between looks for an effect.
    pub last_look: Duration,
}

/// What a reconcile wants to know of one person.
#[derive(Debug)]
pub struct Question<'a> {
    /// The person.
    pub person: &'a Person,
    /// The asking object's uid.
    pub object: &'a str,
    /// The attempt in the object's record that its status does not show as settled.
    pub open_attempt: Option<RecordedAttempt<'a>>,
    /// The object knows the person as having been there.
    pub known: bool,
}

/// An attempt as found in a record.
#[derive(Debug)]
pub struct RecordedAttempt<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it does.
    pub kind: WriteKind,
    /// The person's fingerprint before it.
    pub baseline: &'a str,
    /// What an edit was to change, as far as it is recorded: what the person was to hold afterwards.
    pub change: AccessChange,
    /// It is so old that, if it had no effect, nobody should send again by himself.
    pub stale: bool,
}

/// What the tenant knows of one person.
#[derive(Debug, Clone, Default)]
pub struct PersonView {
    /// The latest fitting look; `None`: nobody looked yet.
    pub sighting: Option<Sighting>,
    /// Whether the latest look is young enough to send on.
    pub fresh: bool,
    /// Writes for this person that are not settled, of whichever object.
    pub open: Vec<OpenView>,
    /// Settled writes of the asking object that may not stand in its status yet.
    pub outcomes: Vec<Outcome>,
    /// The asking object has a request in the queue.
    pub queued: Option<WriteKind>,
    /// The number of complete sweeps so far.
    pub sweeps: u64,
}

/// An open write as a decision sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenView {
    /// The attempt's id.
    pub attempt: String,
    /// The object that recorded it, by uid.
    pub object: String,
    /// What it does.
    pub kind: WriteKind,
    /// Nobody knows whether it had its effect: the answer was unclear, or another process made it.
    pub unclear: bool,
    /// The call itself may still be under way.
    pub in_flight: bool,
}

/// How the tenant is doing.
#[derive(Debug, Clone, Default)]
pub struct TenantHealth {
    /// Why the last look failed, if it did.
    pub last_error: Option<VendorError>,
    /// How many known people the latest sweeps miss, while that pauses the tenant's writes.
    pub people_missing: Option<usize>,
    /// The vendor refuses every write, whoever it is about.
    pub writes_refused: bool,
    /// Complete sweeps so far.
    pub sweeps: u64,
    /// When the last fitting sweep began.
    pub last_sweep: Option<Instant>,
}

/// How much there is to do for a tenant, and how fresh its picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TenantLoad {
    /// People who wait in the queue.
    pub queued: usize,
    /// Writes that are not settled.
    pub open_writes: usize,
    /// Since the last fitting sweep began; without one, since the tenant was first attached.
    pub since_sweep: Duration,
    /// How often everybody is read.
    pub resync: Duration,
}

#[derive(Debug)]
pub(super) struct Credential {
    pub client: Arc<dyn VendorClient>,
    pub serves: bool,
}

#[derive(Debug, Default)]
struct Pause {
    missing: Vec<String>,
    agreeing: u32,
    approved: bool,
}

/// The state of one tenant.
#[derive(Debug)]
pub(super) struct TenantState {
    pub settings: TenantSettings,
    pub credentials: BTreeMap<ProviderId, Credential>,
    pub picture: Option<Picture>,
    pub people: HashMap<String, Entry>,
    queue: Queue,
    pause: Option<Pause>,
    pub last_error: Option<VendorError>,
    /// The vendor refuses every write; until somebody changes the provider or asks for another try.
    pub writes_refused: bool,
    pub sweeps: u64,
    /// When the tenant was first attached.
    since: Instant,
    pub sweep_wanted: bool,
    /// Who is to be woken by the next fitting sweep, whatever it shows.
    pub looked_for: BTreeSet<String>,
    /// Everybody waits for a fitting sweep that begins after this time.
    pub everybody_waits: Option<Instant>,
    /// The providers wait for a fitting sweep that begins after this time.
    pub providers_wait: Option<Instant>,
    /// What can be named at the vendor, once somebody asked.
    pub names: Option<Arc<Names>>,
    pub names_wanted: Wanted,
}

/// How much somebody wants the names to be read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Wanted {
    #[default]
    No,
    /// With the next sweep: a name was not among them.
    Later,
    Now,
}

impl TenantState {
    pub fn new(settings: TenantSettings) -> Self {
        Self {
            settings,
            credentials: BTreeMap::new(),
            picture: None,
            people: HashMap::new(),
            queue: Queue::default(),
            pause: None,
            last_error: None,
            writes_refused: false,
            sweeps: 0,
            since: Instant::now(),
            sweep_wanted: false,
            looked_for: BTreeSet::new(),
            names: None,
            names_wanted: Wanted::No,
            everybody_waits: None,
            providers_wait: None,
        }
    }

    /// The client for looks: the serving provider's, else any.
    pub fn looking_client(&self) -> Option<Arc<dyn VendorClient>> {
        let serving = self.credentials.values().find(|credential| credential.serves);
        serving.or_else(|| self.credentials.values().next()).map(|credential| Arc::clone(&credential.client))
    }

    pub fn ask(&mut self, question: &Question<'_>, now: Instant) -> PersonView {
        let rules = self.settings.rules;
        if let Some(recorded) = &question.open_attempt {
            let person = self.people.entry(question.person.key().to_owned()).or_default();
            let in_memory = person.opens.iter().any(|open| open.attempt == recorded.id)
                || person.outcomes.iter().any(|outcome| outcome.attempt == recorded.id);
            if !in_memory {
                if recorded.kind == WriteKind::Invite {
                    person.invite_may_last_until(now + rules.send_limit + rules.call_timeout);
                }
                let write = OpenWrite::inherited(
                    recorded.id.to_owned(),
                    question.object.to_owned(),
                    recorded.kind,
                    recorded.baseline.to_owned(),
                    recorded.stale,
                    now,
                );
                person.opens.push(write.changing(recorded.change.clone()));
            }
            person.whom = Some(question.person.clone());
        }
        let sighting = self.sighting(question.person.key());
        if question.known && sighting.as_ref().is_some_and(|sighting| sighting.present().is_none()) {
            let person = self.people.entry(question.person.key().to_owned()).or_default();
            person.whom = Some(question.person.clone());
            person.miss(now, &rules);
        }
        let person = self.people.get(question.person.key());
        PersonView {
            fresh: sighting
                .as_ref()
                .is_some_and(|sighting| sighting.begun + self.settings.look_freshness >= now),
            sighting,
            open: person.map_or_else(Vec::new, |person| {
                person.opens.iter().map(|open| open_view(open, now, &rules)).collect()
            }),
            outcomes: person.map_or_else(Vec::new, |person| {
                person.outcomes.iter().filter(|outcome| outcome.object == question.object).cloned().collect()
            }),
            queued: self.queue.of_object(question.object).map(|request| request.wish.kind()),
            sweeps: self.sweeps,
        }
    }

    /// The latest fitting look at a person.
    pub fn sighting(&self, key: &str) -> Option<Sighting> {
        let person = self.people.get(key);
        let exact = person.and_then(|person| person.exact.as_ref());
        let (begun, presence) = match (&self.picture, exact) {
            (Some(picture), Some((begun, presence))) if *begun > picture.begun => (*begun, presence.clone()),
            (Some(picture), _) => (picture.begun, picture.people.get(key).cloned()),
            (None, Some((begun, presence))) => (*begun, presence.clone()),
            (None, None) => return None,
        };
        let rules = &self.settings.rules;
        Some(Sighting {
            begun,
            presence,
            counts_as_absence: person.is_none_or(|person| person.counts_as_absence(begun, rules)),
            absence_proven: person.is_some_and(|person| person.absence_proven(rules)),
        })
    }

    /// Puts a request into the queue, or changes the one that is there.
    pub fn enqueue(&mut self, request: Request, now: Instant) {
        self.queue.put(request, now);
    }

    /// Takes back what an object asked for.
    pub fn withdraw(&mut self, object: &str) {
        self.queue.remove(object);
    }

    /// What may be sent next. People with an open write wait for its settlement; a pause, or a vendor that refuses
    /// every write, holds everything but deletions.
    pub fn next_call(&self, now: Instant) -> (NextCall, Vec<Request>, Vec<Cause>) {
        let held = self.pause.is_some() || self.writes_refused;
        let candidates: Vec<&Queued> = self
            .queue
            .iter()
            .filter(|queued| !held || queued.request.wish.kind().takes_away())
            .filter(|queued| self.credentials.contains_key(&queued.request.provider))
            .filter(|queued| self.people.get(queued.request.person.key()).is_none_or(|p| p.opens.is_empty()))
            .collect();
        let next = next_call(candidates.iter().copied(), &self.settings.limits, now);
        let members = match &next {
            NextCall::Due(members) => members.as_slice(),
            NextCall::At(_) | NextCall::Nothing => &[],
        };
        let requests = members.iter().map(|&at| candidates[at].request.clone()).collect();
        let causes = members.iter().map(|&at| candidates[at].cause.clone()).collect();
        (next, requests, causes)
    }

    /// Takes a request out of the queue: it was sent, or is not wanted any more.
    pub fn dequeue(&mut self, request: &Request) {
        self.queue.remove_exactly(request);
    }

    /// Lets a request wait longer, after a try that came to nothing.
    pub fn postpone(&mut self, request: &Request, now: Instant) {
        let (first, last) = (self.settings.first_look, self.settings.last_look);
        self.queue.postpone(&request.object.uid, now, first, last);
    }

    pub fn open(&mut self, key: &str, write: OpenWrite) {
        self.people.entry(key.to_owned()).or_default().opens.push(write);
    }

    pub fn settle(&mut self, key: &str, attempt: &str, settlement: Settlement) {
        if let Some(person) = self.people.get_mut(key) {
            person.settle(attempt, settlement);
        }
    }

    /// Drops a write whose intent was never written: no record will ever ask for it.
    pub fn forget(&mut self, key: &str, attempt: &str) {
        if let Some(person) = self.people.get_mut(key) {
            person.opens.retain(|open| open.attempt != attempt);
        }
    }

    /// Drops an outcome that now stands in its object's status, or whose object is gone.
    pub fn acknowledge(&mut self, key: &str, object: &str, attempt: Option<&str>) {
        if let Some(person) = self.people.get_mut(key) {
            person.outcomes.retain(|outcome| {
                outcome.object != object || attempt.is_some_and(|attempt| outcome.attempt != attempt)
            });
        }
    }

    /// The people for whom looks are made beside the sweeps.
    pub fn people_to_look_at(&self) -> Vec<String> {
        let open = self
            .people
            .iter()
            .filter(|(_, person)| !person.opens.is_empty() || self.next_absence_look(person).is_some());
        open.map(|(key, _)| key.clone()).collect()
    }

    /// A pause ends with a sweep that fits, so looks of their own prove nothing before that.
    fn next_absence_look(&self, person: &Entry) -> Option<Instant> {
        let settings = &self.settings;
        let looks = self.pause.is_none();
        looks
            .then(|| person.next_absence_look(settings.first_look, settings.last_look, &settings.rules))
            .flatten()
    }

    pub fn call_ended(&mut self, key: &str, attempt: &str, at: Instant, accepted: bool) {
        if let Some(person) = self.people.get_mut(key) {
            person.call_ended(attempt, at, accepted);
        }
    }

    /// When the next look for open writes and doubtful absences is due.
    pub fn next_look(&self) -> Option<Instant> {
        let settings = &self.settings;
        let for_open =
            |open: &OpenWrite| open.next_look(settings.first_look, settings.last_look, &settings.rules);
        self.people
            .values()
            .flat_map(|person| person.opens.iter().filter_map(for_open).chain(self.next_absence_look(person)))
            .min()
    }

    /// People whose looks should be made one by one now.
    pub fn wanting_exact_looks(&self, now: Instant) -> Vec<String> {
        self.people
            .iter()
            .filter(|(_, person)| person.wants_exact_look(now, &self.settings.rules))
            .map(|(key, _)| key.clone())
            .collect()
    }

    /// Takes in a sweep; answers the people for whom something is new.
    pub fn absorb_sweep(&mut self, begun: Instant, sweep: Sweep) -> Vec<String> {
        self.last_error = None;
        let rules = self.settings.rules;
        let complete = sweep.incomplete.is_none() && self.fits(&sweep);
        let mut news: Vec<String> = Vec::new();
        for (key, person) in &mut self.people {
            let was_present = self
                .picture
                .as_ref()
                .and_then(|picture| picture.people.get(key))
                .is_some_and(|presence| presence.standing.is_present());
            let look = Look { begun, exact: false, complete, presence: sweep.people.get(key) };
            if person.absorb(&look, was_present, &rules) {
                news.push(key.clone());
            }
            if person.exact.as_ref().is_some_and(|(exact, _)| complete && *exact <= begun) {
                person.exact = None;
            }
        }
        if complete {
            if let Some(before) = &self.picture {
                news.extend(picture::changed(&before.people, &sweep.people));
                self.note_newly_absent(begun, &sweep.people);
            }
            self.picture = Some(Picture { begun, people: sweep.people });
            self.sweeps += 1;
            news.extend(std::mem::take(&mut self.looked_for));
        }
        self.people.retain(|_, person| !person.is_forgettable());
        news.sort_unstable();
        news.dedup();
        news
    }

    /// Whether the picture is the one that everybody has waited for; it is so once.
    pub fn ends_the_wait(&mut self) -> bool {
        ends(&mut self.everybody_waits, self.picture.as_ref())
    }

    /// The same for providers.
    pub fn ends_the_wait_of_providers(&mut self) -> bool {
        ends(&mut self.providers_wait, self.picture.as_ref())
    }

    /// Starts counting for people who were in the picture, are not in the new one, and had no entry yet.
    fn note_newly_absent(&mut self, begun: Instant, now_present: &HashMap<String, Presence>) {
        let rules = self.settings.rules;
        let Some(before) = &self.picture else { return };
        for (key, _) in before.people.iter().filter(|(_, presence)| presence.standing.is_present()) {
            let presence = now_present.get(key);
            if !presence.is_some_and(|presence| presence.standing.is_present())
                && !self.people.contains_key(key)
            {
                let look = Look { begun, exact: false, complete: true, presence };
                self.people.entry(key.clone()).or_default().absorb(&look, true, &rules);
            }
        }
    }

    fn fits(&mut self, sweep: &Sweep) -> bool {
        let people = &self.people;
        let leaving = |key: &str| {
            people.get(key).is_some_and(|person| {
                person.opens.iter().any(|open| open.kind.takes_away())
                    || person
                        .outcomes
                        .iter()
                        .any(|outcome| outcome.kind.takes_away() && outcome.settlement == Settlement::Effect)
            })
        };
        match picture::fit(self.picture.as_ref(), &sweep.people, leaving) {
            Fit::Fits => {
                self.pause = None;
                true
            }
            Fit::PeopleMissing { missing } => {
                let pause = self.pause.get_or_insert_default();
                pause.agreeing = if pause.missing == missing { pause.agreeing + 1 } else { 1 };
                pause.missing = missing;
                let believed = pause.approved && pause.agreeing >= 2;
                if believed {
                    self.pause = None;
                }
                believed
            }
        }
    }

    /// Somebody asked to believe what the sweeps show.
    pub fn approve_missing(&mut self) {
        if let Some(pause) = &mut self.pause {
            pause.approved = true;
        }
    }

    /// Takes in a look at one person; answers whether something is new.
    pub fn absorb_exact(&mut self, key: &str, begun: Instant, presence: Option<Presence>) -> bool {
        let rules = self.settings.rules;
        let before = self.sighting(key);
        let was_present = before.as_ref().is_some_and(|sighting| sighting.present().is_some());
        let person = self.people.entry(key.to_owned()).or_default();
        let look = Look { begun, exact: true, complete: true, presence: presence.as_ref() };
        let news = person.absorb(&look, was_present, &rules);
        let taken_away = person
            .outcomes
            .iter()
            .any(|outcome| outcome.kind.takes_away() && outcome.settlement == Settlement::Effect);
        let present = presence.as_ref().is_some_and(|presence| presence.standing.is_present());
        let changed = before.is_none_or(|sighting| sighting.presence != presence);
        person.exact = Some((begun, presence));
        if taken_away
            && !present
            && let Some(picture) = &mut self.picture
        {
            // Removed by us: the next sweep must not miss the person.
            picture.people.remove(key);
        }
        news || changed
    }

    pub fn health(&self) -> TenantHealth {
        TenantHealth {
            last_error: self.last_error.clone(),
            people_missing: self.pause.as_ref().map(|pause| pause.missing.len()),
            writes_refused: self.writes_refused,
            sweeps: self.sweeps,
            last_sweep: self.picture.as_ref().map(|picture| picture.begun),
        }
    }

    pub fn load(&self, now: Instant) -> TenantLoad {
        let swept = self.picture.as_ref().map_or(self.since, |picture| picture.begun);
        TenantLoad {
            queued: self.queue.len(),
            open_writes: self.people.values().map(|person| person.opens.len()).sum(),
            since_sweep: now.saturating_duration_since(swept),
            resync: self.settings.resync,
        }
    }
}

/// Whether the picture was begun after that time; the wait for it is over then.
fn ends(wait: &mut Option<Instant>, picture: Option<&Picture>) -> bool {
    wait.take_if(|since| picture.is_some_and(|picture| picture.begun >= *since)).is_some()
}

fn open_view(open: &OpenWrite, now: Instant, rules: &SettlementRules) -> OpenView {
    OpenView {
        attempt: open.attempt.clone(),
        object: open.object.clone(),
        kind: open.kind,
        unclear: match open.progress {
            Progress::InFlight => false,
            Progress::Ended { accepted, .. } => !accepted,
            Progress::Inherited { .. } => true,
        },
        in_flight: open.in_flight_until(rules).is_none_or(|until| now < until),
    }
}
