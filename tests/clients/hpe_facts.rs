//! HPE GreenLake: what the contract leaves open, both ways.

use rstest::rstest;
use serde_json::json;
use user_invitation_operator::vendor::{
    ErrorClass, MemberAnswer, Presence, Standing, VendorClient, VendorError,
};
use vendor_simulators::{
    BodyFault, CredentialChange, Fault, HpeKnobs, LocationForm, OffsetUnit, OptionalFields, PendingInvite,
    TokenUrls, When,
};

use super::support::{CLIENT_ID, NOTHING, Rig, accepted, body, of, person, status, target};

#[rstest]
#[case::as_expected(json!({}))]
#[case::opaque_tokens(json!({"opaqueTokens": true}))]
#[case::no_life_told(json!({"omitExpiresIn": true}))]
#[case::scope_as_list(json!({"scopeAsList": true}))]
#[case::secret_in_the_body(json!({"credentialPlacement": "body"}))]
#[case::secret_in_the_header(json!({"credentialPlacement": "basic"}))]
#[case::secret_in_the_header_400(json!({"credentialPlacement": "basic", "tokenErrorStatus": 400}))]
#[case::own_token_url(json!({"tokenUrls": "workspace"}))]
#[case::location_absolute(json!({"location": "absolute"}))]
#[case::location_missing(json!({"location": "missing"}))]
#[case::zulu(json!({"timestamps": "zulu"}))]
#[case::all_fields(json!({"optionalFields": "all"}))]
#[case::least_fields(json!({"optionalFields": "least"}))]
#[case::lower_case(json!({"lowerUsernames": true}))]
#[case::exact_case(json!({"usernameFilterIgnoresCase": false}))]
#[case::lower_and_exact_case(json!({"lowerUsernames": true, "usernameFilterIgnoresCase": false}))]
#[case::reference(json!({"filterDialect": "reference"}))]
#[case::guide(json!({"filterDialect": "guide"}))]
#[case::items(json!({"offsetUnit": "items"}))]
#[case::unknown_is_400(json!({"unknownIdStatus": 400}))]
#[case::unknown_is_412(json!({"unknownIdStatus": 412}))]
#[case::slow_removal(json!({"deleteInProgressMilliseconds": 200}))]
#[case::removed_stay_listed(json!({"listDeleted": true}))]
#[case::envelopes(json!({"gatewayBody": "envelope"}))]
#[case::pages_of_a_gateway(json!({"gatewayBody": "html"}))]
#[case::empty_errors(json!({"gatewayBody": "empty"}))]
#[case::rate_headers(json!({"rateHeaders": "xPrefixed"}))]
#[case::short_tokens(json!({"tokenTtlSeconds": 1}))]
#[tokio::test]
async fn the_way_of_an_invitation_is_the_same(#[case] facts: serde_json::Value) {
    let rig = Rig::hpe(|_| {}).await;
    rig.control.patch_knobs(&rig.tenant, &facts).unwrap();
    let knobs: HpeKnobs = serde_json::from_value(rig.control.knobs(&rig.tenant).unwrap()).unwrap();
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
    let answer = rig.invite(&["O'Neil+Test@Example.com"]).await;
    assert!(accepted(&answer), "{answer:?}");
    let MemberAnswer::Accepted { user_id } = of(&answer, "o'neil+test@example.com") else { panic!() };
    assert_eq!(user_id.is_none(), knobs.location == LocationForm::Missing);

    let found = rig.find("O'Neil+Test@Example.com").await.unwrap();
    assert_eq!(found.standing, Standing::Pending);
    assert!(user_id.is_none() || user_id == &found.user_id);
    assert_eq!(found.invited.is_none(), knobs.optional_fields == OptionalFields::Least);
    assert_eq!(rig.everybody().await["o'neil+test@example.com"], found);

    let gone = [target("o'neil+test@example.com", &found)];
    assert!(accepted(&rig.cancel(&gone).await));
    assert_eq!(rig.find("O'Neil+Test@Example.com").await, None);
    assert!(!rig.everybody().await.contains_key("o'neil+test@example.com"));
    // once more: success, or something that looks have to settle
    let again = rig.cancel(&gone).await;
    let member = of(&again, "o'neil+test@example.com");
    let unclear = matches!(member, MemberAnswer::Ambiguous(VendorError::Status { status: 400 | 412, .. }));
    assert!(accepted(&again) || unclear, "{again:?}");
}

