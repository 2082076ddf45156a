//! What keeps an invitation from being sent: provider, policy, other objects, people.

use rstest::rstest;

use super::past::*;
use super::world::{World, acts, message, said};
use crate::api::{
    Access, AccessProfile, AttemptKind, DeletionPolicy, InlineAccess, Notification, VmwareAccess, VmwareRole,
};
use crate::plan::Claim;
use crate::vendor::Standing;

fn refused(reason: &str) -> String {
    format!("Refused Ready=False/{reason} Stalled")
}

fn role(name: &str, second: Option<i64>) -> VmwareRole {
    VmwareRole {
        name: name.to_owned(),
        resource: None,
        expiration_time: second
            .map(|second| crate::api::time::whole_seconds(jiff::Timestamp::from_second(second).unwrap())),
    }
}

fn roles(roles: Vec<VmwareRole>) -> Access {
    Access {
        vmware_cloud_services: Some(VmwareAccess { organization_roles: roles, ..VmwareAccess::default() }),
        ..Access::default()
    }
}

fn profile(name: &str, access: Access) -> AccessProfile {
    AccessProfile { name: name.to_owned(), access }
}

#[track_caller]
fn is_refused(world: &World, reason: &str, text: &str) {
    let plan = world.plan();
    assert_eq!(said(&plan), refused(reason));
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(message(&plan), text);
}

#[test]
fn unknown_profiles() {
    let mut world = World::new();
    world.object.spec.access_profiles = vec!["admin".to_owned()];
    is_refused(&world, "UnknownProfile", "the provider has no access profile \"admin\"; it has: none");
    world.provider().spec.access_profiles =
        vec![profile("developer", Access::default()), profile("reader", Access::default())];
    is_refused(
        &world,
        "UnknownProfile",
        "the provider has no access profile \"admin\"; it has: developer, reader",
    );
}

#[test]
fn profiles_that_disagree() {
    let mut world = World::new();
    world.object.spec.access_profiles = vec!["one".to_owned(), "two".to_owned()];
    world.provider().spec.access_profiles = vec![
        profile("one", roles(vec![role("member", None)])),
        profile("two", roles(vec![role("member", Some(9))])),
    ];
    is_refused(
        &world,
        "ProfilesConflict",
        "the access profiles disagree about when the organization role \"member\" ends; name only one of them",
    );
}

#[test]
fn too_many_groups() {
    let mut world = World::new();
    let groups = |from: u32| Access {
        vmware_cloud_services: Some(VmwareAccess {
            group_ids: (from..from + 10).map(|group| group.to_string()).collect(),
            ..VmwareAccess::default()
        }),
        ..Access::default()
    };
    world.object.spec.access_profiles = vec!["one".to_owned(), "two".to_owned()];
    world.provider().spec.access_profiles = vec![profile("one", groups(0)), profile("two", groups(10))];
    is_refused(
        &world,
        "AccessTooLarge",
        "the access profiles name 20 groups together; an invitation can carry 15",
    );
    world.provider().spec.access_profiles = vec![profile("one", groups(0)), profile("two", groups(5))];
    assert_eq!(acts(&world.plan()), "invite", "ten and ten that share five are fifteen");
}

#[test]
fn inline_access() {
    let mut world = World::new();
    world.object.spec.access = Some(roles(vec![role("member", None)]));
    assert_eq!(acts(&world.plan()), "invite");
    world.provider().spec.policy.inline_access = InlineAccess::Forbid;
    world.provider().spec.access_profiles = vec![profile("developer", Access::default())];
    is_refused(
        &world,
        "InlineAccessForbidden",
        "the provider allows access profiles only: name some of developer in accessProfiles, and remove access",
    );
}

#[test]
fn another_vendor_s_words() {
    let mut world = World::new();
    world.object.spec.access = Some(roles(vec![role("member", None)]));
    world.provider().spec.vmware_cloud_services = None;
    is_refused(
        &world,
        "AccessBlockMismatch",
        "access has the block of another vendor than the provider's: remove it",
    );
}

