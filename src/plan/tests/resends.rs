//! Resend requests: served once for each value, or spent with an event.

use jiff::SignedDuration;
use rstest::rstest;

use super::past::*;
use super::world::{World, acts, presence};
use crate::api::time::whole_seconds;
use crate::api::{AttemptKind, Origin, RESEND_REQUESTED_AT, UserInvitationStatus};
use crate::plan::{Action, Plan};
use crate::tenant::{Settlement, WriteKind};
use crate::vendor::{ErrorClass, Standing};

fn asked(past: Past) -> World {
    let mut world = World::with(past);
    world.annotate(RESEND_REQUESTED_AT, "monday");
    world
}

fn resend_of(plan: &Plan) -> Option<String> {
    match &plan.action {
        Some(Action::Request { draft, .. }) => draft.resend.clone(),
        Some(Action::Record { .. } | Action::Release(_)) | None => None,
    }
}

#[rstest]
#[case::pending(INVITED, Some(Standing::Pending), "cancel")]
#[case::expired(INVITED, Some(Standing::Expired), "cancel")]
#[case::declined(INVITED, Some(Standing::Declined), "invite")]
#[case::revoked(INVITED, Some(Standing::Revoked), "invite")]
#[case::gone(INVITED, None, "invite")]
#[case::unknown(UNKNOWN, None, "invite")]
#[case::restored(Past::Restored, None, "invite")]
#[case::unreadable(Past::Unreadable, None, "invite")]
#[case::taken_away(TAKEN_AWAY, None, "invite")]
#[case::fresh(Past::Fresh, None, "invite")]
fn who_gets_another_invitation(#[case] past: Past, #[case] standing: Option<Standing>, #[case] wanted: &str) {
    let world = asked(past);
    let world = match standing {
        Some(standing) => world.seen(standing),
        None => world.absent(true),
    };
    let plan = world.plan();
    assert_eq!(acts(&plan), wanted);
    assert_eq!(plan.status.last_handled_resend_at, None, "only the invite's own record consumes the request");
    assert_eq!(resend_of(&plan).as_deref(), (wanted == "invite").then_some("monday"));
}

const THERE: &str = "the person is in the tenant already";
const OTHERS: &str = "the person was invited by somebody else, and is only observed";
const REFUSES: &str = "the vendor refuses this person; change the object or its provider";

#[rstest]
#[case::member(INVITED, Some(Standing::Member), THERE)]
#[case::blocked(INVITED, Some(Standing::Blocked), THERE)]
#[case::adopted_member(Past::Adopted, Some(Standing::Member), THERE)]
#[case::adopted_pending(Past::Adopted, Some(Standing::Pending), OTHERS)]
#[case::adopted_expired(Past::Adopted, Some(Standing::Expired), OTHERS)]
#[case::refused(Past::Refused(AttemptKind::Invite, ErrorClass::Invalid), None, REFUSES)]
fn who_gets_none(#[case] past: Past, #[case] standing: Option<Standing>, #[case] why: &str) {
    let world = asked(past);
    let mut world = match standing {
        Some(standing) => world.seen(standing),
        None => world.absent(true),
    };
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(plan.status.last_handled_resend_at.as_deref(), Some("monday"));
    let spent = plan.events.iter().find(|event| event.reason == "ResendSpent").unwrap();
    assert_eq!(spent.message, format!("no invitation was sent again: {why}"));
    world.apply(&plan);
    assert!(world.plan().events.is_empty(), "said once");
}

#[test]
fn a_request_is_served_once() {
    let mut world = asked(INVITED).absent(true);
    let Some(Action::Request { draft, .. }) = world.plan().action else { panic!("an invite is due") };
    world.record_intent(&draft, "attempt-2", None);
    world.outcome(crate::tenant::Outcome {
        attempt: "attempt-2".to_owned(),
        ..outcome(WriteKind::Invite, Settlement::NoEffect, true)
    });
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing", "a success that left nothing is not repeated");
    assert_eq!(plan.status.last_handled_resend_at.as_deref(), Some("monday"));
    world.apply(&plan);
    assert_eq!(acts(&world.plan()), "nothing");
    world.annotate(RESEND_REQUESTED_AT, "tuesday");
    assert_eq!(acts(&world.plan()), "invite");
}

#[test]
fn a_cancel_does_not_consume_the_request() {
    let mut world = asked(INVITED).seen(Standing::Pending);
    let Some(Action::Request { draft, .. }) = world.plan().action else { panic!("a cancel is due") };
    assert_eq!(draft.resend, None);
    assert_eq!(draft.origin, Origin::Invited);
    world.record_intent(&draft, "attempt-2", Some("row"));
    world.object.status.get_or_insert_default().invited_time = Some(whole_seconds(world.now));
    world.outcome(crate::tenant::Outcome {
        attempt: "attempt-2".to_owned(),
        ..outcome(WriteKind::Cancel, Settlement::Effect, true)
    });
    let plan = world.absent(false).plan();
    assert_eq!(acts(&plan), "invite", "at once, whatever the interval between mails");
    assert_eq!(resend_of(&plan).as_deref(), Some("monday"));
}

#[test]
fn too_early() {
    let mut world = asked(INVITED).seen(Standing::Pending);
    let mut status = world.object.status.clone().unwrap_or_else(UserInvitationStatus::unreconciled);
    status.invited_time = Some(whole_seconds(world.now - SignedDuration::from_secs(86_399)));
    world.object.status = Some(status);
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(plan.status.last_handled_resend_at.as_deref(), Some("monday"));
    let spent = plan.events.iter().find(|event| event.reason == "ResendSpent").unwrap();
    assert_eq!(
        spent.message,
        "no invitation was sent again: the last invitation is younger than the provider's minResendIntervalSeconds"
    );
    world.now += SignedDuration::from_secs(1);
    assert_eq!(acts(&world.plan()), "cancel");
}

#[rstest]
#[case::empty("")]
#[case::too_long(&"x".repeat(65))]
fn values_that_are_ignored(#[case] value: &str) {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    world.annotate(RESEND_REQUESTED_AT, value);
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(plan.status.last_handled_resend_at, None);
}

#[test]
fn the_invitation_in_question_is_the_one_that_is_taken_back() {
    let mut world = asked(INVITED);
    world.object.status.get_or_insert_default().vendor_invitation_id = Some("first".to_owned());
    world.shows(presence(Standing::Pending));
    assert_eq!(acts(&world.plan()), "cancel alone", "by id, since another one is open under the name");
}
