//! What an invitation says of the person: names, login names, passwords to begin with.

use rstest::rstest;

use super::past::*;
use super::world::{CAN, World, acts, message, presence, said};
use crate::api::{AttemptKind, InitialPasswordRef};
use crate::vendor::{Capabilities, Standing, Support};

/// A vendor with login names that wants names and takes passwords.
const NAMED: Capabilities =
    Capabilities { logins: true, names_required: true, initial_passwords: true, ..CAN };

fn named(past: Option<Past>) -> World {
    let mut world = past.map_or_else(World::new, World::with);
    world.can = NAMED;
    world.object.spec.first_name = Some("Ada".to_owned());
    world.object.spec.last_name = Some("Lovelace".to_owned());
    world
}

#[track_caller]
fn is_refused(world: &World, reason: &str, text: &str) {
    let plan = world.plan();
    assert_eq!(said(&plan), format!("Refused Ready=False/{reason} Stalled"));
    assert_eq!((acts(&plan).as_str(), message(&plan).as_str()), ("nothing", text));
}

#[test]
fn a_vendor_that_wants_names_gets_both() {
    assert_eq!(acts(&named(None).plan()), "invite");
    let text = "this vendor creates nobody without a name: fill in firstName and lastName";
    for first in [true, false] {
        let mut world = named(None);
        let name = if first { &mut world.object.spec.first_name } else { &mut world.object.spec.last_name };
        *name = None;
        is_refused(&world, "NameRequired", text);
        world.can = CAN;
        assert_eq!(acts(&world.plan()), "invite", "other vendors don't ask");
    }
}

#[test]
fn login_names_and_passwords_are_for_vendors_that_take_them() {
    let mut world = World::new();
    world.object.spec.user_name = Some("ada".to_owned());
    let text = "this vendor has no login name apart from the e-mail: remove userName";
    is_refused(&world, "UnsupportedByVendor", text);
    let mut world = World::new();
    world.object.spec.initial_password_secret_ref = Some(InitialPasswordRef::default());
    let text = "this vendor takes no password to begin with: remove initialPasswordSecretRef";
    is_refused(&world, "UnsupportedByVendor", text);
}

#[test]
fn an_answer_about_a_password_is_about_one_person() {
    let mut world = named(None);
    world.object.spec.user_name = Some("ada".to_owned());
    world.object.spec.initial_password_secret_ref = Some(InitialPasswordRef::default());
    assert_eq!(acts(&world.plan()), "invite alone");
}

#[test]
fn without_its_password_nobody_is_invited() {
    let mut world = named(None);
    world.object.spec.initial_password_secret_ref = Some(InitialPasswordRef::default());
    world.password_trouble = Some("there is no Secret".to_owned());
    is_refused(&world, "InitialPasswordUnusable", "there is no Secret");
    world.shows(presence(Standing::Member));
    assert_eq!(acts(&world.plan()), "record Adopted finalizer=false", "somebody who is there needs none");
}

#[rstest]
#[case::the_same("user-1", "record Adopted finalizer=false")]
#[case::another_case("USER-1", "record Adopted finalizer=false")]
#[case::another("ada", "nothing")]
fn an_address_under_another_login_name_is_left_alone(#[case] declared: &str, #[case] act: &str) {
    let mut world = named(None).seen(Standing::Member);
    world.object.spec.user_name = Some(declared.to_owned());
    let plan = world.plan();
    assert_eq!(acts(&plan), act);
    if act == "nothing" {
        assert_eq!(said(&plan), "Conflict Ready=False/UserExists Stalled");
        assert!(message(&plan).contains("another login name"));
    }
    world.object.spec.user_name = None;
    assert_eq!(acts(&world.plan()), "record Adopted finalizer=false", "nothing was declared");
}

#[test]
fn whoever_is_there_is_provisioned_where_acceptance_does_not_show() {
    let mut world = named(Some(INVITED)).seen(Standing::Member);
    world.can = Capabilities { acceptance: Support::Unsupported, ..NAMED };
    let mut shown = presence(Standing::Member);
    shown.vendor_status = String::new();
    world.shows(shown);
    let plan = world.plan();
    assert_eq!(
        said(&plan),
        "Provisioned Ready=True/Provisioned Invited=True/Provisioned Accepted=Unknown/NotReportedByVendor"
    );
    assert_eq!((plan.status.accepted_time.clone(), plan.status.vendor_status.clone()), (None, None));
    world.apply(&plan);
    assert!(said(&world.absent(true).plan()).starts_with("Removed Ready=False/Removed"));
}

#[test]
fn an_invite_that_never_left_waits_for_its_provider() {
    let mut world = named(Some(Past::Unsent(AttemptKind::Invite)));
    world.starts = false;
    let plan = world.plan();
    assert_eq!(said(&plan), "Waiting Ready=Unknown/ProviderNotReady Reconciling");
    assert_eq!(acts(&plan), "nothing");
}
