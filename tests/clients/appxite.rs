//! AppXite: everything that the client does.

use user_invitation_operator::vendor::{
    EditCalls, ErrorClass, Expiry, Grant, GrantKind, InviteTerms, MemberAnswer, Notification, Operation,
    Person, Refusal, Resend, Standing, Support, VendorClient,
};
use vendor_simulators::{Filter, PersonAction, RowFields, Standing as Really};

use super::appxite_rig::{ORGANIZATIONS, granting};
use super::support::{NOTHING, OWNER, Rig, accepted, of, person, target};

const UNSUPPORTED: MemberAnswer =
    MemberAnswer::Refused(Refusal { class: ErrorClass::Unsupported, status: 0, code: None });

#[tokio::test]
async fn several_people_are_invited_in_one_call() {
    let rig = Rig::appxite(|_| {}).await;
    let account = rig.client.verify().await.unwrap();
    assert_eq!((account.id, account.own_login), (rig.tenant.id.clone(), None));
    let answer = rig.invite(&["Ada@example.com", "bob@example.com"]).await;
    assert!(accepted(&answer), "{answer:?}");
    assert_eq!((rig.operations("appxite.invite").len(), rig.mails()), (1, 2));

    let people = rig.everybody().await;
    let ada = &people["ada@example.com"];
    assert_eq!((ada.standing, ada.open_invitations), (Standing::Pending, 1));
    assert_eq!((ada.vendor_status.as_str(), ada.expires), ("New", None));
    assert!(ada.invited.is_some() && ada.user_id.is_some());
    assert_eq!(people[&OWNER.to_lowercase()].standing, Standing::Member);
    assert_eq!(rig.find("ADA@example.com").await.as_ref(), Some(ada));
    assert_eq!(rig.find("nobody@example.com").await, None);

    rig.control.accept(&rig.tenant, "ada@example.com").unwrap();
    let member = rig.find("ada@example.com").await.unwrap();
    assert_eq!(member.standing, Standing::Member);
    assert_ne!(member.fingerprint, ada.fingerprint);
    rig.control.act(&rig.tenant, "ada@example.com", &PersonAction::Block).unwrap();
    assert_eq!(rig.find("ada@example.com").await.unwrap().standing, Standing::Blocked);
    rig.control.remove(&rig.tenant, "ada@example.com").unwrap();
    assert_eq!(rig.find("ada@example.com").await, None);
}

#[tokio::test]
async fn names_organizations_role_and_provider_reach_the_vendor() {
    let rig = Rig::appxite(|_| {}).await;
    let names = rig.client.names().await.unwrap();
    let role = names.id(GrantKind::Role, "seller admin").unwrap();
    let provider = names.id(GrantKind::IdentityProvider, "Azure AD").unwrap();
    let terms = granting(&[
        (GrantKind::Organization, ORGANIZATIONS[0]),
        (GrantKind::Organization, ORGANIZATIONS[1]),
        (GrantKind::Role, &role),
        (GrantKind::IdentityProvider, &provider),
    ]);
    let ada = Person {
        first_name: Some("Ada".to_owned()),
        last_name: Some("Byron".to_owned()),
        ..person("Ada@example.com")
    };
    let permit = rig.client.permit().await.unwrap();
    assert!(accepted(&rig.client.invite(permit, &[ada], &terms).await));
    assert_eq!(rig.mails(), 1, "two organizations, one mail");
    let really = rig.control.person(&rig.tenant, "ada@example.com").unwrap().unwrap();
    assert_eq!(
        (really.roles, really.email_as_written),
        (vec!["Seller Admin".to_owned()], "Ada@example.com".to_owned())
    );

    let held = rig.find("ada@example.com").await.unwrap().held.unwrap();
    let shown = |kind, name: &str| held.has(&Grant::named(kind, name));
    assert!(ORGANIZATIONS.iter().all(|id| shown(GrantKind::Organization, id)));
    assert!(shown(GrantKind::Role, &role));
    assert!(!held.shown.contains(&GrantKind::IdentityProvider));

    // a row without roles says nothing of them, and one without organizations nothing at all
    assert!(accepted(&rig.invite(&["bob@example.com"]).await));
    let held = rig.find("bob@example.com").await.unwrap().held.unwrap();
    assert_eq!(held.shown, [GrantKind::Organization]);
    rig.control.set_appxite_knobs(&rig.tenant, |knobs| knobs.row_fields = RowFields::NoAccess).unwrap();
    assert_eq!(rig.find("bob@example.com").await.unwrap().held, None);
}

