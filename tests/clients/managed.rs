//! Dynatrace Managed: the way of a user, and what looks show.

use user_invitation_operator::vendor::{
    AccessChange, Capabilities, EditCalls, Expiry, Grant, GrantKind, InitialPassword, InviteTerms,
    MemberAnswer, Named, Names, Notification, Person, Resend, Standing, Support, VendorClient,
};
use vendor_simulators::{Filter, ManagedUser, PasswordInput};

use super::support::{Rig, accepted, named, of, people, target, terms, with_login};

const ADA: &str = "Ada@example.com";

fn group(id: &str) -> Grant {
    Grant::named(GrantKind::Group, id)
}

#[tokio::test]
async fn from_created_to_removed() {
    let rig = Rig::managed(|_| {}).await;
    let account = rig.client.verify().await.unwrap();
    assert_eq!((account.id, account.own_login), (rig.client.tenant().host, None));
    assert_eq!(rig.find_person(&named(ADA)).await, None);

    let permit = rig.client.permit().await.unwrap();
    let terms = InviteTerms { grants: vec![group("owners"), group("users")], ..terms() };
    let answer = rig.client.invite(permit, &[with_login(ADA, "ada")], &terms).await;
    assert_eq!(of(&answer, ADA), &MemberAnswer::Accepted { user_id: Some("ada".to_owned()) });

    let everybody = rig.everybody().await;
    let ada = everybody["ada@example.com"].clone();
    assert_eq!((ada.standing, ada.user_id.as_deref()), (Standing::Member, Some("ada")));
    assert_eq!((ada.open_invitations, ada.vendor_status.as_str()), (0, ""));
    let held = ada.held.clone().unwrap();
    assert!(held.has(&group("owners")) && held.has(&group("users")) && !held.has(&group("admins")));
    assert!(held.shows(&group("admins")), "a user's row shows all groups");
    assert_eq!(rig.find_person(&with_login(ADA, "ada")).await, Some(ada.clone()));

    let change = AccessChange { add: vec![group("admins")], remove: vec![group("owners")] };
    let permit = rig.client.permit().await.unwrap();
    let edited = rig.client.edit(permit, &target(ADA, &ada), &change).await;
    assert!(matches!(edited, MemberAnswer::Accepted { .. }), "{edited:?}");
    assert!(change.is_made(&rig.find_person(&with_login(ADA, "ada")).await.unwrap().held.unwrap()));
    assert_eq!(rig.operations("managed.update_user").len(), 1);

    assert!(accepted(&rig.remove(&[target(ADA, &ada)]).await));
    assert!(accepted(&rig.remove(&[target(ADA, &ada)]).await), "gone is as good");
    assert_eq!(rig.find_person(&with_login(ADA, "ada")).await, None);
    assert_eq!(rig.creations(), ["ada@example.com"]);
}

#[tokio::test]
async fn several_people_go_in_one_call() {
    let rig = Rig::managed(|_| {}).await;
    let crowd: Vec<Person> = (0..50).map(|at| named(&format!("p{at}@example.com"))).collect();
    assert!(accepted(&rig.create(&crowd).await));
    assert_eq!(rig.operations("managed.create_users").len(), 1);
    assert_eq!(rig.operations("managed.create_user").len(), 0);
    assert_eq!((rig.creations().len(), rig.everybody().await.len()), (50, 51));
}

#[tokio::test]
async fn login_names_default_to_the_address_as_written() {
    let rig = Rig::managed(|_| {}).await;
    assert!(accepted(&rig.create(&[named("A+b@Example.com")]).await));
    let found = rig.find_person(&named("a+b@example.COM")).await.unwrap();
    assert_eq!(found.user_id.as_deref(), Some("A+b@Example.com"));
    let removed = rig.remove(&[target("a+b@example.com", &found)]).await;
    assert!(accepted(&removed));
    assert_eq!(rig.operations("managed.delete_user")[0].ids, ["A+b@Example.com"]);
}

#[tokio::test]
async fn an_address_under_another_login_name_is_found() {
    let ada = ManagedUser::of("ada@example.com").with_id("ada.byron");
    let rig = Rig::managed(|cluster| cluster.users.push(ada.clone())).await;
    // Before the first list, and by what it said.
    for swept in [false, true] {
        if swept {
            rig.everybody().await;
        }
        let found = rig.find_person(&named(ADA)).await.unwrap();
        assert_eq!(found.user_id.as_deref(), Some("ada.byron"), "{swept}");
        assert_eq!(rig.find_person(&named("nobody@example.com")).await, None);
    }
    assert_eq!(
        rig.operations("managed.list_users").len(),
        2,
        "an exact read costs no list once there was one"
    );
}

