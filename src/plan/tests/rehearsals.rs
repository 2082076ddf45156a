//! Where nothing is written: providers that only plan or are suspended, invitations that only observe.

use rstest::rstest;

use super::past::*;
use super::world::{World, acts, check, message, presence, said};
use crate::api::{
    self, AttemptKind, DeletionPolicy, ManagementPolicy, OnDelete, ProviderMode, RESEND_REQUESTED_AT,
    VmwareAccess, VmwareRole,
};
use crate::plan::{Claim, Successor};
use crate::vendor::Standing;

const PLANNED: &str = "Planned Ready=True/Planned";
const INVITE: &str = "invite with the vendor's default access";
const ADOPT: &str = "adopt the person, who was there before";

#[derive(Debug, Clone, Copy)]
enum Why {
    DryRun,
    Observe,
}

const BOTH: [Why; 2] = [Why::DryRun, Why::Observe];

fn rehearsed(mut world: World, why: Why) -> World {
    match why {
        Why::DryRun => world.provider().spec.mode = ProviderMode::DryRun,
        Why::Observe => world.object.spec.management_policy = ManagementPolicy::Observe,
    }
    world
}

/// State, action and plan in one line.
fn outcome(world: &World) -> String {
    let plan = world.plan();
    let state = said(&plan).split(' ').take(2).collect::<Vec<_>>().join(" ");
    format!("{state} → {} → {}", acts(&plan), plan.status.plan.as_deref().unwrap_or("-"))
}

#[test]
fn what_would_be_done_is_said_and_not_done() {
    let pending = "Pending Ready=True/AwaitingAcceptance";
    let accepted = "Accepted Ready=True/Member";
    for why in BOTH {
        let rows = [
            (Past::Fresh, None, PLANNED, INVITE),
            (Past::Fresh, Some(Standing::Pending), pending, ADOPT),
            (Past::Fresh, Some(Standing::Member), accepted, ADOPT),
            (Past::Fresh, Some(Standing::Blocked), "Blocked Ready=False/BlockedByVendor", ADOPT),
            (Past::Fresh, Some(Standing::Expired), "Expired Ready=False/Expired", ADOPT),
            (Past::Fresh, Some(Standing::Revoked), PLANNED, INVITE),
            (Past::Adopted, Some(Standing::Member), accepted, "-"),
            (INVITED, Some(Standing::Pending), pending, "-"),
            (INVITED, Some(Standing::Member), accepted, "-"),
            (INVITED, None, "Revoked Ready=False/Revoked", "-"),
            (NOT_DELIVERED, None, PLANNED, INVITE),
            (UNKNOWN, None, "OutcomeUnknown Ready=Unknown/OutcomeUnknown", "-"),
        ];
        check(rows.into_iter().map(|(past, standing, state, words)| {
            let world = World::with(past).absent(true);
            let world = standing.map_or_else(|| world.clone(), |standing| world.clone().seen(standing));
            let world = rehearsed(world, why);
            let wanted = format!("{state} → nothing → {words}");
            (format!("{why:?} {past:?} {standing:?}"), outcome(&world), wanted)
        }));
    }
}

#[test]
fn the_plan_names_what_would_be_granted() {
    let role = |name: &str| VmwareRole { name: name.to_owned(), ..VmwareRole::default() };
    let mut world = rehearsed(World::with(Past::Fresh), Why::DryRun);
    world.object.spec.access = Some(api::Access {
        vmware_cloud_services: Some(VmwareAccess {
            organization_roles: vec![role("org_member"), role("developer")],
            service_roles: vec![api::ServiceRoles {
                service_definition: "/csp/gateway/slc/api/definitions/external/x".to_owned(),
                roles: vec![role("vmc-user")],
            }],
            custom_roles: vec![api::CustomRole { name: "auditor".to_owned() }],
            group_ids: vec!["g-1".to_owned()],
        }),
        ..crate::api::Access::default()
    });
    assert_eq!(
        world.plan().status.plan.as_deref(),
        Some("invite with developer, org_member, vmc-user in x, auditor, group g-1")
    );
}

#[test]
fn the_texts_of_plans() {
    let text = |why| message(&rehearsed(World::with(Past::Fresh), why).plan());
    assert_eq!(
        text(Why::DryRun),
        "the provider's mode is DryRun: status.plan says what would be written at the vendor, and nothing is"
    );
    assert_eq!(
        text(Why::Observe),
        "managementPolicy is Observe: status.plan says what Manage would write at the vendor, and nothing is"
    );
}

