//! VMware Cloud Services: answers to writing calls.

use rstest::rstest;
use serde_json::json;
use user_invitation_operator::vendor::{ErrorClass, MemberAnswer, Refusal, Standing, VendorError};
use vendor_simulators::{BodyFault, Drop, ErrorBody, Fault, PersonAction, When};

use super::support::{Rig, accepted, body, of, target};

fn error(status: u16, commit: bool) -> Fault {
    Fault::Status { status, commit, body: ErrorBody::Html }
}

#[rstest]
#[case(400, ErrorClass::Invalid)]
#[case(401, ErrorClass::Authentication)]
#[case(403, ErrorClass::Forbidden)]
#[case(404, ErrorClass::Invalid)]
#[case(409, ErrorClass::Conflict)]
#[case(429, ErrorClass::Throttled)]
#[tokio::test]
async fn a_documented_refusal_names_the_only_person(#[case] status: u16, #[case] class: ErrorClass) {
    let rig = Rig::vmware(|_| {}).await;
    rig.spoil("vmware.invite", When::Nth(1), error(status, false));
    let answer = rig.invite(&["a@example.com"]).await;
    let expected = MemberAnswer::Refused(Refusal { class, status, code: None });
    assert_eq!(of(&answer, "a@example.com"), &expected);
    assert_eq!(rig.operations("vmware.invite").len(), 1);
}

#[rstest]
#[case::refusals(&[400, 401, 403, 404, 409, 429, 500, 502, 503, 504])]
#[tokio::test]
async fn no_failure_names_one_of_several(#[case] statuses: &[u16]) {
    let rig = Rig::vmware(|_| {}).await;
    for (number, status) in (1..).zip(statuses) {
        rig.spoil("vmware.invite", When::Next(1), error(*status, false));
        let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
        for member in answer.members.values() {
            assert!(matches!(member, MemberAnswer::Ambiguous(_)), "{member:?}");
        }
        assert_eq!(rig.operations("vmware.invite").len(), number);
    }
    assert_eq!(rig.mails(), 0);
}

#[rstest]
#[case::server_error(error(500, false), 0)]
#[case::server_error_too_late(error(500, true), 1)]
#[case::unavailable(error(503, true), 1)]
#[case::undocumented(error(418, false), 0)]
#[case::unprocessable(error(422, false), 0)]
#[case::reset_before(Fault::DropBefore { how: Drop::Reset }, 0)]
#[case::reset_after(Fault::DropAfter { how: Drop::Reset }, 1)]
#[case::closed_after(Fault::DropAfter { how: Drop::Close }, 1)]
#[case::no_answer_in_time(Fault::DelayAfter { milliseconds: 3500 }, 1)]
#[case::redirect(Fault::Redirect { status: 307, location: None }, 0)]
#[case::permanent_redirect(Fault::Redirect { status: 308, location: None }, 0)]
#[tokio::test]
async fn anything_else_is_ambiguous_and_never_repeated(#[case] fault: Fault, #[case] mails: usize) {
    let rig = Rig::vmware(|_| {}).await;
    rig.spoil("vmware.invite", When::Nth(1), fault);
    let answer = rig.invite(&["a@example.com"]).await;
    let member = of(&answer, "a@example.com");
    assert!(matches!(member, MemberAnswer::Ambiguous(_)), "{member:?}");
    rig.settle().await;
    assert_eq!(
        rig.operations("vmware.*").iter().filter(|call| call.method == "POST").count(),
        2,
        "token, invite"
    );
    assert_eq!(rig.mails(), mails);
}

#[rstest]
#[case::html(BodyFault::Html)]
#[case::truncated(BodyFault::Truncated)]
#[case::huge(BodyFault::Huge(64 * 1024 * 1024))]
#[case::invalid(BodyFault::InvalidUtf8)]
#[tokio::test]
async fn a_success_without_a_readable_body_is_a_success(#[case] spoiled: BodyFault) {
    let rig = Rig::vmware(|_| {}).await;
    rig.spoil("vmware.invite", When::Nth(1), body(spoiled));
    assert!(accepted(&rig.invite(&["a@example.com", "b@example.com"]).await));
}

