//! The brake: how holds begin, last and end, and what they mean for one deletion.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use rstest::rstest;

use super::past::*;
use super::world::{NOW, World, acts, message, said};
use crate::api::{
    ABANDON, AttemptKind, DeletionPolicy, ManagementPolicy, OnDelete, ProviderMode, RemovalsHeld,
};
use crate::plan::{Brake, BrakeRules, BrakeSays, BrakeState, Removal, counts_as_removal};
use crate::vendor::Standing;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(NOW + second).unwrap()
}

fn removal(namespace: &str, requested: i64) -> Removal {
    Removal { namespace: namespace.to_owned(), requested: at(requested), leaving: false }
}

fn removals(count: usize, requested: i64) -> Vec<Removal> {
    vec![removal("stays", requested); count]
}

fn leaving(namespace: &str, count: usize) -> Vec<Removal> {
    vec![Removal { leaving: true, ..removal(namespace, 0) }; count]
}

fn rules(approval: Option<&str>) -> BrakeRules<'_> {
    BrakeRules { above: 3, approval, now: at(100), next_id: "new" }
}

fn hold(id: &str, count: i64, approved: Option<i64>) -> RemovalsHeld {
    RemovalsHeld { id: id.to_owned(), count, approved_time: approved.map(|second| Time(at(second))) }
}

fn held(id: &str, approved: Option<i64>) -> BrakeState {
    BrakeState { held: Some(hold(id, 0, approved)), released: Vec::new() }
}

fn next(state: &BrakeState, removals: &[Removal], approval: Option<&str>) -> Option<RemovalsHeld> {
    state.next(removals, &rules(approval)).held
}

#[test]
fn more_than_the_limit_begin_a_hold() {
    let off = BrakeState::default();
    assert_eq!(next(&off, &[], None), None);
    assert_eq!(next(&off, &removals(3, 0), None), None);
    assert_eq!(next(&off, &removals(4, 0), None), Some(hold("new", 4, None)));
    let none_at_all = BrakeRules { above: 0, ..rules(None) };
    assert_eq!(off.next(&removals(1, 0), &none_at_all).held, Some(hold("new", 1, None)));
}

#[test]
fn a_rescued_object_does_not_free_the_rest() {
    let state = held("first", None);
    for count in [9, 3, 1] {
        let stays = i64::try_from(count).unwrap();
        assert_eq!(next(&state, &removals(count, 0), None), Some(hold("first", stays, None)), "{count} left");
    }
    assert_eq!(next(&state, &[], None), None, "none is left");
}

#[test]
fn only_the_hold_s_own_id_approves() {
    let state = held("first", None);
    for approval in [None, Some("new"), Some("other"), Some(""), Some("true"), Some("FIRST")] {
        assert_eq!(next(&state, &removals(9, 0), approval), Some(hold("first", 9, None)), "{approval:?}");
    }
    assert_eq!(next(&state, &removals(9, 0), Some("first")), Some(hold("first", 9, Some(100))));
}

#[test]
fn an_approval_covers_everything_that_was_held_whatever_the_clocks_say() {
    let later = removals(9, 250);
    let state =
        BrakeState { held: next(&held("first", None), &later, Some("first")), ..BrakeState::default() };
    assert_eq!(state.held, Some(hold("first", 9, Some(251))));
    assert_eq!(state.says(&later[0]), BrakeSays::Approved);
}

#[test]
fn an_approval_ends_with_its_hold() {
    let state = held("first", Some(50));
    let approved = Some("first");
    assert_eq!(next(&state, &removals(1, 0), approved), Some(hold("first", 1, Some(50))));
    assert_eq!(next(&state, &[], approved), None);
    assert_eq!(next(&BrakeState::default(), &removals(4, 60), approved), Some(hold("new", 4, None)));
}

