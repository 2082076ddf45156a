//! VMware: the invite request. Contract B3.1.

use serde_json::{Value, json};
use vendor_simulators::{
    BadUsername, DuplicateInvite, Effect, Filter, MailKind, MemberInvite, Platform, UnknownFields,
};

use crate::bench::{Bench, Caller, text, unique};

async fn post(caller: &Caller, query: &str, body: Value) -> u16 {
    caller.call("POST", &caller.org_path(&format!("/invitations{query}")), Some(body)).await.0
}

#[tokio::test]
async fn documented_invite_is_accepted_and_listed() {
    let bench = Bench::start().await;
    let caller = bench.org(|knobs| knobs.platform = Platform::Tcsp).await;
    // B3.1: the documented request.
    let body = json!({
        "usernames": ["ada@example.com", "bob@example.com"],
        "organizationRoles": [{"name": "org_member"}, {"name": "support_user", "expiresAt": 1_893_456_000_000_u64}],
        "serviceRolesDtos": [{"serviceDefinitionLink": "/csp/gateway/slc/api/definitions/external/ybUdo",
            "serviceRoles": [{"name": "vmc-user:full"}, {"name": "nsx:cloud_admin", "resource": "instance:76ac"}]}],
        "customRoles": [{"name": "my-role"}], "customGroupsIds": ["group-1"],
        "notifyUsersOfOrgAccess": true, "notifyUsersOfRegistration": true,
        "invitedBy": "owner@example.com", "invitationExpirationInDays": 14,
    });
    let reply =
        caller.request(reqwest::Method::POST, &caller.org_path("/invitations")).json(&body).send().await;
    let reply = reply.expect("a reply");
    assert_eq!(reply.status(), 202);
    assert!(reply.bytes().await.expect("a body").is_empty());

    let rows = caller.invitations().await;
    assert_eq!(rows.len(), 2);
    let row = &rows[0];
    assert_eq!(row["username"], "ada@example.com");
    assert_eq!(row["status"], "AVAILABLE");
    assert_eq!(row["orgRoleNames"], json!(["org_member", "support_user"]));
    assert_eq!(row["invitedByUsername"], "owner@example.com");
    assert_eq!(row["redeemedAt"], 0);
    assert!(row.get("id").is_none());
    let days = (row["expirationTime"].as_u64().expect("a time")
        - row["generatedAt"].as_u64().expect("a time"))
        / 86_400_000;
    assert_eq!(days, 14);
    let link = text(row, "refLink");
    assert_eq!(link.rsplit('/').next().expect("an id").len(), 36);
    let (status, read) = caller.call("GET", &link, None).await;
    assert_eq!((status, &read["username"]), (200, &row["username"]));
    let mails = bench.mails(&caller);
    assert_eq!(mails.len(), 2);
    assert!(mails.iter().all(|mail| mail.kind == MailKind::Invitation));
}

#[tokio::test]
async fn effect_comes_after_the_delay() {
    let bench = Bench::start().await;
    let caller = bench.org(|knobs| knobs.commit_delay_milliseconds = 150).await;
    assert_eq!(caller.invite(&["ada@example.com"]).await, 202);
    assert!(caller.invitations().await.is_empty());
    assert!(bench.mails(&caller).is_empty());
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(caller.invitations().await.len(), 1);
    assert_eq!(bench.mails(&caller).len(), 1);
}

#[tokio::test]
async fn lists_lag_but_mails_do_not() {
    let bench = Bench::start().await;
    let caller = bench.org(|knobs| knobs.list_lag_milliseconds = 150).await;
    caller.invite(&["ada@example.com"]).await;
    assert_eq!(bench.mails(&caller).len(), 1);
    assert!(caller.invitations().await.is_empty());
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(caller.invitations().await.len(), 1);
}

