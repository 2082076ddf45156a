//! What becomes of an attempt, and what status says of it afterwards.

use std::time::Duration;

use jiff::SignedDuration;
use rstest::rstest;

use super::past::*;
use super::world::{World, acts, presence, said};
use crate::api::invitation_status::AttemptSettled;
use crate::api::{Access, AttemptAnswer, AttemptKind, LastError, OnDelete, VmwareAccess, VmwareRole};
use crate::plan::{History, LastAttempt, Recalled, open_attempt};
use crate::tenant::{Outcome, Settlement, WriteKind};
use crate::vendor::{ErrorClass, Standing};

const HOUR: Duration = Duration::from_secs(3600);

fn granted(role: &str) -> Access {
    let role = VmwareRole { name: role.to_owned(), resource: None, expiration_time: None };
    Access {
        vmware_cloud_services: Some(VmwareAccess {
            organization_roles: vec![role],
            ..VmwareAccess::default()
        }),
        ..Access::default()
    }
}

fn settled(kind: WriteKind, settlement: Settlement, accepted: bool, stale: bool) -> (World, Recalled) {
    let recorded = match kind {
        WriteKind::Invite => AttemptKind::Invite,
        WriteKind::Cancel => AttemptKind::Cancel,
        WriteKind::Remove => AttemptKind::Remove,
        WriteKind::Edit => AttemptKind::Edit,
    };
    let mut world = World::with(Past::Open(recorded));
    world.person().open.clear();
    world.outcome(Outcome { stale, ..outcome(kind, settlement, accepted) });
    let recalled = world.recalled();
    (world, recalled)
}

#[rstest]
#[case::seen(Settlement::Effect, false, false, LastAttempt::Invited)]
#[case::a_refresh(Settlement::Unchanged, true, false, LastAttempt::Invited)]
#[case::unchanged_and_unclear(Settlement::Unchanged, false, false, LastAttempt::Unknown)]
#[case::success_then_absence(Settlement::NoEffect, true, false, LastAttempt::Unknown)]
#[case::an_hour_old(Settlement::NoEffect, false, true, LastAttempt::Unknown)]
#[case::unclear_then_absence(Settlement::NoEffect, false, false, LastAttempt::NotDelivered)]
#[case::unsent(Settlement::Unsent, false, false, LastAttempt::Unsent(AttemptKind::Invite))]
fn an_invite(
    #[case] settlement: Settlement,
    #[case] accepted: bool,
    #[case] stale: bool,
    #[case] wanted: LastAttempt,
) {
    let (_, recalled) = settled(WriteKind::Invite, settlement, accepted, stale);
    assert_eq!(recalled.history, History::Settled(wanted));
}

#[rstest]
fn a_cancel_or_remove(
    #[values(WriteKind::Cancel, WriteKind::Remove)] kind: WriteKind,
    #[values(false, true)] accepted: bool,
) {
    let last = |settlement| settled(kind, settlement, accepted, false).1.history;
    assert_eq!(last(Settlement::Effect), History::Settled(LastAttempt::TakenAway));
    assert_eq!(last(Settlement::NoEffect), History::Settled(LastAttempt::StillThere));
    let refused = last(Settlement::Refused(refusal(ErrorClass::Forbidden)));
    assert!(matches!(refused, History::Settled(LastAttempt::TakingAwayRefused(_))));
}

#[test]
fn a_success_that_left_nothing_is_never_repeated_by_itself() {
    let (world, _) = settled(WriteKind::Invite, Settlement::NoEffect, true, false);
    let mut world = world.absent(true);
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing");
    assert!(said(&plan).starts_with("OutcomeUnknown"));
    world.apply(&plan);
    world.person().outcomes.clear();
    assert_eq!(acts(&world.plan()), "nothing", "nor once only status remembers it");
    let line = world.object.status.unwrap().attempt.unwrap();
    assert_eq!((line.answer, line.settled), (Some(AttemptAnswer::Success), Some(AttemptSettled::Unknown)));
}

