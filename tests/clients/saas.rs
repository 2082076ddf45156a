//! Dynatrace SaaS: the way of an invitation, and answers to writing calls.

use std::time::Duration;

use rstest::rstest;
use user_invitation_operator::vendor::{
    Email, ErrorClass, Expiry, InviteTerms, MemberAnswer, Notification, Refusal, Resend, Standing, Support,
    Target, VendorClient,
};
use vendor_simulators::{Drop, ErrorBody, Fault, PersonAction, When};

use super::saas_rig::groups;
use super::support::{NOTHING, Rig, accepted, of, target};

const ADA: &str = "ada@example.com";

fn error(status: u16, commit: bool) -> Fault {
    Fault::Status { status, commit, body: ErrorBody::Html }
}

#[tokio::test]
async fn from_invited_to_removed() {
    let rig = Rig::saas(|_| {}).await;
    let account = rig.client.verify().await.unwrap();
    assert_eq!((account.id, account.name, account.own_login), (rig.tenant.id.clone(), None, None));
    assert_eq!(account.credential_expires, None);

    let answer = rig.invite(&["Ada+1@Example.com"]).await;
    let MemberAnswer::Accepted { user_id: Some(id) } = of(&answer, "ada+1@example.com").clone() else {
        panic!("{answer:?}")
    };
    assert_eq!(rig.mails(), 1);
    let ada = rig.find("Ada+1@Example.com").await.unwrap();
    assert_eq!((ada.standing, ada.user_id.as_deref()), (Standing::Pending, Some(&*id)));
    assert_eq!((ada.open_invitations, ada.vendor_status.as_str()), (1, "PENDING"));
    assert_eq!((ada.invited, ada.expires), (None, None), "the vendor never says");
    let people = rig.everybody().await;
    assert_eq!((people.len(), people["ada+1@example.com"].standing), (2, Standing::Pending));
    assert_eq!(people["ada+1@example.com"].fingerprint, ada.fingerprint);
    assert_eq!(rig.find("nobody@example.com").await, None);

    rig.control.accept(&rig.tenant, "ada+1@example.com").unwrap();
    let member = rig.find("ada+1@example.com").await.unwrap();
    assert_eq!(member.standing, Standing::Member);
    assert_ne!(member.fingerprint, ada.fingerprint);
    for (action, standing, word) in [
        (PersonAction::Suspend, Standing::Blocked, "INACTIVE"),
        (PersonAction::Unblock, Standing::Member, "ACTIVE"),
        (PersonAction::Block, Standing::Blocked, "ECUSTOMS_MANUALLY_BLOCKED"),
    ] {
        rig.control.act(&rig.tenant, "ada+1@example.com", &action).unwrap();
        let shown = rig.find("ada+1@example.com").await.unwrap();
        assert_eq!((shown.standing, shown.vendor_status.as_str()), (standing, word));
    }
    assert!(accepted(&rig.remove(&[target("Ada+1@Example.com", &member)]).await));
    assert_eq!(rig.everybody().await.len(), 1);
    assert!(accepted(&rig.cancel(&[target("Ada+1@Example.com", &ada)]).await), "gone is success");
}

#[tokio::test]
async fn what_it_can_do() {
    let can = Rig::saas(|_| {}).await.client.capabilities();
    assert_eq!(can.expiry, Expiry::OwnClock(Duration::from_secs(24 * 60 * 60)));
    assert_eq!(
        (can.resend, can.cancel, can.remove),
        (Resend::Recreate, Support::Supported, Support::Supported)
    );
    assert!(can.exact_read && can.cancel_is_remove && can.access_of_pending);
    assert!(!can.access_in_invite && !can.suppress_all && !can.suppress_known);
    assert_eq!((can.max_batch_size, can.max_cancel_batch, can.max_remove_batch), (1, 1, 1));
}

#[tokio::test]
async fn the_token_comes_from_another_host() {
    let rig = Rig::saas_with(
        |_| {},
        |config| {
            let port = config.token_endpoint.port().unwrap();
            config.token_endpoint = format!("https://localhost:{port}/sso/oauth2/token").parse().unwrap();
        },
    )
    .await;
    assert_eq!(rig.everybody().await.len(), 1);
    rig.everybody().await;
    assert_eq!((rig.operations("saas.token").len(), rig.operations("saas.list_users").len()), (1, 2));
    assert!(rig.operations("saas.unknown").is_empty());
}

#[tokio::test]
async fn mails_can_t_be_left_out_and_groups_not_be_sent_along() {
    let rig = Rig::saas(|_| {}).await;
    let terms = |grants: &[&str], notification| InviteTerms { grants: groups(grants), notification };
    for terms in [
        terms(&[], Notification::Suppress),
        terms(&[], Notification::NewAccountsOnly),
        terms(&["local"], Notification::Send),
    ] {
        let answer = rig.invite_as(&[ADA], &terms).await;
        let unsupported = ErrorClass::Unsupported;
        assert!(matches!(of(&answer, ADA), MemberAnswer::Refused(refusal) if refusal.class == unsupported));
    }
    assert_eq!(rig.operations("saas.invite").len(), 0, "what can't be honoured is not sent");
}

