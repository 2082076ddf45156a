//! HPE: listing, reading, removing, preferences. Contract A3.2 to A3.4.

use std::{collections::BTreeSet, time::Duration};

use serde_json::{Value, json};
use vendor_simulators::{
    Filter, HpeKnobs, HpeWorkspace, OffsetUnit, OptionalFields, PersonAction, Timestamps,
};

use crate::bench::{Bench, Caller, text};

const USERS: &str = "/identity/v1/users";

async fn workspace(bench: &Bench, members: &[&str], change: impl FnOnce(&mut HpeKnobs)) -> Caller {
    let members = members.iter().map(|email| (*email).to_owned()).collect();
    let mut workspace = HpeWorkspace { members, ..HpeWorkspace::default() };
    change(&mut workspace.knobs);
    bench.workspace(workspace).await
}

async fn filtered(caller: &Caller, filter: &str) -> (u16, Vec<String>) {
    let request = caller.request(reqwest::Method::GET, USERS).query(&[("filter", filter)]);
    let reply = request.send().await.expect("a reply");
    let status = reply.status().as_u16();
    let body: Value = reply.json().await.expect("JSON");
    let items = body["items"].as_array().cloned().unwrap_or_default();
    (status, items.iter().map(|user| text(user, "username")).collect())
}

fn id(bench: &Bench, caller: &Caller, email: &str) -> String {
    let person = bench.control.person(&caller.tenant, email).expect("a tenant").expect("a person");
    person.user_id.expect("an id")
}

#[tokio::test]
async fn page_has_the_documented_fields() {
    let bench = Bench::start().await;
    for (times, fields) in [
        (Timestamps::Naive, OptionalFields::Live),
        (Timestamps::Zulu, OptionalFields::All),
        (Timestamps::Naive, OptionalFields::Least),
    ] {
        let change = |knobs: &mut HpeKnobs| {
            knobs.timestamps = times;
            knobs.optional_fields = fields;
        };
        let caller = workspace(&bench, &["ada.l@example.com"], change).await;
        let (status, page) = caller.call("GET", "/identity/v1/users?filter=&limit=300&offset=0", None).await;
        assert_eq!(status, 200);
        assert_eq!((&page["offset"], &page["count"], &page["total"]), (&json!(0), &json!(2), &json!(2)));
        let user = &page["items"][0];
        assert_eq!((&user["type"], &user["userStatus"]), (&json!("user"), &json!("VERIFIED")));
        assert_eq!(text(user, "id").len(), 36);
        if fields == OptionalFields::Least {
            assert_eq!(user.as_object().map(serde_json::Map::len), Some(4));
            continue;
        }
        let (time, zulu) = (text(user, "createdAt"), times == Timestamps::Zulu);
        assert_eq!((time.len(), time.ends_with('Z')), (26 + usize::from(zulu), zulu));
        for name in ["resourceUri", "firstName"] {
            assert_eq!(user.get(name).is_some(), fields == OptionalFields::All);
        }
    }
}

#[tokio::test]
async fn documented_filters_work() {
    let bench = Bench::start().await;
    let caller = workspace(&bench, &["Ada+1@example.com", "bob@example.com"], |_| {}).await;
    bench.control.invite_by_other(&caller.tenant, "new@example.com").expect("invited");
    let ada = vec!["Ada+1@example.com".to_owned()];
    assert_eq!(filtered(&caller, "username eq 'Ada+1@example.com'").await, (200, ada.clone()));
    assert_eq!(filtered(&caller, "username eq 'ada+1@EXAMPLE.com'").await, (200, ada.clone()));
    assert_eq!(
        filtered(&caller, &format!("id eq '{}'", id(&bench, &caller, "ada+1@example.com"))).await,
        (200, ada)
    );
    assert_eq!(filtered(&caller, "userStatus ne 'UNVERIFIED'").await.1.len(), 3);
    let pending = "userStatus eq 'UNVERIFIED' and createdAt lt '2999-09-21T14:19:09.769747'";
    assert_eq!(filtered(&caller, pending).await.1, ["new@example.com"]);
    assert_eq!(filtered(&caller, "userStatus eq 'unverified'").await.1.len(), 0);
    assert_eq!(filtered(&caller, "userName eq 'nobody@example.com'").await, (200, vec![]));
    assert_eq!(filtered(&caller, "username like 'x'").await.0, 400);
    let log = |operation| bench.control.operations(&Filter::tenant(&caller.tenant).operation(operation));
    assert_eq!(log("hpe.find_user").len(), 4);
    assert_eq!(log("hpe.find_user")[1].emails, ["ada+1@example.com"]);
    bench
        .control
        .set_hpe_knobs(&caller.tenant, |knobs| knobs.username_filter_ignores_case = false)
        .expect("knobs");
    assert_eq!(filtered(&caller, "username eq 'ada+1@EXAMPLE.com'").await, (200, vec![]));
}

