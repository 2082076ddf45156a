//! Which of the runs with a single fault are made.

use std::collections::HashSet;

use test_rig::proxy::{Fault, Point};
use test_rig::vendors::{Abilities, Case};

use crate::trial::{FAULTS, LATE, Trial};

/// A vendor, and what was learned of it.
pub struct Subject {
    /// The vendor.
    pub case: &'static Case,
    /// What its provider says that it can do.
    pub can: Abilities,
    /// What the operator asks for in the scenario.
    pub points: Vec<Point>,
}

/// How many of the runs with a single fault are made. Calls that change something at the vendor always have all
/// faults, and arrive late, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Measure {
    /// Every point with every fault.
    All,
    /// Every point; with one fault in turn where nothing changes at the vendor.
    EveryPoint,
    /// Only the points where something changes at the vendor.
    Writes,
}

impl Measure {
    fn wants(self, turn: usize, kind: usize) -> bool {
        match self {
            Self::All => true,
            Self::EveryPoint => kind == turn % FAULTS.len(),
            Self::Writes => false,
        }
    }

    /// The runs, and how many there could be.
    pub fn trials(self, subject: &Subject) -> (Vec<Trial>, usize) {
        let Subject { case, can, points } = subject;
        let (mut trials, mut all) = (Vec::new(), 0);
        for (turn, point) in points.iter().enumerate() {
            let writes = case.calls.is_write(&point.operation);
            let late = LATE.into_iter().filter(|_| writes);
            let faults: Vec<Fault> = FAULTS.into_iter().chain(late).collect();
            all += faults.len();
            let wanted = faults.into_iter().enumerate().filter(|(kind, _)| writes || self.wants(turn, *kind));
            let run = |(_, fault)| Trial { case, can: *can, faults: vec![(point.clone(), fault)] };
            trials.extend(wanted.map(run));
        }
        (trials, all)
    }
}

/// At how many points something goes wrong in some run.
pub fn points_of(trials: &[Trial]) -> usize {
    trials.iter().flat_map(|trial| &trial.faults).map(|(point, _)| point).collect::<HashSet<_>>().len()
}
