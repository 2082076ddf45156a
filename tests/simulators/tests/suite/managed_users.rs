//! Dynatrace Managed: listing, reading, changing and removing users; groups. Contract 2.2, 2.6, 2.7.

use serde_json::{Value, json};
use vendor_simulators::{
    DeleteAgain, DynatraceManagedKnobs, Filter, ManagedUser, MissingGroups, PersonAction,
};

use crate::bench::{Bench, Caller};

const USERS: &str = "/api/v1.0/onpremise/users";
const GROUPS: &str = "/api/v1.0/onpremise/groups";

/// A cluster with one user besides its administrator.
fn cluster(bench: &Bench, change: impl FnOnce(&mut DynatraceManagedKnobs)) -> Caller {
    let ada = ManagedUser { groups: vec!["users".to_owned()], ..ManagedUser::of("ada.byron@example.test") };
    bench.cluster(|cluster| {
        cluster.users.push(ada.with_id("ada"));
        cluster.groups.push("Sales Group".to_owned());
        change(&mut cluster.knobs);
    })
}

fn ada(groups: &Value) -> Value {
    json!({"id": "ada", "email": "ada.byron@example.test", "firstName": "ada", "lastName": "byron",
           "passwordClearText": null, "groups": groups})
}

async fn read(caller: &Caller, id: &str) -> (u16, Value) {
    caller.call("GET", &format!("{USERS}/{id}"), None).await
}

#[tokio::test]
async fn the_list_has_everybody_without_pages() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    for at in 0..700 {
        bench.control.add_member(&caller.tenant, &format!("m{at}@example.test"), &[]).expect("added");
    }
    let (status, list) = caller.call("GET", USERS, None).await;
    assert_eq!((status, list.as_array().map(Vec::len)), (200, Some(702)));
    assert_eq!((&list[0]["id"], &list[0]["groups"]), (&json!("admin"), &json!(["admins"])));
    assert_eq!(list[1], ada(&json!(["users"])));
}

#[tokio::test]
async fn ids_in_paths_are_decoded() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    let odd = ManagedUser::of("b@example.test").with_id("a/b %+c@x");
    bench.control.add_managed_user(&caller.tenant, odd).expect("added");
    assert_eq!(read(&caller, "a%2Fb%20%25%2Bc@x").await.0, 200);
    let reads = bench.control.operations(&Filter::tenant(&caller.tenant).email("b@example.test"));
    assert_eq!((reads.len(), reads[0].operation.as_str()), (1, "managed.read_user"));
    assert_eq!(reads[0].ids, ["a/b %+c@x"]);
}

#[tokio::test]
async fn an_update_replaces_the_groups() {
    let bench = Bench::start().await;
    for (missing, kept) in [(MissingGroups::Keep, json!(["admins"])), (MissingGroups::Clear, json!([]))] {
        let caller = cluster(&bench, |knobs| knobs.missing_groups = missing);
        let put = async |body: Value| caller.call("PUT", USERS, Some(body)).await;
        // 2.6: the documented example, "assign admins only".
        assert_eq!(put(ada(&json!(["admins"]))).await, (200, ada(&json!(["admins"]))));
        assert_eq!(put(ada(&Value::Null)).await, (200, ada(&kept)), "{missing:?}");
        assert_eq!(put(ada(&json!([]))).await, (200, ada(&json!([]))));
        assert_eq!(read(&caller, "ada").await, (200, ada(&json!([]))));
        assert!(bench.control.creations(&Filter::tenant(&caller.tenant)).is_empty());
    }
}

#[tokio::test]
async fn an_update_is_checked() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    let put = async |name: &str, value: Value| {
        let mut body = ada(&json!(["users"]));
        body[name] = value;
        caller.call("PUT", USERS, Some(body)).await.0
    };
    assert_eq!(put("id", json!("nobody")).await, 404);
    assert_eq!(put("email", json!("owner@example.com")).await, 524);
    assert_eq!(put("email", json!("")).await, 400);
    assert_eq!(put("firstName", Value::Null).await, 400);
    assert_eq!(put("groups", json!(["nosuchgroup"])).await, 400);
    assert_eq!(put("passwordClearText", json!("Hunter-22")).await, 400);
    assert_eq!(put("email", json!("countess@example.test")).await, 200);
    assert_eq!(read(&caller, "ada").await.1["email"], "countess@example.test");
}

