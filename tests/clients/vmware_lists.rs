//! VMware Cloud Services: lists that are long, lean, broken or moving.

use rstest::rstest;
use serde_json::json;
use user_invitation_operator::vendor::{Standing, VendorClient, VendorError};
use vendor_simulators::{BodyFault, Fault, When};

use super::support::{NOTHING, Rig, accepted, body, person, status};

fn people(count: usize) -> Vec<String> {
    (1..=count).map(|number| format!("person{number}@example.com")).collect()
}

#[tokio::test]
async fn pages_overlap_by_a_row() {
    let rig = Rig::vmware(|org| org.members = people(450)).await;
    assert_eq!(rig.everybody().await.len(), 451);
    let starts: Vec<_> = rig.operations("vmware.list_users").iter().map(|call| call.target.clone()).collect();
    let path = format!("/csp/gateway/am/api/v2/orgs/{}/users", rig.tenant.id);
    let expected = [1, 200, 399].map(|start| format!("{path}?pageStart={start}&pageLimit=200"));
    assert_eq!(starts, expected);
}

#[rstest]
#[case(199)]
#[case(200)]
#[case(398)]
#[case(399)]
#[case(400)]
#[tokio::test]
async fn every_length_of_the_last_page(#[case] count: usize) {
    let rig = Rig::vmware(|org| org.members = people(count - 1)).await;
    assert_eq!(rig.everybody().await.len(), count);
}

#[tokio::test]
async fn a_failed_page_proves_nobody_s_absence() {
    let rig = Rig::vmware(|org| org.members = people(450)).await;
    rig.spoil("vmware.list_users", When::Nth(2), status(500));
    let sweep = rig.client.sweep(&NOTHING).await.unwrap();
    assert_eq!(sweep.incomplete, Some("a page of users could not be read"));
    assert_eq!(sweep.people.len(), 200, "whoever was seen is there");
}

#[tokio::test]
async fn a_failed_first_page_is_an_error() {
    let rig = Rig::vmware(|_| {}).await;
    rig.spoil("vmware.list_users", When::Nth(1), status(500));
    assert!(rig.client.sweep(&NOTHING).await.is_err());
    rig.spoil("vmware.list_invitations", When::Nth(1), status(403));
    let error = rig.client.sweep(&NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::Status { status: 403, .. }), "{error:?}");
}

#[tokio::test]
async fn a_person_who_leaves_between_pages_is_noticed() {
    let rig = Rig::vmware(|org| org.members = people(450)).await;
    rig.client.verify().await.unwrap();
    rig.spoil("vmware.list_users", When::Nth(2), Fault::DelayBefore { milliseconds: 300 });
    let (sweep, ()) = tokio::join!(rig.client.sweep(&NOTHING), async {
        tokio::time::sleep(std::time::Duration::from_millis(150)).await;
        rig.control.remove(&rig.tenant, "person10@example.com").unwrap();
    });
    let sweep = sweep.unwrap();
    assert!(sweep.incomplete.is_some());
}

#[rstest]
#[case::total_too_large(json!({"totalResults": 3, "results": [{"user": {"username": "a@x.y", "userId": "i:1"}}]}))]
#[case::total_too_small(json!({"totalResults": 0, "results": [{"user": {"username": "a@x.y", "userId": "i:1"}}]}))]
#[case::nameless(json!({"totalResults": 1, "results": [{"user": {"userId": "i:1"}}]}))]
#[case::no_rows(json!({"totalResults": 1, "results": [null]}))]
#[case::link_to_elsewhere(json!({"totalResults": 1, "nextLink": "https://127.0.0.1:1/x?pageStart=2",
    "results": [{"user": {"username": "a@x.y", "userId": "i:1"}}]}))]
#[case::link_to_another_call(json!({"totalResults": 1, "nextLink": "/csp/gateway/am/api/orgs/x/invitations",
    "results": [{"user": {"username": "a@x.y", "userId": "i:1"}}]}))]
#[tokio::test]
async fn odd_pages_prove_nobody_s_absence(#[case] page: serde_json::Value) {
    let rig = Rig::vmware(|_| {}).await;
    rig.spoil("vmware.list_users", When::Always, body(BodyFault::Json(page.to_string())));
    let sweep = rig.client.sweep(&NOTHING).await.unwrap();
    assert!(sweep.incomplete.is_some());
    assert!(rig.operations("vmware.list_users").len() <= 2, "no endless reading");
}

