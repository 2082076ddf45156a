//! What a provider's policy lets its invitations ask for: whom, how a deletion ends, and who was there before.

use rstest::rstest;

use super::past::*;
use super::world::{World, acts, check, message, said};
use crate::api::{Adoption, DeletionPolicy, OnDelete};
use crate::vendor::Standing;

use DeletionPolicy::{Remove, Retain, RevokePending};

#[rstest]
#[case::none(&[], true)]
#[case::same(&["example.com"], true)]
#[case::one_of_two(&["example.org", "example.com"], true)]
#[case::other_case(&["EXAMPLE.com"], true)]
#[case::parent(&["com"], false)]
#[case::longer(&["an.example.com"], false)]
#[case::shorter(&["ample.com"], false)]
#[case::prefix(&["example.co"], false)]
fn domains(#[case] allowed: &[&str], #[case] permitted: bool) {
    let mut world = World::new();
    world.object.spec.email = "Ada@Example.COM".to_owned();
    world.provider().spec.policy.allowed_email_domains = allowed.iter().map(|d| (*d).to_owned()).collect();
    let plan = world.plan();
    if permitted {
        assert_eq!(acts(&plan), "invite");
    } else {
        assert_eq!(said(&plan), "Refused Ready=False/DomainNotAllowed Stalled");
        assert_eq!(acts(&plan), "nothing");
    }
}

#[test]
fn the_refusal_of_a_domain_names_it_and_what_is_allowed() {
    let mut world = World::new();
    world.provider().spec.policy.allowed_email_domains = vec!["example.org".to_owned()];
    assert_eq!(
        message(&world.plan()),
        "the provider's policy allows addresses of example.org only: declare the person under such an address, or have \
         the domain added to policy.allowedEmailDomains"
    );
    world.provider().spec.policy.allowed_email_domains = (0..60).map(|n| format!("d{n}.example")).collect();
    assert!(message(&world.plan()).contains("d4.example and others only:"));
}

#[test]
fn deletion_policies() {
    let mut world = World::new();
    world.provider().spec.policy.allowed_deletion_policies = vec![Retain, RevokePending];
    assert_eq!(acts(&world.plan()), "invite");
    world.object.spec.deletion_policy = Remove;
    let plan = world.plan();
    assert_eq!(said(&plan), "Refused Ready=False/DeletionPolicyNotAllowed Stalled");
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(
        message(&plan),
        "the provider's policy does not allow deletionPolicy Remove: choose Retain or RevokePending"
    );
}

/// What is refused after the fact: nothing is called, and deleting would keep the person.
#[rstest]
#[case::domain("DomainNotAllowed", OnDelete::Revoke)]
#[case::deletion_policy("DeletionPolicyNotAllowed", OnDelete::Keep)]
#[case::protected("ProtectedPerson", OnDelete::Keep)]
fn a_policy_that_becomes_stricter_calls_nobody(#[case] reason: &str, #[case] on_delete: OnDelete) {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    world.hold();
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(plan.status.on_delete, Some(OnDelete::Revoke));
    let policy = &mut world.provider().spec.policy;
    match reason {
        "DomainNotAllowed" => policy.allowed_email_domains = vec!["example.org".to_owned()],
        "DeletionPolicyNotAllowed" => policy.allowed_deletion_policies = vec![Retain],
        _ => policy.protected_emails = vec!["ada@example.com".to_owned()],
    }
    world.annotate(crate::api::RESEND_REQUESTED_AT, "now");
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing");
    assert!(said(&plan).starts_with(&format!("Refused Ready=False/{reason}")), "{}", said(&plan));
    assert!(said(&plan).ends_with("Stalled"), "{}", said(&plan));
    assert_eq!(plan.status.on_delete, Some(on_delete));
}