#[test]
fn deletions_after_the_approval_are_counted_by_themselves() {
    let state = held("first", Some(50));
    let mixed = |after: usize| [removals(9, 0), removals(after, 50)].concat();
    assert_eq!(next(&state, &mixed(3), Some("first")), Some(hold("first", 12, Some(50))));
    assert_eq!(next(&state, &mixed(4), Some("first")), Some(hold("new", 13, None)), "all of them wait again");
    assert_eq!(next(&state, &removals(3, 50), Some("first")), None, "what was approved is done");
    assert_eq!(next(&state, &removals(4, 50), Some("first")), Some(hold("new", 4, None)));
}

#[test]
fn namespaces_that_leave_are_counted_by_themselves() {
    let off = BrakeState::default();
    let both = [removals(3, 0), leaving("a", 3), leaving("b", 3)].concat();
    assert_eq!(off.next(&both, &rules(None)), off, "nowhere too many");
    let over = [removals(3, 0), leaving("a", 4), leaving("b", 3)].concat();
    let state = off.next(&over, &rules(None));
    assert_eq!(state, BrakeState { held: None, released: vec!["a".to_owned()] });
    // The first ones are gone; the rest follows all the same.
    assert_eq!(state.next(&leaving("a", 1), &rules(None)), state);
    assert_eq!(state.next(&leaving("b", 1), &rules(None)), off);
}

#[test]
fn a_namespace_for_which_the_status_has_no_room_waits() {
    let over: Vec<Removal> = (0..70).flat_map(|number| leaving(&format!("ns-{number:02}"), 4)).collect();
    let state = BrakeState::default().next(&over, &rules(None));
    assert_eq!(state.released.len(), 64);
    for removal in &over {
        let released = state.released.contains(&removal.namespace);
        assert_eq!(state.lacks_room(&over, removal, 3), !released, "{}", removal.namespace);
    }
    assert!(!state.lacks_room(&leaving("few", 3), &leaving("few", 1)[0], 3), "its calls are made");
    assert!(!state.lacks_room(&removals(9, 0), &removal("stays", 0), 3));
}

#[test]
fn what_was_held_is_not_freed_by_deleting_its_namespace() {
    let state = held("first", None);
    assert_eq!(next(&state, &leaving("a", 2), None), Some(hold("first", 2, None)));
    assert_eq!(state.says(&leaving("a", 1)[0]), BrakeSays::Held);
    let gone = state.next(&leaving("a", 4), &rules(None));
    assert_eq!(gone, BrakeState { held: None, released: vec!["a".to_owned()] }, "let go without a call");
}

#[rstest]
#[case::off(BrakeState::default(), 0, BrakeSays::Count)]
#[case::held(held("first", None), 0, BrakeSays::Held)]
#[case::approved(held("first", Some(50)), 49, BrakeSays::Approved)]
#[case::same_second(held("first", Some(50)), 50, BrakeSays::Count)]
#[case::later(held("first", Some(50)), 51, BrakeSays::Count)]
fn what_the_brake_says_of_one(#[case] state: BrakeState, #[case] requested: i64, #[case] wanted: BrakeSays) {
    assert_eq!(state.says(&removal("a", requested)), wanted);
}

#[test]
fn only_leaving_namespaces_are_let_go() {
    let state = BrakeState { held: None, released: vec!["a".to_owned()] };
    assert_eq!(state.says(&leaving("a", 1)[0]), BrakeSays::LetGo);
    assert_eq!(state.says(&removal("a", 0)), BrakeSays::Count, "a new namespace of that name");
    assert_eq!(state.says(&leaving("b", 1)[0]), BrakeSays::Count);
}

fn member(brake: Brake) -> World {
    let mut world = World::with(INVITED).seen(Standing::Member).deleted();
    world.object.spec.deletion_policy = DeletionPolicy::Remove;
    world.deletion.brake = brake;
    world
}

