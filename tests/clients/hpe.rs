//! HPE GreenLake: the way of an invitation, and answers to writing calls.

use rstest::rstest;
use user_invitation_operator::vendor::{
    Email, ErrorClass, InviteTerms, MemberAnswer, Notification, Refusal, Standing, Target, VendorClient,
    VendorError,
};
use vendor_simulators::{Drop, ErrorBody, Fault, PersonAction, When};

use super::support::{OWNER, Rig, accepted, of, people, target, terms};

fn error(status: u16, commit: bool) -> Fault {
    Fault::Status { status, commit, body: ErrorBody::Html }
}

#[tokio::test]
async fn from_invited_to_removed() {
    let rig = Rig::hpe(|workspace| workspace.known_accounts = vec!["bob@example.com".to_owned()]).await;
    let account = rig.client.verify().await.unwrap();
    assert_eq!((account.id, account.own_login.as_deref()), (rig.tenant.id.clone(), Some(OWNER)));
    assert_eq!(account.credential_expires, None);

    let answer = rig.invite(&["Ada@Example.com"]).await;
    let MemberAnswer::Accepted { user_id: Some(id) } = of(&answer, "ada@example.com").clone() else {
        panic!("{answer:?}")
    };
    let ada = rig.find("Ada@Example.com").await.unwrap();
    assert_eq!((ada.standing, ada.user_id.as_deref()), (Standing::Pending, Some(&*id)));
    assert_eq!((ada.open_invitations, ada.invitation_id.as_deref()), (1, None));
    assert!(ada.invited.is_some());
    assert!(accepted(&rig.invite(&["bob@example.com"]).await));
    assert_eq!(rig.mails(), 1, "no mail to an account");

    let people = rig.everybody().await;
    assert_eq!(people["ada@example.com"], ada);
    assert_eq!(people["bob@example.com"].standing, Standing::Member);
    assert_eq!(people.len(), 3);
    assert_eq!(rig.find("nobody@example.com").await, None);

    rig.control.accept(&rig.tenant, "ada@example.com").unwrap();
    let member = rig.find("ada@example.com").await.unwrap();
    assert_eq!(member.standing, Standing::Member);
    assert_ne!(member.fingerprint, ada.fingerprint);
    for (action, standing) in [
        (PersonAction::Block, Standing::Blocked),
        (PersonAction::Suspend, Standing::Blocked),
        (PersonAction::Unblock, Standing::Member),
    ] {
        rig.control.act(&rig.tenant, "ada@example.com", &action).unwrap();
        assert_eq!(rig.find("ada@example.com").await.unwrap().standing, standing);
    }
    assert!(accepted(&rig.remove(&[target("ada@example.com", &member)]).await));
    assert!(accepted(&rig.cancel(&[target("bob@example.com", &people["bob@example.com"])]).await));
    assert_eq!(rig.everybody().await.len(), 1);
}

#[tokio::test]
async fn mails_can_be_left_out_but_not_for_some() {
    let rig = Rig::hpe(|_| {}).await;
    let with = |notification| InviteTerms { grants: Vec::new(), notification };
    assert!(accepted(&rig.invite_as(&["a@example.com"], &with(Notification::Suppress)).await));
    assert_eq!(rig.mails(), 0);
    let answer = rig.invite_as(&["b@example.com"], &with(Notification::NewAccountsOnly)).await;
    let refused = of(&answer, "b@example.com");
    let unsupported = ErrorClass::Unsupported;
    assert!(matches!(refused, MemberAnswer::Refused(Refusal { class, .. }) if *class == unsupported));
    assert_eq!(rig.operations("hpe.invite").len(), 1, "what can't be honoured is not sent");
}

#[tokio::test]
async fn one_call_is_about_one_person() {
    let rig = Rig::hpe(|_| {}).await;
    let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
    assert!(matches!(of(&answer, "a@example.com"), MemberAnswer::Accepted { .. }));
    assert!(matches!(of(&answer, "b@example.com"), MemberAnswer::NotSent(_)));
    assert_eq!(rig.mails(), 1);
    let stranger = Target { email: Email::new("a@example.com"), user_id: None, invitation_id: None };
    assert!(matches!(of(&rig.remove(&[stranger]).await, "a@example.com"), MemberAnswer::NotSent(_)));
    let parent =
        Target { email: Email::new("a@example.com"), user_id: Some("..".to_owned()), invitation_id: None };
    assert!(matches!(of(&rig.remove(&[parent]).await, "a@example.com"), MemberAnswer::NotSent(_)));
    assert_eq!(rig.operations("hpe.delete_user").len(), 0);
}

