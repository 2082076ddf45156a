//! The table of states: what each past and each look say in conditions, and what is done.

use rstest::rstest;

use super::past::*;
use super::world::{World, acts, check, presence, said};
use crate::api::{AttemptKind, ReadyWhen};
use crate::vendor::{ErrorClass, Standing};

const BORN: &str = "Queued Ready=Unknown/NotReconciled";
const QUEUED: &str = "Queued Ready=Unknown/Queued Reconciling";
const PENDING: &str = "Pending Ready=True/AwaitingAcceptance Invited=True/InvitationSent \
                       Accepted=False/AwaitingAcceptance";
const PENDING_NOT_READY: &str = "Pending Ready=False/AwaitingAcceptance Invited=True/InvitationSent \
                                 Accepted=False/AwaitingAcceptance Reconciling";
const ACCEPTED: &str = "Accepted Ready=True/Member Invited=True/Member Accepted=True/Member";
const EXPIRED: &str = "Expired Ready=False/Expired Invited=False/Expired Accepted=False/Expired Stalled";
const REVOKED: &str = "Revoked Ready=False/Revoked Invited=False/Revoked Accepted=False/Revoked Stalled";
const REMOVED: &str = "Removed Ready=False/Removed Invited=False/Removed Accepted=False/Removed Stalled";
const DECLINED: &str = "Declined Ready=False/Declined Invited=False/Declined Accepted=False/Declined Stalled";
const BLOCKED: &str = "Blocked Ready=False/BlockedByVendor Invited=True/BlockedByVendor \
                       Accepted=False/BlockedByVendor Stalled";
const SETTLING: &str =
    "OutcomeUnknown Ready=Unknown/OutcomeUnknown Invited=Unknown/OutcomeUnknown Reconciling";
const NEVER_KNOWN: &str =
    "OutcomeUnknown Ready=Unknown/OutcomeUnknown Invited=Unknown/OutcomeUnknown Stalled";
const ADOPTS: &str = "record Adopted finalizer=false";
const NOTHING: &str = "nothing";

/// What a complete look shows.
#[derive(Debug, Clone, Copy)]
enum Look {
    /// Nobody looked yet.
    None,
    /// Nobody there, for the first time.
    Absent,
    /// Nobody there, and that is proven.
    Gone,
    There(Standing),
}

fn world(past: Past, look: Look) -> World {
    let world = World::with(past);
    match look {
        Look::None => world.not_looked_at(),
        Look::Absent => world.absent(false),
        Look::Gone => world.absent(true),
        Look::There(standing) => world.seen(standing),
    }
}

fn table(rows: &[(Past, Look, &str, &str)]) {
    check(rows.iter().map(|(past, look, state, action)| {
        let plan = world(*past, *look).plan();
        (
            format!("{past:?} {look:?}"),
            format!("{} → {}", said(&plan), acts(&plan)),
            format!("{state} → {action}"),
        )
    }));
}

#[test]
fn nothing_was_sent_yet() {
    use Look::{Absent, Gone, None, There};
    table(&[
        (Past::Fresh, None, BORN, NOTHING),
        (Past::Fresh, Absent, BORN, "invite"),
        (Past::Fresh, Gone, BORN, "invite"),
        (Past::Fresh, There(Standing::Revoked), BORN, "invite"),
        (Past::Fresh, There(Standing::Declined), BORN, "invite"),
        (Past::Fresh, There(Standing::Redeemed), BORN, "invite"),
        (Past::Fresh, There(Standing::Pending), BORN, ADOPTS),
        (Past::Fresh, There(Standing::Expired), BORN, ADOPTS),
        (Past::Fresh, There(Standing::Member), BORN, ADOPTS),
        (Past::Fresh, There(Standing::Blocked), BORN, ADOPTS),
        (Past::OtherAddress, Absent, BORN, "invite"),
        (Past::Unsent(AttemptKind::Invite), Absent, BORN, "invite"),
        (Past::Unsent(AttemptKind::Invite), There(Standing::Pending), BORN, ADOPTS),
    ]);
}

#[test]
fn the_person_was_there_before() {
    use Look::{Absent, Gone, None, There};
    table(&[
        (Past::Adopted, None, BORN, NOTHING),
        (Past::Adopted, There(Standing::Pending), PENDING, NOTHING),
        (Past::Adopted, There(Standing::Expired), EXPIRED, NOTHING),
        (Past::Adopted, There(Standing::Member), ACCEPTED, NOTHING),
        (Past::Adopted, There(Standing::Blocked), BLOCKED, NOTHING),
        (Past::Adopted, Absent, BORN, NOTHING),
        (Past::Adopted, Gone, REVOKED, NOTHING),
    ]);
}

#[test]
fn the_person_was_invited() {
    use Look::{Absent, Gone, None, There};
    for past in [INVITED, Past::Inherited, STILL_THERE, Past::Unsent(AttemptKind::Cancel)] {
        table(&[
            (past, None, BORN, NOTHING),
            (past, There(Standing::Pending), PENDING, NOTHING),
            (past, There(Standing::Expired), EXPIRED, NOTHING),
            (past, There(Standing::Member), ACCEPTED, NOTHING),
            (past, There(Standing::Blocked), BLOCKED, NOTHING),
            (past, There(Standing::Revoked), REVOKED, NOTHING),
            (past, There(Standing::Declined), DECLINED, NOTHING),
            // Used, and not (or not yet) a member: as absent as any.
            (past, There(Standing::Redeemed), BORN, NOTHING),
            (past, Absent, BORN, NOTHING),
            (past, Gone, REVOKED, NOTHING),
        ]);
    }
}