#[rstest]
#[case::off(Brake::Off, "remove", "Deleting Ready=False/Removing Reconciling")]
#[case::waits(
    Brake::Waits(Duration::from_secs(7)),
    "nothing",
    "Deleting Ready=False/DeletionPending Reconciling"
)]
#[case::uncounted(Brake::Uncounted, "nothing", "Deleting Ready=False/DeletionPending Reconciling")]
#[case::held(Brake::Held, "nothing", "Deleting Ready=False/RemovalsHeld Stalled")]
fn what_a_deletion_does(#[case] brake: Brake, #[case] action: &str, #[case] state: &str) {
    let plan = member(brake).plan();
    assert_eq!((acts(&plan).as_str(), said(&plan).as_str()), (action, state));
    assert_eq!(plan.wake.is_some(), matches!(brake, Brake::Waits(_) | Brake::Uncounted));
    assert_eq!(plan.status.on_delete, Some(OnDelete::Remove));
}

/// So that a new process, which has not looked yet, does not write what it will take back.
#[test]
fn a_held_deletion_says_so_whether_somebody_looked_or_not() {
    let world = member(Brake::Held);
    let before = world.plan();
    for mut world in [world.clone().not_looked_at(), world.clone().absent(false), {
        let mut verifying = world;
        verifying.verifying = true;
        verifying
    }] {
        world.object.status = Some(before.status.clone());
        let plan = world.plan();
        assert_eq!(said(&plan), "Deleting Ready=False/RemovalsHeld Stalled");
        assert_eq!(acts(&plan), "nothing");
    }
    let open = World::with(Past::Open(AttemptKind::Invite)).deleted();
    let held = World { deletion: member(Brake::Held).deletion, ..open };
    assert_eq!(said(&held.plan()), "Deleting Ready=False/Settling Reconciling", "that comes first");
}

#[test]
fn a_deletion_waits_exactly_as_long_as_it_has_to() {
    assert_eq!(member(Brake::Waits(Duration::from_secs(7))).plan().wake, Some(Duration::from_secs(7)));
}

#[test]
fn a_held_deletion_says_where_to_look() {
    assert_eq!(
        message(&member(Brake::Held).plan()),
        "more deletions owe a call than the provider's policy.removalsHeldAbove, so none is made before somebody \
         approves: see kubectl describe iprov csp; or annotate this object with \
         userinvitation.dev/abandon=true to let it go without the vendor"
    );
}

#[test]
fn what_goes_with_too_many_in_its_namespace_goes_without_a_call() {
    let plan = member(Brake::LetGo).plan();
    assert_eq!(acts(&plan), "release TooMany");
    assert_eq!(plan.events[0].reason, "TooManyRemovals");
}

#[test]
fn what_needs_no_call_is_not_braked() {
    for brake in [Brake::Held, Brake::Uncounted, Brake::Waits(Duration::from_secs(1))] {
        let mut keeps = member(brake);
        keeps.object.spec.deletion_policy = DeletionPolicy::RevokePending;
        assert_eq!(acts(&keeps.plan()), "release NothingOwed");
        let mut abandoned = member(brake);
        abandoned.annotate(ABANDON, "true");
        assert_eq!(acts(&abandoned.plan()), "release Abandoned");
        assert_eq!(acts(&member(brake).absent(true).plan()), "release Done");
    }
}

#[test]
fn a_terminating_namespace_ends_a_hold_after_its_tries() {
    let mut world = member(Brake::Held);
    world.deletion.terminating_after_tries = Some(4);
    assert_eq!(acts(&world.plan()), "nothing");
    assert!(world.plan().stuck);
    world.deletion.terminating_after_tries = Some(5);
    assert_eq!(acts(&world.plan()), "release GivenUp");
    world.deletion.brake = Brake::Waits(Duration::from_secs(1));
    assert_eq!(acts(&world.plan()), "nothing", "what goes on by itself is waited for");
}