#[tokio::test]
async fn the_shared_token_url() {
    let mut endpoint = None;
    let rig = Rig::hpe_with(
        |workspace| workspace.knobs.token_urls = TokenUrls::Shared,
        |config| {
            let shared = config.endpoint.join("/as/token.oauth2").unwrap();
            endpoint = Some(shared.clone());
            config.token_endpoint = Some(shared);
        },
    )
    .await;
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
}

#[rstest]
#[case::conflict(409, PendingInvite::Conflict, 1)]
#[case::conflict_with_mail(409, PendingInvite::ConflictWithMail, 2)]
#[case::bad_request(400, PendingInvite::Conflict, 1)]
#[case::unprocessable(422, PendingInvite::Conflict, 1)]
#[tokio::test]
async fn a_second_invitation_is_refused(
    #[case] exists: u16,
    #[case] pending: PendingInvite,
    #[case] mails: usize,
) {
    let rig = Rig::hpe(|workspace| {
        workspace.knobs.exists_status = exists;
        workspace.knobs.pending_invite = pending;
    })
    .await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    let before = rig.find("a@example.com").await;
    let answer = rig.invite(&["a@example.com"]).await;
    let refused = of(&answer, "a@example.com");
    assert!(matches!(refused, MemberAnswer::Refused(refusal) if refusal.status == exists), "{refused:?}");
    assert_eq!(rig.find("a@example.com").await, before, "nothing new was written");
    assert_eq!(rig.mails(), mails);
}

#[rstest]
#[case::without_mail(PendingInvite::Created, 1)]
#[case::with_mail(PendingInvite::CreatedWithMail, 2)]
#[tokio::test]
async fn a_second_invitation_is_accepted(#[case] pending: PendingInvite, #[case] mails: usize) {
    let rig = Rig::hpe(|workspace| workspace.knobs.pending_invite = pending).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    let before = rig.find("a@example.com").await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    assert_eq!(rig.find("a@example.com").await, before);
    assert_eq!(rig.mails(), mails);
}

#[rstest]
#[case::pages(OffsetUnit::Pages)]
#[case::items(OffsetUnit::Items)]
#[tokio::test]
async fn long_lists(#[case] unit: OffsetUnit) {
    for count in [2, 599, 600, 601, 1199, 1200, 1300] {
        let rig = Rig::hpe(|workspace| {
            workspace.members = (1..count).map(|number| format!("p{number}@example.com")).collect();
            workspace.knobs.offset_unit = unit;
        })
        .await;
        assert_eq!(rig.everybody().await.len(), count, "{unit:?}");
        let calls = rig.operations("hpe.list_users").len();
        assert!(calls <= count.div_ceil(599) + 2, "{calls} calls for {count}");
    }
}

#[rstest]
#[case::pages(OffsetUnit::Pages)]
#[case::items(OffsetUnit::Items)]
#[tokio::test]
async fn a_list_that_moves_proves_nobody_s_absence(#[case] unit: OffsetUnit) {
    let rig = Rig::hpe(|workspace| {
        workspace.members = (1..1300).map(|number| format!("p{number}@example.com")).collect();
        workspace.knobs.offset_unit = unit;
    })
    .await;
    rig.client.verify().await.unwrap();
    rig.spoil("hpe.list_users", When::Nth(2), Fault::DelayBefore { milliseconds: 300 });
    let (sweep, ()) = tokio::join!(rig.client.sweep(&NOTHING), async {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        rig.control.remove(&rig.tenant, "p7@example.com").unwrap();
    });
    assert!(sweep.unwrap().incomplete.is_some());
    rig.spoil("hpe.list_users", When::Nth(2), status(500));
    assert_eq!(
        rig.client.sweep(&NOTHING).await.unwrap().incomplete,
        Some("a page of users could not be read")
    );
}

#[rstest]
#[case::ignored(json!({"offset": 0, "count": 2, "total": 2, "items": [
    {"id": "1", "username": "x@example.com", "userStatus": "VERIFIED"},
    {"id": "2", "username": "y@example.com", "userStatus": "VERIFIED"}]}))]
#[case::cut(json!({"offset": 0, "count": 0, "total": 700, "items": []}))]
#[case::unreadable(json!({"total": 1, "items": [{"id": 5}]}))]
#[tokio::test]
async fn a_filter_that_is_not_kept_to_is_made_up_for_by_the_list(#[case] page: serde_json::Value) {
    let rig = Rig::hpe(|workspace| workspace.members = vec!["a@example.com".to_owned()]).await;
    rig.spoil("hpe.find_user", When::Always, body(BodyFault::Json(page.to_string())));
    assert_eq!(rig.find("A@example.com").await.unwrap().standing, Standing::Member);
    assert_eq!(rig.find("b@example.com").await, None);
    assert!(!rig.operations("hpe.list_users").is_empty());
}

