//! AppXite: what lists look like. Contract 1.2.2, 1.3.2, 1.3.3.

use serde_json::json;
use vendor_simulators::{
    AccountStateForm, AppXiteKnobs, CreatedDate, ListForm, ListScope, NameCase, Paging, RowFields,
};

use crate::{
    appxite_portal::{ORGANIZATIONS, Portal},
    bench::{Bench, text},
};

#[tokio::test]
async fn lists_take_every_form() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    for at in 0..4 {
        bench.control.add_member(&portal.tenant, &format!("m{at}@example.test"), &[]).expect("added");
    }
    let set = |change: &dyn Fn(&mut AppXiteKnobs)| {
        bench.control.set_appxite_knobs(&portal.tenant, change).expect("a platform");
    };
    let emails = async |query: &str| -> Vec<String> {
        let (status, body) = portal.get(&format!("/users{query}")).await;
        assert_eq!(status, 200, "{query}");
        body.as_array().expect("an array").iter().map(|user| text(user, "email")).collect()
    };
    assert_eq!(emails("?page=2&pageSize=2").await, ["m1@example.test", "m2@example.test"]);
    assert_eq!(emails("?page=4&pageSize=2").await, [""; 0]);
    for bad in ["?page=0", "?page=x", "?pageSize=0"] {
        assert_eq!(portal.get(&format!("/users{bad}")).await.0, 400);
    }
    set(&|knobs| knobs.max_page_size = 3);
    assert_eq!(emails("?page=1&pageSize=100").await.len(), 3);
    set(&|knobs| knobs.paging = Paging::Whole);
    assert_eq!(emails("?page=7&pageSize=2").await.len(), 5);
    set(&|knobs| {
        (knobs.paging, knobs.list_form, knobs.name_case) = (Paging::Pages, ListForm::Items, NameCase::Pascal);
    });
    let (_, body) = portal.get("/users?page=1&pageSize=2").await;
    assert_eq!(body["TotalCount"], 5);
    assert_eq!(body["Items"].as_array().map(Vec::len), Some(2));
    assert_eq!(body["Items"][1]["AccountState"], "Active");
}

#[tokio::test]
async fn rows_take_every_form() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    portal.invite(&["Ada@example.test"]).await;
    let ada = async |change: &dyn Fn(&mut AppXiteKnobs)| {
        bench.control.set_appxite_knobs(&portal.tenant, change).expect("a platform");
        portal.user("Ada@example.test").await.expect("listed")
    };
    let row = ada(&|_| {}).await;
    assert_eq!((&row["accountState"], &row["isAccessible"]), (&json!("New"), &json!(false)));
    assert!(text(&row, "createdDate").ends_with('Z'));
    assert_eq!(row["organizations"], json!([{"id": ORGANIZATIONS[0], "groupId": null}]));
    let states = [
        (AccountStateForm::Lower, json!("new")),
        (AccountStateForm::Upper, json!("NEW")),
        (AccountStateForm::Number, json!(0)),
    ];
    for (form, state) in states {
        assert_eq!(ada(&|knobs| knobs.account_state = form).await["accountState"], state);
    }
    let naive = ada(&|knobs| knobs.created_date = CreatedDate::Naive).await;
    assert!(!text(&naive, "createdDate").ends_with('Z'));
    assert_eq!(ada(&|knobs| knobs.created_date = CreatedDate::Absent).await.get("createdDate"), None);
    assert_eq!(ada(&|knobs| knobs.row_fields = RowFields::NoAccess).await.get("organizations"), None);
    let least = ada(&|knobs| knobs.row_fields = RowFields::Least).await;
    assert_eq!(least, json!({"email": "Ada@example.test", "accountState": 0}));
}

#[tokio::test]
async fn acting_for_an_organization_shows_its_users() {
    let bench = Bench::start().await;
    let mut portal = Portal::open(&bench, |_| {}).await;
    let one = json!({"Users": [{"Email": "ada@example.test"}], "OrganizationIds": [ORGANIZATIONS[1]]});
    assert_eq!(portal.post(&one).await.0, 200);
    assert_eq!(portal.users().await.len(), 2);
    portal.acting = Some(ORGANIZATIONS[1].to_owned());
    assert_eq!(portal.users().await.len(), 1);
    let whole = |knobs: &mut AppXiteKnobs| knobs.list_scope = ListScope::Platform;
    bench.control.set_appxite_knobs(&portal.tenant, whole).expect("a platform");
    assert_eq!(portal.users().await.len(), 2);
}
