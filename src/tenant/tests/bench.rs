//! A tenant with its worker, a fake vendor and a fake host, under paused time.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::vendor::{CAN, FakeVendor};
use crate::tenant::{
    BatchLimits, Host, Intent, ObjectId, Outcome, PersonView, ProviderId, Question, RecordedAttempt,
    Recording, Request, SettlementRules, TenantHealth, TenantSettings, Tenants, Wish, WriteKind,
};
use crate::vendor::{self, Capabilities, Email, InviteTerms, Person, Target, TenantKey, Vendor, Watched};

pub const GRACE: u64 = 120;

pub const fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub const fn rules() -> SettlementRules {
    SettlementRules {
        grace: seconds(GRACE),
        send_limit: seconds(10),
        call_timeout: seconds(20),
        exact_read: true,
    }
}

pub fn settings() -> TenantSettings {
    TenantSettings {
        rules: rules(),
        limits: BatchLimits { invite: 20, cancel: 20, remove: 20, window: seconds(1) },
        resync: seconds(600),
        look_freshness: seconds(60),
        first_look: seconds(2),
        last_look: seconds(60),
    }
}

pub fn terms() -> InviteTerms {
    InviteTerms { grants: Vec::new(), notification: vendor::Notification::Send }
}

pub fn tenant_key(account: &str) -> TenantKey {
    TenantKey {
        vendor: Vendor::VmwareCloudServices,
        host: "vendor.example.com".to_owned(),
        account_id: account.to_owned(),
    }
}

pub fn provider() -> ProviderId {
    ProviderId("team/csp".to_owned())
}

/// A request of the object that is named like its person.
pub fn request(email: &str, wish: Wish) -> Request {
    let uid = email.to_owned();
    Request {
        object: ObjectId { namespace: "team".to_owned(), name: uid.clone(), uid },
        provider: provider(),
        person: Person::with_email(Email::new(email)),
        wish,
        alone: false,
    }
}

pub fn target(email: &str, id: &str) -> Target {
    Target {
        email: Email::new(email),
        user_id: Some(format!("user-{id}")),
        invitation_id: Some(format!("invitation-{id}")),
    }
}

/// Records what it is asked to, or not.
#[derive(Default)]
pub struct FakeHost {
    pub intents: Mutex<Vec<(Instant, Intent)>>,
    pub answers: Mutex<Option<Recording>>,
    pub takes: Mutex<Duration>,
    pub lost: AtomicBool,
    /// Leadership goes while intents are recorded.
    pub lost_while_recording: AtomicBool,
    pub woken: Mutex<Vec<String>>,
    pub providers_woken: Mutex<usize>,
}

#[async_trait]
impl Host for Arc<FakeHost> {
    async fn record(&self, _: &TenantKey, intents: &[Intent]) -> Vec<Recording> {
        let takes = *self.takes.lock().unwrap();
        self.intents.lock().unwrap().extend(intents.iter().map(|intent| (Instant::now(), intent.clone())));
        sleep(takes).await;
        self.lost.fetch_or(self.lost_while_recording.load(Ordering::SeqCst), Ordering::SeqCst);
        let answer = self.answers.lock().unwrap().unwrap_or(Recording::Recorded);
        vec![answer; intents.len()]
    }

    fn leads(&self) -> bool {
        !self.lost.load(Ordering::SeqCst)
    }

    fn watched(&self, _: &TenantKey, _: Option<&str>) -> Watched {
        Watched::default()
    }

    fn wake_people(&self, _: &TenantKey, people: Vec<String>) {
        self.woken.lock().unwrap().extend(people);
    }

    fn wake_everybody(&self, _: &TenantKey) {
        self.woken.lock().unwrap().push("everybody".to_owned());
    }

    fn wake_providers(&self, _: &TenantKey) {
        *self.providers_woken.lock().unwrap() += 1;
    }
}

pub struct Bench {
    pub vendor: Arc<FakeVendor>,
    pub host: Arc<FakeHost>,
    pub tenants: Tenants,
    pub key: TenantKey,
    pub stop: CancellationToken,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(CAN, settings())
    }

    pub fn with(can: Capabilities, settings: TenantSettings) -> Self {
        let stop = CancellationToken::new();
        let bench = Self {
            vendor: Arc::new(FakeVendor::new(can)),
            host: Arc::default(),
            tenants: Tenants::new(stop.clone(), CancellationToken::new()),
            key: tenant_key("org"),
            stop,
        };
        bench.attach(settings);
        bench
    }

    pub fn attach(&self, settings: TenantSettings) {
        let host: Arc<dyn Host> = Arc::new(Arc::clone(&self.host));
        let client: Arc<dyn crate::vendor::VendorClient> = self.vendor.clone();
        self.tenants.attach(&self.key, provider(), client, true, settings, &host);
    }

    pub fn ask(&self, email: &str) -> PersonView {
        self.question(email, None, false)
    }

    pub fn question(
        &self,
        email: &str,
        open_attempt: Option<RecordedAttempt<'_>>,
        known: bool,
    ) -> PersonView {
        let question =
            Question { person: &Person::with_email(Email::new(email)), object: email, open_attempt, known };
        self.tenants.ask(&self.key, &question).unwrap()
    }

    pub fn request(&self, email: &str, wish: Wish) {
        self.tenants.request(&self.key, request(email, wish));
    }

    pub fn invite(&self, email: &str) {
        self.request(email, Wish::Invite(terms()));
    }

    pub fn outcomes(&self, email: &str) -> Vec<Outcome> {
        self.ask(email).outcomes
    }

    pub fn health(&self) -> TenantHealth {
        self.tenants.health(&self.key).unwrap()
    }

    pub fn intents(&self) -> Vec<(Instant, Intent)> {
        self.host.intents.lock().unwrap().clone()
    }

    /// Waits, in paused time, until a write for the person is settled and no other is open; answers how long that
    /// took.
    pub async fn settled(&self, email: &str, at_most: Duration) -> Duration {
        let begun = Instant::now();
        while self.outcomes(email).is_empty() || !self.ask(email).open.is_empty() {
            assert!(begun.elapsed() < at_most, "not settled after {at_most:?}");
            sleep(Duration::from_millis(100)).await;
        }
        begun.elapsed()
    }

    pub fn kinds(&self) -> Vec<WriteKind> {
        self.vendor.calls().iter().map(|call| call.kind).collect()
    }
}
