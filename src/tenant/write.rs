//! One vendor write for one person, from its recording to its settlement (the rules of open writes).

use std::time::Duration;

use tokio::time::Instant;

use crate::vendor::{AccessChange, Presence, Refusal};

/// What a write does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WriteKind {
    /// Invite a person.
    Invite,
    /// Take back a pending invitation.
    Cancel,
    /// Remove a member.
    Remove,
    /// Change what a person holds.
    Edit,
}

impl WriteKind {
    /// Whether it takes the person away.
    pub const fn takes_away(self) -> bool {
        match self {
            Self::Cancel | Self::Remove => true,
            Self::Invite | Self::Edit => false,
        }
    }
}

/// Who made the call, and how far it is known to have come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// This process recorded it and has not finished the call.
    InFlight,
    /// This process made the call and it ended.
    Ended {
        /// When the call ended.
        at: Instant,
        /// Whether the vendor answered with a success; `false`: nobody can say.
        accepted: bool,
    },
    /// Another process recorded it (or this one, and memory does not know it).
    Inherited {
        /// When this process first saw it.
        first_seen: Instant,
    },
}

/// A write that is open: nothing else may be written for the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenWrite {
    /// The attempt's id.
    pub attempt: String,
    /// The object that recorded it, by uid.
    pub object: String,
    /// What it does.
    pub kind: WriteKind,
    /// The person's fingerprint before it; empty: the person was not there.
    pub baseline: String,
    /// What an edit is to change; empty for the others.
    pub change: AccessChange,
    /// How far it has come.
    pub progress: Progress,
    /// So old at first sight that, if it had no effect, nobody should send again by himself.
    stale: bool,
    /// What looks begun after the grace period have shown so far.
    late_looks: LateLooks,
    last_look: Option<Instant>,
    looks_made: u32,
    /// The last look counted, and only another one is missing.
    hurries: bool,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct LateLooks {
    total: u32,
    exact: u32,
    last_present: bool,
}

/// One look at one person.
#[derive(Debug, Clone)]
pub struct Look<'a> {
    /// When the look began.
    pub begun: Instant,
    /// Whether it was a reading of this person alone; `false`: a complete sweep.
    pub exact: bool,
    /// Whether it can prove absence.
    pub complete: bool,
    /// What it showed.
    pub presence: Option<&'a Presence>,
}

/// Times that settlement depends on.
#[derive(Debug, Clone, Copy)]
pub struct SettlementRules {
    /// How long a vendor may take to show an accepted request.
    pub grace: Duration,
    /// How long after its intent a call may still be begun.
    pub send_limit: Duration,
    /// How long a call may take.
    pub call_timeout: Duration,
    /// Whether the vendor can read one person.
    pub exact_read: bool,
}

/// How a write ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// Its effect was seen.
    Effect,
    /// It had none: settled by two late looks.
    NoEffect,
    /// An invite of a person who was there and still is as before.
    Unchanged,
    /// The vendor refused this person.
    Refused(Refusal),
    /// No byte was written, or the intent was never used: a new intent is needed.
    Unsent,
}

/// A settled write, remembered until it stands in the object's status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The attempt's id.
    pub attempt: String,
    /// The object that recorded it, by uid.
    pub object: String,
    /// What it did.
    pub kind: WriteKind,
    /// Whether the vendor answered with a success.
    pub accepted: bool,
    /// How it ended.
    pub settlement: Settlement,
    /// So old at first sight that, if it had no effect, nobody should send again by himself.
    pub stale: bool,
}

impl OpenWrite {
    /// A write whose intent is being recorded by this process.
    pub fn recorded(attempt: String, object: String, kind: WriteKind, baseline: String) -> Self {
        Self::new(attempt, object, kind, baseline, Progress::InFlight)
    }

    /// The same, for an edit.
    pub fn changing(self, change: AccessChange) -> Self {
        Self { change, ..self }
    }

    /// A write found in a record.
    pub fn inherited(
        attempt: String,
        object: String,
        kind: WriteKind,
        baseline: String,
        stale: bool,
        first_seen: Instant,
    ) -> Self {
        Self { stale, ..Self::new(attempt, object, kind, baseline, Progress::Inherited { first_seen }) }
    }

    fn new(attempt: String, object: String, kind: WriteKind, baseline: String, progress: Progress) -> Self {
        Self {
            attempt,
            object,
            kind,
            baseline,
            change: AccessChange::default(),
            progress,
            stale: false,
            late_looks: LateLooks::default(),
            last_look: None,
            looks_made: 0,
            hurries: false,
        }
    }

    /// From when on a look can prove that the write had no effect; `None` while the call is being made.
    pub fn grace_end(&self, rules: &SettlementRules) -> Option<Instant> {
        match self.progress {
            Progress::InFlight => None,
            Progress::Ended { at, .. } => Some(at + rules.grace),
            Progress::Inherited { first_seen } => {
                Some(first_seen + rules.send_limit + rules.call_timeout + rules.grace)
            }
        }
    }

