//! The right to act, checked at the moment of use.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use tokio::time::Instant;

/// How far the wall clock may fall behind the monotonic one before its word counts for nothing.
const WALL_CLOCK_TOLERANCE: Duration = Duration::from_secs(1);

/// The name of one candidacy and what it leads to, by which a process knows its own attempts: 16 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ProcessId(Arc<str>);

impl ProcessId {
    /// A new name, made when a process begins to stand by.
    pub fn random() -> Self {
        Self(format!("{:016x}", rand::random::<u64>()).into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProcessId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Both clocks, read together.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// Goes on while the process is stopped, never back; may stand still while the machine sleeps.
    pub monotonic: Instant,
    /// Goes on while the machine sleeps; may jump.
    pub wall: SystemTime,
}

impl Reading {
    /// Whether less than `limit` has passed by both clocks. A wall clock that went back proves nothing,
    /// so the answer is no.
    pub(super) fn is_within(self, limit: Duration, now: Self) -> bool {
        let monotonic = now.monotonic.saturating_duration_since(self.monotonic);
        now.wall.duration_since(self.wall).is_ok_and(|wall| {
            monotonic < limit && wall < limit && monotonic.saturating_sub(wall) <= WALL_CLOCK_TOLERANCE
        })
    }
}

/// Where the time comes from.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> Reading + Send + Sync>);

impl Clock {
    /// The clocks of this machine.
    pub fn system() -> Self {
        Self::new(|| Reading { monotonic: Instant::now(), wall: SystemTime::now() })
    }

    /// Clocks of one's own, for tests.
    pub fn new(read: impl Fn() -> Reading + Send + Sync + 'static) -> Self {
        Self(Arc::new(read))
    }

    /// Reads both clocks.
    pub fn read(&self) -> Reading {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock")
    }
}

/// The right to write to Kubernetes and to vendors; clones share it.
///
/// It is checked with [`Leadership::still_valid`] right before every write. A right that has run out may
/// come back by itself when a late renewal proves that nobody else led in between; one that was lost to
/// another process never does.
#[derive(Clone)]
pub struct Leadership(Arc<Inner>);

struct Inner {
    process: ProcessId,
    since: Instant,
    check: Box<dyn Fn() -> bool + Send + Sync>,
}

impl Leadership {
    /// A leadership that holds as long as the check says so: for a process that leads without a lease,
    /// and for tests.
    pub fn with_check(process: ProcessId, check: impl Fn() -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(Inner { process, since: Instant::now(), check: Box::new(check) }))
    }

    /// A leadership that always holds.
    #[cfg(test)]
    pub fn always() -> Self {
        Self::with_check(ProcessId::random(), || true)
    }

    /// Whether this process may write at this very moment.
    pub fn still_valid(&self) -> bool {
        (self.0.check)()
    }

    /// The process that leads: this one.
    pub fn process(&self) -> &ProcessId {
        &self.0.process
    }

    /// When this process began to lead.
    pub fn since(&self) -> Instant {
        self.0.since
    }
}

impl fmt::Debug for Leadership {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Leadership").field("process", &self.0.process).finish_non_exhaustive()
    }
}

/// What is known of the term of this process: when its last successful renewal began.
#[derive(Debug)]
pub(super) struct Tenure {
    deadline: Duration,
    clock: Clock,
    renewed: Mutex<Reading>,
    over: AtomicBool,
}

impl Tenure {
    pub(super) fn begin(deadline: Duration, clock: Clock, began: Reading) -> Arc<Self> {
        Arc::new(Self { deadline, clock, renewed: Mutex::new(began), over: AtomicBool::new(false) })
    }

    /// A renewal that began at this time was successful.
    pub(super) fn renewed(&self, began: Reading) {
        *self.last() = began;
    }

    /// When, by the monotonic clock, the right to act runs out.
    pub(super) fn runs_out(&self) -> Instant {
        self.last().monotonic + self.deadline
    }

    /// The term is over for good.
    pub(super) fn end(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    pub(super) fn is_valid(&self) -> bool {
        let renewed = *self.last();
        !self.over.load(Ordering::SeqCst) && renewed.is_within(self.deadline, self.clock.read())
    }

    fn last(&self) -> MutexGuard<'_, Reading> {
        // A reading is replaced as a whole, so a panic elsewhere leaves nothing half done.
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