#[tokio::test]
async fn existing_accounts_become_members_at_once() {
    let bench = Bench::start().await;
    for row in [false, true] {
        let caller = bench.org(|knobs| knobs.direct_add_creates_row = row).await;
        bench.control.add_account(&caller.tenant, "ada@example.com").expect("done");
        caller.invite(&["Ada@example.com"]).await;
        let rows = caller.invitations().await;
        assert_eq!(rows.len(), usize::from(row)); // U4
        assert!(rows.iter().all(|row| row["status"] == "REDEEMED"));
        assert!(caller.users().await.iter().any(|user| user["user"]["username"] == "Ada@example.com"));
        let mails = bench.mails(&caller);
        assert_eq!(mails.len(), 1);
        assert_eq!((mails[0].kind, mails[0].email.as_str()), (MailKind::AccessGranted, "ada@example.com"));
        assert_eq!(mails[0].email_as_written, "Ada@example.com");
    }
}

#[tokio::test]
async fn mails_follow_the_fields_of_the_platform() {
    let bench = Bench::start().await;
    let vcsp = bench.org(|_| {}).await;
    let tcsp = bench.org(|knobs| knobs.platform = Platform::Tcsp).await;
    for (caller, fields, mails) in [
        (&vcsp, json!({}), vec![MailKind::Invitation, MailKind::AccessGranted]),
        (&vcsp, json!({"skipNotify": true}), vec![MailKind::Invitation]),
        (&vcsp, json!({"skipNotifyRegistration": true}), vec![MailKind::AccessGranted]),
        (&vcsp, json!({"skipNotify": true, "skipNotifyRegistration": true}), vec![]),
        // Unknown to VCSP, hence ignored.
        (
            &vcsp,
            json!({"notifyUsersOfRegistration": false}),
            vec![MailKind::Invitation, MailKind::AccessGranted],
        ),
        (&tcsp, json!({"notifyUsersOfRegistration": false}), vec![MailKind::AccessGranted]),
        (&tcsp, json!({"notifyUsersOfOrgAccess": false}), vec![MailKind::Invitation]),
        (&tcsp, json!({"skipNotifyRegistration": true}), vec![MailKind::AccessGranted]),
    ] {
        let (new, known) = (format!("n{}@example.com", unique()), format!("k{}@example.com", unique()));
        bench.control.add_account(&caller.tenant, &known).expect("done");
        let mut body = json!({"usernames": [new, known]});
        body.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        assert_eq!(post(caller, "", body).await, 202);
        let of = |email: &str| bench.control.mails(&Filter::tenant(&caller.tenant).email(email));
        let sent: Vec<MailKind> = of(&new).iter().chain(&of(&known)).map(|mail| mail.kind).collect();
        assert_eq!(sent, mails, "{fields}");
        // Suppressed or not, both were granted.
        let granted = bench.control.creations(&Filter::tenant(&caller.tenant).email(&new));
        assert_eq!((granted.len(), granted[0].effect), (1, Effect::InvitationCreated));
        assert_eq!(granted[0].mail_sent, mails.contains(&MailKind::Invitation));
    }
}

#[tokio::test]
async fn second_invitation_does_what_the_knob_says() {
    let bench = Bench::start().await;
    for (mode, status, rows, mails) in [
        (DuplicateInvite::NewRow, 202, 2, 2),
        (DuplicateInvite::Refresh, 202, 1, 2),
        (DuplicateInvite::Unchanged, 202, 1, 2),
        (DuplicateInvite::Conflict, 409, 1, 1),
    ] {
        let caller = bench.org(|knobs| knobs.duplicate_invite = mode).await;
        caller.invite(&["ada@example.com"]).await;
        let before = caller.invitations().await;
        tokio::time::sleep(std::time::Duration::from_millis(3)).await;
        assert_eq!(caller.invite(&["ADA@example.com"]).await, status, "{mode:?}");
        let after = caller.invitations().await;
        assert_eq!((after.len(), bench.mails(&caller).len()), (rows, mails), "{mode:?}");
        let renewed = after[0]["generatedAt"] != before[0]["generatedAt"];
        assert_eq!(renewed, mode == DuplicateInvite::Refresh);
    }
    let caller = bench
        .org(|knobs| {
            knobs.duplicate_invite = DuplicateInvite::Refresh;
            knobs.duplicate_sends_mail = false;
        })
        .await;
    caller.invite(&["ada@example.com"]).await;
    caller.invite(&["ada@example.com"]).await;
    assert_eq!(bench.mails(&caller).len(), 1);
    assert_eq!(bench.control.creations(&Filter::tenant(&caller.tenant)).len(), 2);
}