#[tokio::test]
async fn what_can_be_named() {
    let rig = Rig::appxite(|_| {}).await;
    let names = rig.client.names().await.unwrap();
    let id = "0f0c2f2e-1111-4c1e-9a51-000000000010";
    assert_eq!(names.id(GrantKind::Role, "Distributor Admin").as_deref(), Ok(id));
    assert_eq!(names.id(GrantKind::Role, id).as_deref(), Ok(id));
    assert_eq!(names.id(GrantKind::Role, "Seler Admin").unwrap_err()[0], "Seller Admin");
    assert!(names.id(GrantKind::IdentityProvider, "Custom User Database").is_ok());
    let disabled = names.id(GrantKind::IdentityProvider, "Microsoft LiveID").unwrap_err();
    assert!(!disabled.contains(&"Microsoft LiveID".to_owned()), "it is switched off");
    assert_eq!(names.id(GrantKind::Organization, "anything").as_deref(), Ok("anything"));
}

#[tokio::test]
async fn a_mail_cannot_be_suppressed() {
    let rig = Rig::appxite(|_| {}).await;
    for notification in [Notification::NewAccountsOnly, Notification::Suppress] {
        let terms = InviteTerms { grants: Vec::new(), notification };
        let answer = rig.invite_as(&["a@example.com", "b@example.com"], &terms).await;
        assert!(answer.members.values().all(|member| *member == UNSUPPORTED), "{answer:?}");
    }
    assert!(rig.operations("appxite.invite").is_empty());
}

#[tokio::test]
async fn without_a_path_nobody_is_removed() {
    let rig = Rig::appxite(|_| {}).await;
    let can = rig.client.capabilities();
    assert_eq!((can.cancel, can.remove), (Support::Configurable, Support::Configurable));
    assert_eq!(can.resend, Resend::AfterExpiry);
    assert_eq!(can.expiry, Expiry::OwnClock(std::time::Duration::from_secs(7 * 24 * 60 * 60)));
    assert!(!can.exact_read && can.access_in_invite && !can.suppress_all && !can.suppress_known);
    assert_eq!((can.update_access, can.acceptance), (Support::Unsupported, Support::Supported));
    assert_eq!(can.max_batch_size, 20);

    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    let there = rig.find("a@example.com").await.unwrap();
    let targets = [target("a@example.com", &there)];
    let before = rig.operations("*").len();
    assert_eq!(of(&rig.cancel(&targets).await, "a@example.com"), &UNSUPPORTED);
    assert_eq!(of(&rig.remove(&targets).await, "a@example.com"), &UNSUPPORTED);
    assert_eq!(rig.operations("*").len(), before, "nothing was sent");
}

#[tokio::test]
async fn with_a_path_one_call_takes_away_whoever_it_is() {
    let rig = Rig::appxite_with_removal().await;
    let can = rig.client.capabilities();
    assert_eq!(
        (can.cancel, can.remove, can.resend),
        (Support::Supported, Support::Supported, Resend::Recreate)
    );
    assert!(can.cancel_is_remove);
    assert_eq!((can.max_cancel_batch, can.max_remove_batch), (1, 1));
    assert!(accepted(&rig.invite(&["pending@example.com", "member@example.com", "stays@example.com"]).await));
    rig.control.accept(&rig.tenant, "member@example.com").unwrap();
    let people = rig.everybody().await;
    let targets = ["pending@example.com", "stays@example.com"].map(|email| target(email, &people[email]));
    let answer = rig.cancel(&targets).await;
    assert!(matches!(of(&answer, "pending@example.com"), MemberAnswer::Accepted { .. }), "{answer:?}");
    assert!(matches!(of(&answer, "stays@example.com"), MemberAnswer::NotSent(_)), "one person a call");
    assert!(accepted(&rig.remove(&[target("member@example.com", &people["member@example.com"])]).await));
    let people = rig.everybody().await;
    assert_eq!(people.len(), 2, "{people:?}");
    assert!(people.contains_key("stays@example.com"));
    let removals = rig.operations("appxite.remove");
    assert_eq!(removals.len(), 2);
    assert!(removals.iter().all(|call| call.target.starts_with("/users/")));
}

