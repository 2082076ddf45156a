//! One worker for each vendor tenant: looks, the queue, calls, open writes and their outcomes.
//!
//! Reconciles ask what is known of a person and put requests into the queue; they never wait for a vendor. The
//! worker alone speaks to the vendor. Nothing here knows what a resource looks like: intents are recorded, and
//! objects woken, through [`Host`].

mod calls;
mod host;
mod person;
mod picture;
mod queue;
mod request;
mod state;
#[cfg(test)]
mod tests;
mod worker;
mod write;

pub use host::{Host, Intent, Made, News, NoPassword, Recording, SweepEnd, Tally};
pub use person::Sighting;
pub use request::{BatchLimits, ObjectId, ProviderId, Request, Wish};
pub use state::{OpenView, PersonView, Question, RecordedAttempt, TenantHealth, TenantLoad, TenantSettings};
pub use write::{Outcome, Settlement, SettlementRules, WriteKind};

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use rand::Rng;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::error;

use crate::vendor::{Email, Names, Person, Presence, TenantKey, VendorClient};
use state::{Credential, TenantState, Wanted};
use worker::Worker;

/// What a tenant's worker shares with the reconciles.
#[derive(Debug)]
struct Shared {
    key: TenantKey,
    state: Mutex<TenantState>,
    changed: Notify,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, TenantState> {
        // A panic while the lock was held stops the process; until then the state is still the best there is.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn client(&self, provider: &ProviderId) -> Option<Arc<dyn VendorClient>> {
        self.lock().credentials.get(provider).map(|credential| Arc::clone(&credential.client))
    }

    /// The person as an object wrote it down, where one did.
    fn person(&self, key: &str) -> Person {
        let known = self.lock().people.get(key).and_then(|entry| entry.whom.clone());
        known.unwrap_or_else(|| Person::with_email(Email::new(key)))
    }
}

/// Every tenant this process knows. Open writes live here for as long as the process does, whatever happens to
/// workers, providers and credentials.
#[derive(Debug)]
pub struct Tenants {
    by_key: Mutex<HashMap<TenantKey, Arc<Shared>>>,
    stop: CancellationToken,
    fatal: CancellationToken,
    workers: TaskTracker,
}

impl Tenants {
    /// `stop` ends the workers after the call they are making; a worker that panics cancels `fatal`.
    pub fn new(stop: CancellationToken, fatal: CancellationToken) -> Self {
        Self { by_key: Mutex::default(), stop, fatal, workers: TaskTracker::new() }
    }

