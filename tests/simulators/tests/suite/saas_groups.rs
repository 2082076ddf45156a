//! Dynatrace SaaS: groups and who is in them. Contract 3.2 to 3.4.

use serde_json::{Value, json};
use vendor_simulators::{
    DynatraceSaasAccount, DynatraceSaasGroup, DynatraceSaasKnobs, PersonAction, SaasGroupOwner,
    SaasLockedGroups,
};

use crate::bench::{Bench, Caller, text};

const ADA: &str = "/users/ada@example.test";

/// An account with groups `viewers`, `editors` (local), `directory` (SCIM), and Ada in the last one.
async fn account(bench: &Bench, change: impl FnOnce(&mut DynatraceSaasKnobs)) -> Caller {
    let groups = vec![
        DynatraceSaasGroup { uuid: Some("g-1".to_owned()), ..DynatraceSaasGroup::local("viewers") },
        DynatraceSaasGroup { uuid: Some("g-2".to_owned()), ..DynatraceSaasGroup::local("editors") },
        DynatraceSaasGroup { uuid: Some("g-3".to_owned()), ..DynatraceSaasGroup::local("directory") }
            .owned_by(SaasGroupOwner::Scim),
    ];
    let mut account = DynatraceSaasAccount { groups, ..DynatraceSaasAccount::default() };
    change(&mut account.knobs);
    let caller = bench.account(account).await;
    bench.control.add_member(&caller.tenant, "ada@example.test", &["directory"]).expect("added");
    caller
}

async fn call(caller: &Caller, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
    caller.call(method, &caller.account_path(path), body).await
}

/// Names of Ada's groups.
async fn held(caller: &Caller) -> Vec<String> {
    let (status, user) = call(caller, "GET", ADA, None).await;
    assert_eq!(status, 200);
    user["groups"].as_array().expect("groups").iter().map(|group| text(group, "groupName")).collect()
}

#[tokio::test]
async fn adding_keeps_setting_replaces_removing_takes() {
    let bench = Bench::start().await;
    let caller = account(&bench, |_| {}).await;
    assert_eq!(call(&caller, "POST", ADA, Some(json!(["g-1"]))).await, (201, Value::Null));
    assert_eq!(held(&caller).await, ["All users", "viewers", "directory"]);
    let groups = format!("{ADA}/groups");
    assert_eq!(call(&caller, "PUT", &groups, Some(json!(["g-2"]))).await, (200, Value::Null));
    assert_eq!(held(&caller).await, ["All users", "editors", "directory"]);
    assert_eq!(call(&caller, "POST", ADA, Some(json!(["g-1", "g-2"]))).await.0, 201);
    let query = format!("{groups}?group-uuid=g-1&group-uuid=g-2");
    assert_eq!(call(&caller, "DELETE", &query, None).await, (200, Value::Null));
    assert_eq!(held(&caller).await, ["All users", "directory"]);
    assert_eq!(call(&caller, "PUT", &groups, Some(json!([]))).await.0, 200);
    assert_eq!(held(&caller).await, ["All users", "directory"]);
    let set = PersonAction::SetRoles { roles: vec!["g-1".to_owned(), "editors".to_owned()] };
    bench.control.act(&caller.tenant, "ada@example.test", &set).expect("set");
    assert_eq!(held(&caller).await, ["All users", "viewers", "editors"]);
}

#[tokio::test]
async fn pending_people_can_be_put_into_groups() {
    let bench = Bench::start().await;
    let caller = account(&bench, |_| {}).await;
    let email = json!({"email": "bob@example.test"});
    assert_eq!(call(&caller, "POST", "/users", Some(email)).await.0, 201);
    assert_eq!(call(&caller, "PUT", "/users/bob@example.test/groups", Some(json!(["g-1"]))).await.0, 200);
    let person = bench.control.person(&caller.tenant, "bob@example.test").expect("a tenant").expect("bob");
    assert_eq!((person.vendor_status.as_str(), person.roles), ("PENDING", vec!["viewers".to_owned()]));
    let (status, body) = call(&caller, "GET", "/groups/g-1/users", None).await;
    assert_eq!(
        (status, &body["count"], &body["items"][0]["email"]),
        (200, &json!(1), &json!("bob@example.test"))
    );
}