#[tokio::test]
async fn an_odd_id_leads_nowhere() {
    let rig = Rig::appxite_with_removal().await;
    rig.invite(&["a@example.com"]).await;
    let there = rig.find("a@example.com").await.unwrap();
    for id in [None, Some(""), Some(".."), Some("a/b"), Some("a?b"), Some("{id}")] {
        let mut odd = target("a@example.com", &there);
        odd.user_id = id.map(str::to_owned);
        let answer = rig.remove(&[odd]).await;
        assert!(matches!(of(&answer, "a@example.com"), MemberAnswer::NotSent(_)), "{answer:?}");
    }
    assert!(rig.operations("appxite.remove").is_empty());
}

#[tokio::test]
async fn access_is_not_edited() {
    let rig = Rig::appxite_with_removal().await;
    rig.invite(&["a@example.com"]).await;
    let there = rig.find("a@example.com").await.unwrap();
    let permit = rig.client.permit().await.unwrap();
    let before = rig.operations("*").len();
    let change = user_invitation_operator::vendor::AccessChange {
        add: vec![Grant::named(GrantKind::Role, "x")],
        remove: Vec::new(),
    };
    assert_eq!(rig.client.capabilities().edit_calls, EditCalls::WholeSet);
    assert_eq!(rig.client.edit(permit, &target("a@example.com", &there), &change).await, UNSUPPORTED);
    assert_eq!(rig.operations("*").len(), before);
}

#[tokio::test]
async fn an_expired_person_is_invited_anew() {
    let rig = Rig::appxite(|_| {}).await;
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    rig.control.expire(&rig.tenant, "a@example.com").unwrap();
    let expired = rig.find("a@example.com").await.unwrap();
    assert_eq!(expired.standing, Standing::Pending, "only our own clock tells");
    let age = jiff::Timestamp::now().duration_since(expired.invited.unwrap());
    assert!(age.as_hours() >= 7 * 24, "{age:?}");
    assert!(accepted(&rig.invite(&["a@example.com"]).await));
    let again = rig.find("a@example.com").await.unwrap();
    assert_ne!(again.fingerprint, expired.fingerprint);
    assert_eq!(rig.mails(), 2);
    let really = rig.control.person(&rig.tenant, "a@example.com").unwrap().unwrap();
    assert_eq!(really.standing, Really::Invited);
}

#[tokio::test]
async fn calls_are_observed_and_named() {
    let rig = Rig::appxite_with_removal().await;
    rig.client.verify().await.unwrap();
    rig.client.names().await.unwrap();
    rig.client.sweep(&NOTHING).await.unwrap();
    rig.invite(&["a@example.com"]).await;
    let there = rig.find("a@example.com").await.unwrap();
    rig.cancel(&[target("a@example.com", &there)]).await;
    let calls: Vec<Operation> = rig.calls.all().iter().map(|call| call.operation).collect();
    assert_eq!(
        calls,
        [
            Operation::Token,
            Operation::Verify,
            Operation::ListNames,
            Operation::ListNames,
            Operation::ListUsers,
            Operation::ListUsers,
            Operation::Invite,
            Operation::ListUsers,
            Operation::ListUsers,
            Operation::Cancel,
        ],
        "a bare list needs a second page to show that it is all"
    );
    let log = rig.control.operations(&Filter::tenant(&rig.tenant));
    assert!(log.iter().all(|call| call.operation != "appxite.unknown"));
}
