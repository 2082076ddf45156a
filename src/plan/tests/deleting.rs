//! Deletion: what is owed, what is waited for, and when the object may go.

use jiff::SignedDuration;
use rstest::rstest;

use super::past::*;
use super::world::{World, acts, check, message, presence, said};
use crate::api::{ABANDON, AttemptKind, DeletionPolicy, OnDelete, Origin};
use crate::plan::Action;
use crate::tenant::Wish;
use crate::vendor::{ErrorClass, Standing, Support, Target};

use DeletionPolicy::{Remove, Retain, RevokePending};

fn deleted(past: Past, policy: DeletionPolicy) -> World {
    let mut world = World::with(past).deleted();
    world.object.spec.deletion_policy = policy;
    world
}

fn table(past: Past, rows: &[(DeletionPolicy, Standing, &str)]) {
    check(rows.iter().map(|(policy, standing, wanted)| {
        let plan = deleted(past, *policy).seen(*standing).plan();
        (format!("{past:?} {policy:?} {standing:?}"), acts(&plan), (*wanted).to_owned())
    }));
}

#[test]
fn what_the_policy_owes_for_a_person_who_was_invited() {
    for past in
        [INVITED, Past::Inherited, UNKNOWN, NOT_DELIVERED, STILL_THERE, Past::Unsent(AttemptKind::Cancel)]
    {
        table(
            past,
            &[
                (Retain, Standing::Pending, "release NothingOwed"),
                (Retain, Standing::Member, "release NothingOwed"),
                (RevokePending, Standing::Pending, "cancel"),
                (RevokePending, Standing::Expired, "cancel"),
                (RevokePending, Standing::Member, "release NothingOwed"),
                (RevokePending, Standing::Blocked, "release NothingOwed"),
                (Remove, Standing::Pending, "cancel"),
                (Remove, Standing::Expired, "cancel"),
                (Remove, Standing::Member, "remove"),
                (Remove, Standing::Blocked, "remove"),
            ],
        );
    }
}

#[test]
fn nobody_is_taken_away_who_was_not_invited() {
    for past in [
        Past::Fresh,
        Past::Adopted,
        Past::Restored,
        Past::OtherAddress,
        Past::Unsent(AttemptKind::Invite),
        Past::Refused(AttemptKind::Invite, ErrorClass::Invalid),
        Past::Refused(AttemptKind::Invite, ErrorClass::Throttled),
        REFUSED,
    ] {
        for policy in [Retain, RevokePending, Remove] {
            table(
                past,
                &[
                    (policy, Standing::Pending, "release NothingOwed"),
                    (policy, Standing::Member, "release NothingOwed"),
                ],
            );
        }
    }
}

#[test]
fn an_origin_of_another_version_is_nobody_s_to_take_away() {
    let mut world = deleted(Past::Fresh, Remove).seen(Standing::Member);
    world.remember(&crate::api::Record { origin: Origin::Other, ..record() });
    assert_eq!(acts(&world.plan()), "release NothingOwed");
}

#[rstest]
#[case::pending(Standing::Pending, RevokePending)]
#[case::member(Standing::Member, Remove)]
fn what_the_vendor_can_t_do_lets_the_object_go_with_an_event(
    #[case] standing: Standing,
    #[case] policy: DeletionPolicy,
) {
    let mut world = deleted(INVITED, policy).seen(standing);
    world.can.cancel = Support::Unsupported;
    world.can.remove = Support::Unsupported;
    let plan = world.plan();
    assert_eq!(acts(&plan), "release Unsupported");
    assert_eq!(
        plan.events[0].message,
        "the vendor can't do what deletionPolicy asks for; what the person holds at the vendor stays"
    );
}

#[test]
fn gone_is_done_once_it_is_sure() {
    let waits = "Deleting Ready=False/DeletionPending Reconciling";
    for past in [INVITED, Past::Inherited, STILL_THERE] {
        let unsure = deleted(past, RevokePending).absent(false).plan();
        assert_eq!((acts(&unsure).as_str(), said(&unsure).as_str()), ("nothing", waits), "{past:?}");
        assert_eq!(acts(&deleted(past, RevokePending).absent(true).plan()), "release Done");
        for standing in [Standing::Revoked, Standing::Declined] {
            assert_eq!(acts(&deleted(past, RevokePending).seen(standing).plan()), "release Done");
        }
        assert_eq!(acts(&deleted(past, RevokePending).seen(Standing::Redeemed).plan()), "nothing");
    }
    for past in [TAKEN_AWAY, UNKNOWN, NOT_DELIVERED] {
        assert_eq!(acts(&deleted(past, RevokePending).absent(false).plan()), "release Done", "{past:?}");
    }
}

