//! What an invitation has behind it, as record and status remember it.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::world::{EMAIL, UID, World, tenant};
use crate::api::invitation_status::AttemptSettled;
use crate::api::{AttemptKind, AttemptStatus, Origin, RECORD, Record, RecordedAttempt, UserInvitationStatus};
use crate::plan::api_tenant;
use crate::tenant::{Outcome, Settlement, WriteKind};
use crate::vendor::{ErrorClass, Refusal};

pub const ATTEMPT: &str = "attempt-1";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Past {
    Fresh,
    /// Another object's record: this one was restored or copied.
    Restored,
    /// A record that can't be read.
    Unreadable,
    /// A record about another address.
    OtherAddress,
    Adopted,
    /// Taken over from another object that had invited the person.
    Inherited,
    Open(AttemptKind),
    /// What a newer version recorded.
    Newer,
    Settled(AttemptKind, AttemptSettled),
    /// Known to this process only so far.
    Unsent(AttemptKind),
    Refused(AttemptKind, ErrorClass),
}

/// The pasts of an invite that was made.
pub const INVITED: Past = Past::Settled(AttemptKind::Invite, AttemptSettled::Effect);
pub const UNKNOWN: Past = Past::Settled(AttemptKind::Invite, AttemptSettled::Unknown);
pub const NOT_DELIVERED: Past = Past::Settled(AttemptKind::Invite, AttemptSettled::NoEffect);
pub const REFUSED: Past = Past::Settled(AttemptKind::Invite, AttemptSettled::Refused);
pub const TAKEN_AWAY: Past = Past::Settled(AttemptKind::Cancel, AttemptSettled::Effect);
pub const STILL_THERE: Past = Past::Settled(AttemptKind::Cancel, AttemptSettled::NoEffect);
pub const CANCEL_REFUSED: Past = Past::Settled(AttemptKind::Cancel, AttemptSettled::Refused);

impl Past {
    pub fn all() -> Vec<Self> {
        let kinds = [AttemptKind::Invite, AttemptKind::Cancel, AttemptKind::Remove];
        let settled = [
            AttemptSettled::Effect,
            AttemptSettled::NoEffect,
            AttemptSettled::Refused,
            AttemptSettled::Unknown,
        ];
        let classes = [ErrorClass::Invalid, ErrorClass::Throttled, ErrorClass::Conflict];
        let mut all = vec![
            Self::Fresh,
            Self::Restored,
            Self::Unreadable,
            Self::OtherAddress,
            Self::Adopted,
            Self::Inherited,
            Self::Newer,
        ];
        for kind in kinds {
            all.extend([Self::Open(kind), Self::Unsent(kind)]);
            all.extend(settled.map(|settled| Self::Settled(kind, settled)));
            all.extend(classes.map(|class| Self::Refused(kind, class)));
        }
        all
    }
}

pub fn record() -> Record {
    Record {
        uid: UID.to_owned(),
        tenant: api_tenant(&tenant()),
        email: EMAIL.to_owned(),
        origin: Origin::Invited,
        vendor_user_id: None,
        vendor_invitation_id: None,
        resend: None,
        attempt: None,
    }
}

pub fn attempt(world: &World, kind: AttemptKind) -> RecordedAttempt {
    RecordedAttempt {
        id: ATTEMPT.to_owned(),
        process: "process".to_owned(),
        time: Time(world.now),
        kind,
        generation: 1,
        provider_generation: 1,
        baseline: None,
        access: None,
    }
}

pub fn refusal(class: ErrorClass) -> Refusal {
    Refusal { class, status: 400, code: None }
}

pub fn outcome(kind: WriteKind, settlement: Settlement, accepted: bool) -> Outcome {
    Outcome { attempt: ATTEMPT.to_owned(), object: UID.to_owned(), kind, accepted, settlement, stale: false }
}

pub fn write_kind(kind: AttemptKind) -> WriteKind {
    match kind {
        AttemptKind::Invite | AttemptKind::Other => WriteKind::Invite,
        AttemptKind::Cancel => WriteKind::Cancel,
        AttemptKind::Remove => WriteKind::Remove,
        AttemptKind::Edit => WriteKind::Edit,
    }
}

/// Writes the past into an object.
pub fn write(world: &mut World, past: Past) {
    let with_attempt = |world: &World, kind| Record { attempt: Some(attempt(world, kind)), ..record() };
    match past {
        Past::Fresh => {}
        Past::Restored => {
            let foreign = Record { uid: "uid of old".to_owned(), ..with_attempt(world, AttemptKind::Invite) };
            world.remember(&foreign);
        }
        Past::Unreadable => world.annotate(RECORD, "{"),
        Past::OtherAddress => {
            world.remember(&Record { email: "bob@example.com".to_owned(), ..record() });
        }
        Past::Adopted => world.remember(&Record { origin: Origin::Adopted, ..record() }),
        Past::Inherited => {
            world.remember(&record());
            world.hold();
        }
        Past::Open(kind) => {
            world.remember(&with_attempt(world, kind));
            world.hold();
            world.open(ATTEMPT, UID, false, true);
        }
        Past::Newer => {
            world.remember(&with_attempt(world, AttemptKind::Other));
            world.hold();
        }
        Past::Settled(kind, settled) => {
            world.remember(&with_attempt(world, kind));
            world.hold();
            let status = world.object.status.get_or_insert_with(UserInvitationStatus::unreconciled);
            status.attempt =
                Some(AttemptStatus { id: ATTEMPT.to_owned(), answer: None, settled: Some(settled) });
        }
        Past::Unsent(kind) => {
            world.remember(&with_attempt(world, kind));
            world.hold();
            world.outcome(outcome(write_kind(kind), Settlement::Unsent, false));
        }
        Past::Refused(kind, class) => {
            world.remember(&with_attempt(world, kind));
            world.hold();
            world.outcome(outcome(write_kind(kind), Settlement::Refused(refusal(class)), false));
        }
    }
}