#[rstest]
#[case(400, ErrorClass::Invalid)]
#[case(401, ErrorClass::Authentication)]
#[case(403, ErrorClass::Forbidden)]
#[case(409, ErrorClass::Conflict)]
#[case(422, ErrorClass::Invalid)]
#[case(429, ErrorClass::Throttled)]
#[case(451, ErrorClass::Invalid)]
#[tokio::test]
async fn documented_refusals_of_invites(#[case] status: u16, #[case] class: ErrorClass) {
    let rig = Rig::hpe(|_| {}).await;
    rig.spoil("hpe.invite", When::Nth(1), error(status, false));
    let answer = rig.invite(&["a@example.com"]).await;
    let expected = MemberAnswer::Refused(Refusal { class, status, code: None });
    assert_eq!(of(&answer, "a@example.com"), &expected);
    assert_eq!(rig.operations("hpe.invite").len(), 1);
}

#[rstest]
#[case::server_error(error(500, false), 0)]
#[case::server_error_too_late(error(500, true), 1)]
#[case::undocumented(error(418, false), 0)]
#[case::not_found(error(404, false), 0)]
#[case::reset_after(Fault::DropAfter { how: Drop::Reset }, 1)]
#[case::closed_before(Fault::DropBefore { how: Drop::Close }, 0)]
#[case::no_answer_in_time(Fault::DelayAfter { milliseconds: 3500 }, 1)]
#[case::redirect(Fault::Redirect { status: 302, location: None }, 0)]
#[tokio::test]
async fn anything_else_is_ambiguous_and_never_repeated(#[case] fault: Fault, #[case] mails: usize) {
    let rig = Rig::hpe(|_| {}).await;
    rig.spoil("hpe.invite", When::Nth(1), fault);
    let answer = rig.invite(&["a@example.com"]).await;
    let member = of(&answer, "a@example.com");
    assert!(matches!(member, MemberAnswer::Ambiguous(_)), "{member:?}");
    assert_eq!(rig.operations("hpe.invite").len(), 1);
    assert_eq!(rig.operations("hpe.unknown").len(), 0);
    assert_eq!(rig.mails(), mails);
}

#[rstest]
#[case::denied(403)]
#[case::credential(401)]
#[case::too_many(429)]
#[tokio::test]
async fn refusals_of_removals(#[case] status: u16) {
    let rig = Rig::hpe(|workspace| workspace.members = vec!["a@example.com".to_owned()]).await;
    let member = rig.find("a@example.com").await.unwrap();
    rig.spoil("hpe.delete_user", When::Nth(1), error(status, false));
    let answer = rig.remove(&[target("a@example.com", &member)]).await;
    let refused = of(&answer, "a@example.com");
    assert!(matches!(refused, MemberAnswer::Refused(refusal) if refusal.status == status), "{refused:?}");
}

#[rstest]
#[case::bad_request(400)]
#[case::precondition(412)]
#[case::server_error(500)]
#[tokio::test]
async fn removals_that_have_to_be_looked_after(#[case] status: u16) {
    let rig = Rig::hpe(|workspace| workspace.members = vec!["a@example.com".to_owned()]).await;
    let member = rig.find("a@example.com").await.unwrap();
    rig.spoil("hpe.delete_user", When::Nth(1), error(status, false));
    let answer = rig.remove(&[target("a@example.com", &member)]).await;
    let unclear = of(&answer, "a@example.com");
    assert!(matches!(unclear, MemberAnswer::Ambiguous(VendorError::Status { .. })), "{unclear:?}");
}

#[tokio::test]
async fn a_token_that_is_dropped() {
    let rig = Rig::hpe(|_| {}).await;
    rig.everybody().await;
    rig.control.drop_tokens(&rig.tenant);
    rig.everybody().await;
    assert_eq!(rig.operations("hpe.token").len(), 2);
    let permit = rig.client.permit().await.unwrap();
    rig.control.drop_tokens(&rig.tenant);
    let answer = rig.client.invite(permit, &people(&["a@example.com"]), &terms()).await;
    let refused = of(&answer, "a@example.com");
    let class = ErrorClass::Authentication;
    assert!(matches!(refused, MemberAnswer::Refused(refusal) if refusal.class == class), "{refused:?}");
    assert_eq!(rig.operations("hpe.invite").len(), 1);
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
}
