//! VMware Cloud Services: the way of an invitation.

use user_invitation_operator::vendor::{
    CallOutcome, Grant, GrantKind, InviteTerms, MemberAnswer, Notification, Operation, Standing,
    VendorClient, vmware,
};
use vendor_simulators::{Credential, Platform};

use super::support::{CLIENT_ID, CLIENT_SECRET, NOTHING, OWNER, Rig, accepted, target};

#[tokio::test]
async fn from_invited_to_removed() {
    let rig = Rig::vmware(|org| org.known_accounts = vec!["bob@example.com".to_owned()]).await;
    let account = rig.client.verify().await.unwrap();
    assert_eq!((account.id, account.own_login.as_deref()), (rig.tenant.id.clone(), Some(OWNER)));
    assert!(account.credential_expires.is_some(), "API tokens have an end");

    assert_eq!(rig.everybody().await.len(), 1, "the owner");
    let answer = rig.invite(&["Ada@Example.com", "bob@example.com", "eve@example.com"]).await;
    assert!(accepted(&answer), "{answer:?}");
    assert_eq!(answer.members.len(), 3);
    rig.settle().await;
    assert_eq!(rig.mails(), 3);

    let people = rig.everybody().await;
    assert_eq!(people["ada@example.com"].standing, Standing::Pending);
    assert_eq!(people["ada@example.com"].open_invitations, 1);
    assert_eq!(people["ada@example.com"].vendor_status, "AVAILABLE");
    let days = people["ada@example.com"].expires.unwrap() - people["ada@example.com"].invited.unwrap();
    assert!((days.total(jiff::Unit::Hour).unwrap() - 168.0).abs() < 0.01);
    assert_eq!(people["bob@example.com"].standing, Standing::Member, "had an account");
    assert_eq!(rig.find("Ada@Example.com").await.as_ref(), Some(&people["ada@example.com"]));
    assert_eq!(rig.find("ADA@example.com").await.as_ref(), Some(&people["ada@example.com"]));
    assert_eq!(rig.find("bob@example.com").await.as_ref(), Some(&people["bob@example.com"]));
    assert_eq!(rig.find("nobody@example.com").await, None);

    rig.control.accept(&rig.tenant, "ada@example.com").unwrap();
    let ada = rig.find("ada@example.com").await.unwrap();
    assert_eq!(ada.standing, Standing::Member);
    assert_ne!(ada.fingerprint, people["ada@example.com"].fingerprint);
    assert!(ada.user_id.is_some());

    let eve = &people["eve@example.com"];
    assert!(accepted(&rig.cancel(&[target("eve@example.com", eve)]).await));
    let revoked = rig.find("eve@example.com").await.unwrap();
    assert_eq!((revoked.standing, revoked.open_invitations), (Standing::Revoked, 0));
    assert_ne!(revoked.fingerprint, eve.fingerprint);

    let members = [target("ada@example.com", &ada), target("bob@example.com", &people["bob@example.com"])];
    let answer = rig.remove(&members).await;
    assert!(accepted(&answer), "{answer:?}");
    let people = rig.everybody().await;
    assert!(!people.contains_key("bob@example.com"));
    assert_eq!(people["ada@example.com"].standing, Standing::Redeemed, "only history is left");
    assert_eq!(rig.operations("vmware.remove_users").len(), 1);
}

#[tokio::test]
async fn several_invitations_are_taken_back_by_name() {
    let rig = Rig::vmware(|_| {}).await;
    assert!(accepted(&rig.invite(&["a@example.com", "b@example.com", "c@example.com"]).await));
    rig.settle().await;
    let people = rig.everybody().await;
    let targets = ["a@example.com", "b@example.com"].map(|email| target(email, &people[email]));
    assert!(accepted(&rig.cancel(&targets).await));
    rig.settle().await;
    let people = rig.everybody().await;
    assert_eq!(people["a@example.com"].standing, Standing::Revoked);
    assert_eq!(people["b@example.com"].standing, Standing::Revoked);
    assert_eq!(people["c@example.com"].standing, Standing::Pending);
    assert_eq!(rig.operations("vmware.revoke").len(), 1);
    assert_eq!(rig.operations("vmware.delete_invitation").len(), 0);
}

