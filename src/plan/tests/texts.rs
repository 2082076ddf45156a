//! Messages: they say what to do, and hold nothing that changes from one look to the next.

use jiff::SignedDuration;

use super::past::*;
use super::world::{World, message};
use crate::api::{AttemptKind, ReadyWhen};
use crate::plan::Plan;
use crate::vendor::{ErrorClass, Standing};

const RESEND: &str = "annotate the object with userinvitation.dev/resend-requested-at=<any new value> to send another \
                      invitation, or delete it";

fn every_plan() -> Vec<(String, Plan)> {
    let mut plans = Vec::new();
    for past in Past::all() {
        for standing in [
            None,
            Some(Standing::Pending),
            Some(Standing::Expired),
            Some(Standing::Member),
            Some(Standing::Blocked),
            Some(Standing::Declined),
        ] {
            for deleted in [false, true] {
                let mut world = World::with(past).absent(true);
                if let Some(standing) = standing {
                    world = world.seen(standing);
                }
                if deleted {
                    world = world.deleted();
                }
                plans.push((format!("{past:?} {standing:?} deleted={deleted}"), world.plan()));
            }
        }
    }
    plans
}

#[test]
fn messages_hold_no_ids_and_no_times() {
    for (name, plan) in every_plan() {
        let texts = plan.status.conditions.iter().map(|condition| &condition.message);
        for text in texts.chain(plan.events.iter().map(|event| &event.message)) {
            for variable in ["attempt-", "user-1", "invitation-1", "uid", "2027", "1800000000"] {
                assert!(!text.contains(variable), "{name}: {text}");
            }
            assert!(!text.is_empty() && text.len() < 500, "{name}: {text}");
        }
    }
}

#[test]
fn messages_do_not_change_with_time() {
    for past in Past::all() {
        let mut world = World::with(past).absent(true);
        let before = message(&world.plan());
        world.now += SignedDuration::from_secs(60);
        assert_eq!(message(&world.plan()), before, "{past:?}");
    }
}

#[test]
fn whatever_is_stalled_says_what_to_do() {
    for (name, plan) in every_plan() {
        for condition in plan.status.conditions.iter().filter(|condition| condition.type_ == "Stalled") {
            let text = &condition.message;
            let helps =
                ["annotate", "delete ", "until this object or its provider changes", "follows the vendor"];
            assert!(helps.iter().any(|help| text.contains(help)), "{name}: {text}");
        }
    }
}

#[test]
fn the_texts_of_states() {
    let text = |past, standing| message(&World::with(past).seen(standing).plan());
    assert_eq!(
        text(INVITED, Standing::Pending),
        "the vendor has the invitation; the person has not accepted it yet"
    );
    assert_eq!(text(INVITED, Standing::Member), "the person is a member of the tenant");
    assert_eq!(
        text(INVITED, Standing::Expired),
        format!("the invitation ended before the person accepted it; {RESEND}")
    );
    assert_eq!(
        text(INVITED, Standing::Revoked),
        format!("the invitation was taken back at the vendor; {RESEND}")
    );
    assert_eq!(text(INVITED, Standing::Declined), format!("the person declined the invitation; {RESEND}"));
    assert_eq!(
        text(INVITED, Standing::Blocked),
        "the vendor or an administrator blocks this person; the status follows the vendor"
    );
    assert_eq!(
        message(&World::with(UNKNOWN).absent(true).plan()),
        format!("whether the person got an invitation cannot be known, so nothing more is sent; {RESEND}")
    );
    let mut unclear = World::with(Past::Open(AttemptKind::Invite));
    unclear.person().open[0].unclear = true;
    assert_eq!(
        message(&unclear.plan()),
        "a call to the vendor had no clear answer; nothing more is sent until looking at the vendor has shown what \
         became of it"
    );
    let mut waits = World::with(INVITED).seen(Standing::Pending);
    waits.object.spec.ready_when = ReadyWhen::Accepted;
    assert_eq!(message(&waits.plan()), text(INVITED, Standing::Pending));
}

#[test]
fn the_texts_of_refusals() {
    let text = |class| message(&World::with(Past::Refused(AttemptKind::Invite, class)).plan());
    let until = "nothing is tried again until this object or its provider changes";
    assert_eq!(
        text(ErrorClass::Invalid),
        format!(
            "the vendor calls the request invalid: check the address and the access asked for (status 400); {until}"
        )
    );
    assert_eq!(
        text(ErrorClass::Forbidden),
        format!(
            "the credential may not do this for the person: give it the right, or ask for less (status 400); {until}"
        )
    );
    assert_eq!(
        text(ErrorClass::Conflict),
        format!(
            "the vendor says that the person exists already, and does not show them (status 400); {until}"
        )
    );
    assert_eq!(
        message(&World::with(REFUSED).plan()),
        format!("the vendor refused this; {until}"),
        "when nothing more is remembered"
    );
}

#[test]
fn the_texts_of_deletions() {
    let deleted = |past, standing| message(&World::with(past).seen(standing).deleted().plan());
    assert_eq!(deleted(INVITED, Standing::Pending), "the pending invitation is being taken back");
    assert_eq!(
        deleted(Past::Open(AttemptKind::Cancel), Standing::Pending),
        "an earlier call to the vendor is being settled; the object goes after that"
    );
    assert_eq!(
        message(&World::with(INVITED).absent(false).deleted().plan()),
        "waits for a look at the vendor"
    );
}
