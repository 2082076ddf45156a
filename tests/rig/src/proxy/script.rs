//! What happens at which point, and what has happened so far.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::call::Call;

/// What a proxy does to a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The operator is killed, and the request never arrives.
    KillBefore,
    /// The request has its effect, then the operator is killed before it sees the answer.
    KillAfter,
    /// The request has its effect, and the connection breaks instead of an answer.
    DropResponse,
    /// The request arrives later, even when nobody waits for its answer any more.
    Delay(Duration),
    /// The operator is killed at once; the request is under way already, and arrives later.
    KillThenArrive(Duration),
    /// The request arrives twice.
    Duplicate,
    /// The request never arrives, and is answered with this status.
    Status(u16),
}

/// The n-th time that something is asked for in one life, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Point {
    /// What is asked for.
    pub operation: String,
    /// Whose life it is.
    pub subject: String,
    /// Which time.
    pub nth: u32,
}

impl fmt::Display for Point {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} of {} #{}", self.operation, self.subject, self.nth)
    }
}

/// One request that a proxy has seen.
#[derive(Debug, Clone)]
pub struct Entry {
    /// When.
    pub at: Instant,
    /// What it asks for.
    pub call: Call,
    /// Its place in each of its subjects' lives.
    pub points: Vec<Point>,
    /// What was done to it.
    pub fault: Option<Fault>,
}

struct Armed {
    point: Point,
    fault: Fault,
    hit: bool,
}

#[derive(Default)]
struct State {
    counts: HashMap<(String, String), u32>,
    entries: Vec<Entry>,
    armed: Vec<Armed>,
}

/// The script of one run, shared by its proxies.
pub struct Script {
    state: Mutex<State>,
    /// Which life of the operator this is. Held while it is killed, so that nothing passes meanwhile.
    life: Mutex<u64>,
    kill: Box<dyn Fn() + Send + Sync>,
}

impl Script {
    /// A script that does this at these points, each once; `kill` has to return when the operator is dead.
    pub fn new(faults: &[(Point, Fault)], kill: impl Fn() + Send + Sync + 'static) -> Self {
        let armed =
            faults.iter().map(|(point, fault)| Armed { point: point.clone(), fault: *fault, hit: false });
        let state = State { armed: armed.collect(), ..State::default() };
        Self { state: Mutex::new(state), life: Mutex::new(0), kill: Box::new(kill) }
    }

    /// All requests so far.
    pub fn entries(&self) -> Vec<Entry> {
        lock(&self.state).entries.clone()
    }

    /// The requests since a time that change something, aside from routine.
    pub fn writes_since(&self, since: Instant) -> Vec<Entry> {
        let state = lock(&self.state);
        let matters = |entry: &&Entry| entry.at >= since && entry.call.writes && !entry.call.routine;
        state.entries.iter().filter(matters).cloned().collect()
    }

    /// Points that nothing has come to yet.
    pub fn missed(&self) -> Vec<Point> {
        lock(&self.state).armed.iter().filter(|armed| !armed.hit).map(|armed| armed.point.clone()).collect()
    }

    /// Notes a request, and says what is to be done to it.
    pub(super) fn note(&self, call: Call) -> Option<Fault> {
        let mut state = lock(&self.state);
        let mut points = Vec::new();
        if !call.routine {
            for subject in &call.subjects {
                let count = state.counts.entry((call.operation.clone(), subject.clone())).or_default();
                *count += 1;
                points.push(Point {
                    operation: call.operation.clone(),
                    subject: subject.clone(),
                    nth: *count,
                });
            }
        }
        let due = state.armed.iter_mut().find(|armed| !armed.hit && points.contains(&armed.point));
        let fault = due.map(|armed| {
            armed.hit = true;
            armed.fault
        });
        state.entries.push(Entry { at: Instant::now(), call, points, fault });
        fault
    }

    /// Which life of the operator this is.
    pub(super) fn life(&self) -> u64 {
        *lock(&self.life)
    }

    /// Kills the operator, if it still is in that life.
    pub(super) fn kill(&self, life: u64) {
        let mut current = lock(&self.life);
        if *current == life {
            (self.kill)();
            *current += 1;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn call(operation: &str, subjects: &[&str], routine: bool) -> Call {
        let subjects = subjects.iter().map(ToString::to_string).collect();
        Call { operation: operation.to_owned(), subjects, routine, writes: true }
    }

    fn point(subject: &str, nth: u32) -> Point {
        Point { operation: "invite".to_owned(), subject: subject.to_owned(), nth }
    }

    #[test]
    fn occurrences_count_in_each_life_and_a_point_fires_once() {
        let script = Script::new(&[(point("bob", 2), Fault::KillBefore)], || ());
        assert_eq!(script.note(call("invite", &["ada"], false)), None);
        assert_eq!(script.note(call("invite", &["ada", "bob"], false)), None);
        assert_eq!(script.missed(), [point("bob", 2)]);
        assert_eq!(script.note(call("invite", &["ada", "bob"], false)), Some(Fault::KillBefore));
        assert!(script.missed().is_empty());
        assert_eq!(script.entries()[2].points, [point("ada", 3), point("bob", 2)]);
        assert_eq!(script.note(call("invite", &["bob"], false)), None);
    }

    #[test]
    fn routine_is_no_point() {
        let script = Script::new(&[(point("ada", 1), Fault::KillBefore)], || ());
        assert_eq!(script.note(call("invite", &["ada"], true)), None);
        assert!(script.entries()[0].points.is_empty());
    }

    #[test]
    fn a_life_ends_once() {
        let kills = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&kills);
        let script = Script::new(&[], move || {
            counted.fetch_add(1, Ordering::SeqCst);
        });
        let life = script.life();
        script.kill(life);
        script.kill(life);
        assert_eq!(kills.load(Ordering::SeqCst), 1);
        assert_ne!(script.life(), life);
    }
}
