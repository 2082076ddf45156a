//! Dynatrace SaaS: listing and reading people. Contract 3.2, 3.3.

use std::time::Duration;

use serde_json::{Value, json};
use vendor_simulators::{
    CallerRole, Credential, DynatraceSaasAccount, DynatraceSaasKnobs, Filter, PersonAction, SaasFields,
};

use crate::bench::{Bench, Caller, text};

const SERVICE: &str = "5e7@service.sso.dynatrace.com";

async fn account(bench: &Bench, members: &[&str], change: impl FnOnce(&mut DynatraceSaasKnobs)) -> Caller {
    let members = members.iter().map(|email| (*email).to_owned()).collect();
    let mut account = DynatraceSaasAccount { members, ..DynatraceSaasAccount::default() };
    change(&mut account.knobs);
    bench.account(account).await
}

async fn list(caller: &Caller, query: &str) -> Vec<Value> {
    let (status, body) = caller.call("GET", &caller.account_path(&format!("/users{query}")), None).await;
    assert_eq!(status, 200);
    let items = body["items"].as_array().cloned().expect("items");
    assert_eq!(body["count"], items.len());
    items
}

async fn read(caller: &Caller, email: &str) -> (u16, Value) {
    caller.call("GET", &caller.account_path(&format!("/users/{email}")), None).await
}

#[tokio::test]
async fn active_people_have_the_documented_fields() {
    let bench = Bench::start().await;
    for (fields, length) in [
        (SaasFields::Observed, 8),
        (SaasFields::Documented, 7),
        (SaasFields::Least, 3),
        (SaasFields::Required, 2),
    ] {
        let caller = account(&bench, &["ada.l@example.test"], |knobs| knobs.fields = fields).await;
        let rows = list(&caller, "").await;
        let row = rows.iter().find(|row| row["email"] == "ada.l@example.test").expect("ada");
        assert_eq!(row.as_object().map(serde_json::Map::len), Some(length), "{row}");
        assert_eq!(text(row, "uid").len(), 36);
        assert!(row.get("groups").is_none());
        let (status, one) = read(&caller, "ada.l@example.test").await;
        assert_eq!((status, one["groups"].is_array()), (200, true));
    }
}

#[tokio::test]
async fn timestamps_and_names_come_in_two_forms() {
    let bench = Bench::start().await;
    for other in [false, true] {
        let change = |knobs: &mut DynatraceSaasKnobs| {
            knobs.whole_seconds = other;
            knobs.empty_names = other;
        };
        let caller = account(&bench, &["ada.l@example.test"], change).await;
        let (_, user) = read(&caller, "ada.l@example.test").await;
        let time = text(&user["userLoginMetadata"], "createdAt");
        assert_eq!((time.len(), time.ends_with('Z')), (if other { 20 } else { 24 }, true), "{time}");
        assert_eq!(text(&user, "surname"), if other { "" } else { "l" });
    }
}

#[tokio::test]
async fn service_users_are_listed_when_asked_for() {
    let bench = Bench::start().await;
    for by_default in [true, false] {
        let caller = account(&bench, &[SERVICE], |knobs| knobs.list_service_users = by_default).await;
        let types = async |query: &str| -> Vec<String> {
            list(&caller, query).await.iter().map(|row| text(row, "type")).collect()
        };
        let all = ["DEFAULT", "SERVICE_EXTERNAL"];
        let mut found = types("?service-users=true").await;
        found.sort();
        assert_eq!(found, all);
        assert_eq!(types("?service-users=false").await, ["DEFAULT"]);
        assert_eq!(types("").await.len(), if by_default { 2 } else { 1 });
    }
    let owned = Credential::client("service-client", "s").owned_by(SERVICE).with_role(CallerRole::Admin);
    let caller = bench.account(DynatraceSaasAccount::with(owned)).await;
    assert_eq!(read(&caller, SERVICE).await.1["type"], "SERVICE_EXTERNAL");
}

#[tokio::test]
async fn people_are_deactivated_blocked_and_removed_without_the_api() {
    let bench = Bench::start().await;
    let caller = account(&bench, &["ada@example.test"], |_| {}).await;
    bench.control.invite_by_other(&caller.tenant, "bob@example.test").expect("invited");
    let act = |email: &str, action: PersonAction| bench.control.act(&caller.tenant, email, &action);
    for (action, status) in [
        (PersonAction::Suspend, "INACTIVE"),
        (PersonAction::Unblock, "ACTIVE"),
        (PersonAction::Block, "ECUSTOMS_MANUALLY_BLOCKED"),
        (PersonAction::Unblock, "ACTIVE"),
    ] {
        act("ada@example.test", action).expect("done");
        assert_eq!(read(&caller, "ada@example.test").await.1["userStatus"], status);
    }
    assert!(act("bob@example.test", PersonAction::Suspend).is_err());
    act("bob@example.test", PersonAction::Block).expect("blocked");
    act("bob@example.test", PersonAction::Unblock).expect("unblocked");
    assert_eq!(read(&caller, "bob@example.test").await.1["userStatus"], "PENDING");
    assert!(act("bob@example.test", PersonAction::Decline).is_err());
    bench.control.remove(&caller.tenant, "ada@example.test").expect("removed");
    assert_eq!(read(&caller, "ada@example.test").await.0, 404);
    act("ada@example.test", PersonAction::RefuseRemoval).expect("done");
    bench.control.add_member(&caller.tenant, "ada@example.test", &[]).expect("added");
    let path = caller.account_path("/users/ada@example.test");
    assert_eq!(caller.call("DELETE", &path, None).await.0, 400);
}

#[tokio::test]
async fn plus_and_at_sign_work_encoded_and_raw() {
    let bench = Bench::start().await;
    let caller = account(&bench, &["ada+1@example.test"], |_| {}).await;
    for path in ["ada%2B1%40example.test", "ada+1@example.test"] {
        assert_eq!(read(&caller, path).await.1["email"], "ada+1@example.test");
    }
    let log = bench.control.operations(&Filter::tenant(&caller.tenant).operation("saas.read_user"));
    assert_eq!((log.len(), log[0].emails[0].as_str()), (2, "ada+1@example.test"));
}

#[tokio::test]
async fn list_and_read_may_lag() {
    let bench = Bench::start().await;
    let caller = account(&bench, &[], |_| {}).await;
    let change = |knobs: &mut DynatraceSaasKnobs| {
        knobs.list_lag_milliseconds = 300;
        knobs.read_lag_milliseconds = 150;
    };
    bench.control.set_dynatrace_saas_knobs(&caller.tenant, change).expect("knobs");
    let body = Some(json!({"email": "ada@example.test"}));
    assert_eq!(caller.call("POST", &caller.account_path("/users"), body).await.0, 201);
    assert_eq!((list(&caller, "").await.len(), read(&caller, "ada@example.test").await.0), (1, 404));
    tokio::time::sleep(Duration::from_millis(180)).await;
    assert_eq!(read(&caller, "ada@example.test").await.0, 200);
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(list(&caller, "").await.len(), 2);
}