#[test]
fn nothing_is_released_while_a_write_is_open() {
    for kind in [AttemptKind::Invite, AttemptKind::Cancel, AttemptKind::Remove] {
        for policy in [Retain, RevokePending, Remove] {
            for proven in [false, true] {
                let plan = deleted(Past::Open(kind), policy).absent(proven).plan();
                assert_eq!(said(&plan), "Deleting Ready=False/Settling Reconciling");
                assert_eq!(acts(&plan), "nothing", "{kind:?} {policy:?}");
            }
        }
    }
    let mut world = deleted(INVITED, RevokePending).absent(true);
    world.open("of another object", "uid-of-another", true, false);
    assert_eq!(acts(&world.plan()), "nothing");
}

#[test]
fn a_deletion_acts_only_once_the_watch_has_shown_it() {
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    world.deletion.shown_by_watch = false;
    assert_eq!(acts(&world.plan()), "nothing");
}

#[test]
fn without_our_finalizer_there_is_nothing_to_do() {
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    world.object.metadata.finalizers = Some(vec!["example.com/other".to_owned()]);
    assert_eq!(acts(&world.plan()), "nothing");
}

#[test]
fn another_id_under_the_address_is_another_person() {
    let mut world = deleted(INVITED, Remove).seen(Standing::Member);
    let plan = World::with(INVITED).seen(Standing::Member).plan();
    world.object.status = Some(plan.status);
    assert_eq!(acts(&world.plan()), "remove");
    let mut other = presence(Standing::Member);
    other.user_id = Some("user-2".to_owned());
    world.shows(other);
    assert_eq!(acts(&world.plan()), "release AnotherPerson");
}

#[test]
fn another_invitation_than_the_recorded_one_is_left_alone() {
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    let plan = World::with(INVITED).seen(Standing::Pending).plan();
    world.object.status = Some(plan.status);
    let mut other = presence(Standing::Pending);
    other.invitation_id = Some("invitation-2".to_owned());
    world.shows(other);
    assert_eq!(acts(&world.plan()), "release AnotherPerson");
}

#[test]
fn a_call_names_the_recorded_ids() {
    let mut world = deleted(INVITED, RevokePending);
    let mut record = record();
    record.vendor_user_id = Some("recorded".to_owned());
    record.vendor_invitation_id = Some("recorded invitation".to_owned());
    record.attempt = Some(attempt(&world, AttemptKind::Invite));
    world.remember(&record);
    let mut shown = presence(Standing::Pending);
    shown.user_id = None;
    shown.invitation_id = None;
    world.shows(shown);
    let Some(Action::Request { wish: Wish::Cancel(target), draft, .. }) = world.plan().action else {
        panic!("a cancel is owed")
    };
    let email = crate::vendor::Email::new(super::world::EMAIL);
    let ids = (Some("recorded".to_owned()), Some("recorded invitation".to_owned()));
    assert_eq!(target, Target { email, user_id: ids.0.clone(), invitation_id: ids.1.clone() });
    assert_eq!((draft.vendor_user_id, draft.vendor_invitation_id), ids, "and the record keeps them");
}

#[test]
fn several_open_invitations_are_not_taken_back_by_name() {
    let mut world = deleted(INVITED, RevokePending);
    world.shows(crate::vendor::Presence { open_invitations: 2, ..presence(Standing::Pending) });
    assert_eq!(acts(&world.plan()), "cancel alone");
}

#[test]
fn a_refused_call_waits_for_somebody() {
    for past in [CANCEL_REFUSED, Past::Refused(AttemptKind::Cancel, ErrorClass::Forbidden)] {
        let plan = deleted(past, RevokePending).seen(Standing::Pending).plan();
        assert_eq!(acts(&plan), "nothing");
        assert!(said(&plan).ends_with("Stalled"), "{}", said(&plan));
        assert!(message(&plan).ends_with("userinvitation.dev/abandon=true to let it go without the vendor"));
    }
    let busy = Past::Refused(AttemptKind::Cancel, ErrorClass::Throttled);
    assert_eq!(acts(&deleted(busy, RevokePending).seen(Standing::Pending).plan()), "cancel");
}

#[test]
fn credentials_that_are_missing() {
    let missing = "Deleting Ready=False/CredentialsMissing Stalled";
    let text = "deleting owes a call to the vendor, and there is no working credential for it: bring the \
                InvitationProvider \"csp\" and its Secret back; or annotate the object with \
                userinvitation.dev/abandon=true to let it go without the vendor";
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    world.has_credential = false;
    assert_eq!((said(&world.plan()).as_str(), acts(&world.plan()).as_str()), (missing, "nothing"));
    assert_eq!(message(&world.plan()), text);
    world.provider = None;
    world.tenant = None;
    assert_eq!(said(&world.plan()), missing);
    let mut open = deleted(Past::Open(AttemptKind::Invite), RevokePending);
    open.person = None;
    open.has_credential = false;
    assert_eq!(said(&open.plan()), missing);
    world.object.spec.deletion_policy = Retain;
    assert_eq!(acts(&world.plan()), "release NothingOwed");
}

