//! Dynatrace Managed: answers of gateways and broken clusters to writing calls.

use rstest::rstest;
use user_invitation_operator::vendor::{
    AccessChange, ErrorClass, Grant, GrantKind, MemberAnswer, Target, VendorClient,
};
use vendor_simulators::{BodyFault, Drop, ErrorBody, Fault, ManagedUser, PersonAction, When};

use super::support::{NOTHING, Rig, accepted, body, named, of, target, with_login};

const ADA: &str = "ada@example.com";
const BOB: &str = "bob@example.com";

fn error(status: u16, commit: bool, body: ErrorBody) -> Fault {
    Fault::Status { status, commit, body }
}

fn change() -> AccessChange {
    AccessChange { add: vec![Grant::named(GrantKind::Group, "users")], remove: Vec::new() }
}

async fn with_member() -> (Rig<user_invitation_operator::vendor::dynatrace_managed::Client>, Target) {
    let rig = Rig::managed(|cluster| cluster.users.push(ManagedUser::of(ADA).with_id("ada"))).await;
    let target = target(ADA, &rig.everybody().await[ADA]);
    (rig, target)
}

#[rstest]
#[case::invalid(400, ErrorClass::Invalid)]
#[case::credential(401, ErrorClass::Authentication)]
#[case::unacceptable(406, ErrorClass::Invalid)]
#[case::too_many(429, ErrorClass::Throttled)]
#[case::not_created(522, ErrorClass::Invalid)]
#[case::exists(523, ErrorClass::Conflict)]
#[case::address_taken(524, ErrorClass::Conflict)]
#[tokio::test]
async fn documented_refusals_of_one_person(#[case] status: u16, #[case] class: ErrorClass) {
    for body in [ErrorBody::Vendor, ErrorBody::Empty, ErrorBody::Json("[1]".to_owned())] {
        let rig = Rig::managed(|_| {}).await;
        rig.spoil("managed.create_user", When::Nth(1), error(status, false, body));
        let answer = rig.create(&[named(ADA)]).await;
        let refused = of(&answer, ADA);
        assert!(
            matches!(refused, MemberAnswer::Refused(refusal) if refusal.class == class && refusal.status == status),
            "{refused:?}"
        );
        assert_eq!(rig.operations("managed.create_user").len(), 1);
    }
}

/// A proxy uses the numbers of the cluster's own answers for its trouble, and a firewall any.
#[rstest]
#[case(403, ErrorBody::Html)]
#[case(406, ErrorBody::Html)]
#[case(522, ErrorBody::Html)]
#[case(523, ErrorBody::Html)]
#[case(524, ErrorBody::Html)]
#[case(522, ErrorBody::Json("error code: 522".to_owned()))]
#[case(524, ErrorBody::Json("error code: 524".to_owned()))]
#[tokio::test]
async fn what_a_gateway_says_is_unclear(#[case] status: u16, #[case] body: ErrorBody) {
    for commit in [false, true] {
        let rig = Rig::managed(|_| {}).await;
        rig.spoil("managed.create_user*", When::Always, error(status, commit, body.clone()));
        let answer = rig.create(&[named(ADA)]).await;
        assert!(matches!(of(&answer, ADA), MemberAnswer::Ambiguous(_)), "{answer:?}");
        let answer = rig.create(&[with_login(BOB, "b"), with_login("c@example.com", "c")]).await;
        assert!(matches!(of(&answer, BOB), MemberAnswer::Ambiguous(_)), "{answer:?}");
        assert_eq!(rig.creations().len(), if commit { 3 } else { 0 });
    }
}