#[tokio::test]
async fn one_call_is_about_one_person() {
    let rig = Rig::saas(|_| {}).await;
    let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
    assert!(matches!(of(&answer, "a@example.com"), MemberAnswer::Accepted { .. }));
    assert!(matches!(of(&answer, "b@example.com"), MemberAnswer::NotSent(_)));
    assert_eq!(rig.mails(), 1);
    let whom = |email| Target { email: Email::new(email), user_id: None, invitation_id: None };
    let answer = rig.remove(&[whom("a@example.com"), whom("b@example.com")]).await;
    assert!(matches!(of(&answer, "b@example.com"), MemberAnswer::NotSent(_)));
    assert_eq!(rig.operations("saas.delete_user").len(), 1);
}

#[rstest]
#[case(400, ErrorClass::Invalid)]
#[case(401, ErrorClass::Authentication)]
#[case(403, ErrorClass::Forbidden)]
#[case(409, ErrorClass::Conflict)]
#[case(422, ErrorClass::Invalid)]
#[case(429, ErrorClass::Throttled)]
#[tokio::test]
async fn refusals_of_invites_and_removals(#[case] status: u16, #[case] class: ErrorClass) {
    let rig = Rig::saas(|account| account.members = vec![ADA.to_owned()]).await;
    let refused = MemberAnswer::Refused(Refusal { class, status, code: None });
    rig.spoil("saas.invite", When::Nth(1), error(status, false));
    assert_eq!(of(&rig.invite(&["b@example.com"]).await, "b@example.com"), &refused);
    tokio::time::sleep(rig.limiter.blocked_for().unwrap_or_default()).await;
    let member = rig.find(ADA).await.unwrap();
    rig.spoil("saas.delete_user", When::Nth(1), error(status, false));
    assert_eq!(of(&rig.remove(&[target(ADA, &member)]).await, ADA), &refused);
    assert_eq!((rig.operations("saas.invite").len(), rig.operations("saas.delete_user").len()), (1, 1));
}

#[rstest]
#[case::server_error(error(500, false), 0)]
#[case::server_error_too_late(error(500, true), 1)]
#[case::undocumented(error(418, false), 0)]
#[case::not_found(error(404, false), 0)]
#[case::reset_after(Fault::DropAfter { how: Drop::Reset }, 1)]
#[case::closed_before(Fault::DropBefore { how: Drop::Close }, 0)]
#[case::no_answer_in_time(Fault::DelayAfter { milliseconds: 3500 }, 1)]
#[case::redirect(Fault::Redirect { status: 307, location: None }, 0)]
#[tokio::test]
async fn anything_else_is_ambiguous_and_never_repeated(#[case] fault: Fault, #[case] mails: usize) {
    let rig = Rig::saas(|_| {}).await;
    rig.spoil("saas.invite", When::Nth(1), fault);
    let answer = rig.invite(&[ADA]).await;
    assert!(matches!(of(&answer, ADA), MemberAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!((rig.operations("saas.invite").len(), rig.operations("saas.unknown").len()), (1, 0));
    assert_eq!(rig.mails(), mails);
}

#[tokio::test]
async fn an_unclear_removal_is_not_repeated() {
    let rig = Rig::saas(|account| account.members = vec![ADA.to_owned()]).await;
    let member = rig.find(ADA).await.unwrap();
    rig.spoil("saas.delete_user", When::Nth(1), Fault::DropAfter { how: Drop::Reset });
    let answer = rig.remove(&[target(ADA, &member)]).await;
    assert!(matches!(of(&answer, ADA), MemberAnswer::Ambiguous(_)), "{answer:?}");
    assert_eq!((rig.operations("saas.delete_user").len(), rig.find(ADA).await), (1, None));
}

#[tokio::test]
async fn an_expired_token_is_renewed_for_reads_and_told_for_writes() {
    let rig = Rig::saas(|_| {}).await;
    rig.everybody().await;
    rig.control.drop_tokens(&rig.tenant);
    rig.everybody().await;
    assert_eq!(rig.operations("saas.token").len(), 2);
    rig.control.drop_tokens(&rig.tenant);
    let answer = rig.invite(&[ADA]).await;
    assert!(matches!(of(&answer, ADA), MemberAnswer::Refused(refusal) if refusal.status == 401));
    assert!(accepted(&rig.invite(&[ADA]).await), "the next permit has a new token");
    assert!(rig.client.sweep(&NOTHING).await.is_ok());
}