#[tokio::test]
async fn one_bad_address_spoils_the_call_for_all() {
    let rig = Rig::vmware(|_| {}).await;
    rig.control.poison(&rig.tenant, "bad@example.com").unwrap();
    let answer = rig.invite(&["a@example.com", "bad@example.com"]).await;
    assert!(answer.members.values().all(|member| matches!(member, MemberAnswer::Ambiguous(_))));
    let answer = rig.invite(&["bad@example.com"]).await;
    let refused = MemberAnswer::Refused(Refusal {
        class: ErrorClass::Invalid,
        status: 400,
        code: Some("am-400".to_owned()),
    });
    assert_eq!(of(&answer, "bad@example.com"), &refused);
}

#[tokio::test]
async fn nothing_is_sent_where_nobody_listens() {
    let rig = Rig::vmware_with(|_| {}, |_| {}).await;
    let permit = user_invitation_operator::vendor::VendorClient::permit(&rig.client).await.unwrap();
    let Rig { simulators, client, .. } = rig;
    drop(simulators);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    let people = super::support::people(&["a@example.com"]);
    let answer = user_invitation_operator::vendor::VendorClient::invite(
        &client,
        permit,
        &people,
        &super::support::terms(),
    )
    .await;
    let member = of(&answer, "a@example.com");
    assert!(matches!(member, MemberAnswer::NotSent(VendorError::Connect { .. })), "{member:?}");
}

#[tokio::test]
async fn a_removal_is_told_person_by_person() {
    let rig = Rig::vmware(|org| {
        org.members = ["a@example.com", "b@example.com", "c@example.com"].map(str::to_owned).to_vec();
    })
    .await;
    rig.control.act(&rig.tenant, "b@example.com", &PersonAction::RefuseRemoval).unwrap();
    let people = rig.everybody().await;
    let mut targets: Vec<_> = ["a@example.com", "b@example.com", "c@example.com"]
        .map(|email| target(email, &people[email]))
        .to_vec();
    targets[2].user_id = None;
    let answer = rig.remove(&targets).await;
    assert!(matches!(of(&answer, "a@example.com"), MemberAnswer::Accepted { .. }));
    let refused = Refusal { class: ErrorClass::Conflict, status: 200, code: None };
    assert_eq!(of(&answer, "b@example.com"), &MemberAnswer::Refused(refused));
    assert!(matches!(of(&answer, "c@example.com"), MemberAnswer::NotSent(_)), "no id");
    assert_eq!(rig.find("c@example.com").await.unwrap().standing, Standing::Member);
}

#[rstest]
#[case::nobody(json!({"succeeded": [], "failed": []}))]
#[case::strangers(json!({"succeeded": ["idp:x"], "failed": ["idp:y"]}))]
#[case::nothing(json!({}))]
#[case::list(json!([]))]
#[case::nulls(json!({"succeeded": null, "failed": null}))]
#[tokio::test]
async fn a_removal_that_does_not_say_is_ambiguous(#[case] said: serde_json::Value) {
    let rig = Rig::vmware(|org| org.members = vec!["a@example.com".to_owned()]).await;
    let people = rig.everybody().await;
    rig.spoil("vmware.remove_users", When::Always, body(BodyFault::Json(said.to_string())));
    let answer = rig.remove(&[target("a@example.com", &people["a@example.com"])]).await;
    assert!(matches!(of(&answer, "a@example.com"), MemberAnswer::Ambiguous(_)), "{answer:?}");
}

#[tokio::test]
async fn the_last_owner_stays() {
    let rig = Rig::vmware(|_| {}).await;
    let owner = rig.find(super::support::OWNER).await.unwrap();
    let answer = rig.remove(&[target(super::support::OWNER, &owner)]).await;
    let member = of(&answer, super::support::OWNER);
    assert!(matches!(member, MemberAnswer::Refused(Refusal { status: 400, .. })), "{member:?}");
}