#[tokio::test]
async fn removing_again_is_as_the_knob_says() {
    let bench = Bench::start().await;
    for (again, status) in
        [(DeleteAgain::Ok, 200), (DeleteAgain::NotModified, 304), (DeleteAgain::NotFound, 404)]
    {
        let caller = cluster(&bench, |knobs| knobs.delete_again = again);
        let delete = async || caller.call("DELETE", &format!("{USERS}/ada"), None).await;
        assert_eq!(delete().await, (200, ada(&json!(["users"]))));
        assert_eq!(delete().await, (status, Value::Null), "no body");
        assert_eq!(read(&caller, "ada").await, (404, Value::Null));
    }
}

#[tokio::test]
async fn protected_users_are_406() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    assert_eq!(caller.call("DELETE", &format!("{USERS}/admin"), None).await.0, 406);
    bench.control.act(&caller.tenant, "ada.byron@example.test", &PersonAction::RefuseRemoval).expect("done");
    assert_eq!(caller.call("DELETE", &format!("{USERS}/ada"), None).await.0, 406);
    assert_eq!(read(&caller, "ada").await.0, 200);
}

#[tokio::test]
async fn reads_may_lag() {
    let bench = Bench::start().await;
    for (list_lag, read_lag) in [(60_000, 0), (0, 60_000), (60_000, 60_000)] {
        let caller = cluster(&bench, |knobs| {
            knobs.list_lag_milliseconds = list_lag;
            knobs.read_lag_milliseconds = read_lag;
        });
        let body = json!({"id": "b", "email": "b@example.test", "firstName": "B", "lastName": "C"});
        let listed = async || caller.call("GET", USERS, None).await.1.as_array().map(Vec::len);
        assert_eq!(caller.call("POST", USERS, Some(body)).await.0, 200);
        assert_eq!(read(&caller, "b").await.0, if read_lag > 0 { 404 } else { 200 });
        assert_eq!(listed().await, Some(if list_lag > 0 { 2 } else { 3 }));
    }
}

#[tokio::test]
async fn groups_have_ids_made_from_their_names() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    let (status, list) = caller.call("GET", GROUPS, None).await;
    let pairs: Vec<(&str, &str)> = list
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|group| Some((group["id"].as_str()?, group["name"].as_str()?)))
        .collect();
    let expected =
        [("admins", "Admins"), ("owners", "Owners"), ("users", "Users"), ("salesgroup", "Sales Group")];
    assert_eq!((status, pairs), (200, expected.to_vec()));
    assert_eq!(caller.call("GET", &format!("{GROUPS}/salesgroup"), None).await.1["name"], "Sales Group");
    assert_eq!(caller.call("GET", &format!("{GROUPS}/none"), None).await.0, 404);
    let create = async |body: Value| caller.call("POST", GROUPS, Some(body)).await;
    let (status, made) = create(json!({"name": "New One", "isClusterAdminGroup": false})).await;
    assert_eq!((status, &made["id"]), (200, &json!("newone")));
    assert_eq!(create(json!({"name": "New One", "isClusterAdminGroup": false})).await.0, 406);
    assert_eq!(create(json!({"id": "x", "name": "X", "isClusterAdminGroup": false})).await.0, 400);
    assert_eq!(create(json!({"name": "X"})).await.0, 400);
    assert_eq!(caller.call("DELETE", &format!("{GROUPS}/users"), None).await.0, 200);
    assert_eq!(caller.call("DELETE", &format!("{GROUPS}/users"), None).await.0, 400);
    assert_eq!(read(&caller, "ada").await.1["groups"], json!([]));
    let (status, policy) = caller.call("GET", "/api/v1.0/onpremise/passwordPolicy", None).await;
    assert_eq!((status, policy["minPasswordLength"].is_u64()), (200, true));
    assert_eq!(caller.call("GET", "/api/v1.0/onpremise/nothing", None).await.0, 404);
}
