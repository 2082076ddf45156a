//! Dynatrace SaaS: each fact that the contract leaves open, both ways, and bad answers.

use std::time::Duration;

use rstest::rstest;
use serde_json::{Value, json};
use user_invitation_operator::vendor::{
    ErrorClass, MemberAnswer, Presence, Standing, VendorClient, VendorError,
};
use vendor_simulators::{
    BodyFault, CallerRole, CredentialChange, DynatraceSaasKnobs, Filter, Limit, SaasEmailCase, SaasErrorForm,
    SaasFields, SaasScopes, When,
};

use super::support::{CLIENT_ID, NOTHING, Rig, accepted, body, of, person, target};

const ADA: &str = "ada@example.com";

#[rstest]
#[case::documented(201, false)]
#[case::seen(201, true)]
#[case::through_a_proxy(200, true)]
#[case::bare(200, false)]
#[tokio::test]
async fn any_success_counts(#[case] status: u16, #[case] has_body: bool) {
    let rig = Rig::saas_knobs(|knobs| {
        knobs.invite_status = status;
        knobs.created_body = has_body;
    })
    .await;
    let answer = rig.invite(&[ADA]).await;
    let shown = rig.find(ADA).await.unwrap().user_id;
    assert_eq!(of(&answer, ADA), &MemberAnswer::Accepted { user_id: shown.filter(|_| has_body) });
}

#[rstest]
#[case::html(BodyFault::Html)]
#[case::cut(BodyFault::Cut)]
#[case::odd_id(BodyFault::Json(r#"{"userUuid": "../x"}"#.to_owned()))]
#[case::list(BodyFault::Json("[]".to_owned()))]
#[tokio::test]
async fn a_success_counts_whatever_its_body(#[case] spoil: BodyFault) {
    let rig = Rig::saas(|_| {}).await;
    rig.spoil("saas.invite", When::Nth(1), body(spoil));
    let answer = rig.invite(&[ADA]).await;
    assert_eq!(of(&answer, ADA), &MemberAnswer::Accepted { user_id: None });
}

#[rstest]
#[case(400, ErrorClass::Invalid)]
#[case(409, ErrorClass::Conflict)]
#[tokio::test]
async fn somebody_who_is_there_is_refused_and_looks_tell(#[case] status: u16, #[case] class: ErrorClass) {
    let rig = Rig::saas_knobs(|knobs| knobs.exists_status = status).await;
    rig.control.add_member(&rig.tenant, ADA, &[]).unwrap();
    let answer = rig.invite(&[ADA]).await;
    assert!(matches!(of(&answer, ADA), MemberAnswer::Refused(refusal) if refusal.class == class));
    assert_eq!((rig.find(ADA).await.unwrap().standing, rig.mails()), (Standing::Member, 0));
}

#[rstest]
#[case(400)]
#[case(422)]
#[tokio::test]
async fn bad_addresses_are_refused(#[case] status: u16) {
    let rig = Rig::saas_knobs(|knobs| {
        knobs.validation_status = status;
        knobs.foreign_domains.insert("elsewhere.example".to_owned());
    })
    .await;
    rig.control.poison(&rig.tenant, ADA).unwrap();
    for email in [ADA, "bob@elsewhere.example"] {
        let answer = rig.invite(&[email]).await;
        let MemberAnswer::Refused(refusal) = of(&answer, email) else { panic!("{answer:?}") };
        assert_eq!((refusal.status, refusal.class), (status, ErrorClass::Invalid));
    }
}

#[rstest]
#[case::gone(false)]
#[case::shown(true)]
#[tokio::test]
async fn deleted_people_are_not_there(#[case] shown: bool) {
    for same_uid_again in [false, true] {
        let rig = Rig::saas_knobs(|knobs| {
            knobs.show_deleted = shown;
            knobs.same_uid_again = same_uid_again;
        })
        .await;
        rig.invite(&[ADA]).await;
        let ada = rig.find(ADA).await.unwrap();
        for _ in 0..2 {
            assert!(accepted(&rig.cancel(&[target(ADA, &ada)]).await));
            assert_eq!((rig.find(ADA).await, rig.everybody().await.len()), (None, 1));
        }
        assert!(accepted(&rig.invite(&[ADA]).await));
        let again = rig.find(ADA).await.unwrap();
        assert_eq!(again.user_id == ada.user_id, same_uid_again);
        assert_eq!(rig.everybody().await[ADA].standing, Standing::Pending);
    }
}

