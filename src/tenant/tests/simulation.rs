//! Vendor, worker and decisions together, with random faults and crashes: whatever happens, nobody gets a second
//! mail, nobody is lost, and no member is taken away by a call that was to take back an invitation.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use async_trait::async_trait;
use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::bench::{provider, request, seconds, settings};
use super::vendor::{CAN, FakeVendor, Say};
use crate::api::{InvitationState, RESEND_REQUESTED_AT};
use crate::plan::tests::world::{World, said, tenant};
use crate::plan::{Action, History, Plan, Recalled, open_attempt};
use crate::tenant::{
    Host, Intent, PersonView, Question, RecordedAttempt, Recording, Request, TenantSettings, Tenants, Wish,
    WriteKind,
};
use crate::vendor::{AccessChange, Capabilities, Email, ErrorClass, Person, Standing, TenantKey, Watched};

/// How many seeds are played; each is a history of its own.
const SEEDS: u64 = 100;
const PEOPLE: usize = 2;

/// One declared person, as the API server would keep it.
struct Declared {
    world: World,
    email: String,
    released: bool,
    resends_served: HashSet<String>,
}

/// What outlives a process.
struct Site {
    declared: Mutex<Vec<Declared>>,
    rng: Mutex<StdRng>,
    start: Instant,
    chaos: AtomicBool,
}

impl Site {
    fn chance(&self, percent: u32) -> bool {
        self.chaos.load(Ordering::SeqCst) && self.rng.lock().unwrap().random_ratio(percent, 100)
    }

    fn up_to(&self, most: u64) -> u64 {
        self.rng.lock().unwrap().random_range(0..=most)
    }
}

/// One process: its tenants, its client, its side of the objects.
struct Process {
    site: Arc<Site>,
    vendor: Arc<FakeVendor>,
    tenants: OnceLock<Tenants>,
    settings: TenantSettings,
}

/// The process as its tenant sees it.
struct Side(Weak<Process>);

impl Process {
    fn start(site: &Arc<Site>, vendor: FakeVendor, settings: &TenantSettings) -> Arc<Self> {
        let process = Arc::new(Self {
            site: Arc::clone(site),
            vendor: Arc::new(vendor),
            tenants: OnceLock::new(),
            settings: settings.clone(),
        });
        let tenants = Tenants::new(CancellationToken::new(), CancellationToken::new());
        let host: Arc<dyn Host> = Arc::new(Side(Arc::downgrade(&process)));
        let client: Arc<dyn crate::vendor::VendorClient> = process.vendor.clone();
        tenants.attach(&tenant(), provider(), client, true, settings.clone(), &host);
        assert!(process.tenants.set(tenants).is_ok());
        process
    }

    fn tenants(&self) -> &Tenants {
        self.tenants.get().unwrap()
    }

    fn is_dead(&self) -> bool {
        self.vendor.dead.load(Ordering::SeqCst)
    }

    /// What the controller does: asks the tenant, then decides.
    fn decide(&self, declared: &mut Declared, but_attempt: Option<&str>) -> (Plan, Recalled) {
        let world = &mut declared.world;
        let elapsed = SignedDuration::try_from(self.site.start.elapsed()).unwrap();
        world.now = World::new().now + elapsed;
        let found = world.found();
        let open = open_attempt(&world.object, &found, world.now, seconds(3600));
        let open_attempt = open.map(|open| RecordedAttempt {
            id: &open.attempt.id,
            kind: kind(open.attempt.kind),
            baseline: open.attempt.baseline.as_deref().unwrap_or_default(),
            change: AccessChange::default(),
            stale: open.stale,
        });
        let known = Recalled::new(&world.object, found.clone(), &[], Some(1)).knows_the_person();
        let question = Question {
            person: &Person::with_email(Email::new(&declared.email)),
            object: &declared.email,
            open_attempt,
            known,
        };
        let mut view: PersonView = self.tenants().ask(&tenant(), &question).unwrap();
        if let Some(attempt) = but_attempt {
            view.open.retain(|open| open.attempt != attempt);
        }
        world.person = Some(view);
        (world.plan(), world.recalled())
    }

