//! VMware Cloud Services: what the contract leaves open, both ways.

use rstest::rstest;
use serde_json::json;
use user_invitation_operator::vendor::{
    ErrorClass, Grant, GrantKind, InviteTerms, MemberAnswer, Notification, Refusal, Standing, VendorClient,
    VendorError, vmware,
};
use vendor_simulators::{Credential, CredentialChange, DuplicateInvite, MemberInvite};

use super::support::{API_TOKEN, CLIENT_ID, CLIENT_SECRET, NOTHING, Rig, accepted, of, target};

#[rstest]
#[case::as_expected(json!({}))]
#[case::tcsp(json!({"platform": "tcsp"}))]
#[case::unknown_fields_refused(json!({"unknownFields": "reject"}))]
#[case::opaque_tokens(json!({"opaqueTokens": true}))]
#[case::api_token_only(json!({"tokenField": "apiToken"}))]
#[case::refresh_token_only(json!({"tokenField": "refreshToken"}))]
#[case::bearer_only(json!({"tokenHeader": "bearer"}))]
#[case::lower_case(json!({"usernameCase": "lower"}))]
#[case::mixed_case(json!({"usernameCase": "mixed"}))]
#[case::ends_in_seconds(json!({"expirationUnit": "epochSeconds"}))]
#[case::ends_as_a_span(json!({"expirationUnit": "durationSeconds"}))]
#[case::no_end(json!({"expirationUnit": "absent"}))]
#[case::direct_add_leaves_a_row(json!({"directAddCreatesRow": true}))]
#[case::closed_ones_hidden(json!({"hideClosedInvitations": true}))]
#[case::unknown_people_are_404(json!({"revokeUnknown": "notFound", "removeUnknown": "notFound"}))]
#[case::whole_rows_without_asking(json!({"leanRows": "full"}))]
#[case::long_pages_clamped(json!({"pageExcess": "clamp"}))]
#[case::changes_of_roles_are_silent(json!({"patchNotifiesByDefault": false}))]
#[case::plain_errors(json!({"liveErrorFields": false}))]
#[case::short_tokens(json!({"tokenTtlSeconds": 1}))]
#[tokio::test]
async fn the_way_of_an_invitation_is_the_same(#[case] facts: serde_json::Value) {
    let rig = Rig::vmware(|org| {
        org.known_accounts = vec!["known@example.com".to_owned()];
    })
    .await;
    rig.control.patch_knobs(&rig.tenant, &facts).unwrap();
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
    let answer = rig.invite(&["New@example.com", "Known@example.com"]).await;
    assert!(accepted(&answer), "{answer:?}");
    rig.settle().await;
    let people = rig.everybody().await;
    let new = &people["new@example.com"];
    assert_eq!((new.standing, new.open_invitations), (Standing::Pending, 1));
    let hours = (new.expires.unwrap() - new.invited.unwrap()).total(jiff::Unit::Hour).unwrap();
    assert!((hours - 168.0).abs() < 0.01, "{hours}");
    assert_eq!(people["known@example.com"].standing, Standing::Member);
    assert_eq!(rig.find("New@example.com").await.as_ref(), Some(new));
    let member = rig.find("Known@example.com").await.unwrap();
    assert_eq!(member, people["known@example.com"]);

    // gone is success, whether or not the vendor knew the person
    for _ in 0..2 {
        assert!(accepted(&rig.cancel(&[target("new@example.com", new)]).await));
    }
    assert!(accepted(&rig.remove(&[target("known@example.com", &member)]).await));
    let people = rig.everybody().await;
    for email in ["new@example.com", "known@example.com"] {
        assert!(people.get(email).is_none_or(|presence| !presence.standing.is_present()), "{people:?}");
    }
}

#[rstest]
#[case::new_row(DuplicateInvite::NewRow, true, 2)]
#[case::refresh(DuplicateInvite::Refresh, true, 1)]
#[case::unchanged(DuplicateInvite::Unchanged, false, 1)]
#[tokio::test]
async fn a_second_invitation(#[case] mode: DuplicateInvite, #[case] differs: bool, #[case] open: usize) {
    let rig = Rig::vmware(|org| org.knobs.duplicate_invite = mode).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    rig.settle().await;
    let first = rig.find("a@example.com").await.unwrap();
    assert!(accepted(&rig.invite(&["A@example.com"]).await));
    rig.settle().await;
    let second = rig.find("a@example.com").await.unwrap();
    assert_eq!((second.standing, second.open_invitations), (Standing::Pending, open));
    assert_eq!(second.fingerprint != first.fingerprint, differs);
    assert!(accepted(&rig.cancel(&[target("a@example.com", &second)]).await));
    let third = rig.find("a@example.com").await.unwrap();
    assert_eq!(third.standing == Standing::Pending, open == 2, "the older one is still open");
}