    fn get(&self, key: &TenantKey) -> Option<Arc<Shared>> {
        self.by_key.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    /// Gives a tenant a credential to work with; the first one starts its worker. The provider that serves also
    /// says how the tenant behaves.
    pub fn attach(
        &self,
        key: &TenantKey,
        provider: ProviderId,
        client: Arc<dyn VendorClient>,
        serves: bool,
        settings: TenantSettings,
        host: &Arc<dyn Host>,
    ) {
        let (shared, new) = {
            let mut tenants = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
            let new = !tenants.contains_key(key);
            let shared = tenants.entry(key.clone()).or_insert_with(|| {
                Arc::new(Shared {
                    key: key.clone(),
                    state: Mutex::new(TenantState::new(settings.clone())),
                    changed: Notify::new(),
                })
            });
            (Arc::clone(shared), new)
        };
        let were_refused = {
            let mut state = shared.lock();
            if serves {
                state.settings = settings;
            }
            state.credentials.insert(provider, Credential { client, serves });
            // What failed with the credential before says nothing about this one.
            state.sweep_wanted |= state.last_error.take().is_some();
            std::mem::take(&mut state.writes_refused)
        };
        shared.changed.notify_one();
        if were_refused {
            host.wake_everybody(key);
        }
        if new {
            host.note(key, News::Begun);
            let worker = Worker::new(Arc::clone(&shared), Arc::clone(host), self.stop.clone());
            let fatal = self.fatal.clone();
            self.workers.spawn(async move {
                if AssertUnwindSafe(worker.run()).catch_unwind().await.is_err() {
                    error!(tenant = %shared.key, "the tenant's worker panicked; stopping");
                    fatal.cancel();
                }
            });
        }
    }

    /// Takes a provider's credential away from a tenant.
    pub fn detach(&self, key: &TenantKey, provider: &ProviderId) {
        if let Some(shared) = self.get(key) {
            shared.lock().credentials.remove(provider);
            shared.changed.notify_one();
        }
    }

    /// What is known of a person. Also registers an open attempt that memory does not know.
    pub fn ask(&self, key: &TenantKey, question: &Question<'_>) -> Option<PersonView> {
        let shared = self.get(key)?;
        let view = shared.lock().ask(question, Instant::now());
        if view.open.iter().any(|open| open.unclear) || question.known {
            shared.changed.notify_one();
        }
        Some(view)
    }

    /// Puts a request into the tenant's queue. Nothing happens for a tenant that has no worker.
    pub fn request(&self, key: &TenantKey, request: Request) {
        if let Some(shared) = self.get(key) {
            shared.lock().enqueue(request, Instant::now());
            shared.changed.notify_one();
        }
    }

    /// Takes back what an object asked for.
    pub fn withdraw(&self, key: &TenantKey, object: &str) {
        if let Some(shared) = self.get(key) {
            shared.lock().withdraw(object);
        }
    }

    /// Drops the outcome of one attempt, or every outcome of an object that is gone.
    pub fn acknowledge(&self, key: &TenantKey, person: &str, object: &str, attempt: Option<&str>) {
        if let Some(shared) = self.get(key) {
            shared.lock().acknowledge(person, object, attempt);
        }
    }

    /// What can be named at the vendor; `None`: it was not read yet, and will be.
    pub fn names(&self, key: &TenantKey) -> Option<Arc<Names>> {
        let shared = self.get(key)?;
        let mut state = shared.lock();
        if state.names.is_none() && state.names_wanted != Wanted::Now {
            state.names_wanted = Wanted::Now;
            shared.changed.notify_one();
        }
        state.names.clone()
    }

    /// The same, without asking for them to be read.
    pub fn known_names(&self, key: &TenantKey) -> Option<Arc<Names>> {
        self.get(key)?.lock().names.clone()
    }

    /// A name was not among those known: they are read again with the next sweep.
    pub fn doubt_names(&self, key: &TenantKey) {
        if let Some(shared) = self.get(key) {
            let mut state = shared.lock();
            if state.names_wanted == Wanted::No {
                state.names_wanted = Wanted::Later;
            }
        }
    }

    /// Asks for a sweep now.
    pub fn look_now(&self, key: &TenantKey) {
        if let Some(shared) = self.get(key) {
            shared.lock().sweep_wanted = true;
            shared.changed.notify_one();
        }
    }

    /// Asks for a sweep now, for somebody who is to be woken by it even if it shows nothing new.
    pub fn look_for(&self, key: &TenantKey, person: &str) {
        if let Some(shared) = self.get(key) {
            shared.lock().looked_for.insert(person.to_owned());
            self.look_now(key);
        }
    }

    /// Somebody says that the people whom the sweeps miss are really gone.
    pub fn approve_missing(&self, key: &TenantKey) {
        if let Some(shared) = self.get(key) {
            shared.lock().approve_missing();
            self.look_now(key);
        }
    }

    /// Asks for a look at everybody that begins after now; once it fits, everybody is woken.
    pub fn look_afresh(&self, key: &TenantKey) {
        if let Some(shared) = self.get(key) {
            shared.lock().everybody_waits = Some(Instant::now());
            self.look_now(key);
        }
    }

    /// How the tenant is doing; `None`: it was never attached.
    pub fn health(&self, key: &TenantKey) -> Option<TenantHealth> {
        Some(self.get(key)?.lock().health())
    }

    /// How much there is to do for the tenant; `None`: it was never attached.
    pub fn load(&self, key: &TenantKey) -> Option<TenantLoad> {
        Some(self.get(key)?.lock().load(Instant::now()))
    }

    /// How many of the people in the tenant count; `None`: nobody has looked yet.
    pub fn count_people(&self, key: &TenantKey, counts: impl Fn(&str) -> bool) -> Option<usize> {
        let shared = self.get(key)?;
        let state = shared.lock();
        let people = &state.picture.as_ref()?.people;
        Some(people.iter().filter(|(key, presence)| presence.standing.is_present() && counts(key)).count())
    }

    /// Everybody in the tenant, as `shown`, from a complete look that began then or later. `None`: there is none; it is
    /// made, and the tenant's providers are woken.
    pub fn everybody<T>(
        &self,
        key: &TenantKey,
        since: Instant,
        shown: impl Fn(&str, &Presence) -> Option<T>,
    ) -> Option<Vec<T>> {
        let shared = self.get(key)?;
        let mut state = shared.lock();
        if let Some(picture) = state.picture.as_ref().filter(|picture| picture.begun >= since) {
            let present = picture.people.iter().filter(|(_, presence)| presence.standing.is_present());
            return Some(present.filter_map(|(key, presence)| shown(key, presence)).collect());
        }
        state.providers_wait = Some(since);
        state.sweep_wanted = true;
        shared.changed.notify_one();
        None
    }

    /// Waits until every worker has finished; for a clean stop, after `stop` was cancelled.
    pub async fn stopped(&self) {
        self.workers.close();
        self.workers.wait().await;
    }
}

/// An id that no other attempt has, of whichever process.
fn attempt_id() -> String {
    format!("{:032x}", rand::rng().random::<u128>())
}
