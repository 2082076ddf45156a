//! Who speaks for a person, and how a person passes from one object to another.

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;

use super::past::*;
use super::world::{World, acts};
use crate::api::{AttemptKind, Origin, Record};
use crate::plan::{Action, Candidate, Claim, Contender, Service, Successor, claim, serve};
use crate::vendor::Standing;

const UIDS: [&str; 5] = ["a", "b", "c", "d", "e"];

#[derive(Debug, Clone, Copy)]
struct Rival {
    created: i64,
    deleted: bool,
    holds: bool,
    claims: bool,
}

fn rival() -> impl Strategy<Value = Rival> {
    (0_i64..3, any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(created, deleted, holds, claims)| {
        Rival { created, deleted, holds, claims: claims && !deleted }
    })
}

fn candidates<'a>(rivals: &[Rival], record: &'a Record) -> Vec<Candidate<'a>> {
    rivals
        .iter()
        .zip(UIDS)
        .map(|(rival, uid)| Candidate {
            namespace: "team",
            name: uid,
            uid,
            created: Some(Timestamp::from_second(rival.created).unwrap()),
            deleted: rival.deleted,
            record: rival.holds.then_some(record),
            claims: rival.claims,
        })
        .collect()
}

const fn speaks(claim: &Claim) -> bool {
    matches!(claim, Claim::Owner { .. } | Claim::Heir { .. })
}

proptest! {
    #[test]
    fn a_person_belongs_to_one_object(rivals in vec(rival(), 1..=5)) {
        let record = record();
        let candidates = candidates(&rivals, &record);
        let claims: Vec<Claim> = candidates.iter().map(|one| claim(&candidates, &[], one.uid)).collect();
        let owners = claims.iter().filter(|claim| matches!(claim, Claim::Owner { .. })).count();
        prop_assert_eq!(owners, 1);
        let live_speakers =
            claims.iter().zip(&candidates).filter(|(claim, one)| !one.deleted && speaks(claim)).count();
        prop_assert!(live_speakers <= 1);
        if candidates.iter().any(|one| one.claims) {
            prop_assert_eq!(live_speakers, 1, "somebody who may take the person does");
        }
    }

    #[test]
    fn the_order_of_objects_does_not_matter(rivals in vec(rival(), 1..=5), turn in 0_usize..5) {
        let record = record();
        let candidates = candidates(&rivals, &record);
        let mut turned = candidates.clone();
        turned.rotate_left(turn % candidates.len());
        for one in &candidates {
            prop_assert_eq!(claim(&candidates, &[], one.uid), claim(&turned, &[], one.uid));
        }
    }

    #[test]
    fn a_record_beats_age_and_a_live_object_beats_a_deleted_one(rivals in vec(rival(), 1..=5)) {
        let record = record();
        let candidates = candidates(&rivals, &record);
        let owner = candidates
            .iter()
            .find(|one| matches!(claim(&candidates, &[], one.uid), Claim::Owner { .. }))
            .unwrap();
        let best = candidates.iter().min_by_key(|one| {
            (one.record.is_none(), one.record.is_none() && one.deleted, one.created, one.uid)
        });
        prop_assert_eq!(owner.uid, best.unwrap().uid);
    }

    #[test]
    fn one_provider_serves_a_tenant(
        contenders in vec((0_i64..3, any::<bool>(), any::<bool>(), any::<bool>()), 1..=5),
    ) {
        let contenders: Vec<Contender<'_>> = contenders
            .iter()
            .zip(UIDS)
            .map(|((created, holds_in_use, owes, verified), uid)| Contender {
                uid,
                created: Some(Timestamp::from_second(*created).unwrap()),
                holds_in_use: *holds_in_use,
                owes: *owes,
                verified: *verified,
            })
            .collect();
        let places: Vec<Service> = contenders.iter().map(|one| serve(&contenders, one.uid)).collect();
        let serving: Vec<&Contender<'_>> = contenders
            .iter()
            .zip(&places)
            .filter(|(_, place)| **place == Service::Serves)
            .map(|(one, _)| one)
            .collect();
        let claimed = contenders.iter().any(|one| one.holds_in_use || one.verified);
        prop_assert_eq!(serving.len(), usize::from(claimed));
        for (one, place) in contenders.iter().zip(&places) {
            prop_assert_eq!(*place == Service::Unverified, !one.holds_in_use && !one.verified);
        }
        if let [one] = serving.as_slice() {
            let holders = || contenders.iter().filter(|other| other.holds_in_use);
            prop_assert!(one.holds_in_use || holders().count() == 0, "a holder serves before all others");
            prop_assert!(!one.holds_in_use || one.owes || holders().all(|other| !other.owes));
        }
    }
}