#[tokio::test]
async fn group_of_all_users_stays_whatever_is_set() {
    let bench = Bench::start().await;
    for (mode, named, left) in [
        (SaasLockedGroups::Refused, 400, vec!["All users", "directory"]),
        (SaasLockedGroups::Ignored, 200, vec!["All users", "directory"]),
        (SaasLockedGroups::Taken, 200, vec!["All users"]),
    ] {
        let caller = account(&bench, |knobs| knobs.locked_groups = mode).await;
        let (_, list) = call(&caller, "GET", "/groups", None).await;
        let everybody = text(&list["items"][0], "uuid");
        let groups = format!("{ADA}/groups");
        assert_eq!(call(&caller, "PUT", &groups, Some(json!([everybody, "g-3"]))).await.0, named, "{mode:?}");
        assert_eq!(held(&caller).await, ["All users", "directory"]);
        let query = format!("{groups}?group-uuid={everybody}");
        assert_eq!(call(&caller, "DELETE", &query, None).await.0, named);
        assert_eq!(call(&caller, "PUT", &groups, Some(json!([]))).await.0, 200);
        assert_eq!(held(&caller).await, left, "{mode:?}");
    }
}

#[tokio::test]
async fn unknown_people_and_groups_are_refused() {
    let bench = Bench::start().await;
    for expected in [400, 404] {
        let caller = account(&bench, |knobs| knobs.unknown_group_status = expected).await;
        assert_eq!(call(&caller, "POST", ADA, Some(json!(["nothing"]))).await.0, expected);
        assert_eq!(
            call(&caller, "PUT", &format!("{ADA}/groups"), Some(json!(["nothing"]))).await.0,
            expected
        );
        for (method, path) in [("POST", "/users/no@example.test"), ("PUT", "/users/no@example.test/groups")] {
            let (status, body) = call(&caller, method, path, Some(json!(["g-1"]))).await;
            assert_eq!((status, text(&body, "message").as_str()), (404, "User no@example.test not found"));
        }
        assert_eq!(call(&caller, "GET", "/groups/nothing/users", None).await.0, 404);
        for body in [json!({}), json!([1]), json!([])] {
            assert_eq!(call(&caller, "POST", ADA, Some(body)).await.0, 400);
        }
        assert_eq!(call(&caller, "DELETE", &format!("{ADA}/groups"), None).await.0, 400);
    }
}

#[tokio::test]
async fn groups_are_listed_made_changed_and_deleted() {
    let bench = Bench::start().await;
    for null in [true, false] {
        let caller = account(&bench, |knobs| knobs.null_created_at = null).await;
        let body = json!([{"name": "new", "description": "d", "federatedAttributeValues": ["x"]}]);
        let (status, made) = call(&caller, "POST", "/groups", Some(body)).await;
        assert_eq!((status, made[0]["createdAt"].is_null()), (201, null));
        let id = text(&made[0], "uuid");
        let (_, list) = call(&caller, "GET", "/groups", None).await;
        assert_eq!((&list["count"], &list["items"][0]["owner"]), (&json!(5), &json!("ALL_USERS")));
        let group = &list["items"][4];
        for field in ["uuid", "name", "description", "owner", "createdAt", "updatedAt"] {
            assert!(group[field].is_string(), "{field}");
        }
        assert_eq!((&group["federatedAttributeValues"], &group["hidden"]), (&json!(["x"]), &json!(false)));
        let path = format!("/groups/{id}");
        assert_eq!(call(&caller, "PUT", &path, Some(json!({"name": "newer"}))).await.0, 200);
        assert_eq!(call(&caller, "PUT", "/groups/g-3", Some(json!({"name": "newer"}))).await.0, 400);
        call(&caller, "POST", ADA, Some(json!([id]))).await;
        assert_eq!(held(&caller).await, ["All users", "directory", "newer"]);
        assert_eq!(call(&caller, "DELETE", &path, None).await.0, 200);
        assert_eq!(held(&caller).await, ["All users", "directory"]);
        assert_eq!(call(&caller, "DELETE", &path, None).await.0, 404);
        let long = json!([{"name": "long", "description": "x".repeat(256)}]);
        assert_eq!(call(&caller, "POST", "/groups", Some(long)).await.0, 400);
    }
}
