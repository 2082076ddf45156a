//! Dynatrace SaaS: groups, named, shown and changed.

use std::collections::BTreeSet;

use rstest::rstest;
use serde_json::json;
use user_invitation_operator::vendor::{
    AccessChange, EditCalls, ErrorClass, GrantKind, MemberAnswer, Presence, Standing, Target, VendorClient,
    Watched, dynatrace_saas,
};
use vendor_simulators::{BodyFault, Drop, Fault, PersonAction, SaasLockedGroups, When};

use super::saas_rig::groups;
use super::support::{Rig, body, person, status, target};

const ADA: &str = "ada@example.com";

fn watched(groups: &[&str]) -> Watched {
    Watched { access: true, groups: groups.iter().map(|id| (*id).to_owned()).collect() }
}

fn held(presence: &Presence) -> BTreeSet<&str> {
    presence.held.as_ref().unwrap().grants.iter().map(|grant| grant.name.as_str()).collect()
}

async fn with_ada(in_groups: &[&str]) -> (Rig<dynatrace_saas::Client>, Target) {
    let rig = Rig::saas(|_| {}).await;
    rig.control.add_member(&rig.tenant, ADA, in_groups).unwrap();
    let ada = rig.find(ADA).await.unwrap();
    let target = target(ADA, &ada);
    (rig, target)
}

#[tokio::test]
async fn only_groups_that_can_be_set_are_named() {
    let rig = Rig::saas(|_| {}).await;
    let names = rig.client.names().await.unwrap();
    let id = |word| names.id(GrantKind::Group, word);
    assert_eq!(id("Viewers"), Ok("local".to_owned()));
    assert_eq!(id("viewers"), Ok("local".to_owned()));
    assert_eq!(id("SAML"), Ok("saml".to_owned()));
    assert_eq!(id("Vewers").unwrap_err()[0], "Viewers");
    for word in ["Directory", "scim", "Dynatrace", "dcs", "All users"] {
        assert!(id(word).is_err(), "{word}");
    }
}

#[tokio::test]
async fn sweeps_read_only_the_groups_that_are_watched() {
    let (rig, _) = with_ada(&["local", "saml", "scim"]).await;
    let sweep = rig.client.sweep(&Watched::default()).await.unwrap();
    assert_eq!(sweep.people[ADA].held, None);
    assert_eq!(rig.operations("saas.group_users").len(), 0);
    let sweep = rig.client.sweep(&watched(&["local", "other"])).await.unwrap();
    let ada = &sweep.people[ADA];
    assert_eq!(held(ada), BTreeSet::from(["local"]));
    let shown = ada.held.as_ref().unwrap();
    for (id, is_shown) in [("local", true), ("other", true), ("saml", false)] {
        assert_eq!(shown.shows(&groups(&[id])[0]), is_shown);
    }
    let read = rig.operations("saas.group_users");
    assert_eq!(read.iter().map(|call| call.ids[0].as_str()).collect::<Vec<_>>(), ["local", "other"]);
    // read alone, everything is shown but what nobody sets
    let ada = rig.client.find(&person(ADA), &watched(&[])).await.unwrap().unwrap();
    assert_eq!(held(&ada), BTreeSet::from(["local", "saml"]));
    assert!(ada.held.as_ref().unwrap().shows(&groups(&["anything"])[0]));
}

#[tokio::test]
async fn a_group_that_is_gone_has_nobody() {
    let (rig, _) = with_ada(&["local"]).await;
    let sweep = rig.client.sweep(&watched(&["local", "gone"])).await.unwrap();
    assert_eq!((sweep.incomplete, held(&sweep.people[ADA])), (None, BTreeSet::from(["local"])));
}

#[rstest]
#[case::error(status(503))]
#[case::number(body(BodyFault::Json(json!({"count": 7, "items": []}).to_string())))]
#[case::no_list(body(BodyFault::Json("{}".to_owned())))]
#[tokio::test]
async fn a_group_that_can_t_be_read_fails_the_sweep(#[case] fault: Fault) {
    let (rig, _) = with_ada(&["local"]).await;
    rig.spoil("saas.group_users", When::Always, fault);
    assert!(rig.client.sweep(&watched(&["local"])).await.is_err());
}

#[tokio::test]
async fn additions_are_one_call_and_removals_another() {
    let (rig, ada) = with_ada(&["local", "scim"]).await;
    let change = AccessChange { add: groups(&["other", "saml"]), remove: groups(&["local"]) };
    let calls = EditCalls::AdditionsThenRemovals;
    assert_eq!(rig.client.capabilities().edit_calls, calls);
    for step in [calls.next(&change), AccessChange { add: Vec::new(), ..change.clone() }] {
        let permit = rig.client.permit().await.unwrap();
        let answer = rig.client.edit(permit, &ada, &step).await;
        assert!(matches!(answer, MemberAnswer::Accepted { .. }), "{answer:?}");
        assert!(step.is_made(rig.find(ADA).await.unwrap().held.as_ref().unwrap()));
    }
    assert_eq!(rig.in_groups(ADA), ["Editors", "Federated", "Directory"]);
    let counts =
        ["saas.add_groups", "saas.remove_groups", "saas.set_groups"].map(|call| rig.operations(call).len());
    assert_eq!(counts, [1, 1, 0]);
    assert_eq!(rig.operations("saas.remove_groups")[0].ids, ["local"]);
}

