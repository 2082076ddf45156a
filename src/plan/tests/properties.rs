//! What holds for every decision, whatever the past, the look, the policy and the surroundings.

use proptest::prelude::*;
use proptest::sample::select;

use super::past::*;
use super::world::{World, acts, presence};
use crate::api::condition::equal_ignoring_times;
use crate::api::{
    ABANDON, Adoption, DeletionPolicy, ManagementPolicy, Origin, ProviderKind, ProviderMode,
    RESEND_REQUESTED_AT, ReadyWhen, UserInvitationStatus,
};
use crate::plan::{Action, Brake, Claim, Plan, Provider, Release, Successor, counts_as_removal};
use crate::tenant::Wish;
use crate::vendor::Standing;

fn standing() -> impl Strategy<Value = Option<Standing>> {
    select(vec![
        None,
        Some(Standing::Pending),
        Some(Standing::Expired),
        Some(Standing::Member),
        Some(Standing::Blocked),
        Some(Standing::Revoked),
        Some(Standing::Declined),
        Some(Standing::Redeemed),
    ])
}

fn claim() -> impl Strategy<Value = Claim> {
    prop_oneof![
        4 => Just(Claim::Owner { successor: None }),
        1 => any::<bool>().prop_map(|has_record| Claim::Owner { successor: Some(Successor { has_record }) }),
        1 => Just(Claim::Duplicate { of: None }),
        1 => any::<bool>().prop_map(|holds| Claim::Heir { record: holds.then(|| Box::new(record())) }),
        1 => Just(Claim::WaitsForOwner),
    ]
}

/// What keeps things from being done.
fn held_back() -> impl Strategy<Value = (ProviderMode, ManagementPolicy, Brake)> {
    let mode = prop_oneof![8 => Just(ProviderMode::Enforce), 1 => Just(ProviderMode::DryRun),
        1 => Just(ProviderMode::Suspended)];
    let management = prop_oneof![8 => Just(ManagementPolicy::Manage), 1 => Just(ManagementPolicy::InviteOnly),
        1 => Just(ManagementPolicy::Observe)];
    let brake = prop_oneof![4 => Just(Brake::Off), 1 => Just(Brake::Held), 1 => Just(Brake::Uncounted),
        1 => Just(Brake::Waits(std::time::Duration::from_secs(1))), 1 => Just(Brake::LetGo)];
    (mode, management, brake)
}

/// What the provider's policy allows.
fn policies() -> impl Strategy<Value = (Adoption, Vec<DeletionPolicy>, Vec<String>, Vec<String>)> {
    let adoption = select(vec![Adoption::Manage, Adoption::ObserveOnly, Adoption::Forbid]);
    let deletion = prop_oneof![
        6 => Just(DeletionPolicy::ALL.to_vec()),
        1 => Just(vec![DeletionPolicy::Retain]),
        1 => Just(vec![DeletionPolicy::RevokePending]),
        1 => Just(vec![DeletionPolicy::Remove]),
    ];
    let domains = prop_oneof![6 => Just(Vec::new()), 1 => Just(vec!["example.org".to_owned()])];
    let protected = prop_oneof![
        6 => Just(vec!["owner@example.com".to_owned()]),
        1 => Just(vec!["ADA@EXAMPLE.COM".to_owned()]),
        1 => Just(Vec::new()),
    ];
    (adoption, deletion, domains, protected)
}

fn world() -> impl Strategy<Value = World> {
    (any_world(), policies()).prop_map(|(mut world, (adoption, deletion, domains, protected))| {
        if let Some(provider) = &mut world.provider {
            let policy = &mut provider.spec.policy;
            policy.adoption = adoption;
            policy.allowed_deletion_policies = deletion;
            policy.allowed_email_domains = domains;
            policy.protected_emails = protected;
        }
        world
    })
}

fn any_world() -> impl Strategy<Value = World> {
    let past = select(Past::all());
    let policy = select(vec![DeletionPolicy::Retain, DeletionPolicy::RevokePending, DeletionPolicy::Remove]);
    let switches = prop::array::uniform8(any::<bool>());
    let rare = prop::array::uniform8(prop::bool::weighted(0.1));
    (past, standing(), claim(), policy, switches, rare, held_back()).prop_map(
        |(past, standing, claim, policy, on, rare, (mode, management, brake))| {
            let mut world = World::with(past);
            world.claim = claim;
            world.provider().spec.mode = mode;
            world.object.spec.management_policy = management;
            world.deletion.brake = brake;
            world.object.spec.deletion_policy = policy;
            let sighting = world.person().sighting.as_mut().unwrap();
            sighting.presence = standing.map(presence);
            sighting.absence_proven = on[0];
            sighting.counts_as_absence = on[1];
            if on[2] {
                world.annotate(RESEND_REQUESTED_AT, "monday");
            }
            if on[3] {
                world.object.spec.ready_when = ReadyWhen::Accepted;
            }
            if on[4] {
                world = world.deleted();
            }
            world.starts = !rare[0];
            world.has_credential = !rare[1];
            world.object.spec.suspend = rare[2];
            if rare[3] {
                world.open("of another", "uid-of-another", on[5], on[6]);
            }
            if rare[4] {
                world.annotate(ABANDON, "true");
            }
            if rare[5] {
                world.provider = None;
            }
            if rare[6] {
                world = world.not_looked_at();
            }
            if rare[7] {
                world.object.metadata.generation = Some(2);
            }
            world
        },
    )
}