#[tokio::test]
async fn a_second_invitation_that_is_refused() {
    let rig = Rig::vmware(|org| org.knobs.duplicate_invite = DuplicateInvite::Conflict).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    rig.settle().await;
    let refusal = Refusal { class: ErrorClass::Conflict, status: 409, code: Some("am-409".to_owned()) };
    assert_eq!(of(&rig.invite(&["a@example.com"]).await, "a@example.com"), &MemberAnswer::Refused(refusal));
    let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
    for member in answer.members.values() {
        assert!(
            matches!(member, MemberAnswer::Ambiguous(VendorError::Status { status: 409, .. })),
            "{member:?}"
        );
    }
    assert_eq!(rig.mails(), 1);
}

#[rstest]
#[case::refreshed_silently(DuplicateInvite::Refresh, false, 1)]
#[case::refreshed(DuplicateInvite::Refresh, true, 2)]
#[case::unchanged_silently(DuplicateInvite::Unchanged, false, 1)]
#[case::unchanged(DuplicateInvite::Unchanged, true, 2)]
#[tokio::test]
async fn mails_of_a_second_invitation(
    #[case] duplicate: DuplicateInvite,
    #[case] sends: bool,
    #[case] mails: usize,
) {
    let rig = Rig::vmware(|org| {
        org.knobs.duplicate_invite = duplicate;
        org.knobs.duplicate_sends_mail = sends;
    })
    .await;
    for _ in 0..2 {
        assert!(accepted(&rig.invite(&["a@example.com"]).await));
        rig.settle().await;
    }
    assert_eq!(rig.mails(), mails);
    assert_eq!(rig.find("a@example.com").await.unwrap().open_invitations, 1);
}

#[rstest]
#[case::roles_are_added(MemberInvite::AddRoles, &["org_member", "developer"])]
#[case::ignored(MemberInvite::Ignore, &["org_member"])]
#[case::refused(MemberInvite::Conflict, &["org_member"])]
#[tokio::test]
async fn an_invitation_of_a_member(#[case] mode: MemberInvite, #[case] roles: &[&str]) {
    let rig = Rig::vmware(|org| org.knobs.member_invite = mode).await;
    rig.control.add_member(&rig.tenant, "a@example.com", &["org_member"]).unwrap();
    let grants = vec![Grant::named(GrantKind::OrganizationRole, "developer")];
    let terms = InviteTerms { grants, notification: Notification::Suppress };
    let answer = rig.invite_as(&["a@example.com"], &terms).await;
    rig.settle().await;
    match mode {
        MemberInvite::AddRoles | MemberInvite::Ignore => assert!(accepted(&answer), "{answer:?}"),
        MemberInvite::Conflict => {
            let code = Some("am-409".to_owned());
            let refusal = Refusal { class: ErrorClass::Conflict, status: 409, code };
            assert_eq!(of(&answer, "a@example.com"), &MemberAnswer::Refused(refusal));
        }
    }
    let person = rig.control.person(&rig.tenant, "a@example.com").unwrap().unwrap();
    assert_eq!(person.roles, roles);
    assert_eq!(rig.find("a@example.com").await.unwrap().standing, Standing::Member);
}

#[rstest]
#[case::as_many_as_fit(Some(2), true)]
#[case::no_limit(None, true)]
#[case::too_many(Some(1), false)]
#[tokio::test]
async fn a_limit_on_a_call_names_nobody(#[case] most: Option<usize>, #[case] fits: bool) {
    let rig = Rig::vmware(|org| org.knobs.max_usernames = most).await;
    let answer = rig.invite(&["a@example.com", "b@example.com"]).await;
    rig.settle().await;
    assert_eq!((accepted(&answer), rig.mails()), (fits, if fits { 2 } else { 0 }), "{answer:?}");
    if !fits {
        let unclear = |member: &MemberAnswer| matches!(member, MemberAnswer::Ambiguous(_));
        assert!(answer.members.values().all(unclear), "{answer:?}");
        assert!(accepted(&rig.invite(&["a@example.com"]).await), "alone, a person fits");
    }
}

#[rstest]
#[case::of_members_only(false, 1)]
#[case::of_everybody(true, 0)]
#[tokio::test]
async fn the_older_platform_s_word_for_no_mail(#[case] everybody: bool, #[case] mails: usize) {
    let rig = Rig::vmware(|org| org.knobs.skip_notify_suppresses_all = everybody).await;
    for (who, notification, expected) in [
        ("a@example.com", Notification::NewAccountsOnly, mails),
        ("b@example.com", Notification::Suppress, mails),
        ("c@example.com", Notification::Send, mails + 1),
    ] {
        let terms = InviteTerms { grants: Vec::new(), notification };
        assert!(accepted(&rig.invite_as(&[who], &terms).await));
        rig.settle().await;
        assert_eq!(rig.mails(), expected, "{notification:?}");
    }
}

