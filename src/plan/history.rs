//! What record and status together say of the past, as one value.

use jiff::Timestamp;

use crate::api::invitation_status::AttemptSettled;
use crate::api::record::{AttemptKind, FoundRecord, RecordFault, RecordedAttempt};
use crate::api::{Origin, Record, UserInvitation};
use crate::tenant::{Outcome, Settlement};
use crate::vendor::{ErrorClass, Refusal};

/// The past of one invitation.
#[derive(Debug, Clone, PartialEq)]
pub enum History {
    /// Nothing was ever sent or adopted by this object.
    Fresh,
    /// The record belongs to another object: this one was restored or copied.
    Restored,
    /// There is a record that this version can't read.
    Unreadable,
    /// The person was in the tenant before.
    Adopted,
    /// An attempt is not settled.
    Open,
    /// The last attempt is settled.
    Settled(LastAttempt),
}

/// A settled attempt.
#[derive(Debug, Clone, PartialEq)]
pub enum LastAttempt {
    /// The person was invited: the effect was seen, or a success left all as it was.
    Invited,
    /// Nobody will ever know whether the invite had an effect.
    Unknown,
    /// The invite surely had no effect, and nobody said it was accepted: it is made again, alone.
    NotDelivered,
    /// The attempt never left this process.
    Unsent(AttemptKind),
    /// The vendor refused the invite.
    InviteRefused(RefusedAttempt),
    /// The pending invitation or the membership was taken away by us.
    TakenAway,
    /// Taking away had no effect: it is made again.
    StillThere,
    /// The vendor refused to take away.
    TakingAwayRefused(RefusedAttempt),
    /// What the person holds was changed.
    Edited,
    /// Changing what the person holds had no effect: it is looked at, and made again if it still has to be.
    NotEdited,
    /// The vendor refused to change what the person holds.
    EditRefused(RefusedAttempt),
}

/// A refusal, and whether it still holds.
#[derive(Debug, Clone, PartialEq)]
pub struct RefusedAttempt {
    /// Its class; only that is known once it stands in status alone.
    pub refusal: Option<Refusal>,
    /// Object and provider are as they were.
    pub holds: bool,
}

/// What is remembered of one invitation.
#[derive(Debug, Clone, PartialEq)]
pub struct Recalled {
    /// The record, if it is this object's own.
    pub record: Option<Box<Record>>,
    /// The past.
    pub history: History,
    /// The outcome that is known only to this process so far.
    pub unwritten: Option<Outcome>,
}

/// An attempt that counts as open as far as record and status know.
#[derive(Debug, Clone, Copy)]
pub struct OpenAttempt<'a> {
    /// The attempt in the record.
    pub attempt: &'a RecordedAttempt,
    /// Old enough that, without an effect, nobody sends again by himself.
    pub stale: bool,
}

/// The attempt in a record that status does not show as settled.
pub fn open_attempt<'a>(
    object: &UserInvitation,
    found: &'a FoundRecord,
    now: Timestamp,
    stale_after: std::time::Duration,
) -> Option<OpenAttempt<'a>> {
    let FoundRecord::Own(record) = found else { return None };
    let attempt = record.attempt.as_ref()?;
    if settled_in_status(object, &attempt.id).is_some() {
        return None;
    }
    let age = now.duration_since(attempt.time.0);
    Some(OpenAttempt { attempt, stale: age.unsigned_abs() > stale_after && age.is_positive() })
}

fn settled_in_status(object: &UserInvitation, id: &str) -> Option<AttemptSettled> {
    let attempt = object.status.as_ref()?.attempt.as_ref()?;
    if attempt.id == id { attempt.settled } else { None }
}

impl Recalled {
    /// Brings together record, status and the outcomes that this process knows.
    pub fn new(
        object: &UserInvitation,
        found: FoundRecord,
        outcomes: &[Outcome],
        provider_generation: Option<i64>,
    ) -> Self {
        let record = match found {
            FoundRecord::Absent | FoundRecord::Ignored(RecordFault::OtherEmail) => {
                return Self { record: None, history: History::Fresh, unwritten: None };
            }
            FoundRecord::Ignored(RecordFault::TooLong | RecordFault::Malformed) => {
                return Self { record: None, history: History::Unreadable, unwritten: None };
            }
            FoundRecord::Foreign(_) => {
                return Self { record: None, history: History::Restored, unwritten: None };
            }
            FoundRecord::Own(record) => record,
        };
        let Some(attempt) = &record.attempt else {
            let history = if record.origin == Origin::Adopted {
                History::Adopted
            } else {
                History::Settled(LastAttempt::Invited)
            };
            return Self { record: Some(record), history, unwritten: None };
        };
        if attempt.kind == AttemptKind::Other {
            return Self {
                record: Some(record),
                history: History::Settled(LastAttempt::Unknown),
                unwritten: None,
            };
        }
        let unwritten = outcomes.iter().find(|outcome| outcome.attempt == attempt.id).cloned();
        let holds = object.metadata.generation == Some(attempt.generation)
            && provider_generation == Some(attempt.provider_generation);
        let history = match (&unwritten, settled_in_status(object, &attempt.id)) {
            (Some(outcome), _) => History::Settled(from_outcome(outcome, attempt.kind, holds)),
            (None, Some(settled)) => History::Settled(from_status(attempt.kind, settled, holds)),
            (None, None) => History::Open,
        };
        Self { record: Some(record), history, unwritten }
    }