#[tokio::test]
async fn an_oauth_app_works_too_and_names_nobody() {
    let client = Credential::client(CLIENT_ID, CLIENT_SECRET).owned_by(OWNER);
    let credentials = vmware::Credentials::Client { id: CLIENT_ID.to_owned(), secret: CLIENT_SECRET.into() };
    let rig =
        Rig::vmware_with(|org| org.credentials = vec![client], |config| config.credentials = credentials)
            .await;
    let account = rig.client.verify().await.unwrap();
    assert_eq!((account.id, account.own_login), (rig.tenant.id.clone(), None));
    assert_eq!(account.credential_expires, None);
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
}

#[tokio::test]
async fn access_reaches_the_vendor() {
    let rig = Rig::vmware(|org| org.groups = vec!["g1".to_owned()]).await;
    let grants = vec![
        Grant::named(GrantKind::OrganizationRole, "developer"),
        Grant::named(GrantKind::OrganizationRole, "org_member"),
        Grant::named(GrantKind::Group, "g1"),
    ];
    let terms = InviteTerms { grants, notification: Notification::Suppress };
    assert!(accepted(&rig.invite_as(&["a@example.com"], &terms).await));
    rig.settle().await;
    let person = rig.control.person(&rig.tenant, "a@example.com").unwrap().unwrap();
    assert_eq!(person.roles, ["developer", "org_member"]);
    assert_eq!(rig.mails(), 0);
}

#[tokio::test]
async fn mails_are_asked_for_in_the_words_of_each_platform() {
    for (platform, knob) in
        [(vmware::Platform::Vcsp, Platform::Vcsp), (vmware::Platform::Tcsp, Platform::Tcsp)]
    {
        for (notification, mails) in
            [(Notification::Send, 2), (Notification::NewAccountsOnly, 1), (Notification::Suppress, 0)]
        {
            let rig = Rig::vmware_with(
                |org| {
                    org.known_accounts = vec!["known@example.com".to_owned()];
                    org.knobs.platform = knob;
                    org.knobs.unknown_fields = vendor_simulators::UnknownFields::Reject;
                },
                |config| {
                    config.platform = platform;
                    config.expiration_days = Some(30);
                },
            )
            .await;
            let terms = InviteTerms { grants: Vec::new(), notification };
            let answer = rig.invite_as(&["known@example.com", "new@example.com"], &terms).await;
            assert!(accepted(&answer), "{answer:?}");
            rig.settle().await;
            assert_eq!(rig.mails(), mails, "{platform:?} {notification:?}");
            let new = rig.find("new@example.com").await.unwrap();
            let days = (new.expires.unwrap() - new.invited.unwrap()).total(jiff::Unit::Hour).unwrap() / 24.0;
            let expected = if platform == vmware::Platform::Tcsp { 30.0 } else { 7.0 };
            assert!((days - expected).abs() < 0.01, "{days} days");
        }
    }
}

#[tokio::test]
async fn calls_are_observed() {
    let rig = Rig::vmware(|_| {}).await;
    rig.client.sweep(&NOTHING).await.unwrap();
    let answer = rig.invite(&["no address"]).await;
    assert!(matches!(answer.members["no address"], MemberAnswer::Refused(_)), "{answer:?}");
    let calls: Vec<_> = rig.calls.all().iter().map(|call| (call.operation, call.outcome.as_str())).collect();
    assert_eq!(
        calls,
        [
            (Operation::Token, "success"),
            (Operation::ListInvitations, "success"),
            (Operation::ListUsers, "success"),
            (Operation::Invite, "invalid"),
        ]
    );
    assert_eq!(rig.calls.all()[0].outcome, CallOutcome::Success);
}