#[rstest]
#[case::dry_run(ProviderMode::DryRun, "DryRun", Some("remove the person from the tenant"))]
#[case::suspended(ProviderMode::Suspended, "Suspended", None)]
fn a_provider_that_writes_nothing_holds_deletions(
    #[case] mode: ProviderMode,
    #[case] reason: &str,
    #[case] words: Option<&str>,
) {
    for brake in [Brake::Off, Brake::Held, Brake::Waits(Duration::from_secs(1))] {
        let mut world = member(brake);
        world.provider().spec.mode = mode;
        let plan = world.plan();
        assert_eq!(said(&plan), format!("Deleting Ready=False/{reason} Stalled"));
        assert_eq!((acts(&plan).as_str(), plan.status.plan.as_deref()), ("nothing", words));
        assert!(message(&plan).contains("set it to Enforce"), "{}", message(&plan));
        world.deletion.terminating_after_tries = Some(5);
        assert_eq!(acts(&world.plan()), "release GivenUp", "no namespace hangs");
    }
    let mut over = member(Brake::LetGo);
    over.provider().spec.mode = mode;
    assert_eq!(acts(&over.plan()), "release TooMany");
    let mut keeps = member(Brake::Off);
    keeps.provider().spec.mode = mode;
    keeps.object.spec.deletion_policy = DeletionPolicy::Retain;
    assert_eq!(acts(&keeps.plan()), "release NothingOwed", "what calls nobody goes");
}

#[test]
fn what_counts_as_a_removal() {
    let counts = |world: &World| counts_as_removal(&world.object, &world.found());
    assert!(counts(&member(Brake::Off)));
    assert!(!counts(&World::with(INVITED)), "not deleted");
    for past in [Past::Fresh, Past::Restored, Past::OtherAddress, Past::Unreadable, REFUSED] {
        let mut world = World::with(past).deleted();
        world.object.spec.deletion_policy = DeletionPolicy::Remove;
        assert!(!counts(&world), "{past:?}");
    }
    for past in [UNKNOWN, NOT_DELIVERED, TAKEN_AWAY, STILL_THERE, CANCEL_REFUSED, Past::Inherited] {
        assert!(counts(&World::with(past).deleted()), "{past:?}");
    }
    for kind in [AttemptKind::Invite, AttemptKind::Cancel, AttemptKind::Remove] {
        assert!(counts(&World::with(Past::Open(kind)).deleted()), "{kind:?}");
    }
    let released = |change: fn(&mut World)| {
        let mut world = member(Brake::Off);
        change(&mut world);
        counts(&world)
    };
    assert!(!released(|world| world.object.metadata.finalizers = None), "rescued");
    assert!(!released(|world| world.annotate(ABANDON, "true")), "abandoned");
    assert!(!released(|world| world.object.spec.deletion_policy = DeletionPolicy::Retain));
    assert!(!released(|world| world.object.spec.management_policy = ManagementPolicy::Observe));
}

#[test]
fn a_status_that_says_keep_does_not_count_until_a_call_is_owed_after_all() {
    let mut world = World::with(INVITED).seen(Standing::Member);
    let plan = world.plan();
    world.apply(&plan);
    assert_eq!(world.object.status.as_ref().unwrap().on_delete, Some(OnDelete::Keep));
    let mut world = world.seen(Standing::Pending).deleted();
    assert!(!counts_as_removal(&world.object, &world.found()));
    world.deletion.brake = Brake::Uncounted;
    let plan = world.plan();
    assert_eq!((acts(&plan).as_str(), plan.status.on_delete), ("nothing", Some(OnDelete::Revoke)));
    world.apply(&plan);
    assert!(counts_as_removal(&world.object, &world.found()));
}

#[test]
fn messages_of_holds_do_not_change_with_time() {
    let mut world = member(Brake::Held);
    let before = world.plan();
    world.apply(&before);
    world.now += SignedDuration::from_secs(60);
    assert_eq!(world.plan().status, before.status);
}