    /// Whether the person is known as having been in the tenant, so that absence contradicts it.
    pub const fn knows_the_person(&self) -> bool {
        match &self.history {
            History::Adopted | History::Settled(LastAttempt::Invited | LastAttempt::StillThere) => true,
            History::Settled(LastAttempt::Unsent(kind)) => !matches!(kind, AttemptKind::Invite),
            History::Settled(
                LastAttempt::TakingAwayRefused(_)
                | LastAttempt::Edited
                | LastAttempt::NotEdited
                | LastAttempt::EditRefused(_),
            ) => true,
            History::Fresh
            | History::Restored
            | History::Unreadable
            | History::Open
            | History::Settled(
                LastAttempt::Unknown
                | LastAttempt::NotDelivered
                | LastAttempt::InviteRefused(_)
                | LastAttempt::TakenAway,
            ) => false,
        }
    }

    /// The record's attempt.
    pub fn attempt(&self) -> Option<&RecordedAttempt> {
        self.record.as_ref()?.attempt.as_ref()
    }
}

fn from_outcome(outcome: &Outcome, kind: AttemptKind, holds: bool) -> LastAttempt {
    match (&outcome.settlement, kind) {
        (_, AttemptKind::Other) => LastAttempt::Unknown,
        (Settlement::Unsent, kind) => LastAttempt::Unsent(kind),
        (Settlement::Refused(refusal), kind) => {
            refused(kind, RefusedAttempt { refusal: Some(refusal.clone()), holds })
        }
        (Settlement::Effect, AttemptKind::Invite) => LastAttempt::Invited,
        (Settlement::Unchanged, AttemptKind::Invite) if outcome.accepted => LastAttempt::Invited,
        (Settlement::Unchanged, AttemptKind::Invite) => LastAttempt::Unknown,
        (Settlement::NoEffect, AttemptKind::Invite) if outcome.accepted || outcome.stale => {
            LastAttempt::Unknown
        }
        (Settlement::NoEffect, AttemptKind::Invite) => LastAttempt::NotDelivered,
        (Settlement::Effect, AttemptKind::Cancel | AttemptKind::Remove) => LastAttempt::TakenAway,
        (Settlement::Effect, AttemptKind::Edit) => LastAttempt::Edited,
        (Settlement::NoEffect | Settlement::Unchanged, AttemptKind::Edit) => LastAttempt::NotEdited,
        (Settlement::NoEffect | Settlement::Unchanged, AttemptKind::Cancel | AttemptKind::Remove) => {
            LastAttempt::StillThere
        }
    }
}

fn from_status(kind: AttemptKind, settled: AttemptSettled, holds: bool) -> LastAttempt {
    match (settled, kind) {
        (_, AttemptKind::Other) => LastAttempt::Unknown,
        (AttemptSettled::Effect, AttemptKind::Invite) => LastAttempt::Invited,
        (AttemptSettled::NoEffect, AttemptKind::Invite) => LastAttempt::NotDelivered,
        (AttemptSettled::Unknown | AttemptSettled::Other, AttemptKind::Invite) => LastAttempt::Unknown,
        (AttemptSettled::Effect, AttemptKind::Cancel | AttemptKind::Remove) => LastAttempt::TakenAway,
        (AttemptSettled::Effect, AttemptKind::Edit) => LastAttempt::Edited,
        (AttemptSettled::NoEffect | AttemptSettled::Unknown | AttemptSettled::Other, AttemptKind::Edit) => {
            LastAttempt::NotEdited
        }
        (AttemptSettled::Refused, kind) => refused(kind, RefusedAttempt { refusal: None, holds }),
        (
            AttemptSettled::NoEffect | AttemptSettled::Unknown | AttemptSettled::Other,
            AttemptKind::Cancel | AttemptKind::Remove,
        ) => LastAttempt::StillThere,
    }
}

fn refused(kind: AttemptKind, refused: RefusedAttempt) -> LastAttempt {
    match kind {
        AttemptKind::Invite => LastAttempt::InviteRefused(refused),
        AttemptKind::Edit => LastAttempt::EditRefused(refused),
        AttemptKind::Cancel | AttemptKind::Remove | AttemptKind::Other => {
            LastAttempt::TakingAwayRefused(refused)
        }
    }
}

impl LastAttempt {
    /// How status remembers it; `None`: it does not, the attempt has to be made again by a new intent.
    pub fn in_status(&self) -> Option<AttemptSettled> {
        match self {
            Self::Invited | Self::TakenAway | Self::Edited => Some(AttemptSettled::Effect),
            Self::NotDelivered | Self::StillThere | Self::NotEdited => Some(AttemptSettled::NoEffect),
            Self::Unknown => Some(AttemptSettled::Unknown),
            Self::InviteRefused(refused) | Self::TakingAwayRefused(refused) | Self::EditRefused(refused) => {
                (!refused.is_retried()).then_some(AttemptSettled::Refused)
            }
            Self::Unsent(_) => None,
        }
    }
}

impl RefusedAttempt {
    /// Whether it is tried again by itself.
    pub fn is_retried(&self) -> bool {
        !self.holds || self.refusal.as_ref().is_some_and(|refusal| !refusal.class.is_permanent())
    }

    /// Whether the vendor said that it already has the person.
    pub fn is_conflict(&self) -> bool {
        self.refusal.as_ref().is_some_and(|refusal| refusal.class == ErrorClass::Conflict)
    }
}
