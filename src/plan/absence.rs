//! What the absence of a person means, after this or that past.

use super::history::{History, LastAttempt, RefusedAttempt};
use super::state::State;
use crate::api::record::AttemptKind;
use crate::tenant::Sighting;
use crate::vendor::Standing;

/// What follows from an absence.
pub(super) enum Course {
    /// The person is invited; `alone` after a call whose answer was unclear.
    Invite { alone: bool },
    /// Nothing is done unless somebody asks for another invitation.
    Stands(State),
    /// The vendor refused the person, and that still holds.
    Refused(RefusedAttempt),
}

/// What follows from an absence after this past; `None`: not sure yet that it is one.
pub(super) fn course(history: &History, sighting: &Sighting, was_member: bool) -> Option<Course> {
    // A look begun too soon after an invite of ours, whichever object asked for it, shows nobody's absence.
    let invite = |alone| sighting.counts_as_absence.then_some(Course::Invite { alone });
    let unknown = || Some(Course::Stands(State::OutcomeUnknown { settling: false }));
    match history {
        History::Open => None,
        History::Fresh => invite(false),
        History::Restored | History::Unreadable => unknown(),
        History::Adopted => gone(sighting, was_member),
        History::Settled(last) => match last {
            LastAttempt::Invited
            | LastAttempt::StillThere
            | LastAttempt::TakingAwayRefused(_)
            | LastAttempt::Edited
            | LastAttempt::NotEdited
            | LastAttempt::EditRefused(_)
            | LastAttempt::Unsent(
                AttemptKind::Cancel | AttemptKind::Remove | AttemptKind::Edit | AttemptKind::Other,
            ) => gone(sighting, was_member),
            LastAttempt::Unsent(AttemptKind::Invite) => invite(false),
            LastAttempt::Unknown => unknown(),
            LastAttempt::NotDelivered => invite(true),
            LastAttempt::TakenAway => Some(Course::Stands(State::Revoked)),
            LastAttempt::InviteRefused(refused) if refused.is_retried() => invite(false),
            LastAttempt::InviteRefused(refused) => Some(Course::Refused(refused.clone())),
        },
    }
}

/// A known person does not show: believed once it is proven, or once the vendor says why.
fn gone(sighting: &Sighting, was_member: bool) -> Option<Course> {
    let state = match sighting.presence.as_ref().map(|presence| presence.standing) {
        Some(Standing::Revoked) => State::Revoked,
        Some(Standing::Declined) => State::Declined,
        _ if !sighting.absence_proven => return None,
        _ if was_member => State::Removed,
        _ => State::Revoked,
    };
    Some(Course::Stands(state))
}