fn rename(owner: Rival, heir: Rival) -> (Claim, Claim) {
    let record = record();
    let candidates = candidates(&[owner, heir], &record);
    (claim(&candidates, &[], "a"), claim(&candidates, &[], "b"))
}

const OWNER: Rival = Rival { created: 0, deleted: true, holds: true, claims: false };
const HEIR: Rival = Rival { created: 1, deleted: false, holds: false, claims: true };

#[test]
fn a_deleted_owner_passes_the_person_on() {
    let (owner, heir) = rename(OWNER, HEIR);
    assert_eq!(owner, Claim::Owner { successor: Some(Successor { has_record: false }) });
    assert_eq!(heir, Claim::Heir { record: Some(Box::new(record())) });
    let (owner, _) = rename(OWNER, Rival { holds: true, ..HEIR });
    assert_eq!(owner, Claim::Owner { successor: Some(Successor { has_record: true }) });
    let (owner, other) = rename(OWNER, Rival { claims: false, ..HEIR });
    assert_eq!(owner, Claim::Owner { successor: None }, "who may not take the person is no successor");
    assert_eq!(other, Claim::Duplicate { of: Some("a".to_owned()) });
    let (_, other) = rename(OWNER, Rival { deleted: true, holds: true, claims: false, created: 1 });
    assert_eq!(other, Claim::WaitsForOwner);
}

#[test]
fn a_name_in_another_namespace_is_not_told() {
    let record = record();
    let mut candidates = candidates(&[Rival { deleted: false, ..OWNER }, HEIR], &record);
    assert_eq!(claim(&candidates, &[], "b"), Claim::Duplicate { of: Some("a".to_owned()) });
    candidates[1].namespace = "elsewhere";
    assert_eq!(claim(&candidates, &[], "b"), Claim::Duplicate { of: None });
}

#[test]
fn a_login_name_belongs_to_one_address() {
    let record = record();
    let rivals = |mine: Rival, other: Rival| {
        let mut both = candidates(&[mine, other], &record);
        let namesake = both.pop().unwrap();
        (both, namesake)
    };
    let live = Rival { created: 1, deleted: false, holds: false, claims: true };
    let owner = Claim::Owner { successor: None };
    let duplicate = Claim::Duplicate { of: Some("b".to_owned()) };
    for (mine, other, claimed) in [
        (live, Rival { created: 0, ..live }, &duplicate),
        (live, Rival { created: 2, holds: true, ..live }, &duplicate),
        (live, Rival { created: 2, holds: true, deleted: true, claims: false }, &duplicate),
        (live, Rival { created: 2, ..live }, &owner),
        (live, Rival { created: 0, deleted: true, holds: false, claims: false }, &owner),
        (Rival { holds: true, ..live }, Rival { created: 0, holds: true, ..live }, &owner),
        (OWNER, Rival { created: -1, holds: true, ..live }, &owner),
    ] {
        let (mine, namesake) = rivals(mine, other);
        assert_eq!(&claim(&mine, &[namesake], "a"), claimed, "{other:?}");
    }
    let (mine, mut namesake) = rivals(live, Rival { created: 0, ..live });
    namesake.namespace = "elsewhere";
    assert_eq!(claim(&mine, &[namesake], "a"), Claim::Duplicate { of: None });
}

fn owner(past: Past, has_record: bool) -> World {
    let mut world = World::with(past).deleted();
    world.claim = Claim::Owner { successor: Some(Successor { has_record }) };
    world
}