    /// Until when the call itself may still be under way.
    pub fn in_flight_until(&self, rules: &SettlementRules) -> Option<Instant> {
        match self.progress {
            Progress::InFlight => None,
            Progress::Ended { at, .. } => Some(at),
            Progress::Inherited { first_seen } => Some(first_seen + rules.send_limit + rules.call_timeout),
        }
    }

    const fn accepted(&self) -> bool {
        matches!(self.progress, Progress::Ended { accepted: true, .. })
    }

    /// Takes in what a look showed, and says how the write ended if that settles it.
    pub fn absorb(&mut self, look: &Look<'_>, rules: &SettlementRules) -> Option<Settlement> {
        let grace_end = self.grace_end(rules)?;
        let present = look.presence.is_some_and(|presence| presence.standing.is_present());
        match self.kind {
            WriteKind::Invite => {
                if look.presence.is_some_and(|presence| self.shows_effect(presence)) {
                    return Some(Settlement::Effect);
                }
            }
            WriteKind::Cancel | WriteKind::Remove => {
                let seen_after_the_call =
                    matches!(self.progress, Progress::Ended { at, .. } if look.begun >= at);
                if self.accepted() && seen_after_the_call && look.complete && !present {
                    return Some(Settlement::Effect);
                }
            }
            WriteKind::Edit => {
                let held = look.presence.and_then(|presence| presence.held.as_ref());
                if held.is_some_and(|held| self.change.is_made(held)) {
                    return Some(Settlement::Effect);
                }
            }
        }
        self.hurries = look.complete && look.begun >= grace_end && self.late_looks.total == 0;
        if look.complete && look.begun >= grace_end {
            if self.late_looks.last_present != present {
                // Only looks that agree prove something.
                self.late_looks = LateLooks { last_present: present, ..LateLooks::default() };
            }
            self.late_looks.total += 1;
            self.late_looks.exact += u32::from(look.exact);
        }
        self.enough_late_looks(rules).then(|| self.settle_by_looks())
    }

    /// Only a record that is present *and* differs from the recorded baseline is the effect of an invite.
    fn shows_effect(&self, presence: &Presence) -> bool {
        presence.standing.is_present() && presence.fingerprint != self.baseline
    }

    const fn enough_late_looks(&self, rules: &SettlementRules) -> bool {
        self.late_looks.total >= 2 && (!rules.exact_read || self.late_looks.exact >= 1)
    }

    fn settle_by_looks(&self) -> Settlement {
        match (self.kind, self.late_looks.last_present) {
            (WriteKind::Invite, true) => Settlement::Unchanged,
            (WriteKind::Cancel | WriteKind::Remove, false) => Settlement::Effect,
            (WriteKind::Invite, false)
            | (WriteKind::Cancel | WriteKind::Remove, true)
            | (WriteKind::Edit, _) => Settlement::NoEffect,
        }
    }

    /// Whether the next look for this write should read this person alone.
    pub fn wants_exact_look(&self, now: Instant, rules: &SettlementRules) -> bool {
        rules.exact_read
            && self.late_looks.exact == 0
            && self.late_looks.total >= 1
            && self.grace_end(rules).is_some_and(|end| now >= end)
    }

    /// When the next look for this write is due: `first` after the call or the first sight of the attempt, then at doubling
    /// distances up to `last`, and at the end of the grace period; at once when only the second late look is missing.
    ///
    /// After a restart, attempts come to sight one after the other, and a look is for all that are known: one at once for each
    /// would read the whole tenant again and again.
    pub fn next_look(&self, first: Duration, last: Duration, rules: &SettlementRules) -> Option<Instant> {
        let grace_end = self.grace_end(rules)?;
        let Some(previous) = self.last_look else {
            return Some(match self.progress {
                Progress::InFlight => return None,
                Progress::Ended { at, .. } => at + first,
                Progress::Inherited { first_seen } => first_seen + first,
            });
        };
        if self.hurries {
            return Some(previous);
        }
        let wait = first.saturating_mul(2_u32.saturating_pow(self.looks_made.min(16))).min(last);
        let due = previous + wait;
        Some(if previous < grace_end { due.min(grace_end) } else { due })
    }

    /// Remembers that a look was made, for the pacing of the next one.
    pub fn note_look(&mut self, begun: Instant) {
        self.last_look = Some(begun);
        self.looks_made += 1;
    }

    /// The outcome of this write.
    pub fn outcome(&self, settlement: Settlement) -> Outcome {
        Outcome {
            attempt: self.attempt.clone(),
            object: self.object.clone(),
            kind: self.kind,
            accepted: self.accepted(),
            settlement,
            stale: self.stale,
        }
    }
}