const PROTECTED: &str = "the provider never touches this person: the address is protected, or is the credential's own \
                         account";

#[test]
fn protected_people() {
    let mut world = World::new();
    world.provider().spec.policy.protected_emails = vec!["ADA@example.COM".to_owned()];
    is_refused(&world, "ProtectedPerson", PROTECTED);
}

#[test]
fn the_credential_s_own_account() {
    let mut world = World::new();
    world.own_login = Some("ada@Example.com".to_owned());
    is_refused(&world, "ProtectedPerson", PROTECTED);
}

#[test]
fn remove_needs_somebody_protected() {
    let mut world = World::new();
    world.object.spec.deletion_policy = DeletionPolicy::Remove;
    assert_eq!(acts(&world.plan()), "invite");
    world.provider().spec.policy.protected_emails.clear();
    is_refused(
        &world,
        "ProtectedPerson",
        "deletionPolicy Remove is refused: the credential does not reveal its own account, so name the tenant's \
         owners in the provider's policy.protectedEmails first",
    );
    world.own_login = Some("admin@example.com".to_owned());
    assert_eq!(acts(&world.plan()), "invite");
}

#[rstest]
#[case(Notification::Suppress, "this vendor can't invite without a mail: choose another notification")]
#[case(
    Notification::NewAccountsOnly,
    "this vendor can't limit its mails to people without an account: choose another notification"
)]
fn mails_that_the_vendor_can_t_hold_back(#[case] notification: Notification, #[case] text: &str) {
    let mut world = World::new();
    world.object.spec.notification = notification;
    assert_eq!(acts(&world.plan()), "invite");
    world.can.suppress_all = false;
    world.can.suppress_known = false;
    is_refused(&world, "UnsupportedByVendor", text);
}

#[test]
fn a_refused_person_is_not_adopted_either() {
    let mut world = World::new().seen(Standing::Member);
    world.provider().spec.policy.protected_emails = vec!["ada@example.com".to_owned()];
    is_refused(&world, "ProtectedPerson", PROTECTED);
}

#[rstest]
#[case::fresh(Past::Fresh, "Waiting Ready=Unknown/ProviderNotFound Reconciling")]
#[case::restored(Past::Restored, "Waiting Ready=Unknown/ProviderNotFound Reconciling")]
#[case::invited(INVITED, "Queued Ready=Unknown/NotReconciled")]
fn without_a_provider(#[case] past: Past, #[case] wanted: &str) {
    let mut world = World::with(past);
    world.provider = None;
    world.tenant = None;
    assert_eq!(said(&world.plan()), wanted);
    assert_eq!(acts(&world.plan()), "nothing");
}

#[test]
fn the_texts_of_waiting() {
    let mut world = World::new();
    world.starts = false;
    assert_eq!(said(&world.plan()), "Waiting Ready=Unknown/ProviderNotReady Reconciling");
    assert_eq!(
        message(&world.plan()),
        "the InvitationProvider \"csp\" is not ready: see kubectl describe iprov csp"
    );
    world.provider = None;
    assert_eq!(
        message(&world.plan()),
        "there is no InvitationProvider \"csp\" in this namespace: create it, or delete this object and name another \
         one (kubectl get iprov)"
    );
}

#[test]
fn a_provider_that_may_not_start_starts_nothing() {
    for past in Past::all() {
        for standing in [None, Some(Standing::Pending), Some(Standing::Member)] {
            let mut world = World::with(past);
            if let Some(standing) = standing {
                world = world.seen(standing);
            }
            world.starts = false;
            world.annotate(crate::api::RESEND_REQUESTED_AT, "now");
            assert_eq!(acts(&world.plan()), "nothing", "{past:?} {standing:?}");
        }
    }
}

#[test]
fn a_provider_that_fails_does_not_flip_its_invitations() {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    let plan = world.plan();
    world.apply(&plan);
    world.starts = false;
    assert_eq!(world.plan().status, world.object.status.clone().unwrap());
    world.provider = None;
    world.tenant = None;
    assert_eq!(world.plan().status, world.object.status.clone().unwrap());
}

