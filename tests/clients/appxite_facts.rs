//! AppXite: what the contract leaves open, both ways, as far as no setting is about it.

use rstest::rstest;
use serde_json::json;
use user_invitation_operator::vendor::{
    ErrorClass, MemberAnswer, Refusal, Standing, VendorClient, VendorError,
};
use vendor_simulators::{AppXiteKnobs, CreatedDate, CredentialChange, Listing, PersonAction, RowFields};

use super::appxite_rig::SUBSCRIPTION_KEY;
use super::support::{CLIENT_ID, NOTHING, OWNER, Rig, accepted, of, people, target, terms};

#[rstest]
#[case::as_expected(json!({}))]
#[case::token_by_form(json!({"tokenRequest": "form"}))]
#[case::token_by_json(json!({"tokenRequest": "json"}))]
#[case::opaque_tokens(json!({"opaqueTokens": true}))]
#[case::no_life_told(json!({"omitExpiresIn": true}))]
#[case::short_tokens(json!({"tokenTtlSeconds": 1}))]
#[case::no_platform_header(json!({"platformHeader": "ignored"}))]
#[case::lists_with_a_total(json!({"listForm": "items"}))]
#[case::no_pages(json!({"paging": "whole"}))]
#[case::no_pages_with_a_total(json!({"paging": "whole", "listForm": "items"}))]
#[case::small_pages(json!({"maxPageSize": 2}))]
#[case::small_pages_with_a_total(json!({"maxPageSize": 2, "listForm": "items"}))]
#[case::pascal_case(json!({"nameCase": "pascal"}))]
#[case::pascal_case_with_a_total(json!({"nameCase": "pascal", "listForm": "items"}))]
#[case::exact_names(json!({"exactRequestNames": true}))]
#[case::organizations_of_the_payload(json!({"organizationIds": "payload"}))]
#[case::provider_by_id(json!({"providerReference": "id"}))]
#[case::created(json!({"inviteStatus": 201, "inviteBody": "users"}))]
#[case::taken(json!({"inviteStatus": 202, "inviteBody": "text"}))]
#[case::no_content(json!({"inviteStatus": 204}))]
#[case::listed_users(json!({"inviteBody": "users", "nameCase": "pascal"}))]
#[case::states_in_lower_case(json!({"accountState": "lower"}))]
#[case::states_in_upper_case(json!({"accountState": "upper"}))]
#[case::naive_times(json!({"createdDate": "naive"}))]
#[case::no_times(json!({"createdDate": "absent"}))]
#[case::no_access_shown(json!({"rowFields": "noAccess"}))]
#[case::lower_case(json!({"lowerEmails": true}))]
#[case::members_get_mail(json!({"mailMembers": true}))]
#[case::errors_as_text(json!({"errorBodies": "text"}))]
#[case::errors_as_pages(json!({"errorBodies": "html"}))]
#[case::empty_errors(json!({"errorBodies": "empty"}))]
#[case::removal_later(json!({"removeStatus": 202}))]
#[case::removal_with_200(json!({"removeStatus": 200}))]
#[case::rate_headers(json!({"rateHeaders": "xPrefixed"}))]
#[tokio::test]
async fn the_way_of_an_invitation_is_the_same(#[case] facts: serde_json::Value) {
    let rig = Rig::appxite_with_removal().await;
    rig.control.patch_knobs(&rig.tenant, &facts).unwrap();
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
    rig.client.names().await.unwrap();
    let answer = rig.invite(&["New@example.com", "Member@example.com", "third@example.com"]).await;
    assert!(accepted(&answer), "{answer:?}");
    assert_eq!(rig.mails(), 3);
    rig.control.accept(&rig.tenant, "member@example.com").unwrap();
    let there = rig.everybody().await;
    assert_eq!(there.len(), 4);
    let new = &there["new@example.com"];
    assert_eq!((new.standing, new.open_invitations), (Standing::Pending, 1));
    let knobs: AppXiteKnobs = serde_json::from_value(rig.control.knobs(&rig.tenant).unwrap()).unwrap();
    assert_eq!(new.invited.is_none(), knobs.created_date == CreatedDate::Absent);
    assert_eq!(new.held.is_none(), knobs.row_fields != RowFields::All);
    assert_eq!(there["member@example.com"].standing, Standing::Member);
    assert_eq!(there[&OWNER.to_lowercase()].standing, Standing::Member);
    assert_eq!(rig.find("New@example.com").await.as_ref(), Some(new));

    assert!(accepted(&rig.cancel(&[target("new@example.com", new)]).await));
    let member = target("member@example.com", &there["member@example.com"]);
    assert!(accepted(&rig.remove(&[member]).await));
    assert_eq!(rig.everybody().await.len(), 2);
}