#[rstest]
#[case::dead(false)]
#[case::alive(true)]
#[tokio::test]
async fn the_link_of_a_cancelled_invitation_may_still_work(#[case] survives: bool) {
    let rig = Rig::saas_knobs(|knobs| knobs.link_survives_deletion = survives).await;
    rig.invite(&[ADA]).await;
    let ada = rig.find(ADA).await.unwrap();
    rig.cancel(&[target(ADA, &ada)]).await;
    assert_eq!(rig.control.accept(&rig.tenant, ADA).is_ok(), survives);
    let standing = rig.find(ADA).await.map(|ada| ada.standing);
    assert_eq!(standing, survives.then_some(Standing::Member));
}

#[tokio::test]
async fn an_invitation_that_has_ended_goes_on_being_pending() {
    let rig = Rig::saas(|_| {}).await;
    rig.invite(&[ADA]).await;
    let ada = rig.find(ADA).await.unwrap();
    rig.control.expire(&rig.tenant, ADA).unwrap();
    assert_eq!(rig.find(ADA).await, Some(ada));
}

#[rstest]
#[case(SaasEmailCase::Kept)]
#[case(SaasEmailCase::Lowered)]
#[case(SaasEmailCase::Sensitive)]
#[tokio::test]
async fn people_are_the_same_in_any_spelling(#[case] case: SaasEmailCase) {
    for (at_the_vendor, here) in
        [("Ada@Example.com", "Ada@Example.com"), (ADA, "Ada@Example.com"), ("ADA@example.com", ADA)]
    {
        let rig = Rig::saas_knobs(|knobs| knobs.email_case = case).await;
        rig.control.add_member(&rig.tenant, at_the_vendor, &[]).unwrap();
        let swept = rig.everybody().await[ADA].clone();
        let found = rig.find(here).await.unwrap();
        assert_eq!(found.user_id, swept.user_id, "{at_the_vendor} {here}");
        let whom = target(here, &found);
        let answer = rig.regroup(&whom, &["local"], &[]).await;
        assert!(matches!(answer, MemberAnswer::Accepted { .. }), "{answer:?}");
        assert_eq!(rig.in_groups(ADA), ["Viewers"]);
        rig.find(here).await.unwrap();
        assert!(accepted(&rig.remove(&[whom]).await));
        assert_eq!((rig.everybody().await.len(), rig.find(here).await), (1, None), "{at_the_vendor} {here}");
    }
}

#[rstest]
#[case(SaasFields::Observed, Standing::Member)]
#[case(SaasFields::Documented, Standing::Member)]
#[case(SaasFields::Least, Standing::Member)]
#[case(SaasFields::Required, Standing::Blocked)]
#[tokio::test]
async fn optional_fields_may_be_missing(#[case] fields: SaasFields, #[case] standing: Standing) {
    for other in [false, true] {
        let rig = Rig::saas_knobs(|knobs| {
            knobs.fields = fields;
            knobs.empty_names = other;
            knobs.whole_seconds = other;
            knobs.null_created_at = other;
        })
        .await;
        rig.control.add_member(&rig.tenant, ADA, &["local"]).unwrap();
        let found = rig.find(ADA).await.unwrap();
        assert_eq!((found.standing, rig.everybody().await[ADA].standing), (standing, standing));
        assert_eq!(found.held.unwrap().grants.len(), 1);
        assert!(rig.client.names().await.is_ok());
    }
}