#[test]
fn nothing_is_said_while_a_credential_is_verified() {
    let mut world = World::new();
    world.starts = false;
    world.verifying = true;
    world.tenant = None;
    world.person = None;
    assert_eq!(said(&world.plan()), "Queued Ready=Unknown/NotReconciled");
}

#[test]
fn another_tenant_than_the_recorded_one() {
    let mut world = World::with(INVITED).absent(true);
    world.tenant.as_mut().unwrap().account_id = "another".to_owned();
    let plan = world.plan();
    assert_eq!(said(&plan), "Conflict Ready=False/TenantChanged Stalled");
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(
        message(&plan),
        "the person was invited in another tenant than the provider's present one, so nothing is sent; delete this \
         object and create it anew for the new tenant"
    );
}

#[rstest]
#[case::same_namespace(
    Some("ada-2"),
    "UserInvitation \"ada-2\" already speaks for this person, or for this login name, in this tenant, so nothing is sent; delete one of the two"
)]
#[case::another_namespace(
    None,
    "another object already speaks for this person, or for this login name, in this tenant, so nothing is sent; delete one of the two"
)]
fn duplicates(#[case] of: Option<&str>, #[case] text: &str) {
    let mut world = World::new();
    world.claim = Claim::Duplicate { of: of.map(ToOwned::to_owned) };
    let plan = world.plan();
    assert_eq!(said(&plan), "Conflict Ready=False/DuplicateInvitation Stalled");
    assert_eq!(acts(&plan), "nothing");
    assert_eq!(message(&plan), text);
}

#[test]
fn suspended() {
    let mut world = World::with(INVITED).seen(Standing::Pending);
    let plan = world.plan();
    world.apply(&plan);
    world.object.spec.suspend = true;
    let paused = world.plan();
    assert_eq!(said(&paused), said(&plan).replace("Pending ", "Paused "));
    world.object.spec.suspend = false;
    assert_eq!(said(&world.plan()), said(&plan));
    let mut fresh = World::new();
    fresh.object.spec.suspend = true;
    assert_eq!(said(&fresh.plan()), "Paused Ready=Unknown/NotReconciled");
    assert_eq!(acts(&fresh.plan()), "nothing");
}

#[test]
fn resumed_without_a_provider() {
    let mut world = World::new();
    world.object.spec.suspend = true;
    let plan = world.plan();
    world.apply(&plan);
    world.object.spec.suspend = false;
    world.starts = false;
    assert_eq!(said(&world.plan()), "Waiting Ready=Unknown/ProviderNotReady Reconciling");
}

#[test]
fn an_open_write_of_another_object_is_waited_for() {
    for past in [Past::Fresh, Past::Adopted, INVITED, NOT_DELIVERED] {
        let mut world = World::with(past);
        world.annotate(crate::api::RESEND_REQUESTED_AT, "now");
        world.open("another", "uid-of-another", false, true);
        assert_eq!(acts(&world.plan()), "nothing", "{past:?}");
    }
}

#[test]
fn an_own_open_write_that_the_record_does_not_show_is_waited_for() {
    for past in [Past::Fresh, INVITED, NOT_DELIVERED, TAKEN_AWAY] {
        let mut world = World::with(past).seen(Standing::Pending);
        world.annotate(crate::api::RESEND_REQUESTED_AT, "now");
        world.open("not recorded", super::world::UID, true, true);
        assert_eq!(acts(&world.plan()), "nothing", "{past:?}");
        assert_eq!(acts(&world.absent(true).plan()), "nothing", "{past:?}");
    }
}

#[test]
fn an_invite_follows_only_a_look_that_shows_absence() {
    for past in [Past::Fresh, NOT_DELIVERED, Past::Unsent(AttemptKind::Invite)] {
        let mut world = World::with(past);
        world.person().sighting.as_mut().unwrap().counts_as_absence = false;
        assert_eq!(acts(&world.plan()), "nothing", "{past:?}");
    }
}