#[tokio::test]
async fn invitation_of_a_member_does_what_the_knob_says() {
    let bench = Bench::start().await;
    for (mode, status, roles, mails) in [
        (MemberInvite::AddRoles, 202, 2, 1),
        (MemberInvite::Ignore, 202, 1, 0),
        (MemberInvite::Conflict, 409, 1, 0),
    ] {
        let caller = bench.org(|knobs| knobs.member_invite = mode).await;
        bench.control.add_member(&caller.tenant, "ada@example.com", &[]).expect("done");
        let body = json!({"usernames": ["ada@example.com"], "organizationRoles": [{"name": "developer"}]});
        assert_eq!(post(&caller, "", body).await, status, "{mode:?}");
        let ada = bench.control.person(&caller.tenant, "ada@example.com").expect("a tenant").expect("ada");
        assert_eq!((ada.roles.len(), bench.mails(&caller).len()), (roles, mails), "{mode:?}");
    }
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let bench = Bench::start().await;
    let caller = bench
        .org(|knobs| {
            knobs.platform = Platform::Tcsp;
            knobs.max_usernames = Some(2);
        })
        .await;
    bench.control.poison(&caller.tenant, "Poison@example.com").expect("done");
    let ada = ["ada@example.com"];
    for body in [
        json!({}),
        json!([]),
        json!({"usernames": []}),
        json!({"usernames": ["ada"]}),
        json!({"usernames": ["ada@example.com", "poison@example.com"]}),
        json!({"usernames": ["a@example.com", "b@example.com", "c@example.com"]}),
        json!({"usernames": ada, "organizationRoles": [{"name": "platform_operator"}]}),
        json!({"usernames": ada, "organizationRoles": [{"name": "nonsense"}]}),
        json!({"usernames": ada, "organizationRoles": [{}]}),
        json!({"usernames": ada, "customGroupsIds": vec!["g"; 16]}),
        json!({"usernames": ada, "invitationExpirationInDays": 0}),
        json!({"usernames": ada, "invitationExpirationInDays": 91}),
        json!({"usernames": ada, "notifyUsersOfRegistration": "yes"}),
        json!({"usernames": ada, "serviceRolesDtos": [{"serviceDefinitionId": "ybUdo", "serviceRoles": [{"name": "r"}]}]}),
    ] {
        assert_eq!(post(&caller, "", body.clone()).await, 400, "{body}");
    }
    assert_eq!(post(&caller, "?action=other", json!({"usernames": ada})).await, 400);
    assert!(bench.control.creations(&Filter::tenant(&caller.tenant)).is_empty());
}

#[tokio::test]
async fn bad_address_may_be_skipped_instead() {
    let bench = Bench::start().await;
    let caller = bench.org(|knobs| knobs.bad_username = BadUsername::Skip).await;
    assert_eq!(caller.invite(&["ada@example.com", "nonsense"]).await, 202);
    assert_eq!(caller.invitations().await.len(), 1);
}

#[tokio::test]
async fn fields_of_the_other_platform_are_ignored_or_refused() {
    let bench = Bench::start().await;
    for (mode, status) in [(UnknownFields::Ignore, 202), (UnknownFields::Reject, 400)] {
        let caller = bench.org(|knobs| knobs.unknown_fields = mode).await;
        let body = json!({"usernames": ["ada@example.com"], "invitationExpirationInDays": 30});
        assert_eq!(post(&caller, "", body).await, status);
        for row in caller.invitations().await {
            let span = row["expirationTime"].as_u64().expect("ms") - row["generatedAt"].as_u64().expect("ms");
            assert_eq!(span, 7 * 86_400_000);
        }
    }
}

#[tokio::test]
async fn ignored_people_get_nothing_though_accepted() {
    let bench = Bench::start().await;
    let caller = bench.org(|_| {}).await;
    let ignore = vendor_simulators::PersonAction::Ignore;
    bench.control.act(&caller.tenant, "ada@example.com", &ignore).expect("done");
    assert_eq!(caller.invite(&["ada@example.com", "bob@example.com"]).await, 202);
    assert_eq!(caller.invitations().await.len(), 1);
    assert_eq!(bench.mails(&caller).len(), 1);
}