const fn wish(plan: &Plan) -> Option<&Wish> {
    match &plan.action {
        Some(Action::Request { wish, .. }) => Some(wish),
        Some(Action::Record { .. } | Action::Release(_)) | None => None,
    }
}

fn same(left: &UserInvitationStatus, right: &UserInvitationStatus) -> bool {
    equal_ignoring_times(&left.conditions, &right.conditions)
        && UserInvitationStatus { conditions: Vec::new(), ..left.clone() }
            == UserInvitationStatus { conditions: Vec::new(), ..right.clone() }
}

fn is_open(world: &World) -> bool {
    world.person.as_ref().is_some_and(|person| !person.open.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn conditions_are_unique_and_told_apart(world in world()) {
        let plan = world.plan();
        let mut types: Vec<&str> = plan.status.conditions.iter().map(|one| one.type_.as_str()).collect();
        let told = types.len();
        types.sort_unstable();
        types.dedup();
        prop_assert_eq!(types.len(), told);
        prop_assert!(types.contains(&"Ready"));
        prop_assert!(!(types.contains(&"Reconciling") && types.contains(&"Stalled")));
        for condition in &plan.status.conditions {
            let abnormal = matches!(condition.type_.as_str(), "Reconciling" | "Stalled");
            prop_assert!(!abnormal || condition.status == "True");
        }
    }

    #[test]
    fn a_write_that_is_open_holds_everything(world in world()) {
        if !is_open(&world) {
            return Ok(());
        }
        let plan = world.plan();
        prop_assert!(wish(&plan).is_none(), "{}", acts(&plan));
        let own = world.person.as_ref().unwrap().open.iter().any(|open| open.object == super::world::UID);
        let released = matches!(plan.action, Some(Action::Release(release)) if release != Release::Abandoned);
        prop_assert!(!(own && released), "{}", acts(&plan));
    }

    #[test]
    fn whoever_is_there_is_not_invited(world in world()) {
        let there = world.person.as_ref().and_then(|person| person.sighting.as_ref()?.present().cloned());
        if there.is_none() {
            return Ok(());
        }
        prop_assert!(!matches!(wish(&world.plan()), Some(Wish::Invite(_))));
    }

    #[test]
    fn nothing_is_sent_without_a_look(world in world()) {
        prop_assert!(wish(&world.not_looked_at().plan()).is_none());
    }

    #[test]
    fn whoever_was_adopted_is_taken_away_only_where_both_sides_say_so(mut world in world()) {
        let managed = world.provider.as_ref()
            .is_some_and(|provider| provider.spec.policy.adoption == Adoption::Manage);
        if managed && world.object.spec.deletion_policy == DeletionPolicy::Remove {
            return Ok(());
        }
        world.remember(&crate::api::Record { origin: Origin::Adopted, ..record() });
        prop_assert!(!matches!(wish(&world.plan()), Some(Wish::Cancel(_) | Wish::Remove(_))));
    }

    #[test]
    fn nothing_is_asked_of_the_vendor_that_policy_does_not_allow(world in world()) {
        let plan = world.plan();
        let (Some(wish), Some(provider)) = (wish(&plan), &world.provider) else { return Ok(()) };
        let policy = &provider.spec.policy;
        prop_assert!(!policy.protected_emails.contains(&"ADA@EXAMPLE.COM".to_owned()));
        prop_assert!(policy.allowed_deletion_policies.contains(&world.object.spec.deletion_policy));
        if world.object.spec.deletion_policy == DeletionPolicy::Remove {
            prop_assert!(!policy.protected_emails.is_empty());
        }
        if world.object.metadata.deletion_timestamp.is_none() {
            prop_assert!(policy.allowed_email_domains.is_empty(), "{:?}", wish);
        }
    }

    #[test]
    fn a_namespace_that_may_not_use_the_provider_makes_it_do_nothing(mut world in world()) {
        for instead in [Provider::NotAllowed, Provider::NotKnown] {
            world.instead = Some(instead);
            let plan = world.plan();
            prop_assert!(matches!(plan.action, None | Some(Action::Release(_))), "{}", acts(&plan));
            if let (Provider::NotKnown, Some(Action::Release(release))) = (instead, plan.action) {
                prop_assert!(matches!(release, Release::NothingOwed | Release::Abandoned | Release::GivenUp));
            }
        }
    }

    #[test]
    fn a_namespace_learns_nothing_of_a_provider_that_it_may_not_use(mut world in world()) {
        world.object.spec.provider_ref.kind = ProviderKind::ClusterInvitationProvider;
        if world.recalled().record.is_some() || world.object.status.is_some() {
            // It was allowed once.
            return Ok(());
        }
        let plans: Vec<Plan> = [Provider::NotAllowed, Provider::Missing]
            .into_iter()
            .map(|instead| {
                world.instead = Some(instead);
                world.person = None;
                world.plan()
            })
            .collect();
        prop_assert_eq!(&plans[0], &plans[1]);
    }

    #[test]
    fn a_member_is_not_taken_away_under_another_policy_than_remove(world in world()) {
        let standing = world.person.as_ref()
            .and_then(|person| Some(person.sighting.as_ref()?.presence.as_ref()?.standing));
        let plan = world.plan();
        if matches!(wish(&plan), Some(Wish::Remove(_))) {
            prop_assert_eq!(world.object.spec.deletion_policy, DeletionPolicy::Remove);
            prop_assert!(world.object.metadata.deletion_timestamp.is_some());
        }
        if matches!(wish(&plan), Some(Wish::Cancel(_))) {
            prop_assert!(matches!(standing, Some(Standing::Pending | Standing::Expired)));
        }
    }

    #[test]
    fn nothing_is_written_where_only_plans_are_made(mut world in world()) {
        let enforces = world.provider.as_ref().is_none_or(|provider| provider.spec.mode == ProviderMode::Enforce);
        let observes = world.object.spec.management_policy == ManagementPolicy::Observe;
        let plan = world.plan();
        if !enforces || observes {
            prop_assert!(matches!(plan.action, None | Some(Action::Release(_))), "{}", acts(&plan));
        } else if world.object.metadata.deletion_timestamp.is_none() {
            prop_assert_eq!(&plan.status.plan, &None);
        }
        if let Some(provider) = &mut world.provider {
            provider.spec.mode = ProviderMode::Suspended;
            prop_assert!(wish(&world.plan()).is_none());
        }
    }

    #[test]
    fn a_deletion_that_is_braked_makes_no_call_and_one_that_calls_is_counted(mut world in world()) {
        if world.object.metadata.deletion_timestamp.is_none() {
            return Ok(());
        }
        for brake in [Brake::Held, Brake::Uncounted, Brake::LetGo, Brake::Waits(std::time::Duration::ZERO)] {
            world.deletion.brake = brake;
            prop_assert!(wish(&world.plan()).is_none(), "{:?}", brake);
        }
        world.deletion.brake = Brake::Off;
        if wish(&world.plan()).is_some() {
            // The status that is written while it waits lets it count, if it did not before.
            world.deletion.brake = Brake::Uncounted;
            let waiting = world.plan();
            world.apply(&waiting);
            prop_assert!(counts_as_removal(&world.object, &world.found()));
        }
    }

    #[test]
    fn only_an_owner_calls(mut world in world()) {
        let live = world.object.metadata.deletion_timestamp.is_none();
        if world.claim == (Claim::Owner { successor: None }) || (live && matches!(world.claim, Claim::Owner { .. })) {
            return Ok(());
        }
        prop_assert!(wish(&world.plan()).is_none());
        world.claim = Claim::Duplicate { of: None };
        prop_assert!(matches!(world.plan().action, None | Some(Action::Release(_))));
    }

    #[test]
    fn live_objects_are_not_released_and_deleted_ones_not_invited(world in world()) {
        let plan = world.plan();
        if world.object.metadata.deletion_timestamp.is_some() {
            prop_assert!(!matches!(wish(&plan), Some(Wish::Invite(_))));
        } else {
            prop_assert!(!matches!(plan.action, Some(Action::Release(_))));
        }
    }

    #[test]
    fn a_decision_applied_to_its_own_result_is_quiet(mut world in world()) {
        // A record may be followed by the status that it leads to; then nothing is left to say.
        for _ in 0..3 {
            let plan = world.plan();
            if matches!(plan.action, Some(Action::Release(_))) {
                return Ok(());
            }
            world.apply(&plan);
        }
        let plan = world.plan();
        let before = world.object.status.clone().unwrap_or_default();
        prop_assert!(same(&before, &plan.status), "{:?}\n{:?}", before, plan.status);
        prop_assert!(plan.events.is_empty(), "{:?}", plan.events);
        let records = matches!(plan.action, Some(Action::Record { .. }));
        prop_assert!(!records);
    }

    #[test]
    fn transitions_keep_their_time(mut world in world()) {
        for _ in 0..3 {
            let plan = world.plan();
            world.apply(&plan);
        }
        world.now += jiff::SignedDuration::from_secs(3);
        let before = world.object.status.clone().unwrap_or_default();
        let later = world.plan();
        if matches!(later.action, Some(Action::Release(_))) {
            return Ok(());
        }
        prop_assert_eq!(before.conditions, later.status.conditions);
    }
}