#[tokio::test]
async fn pending_people_are_put_into_groups() {
    let rig = Rig::saas(|_| {}).await;
    rig.invite(&["Ada@example.com"]).await;
    let ada = rig.find("Ada@example.com").await.unwrap();
    let answer = rig.regroup(&target("Ada@example.com", &ada), &["local"], &[]).await;
    assert!(matches!(answer, MemberAnswer::Accepted { .. }), "{answer:?}");
    let sweep = rig.client.sweep(&watched(&["local"])).await.unwrap();
    assert_eq!(
        (sweep.people[ADA].standing, held(&sweep.people[ADA])),
        (Standing::Pending, BTreeSet::from(["local"]))
    );
    assert_eq!(rig.mails(), 1, "groups send no mail");
}

#[rstest]
#[case(SaasLockedGroups::Refused)]
#[case(SaasLockedGroups::Ignored)]
#[case(SaasLockedGroups::Taken)]
#[tokio::test]
async fn groups_of_a_directory_are_never_touched(#[case] locked: SaasLockedGroups) {
    let (rig, ada) = with_ada(&["scim", "local"]).await;
    rig.control.set_dynatrace_saas_knobs(&rig.tenant, |knobs| knobs.locked_groups = locked).unwrap();
    for (add, remove) in [(&["other"][..], &[][..]), (&[], &["local"])] {
        let answer = rig.regroup(&ada, add, remove).await;
        assert!(matches!(answer, MemberAnswer::Accepted { .. }), "{answer:?}");
    }
    assert_eq!(rig.in_groups(ADA), ["Editors", "Directory"]);
}

#[tokio::test]
async fn another_person_under_the_address_is_left_alone() {
    let (rig, ada) = with_ada(&["local"]).await;
    rig.control.remove(&rig.tenant, ADA).unwrap();
    rig.control.add_member(&rig.tenant, ADA, &[]).unwrap();
    let answer = rig.regroup(&ada, &["local"], &[]).await;
    let invalid = ErrorClass::Invalid;
    assert!(matches!(&answer, MemberAnswer::Refused(refusal) if refusal.class == invalid), "{answer:?}");
    rig.control.remove(&rig.tenant, ADA).unwrap();
    let answer = rig.regroup(&ada, &["local"], &[]).await;
    assert!(matches!(answer, MemberAnswer::Ambiguous(_)), "gone, or not shown: {answer:?}");
    assert_eq!(rig.operations("saas.add_groups").len(), 0);
}

#[rstest]
#[case::bad_request(400, ErrorClass::Invalid)]
#[case::not_found(404, ErrorClass::Invalid)]
#[tokio::test]
async fn unknown_groups_are_refused(#[case] status: u16, #[case] class: ErrorClass) {
    let (rig, ada) = with_ada(&["local"]).await;
    let set = |knobs: &mut vendor_simulators::DynatraceSaasKnobs| knobs.unknown_group_status = status;
    rig.control.set_dynatrace_saas_knobs(&rig.tenant, set).unwrap();
    for (add, remove) in [(&["nothing"][..], &[][..]), (&[], &["nothing"])] {
        let answer = rig.regroup(&ada, add, remove).await;
        assert!(matches!(&answer, MemberAnswer::Refused(refusal) if refusal.class == class), "{answer:?}");
    }
}

#[rstest]
#[case::lost(Fault::DropAfter { how: Drop::Reset }, "Viewers")]
#[case::error(status(500), "")]
#[tokio::test]
async fn an_unclear_edit_is_not_repeated(#[case] fault: Fault, #[case] group: &str) {
    let (rig, ada) = with_ada(&[]).await;
    rig.spoil("saas.add_groups", When::Nth(1), fault);
    let answer = rig.regroup(&ada, &["local"], &[]).await;
    assert!(matches!(answer, MemberAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!((rig.operations("saas.add_groups").len(), rig.in_groups(ADA).concat().as_str()), (1, group));
}

#[tokio::test]
async fn what_an_administrator_did_is_shown() {
    let (rig, _) = with_ada(&["local", "other"]).await;
    let roles = PersonAction::SetRoles { roles: vec!["other".to_owned()] };
    rig.control.act(&rig.tenant, ADA, &roles).unwrap();
    let sweep = rig.client.sweep(&watched(&["local", "other"])).await.unwrap();
    assert_eq!(held(&sweep.people[ADA]), BTreeSet::from(["other"]));
}