/// What no credential could do is not waited for, and keeps no provider.
#[test]
fn missing_credentials_for_what_the_vendor_cannot_do() {
    let mut world = deleted(INVITED, RevokePending);
    world.has_credential = false;
    let status = world.object.status.get_or_insert_default();
    status.observed_generation = world.object.metadata.generation;
    status.on_delete = Some(OnDelete::Unsupported);
    assert_eq!(acts(&world.plan()), "release Unsupported");
    assert!(!crate::plan::owes(&world.object, &world.found()));
    // Said of another spec, it counts for nothing.
    let before = world.object.metadata.generation.unwrap_or_default() - 2;
    world.object.status.get_or_insert_default().observed_generation = Some(before);
    assert_eq!(said(&world.plan()), "Deleting Ready=False/CredentialsMissing Stalled");
    assert!(crate::plan::owes(&world.object, &world.found()));
}

#[test]
fn another_tenant_needs_abandon() {
    for past in [INVITED, Past::Open(AttemptKind::Invite)] {
        let mut world = deleted(past, RevokePending).seen(Standing::Pending);
        world.tenant.as_mut().unwrap().account_id = "another".to_owned();
        assert_eq!(said(&world.plan()), "Deleting Ready=False/TenantChanged Stalled");
        assert_eq!(acts(&world.plan()), "nothing");
    }
}

#[test]
fn an_unreadable_record_needs_abandon() {
    let mut world = deleted(Past::Unreadable, RevokePending).seen(Standing::Pending);
    assert_eq!(said(&world.plan()), "Deleting Ready=False/RecordUnreadable Stalled");
    world.annotate(ABANDON, "true");
    assert_eq!(acts(&world.plan()), "release Abandoned");
}

#[rstest]
#[case::true_("true", "release Abandoned")]
#[case::anything_else("yes", "cancel")]
fn abandon(#[case] value: &str, #[case] wanted: &str) {
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    world.annotate(ABANDON, value);
    assert_eq!(acts(&world.plan()), wanted);
}

#[test]
fn abandon_waits_for_a_call_that_may_be_under_way() {
    let mut world = deleted(Past::Open(AttemptKind::Invite), RevokePending);
    world.annotate(ABANDON, "true");
    assert_eq!(acts(&world.plan()), "nothing");
    world.person().open[0].in_flight = false;
    assert_eq!(acts(&world.plan()), "release Abandoned");
    // Without a worker the attempt has to age.
    world.person = None;
    assert_eq!(acts(&world.plan()), "nothing");
    world.now += SignedDuration::from_secs(31);
    assert_eq!(acts(&world.plan()), "release Abandoned");
}

#[test]
fn a_terminating_namespace_ends_every_hold_that_nobody_can_end() {
    let mut missing = deleted(INVITED, RevokePending).seen(Standing::Pending);
    missing.has_credential = false;
    let mut failing = deleted(INVITED, RevokePending).seen(Standing::Pending);
    failing.failing = true;
    let mut settling = deleted(Past::Open(AttemptKind::Invite), RevokePending);
    settling.failing = true;
    settling.person().open[0].in_flight = false;
    let unreadable = deleted(Past::Unreadable, RevokePending);
    for (name, mut world) in
        [("missing", missing), ("failing", failing), ("settling", settling), ("unreadable", unreadable)]
    {
        assert!(world.plan().stuck, "{name}");
        world.deletion.terminating_after_tries = Some(4);
        assert!(!acts(&world.plan()).starts_with("release"), "{name}");
        world.deletion.terminating_after_tries = Some(5);
        let plan = world.plan();
        assert_eq!(acts(&plan), "release GivenUp", "{name}");
        assert_eq!(plan.events[0].reason, "GivenUp");
    }
}

#[test]
fn a_terminating_namespace_lets_calls_be_made() {
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    world.deletion.terminating_after_tries = Some(9);
    assert_eq!(acts(&world.plan()), "cancel");
    let mut open = deleted(Past::Open(AttemptKind::Invite), RevokePending);
    open.deletion.terminating_after_tries = Some(9);
    assert_eq!(acts(&open.plan()), "nothing", "what settles by itself is waited for");
}

#[test]
fn suspended_objects_are_deleted_all_the_same() {
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    world.object.spec.suspend = true;
    assert_eq!(acts(&world.plan()), "cancel");
}

#[test]
fn a_provider_that_starts_nothing_finishes_its_deletions() {
    let mut world = deleted(INVITED, RevokePending).seen(Standing::Pending);
    world.starts = false;
    assert_eq!(acts(&world.plan()), "cancel");
}
