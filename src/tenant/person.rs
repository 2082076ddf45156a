//! What a tenant remembers of one person: open writes, outcomes not yet written down, and how well an absence
//! is proven.

use std::time::Duration;

use tokio::time::Instant;

use super::write::{Look, OpenWrite, Outcome, Progress, Settlement, SettlementRules, WriteKind};
use crate::vendor::{Person, Presence, Standing};

const UNSENT_REMEMBERED: usize = 16;

/// The latest look at one person.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// When the look began.
    pub begun: Instant,
    /// What it showed; `None`: nothing at all.
    pub presence: Option<Presence>,
    /// Not begun within the grace period of our last invite for the person: if it shows nobody, nobody is there.
    pub counts_as_absence: bool,
    /// Whether absence that contradicts what was known is proven: two complete looks, one of them of this person
    /// alone where the vendor can do that, none begun within the grace period of an invite.
    pub absence_proven: bool,
}

impl Sighting {
    /// Whether the vendor itself shows that the invitation is over.
    pub fn vendor_says_gone(&self) -> bool {
        let standing = self.presence.as_ref().map(|presence| presence.standing);
        matches!(standing, Some(Standing::Revoked | Standing::Declined))
    }

    /// The person's row or usable invitation, if there is one.
    pub fn present(&self) -> Option<&Presence> {
        self.presence.as_ref().filter(|presence| presence.standing.is_present())
    }
}

/// Looks that showed nobody where somebody was known.
#[derive(Debug, Clone)]
struct Absence {
    not_before: Instant,
    total: u32,
    exact: u32,
    /// Somebody wants to know: worth looks of its own.
    asked: bool,
    /// When the last look began, whatever it was worth.
    last_look: Option<Instant>,
    looks_made: u32,
}

impl Absence {
    const fn new(not_before: Instant, asked: bool) -> Self {
        Self { not_before, total: 0, exact: 0, asked, last_look: None, looks_made: 0 }
    }
}

/// One person in the register.
#[derive(Debug, Default)]
pub(super) struct Entry {
    /// The person as an object wrote it down.
    pub whom: Option<Person>,
    pub opens: Vec<OpenWrite>,
    pub outcomes: Vec<Outcome>,
    /// The latest look at this person alone, unless a sweep is newer.
    pub exact: Option<(Instant, Option<Presence>)>,
    absence: Option<Absence>,
    /// When the last invite call for the person ended, until a look has been begun a grace period after it.
    last_invite_end: Option<Instant>,
}

impl Entry {
    /// Whether nothing is worth remembering any more.
    pub const fn is_forgettable(&self) -> bool {
        self.opens.is_empty()
            && self.outcomes.is_empty()
            && self.exact.is_none()
            && self.absence.is_none()
            && self.last_invite_end.is_none()
    }

    /// Registers an invite of another process: its call has ended by then at the latest.
    pub fn invite_may_last_until(&mut self, end: Instant) {
        self.last_invite_end = Some(self.last_invite_end.map_or(end, |known| known.max(end)));
    }

    /// Whether a look begun then can show that the person is not there.
    pub fn counts_as_absence(&self, begun: Instant, rules: &SettlementRules) -> bool {
        self.last_invite_end.is_none_or(|end| begun >= end + rules.grace)
    }

    /// Notes that a known person does not show, seen first by somebody's question.
    pub fn miss(&mut self, first_seen: Instant, rules: &SettlementRules) {
        let not_before = self.last_invite_end.unwrap_or(first_seen) + rules.grace;
        self.absence.get_or_insert(Absence::new(not_before, true)).asked = true;
    }

    pub fn absence_proven(&self, rules: &SettlementRules) -> bool {
        self.absence
            .as_ref()
            .is_some_and(|absence| absence.total >= 2 && (!rules.exact_read || absence.exact >= 1))
    }

    /// Whether a look at this person alone would settle something now.
    pub fn wants_exact_look(&self, now: Instant, rules: &SettlementRules) -> bool {
        self.opens.iter().any(|open| open.wants_exact_look(now, rules))
            || (rules.exact_read
                && self
                    .absence
                    .as_ref()
                    .is_some_and(|absence| absence.asked && absence.total >= 1 && absence.exact == 0))
    }

    /// When a look is due that could prove the absence somebody asked about: at doubling distances, as for an open
    /// write.
    pub fn next_absence_look(
        &self,
        first: Duration,
        last: Duration,
        rules: &SettlementRules,
    ) -> Option<Instant> {
        let absence = self.absence.as_ref().filter(|absence| absence.asked && !self.absence_proven(rules))?;
        let wait = first.saturating_mul(2_u32.saturating_pow(absence.looks_made.min(16))).min(last);
        Some(absence.last_look.map_or(absence.not_before, |previous| absence.not_before.max(previous + wait)))
    }

    /// The call of a recorded write ended.
    pub fn call_ended(&mut self, attempt: &str, at: Instant, accepted: bool) {
        if let Some(open) = self.opens.iter_mut().find(|open| open.attempt == attempt) {
            open.progress = Progress::Ended { at, accepted };
            if open.kind == WriteKind::Invite {
                self.last_invite_end = Some(at);
            }
        }
    }

    /// Ends a write without a look: refused by name, or never sent.
    pub fn settle(&mut self, attempt: &str, settlement: Settlement) {
        if let Some(position) = self.opens.iter().position(|open| open.attempt == attempt) {
            let open = self.opens.remove(position);
            self.outcomes.push(open.outcome(settlement));
            self.forget_old_unsent();
        }
    }

    /// An intent that could not be written may still turn up in a record; the last few are enough to know.
    fn forget_old_unsent(&mut self) {
        let unsent = |outcome: &Outcome| outcome.settlement == Settlement::Unsent;
        if self.outcomes.iter().filter(|outcome| unsent(outcome)).count() > UNSENT_REMEMBERED
            && let Some(oldest) = self.outcomes.iter().position(unsent)
        {
            self.outcomes.remove(oldest);
        }
    }

    /// Takes in a look. Answers whether something was settled or newly proven.
    pub fn absorb(&mut self, look: &Look<'_>, was_present: bool, rules: &SettlementRules) -> bool {
        let mut news = false;
        let mut still_open = Vec::with_capacity(self.opens.len());
        for mut open in std::mem::take(&mut self.opens) {
            if let Some(settlement) = open.absorb(look, rules) {
                self.outcomes.push(open.outcome(settlement));
                news = true;
            } else {
                open.note_look(look.begun);
                still_open.push(open);
            }
        }
        self.opens = still_open;
        if let Some(absence) = &mut self.absence {
            absence.last_look = Some(look.begun);
            absence.looks_made += 1;
        }
        let present = look.presence.is_some_and(|presence| presence.standing.is_present());
        if present {
            news |= self.absence.take().is_some();
        } else if look.complete {
            news |= self.count_absence(look, was_present, rules);
        }
        if look.complete && self.last_invite_end.is_some() && self.counts_as_absence(look.begun, rules) {
            self.last_invite_end = None;
            news = true;
        }
        news
    }

    fn count_absence(&mut self, look: &Look<'_>, was_present: bool, rules: &SettlementRules) -> bool {
        let proven_before = self.absence_proven(rules);
        if self.absence.is_none() && was_present {
            let not_before = self.last_invite_end.map_or(look.begun, |end| end + rules.grace);
            self.absence = Some(Absence::new(not_before, false));
        }
        if let Some(absence) = &mut self.absence
            && look.begun >= absence.not_before
        {
            absence.total += 1;
            absence.exact += u32::from(look.exact);
        }
        !proven_before && self.absence_proven(rules)
    }
}
