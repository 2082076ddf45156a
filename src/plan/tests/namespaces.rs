//! Providers of the cluster, and namespaces that may not use them, or no longer.

use rstest::rstest;

use super::past::*;
use super::world::{World, acts, message, said};
use crate::api::{
    AttemptKind, DeletionPolicy, OnDelete, ProviderKind, RECONCILE_REQUESTED_AT, RESEND_REQUESTED_AT,
};
use crate::plan::{Claim, Provider, Successor};
use crate::vendor::Standing;

const REFUSED_ENTRY: &str = "Refused Ready=False/NamespaceNotAllowed Stalled";

const WORDS: &str = "there is no ClusterInvitationProvider \"csp\" that this namespace may use: ask whoever runs the cluster to put \
                     the namespace into its allowedNamespaces, or delete this object and name another one";

/// An invitation that names a provider of the cluster.
fn world(past: Past) -> World {
    let mut world = World::with(past);
    world.object.spec.provider_ref.kind = ProviderKind::ClusterInvitationProvider;
    world.provider().metadata.namespace = None;
    world
}

fn kept_out(past: Past) -> World {
    World { instead: Some(Provider::NotAllowed), ..world(past) }
}

#[test]
fn one_that_may_use_it_is_invited() {
    assert_eq!(acts(&world(Past::Fresh).plan()), "invite");
}

#[test]
fn one_that_may_not_is_refused_in_the_words_of_one_that_is_not_there() {
    for suspended in [false, true] {
        let mut world = kept_out(Past::Fresh);
        world.object.spec.suspend = suspended;
        world.annotate(RESEND_REQUESTED_AT, "now");
        world.annotate(RECONCILE_REQUESTED_AT, "now");
        let refused = world.plan();
        assert_eq!((said(&refused).as_str(), acts(&refused).as_str()), (REFUSED_ENTRY, "nothing"));
        assert_eq!(message(&refused), WORDS);
        world.instead = Some(Provider::Missing);
        assert_eq!(world.plan(), refused);
    }
}

#[test]
fn nothing_is_said_before_the_namespace_is_known() {
    let mut world = world(Past::Fresh);
    world.instead = Some(Provider::NotKnown);
    assert_eq!(said(&world.plan()), "Queued Ready=Unknown/NotReconciled");
    assert_eq!(acts(&world.plan()), "nothing");
}

#[test]
fn a_permission_that_is_withdrawn_is_said_and_calls_nobody() {
    let mut world = world(INVITED).seen(Standing::Pending);
    world.hold();
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(plan.status.on_delete, Some(OnDelete::Revoke));
    world.instead = Some(Provider::NotAllowed);
    world.annotate(RESEND_REQUESTED_AT, "now");
    let plan = world.plan();
    assert_eq!((said(&plan).as_str(), acts(&plan).as_str()), (REFUSED_ENTRY, "nothing"));
    assert_eq!(plan.status.on_delete, Some(OnDelete::Keep));
    world.apply(&plan);
    world.instead = None;
    assert_eq!(acts(&world.plan()), "cancel", "the request waits for the permission");
}

#[test]
fn a_provider_that_goes_is_not_a_permission_that_is_withdrawn() {
    let mut world = world(INVITED).seen(Standing::Pending);
    let plan = world.plan();
    world.apply(&plan);
    world.instead = Some(Provider::Missing);
    assert_eq!(world.plan().status, world.object.status.clone().unwrap());
}

#[test]
fn an_open_write_is_settled_first() {
    let mut world = kept_out(Past::Open(AttemptKind::Invite));
    world.open(ATTEMPT, super::world::UID, true, true);
    let plan = world.plan();
    assert!(said(&plan).starts_with("OutcomeUnknown Ready=Unknown/OutcomeUnknown"), "{}", said(&plan));
    assert_eq!(acts(&world.deleted().plan()), "nothing");
}

#[rstest]
#[case::pending(DeletionPolicy::RevokePending, Standing::Pending, "release NotAllowed(NamespaceNotAllowed)")]
#[case::member(DeletionPolicy::Remove, Standing::Member, "release NotAllowed(NamespaceNotAllowed)")]
#[case::retained(DeletionPolicy::Retain, Standing::Pending, "release NothingOwed")]
fn a_deletion_takes_nobody_away(
    #[case] deletion: DeletionPolicy,
    #[case] standing: Standing,
    #[case] wanted: &str,
) {
    let mut world = kept_out(INVITED).deleted().seen(standing);
    world.object.spec.deletion_policy = deletion;
    let plan = world.plan();
    assert_eq!(acts(&plan), wanted);
    if wanted.contains("NotAllowed") {
        let event = plan.events.first().unwrap();
        assert_eq!(event.reason, "DeletionNotAllowed");
        assert_eq!(
            event.message,
            "this namespace may no longer use the provider, so nobody was taken away; what the person holds at the \
             vendor stays"
        );
    }
    world.person = None;
    assert!(acts(&world.plan()).starts_with("release"), "nobody has to look for that");
}

#[test]
fn a_deletion_waits_until_the_watch_has_shown_it() {
    let mut world = kept_out(INVITED).deleted().seen(Standing::Pending);
    world.deletion.shown_by_watch = false;
    assert_eq!(acts(&world.plan()), "nothing");
}

#[test]
fn a_deletion_of_somebody_who_is_gone_has_nothing_to_tell() {
    let world = kept_out(INVITED).deleted().absent(true);
    let plan = world.plan();
    assert_eq!(acts(&plan), "release NothingOwed");
    assert!(plan.events.is_empty());
}

#[test]
fn whoever_takes_the_person_over_records_first() {
    let mut world = kept_out(INVITED).deleted().seen(Standing::Pending);
    world.claim = Claim::Owner { successor: Some(Successor { has_record: false }) };
    assert_eq!(acts(&world.plan()), "nothing");
    world.claim = Claim::Owner { successor: Some(Successor { has_record: true }) };
    assert_eq!(acts(&world.plan()), "release HandedOver");
}

#[test]
fn a_deletion_waits_for_the_namespace_to_be_known() {
    let mut world = world(INVITED).deleted().seen(Standing::Pending);
    world.instead = Some(Provider::NotKnown);
    let plan = world.plan();
    assert_eq!(acts(&plan), "nothing");
    assert!(said(&plan).contains("DeletionPending"), "{}", said(&plan));
    let mut open = self::world(Past::Open(AttemptKind::Invite)).deleted();
    open.instead = Some(Provider::NotKnown);
    open.person = None;
    assert!(said(&open.plan()).contains("Settling"), "{}", said(&open.plan()));
}

#[test]
fn the_texts_name_the_kind() {
    let mut waiting = world(Past::Fresh);
    waiting.starts = false;
    assert_eq!(
        message(&waiting.plan()),
        "the ClusterInvitationProvider \"csp\" is not ready: see kubectl describe ciprov csp"
    );
    let mut owing = world(INVITED).deleted();
    owing.instead = Some(Provider::Missing);
    assert!(
        message(&owing.plan()).contains("bring the ClusterInvitationProvider \"csp\" and its Secret back")
    );
}