#[tokio::test]
async fn offset_counts_pages_or_items() {
    let bench = Bench::start().await;
    let members: Vec<String> = (0..9).map(|at| format!("m{at}@example.com")).collect();
    let members: Vec<&str> = members.iter().map(String::as_str).collect();
    for (unit, step) in [(OffsetUnit::Pages, 1), (OffsetUnit::Items, 4)] {
        let caller = workspace(&bench, &members, |knobs| knobs.offset_unit = unit).await;
        let mut seen = BTreeSet::new();
        for page in 0..3 {
            let (_, body) =
                caller.call("GET", &format!("{USERS}?limit=4&offset={}", page * step), None).await;
            assert_eq!((&body["total"], &body["offset"]), (&json!(10), &json!(page * step)));
            seen.extend(body["items"].as_array().expect("items").iter().map(|user| text(user, "id")));
        }
        assert_eq!(seen.len(), 10, "{unit:?}");
        for query in ["limit=0", "limit=601", "offset=-1", "limit=x"] {
            assert_eq!(caller.call("GET", &format!("{USERS}?{query}"), None).await.0, 422, "{query}");
        }
        assert_eq!(caller.call("GET", &format!("{USERS}?limit=600"), None).await.0, 200);
    }
}

#[tokio::test]
async fn unknown_ids_have_the_status_of_the_knob() {
    let bench = Bench::start().await;
    let path = format!("{USERS}/3f1c2b9e-9268-4444-a757-86626efded2c");
    for status in [404, 400, 412] {
        let caller = workspace(&bench, &["ada@example.com"], |knobs| knobs.unknown_id_status = status).await;
        assert_eq!(caller.call("GET", &path, None).await.0, status);
        assert_eq!(caller.call("DELETE", &path, None).await.0, status);
        assert_eq!(caller.call("GET", &format!("{USERS}/no-uuid"), None).await.0, 422);
        bench.control.act(&caller.tenant, "ada@example.com", &PersonAction::RefuseRemoval).expect("done");
        let ada = format!("{USERS}/{}", id(&bench, &caller, "ada@example.com"));
        assert_eq!(caller.call("DELETE", &ada, None).await.0, 400);
    }
}

#[tokio::test]
async fn deletion_may_take_time_and_leave_a_row() {
    let bench = Bench::start().await;
    for keep in [false, true] {
        let change = |knobs: &mut HpeKnobs| {
            knobs.delete_in_progress_milliseconds = 100;
            knobs.list_deleted = keep;
        };
        let caller = workspace(&bench, &["ada@example.com"], change).await;
        let path = format!("{USERS}/{}", id(&bench, &caller, "ada@example.com"));
        assert_eq!(caller.call("DELETE", &path, None).await.0, 204);
        assert_eq!(caller.call("GET", &path, None).await.1["userStatus"], "DELETE_IN_PROGRESS");
        tokio::time::sleep(Duration::from_millis(120)).await;
        let (status, user) = caller.call("GET", &path, None).await;
        assert_eq!((status, user["userStatus"] == "DELETED"), (if keep { 200 } else { 404 }, keep));
        // The account is known, so that the next invitation makes a new, VERIFIED row.
        let (status, _) = caller.call("POST", USERS, Some(json!({"email": "ada@example.com"}))).await;
        assert_eq!(status, 201);
        let rows = filtered(&caller, "username eq 'ada@example.com' and userStatus eq 'VERIFIED'").await.1;
        assert_eq!(rows.len(), 1);
    }
}

#[tokio::test]
async fn reads_may_lag() {
    let bench = Bench::start().await;
    let caller = workspace(&bench, &[], |knobs| knobs.read_lag_milliseconds = 120).await;
    caller.call("POST", USERS, Some(json!({"email": "ada@example.com"}))).await;
    assert!(filtered(&caller, "username eq 'ada@example.com'").await.1.is_empty());
    assert_eq!(filtered(&caller, "").await.1.len(), 2);
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert_eq!(filtered(&caller, "username eq 'ada@example.com'").await.1.len(), 1);
}

#[tokio::test]
async fn preferences_and_platform_actions() {
    let bench = Bench::start().await;
    let caller = workspace(&bench, &["ada@example.com"], |_| {}).await;
    let path = format!("{USERS}/{}", id(&bench, &caller, "ada@example.com"));
    let (status, body) = caller.call("PUT", &path, Some(json!({"language": "de", "idleTimeout": 600}))).await;
    assert_eq!((status, body["message"].is_string()), (200, true));
    assert_eq!(caller.call("PUT", &path, Some(json!({"language": "xx"}))).await.0, 422);
    for (action, status) in [
        (PersonAction::Block, "BLOCKED"),
        (PersonAction::Suspend, "SUSPENDED"),
        (PersonAction::Unblock, "VERIFIED"),
    ] {
        bench.control.act(&caller.tenant, "ada@example.com", &action).expect("done");
        assert_eq!(caller.call("GET", &path, None).await.1["userStatus"], status);
    }
    assert!(bench.control.expire(&caller.tenant, "ada@example.com").is_err());
    bench.control.remove(&caller.tenant, "ada@example.com").expect("removed");
    assert_eq!(caller.call("GET", &path, None).await.0, 404);
}