#[tokio::test]
async fn a_filter_that_is_refused_is_made_up_for_by_the_list() {
    let rig = Rig::hpe(|workspace| workspace.members = vec!["a@example.com".to_owned()]).await;
    rig.spoil("hpe.find_user", When::Always, status(400));
    assert_eq!(rig.find("a@example.com").await.unwrap().standing, Standing::Member);
    rig.spoil("hpe.list_users", When::Always, body(BodyFault::Json(r#"{"total":2,"items":[]}"#.to_owned())));
    let error = rig.client.find(&person("b@example.com"), &NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::BadAnswer { .. }), "absence is not proven: {error:?}");
}

#[tokio::test]
async fn odd_rows_are_read_carefully() {
    let rig = Rig::hpe(|_| {}).await;
    let page = json!({"total": 4, "items": [
        {"id": "1", "username": "new@example.com", "userStatus": "HIBERNATING", "extra": {}},
        {"id": "2", "username": "silent@example.com"},
        {"id": "3", "username": "twice@example.com", "userStatus": "UNVERIFIED"},
        {"id": "4", "username": "Twice@example.com", "userStatus": "VERIFIED"}]});
    rig.spoil("hpe.list_users", When::Always, body(BodyFault::Json(page.to_string())));
    let people = rig.everybody().await;
    let standing = |email: &str| people.get(email).map(|presence: &Presence| presence.standing);
    assert_eq!(standing("new@example.com"), Some(Standing::Blocked));
    assert_eq!(standing("silent@example.com"), Some(Standing::Blocked));
    assert_eq!(standing("twice@example.com"), Some(Standing::Member));
}

#[tokio::test]
async fn another_workspace() {
    // the token endpoint belongs to a workspace, so that a wrong one gets no token at all
    let rig = Rig::hpe_with(|_| {}, |config| config.workspace_id = "0".repeat(32)).await;
    assert!(rig.client.verify().await.is_err());
    // with hyphens it is the same one
    let rig = Rig::hpe_with(|_| {}, |config| config.workspace_id.insert(8, '-')).await;
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
    // at the shared endpoint the token tells
    let other = |config: &mut user_invitation_operator::vendor::hpe_greenlake::Config| {
        config.workspace_id = "0".repeat(32);
        config.token_endpoint = config.endpoint.join("/as/token.oauth2").ok();
    };
    let rig = Rig::hpe_with(|_| {}, other).await;
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
    let rig = Rig::hpe_with(|workspace| workspace.knobs.opaque_tokens = true, other).await;
    let error = rig.client.verify().await.unwrap_err();
    assert!(matches!(error.class(), ErrorClass::Forbidden | ErrorClass::Invalid), "{error:?}");
}

#[tokio::test]
async fn a_revoked_client_is_refused_and_left_alone() {
    let rig = Rig::hpe(|_| {}).await;
    rig.everybody().await;
    rig.control
        .change_credential(&rig.tenant, CredentialChange::Revoke { key: CLIENT_ID.to_owned() })
        .unwrap();
    rig.control.drop_tokens(&rig.tenant);
    for _ in 0..5 {
        let error = rig.client.sweep(&NOTHING).await.unwrap_err();
        assert!(matches!(error, VendorError::CredentialRefused { .. }), "{error:?}");
    }
    assert_eq!(rig.operations("hpe.token").len(), 2, "one that worked, one refusal in the form that worked");
}

#[tokio::test]
async fn a_denied_domain() {
    let rig = Rig::hpe(|workspace| {
        workspace.knobs.denied_domains.insert("denied.example".to_owned());
    })
    .await;
    let answer = rig.invite(&["a@denied.example"]).await;
    let refused = of(&answer, "a@denied.example");
    assert!(matches!(refused, MemberAnswer::Refused(refusal) if refusal.status == 451), "{refused:?}");
}

#[rstest]
#[case::no_mail_is_documented(false, 0)]
#[case::told_of_the_access(true, 1)]
#[tokio::test]
async fn an_account_that_exists_is_a_member_at_once(#[case] mail: bool, #[case] mails: usize) {
    let rig = Rig::hpe(|workspace| {
        workspace.knobs.mail_existing_accounts = mail;
        workspace.known_accounts = vec!["known@example.com".to_owned()];
    })
    .await;
    assert!(accepted(&rig.invite(&["known@example.com"]).await));
    assert_eq!(rig.mails(), mails);
    assert_eq!(rig.find("known@example.com").await.unwrap().standing, Standing::Member);
}
