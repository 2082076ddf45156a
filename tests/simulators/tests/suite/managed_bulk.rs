//! Dynatrace Managed: creating several users in a call. Contract 2.2, 2.4, and the documented example.

use serde_json::{Value, json};
use vendor_simulators::{BulkExisting, DynatraceManagedKnobs, Filter, PartialBody};

use crate::bench::{Bench, Caller};

const BULK: &str = "/api/v1.0/onpremise/users/bulk";

fn cluster(bench: &Bench, change: impl FnOnce(&mut DynatraceManagedKnobs)) -> Caller {
    bench.cluster(|cluster| change(&mut cluster.knobs))
}

fn user(id: &str, first: &str, last: &str, groups: &[&str]) -> Value {
    json!({"id": id, "email": format!("{id}@company.com"), "firstName": first, "lastName": last,
           "passwordClearText": null, "groups": groups})
}

/// The body of the documented example.
fn example() -> Value {
    json!([
        user("john.wicked", "John", "Wicked", &["owners", "users"]),
        user("anne.brown", "Anne", "Brown", &["users"]),
    ])
}

async fn bulk(caller: &Caller, body: Value) -> (u16, Value) {
    caller.call("POST", BULK, Some(body)).await
}

fn created(bench: &Bench, caller: &Caller) -> Vec<String> {
    let made = bench.control.creations(&Filter::tenant(&caller.tenant));
    made.into_iter().map(|creation| creation.email).collect()
}

fn ids(body: &Value) -> Vec<&str> {
    body.as_array().into_iter().flatten().filter_map(|user| user["id"].as_str()).collect()
}

#[tokio::test]
async fn documented_example_gives_the_persisted_state() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    assert_eq!(bulk(&caller, example()).await, (200, example()));
    assert_eq!(created(&bench, &caller), ["john.wicked@company.com", "anne.brown@company.com"]);
    let (_, read) = caller.call("GET", "/api/v1.0/onpremise/users/john.wicked", None).await;
    assert_eq!(read, example()[0]);
    let log = bench.control.operations(&Filter::tenant(&caller.tenant).operation("managed.create_users"));
    assert_eq!(log[0].emails, ["john.wicked@company.com", "anne.brown@company.com"]);
    assert_eq!(log[0].ids, ["john.wicked", "anne.brown"]);
}

#[tokio::test]
async fn one_bad_user_refuses_the_batch() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |knobs| knobs.largest_batch = Some(3));
    bench.control.poison(&caller.tenant, "poison@company.com").expect("done");
    let good = user("anne.brown", "Anne", "Brown", &["users"]);
    let mut same_email = user("other", "Anne", "Brown", &[]);
    same_email["email"] = json!("ANNE.BROWN@company.com");
    for bad in [
        user("", "No", "Id", &[]),
        user("x", "", "Y", &[]),
        user("x", "X", "Y", &["nosuchgroup"]),
        user("anne.brown", "Anne", "Brown", &[]),
        same_email,
        user("poison", "P", "P", &[]),
        json!("text"),
    ] {
        assert_eq!(bulk(&caller, json!([good, bad])).await.0, 400, "{bad}");
    }
    for body in [json!([]), json!({}), good.clone(), json!([good, good, good, good])] {
        assert_eq!(bulk(&caller, body.clone()).await.0, 400, "{body}");
    }
    assert!(created(&bench, &caller).is_empty());
    assert_eq!(bulk(&caller, json!([good])).await.0, 200);
}

#[tokio::test]
async fn somebody_who_exists_refuses_the_batch_or_is_left_out() {
    let bench = Bench::start().await;
    for (mode, status, people) in [(BulkExisting::Refused, 400, 2), (BulkExisting::OthersCreated, 406, 3)] {
        let caller = cluster(&bench, |knobs| knobs.bulk_existing = mode);
        assert_eq!(bulk(&caller, json!([example()[0]])).await.0, 200);
        let (found, body) = bulk(&caller, example()).await;
        assert_eq!(found, status);
        if status == 406 {
            assert_eq!(ids(&body), ["anne.brown"]);
        }
        let mut by_email = user("jw", "John", "Wicked", &[]);
        by_email["email"] = json!("john.wicked@company.com");
        assert_eq!(bulk(&caller, json!([by_email])).await.0, status);
        assert_eq!(bench.control.people(&caller.tenant).expect("people").len(), people);
        assert_eq!(created(&bench, &caller).len(), people - 1, "nobody twice");
    }
}

#[tokio::test]
async fn a_partial_batch_is_406_with_what_the_knob_says() {
    let bench = Bench::start().await;
    for (body, shown) in [
        (PartialBody::Created, Some(vec!["anne.brown"])),
        (PartialBody::Failed, Some(vec!["john.wicked"])),
        (PartialBody::Everybody, Some(vec!["john.wicked", "anne.brown"])),
        (PartialBody::Nobody, Some(vec![])),
        (PartialBody::Error, None),
    ] {
        let caller = cluster(&bench, |knobs| {
            knobs.partial_body = body;
            knobs.creation_faults.insert("john.wicked@company.com".to_owned());
        });
        let (status, reply) = bulk(&caller, example()).await;
        assert_eq!((status, reply.is_array()), (406, shown.is_some()));
        assert_eq!(ids(&reply), shown.unwrap_or_default(), "{body:?}");
        assert_eq!(created(&bench, &caller), ["anne.brown@company.com"]);
    }
}

#[tokio::test]
async fn arrays_may_come_in_another_order() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |knobs| knobs.reversed_arrays = true);
    let (_, body) = bulk(&caller, example()).await;
    assert_eq!(ids(&body), ["anne.brown", "john.wicked"]);
    assert_eq!(body[1]["groups"], json!(["users", "owners"]));
    let (_, list) = caller.call("GET", "/api/v1.0/onpremise/users", None).await;
    assert_eq!(ids(&list), ["anne.brown", "john.wicked", "admin"]);
}

#[tokio::test]
async fn too_large_a_body_is_413() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |knobs| knobs.payload_limit_bytes = 200);
    assert_eq!(bulk(&caller, example()).await.0, 413);
    assert!(created(&bench, &caller).is_empty());
}
