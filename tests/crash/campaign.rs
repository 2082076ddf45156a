//! Many runs side by side: learning the points of a vendor, then every point with every fault.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use test_rig::Lab;
use test_rig::proxy::Fault;
use test_rig::vendors::Case as Vendor;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::measure::{Measure, Subject, points_of};
use crate::points;
use crate::replicas::{self, Case};
use crate::run::{Outcome, abilities, run};
use crate::trial::{Trial, fault_name};

/// How many runs go side by side. Nearly all of their time is waiting.
const SIDE_BY_SIDE: usize = 12;

/// How many runs without a fault are learned from: one after the other, and as many side by side as later. What happens
/// only when the machine is busy, or only when it is not, is no point.
const CALM_LESSONS: usize = 2;
const BUSY_LESSONS: usize = SIDE_BY_SIDE;

/// How long nothing may happen after each run.
const QUIET: Duration = Duration::from_secs(3);

/// How long nothing may happen after one run for each vendor. These runs go side by side.
const LONG_QUIET: Duration = Duration::from_secs(30);

/// How often a run is made whose point did not come.
const TRIES: usize = 6;

/// How often progress is told.
const TELL: Duration = Duration::from_secs(8);

/// Runs for one lab, counted.
pub struct Campaign {
    lab: Arc<Lab>,
    room: Arc<Semaphore>,
    names: Arc<AtomicUsize>,
    /// Only runs whose name contains this.
    only: Option<String>,
    /// What came of each vendor.
    told: Vec<String>,
    /// Runs that were as they should be.
    pub passed: usize,
    /// Runs that were not.
    pub failed: usize,
}

impl Campaign {
    /// A campaign in this lab.
    pub fn new(lab: Arc<Lab>, only: Option<String>) -> Self {
        let room = Arc::new(Semaphore::new(SIDE_BY_SIDE));
        Self { lab, room, names: Arc::default(), only, told: Vec::new(), passed: 0, failed: 0 }
    }

    /// Whether any run of this vendor is wanted.
    pub fn concerns(&self, case: &Vendor) -> bool {
        let its = |only: &String| only == case.name || only.starts_with(&format!("{case} "));
        self.only.as_ref().is_none_or(its)
    }

    /// Asks a running provider what its vendor can do, plays without faults, and learns the points.
    pub async fn learn(&mut self, case: &'static Vendor) -> Subject {
        let begun = Instant::now();
        let can = abilities(&self.lab, &place(&self.names, case), case).await;
        println!("{case}: {can:?}");
        let lessons = |number: usize| vec![Trial { case, can, faults: Vec::new() }; number];
        let mut outcomes = Vec::new();
        for _ in 0..CALM_LESSONS {
            outcomes.extend(self.all(lessons(1), QUIET, "without faults").await);
        }
        outcomes.extend(self.all(lessons(BUSY_LESSONS), QUIET, "without faults, side by side").await);
        let runs: Vec<_> = outcomes.into_iter().map(|outcome| outcome.entries).collect();
        let points = points::common(&runs);
        println!("{case}: {} points, learned in {:?}", points.len(), begun.elapsed());
        for point in &points {
            println!("    {point}");
        }
        Subject { case, can, points }
    }

    /// Points with single faults.
    pub async fn single_faults(&mut self, subject: &Subject, measure: Measure) {
        let (case, (trials, all)) = (subject.case, measure.trials(subject));
        let (points, hit) = (subject.points.len(), points_of(&trials));
        let scope = format!("{hit} of {points} points, {} of {all} runs", trials.len());
        self.faults(case, trials, "single faults", &scope).await;
    }

    /// Pairs of kills, at most `most` of them.
    pub async fn pairs(&mut self, subject: &Subject, most: usize) {
        let Subject { case, can, points } = subject;
        let kills = [Fault::KillBefore, Fault::KillAfter];
        let mut trials = Vec::new();
        for (one, other) in points::pairs(points) {
            for first in kills {
                trials.extend(kills.map(|second| Trial {
                    case,
                    can: *can,
                    faults: vec![(one.clone(), first), (other.clone(), second)],
                }));
            }
        }
        let all = trials.len();
        let trials = points::selection(&trials, most);
        let scope = format!("{} of {all} runs", trials.len());
        self.faults(case, trials, "pairs", &scope).await;
    }

    /// A long silence after a run without faults, for each vendor.
    pub async fn long_quiet(&mut self, subjects: &[Subject]) {
        let wanted =
            subjects.iter().filter(|subject| self.only.as_ref().is_none_or(|only| only == subject.case.name));
        let silent = |subject: &Subject| Trial { case: subject.case, can: subject.can, faults: Vec::new() };
        self.all(wanted.map(silent).collect(), LONG_QUIET, "long silence").await;
    }

    /// Says once more what came of each vendor.
    pub fn tell(&self) {
        for line in &self.told {
            println!("{line}");
        }
    }