#[tokio::test]
async fn rows_may_hold_next_to_nothing() {
    let rig = Rig::appxite(|platform| platform.knobs.row_fields = RowFields::Least).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    let there = rig.find("a@example.com").await.unwrap();
    assert_eq!((there.standing, there.user_id.as_deref(), there.invited), (Standing::Pending, None, None));
    rig.control.accept(&rig.tenant, "a@example.com").unwrap();
    let member = rig.find("a@example.com").await.unwrap();
    assert_eq!(member.standing, Standing::Member);
    assert_ne!(member.fingerprint, there.fingerprint);
}

#[tokio::test]
async fn a_state_that_nobody_knows_is_not_absence() {
    let rig = Rig::appxite(|platform| {
        platform.knobs.expired_users = Listing::OtherState;
        platform.knobs.rejected_users = Listing::OtherState;
    })
    .await;
    assert!(accepted(&rig.invite(&["expired@example.com", "rejected@example.com", "new@example.com"]).await));
    rig.control.expire(&rig.tenant, "expired@example.com").unwrap();
    rig.control.act(&rig.tenant, "rejected@example.com", &PersonAction::Decline).unwrap();
    let there = rig.everybody().await;
    for (email, word) in [("expired@example.com", "Expired"), ("rejected@example.com", "Rejected")] {
        let odd = &there[email];
        assert_eq!((odd.standing, odd.vendor_status.as_str()), (Standing::Blocked, word));
        assert!(odd.standing.is_present());
    }
    let numbers = json!({"accountState": "number"});
    rig.control.patch_knobs(&rig.tenant, &numbers).unwrap();
    let new = rig.find("new@example.com").await.unwrap();
    assert_eq!((new.standing, new.vendor_status.as_str()), (Standing::Blocked, "0"));
}

#[rstest]
#[case::as_new(Listing::AsNew, Some(Standing::Pending))]
#[case::hidden(Listing::Hidden, None)]
#[tokio::test]
async fn who_can_no_longer_accept_is_listed_or_not(
    #[case] listing: Listing,
    #[case] shown: Option<Standing>,
) {
    let rig = Rig::appxite(|platform| {
        (platform.knobs.expired_users, platform.knobs.rejected_users) = (listing, listing);
    })
    .await;
    assert!(accepted(&rig.invite(&["expired@example.com", "rejected@example.com"]).await));
    rig.control.expire(&rig.tenant, "expired@example.com").unwrap();
    rig.control.act(&rig.tenant, "rejected@example.com", &PersonAction::Decline).unwrap();
    for email in ["expired@example.com", "rejected@example.com"] {
        assert_eq!(rig.find(email).await.map(|there| there.standing), shown);
        assert!(accepted(&rig.invite(&[email]).await));
        assert_eq!(rig.find(email).await.unwrap().standing, Standing::Pending);
    }
    assert_eq!(rig.mails(), 4);
}

#[tokio::test]
async fn a_new_invitation_may_leave_no_trace_in_the_list() {
    let rig = Rig::appxite(|platform| platform.knobs.renew_created_date = false).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    rig.control.expire(&rig.tenant, "a@example.com").unwrap();
    let expired = rig.find("a@example.com").await.unwrap();
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    assert_eq!(rig.find("a@example.com").await.unwrap(), expired, "only the answer tells of it");
    assert_eq!(rig.mails(), 2);
}

#[tokio::test]
async fn effects_may_come_late() {
    let rig = Rig::appxite(|platform| platform.knobs.commit_delay_milliseconds = 200).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    assert_eq!(rig.find("a@example.com").await, None);
    let begun = std::time::Instant::now();
    while rig.find("a@example.com").await.is_none() {
        super::support::within(std::time::Duration::from_secs(5), begun);
    }
}

#[tokio::test]
async fn a_refused_credential_is_left_alone() {
    for status in [400, 401, 403] {
        let rig = Rig::appxite(|platform| platform.knobs.token_error_status = status).await;
        let revoke = CredentialChange::Rotate { key: CLIENT_ID.to_owned(), new_secret: "another".to_owned() };
        rig.control.change_credential(&rig.tenant, revoke).unwrap();
        for _ in 0..5 {
            let error = rig.client.sweep(&NOTHING).await.unwrap_err();
            assert_eq!(error.class(), ErrorClass::Authentication, "{error:?}");
        }
        let tried = if status == 403 { 1 } else { 2 };
        assert_eq!(rig.operations("appxite.token").len(), tried, "as a form and as JSON, once");
    }
}