#[rstest]
#[case(true, 2)]
#[case(false, 1)]
#[tokio::test]
async fn service_users_are_listed_or_not(#[case] listed: bool, #[case] count: usize) {
    let rig = Rig::saas(|account| {
        account.members = vec!["5e7@service.sso.dynatrace.com".to_owned()];
        account.knobs.list_service_users = listed;
    })
    .await;
    assert_eq!(rig.everybody().await.len(), count);
}

#[rstest]
#[case(SaasErrorForm::Flag)]
#[case(SaasErrorForm::Object)]
#[case(SaasErrorForm::Flat)]
#[case(SaasErrorForm::Gateway)]
#[case(SaasErrorForm::Empty)]
#[tokio::test]
async fn errors_are_told_by_their_status(#[case] form: SaasErrorForm) {
    let rig = Rig::saas_knobs(|knobs| knobs.error_form = form).await;
    rig.invite(&[ADA]).await;
    let answer = rig.invite(&[ADA]).await;
    let MemberAnswer::Refused(refusal) = of(&answer, ADA) else { panic!("{answer:?}") };
    assert_eq!((refusal.status, &refusal.code), (400, &None));
    assert_eq!(rig.find("bob@example.com").await, None);
    rig.control.drop_tokens(&rig.tenant);
    rig.everybody().await;
}

#[rstest]
#[case(SaasScopes::Needed)]
#[case(SaasScopes::Defaults)]
#[tokio::test]
async fn scope_and_resource_are_sent(#[case] scopes: SaasScopes) {
    let rig = Rig::saas_knobs(|knobs| knobs.scopes = scopes).await;
    assert!(rig.client.verify().await.is_ok());
    assert!(accepted(&rig.invite(&[ADA]).await));
}

#[rstest]
#[case(400)]
#[case(401)]
#[tokio::test]
async fn a_refused_credential_is_left_alone(#[case] status: u16) {
    let rig = Rig::saas_knobs(|knobs| knobs.token_error_status = status).await;
    rig.everybody().await;
    let change =
        CredentialChange::Rotate { key: CLIENT_ID.to_owned(), new_secret: "another secret".to_owned() };
    rig.control.change_credential(&rig.tenant, change).unwrap();
    rig.control.drop_tokens(&rig.tenant);
    for _ in 0..3 {
        let error = rig.client.sweep(&NOTHING).await.unwrap_err();
        assert!(
            matches!(error, VendorError::CredentialRefused { status: s, .. } if s == status),
            "{error:?}"
        );
    }
    assert_eq!(rig.operations("saas.token").len(), 2);
}

#[tokio::test]
async fn a_client_without_the_scopes_gets_no_token() {
    let rig = Rig::saas(|account| account.credentials[0].role = CallerRole::Member).await;
    let error = rig.client.verify().await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Authentication);
}

#[tokio::test]
async fn another_account() {
    let rig = Rig::saas_with(|_| {}, |config| config.account_uuid = "0".repeat(36)).await;
    assert_eq!(rig.client.verify().await.unwrap_err().class(), ErrorClass::Authentication);
    // in capitals it is the same one
    let rig = Rig::saas_with(|_| {}, |config| config.account_uuid.make_ascii_uppercase()).await;
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
}

#[tokio::test]
async fn looks_that_lag_show_what_was() {
    let rig = Rig::saas(|_| {}).await;
    let lag = |list, read| {
        move |knobs: &mut DynatraceSaasKnobs| {
            knobs.list_lag_milliseconds = list;
            knobs.read_lag_milliseconds = read;
        }
    };
    rig.control.set_dynatrace_saas_knobs(&rig.tenant, lag(0, 300)).unwrap();
    assert!(accepted(&rig.invite(&[ADA]).await));
    let ada = rig.everybody().await[ADA].clone();
    assert_eq!(rig.find(ADA).await, None);
    let answer = rig.regroup(&target(ADA, &ada), &["local"], &[]).await;
    assert!(matches!(answer, MemberAnswer::Ambiguous(_)), "looks tell when it can be done: {answer:?}");
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(rig.find(ADA).await.map(|ada| ada.standing), Some(Standing::Pending));
    rig.control.set_dynatrace_saas_knobs(&rig.tenant, lag(300, 0)).unwrap();
    assert!(accepted(&rig.invite(&["bob@example.com"]).await));
    assert_eq!((rig.everybody().await.len(), rig.find("bob@example.com").await.is_some()), (2, true));
    tokio::time::sleep(Duration::from_millis(350)).await;
    assert_eq!(rig.everybody().await.len(), 3);
}