#[test]
fn without_its_line_in_status_an_attempt_is_open() {
    let mut world = World::with(INVITED);
    assert_eq!(world.recalled().history, History::Settled(LastAttempt::Invited));
    world.object.status = None;
    assert_eq!(world.recalled().history, History::Open);
    let mut other = World::with(INVITED);
    other.object.status.as_mut().unwrap().attempt.as_mut().unwrap().id = "another".to_owned();
    assert_eq!(other.recalled().history, History::Open);
}

#[test]
fn an_unsettled_outcome_does_not_reach_the_status() {
    for past in [
        Past::Open(AttemptKind::Invite),
        Past::Unsent(AttemptKind::Invite),
        Past::Refused(AttemptKind::Invite, ErrorClass::Throttled),
    ] {
        let plan = World::with(past).plan();
        assert_eq!(plan.status.attempt, None, "{past:?}");
    }
}

#[rstest]
#[case::young(3599, false)]
#[case::an_hour_and_more(3601, true)]
#[case::from_the_future(-7200, false)]
fn the_hour_of_restores(#[case] age: i64, #[case] stale: bool) {
    let world = World::with(Past::Open(AttemptKind::Invite));
    let found = world.found();
    let now = world.now + SignedDuration::from_secs(age);
    assert_eq!(open_attempt(&world.object, &found, now, HOUR).unwrap().stale, stale);
}

#[test]
fn only_an_own_unsettled_attempt_is_open() {
    for past in [INVITED, Past::Fresh, Past::Adopted, Past::Restored, Past::Unreadable, Past::Inherited] {
        let world = World::with(past);
        let found = world.found();
        assert!(open_attempt(&world.object, &found, world.now, HOUR).is_none(), "{past:?}");
    }
}

#[test]
fn the_access_that_was_granted_is_the_attempt_s() {
    let mut world = World::with(Past::Fresh).seen(Standing::Pending);
    let mut record = record();
    let mut invite = attempt(&world, AttemptKind::Invite);
    invite.access = Some(granted("granted"));
    record.attempt = Some(invite);
    world.remember(&record);
    world.object.spec.access = Some(granted("declared since"));
    world.outcome(outcome(WriteKind::Invite, Settlement::Effect, true));
    let plan = world.plan();
    assert_eq!(plan.status.applied_access, Some(granted("granted")));
    assert_eq!(plan.status.invited_time, Some(crate::api::time::whole_seconds(world.now)));
}

#[test]
fn a_refusal_is_written_down_once() {
    let mut world = World::with(Past::Refused(AttemptKind::Invite, ErrorClass::Invalid));
    let plan = world.plan();
    let error = plan.status.last_error.clone().unwrap();
    assert_eq!((error.reason.as_str(), error.code.as_deref()), ("InvalidRequest", Some("400")));
    world.apply(&plan);
    world.now += SignedDuration::from_secs(600);
    assert_eq!(world.plan().status.last_error, Some(error), "time and all");
}

#[test]
fn a_refusal_holds_until_the_object_or_its_provider_changes() {
    for past in [REFUSED, Past::Refused(AttemptKind::Invite, ErrorClass::Invalid)] {
        let mut world = World::with(past);
        assert_eq!(acts(&world.plan()), "nothing");
        world.object.metadata.generation = Some(2);
        assert_eq!(acts(&world.plan()), "invite");
        world.object.metadata.generation = Some(1);
        world.provider().metadata.generation = Some(2);
        assert_eq!(acts(&world.plan()), "invite");
    }
}

#[test]
fn a_refusal_reads_the_same_from_status_alone() {
    let mut world = World::with(Past::Refused(AttemptKind::Invite, ErrorClass::Conflict));
    let plan = world.plan();
    world.apply(&plan);
    world.person().outcomes.clear();
    assert_eq!(said(&world.plan()), said(&plan));
    assert_eq!(world.plan().status.conditions, plan.status.conditions);
}