#[tokio::test]
async fn a_login_name_of_somebody_else_is_nobody() {
    let bob = ManagedUser::of("bob@example.com").with_id("ada");
    let rig = Rig::managed(|cluster| cluster.users.push(bob.clone())).await;
    assert_eq!(rig.find_person(&with_login(ADA, "ada")).await, None);
    rig.everybody().await;
    assert_eq!(rig.find_person(&with_login(ADA, "ada")).await, None);
}

#[tokio::test]
async fn groups_are_known_by_id_and_name() {
    let rig = Rig::managed(|cluster| cluster.groups.push("Sales Group".to_owned())).await;
    let names = rig.client.names().await.unwrap();
    for (word, id) in [("Sales Group", "salesgroup"), ("salesgroup", "salesgroup"), ("owners", "owners")] {
        assert_eq!(names.id(GrantKind::Group, word), Ok(id.to_owned()));
    }
    assert!(names.id(GrantKind::Group, "Sails Group").unwrap_err().contains(&"Sales Group".to_owned()));
    let empty = Names::default().with(GrantKind::Group, Vec::<Named>::new());
    assert_ne!(names, empty);
}

#[tokio::test]
async fn what_cannot_be_honoured_is_not_sent() {
    let rig = Rig::managed(|_| {}).await;
    let suppressed = InviteTerms { notification: Notification::Suppress, ..terms() };
    let role = InviteTerms { grants: vec![Grant::named(GrantKind::OrganizationRole, "x")], ..terms() };
    for (person, terms) in [(named(ADA), suppressed), (named(ADA), role), (people(&[ADA]).remove(0), terms())]
    {
        let permit = rig.client.permit().await.unwrap();
        let answer = rig.client.invite(permit, &[person], &terms).await;
        assert!(
            matches!(of(&answer, ADA), MemberAnswer::Refused(refusal) if refusal.status == 0),
            "{answer:?}"
        );
    }
    let ada = rig.everybody().await["owner@example.com"].clone();
    assert!(!accepted(&rig.cancel(&[target("owner@example.com", &ada)]).await));
    assert_eq!(
        rig.control.operations(&Filter::default()).iter().filter(|call| call.method != "GET").count(),
        0
    );
}

#[tokio::test]
async fn a_password_goes_with_its_person_and_nowhere_else() {
    let rig = Rig::managed(|cluster| cluster.knobs.password_input = PasswordInput::Accepted).await;
    let password = || Some(InitialPassword::new("Hunter-22-Hunter".into()));
    let ada = Person { initial_password: password(), ..with_login(ADA, "ada") };
    assert!(!format!("{ada:?} {ada:#?}").contains("Hunter"));
    assert!(accepted(&rig.create(&[ada]).await));
    assert!(accepted(
        &rig.create(&[with_login("b@example.com", "bob"), with_login("c@example.com", "eve")]).await
    ));
    let kept = |login| rig.control.managed_password(&rig.tenant, login).unwrap();
    assert_eq!(kept("ada").as_deref(), Some("Hunter-22-Hunter"));
    assert_eq!((kept("bob"), kept("eve")), (None, None));
    // An edit sends no password, and takes none away.
    let found = rig.find_person(&with_login(ADA, "ada")).await.unwrap();
    let permit = rig.client.permit().await.unwrap();
    let change = AccessChange { add: vec![group("users")], remove: Vec::new() };
    let edited = rig.client.edit(permit, &target(ADA, &found), &change).await;
    assert!(matches!(edited, MemberAnswer::Accepted { .. }));
    assert_eq!(kept("ada").as_deref(), Some("Hunter-22-Hunter"));
}

#[tokio::test]
async fn what_it_can_do() {
    let rig = Rig::managed(|_| {}).await;
    let can: Capabilities = rig.client.capabilities();
    assert_eq!((can.max_batch_size, can.max_remove_batch), (50, 1));
    assert_eq!((can.cancel, can.remove), (Support::Unsupported, Support::Supported));
    assert_eq!((can.acceptance, can.resend, can.expiry), (Support::Unsupported, Resend::None, Expiry::None));
    assert_eq!((can.update_access, can.edit_calls), (Support::Supported, EditCalls::WholeSet));
    assert!(
        can.logins && can.names_required && can.initial_passwords && can.cancel_is_remove && can.exact_read
    );
    assert!(!can.suppress_all && !can.suppress_known);
}