/// A deletion, its provider's policy, and what becomes of it: the release and the reason of its event.
#[test]
fn a_deletion_that_the_policy_does_not_allow_takes_nobody_away() {
    let rows: [(&str, DeletionPolicy, Standing, &str); 9] = [
        ("only Retain", RevokePending, Standing::Pending, "DeletionPolicyNotAllowed"),
        ("only Retain", Remove, Standing::Member, "DeletionPolicyNotAllowed"),
        ("only Retain", RevokePending, Standing::Member, ""),
        ("only Retain", Retain, Standing::Pending, ""),
        ("protected", Remove, Standing::Member, "ProtectedPerson"),
        ("protected", RevokePending, Standing::Pending, "ProtectedPerson"),
        ("own account", Remove, Standing::Member, "ProtectedPerson"),
        ("nobody known", Remove, Standing::Member, "ProtectedPerson"),
        // Letting people go whom the domain keeps out is what such a policy wants.
        ("other domain", Remove, Standing::Member, "-"),
    ];
    check(rows.iter().map(|(policy, deletion, standing, reason)| {
        let mut world = World::with(INVITED).deleted().seen(*standing);
        world.object.spec.deletion_policy = *deletion;
        match *policy {
            "only Retain" => world.provider().spec.policy.allowed_deletion_policies = vec![Retain],
            "protected" => {
                world.provider().spec.policy.protected_emails = vec!["ada@example.com".to_owned()];
            }
            "own account" => world.own_login = Some("ada@example.com".to_owned()),
            "nobody known" => world.provider().spec.policy.protected_emails.clear(),
            _ => {
                world.provider().spec.policy.allowed_email_domains = vec!["example.org".to_owned()];
            }
        }
        let plan = world.plan();
        let event = plan.events.first().map(|event| event.reason.clone()).unwrap_or_default();
        (
            format!("{policy} {deletion:?} {standing:?}"),
            format!("{} {event}", acts(&plan)),
            match *reason {
                "" => "release NothingOwed ".to_owned(),
                "-" => "remove ".to_owned(),
                reason => format!("release NotAllowed({reason}) DeletionNotAllowed"),
            },
        )
    }));
}

#[test]
fn a_deletion_without_a_credential_that_is_not_allowed_anyway_waits_for_nothing() {
    let mut world = World::with(INVITED).deleted().seen(Standing::Member);
    world.object.spec.deletion_policy = Remove;
    world.has_credential = false;
    assert!(said(&world.plan()).contains("CredentialsMissing"));
    world.provider().spec.policy.allowed_deletion_policies = vec![RevokePending];
    assert_eq!(acts(&world.plan()), "release NotAllowed(DeletionPolicyNotAllowed)");
}

#[test]
fn who_was_there_before_is_adopted_as_the_policy_says() {
    use Adoption::{Forbid, Manage, ObserveOnly};
    let rows: [(Adoption, DeletionPolicy, Standing, &str); 8] = [
        (ObserveOnly, RevokePending, Standing::Member, "record Adopted finalizer=false"),
        (ObserveOnly, Remove, Standing::Member, "record Adopted finalizer=false"),
        (Manage, RevokePending, Standing::Member, "record Adopted finalizer=false"),
        (Manage, RevokePending, Standing::Pending, "record Adopted finalizer=false"),
        (Manage, Remove, Standing::Member, "record Adopted finalizer=true"),
        (Manage, Remove, Standing::Pending, "record Adopted finalizer=true"),
        (Forbid, RevokePending, Standing::Member, "nothing"),
        (Forbid, Remove, Standing::Pending, "nothing"),
    ];
    for past in [Past::Fresh, Past::Restored, REFUSED] {
        check(rows.iter().map(|(adoption, deletion, standing, wanted)| {
            let mut world = World::with(past).seen(*standing);
            world.object.spec.deletion_policy = *deletion;
            world.provider().spec.policy.adoption = *adoption;
            let plan = world.plan();
            if *adoption == Forbid {
                assert_eq!(said(&plan), "Conflict Ready=False/UserExists Stalled");
                assert!(message(&plan).contains("policy.adoption forbids"), "{}", message(&plan));
            }
            (format!("{past:?} {adoption:?} {deletion:?} {standing:?}"), acts(&plan), (*wanted).to_owned())
        }));
    }
}