#[test]
fn an_error_stands_until_a_call_ends_well() {
    let mut world = World::with(Past::Refused(AttemptKind::Invite, ErrorClass::Invalid));
    let plan = world.plan();
    world.apply(&plan);
    world.object.metadata.generation = Some(2);
    let plan = world.plan();
    assert!(plan.status.last_error.is_some());
    world.apply(&plan);
    let Some(crate::plan::Action::Request { draft, .. }) = plan.action else { panic!("an invite is due") };
    world.record_intent(&draft, "attempt-2", None);
    world.outcome(Outcome {
        attempt: "attempt-2".to_owned(),
        ..outcome(WriteKind::Invite, Settlement::Effect, true)
    });
    let world = world.seen(Standing::Pending);
    assert_eq!(world.plan().status.last_error, None);
}

#[test]
fn an_error_goes_with_an_adoption() {
    let mut world = World::with(Past::Adopted).seen(Standing::Member);
    world.object.status.get_or_insert_default().last_error = Some(LastError::default());
    assert_eq!(world.plan().status.last_error, None);
}

#[test]
fn ids_are_those_first_seen() {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    let plan = world.plan();
    world.apply(&plan);
    let mut other = presence(Standing::Member);
    other.user_id = Some("somebody else".to_owned());
    world.shows(other);
    assert_eq!(world.plan().status.vendor_user_id.as_deref(), Some("user-1"));
}

#[rstest]
fn a_new_invitation_has_ids_of_its_own(#[values(true, false)] seen_at_once: bool) {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    let plan = world.plan();
    world.apply(&plan);
    let mut again = record();
    again.attempt = Some(crate::api::RecordedAttempt {
        id: "attempt-2".to_owned(),
        ..attempt(&world, AttemptKind::Invite)
    });
    world.remember(&again);
    let settlement = if seen_at_once { Settlement::Effect } else { Settlement::NoEffect };
    world
        .outcome(Outcome { attempt: "attempt-2".to_owned(), ..outcome(WriteKind::Invite, settlement, true) });
    if !seen_at_once {
        world = world.absent(true);
        let plan = world.plan();
        world.apply(&plan);
    }
    world.shows(crate::vendor::Presence {
        invitation_id: Some("invitation-2".to_owned()),
        fingerprint: "new".to_owned(),
        ..presence(Standing::Pending)
    });
    let plan = world.plan();
    assert_eq!(plan.status.vendor_invitation_id.as_deref(), Some("invitation-2"));
    world.apply(&plan);
    assert_eq!(acts(&world.deleted().plan()), "cancel");
}

#[test]
fn who_shows_after_an_unknown_outcome_is_this_object_s_although_a_later_invite_was_not_sent() {
    let mut world = World::with(UNKNOWN);
    let mut again = record();
    again.attempt = Some(crate::api::RecordedAttempt {
        id: "attempt-2".to_owned(),
        ..attempt(&world, AttemptKind::Invite)
    });
    world.remember(&again);
    world.outcome(Outcome {
        attempt: "attempt-2".to_owned(),
        ..outcome(WriteKind::Invite, Settlement::Unsent, false)
    });
    let world = world.seen(Standing::Pending);
    assert!(said(&world.plan()).starts_with("Pending"));
    assert_eq!(acts(&world.plan()), "nothing");
    assert_eq!(acts(&world.deleted().plan()), "cancel");
}

#[rstest]
#[case::pending(Past::Inherited, Standing::Pending, OnDelete::Revoke)]
#[case::member(Past::Inherited, Standing::Member, OnDelete::Keep)]
#[case::adopted(Past::Adopted, Standing::Pending, OnDelete::Keep)]
fn on_delete(#[case] past: Past, #[case] standing: Standing, #[case] wanted: OnDelete) {
    let mut world = World::with(past).seen(standing);
    let plan = world.plan();
    assert_eq!(plan.status.on_delete, Some(wanted));
    world.apply(&plan);
    assert_eq!(world.absent(true).plan().status.on_delete, Some(OnDelete::Keep));
}

#[test]
fn on_delete_follows_policy_and_vendor() {
    let mut world = World::with(INVITED).seen(Standing::Member);
    world.object.spec.deletion_policy = crate::api::DeletionPolicy::Remove;
    assert_eq!(world.plan().status.on_delete, Some(OnDelete::Remove));
    world.can.remove = crate::vendor::Support::Unsupported;
    assert_eq!(world.plan().status.on_delete, Some(OnDelete::Unsupported));
}
