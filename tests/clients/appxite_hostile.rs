//! AppXite: answers of broken gateways and of attackers, and pages that don't fit.

use std::time::{Duration, Instant};

use rstest::rstest;
use serde_json::json;
use user_invitation_operator::vendor::{Standing, VendorClient};
use vendor_simulators::{BodyFault, Drop, Fault, ListForm, When};

use super::support::{NOTHING, Rig, accepted, body, person, status, within};

#[rstest]
#[case::html(body(BodyFault::Html))]
#[case::empty(body(BodyFault::Empty))]
#[case::truncated(body(BodyFault::Truncated))]
#[case::cut(body(BodyFault::Cut))]
#[case::huge(body(BodyFault::Huge(1 << 40)))]
#[case::invalid_utf8(body(BodyFault::InvalidUtf8))]
#[case::slow(body(BodyFault::SlowLoris(2000)))]
#[case::deep(body(BodyFault::DeepJson(100_000)))]
#[case::headers(body(BodyFault::ManyHeaders(5000)))]
#[case::number(body(BodyFault::Json("17".to_owned())))]
#[case::another_object(body(BodyFault::Json(r#"{"message": "all is well"}"#.to_owned())))]
#[case::no_list(body(BodyFault::Json(r#"{"totalCount": 0, "items": null}"#.to_owned())))]
#[case::an_error_s_list(body(BodyFault::Json(r#"{"errors": []}"#.to_owned())))]
#[case::reset(Fault::DropBefore { how: Drop::Reset })]
#[case::closed(Fault::DropBefore { how: Drop::Close })]
#[case::not_found(status(404))]
#[case::unavailable(status(503))]
#[tokio::test]
async fn no_answer_breaks_a_reader(#[case] fault: Fault) {
    for operation in
        ["appxite.list_users", "appxite.list_roles", "appxite.list_identity_providers", "appxite.token"]
    {
        let rig = Rig::appxite(|_| {}).await;
        rig.spoil(operation, When::Always, fault.clone());
        let begin = Instant::now();
        let read = match operation {
            "appxite.list_roles" | "appxite.list_identity_providers" => rig.client.names().await.map(drop),
            _ => rig.client.sweep(&NOTHING).await.map(drop),
        };
        assert!(read.is_err(), "{operation}: {read:?}");
        if operation == "appxite.list_users" {
            assert!(rig.client.find(&person("nobody@example.com"), &NOTHING).await.is_err());
        }
        within(Duration::from_secs(8), begin);
    }
}

#[tokio::test]
async fn a_wrong_content_type_is_survived() {
    let rig = Rig::appxite(|_| {}).await;
    rig.spoil("appxite.*", When::Always, body(BodyFault::WrongContentType));
    assert_eq!(rig.everybody().await.len(), 1);
}

#[tokio::test]
async fn an_unknown_field_or_a_missing_one_breaks_nothing() {
    let rig = Rig::appxite(|_| {}).await;
    let rows = json!([
        {"email": "A@example.com"},
        {"email": "b@example.com", "accountState": {"new": true}, "createdDate": 7, "organizations": "none"},
        {"Email": "c@example.com", "ACCOUNTSTATE": "active", "organizations": [{"id": null}, [], {"Id": "o"}]},
        {"email": "d@example.com", "accountState": "Suspended", "createdDate": "yesterday"}
    ]);
    rig.spoil("appxite.list_users", When::Always, body(BodyFault::Json(rows.to_string())));
    let there = rig.everybody().await;
    let standing = |email: &str| there[email].standing;
    for email in ["a@example.com", "b@example.com", "d@example.com"] {
        assert_eq!(standing(email), Standing::Blocked);
    }
    assert_eq!(standing("c@example.com"), Standing::Member);
    assert_eq!(there["c@example.com"].held.as_ref().unwrap().grants.len(), 1);
}

#[tokio::test]
async fn two_rows_of_one_person() {
    let rig = Rig::appxite(|_| {}).await;
    let row = |id: &str, state: &str| json!({"id": id, "email": "a@example.com", "accountState": state});
    let rows = json!([row("1", "New"), row("2", "Active")]);
    rig.spoil("appxite.list_users", When::Always, body(BodyFault::Json(rows.to_string())));
    let a = rig.find("a@example.com").await.unwrap();
    assert_eq!((a.standing, a.user_id.as_deref()), (Standing::Member, Some("2")));
}

#[tokio::test]
async fn a_failed_page_proves_nobody_absent() {
    for form in [ListForm::Array, ListForm::Items] {
        let rig = Rig::appxite(|platform| {
            (platform.knobs.max_page_size, platform.knobs.list_form) = (2, form);
        })
        .await;
        assert!(accepted(&rig.invite(&["a@example.com", "b@example.com", "c@example.com"]).await));
        assert_eq!(rig.everybody().await.len(), 4);
        rig.spoil("appxite.list_users", When::Every(2), status(500));
        let sweep = rig.client.sweep(&NOTHING).await.unwrap();
        assert_eq!(sweep.incomplete, Some("a page of users could not be read"));
        assert!(sweep.people.contains_key("a@example.com"));
        assert!(rig.client.find(&person("c@example.com"), &NOTHING).await.is_err(), "absence is not proved");
        let first = rig.client.find(&person("a@example.com"), &NOTHING).await.unwrap();
        assert!(first.is_some(), "presence is");
    }
}

#[tokio::test]
async fn pages_that_shift_while_they_are_read() {
    let rig = Rig::appxite(|_| {}).await;
    let page = |ids: &[u32], total: u32| {
        let rows: Vec<_> = ids
            .iter()
            .map(|id| json!({"id": id.to_string(), "email": format!("p{id}@example.com")}))
            .collect();
        body(BodyFault::Json(json!({"items": rows, "totalCount": total}).to_string()))
    };
    for (first, second) in [
        (page(&[1, 2], 4), page(&[2, 3], 4)),
        (page(&[1, 2], 4), page(&[3], 3)),
        (page(&[1, 2], 4), page(&[3], 4)),
    ] {
        rig.control.clear_faults();
        rig.spoil("appxite.list_users", When::Always, second);
        rig.spoil("appxite.list_users", When::Nth(1), first);
        assert!(rig.client.sweep(&NOTHING).await.unwrap().incomplete.is_some());
    }
}

#[tokio::test]
async fn a_page_that_never_ends_is_given_up() {
    let rig = Rig::appxite(|_| {}).await;
    let forever = r#"{"items": [{"email": "a@example.com"}], "totalCount": 1000000}"#;
    rig.spoil("appxite.list_users", When::Always, body(BodyFault::Json(forever.to_owned())));
    assert!(rig.client.sweep(&NOTHING).await.unwrap().incomplete.is_some());
    assert_eq!(rig.operations("appxite.list_users").len(), 2);
}

#[tokio::test]
async fn a_part_of_the_roles_is_not_taken_for_all() {
    let rig = Rig::appxite(|_| {}).await;
    let part = r#"{"items": [{"id": "1", "name": "Customer"}], "totalCount": 12}"#;
    rig.spoil("appxite.list_roles", When::Always, body(BodyFault::Json(part.to_owned())));
    assert!(rig.client.names().await.is_err());
}
