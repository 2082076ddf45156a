//! AppXite: the life of a person, and removal. Contract 1.2.4, 1.3.5, 1.3.7.

use reqwest::Method;
use serde_json::json;
use vendor_simulators::{AppXiteKnobs, ControlError, Filter, Listing, PersonAction, Standing};

use crate::{
    appxite_portal::{ORGANIZATIONS, Portal, sent},
    bench::{Bench, text},
};

const WEEK: i64 = 7 * 24 * 60 * 60 * 1000;
const ADA: &str = "ada@example.test";

fn standing(bench: &Bench, portal: &Portal) -> Option<Standing> {
    bench.control.person(&portal.tenant, ADA).expect("a tenant").map(|person| person.standing)
}

fn set(bench: &Bench, portal: &Portal, change: impl FnOnce(&mut AppXiteKnobs)) {
    bench.control.set_appxite_knobs(&portal.tenant, change).expect("a platform");
}

async fn state(portal: &Portal) -> Option<String> {
    portal.user(ADA).await.map(|user| text(&user, "accountState"))
}

#[tokio::test]
async fn new_active_blocked_and_back() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let act = |action| bench.control.act(&portal.tenant, ADA, &action);
    portal.invite(&[ADA]).await;
    for (action, expected, shown) in [
        (PersonAction::Accept, Standing::Member, "Active"),
        (PersonAction::Block, Standing::Blocked, "Blocked"),
        (PersonAction::Unblock, Standing::Member, "Active"),
    ] {
        act(action).expect("possible");
        assert_eq!(standing(&bench, &portal), Some(expected));
        assert_eq!(state(&portal).await.as_deref(), Some(shown));
    }
    assert_eq!(portal.user(ADA).await.expect("listed")["isAccessible"], true);
    assert!(matches!(act(PersonAction::Accept), Err(ControlError::NothingToDo)));
    assert!(matches!(act(PersonAction::Decline), Err(ControlError::NothingToDo)));
    for unknown in [PersonAction::Suspend, PersonAction::AddAccount] {
        assert!(matches!(act(unknown), Err(ControlError::Unsupported)));
    }
    act(PersonAction::Remove).expect("removed");
    assert_eq!((standing(&bench, &portal), state(&portal).await), (None, None));
    bench.control.invite_by_other(&portal.tenant, ADA).expect("invited");
    assert_eq!(standing(&bench, &portal), Some(Standing::Invited));
    assert_eq!(bench.control.mails(&Filter::tenant(&portal.tenant)).len(), 2);
}

#[tokio::test]
async fn invitations_are_valid_for_seven_days() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |knobs| knobs.token_ttl_seconds = 1_000_000).await;
    portal.invite(&[ADA]).await;
    bench.control.advance_clock(WEEK - 60_000);
    assert_eq!(standing(&bench, &portal), Some(Standing::Invited));
    bench.control.advance_clock(60_000);
    assert_eq!(standing(&bench, &portal), Some(Standing::Expired));
    assert!(bench.control.accept(&portal.tenant, ADA).is_err());
    for (listing, shown) in
        [(Listing::AsNew, Some("New")), (Listing::OtherState, Some("Expired")), (Listing::Hidden, None)]
    {
        set(&bench, &portal, |knobs| knobs.expired_users = listing);
        assert_eq!(state(&portal).await.as_deref(), shown);
    }
}

#[tokio::test]
async fn an_expired_person_is_invited_anew() {
    let bench = Bench::start().await;
    for renews in [true, false] {
        let portal = Portal::open(&bench, |knobs| {
            knobs.renew_created_date = renews;
            knobs.existing_user = vendor_simulators::ExistingUser::Conflict;
        })
        .await;
        portal.invite(&[ADA]).await;
        bench.control.expire(&portal.tenant, ADA).expect("expired");
        let before = text(&portal.user(ADA).await.expect("listed"), "createdDate");
        assert_eq!(portal.invite(&[ADA]).await.0, 200, "who is expired is not there");
        assert_eq!(standing(&bench, &portal), Some(Standing::Invited));
        let after = text(&portal.user(ADA).await.expect("listed"), "createdDate");
        assert_eq!(before != after, renews);
        assert_eq!(bench.control.mails(&Filter::tenant(&portal.tenant)).len(), 2);
        bench.control.accept(&portal.tenant, ADA).expect("accepted");
    }
}