#[rstest]
#[case::server_error(error(500, false, ErrorBody::Vendor), 0)]
#[case::server_error_too_late(error(503, true, ErrorBody::Html), 2)]
#[case::undocumented(error(418, false, ErrorBody::Vendor), 0)]
#[case::not_found(error(404, false, ErrorBody::Empty), 0)]
#[case::reset_after(Fault::DropAfter { how: Drop::Reset }, 2)]
#[case::closed_before(Fault::DropBefore { how: Drop::Close }, 0)]
#[case::no_answer_in_time(Fault::DelayAfter { milliseconds: 3500 }, 2)]
#[case::redirect(Fault::Redirect { status: 302, location: None }, 0)]
#[case::html(body(BodyFault::Html), 2)]
#[case::empty(body(BodyFault::Empty), 2)]
#[case::truncated(body(BodyFault::Truncated), 2)]
#[case::huge(body(BodyFault::Huge(1 << 40)), 2)]
#[case::invalid_utf8(body(BodyFault::InvalidUtf8), 2)]
#[case::deep(body(BodyFault::DeepJson(100_000)), 2)]
#[case::other_json(body(BodyFault::Json(r#"{"message": "all is well"}"#.to_owned())), 2)]
#[case::empty_list(body(BodyFault::Json("[]".to_owned())), 2)]
#[tokio::test]
async fn anything_else_is_ambiguous_and_never_repeated(#[case] fault: Fault, #[case] created: usize) {
    let rig = Rig::managed(|_| {}).await;
    rig.spoil("managed.create_users", When::Nth(1), fault.clone());
    let answer = rig.create(&[named(ADA), named(BOB)]).await;
    for person in [ADA, BOB] {
        let member = of(&answer, person);
        assert!(matches!(member, MemberAnswer::Ambiguous(_)), "{member:?}");
    }
    assert_eq!(rig.creations().len(), created);
    rig.spoil("managed.create_user", When::Nth(1), fault);
    let answer = rig.create(&[with_login("c@example.com", "c")]).await;
    assert!(matches!(of(&answer, "c@example.com"), MemberAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!(rig.creations().len(), created + created.min(1));
    assert_eq!(
        (rig.operations("managed.create_users").len(), rig.operations("managed.create_user").len()),
        (1, 1)
    );
    assert_eq!(rig.operations("managed.unknown").len(), 0);
}

#[tokio::test]
async fn only_who_is_listed_was_created() {
    let rig = Rig::managed(|_| {}).await;
    let list = r#"[{"id": "ADA@example.com", "email": "Ada@example.com"}, {"id": "bob", "email": "x@example.com"}, 7]"#;
    rig.spoil("managed.create_users", When::Nth(1), body(BodyFault::Json(list.to_owned())));
    let answer = rig.create(&[named(ADA), named(BOB)]).await;
    assert_eq!(of(&answer, ADA), &MemberAnswer::Accepted { user_id: Some("ADA@example.com".to_owned()) });
    assert!(matches!(of(&answer, BOB), MemberAnswer::Ambiguous(_)), "{answer:?}");
    let other = r#"{"id": "other", "email": "other@example.com"}"#;
    rig.spoil("managed.create_user", When::Nth(1), body(BodyFault::Json(other.to_owned())));
    let answer = rig.create(&[named("c@example.com")]).await;
    assert!(matches!(of(&answer, "c@example.com"), MemberAnswer::Ambiguous(_)), "{answer:?}");
}

#[rstest]
#[case::credential(401, ErrorClass::Authentication)]
#[case::denied(403, ErrorClass::Forbidden)]
#[case::protected(406, ErrorClass::Invalid)]
#[case::too_many(429, ErrorClass::Throttled)]
#[tokio::test]
async fn refusals_of_removals(#[case] status: u16, #[case] class: ErrorClass) {
    let (rig, target) = with_member().await;
    rig.spoil("managed.delete_user", When::Nth(1), error(status, false, ErrorBody::Vendor));
    let answer = rig.remove(&[target]).await;
    assert!(
        matches!(of(&answer, ADA), MemberAnswer::Refused(refusal) if refusal.class == class),
        "{answer:?}"
    );
}

#[rstest]
#[case::bad_request(error(400, false, ErrorBody::Vendor))]
#[case::server_error(error(500, true, ErrorBody::Vendor))]
#[case::firewall(error(403, false, ErrorBody::Html))]
#[case::page(body(BodyFault::Html))]
#[case::list(body(BodyFault::Json("[]".to_owned())))]
#[case::reset(Fault::DropAfter { how: Drop::Reset })]
#[tokio::test]
async fn removals_that_have_to_be_looked_after(#[case] fault: Fault) {
    let (rig, target) = with_member().await;
    rig.spoil("managed.delete_user", When::Nth(1), fault);
    let answer = rig.remove(&[target]).await;
    assert!(matches!(of(&answer, ADA), MemberAnswer::Ambiguous(_)), "{answer:?}");
}

#[tokio::test]
async fn the_installation_s_administrator_stays() {
    let (rig, _) = with_member().await;
    let owner = rig.everybody().await["owner@example.com"].clone();
    let answer = rig.remove(&[target("owner@example.com", &owner)]).await;
    assert!(
        matches!(of(&answer, "owner@example.com"), MemberAnswer::Refused(refusal) if refusal.status == 406)
    );
    rig.control.act(&rig.tenant, ADA, &PersonAction::RefuseRemoval).unwrap();
    let ada = rig.everybody().await[ADA].clone();
    assert!(!accepted(&rig.remove(&[target(ADA, &ada)]).await));
}

#[rstest]
#[case::unknown(None)]
#[case::parent(Some(".."))]
#[case::nothing(Some(""))]
#[case::line(Some("a\nb"))]
#[tokio::test]
async fn an_id_that_leads_elsewhere_is_never_called(#[case] id: Option<&str>) {
    let (rig, target) = with_member().await;
    let odd = Target { user_id: id.map(str::to_owned), ..target };
    let answer = rig.remove(std::slice::from_ref(&odd)).await;
    assert!(matches!(of(&answer, ADA), MemberAnswer::Refused(refusal) if refusal.status == 0), "{answer:?}");
    let edited = rig.client.edit(rig.client.permit().await.unwrap(), &odd, &change()).await;
    assert!(matches!(&edited, MemberAnswer::Refused(refusal) if refusal.status == 0), "{edited:?}");
    assert_eq!(rig.operations("managed.*").iter().filter(|call| call.method != "GET").count(), 0);
}

#[tokio::test]
async fn ids_with_odd_characters_are_encoded() {
    let odd = "a/../b %2e+c@x.y?#";
    let rig = Rig::managed(|cluster| cluster.users.push(ManagedUser::of(ADA).with_id(odd))).await;
    let found = rig.everybody().await[ADA].clone();
    assert!(rig.find_person(&with_login(ADA, odd)).await.is_some());
    let edited = rig.client.edit(rig.client.permit().await.unwrap(), &target(ADA, &found), &change()).await;
    assert!(matches!(edited, MemberAnswer::Accepted { .. }), "{edited:?}");
    assert!(accepted(&rig.remove(&[target(ADA, &found)]).await));
    assert_eq!(rig.operations("managed.delete_user")[0].ids, [odd]);
    assert!(!rig.everybody().await.contains_key(ADA));
}

#[tokio::test]
async fn another_person_is_not_edited() {
    let (rig, target) = with_member().await;
    rig.control.remove(&rig.tenant, ADA).unwrap();
    rig.control.add_managed_user(&rig.tenant, ManagedUser::of(BOB).with_id("ada")).unwrap();
    let edited = rig.client.edit(rig.client.permit().await.unwrap(), &target, &change()).await;
    assert!(matches!(&edited, MemberAnswer::Refused(refusal) if refusal.status == 0), "{edited:?}");
    rig.control.remove(&rig.tenant, BOB).unwrap();
    let edited = rig.client.edit(rig.client.permit().await.unwrap(), &target, &change()).await;
    assert!(matches!(&edited, MemberAnswer::Refused(refusal) if refusal.status == 0), "{edited:?}");
    assert_eq!(rig.operations("managed.update_user").len(), 0);
}

#[rstest]
#[case::invalid(error(400, false, ErrorBody::Vendor), true)]
#[case::gone(error(404, false, ErrorBody::Empty), true)]
#[case::server_error(error(500, true, ErrorBody::Vendor), false)]
#[case::firewall(error(403, false, ErrorBody::Html), false)]
#[case::page(body(BodyFault::Html), false)]
#[case::lost(Fault::DropAfter { how: Drop::Reset }, false)]
#[tokio::test]
async fn edits_are_refused_or_looked_after(#[case] fault: Fault, #[case] refused: bool) {
    let (rig, target) = with_member().await;
    rig.spoil("managed.update_user", When::Nth(1), fault);
    let edited = rig.client.edit(rig.client.permit().await.unwrap(), &target, &change()).await;
    let fits = match &edited {
        MemberAnswer::Refused(_) => refused,
        MemberAnswer::Ambiguous(_) => !refused,
        MemberAnswer::Accepted { .. } | MemberAnswer::NotSent(_) => false,
    };
    assert!(fits, "{edited:?}");
    assert_eq!(rig.operations("managed.update_user").len(), 1);
}

#[tokio::test]
async fn an_edit_of_somebody_whom_the_row_shows_in_part_is_not_sent() {
    let (rig, target) = with_member().await;
    let row = format!(r#"{{"id": "ada", "email": "{ADA}", "firstName": "Ada", "groups": []}}"#);
    rig.spoil("managed.read_user", When::Nth(1), body(BodyFault::Json(row)));
    let edited = rig.client.edit(rig.client.permit().await.unwrap(), &target, &change()).await;
    assert!(matches!(&edited, MemberAnswer::Refused(refusal) if refusal.status == 0), "{edited:?}");
    assert_eq!(rig.operations("managed.update_user").len(), 0);
}

#[rstest]
#[case::nobody("[]")]
#[case::a_row_without_address(r#"[{"id": "x"}]"#)]
#[case::a_row_that_is_none(r#"[{"id": "x", "email": "x@y.z"}, null]"#)]
#[tokio::test]
async fn odd_lists_prove_nothing(#[case] list: &str) {
    let rig = Rig::managed(|_| {}).await;
    rig.spoil("managed.list_users", When::Always, body(BodyFault::Json(list.to_owned())));
    assert!(rig.client.sweep(&NOTHING).await.unwrap().incomplete.is_some());
    assert!(rig.client.find(&named(ADA), &NOTHING).await.is_err());
}