#[test]
fn a_plan_of_many_words_fits_the_status() {
    let role = |number: usize| VmwareRole { name: format!("role-{number:03}"), ..VmwareRole::default() };
    let mut world = rehearsed(World::with(Past::Fresh), Why::Observe);
    world.object.spec.access = Some(api::Access {
        vmware_cloud_services: Some(VmwareAccess {
            organization_roles: (0..200).map(role).collect(),
            ..VmwareAccess::default()
        }),
        ..crate::api::Access::default()
    });
    let words = world.plan().status.plan.unwrap();
    assert!(words.chars().count() <= 512 && words.ends_with('…'), "{words}");
}

#[test]
fn a_resend_request_waits_until_something_can_be_sent() {
    for why in BOTH {
        let mut world = rehearsed(World::with(INVITED).seen(Standing::Pending), why);
        world.annotate(RESEND_REQUESTED_AT, "monday");
        let wanted = "Pending Ready=True/AwaitingAcceptance → nothing → take back the pending invitation, and invite again";
        assert_eq!(outcome(&world), wanted, "{why:?}");
        let mut member = rehearsed(World::with(INVITED).seen(Standing::Member), why);
        member.annotate(RESEND_REQUESTED_AT, "monday");
        let plan = member.plan();
        assert!(plan.events.iter().all(|event| event.reason != "ResendSpent"), "{why:?}: {:?}", plan.events);
        assert_eq!(plan.status.last_handled_resend_at, None, "{why:?}");
    }
}

#[test]
fn nobody_is_taken_over() {
    for why in BOTH {
        let mut world = rehearsed(World::with(Past::Fresh).seen(Standing::Pending), why);
        world.claim = Claim::Heir { record: Some(Box::new(record())) };
        assert_eq!(acts(&world.plan()), "nothing", "{why:?}");
        assert_eq!(
            world.plan().status.plan.as_deref(),
            Some("take the person over from another object, with no call")
        );
    }
}

#[test]
fn refusals_and_duplicates_are_said_as_ever() {
    for why in BOTH {
        let mut refused = rehearsed(World::with(Past::Fresh), why);
        refused.provider().spec.policy.protected_emails = vec![super::world::EMAIL.to_owned()];
        assert_eq!(outcome(&refused), "Refused Ready=False/ProtectedPerson → nothing → -");
        let mut duplicate = rehearsed(World::with(Past::Fresh), why);
        duplicate.claim = Claim::Duplicate { of: None };
        assert_eq!(outcome(&duplicate), "Conflict Ready=False/DuplicateInvitation → nothing → -");
    }
}

/// What is not recorded is not remembered: another person under the address is who is reported.
#[test]
fn an_observer_follows_who_is_there() {
    let mut world = rehearsed(World::with(Past::Fresh).seen(Standing::Member), Why::Observe);
    let plan = world.plan();
    world.apply(&plan);
    let mut other = presence(Standing::Member);
    other.user_id = Some("user-2".to_owned());
    world.shows(other);
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(plan.status.vendor_user_id.as_deref(), Some("user-2"));
    assert!(plan.status.accepted_time.is_some());
    assert_eq!(plan.status.origin, Some(api::Origin::Adopted));
    let gone = world.absent(false).plan();
    assert_eq!(gone.status.origin, None);
    assert_eq!(said(&gone), PLANNED);
    assert_eq!(gone.status.vendor_user_id, None);
    assert_eq!((gone.status.vendor_status, gone.status.accepted_time), (None, None));
}

/// Whoever is there is observed without a name; whoever is to be created needs one.
#[test]
fn an_observed_member_needs_no_name() {
    let mut world = rehearsed(World::with(Past::Fresh).seen(Standing::Member), Why::Observe);
    world.can.names_required = true;
    assert_eq!(world.plan().status.state, Some(api::InvitationState::Accepted));
    assert_eq!(said(&world.clone().absent(false).plan()), "Refused Ready=False/NameRequired Stalled");
    world.object.spec.management_policy = ManagementPolicy::Manage;
    assert_eq!(said(&world.plan()), "Refused Ready=False/NameRequired Stalled");
}

#[test]
fn before_the_first_look_all_stays_as_it_was() {
    for why in BOTH {
        let mut world = rehearsed(World::with(Past::Fresh), why);
        let plan = world.plan();
        world.apply(&plan);
        let world = world.not_looked_at();
        assert_eq!(world.plan().status, plan.status, "{why:?}");
    }
}

#[test]
fn the_plan_goes_once_it_is_carried_out() {
    let mut world = rehearsed(World::with(Past::Fresh), Why::DryRun);
    let plan = world.plan();
    world.apply(&plan);
    world.provider().spec.mode = ProviderMode::Enforce;
    let plan = world.plan();
    assert_eq!((acts(&plan).as_str(), plan.status.plan), ("invite", None));
    assert_eq!(plan.status.state, Some(api::InvitationState::Queued), "it is planned no more");
}