    fn reconcile(&self, place: usize) {
        let mut all = self.site.declared.lock().unwrap();
        let declared = &mut all[place];
        if declared.released {
            return;
        }
        let (plan, recalled) = self.decide(declared, None);
        if self.site.chance(5) {
            return; // The write to the API server failed.
        }
        declared.world.apply(&plan);
        match plan.action {
            Some(Action::Request { wish, alone, .. }) => {
                self.tenants().request(&tenant(), Request { alone, ..request(&declared.email, wish) });
            }
            Some(Action::Release(_)) => declared.released = true,
            Some(Action::Record { .. }) => {}
            None => self.tenants().withdraw(&tenant(), &declared.email),
        }
        if let Some(outcome) = recalled.unwritten
            && plan.status.attempt.is_some_and(|line| line.id == outcome.attempt)
        {
            self.tenants().acknowledge(&tenant(), &declared.email, &declared.email, Some(&outcome.attempt));
        }
    }

    fn record_one(&self, intent: &Intent) -> Recording {
        let mut all = self.site.declared.lock().unwrap();
        let Some(declared) = all.iter_mut().find(|one| one.email == intent.request.object.uid) else {
            return Recording::NotWanted;
        };
        let (plan, _) = self.decide(declared, Some(&intent.attempt));
        let Some(Action::Request { wish, alone, draft }) = plan.action else { return Recording::NotWanted };
        if declared.released || wish != intent.request.wish || alone != intent.request.alone {
            return Recording::NotWanted;
        }
        if self.site.chance(5) {
            return Recording::Failed;
        }
        if matches!(wish, Wish::Invite(_)) {
            declared.resends_served.extend(draft.resend.clone());
        }
        let baseline = (!intent.baseline.is_empty()).then_some(intent.baseline.as_str());
        declared.world.record_intent(&draft, &intent.attempt, baseline);
        // The answer may be lost although the intent stands.
        if self.site.chance(5) { Recording::Failed } else { Recording::Recorded }
    }
}

#[async_trait]
impl Host for Side {
    async fn record(&self, _: &TenantKey, intents: &[Intent]) -> Vec<Recording> {
        let Some(process) = self.0.upgrade() else { return std::future::pending().await };
        sleep(seconds(process.site.up_to(4))).await;
        if process.is_dead() {
            return std::future::pending().await;
        }
        let recordings = intents.iter().map(|intent| process.record_one(intent)).collect();
        sleep(seconds(process.site.up_to(8))).await;
        if process.is_dead() {
            return std::future::pending().await;
        }
        recordings
    }

    fn leads(&self) -> bool {
        self.0.upgrade().is_some_and(|process| !process.site.chance(3))
    }

    fn watched(&self, _: &TenantKey, _: Option<&str>) -> Watched {
        Watched::default()
    }

    fn wake_people(&self, _: &TenantKey, _: Vec<String>) {}
    fn wake_everybody(&self, _: &TenantKey) {}
    fn wake_providers(&self, _: &TenantKey) {}
}

const fn kind(kind: crate::api::AttemptKind) -> WriteKind {
    match kind {
        crate::api::AttemptKind::Cancel => WriteKind::Cancel,
        crate::api::AttemptKind::Remove => WriteKind::Remove,
        crate::api::AttemptKind::Edit => WriteKind::Edit,
        crate::api::AttemptKind::Invite | crate::api::AttemptKind::Other => WriteKind::Invite,
    }
}

fn declare(place: usize) -> Declared {
    let email = format!("p{place}@example.com");
    let mut world = World::new();
    world.provider().spec.limits.min_resend_interval_seconds = 0;
    world.object.spec.email.clone_from(&email);
    Declared { world, email, released: false, resends_served: HashSet::new() }
}

/// Something happens to vendor, people or objects.
fn disturb(site: &Site, vendor: &FakeVendor, step: u64) {
    let place = usize::try_from(site.up_to(PEOPLE as u64 - 1)).unwrap();
    let email = format!("p{place}@example.com");
    if site.chance(10) {
        let says = [
            Say::Lie,
            Say::Lost,
            Say::Lost,
            Say::Dropped,
            Say::Dropped,
            Say::NotSent,
            Say::Silence,
            Say::Refuse(ErrorClass::Throttled),
        ];
        let say = says[usize::try_from(site.up_to(7)).unwrap()];
        vendor.state().says.push_back(say);
    }
    if site.chance(3) && vendor.truth(&email) == Some(Standing::Pending) {
        vendor.accept(&email);
    }
    if site.chance(3) {
        let mut all = site.declared.lock().unwrap();
        all[place].world.annotate(RESEND_REQUESTED_AT, &format!("request {step}"));
    }
    if site.chance(1) {
        let mut all = site.declared.lock().unwrap();
        let declared = &mut all[place];
        if declared.world.object.metadata.deletion_timestamp.is_none() && !declared.released {
            let held = declared.world.object.metadata.finalizers.is_some();
            declared.world = declared.world.clone().deleted();
            declared.released = !held;
        }
    }
    let mut state = vendor.state();
    state.lag = seconds(site.up_to(100));
    state.call_takes = seconds(site.up_to(15));
    state.incomplete = site.chance(20).then_some("the pages do not fit");
    state.looks_fail = site.chance(10);
}