#[test]
fn nobody_can_tell_what_became_of_the_invite() {
    use Look::{Absent, Gone, None, There};
    for past in [UNKNOWN, Past::Newer] {
        table(&[
            (past, None, BORN, NOTHING),
            (past, Absent, NEVER_KNOWN, NOTHING),
            (past, Gone, NEVER_KNOWN, NOTHING),
            // It shows after all.
            (past, There(Standing::Pending), PENDING, NOTHING),
            (past, There(Standing::Member), ACCEPTED, NOTHING),
        ]);
    }
    for past in [Past::Restored, Past::Unreadable] {
        table(&[
            (past, Absent, NEVER_KNOWN, NOTHING),
            (past, Gone, NEVER_KNOWN, NOTHING),
            (past, There(Standing::Revoked), NEVER_KNOWN, NOTHING),
            (past, There(Standing::Pending), BORN, ADOPTS),
            (past, There(Standing::Member), BORN, ADOPTS),
        ]);
    }
}

#[test]
fn the_last_call_came_to_nothing() {
    use Look::{Absent, Gone, There};
    let failed = |reason: &str| format!("Failed Ready=False/{reason} Invited=False/{reason} Stalled");
    let conflict = "Conflict Ready=False/UserExists Stalled";
    let invalid = Past::Refused(AttemptKind::Invite, ErrorClass::Invalid);
    let busy = Past::Refused(AttemptKind::Invite, ErrorClass::Throttled);
    table(&[
        (NOT_DELIVERED, Absent, BORN, "invite alone"),
        (NOT_DELIVERED, Gone, BORN, "invite alone"),
        (NOT_DELIVERED, There(Standing::Pending), PENDING, NOTHING),
        (invalid, Absent, &failed("InvalidRequest"), NOTHING),
        (invalid, There(Standing::Member), BORN, ADOPTS),
        (Past::Refused(AttemptKind::Invite, ErrorClass::Forbidden), Absent, &failed("Forbidden"), NOTHING),
        (
            Past::Refused(AttemptKind::Invite, ErrorClass::Unsupported),
            Absent,
            &failed("UnsupportedByVendor"),
            NOTHING,
        ),
        (Past::Refused(AttemptKind::Invite, ErrorClass::Conflict), Absent, conflict, NOTHING),
        (REFUSED, Absent, &failed("Rejected"), NOTHING),
        (busy, Absent, BORN, "invite"),
        (Past::Refused(AttemptKind::Invite, ErrorClass::Authentication), Absent, BORN, "invite"),
        (TAKEN_AWAY, Absent, REVOKED, NOTHING),
        (TAKEN_AWAY, Gone, REVOKED, NOTHING),
    ]);
}

#[test]
fn a_call_is_open() {
    use Look::{Absent, Gone, None, There};
    for kind in [AttemptKind::Invite, AttemptKind::Cancel, AttemptKind::Remove] {
        for look in [None, Absent, Gone, There(Standing::Pending), There(Standing::Member)] {
            table(&[(Past::Open(kind), look, BORN, NOTHING)]);
        }
    }
    let mut unclear = World::with(Past::Open(AttemptKind::Invite));
    unclear.person().open[0].unclear = true;
    assert_eq!(said(&unclear.plan()), SETTLING);
    assert_eq!(acts(&unclear.plan()), NOTHING);
}

#[rstest]
#[case::pending(Standing::Pending, PENDING_NOT_READY)]
#[case::member(Standing::Member, ACCEPTED)]
#[case::expired(Standing::Expired, EXPIRED)]
fn ready_when_accepted(#[case] standing: Standing, #[case] wanted: &str) {
    let mut world = World::with(INVITED).seen(standing);
    world.object.spec.ready_when = ReadyWhen::Accepted;
    assert_eq!(said(&world.plan()), wanted);
}

#[test]
fn somebody_who_was_a_member_was_removed() {
    let mut world = World::with(INVITED).seen(Standing::Member);
    let plan = world.plan();
    world.apply(&plan);
    assert!(world.object.status.as_ref().unwrap().accepted_time.is_some());
    let world = world.absent(true);
    assert_eq!(said(&world.plan()), REMOVED);
}

#[test]
fn the_last_state_stays_while_a_known_person_s_absence_is_not_proven() {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    let plan = world.plan();
    world.apply(&plan);
    let world = world.absent(false);
    assert_eq!(said(&world.plan()), PENDING);
    assert_eq!(acts(&world.plan()), NOTHING);
}

#[test]
fn an_unknown_outcome_that_left_the_person_as_before_stays_unknown() {
    let mut world = World::with(Past::Fresh).seen(Standing::Pending);
    let mut record = record();
    let mut invite = attempt(&world, AttemptKind::Invite);
    invite.baseline = Some(presence(Standing::Pending).fingerprint);
    record.attempt = Some(invite);
    world.remember(&record);
    world.outcome(outcome(crate::tenant::WriteKind::Invite, crate::tenant::Settlement::Unchanged, false));
    assert_eq!(said(&world.plan()), NEVER_KNOWN);
}

#[test]
fn waiting_again_is_said_after_another_state() {
    let mut world = World::with(Past::Open(AttemptKind::Invite));
    world.person().open[0].unclear = true;
    let plan = world.plan();
    world.apply(&plan);
    world.person().open.clear();
    world.outcome(outcome(crate::tenant::WriteKind::Invite, crate::tenant::Settlement::NoEffect, false));
    let plan = world.plan();
    assert_eq!(said(&plan), QUEUED);
    assert_eq!(acts(&plan), "invite alone");
}