#[tokio::test]
async fn a_revoked_subscription_is_an_authentication_failure() {
    let rig = Rig::appxite(|_| {}).await;
    rig.everybody().await;
    let revoke = CredentialChange::Revoke { key: SUBSCRIPTION_KEY.to_owned() };
    rig.control.change_credential(&rig.tenant, revoke).unwrap();
    let error = rig.client.sweep(&NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::Status { status: 401, code: None, .. }), "{error:?}");
    assert_eq!(error.class(), ErrorClass::Authentication);
    let answer = rig.invite(&["a@example.com"]).await;
    let refused = of(&answer, "a@example.com");
    assert!(
        matches!(refused, MemberAnswer::Refused(Refusal { class: ErrorClass::Authentication, .. })),
        "{refused:?}"
    );
    assert_eq!(rig.mails(), 0);
}

#[tokio::test]
async fn a_dropped_token_is_renewed_for_readers_and_never_for_writers() {
    let rig = Rig::appxite(|_| {}).await;
    rig.everybody().await;
    rig.control.drop_tokens(&rig.tenant);
    rig.everybody().await;
    assert_eq!(rig.operations("appxite.token").len(), 2);
    let permit = rig.client.permit().await.unwrap();
    rig.control.drop_tokens(&rig.tenant);
    let answer = rig.client.invite(permit, &people(&["a@example.com"]), &terms()).await;
    let refused = of(&answer, "a@example.com");
    assert!(matches!(refused, MemberAnswer::Refused(Refusal { status: 401, .. })), "{refused:?}");
    assert_eq!(rig.operations("appxite.invite").len(), 1, "a write is never repeated");
    assert!(accepted(&rig.invite(&["a@example.com"]).await), "the next permit has a new token");
}

#[rstest]
#[case(400)]
#[case(403)]
#[tokio::test]
async fn another_platform_or_organization_is_refused_under_either_status(#[case] code: u16) {
    let rig = Rig::appxite_with(
        |platform| platform.knobs.unknown_platform_status = code,
        |config| "https://another.example.com".clone_into(&mut config.platform_url),
    )
    .await;
    says(&rig.client.sweep(&NOTHING).await.unwrap_err(), code);
    let rig = Rig::appxite_with(
        |platform| platform.knobs.unknown_organization_status = code,
        |config| config.on_behalf_of = Some("00000000-0000-4000-8000-000000000000".to_owned()),
    )
    .await;
    says(&rig.client.sweep(&NOTHING).await.unwrap_err(), code);
    assert!(!accepted(&rig.invite(&["a@example.com"]).await));
    assert_eq!(rig.mails(), 0);
}

#[track_caller]
fn says(error: &VendorError, code: u16) {
    assert!(matches!(error, VendorError::Status { status, .. } if *status == code), "{error:?}");
}

#[rstest]
#[case::as_many_as_fit(Some(2), true)]
#[case::no_limit(None, true)]
#[case::too_many(Some(1), false)]
#[tokio::test]
async fn a_limit_on_a_call_sends_to_nobody(#[case] most: Option<usize>, #[case] fits: bool) {
    let rig = Rig::appxite(|platform| platform.knobs.max_users = most).await;
    let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
    assert_eq!((accepted(&answer), rig.mails()), (fits, if fits { 2 } else { 0 }), "{answer:?}");
    if !fits {
        assert!(accepted(&rig.invite(&["a@example.com"]).await), "alone, a person fits");
    }
}

#[rstest]
#[case::as_if_done(204)]
#[case::not_found(404)]
#[case::undocumented(410)]
#[case::bad_request(400)]
#[tokio::test]
async fn somebody_who_is_gone_already(#[case] code: u16) {
    let rig = Rig::appxite_with_removal().await;
    rig.control.set_appxite_knobs(&rig.tenant, |knobs| knobs.remove_unknown_status = code).unwrap();
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    let who = [target("a@example.com", &rig.find("a@example.com").await.unwrap())];
    assert!(accepted(&rig.cancel(&who).await));
    let again = rig.cancel(&who).await;
    let member = of(&again, "a@example.com");
    let as_expected = match code {
        204 => matches!(member, MemberAnswer::Accepted { .. }),
        404 => matches!(member, MemberAnswer::Refused(Refusal { class: ErrorClass::Invalid, .. })),
        _ => matches!(member, MemberAnswer::Ambiguous(_)),
    };
    assert!(as_expected, "{member:?}");
}