#[test]
fn who_is_absent_is_invited_under_each_adoption() {
    for adoption in [Adoption::Manage, Adoption::ObserveOnly, Adoption::Forbid] {
        let mut world = World::new();
        world.provider().spec.policy.adoption = adoption;
        assert_eq!(acts(&world.plan()), "invite", "{adoption:?}");
    }
}

#[test]
fn an_adopted_person_follows_the_policy_as_it_changes() {
    let mut world = World::with(Past::Adopted).seen(Standing::Member);
    world.object.spec.deletion_policy = Remove;
    let plan = world.plan();
    assert_eq!((acts(&plan).as_str(), plan.status.on_delete), ("nothing", Some(OnDelete::Keep)));
    world.provider().spec.policy.adoption = Adoption::Manage;
    let plan = world.plan();
    assert_eq!(acts(&plan), "record Adopted finalizer=true");
    world.apply(&plan);
    let plan = world.plan();
    assert_eq!((acts(&plan).as_str(), plan.status.on_delete), ("nothing", Some(OnDelete::Remove)));
    world.provider().spec.policy.adoption = Adoption::Forbid;
    let plan = world.plan();
    assert_eq!(said(&plan).split(' ').next(), Some("Conflict"));
    assert_eq!((acts(&plan).as_str(), plan.status.on_delete), ("nothing", Some(OnDelete::Keep)));
}

#[test]
fn a_provider_that_does_not_serve_holds_no_adopted_person() {
    let mut world = World::with(Past::Adopted).seen(Standing::Member);
    world.object.spec.deletion_policy = Remove;
    world.provider().spec.policy.adoption = Adoption::Manage;
    world.starts = false;
    assert_eq!(acts(&world.plan()), "nothing");
}

#[test]
fn an_adopted_person_goes_only_by_remove_under_manage() {
    use Adoption::{Forbid, Manage, ObserveOnly};
    let rows: [(Adoption, DeletionPolicy, Standing, &str); 8] = [
        (Manage, Remove, Standing::Member, "remove"),
        (Manage, Remove, Standing::Pending, "cancel"),
        (Manage, RevokePending, Standing::Pending, "release NothingOwed"),
        (Manage, RevokePending, Standing::Member, "release NothingOwed"),
        (Manage, Retain, Standing::Member, "release NothingOwed"),
        (ObserveOnly, Remove, Standing::Member, "release NothingOwed"),
        (ObserveOnly, Remove, Standing::Pending, "release NothingOwed"),
        (Forbid, Remove, Standing::Member, "release NothingOwed"),
    ];
    check(rows.iter().map(|(adoption, deletion, standing, wanted)| {
        let mut world = World::with(Past::Adopted).deleted().seen(*standing);
        world.object.spec.deletion_policy = *deletion;
        world.provider().spec.policy.adoption = *adoption;
        (format!("{adoption:?} {deletion:?} {standing:?}"), acts(&world.plan()), (*wanted).to_owned())
    }));
}

#[test]
fn a_protected_login_name_is_protected_too() {
    let mut world = World::new();
    world.can.logins = true;
    world.object.spec.user_name = Some("OWNER@example.com".to_owned());
    assert_eq!(said(&world.plan()), "Refused Ready=False/ProtectedPerson Stalled");
    world.object.spec.user_name = Some("ada".to_owned());
    assert_eq!(acts(&world.plan()), "invite");
    world.own_login = Some("Ada".to_owned());
    assert_eq!(said(&world.plan()), "Refused Ready=False/ProtectedPerson Stalled");
}

#[test]
fn an_owner_is_never_removed_by_adoption() {
    let mut world = World::with(Past::Adopted).deleted().seen(Standing::Member);
    world.object.spec.deletion_policy = Remove;
    world.provider().spec.policy.adoption = Adoption::Manage;
    world.own_login = Some("ADA@example.com".to_owned());
    assert_eq!(acts(&world.plan()), "release NotAllowed(ProtectedPerson)");
}