#[tokio::test]
async fn a_link_that_never_ends_is_not_followed_for_ever() {
    let rig = Rig::vmware(|_| {}).await;
    let path = format!("/csp/gateway/am/api/v2/orgs/{}/users?pageStart=2", rig.tenant.id);
    let page = json!({"totalResults": 2, "nextLink": path, "results": [
        {"user": {"username": "a@x.y", "userId": "i:1"}}, {"user": {"username": "b@x.y", "userId": "i:2"}}]});
    rig.spoil("vmware.list_users", When::Always, body(BodyFault::Json(page.to_string())));
    let sweep = rig.client.sweep(&NOTHING).await.unwrap();
    assert_eq!(sweep.people.len(), 2);
    assert!(rig.operations("vmware.list_users").len() <= 3);
}

#[tokio::test]
async fn page_numbers_instead_of_items_are_survived() {
    let rig = Rig::vmware(|_| {}).await;
    let path = format!("/csp/gateway/am/api/v2/orgs/{}/users?pageStart=2&pageLimit=200", rig.tenant.id);
    let row = |number: usize| json!({"user": {"username": format!("p{number}@x.y"), "userId": format!("i:{number}")}});
    let rows = |numbers: std::ops::Range<usize>| numbers.map(row).collect::<Vec<_>>();
    let first = json!({"totalResults": 5, "nextLink": path, "results": rows(0..3)});
    let second = json!({"totalResults": 5, "nextLink": null, "results": rows(3..5)});
    rig.spoil("vmware.list_users", When::Nth(1), body(BodyFault::Json(first.to_string())));
    rig.spoil("vmware.list_users", When::Nth(2), body(BodyFault::Json(second.to_string())));
    assert_eq!(rig.everybody().await.len(), 5);
}

#[tokio::test]
async fn lean_rows_are_read_one_by_one() {
    let rig = Rig::vmware(|_| {}).await;
    assert!(accepted(&rig.invite(&["a@example.com", "b@example.com"]).await));
    rig.settle().await;
    let expected = rig.everybody().await;
    let links: Vec<_> = rig
        .control
        .people(&rig.tenant)
        .unwrap()
        .iter()
        .flat_map(|person| &person.invitation_ids)
        .map(|id| json!({"refLink": format!("/csp/gateway/am/api/orgs/{}/invitations/{id}", rig.tenant.id)}))
        .collect();
    rig.spoil("vmware.list_invitations", When::Always, body(BodyFault::Json(json!(links).to_string())));
    assert_eq!(rig.everybody().await, expected);
    assert_eq!(rig.operations("vmware.read_invitation").len(), 2);

    rig.spoil("vmware.read_invitation", When::Nth(1), status(500));
    let sweep = rig.client.sweep(&NOTHING).await.unwrap();
    assert_eq!(sweep.incomplete, Some("an invitation could not be read"));
    assert_eq!(sweep.people.len(), 2, "the owner and the other one");
    assert!(rig.client.find(&person("nobody@example.com"), &NOTHING).await.is_ok());
    rig.spoil("vmware.read_invitation", When::Always, status(500));
    assert!(rig.client.find(&person("nobody@example.com"), &NOTHING).await.is_err(), "absence is not proven");
}

#[tokio::test]
async fn links_that_lead_elsewhere_are_not_followed() {
    let rig = Rig::vmware(|_| {}).await;
    let links =
        json!([{"refLink": "https://127.0.0.1:1/x/../.."}, {"refLink": "/a/%2e%2e"}, {"refLink": 5}, 7]);
    rig.spoil("vmware.list_invitations", When::Always, body(BodyFault::Json(links.to_string())));
    let sweep = rig.client.sweep(&NOTHING).await.unwrap();
    assert!(sweep.incomplete.is_some());
    assert_eq!(rig.operations("vmware.unknown").len(), 0);
}

#[rstest]
#[case::not_there(404)]
#[case::not_allowed(405)]
#[case::gone(410)]
#[tokio::test]
async fn a_missing_search_is_made_up_for_by_the_list(#[case] missing: u16) {
    let rig = Rig::vmware(|org| org.members = people(3)).await;
    rig.spoil("vmware.search_users", When::Always, status(missing));
    assert_eq!(rig.find("Person2@example.com").await.unwrap().standing, Standing::Member);
    assert_eq!(rig.find("person9@example.com").await, None);
}

#[tokio::test]
async fn a_search_that_shows_only_some_is_made_up_for_by_the_list() {
    // each of them contains n1@example.com
    let rig = Rig::vmware(|org| {
        org.members = (1..=25).map(|number| format!("p{number}n1@example.com")).collect();
        org.members.push("n1@example.com".to_owned());
    })
    .await;
    assert_eq!(rig.find("n1@example.com").await.unwrap().standing, Standing::Member);
    assert_eq!(rig.operations("vmware.list_users").len(), 1);
    assert_eq!(rig.find("2n1@example.com").await, None, "part of a name is nobody");
    assert_eq!(rig.operations("vmware.list_users").len(), 1, "three hits are all there are");
}