#[rstest]
#[case::told(true)]
#[case::silent(false)]
#[tokio::test]
async fn a_throttled_call_waits(#[case] retry_after: bool) {
    let rig = Rig::saas_knobs(|knobs| knobs.retry_after = retry_after).await;
    rig.everybody().await;
    let limit = Limit { operations: vec!["saas.*".to_owned()], requests: 1, window_milliseconds: 700 };
    rig.control.set_limit(&rig.tenant, limit);
    rig.everybody().await;
    let error = rig.client.sweep(&NOTHING).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Throttled);
    assert!(rig.limiter.blocked_for().is_some());
    rig.everybody().await;
    assert_eq!(rig.control.violations(&Filter::default()), []);
}

#[tokio::test]
async fn odd_rows_are_read_carefully() {
    let rig = Rig::saas(|_| {}).await;
    let list = json!({"count": 5, "items": [
        {"uid": "1", "email": "new@example.com", "userStatus": "HIBERNATING", "extra": {}},
        {"uid": "2", "email": "silent@example.com", "userStatus": null},
        {"uid": "3", "email": "twice@example.com", "userStatus": "PENDING"},
        {"uid": "4", "email": " Twice@example.com", "userStatus": "ACTIVE"},
        {"uid": 5, "email": "numbered@example.com", "userStatus": "active"}]});
    rig.spoil("saas.list_users", When::Always, body(BodyFault::Json(list.to_string())));
    let people = rig.everybody().await;
    let standing = |email: &str| people.get(email).map(|presence: &Presence| presence.standing);
    assert_eq!(standing("new@example.com"), Some(Standing::Blocked));
    assert_eq!(standing("silent@example.com"), Some(Standing::Blocked));
    assert_eq!(standing("twice@example.com"), Some(Standing::Member));
    assert_eq!(standing("numbered@example.com"), Some(Standing::Member));
}

#[rstest]
#[case::no_list(json!({"count": 0}), None)]
#[case::null(json!({"count": 0, "items": null}), None)]
#[case::bare(json!([]), None)]
#[case::cut(json!({"count": 3, "items": []}), Some("the number of users does not fit"))]
#[case::rows(json!({"count": 2, "items": [17, {"uid": "1"}]}), Some("a user without an address"))]
#[tokio::test]
async fn a_list_that_is_none_proves_nobody_s_absence(#[case] list: Value, #[case] why: Option<&str>) {
    let rig = Rig::saas(|_| {}).await;
    rig.spoil("saas.list_users", When::Always, body(BodyFault::Json(list.to_string())));
    match (rig.client.sweep(&NOTHING).await, why) {
        (Ok(sweep), Some(why)) => assert_eq!(sweep.incomplete, Some(why)),
        (Err(VendorError::BadAnswer { .. }), None) => {}
        (other, _) => panic!("{other:?}"),
    }
}

#[rstest]
#[case::another(json!({"uid": "1", "email": "bob@example.com", "userStatus": "ACTIVE", "groups": []}))]
#[case::nobody(json!({"message": "all is well"}))]
#[case::list(json!({"count": 1, "items": []}))]
#[tokio::test]
async fn an_answer_about_somebody_else_is_none(#[case] answer: Value) {
    let rig = Rig::saas(|account| account.members = vec![ADA.to_owned()]).await;
    rig.spoil("saas.read_user", When::Always, body(BodyFault::Json(answer.to_string())));
    let error = rig.client.find(&person(ADA), &NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::BadAnswer { .. }), "{error:?}");
}