    /// Two replicas on one lease, in every case.
    pub async fn replicas(&mut self) {
        let mut cases = JoinSet::new();
        for case in Case::ALL {
            let (lab, name) =
                (Arc::clone(&self.lab), format!("replicas-{}", format!("{case:?}").to_lowercase()));
            if self.only.as_ref().is_none_or(|only| name.contains(only)) {
                cases.spawn(async move { (case, replicas::run(&lab, case, &name).await) });
            }
        }
        while let Some(ended) = cases.join_next().await {
            let (case, result) = ended.unwrap_or_else(|error| panic!("a case broke: {error}"));
            println!("replicas: {case:?}: {}", result.as_ref().unwrap_or_else(|wrong| wrong));
            self.passed += usize::from(result.is_ok());
            self.failed += usize::from(result.is_err());
        }
    }

    async fn faults(&mut self, case: &Vendor, mut trials: Vec<Trial>, what: &str, scope: &str) {
        println!("{case}: {what}: {scope}");
        if let Some(only) = &self.only {
            trials.retain(|trial| trial.to_string().contains(only));
        }
        let begun = Instant::now();
        let kinds: Vec<String> = trials.iter().map(kind).collect();
        let outcomes = self.all(trials, QUIET, what).await;
        let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
        for (kind, outcome) in kinds.iter().zip(&outcomes) {
            let (hit, broken) = table.entry(kind).or_default();
            *hit += usize::from(outcome.missed.is_empty() && !outcome.turned_off);
            *broken += usize::from(!outcome.broken.is_empty());
        }
        for (kind, (hit, broken)) in table {
            println!("{case}: {kind}: {hit} points hit, {broken} broke an invariant");
        }
        let hit = outcomes.iter().filter(|outcome| outcome.missed.is_empty() && !outcome.turned_off).count();
        let broken = outcomes.iter().filter(|outcome| !outcome.broken.is_empty()).count();
        self.told
            .push(format!("{case}: {what}: {hit} of {} hit, {broken} broke an invariant", outcomes.len()));
        let turned_off = outcomes.iter().filter(|outcome| outcome.turned_off).count();
        println!(
            "{case}: {what}: {} runs in {:?}; in {turned_off} the second point never came after the first fault",
            outcomes.len(),
            begun.elapsed()
        );
    }

    async fn all(&mut self, trials: Vec<Trial>, quiet: Duration, what: &str) -> Vec<Outcome> {
        let total = trials.len();
        let mut runs = JoinSet::new();
        for (at, trial) in trials.into_iter().enumerate() {
            let (lab, room, names) = (Arc::clone(&self.lab), Arc::clone(&self.room), Arc::clone(&self.names));
            runs.spawn(async move {
                let _place = room.acquire_owned().await.expect("the room is never closed");
                (at, trial.to_string(), one(&lab, &names, &trial, quiet).await)
            });
        }
        let mut outcomes: BTreeMap<usize, Outcome> = BTreeMap::new();
        let mut tell = tokio::time::interval(TELL);
        tell.tick().await;
        while outcomes.len() < total {
            tokio::select! {
                _ = tell.tick() => println!("  {what}: {} of {total} runs, {} failed so far", outcomes.len(), self.failed),
                Some(ended) = runs.join_next() => {
                    let (at, name, outcome) = ended.unwrap_or_else(|error| panic!("a run broke: {error}"));
                    self.count(&name, &outcome);
                    outcomes.insert(at, outcome);
                }
            }
        }
        outcomes.into_values().collect()
    }

    fn count(&mut self, name: &str, outcome: &Outcome) {
        if outcome.broken.is_empty() && outcome.missed.is_empty() {
            self.passed += 1;
            return;
        }
        self.failed += 1;
        println!("FAILED {name} (after {:?}; {})", outcome.took, outcome.log.display());
        for missed in &outcome.missed {
            println!("    not hit: {missed}");
        }
        for broken in &outcome.broken {
            println!("    {broken}");
        }
    }
}

/// One run; again in a new place when its point did not come but nothing else is wrong.
async fn one(lab: &Arc<Lab>, names: &AtomicUsize, trial: &Trial, quiet: Duration) -> Outcome {
    for _ in 1..TRIES {
        let outcome = run(lab, &place(names, trial.case), trial, quiet).await;
        if outcome.missed.is_empty() || !outcome.broken.is_empty() {
            return outcome;
        }
    }
    let mut outcome = run(lab, &place(names, trial.case), trial, quiet).await;
    if let [_, (second, _)] = trial.faults.as_slice()
        && outcome.missed == [second.to_string()]
    {
        // What the first fault delayed is called with other people, or not at all: the second point is none there.
        outcome.turned_off = outcome.missed.pop().is_some();
    }
    outcome
}

fn place(names: &AtomicUsize, case: &Vendor) -> String {
    format!("crash-{case}-{:04}", names.fetch_add(1, Ordering::SeqCst))
}

fn kind(trial: &Trial) -> String {
    let names: Vec<&str> = trial.faults.iter().map(|(_, fault)| fault_name(*fault)).collect();
    names.join(" then ")
}