fn heir(record: Option<Record>) -> World {
    let mut world = World::new();
    world.claim = Claim::Heir { record: record.map(Box::new) };
    world
}

#[test]
fn a_rename_calls_nobody() {
    for past in Past::all() {
        for standing in [None, Some(Standing::Pending), Some(Standing::Member), Some(Standing::Revoked)] {
            for has_record in [false, true] {
                let mut deleted = owner(past, has_record);
                let mut live = heir(Some(record()));
                if let Some(standing) = standing {
                    deleted = deleted.seen(standing);
                    live = live.seen(standing);
                }
                for (who, world) in [("owner", deleted), ("heir", live)] {
                    let plan = world.plan();
                    let calls = matches!(plan.action, Some(Action::Request { .. }));
                    assert!(!calls, "{who} {past:?} {standing:?}: {}", acts(&plan));
                }
            }
        }
    }
}

#[test]
fn the_heir_of_somebody_present_records_first() {
    assert_eq!(acts(&owner(INVITED, false).seen(Standing::Pending).plan()), "nothing");
    let owners = Record {
        vendor_user_id: Some("u".to_owned()),
        vendor_invitation_id: Some("i".to_owned()),
        resend: Some("monday".to_owned()),
        ..record()
    };
    let mut live = heir(Some(owners)).seen(Standing::Pending);
    let plan = live.plan();
    let Some(Action::Record { draft, finalizer: true }) = &plan.action else { panic!("{}", acts(&plan)) };
    assert_eq!(draft.origin, Origin::Invited);
    assert_eq!(draft.vendor_user_id.as_deref(), Some("u"));
    assert_eq!(draft.vendor_invitation_id.as_deref(), Some("i"));
    assert_eq!(draft.resend.as_deref(), Some("monday"));
    live.apply(&plan);
    assert_eq!(acts(&live.plan()), "nothing", "once");
    assert_eq!(acts(&owner(INVITED, true).seen(Standing::Pending).plan()), "release HandedOver");
}

#[test]
fn the_owner_of_somebody_absent_goes_first_once_the_absence_is_sure() {
    assert_eq!(acts(&heir(Some(record())).absent(true).plan()), "nothing");
    assert_eq!(acts(&owner(INVITED, false).absent(false).plan()), "nothing");
    assert_eq!(acts(&owner(INVITED, false).absent(true).plan()), "release HandedOver");
    assert_eq!(acts(&owner(INVITED, false).seen(Standing::Revoked).plan()), "release HandedOver");
    assert_eq!(acts(&owner(TAKEN_AWAY, false).absent(false).plan()), "release HandedOver");
}

#[test]
fn an_adopted_person_passes_on_without_a_finalizer() {
    let adopted = Record { origin: Origin::Adopted, ..record() };
    assert_eq!(acts(&heir(Some(adopted)).seen(Standing::Member).plan()), "record Adopted finalizer=false");
    assert_eq!(acts(&heir(None).seen(Standing::Member).plan()), "record Adopted finalizer=false");
}

#[test]
fn nothing_passes_on_while_a_write_is_open() {
    let mut live = heir(Some(record())).seen(Standing::Pending);
    live.open("of the owner", "uid-of-owner", false, true);
    assert_eq!(acts(&live.plan()), "nothing");
    for kind in [AttemptKind::Invite, AttemptKind::Cancel] {
        for has_record in [false, true] {
            let world = owner(Past::Open(kind), has_record).seen(Standing::Pending);
            assert_eq!(acts(&world.plan()), "nothing");
        }
    }
}

#[test]
fn a_deleted_duplicate_goes_and_a_second_holder_waits() {
    let mut duplicate = World::with(INVITED).deleted().seen(Standing::Pending);
    duplicate.claim = Claim::Duplicate { of: None };
    assert_eq!(acts(&duplicate.plan()), "release HandedOver");
    let mut second = World::with(INVITED).deleted().seen(Standing::Pending);
    second.claim = Claim::WaitsForOwner;
    assert_eq!(acts(&second.plan()), "nothing");
}