#[tokio::test]
async fn an_organization_may_have_roles_that_nobody_documented() {
    let rig = Rig::vmware(|_| {}).await;
    let grants = vec![Grant::named(GrantKind::OrganizationRole, "org_auditor")];
    let terms = InviteTerms { grants, notification: Notification::Send };
    let known = rig.client.names().await.unwrap();
    assert!(known.id(GrantKind::OrganizationRole, "org_auditor").is_err());
    assert!(!accepted(&rig.invite_as(&["a@example.com"], &terms).await));
    let more = json!({"extraOrganizationRoles": ["org_auditor"]});
    rig.control.patch_knobs(&rig.tenant, &more).unwrap();
    let known = rig.client.names().await.unwrap();
    assert_eq!(known.id(GrantKind::OrganizationRole, "org_auditor"), Ok("org_auditor".to_owned()));
    assert!(accepted(&rig.invite_as(&["a@example.com"], &terms).await));
}

#[tokio::test]
async fn an_organization_that_asks_for_a_second_factor_refuses() {
    let rig = Rig::vmware(|org| org.knobs.mfa_passcode = Some("123456".to_owned())).await;
    let error = rig.client.verify().await.unwrap_err();
    assert!(matches!(error, VendorError::CredentialRefused { status: 400, .. }), "{error:?}");
}

#[rstest]
#[case(400)]
#[case(401)]
#[tokio::test]
async fn a_wrong_client_is_refused_under_either_status(#[case] status: u16) {
    let wrong = vmware::Credentials::Client { id: CLIENT_ID.to_owned(), secret: "wrong".into() };
    let rig = Rig::vmware_with(
        |org| {
            org.credentials = vec![Credential::client(CLIENT_ID, CLIENT_SECRET)];
            org.knobs.bad_client_status = status;
        },
        |config| config.credentials = wrong,
    )
    .await;
    let error = rig.client.verify().await.unwrap_err();
    let refused = matches!(error, VendorError::CredentialRefused { status: said, .. } if said == status);
    assert!(refused, "{error:?}");
}

#[tokio::test]
async fn an_invitation_runs_out_by_the_vendor_s_clock() {
    let rig = Rig::vmware(|_| {}).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    rig.settle().await;
    rig.control.expire(&rig.tenant, "a@example.com").unwrap();
    let presence = rig.find("a@example.com").await.unwrap();
    assert_eq!((presence.standing, presence.vendor_status.as_str()), (Standing::Expired, "AVAILABLE"));
    assert_eq!(presence.open_invitations, 1);
}

#[tokio::test]
async fn another_organization_shows_in_the_account() {
    let rig =
        Rig::vmware_with(|_| {}, |config| config.org_id = "00000000-0000-4000-8000-000000000000".into())
            .await;
    assert_eq!(rig.client.verify().await.unwrap().id, rig.tenant.id);
}

#[tokio::test]
async fn a_revoked_token_is_refused_and_left_alone() {
    let rig = Rig::vmware(|_| {}).await;
    rig.control
        .change_credential(&rig.tenant, CredentialChange::Revoke { key: API_TOKEN.to_owned() })
        .unwrap();
    for _ in 0..5 {
        let error = rig.client.sweep(&NOTHING).await.unwrap_err();
        assert!(matches!(error, VendorError::CredentialRefused { status: 400, .. }), "{error:?}");
        assert!(rig.client.permit().await.is_err());
    }
    // both names of the field, once
    assert_eq!(rig.operations("vmware.token").len(), 2);
}

#[tokio::test]
async fn a_token_that_is_dropped_is_renewed_once_for_readers_and_never_for_writers() {
    let rig = Rig::vmware(|_| {}).await;
    rig.everybody().await;
    rig.control.drop_tokens(&rig.tenant);
    rig.everybody().await;
    assert_eq!(rig.operations("vmware.token").len(), 2);

    let permit = rig.client.permit().await.unwrap();
    rig.control.drop_tokens(&rig.tenant);
    let answer = rig
        .client
        .invite(permit, &super::support::people(&["a@example.com"]), &super::support::terms())
        .await;
    let refused = of(&answer, "a@example.com");
    assert!(
        matches!(
            refused,
            MemberAnswer::Refused(Refusal { class: ErrorClass::Authentication, status: 401, .. })
        ),
        "{refused:?}"
    );
    assert_eq!(rig.operations("vmware.invite").len(), 1, "a write is never repeated");
    assert!(accepted(&rig.invite(&["a@example.com"]).await), "the next permit has a new token");
    assert_eq!(rig.operations("vmware.token").len(), 3);
}

#[tokio::test]
async fn capabilities() {
    let rig = Rig::vmware_with(|_| {}, |config| config.max_batch_size = 7).await;
    let capabilities = rig.client.capabilities();
    assert_eq!((capabilities.max_batch_size, capabilities.max_remove_batch), (7, 20));
    let tenant = rig.client.tenant();
    assert_eq!(tenant.account_id, rig.tenant.id);
    assert_eq!(tenant.host, rig.simulators.base_url_vmware().trim_start_matches("https://"));
    let vcsp =
        user_invitation_operator::vendor::default_endpoint(tenant.vendor, Some(vmware::Platform::Vcsp));
    assert_eq!(vcsp, "https://console.cloud.vmware.com");
}