#[rstest]
#[case::fresh(Past::Fresh)]
#[case::invited(INVITED)]
fn a_suspended_provider_pauses_its_invitations(#[case] past: Past) {
    for standing in [None, Some(Standing::Pending), Some(Standing::Member)] {
        let world = World::with(past).absent(true);
        let mut world = standing.map_or_else(|| world.clone(), |standing| world.clone().seen(standing));
        world.provider().spec.mode = ProviderMode::Suspended;
        world.annotate(RESEND_REQUESTED_AT, "monday");
        assert_eq!(outcome(&world), "Paused Ready=Unknown/NotReconciled → nothing → -");
    }
}

#[test]
fn an_open_call_is_settled_all_the_same() {
    for mode in [ProviderMode::DryRun, ProviderMode::Suspended] {
        let mut world = World::with(Past::Open(AttemptKind::Invite));
        world.person().open[0].unclear = true;
        world.provider().spec.mode = mode;
        assert_eq!(outcome(&world), "OutcomeUnknown Ready=Unknown/OutcomeUnknown → nothing → -", "{mode:?}");
    }
}

#[test]
fn whoever_only_observes_owes_nothing() {
    for policy in [DeletionPolicy::Retain, DeletionPolicy::RevokePending, DeletionPolicy::Remove] {
        for standing in [Standing::Pending, Standing::Member, Standing::Blocked] {
            let mut world = rehearsed(World::with(INVITED).seen(standing), Why::Observe);
            world.object.spec.deletion_policy = policy;
            let plan = world.plan();
            assert_eq!(plan.status.on_delete, Some(OnDelete::Keep), "{policy:?} {standing:?}");
            world.apply(&plan);
            let world = world.deleted();
            assert!(!crate::plan::owes(&world.object, &world.found()));
            assert_eq!(acts(&world.plan()), "release NothingOwed", "{policy:?} {standing:?}");
        }
    }
    let open = rehearsed(World::with(Past::Open(AttemptKind::Invite)), Why::Observe).deleted();
    assert_eq!(acts(&open.plan()), "nothing", "a call that is open is waited for");
}

#[rstest]
#[case::retain(DeletionPolicy::Retain, Standing::Pending, OnDelete::Keep)]
#[case::pending(DeletionPolicy::RevokePending, Standing::Pending, OnDelete::Revoke)]
#[case::expired(DeletionPolicy::RevokePending, Standing::Expired, OnDelete::Revoke)]
#[case::member(DeletionPolicy::RevokePending, Standing::Member, OnDelete::Keep)]
#[case::removed(DeletionPolicy::Remove, Standing::Member, OnDelete::Remove)]
#[case::blocked(DeletionPolicy::Remove, Standing::Blocked, OnDelete::Remove)]
fn what_deleting_would_do_is_said_before(
    #[case] policy: DeletionPolicy,
    #[case] standing: Standing,
    #[case] wanted: OnDelete,
) {
    let mut world = World::with(INVITED).seen(standing);
    world.object.spec.deletion_policy = policy;
    assert_eq!(world.plan().status.on_delete, Some(wanted));
    world.object.spec.suspend = true;
    assert_eq!(world.plan().status.on_delete, Some(wanted), "also while suspended");
    world.object.spec.suspend = false;
    for mode in [ProviderMode::DryRun, ProviderMode::Suspended] {
        world.provider().spec.mode = mode;
        assert_eq!(world.plan().status.on_delete, Some(wanted), "{mode:?}");
    }
}

#[test]
fn nothing_is_said_of_a_deletion_for_another_spec() {
    let mut world = World::with(INVITED).seen(Standing::Member);
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(plan.status.on_delete, Some(OnDelete::Keep));
    world.object.metadata.generation = Some(2);
    world.object.spec.deletion_policy = DeletionPolicy::Remove;
    world.object.spec.suspend = true;
    world.has_credential = false;
    assert_eq!(world.plan().status.on_delete, None, "it can't be told, and must not pass for nothing");
}

#[test]
fn whoever_was_revoked_at_the_vendor_is_kept() {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    let plan = world.plan();
    world.apply(&plan);
    for standing in [Standing::Revoked, Standing::Declined] {
        assert_eq!(
            world.clone().seen(standing).plan().status.on_delete,
            Some(OnDelete::Keep),
            "{standing:?}"
        );
    }
    assert_eq!(world.clone().absent(false).plan().status.on_delete, Some(OnDelete::Revoke), "not sure yet");
    assert_eq!(world.absent(true).plan().status.on_delete, Some(OnDelete::Keep));
}

#[test]
fn a_successor_has_to_record_also_in_a_dry_run() {
    let mut owner = World::with(INVITED).seen(Standing::Pending).deleted();
    owner.claim = Claim::Owner { successor: Some(Successor { has_record: false }) };
    owner.provider().spec.mode = ProviderMode::DryRun;
    assert_eq!(acts(&owner.plan()), "nothing", "it waits, and nobody is called");
}