#[tokio::test]
async fn who_rejects_is_listed_as_the_knob_says() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    portal.invite(&[ADA]).await;
    bench.control.act(&portal.tenant, ADA, &PersonAction::Decline).expect("declined");
    assert_eq!(standing(&bench, &portal), Some(Standing::Declined));
    for (listing, shown) in
        [(Listing::Hidden, None), (Listing::AsNew, Some("New")), (Listing::OtherState, Some("Rejected"))]
    {
        set(&bench, &portal, |knobs| knobs.rejected_users = listing);
        assert_eq!(state(&portal).await.as_deref(), shown);
    }
    assert_eq!(portal.invite(&[ADA]).await.0, 200);
    assert_eq!(state(&portal).await.as_deref(), Some("New"));
}

#[tokio::test]
async fn removal_exists_only_where_it_is_switched_on() {
    let bench = Bench::start().await;
    let mut portal = Portal::open(&bench, |_| {}).await;
    let both = json!({"Users": [{"Email": ADA}], "OrganizationIds": ORGANIZATIONS});
    portal.post(&both).await;
    let id = text(&portal.user(ADA).await.expect("listed"), "id");
    let path = format!("/users/{id}");
    let remove = async |portal: &Portal| sent(portal.request(Method::DELETE, &path)).await.0;
    assert_eq!(remove(&portal).await, 404);
    assert!(portal.user(ADA).await.is_some());
    set(&bench, &portal, |knobs| knobs.paths.remove = "/users/{id}".to_owned());
    bench.control.act(&portal.tenant, ADA, &PersonAction::RefuseRemoval).expect("known");
    assert_eq!(remove(&portal).await, 400);
    bench.control.act(&portal.tenant, ADA, &PersonAction::Heal).expect("known");
    // The permission in one organization, then the last one.
    portal.acting = Some(ORGANIZATIONS[0].to_owned());
    assert_eq!(remove(&portal).await, 204);
    assert_eq!(portal.user(ADA).await, None);
    portal.acting = None;
    assert!(portal.user(ADA).await.is_some());
    set(&bench, &portal, |knobs| (knobs.remove_status, knobs.remove_unknown_status) = (202, 410));
    assert_eq!(remove(&portal).await, 202);
    assert_eq!(portal.user(ADA).await, None);
    assert_eq!(remove(&portal).await, 410);
    let log = bench.control.operations(&Filter::tenant(&portal.tenant).operation("appxite.remove"));
    assert!(log.iter().all(|entry| entry.ids == [id.clone()]));
}

#[tokio::test]
async fn platforms_are_steered_over_http() {
    let bench = Bench::start().await;
    let control = bench.simulators.control_url().expect("an address");
    let platform = json!({"id": "Demo.RethinkPortal.example", "members": ["m@example.test"],
                          "credentials": [{"clientId": "c", "clientSecret": "s"}, {"subscriptionKey": "k"}],
                          "knobs": {"paths": {"invite": "/invitations"}, "accountState": "lower"}});
    let post = async |path: &str, body: &serde_json::Value| {
        sent(bench.http.post(format!("{control}{path}")).json(body)).await
    };
    let (status, made) = post("/tenants/appxite", &platform).await;
    assert_eq!(
        (status, &made["vendor"], &made["id"]),
        (200, &json!("appxite"), &json!("demo.rethinkportal.example"))
    );
    assert_eq!(post("/tenants/appxite", &platform).await.0, 409);
    let taken = json!({"credentials": [{"subscriptionKey": "k"}]});
    assert_eq!(post("/tenants/appxite", &taken).await.0, 409);
    let person = "/tenants/appxite/demo.rethinkportal.example/people/ada@example.test";
    for (action, standing) in
        [("inviteByOther", "invited"), ("decline", "declined"), ("inviteByOther", "invited")]
    {
        let (status, shown) = post(person, &json!({"action": action})).await;
        assert_eq!((status, &shown["standing"]), (200, &json!(standing)));
    }
    let knobs = format!("{control}/tenants/appxite/demo.rethinkportal.example/knobs");
    let (_, knobs) = sent(bench.http.patch(knobs).json(&json!({"partialFailure": "silent"}))).await;
    assert_eq!(
        (&knobs["partialFailure"], &knobs["paths"]["invite"]),
        (&json!("silent"), &json!("/invitations"))
    );
    assert_eq!(knobs["paths"]["listUsers"], "/users");
    let (_, addresses) = sent(bench.http.get(format!("{control}/addresses"))).await;
    assert_eq!(addresses["appxite"], bench.simulators.addresses().appxite.to_string());
}