async fn play(seed: u64) {
    let rng = StdRng::seed_from_u64(seed);
    let site = Arc::new(Site {
        declared: Mutex::new((0..PEOPLE).map(declare).collect()),
        rng: Mutex::new(rng),
        start: Instant::now(),
        chaos: AtomicBool::new(true),
    });
    let mut settings = settings();
    settings.resync = seconds(60);
    let one_call_for_both = seed.is_multiple_of(2);
    if one_call_for_both {
        (settings.limits.invite, settings.limits.cancel, settings.limits.remove) = (1, 1, 1);
    }
    let mut process = Process::start(
        &site,
        FakeVendor::new(Capabilities { cancel_is_remove: one_call_for_both, ..CAN }),
        &settings,
    );
    for step in 0..200 {
        disturb(&site, &process.vendor, step);
        if site.chance(4) {
            process.vendor.dead.store(true, Ordering::SeqCst);
            let vendor = process.vendor.again();
            process = Process::start(&site, vendor, &process.settings.clone());
            if site.chance(20) {
                let mut all = site.declared.lock().unwrap();
                let place = usize::try_from(site.up_to(PEOPLE as u64 - 1)).unwrap();
                all[place].world.object.status = None;
            }
        }
        for place in 0..PEOPLE {
            process.reconcile(place);
        }
        sleep(seconds(5)).await;
    }
    site.chaos.store(false, Ordering::SeqCst);
    {
        let mut state = process.vendor.state();
        state.says.clear();
        state.incomplete = None;
        state.looks_fail = false;
        state.lag = seconds(0);
    }
    for _ in 0..90 {
        for place in 0..PEOPLE {
            process.reconcile(place);
        }
        sleep(seconds(20)).await;
    }
    judge(seed, &site, &process);
}

fn judge(seed: u64, site: &Site, process: &Process) {
    let vendor = &process.vendor;
    assert!(vendor.state().wronged.is_empty(), "seed {seed}: a member was taken away");
    let mut all = site.declared.lock().unwrap();
    for declared in all.iter_mut() {
        let email = declared.email.clone();
        let mails = vendor.mails_to(&email);
        let allowed = 1 + declared.resends_served.len();
        assert!(mails <= allowed, "seed {seed}: {mails} mails to {email}, {allowed} allowed");
        let truth = vendor.truth(&email);
        if declared.released {
            assert_ne!(
                truth,
                Some(Standing::Pending),
                "seed {seed}: {email} keeps an invitation that nobody owns"
            );
            continue;
        }
        let (plan, recalled) = process.decide(declared, None);
        let say = said(&plan);
        assert_ne!(recalled.history, History::Open, "seed {seed}: {email} is not settled: {say}");
        match plan.status.state {
            Some(InvitationState::Pending) => {
                assert_eq!(truth, Some(Standing::Pending), "seed {seed}: {say}");
            }
            Some(InvitationState::Accepted) => {
                assert_eq!(truth, Some(Standing::Member), "seed {seed}: {say}");
            }
            Some(InvitationState::OutcomeUnknown | InvitationState::Revoked | InvitationState::Removed) => {
                assert!(say.ends_with("Stalled"), "seed {seed}: {say}");
                assert_eq!(truth, None, "seed {seed}: {say}");
            }
            _ => panic!("seed {seed}: {email} is lost: {say}"),
        }
    }
}

#[test]
fn whatever_happens_nobody_gets_a_second_mail_and_nobody_is_lost() {
    let threads: Vec<_> = [0, 1]
        .map(|half| {
            std::thread::spawn(move || {
                for seed in (0..SEEDS).filter(|seed| seed % 2 == half) {
                    let runtime = tokio::runtime::Builder::new_current_thread()
                        .enable_time()
                        .start_paused(true)
                        .build()
                        .unwrap();
                    runtime.block_on(play(seed));
                }
            })
        })
        .into_iter()
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
}
