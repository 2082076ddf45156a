//! Dynatrace Managed: creating one user. Contract 2.2 to 2.5.

use serde_json::{Value, json};
use vendor_simulators::{
    DynatraceManagedKnobs, Effect, Filter, ManagedUser, PasswordInput, PersonAction, Standing,
};

use crate::bench::{Bench, Caller};

const USERS: &str = "/api/v1.0/onpremise/users";

fn cluster(bench: &Bench, change: impl FnOnce(&mut DynatraceManagedKnobs)) -> Caller {
    bench.cluster(|cluster| change(&mut cluster.knobs))
}

fn ada() -> Value {
    json!({"id": "ada.byron", "email": "Ada@example.test", "firstName": "Ada", "lastName": "Byron",
           "passwordClearText": null, "groups": ["users", "owners"]})
}

fn with(name: &str, value: Value) -> Value {
    let mut user = ada();
    user[name] = value;
    user
}

async fn create(caller: &Caller, user: Value) -> (u16, Value) {
    caller.call("POST", USERS, Some(user)).await
}

#[tokio::test]
async fn documented_create_gives_the_user_back() {
    let bench = Bench::start().await;
    for mail in [false, true] {
        let caller = cluster(&bench, |knobs| knobs.mail_on_create = mail);
        assert_eq!(create(&caller, ada()).await, (200, ada()));
        assert_eq!(caller.call("GET", &format!("{USERS}/ada.byron"), None).await, (200, ada()));
        let made = bench.control.creations(&Filter::tenant(&caller.tenant));
        assert_eq!(made.len(), 1);
        assert_eq!((made[0].email.as_str(), made[0].effect), ("ada@example.test", Effect::MemberAdded));
        assert_eq!((made[0].mail_sent, bench.mails(&caller).len()), (mail, usize::from(mail)));
        let person = bench.control.person(&caller.tenant, "ada@example.test").expect("a tenant");
        assert_eq!(person.map(|person| person.standing), Some(Standing::Member));
    }
}

#[tokio::test]
async fn a_slash_at_the_end_changes_nothing() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    assert_eq!(caller.call("POST", &format!("{USERS}/"), Some(ada())).await.0, 200);
}

#[tokio::test]
async fn invalid_input_is_400() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    bench.control.poison(&caller.tenant, "poison@example.test").expect("done");
    let mut bodies = vec![Value::Null, json!([]), json!({})];
    for name in ["id", "email", "firstName", "lastName"] {
        bodies.extend([with(name, json!("")), with(name, Value::Null), with(name, json!(1))]);
    }
    bodies.extend([
        with("email", json!("nonsense")),
        with("email", json!("poison@example.test")),
        with("groups", json!(["nosuchgroup"])),
        with("groups", json!("users")),
        with("groups", json!(["Users"])), // A display name is no id.
    ]);
    for body in bodies {
        assert_eq!(create(&caller, body.clone()).await.0, 400, "{body}");
    }
    assert!(bench.control.creations(&Filter::default()).is_empty());
    // 2.3: groups are optional and may be null.
    assert_eq!(create(&caller, with("groups", Value::Null)).await.1["groups"], json!([]));
}

#[tokio::test]
async fn a_taken_id_or_address_has_the_status_of_the_knob() {
    let bench = Bench::start().await;
    for (exists, email) in [(523, 524), (400, 400)] {
        let caller = cluster(&bench, |knobs| {
            knobs.exists_status = exists;
            knobs.email_taken_status = email;
        });
        assert_eq!(create(&caller, ada()).await.0, 200);
        assert_eq!(create(&caller, ada()).await.0, exists);
        assert_eq!(create(&caller, with("email", json!("other@example.test"))).await.0, exists);
        assert_eq!(create(&caller, with("id", json!("other"))).await.0, email);
        let mixed = json!({"id": "third", "email": "ADA@EXAMPLE.TEST", "firstName": "A", "lastName": "B"});
        assert_eq!(create(&caller, mixed).await.0, email);
        assert_eq!(bench.control.creations(&Filter::tenant(&caller.tenant)).len(), 1);
    }
}

#[tokio::test]
async fn a_failing_creation_is_522_and_creates_nobody() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |knobs| {
        knobs.creation_faults.insert("ada@example.test".to_owned());
    });
    assert_eq!(create(&caller, ada()).await.0, 522);
    assert_eq!(caller.call("GET", &format!("{USERS}/ada.byron"), None).await.0, 404);
}

#[tokio::test]
async fn a_password_is_never_shown() {
    let bench = Bench::start().await;
    for (input, status, kept) in [
        (PasswordInput::Refused, 400, None),
        (PasswordInput::Ignored, 200, None),
        (PasswordInput::Accepted, 200, Some("Hunter-22".to_owned())),
    ] {
        let caller = cluster(&bench, |knobs| knobs.password_input = input);
        let (found, body) = create(&caller, with("passwordClearText", json!("Hunter-22"))).await;
        assert_eq!((found, body.to_string().contains("Hunter")), (status, false), "{input:?}");
        if status == 200 {
            assert_eq!(body["passwordClearText"], Value::Null);
            let (_, read) = caller.call("GET", &format!("{USERS}/ada.byron"), None).await;
            assert_eq!(read["passwordClearText"], Value::Null);
        }
        let password = bench.control.managed_password(&caller.tenant, "ada.byron").expect("a tenant");
        assert_eq!(password, kept);
    }
    let log = bench.control.operations(&Filter::default());
    assert!(!serde_json::to_string(&log).expect("JSON").contains("Hunter"));
}

#[tokio::test]
async fn ids_are_compared_and_accepted_as_the_knobs_say() {
    let bench = Bench::start().await;
    for (ignore_case, status) in [(false, 404), (true, 200)] {
        let caller = cluster(&bench, |knobs| knobs.ids_ignore_case = ignore_case);
        assert_eq!(create(&caller, ada()).await.0, 200);
        assert_eq!(caller.call("GET", &format!("{USERS}/ADA.Byron"), None).await.0, status);
        let other = json!({"id": "ADA.BYRON", "email": "b@example.test", "firstName": "B", "lastName": "C"});
        assert_eq!(create(&caller, other).await.0, if ignore_case { 523 } else { 200 });
    }
    for (plain, status) in [(false, 200), (true, 400)] {
        let caller = cluster(&bench, |knobs| knobs.plain_ids_only = plain);
        assert_eq!(create(&caller, with("id", json!("ada+1@example.test"))).await.0, status);
        assert_eq!(create(&caller, with("id", json!("ada/b c%"))).await.0, if plain { 400 } else { 524 });
    }
}

#[tokio::test]
async fn addresses_are_kept_as_the_knob_says() {
    let bench = Bench::start().await;
    for (lower, kept) in [(false, "Ada@example.test"), (true, "ada@example.test")] {
        let caller = cluster(&bench, |knobs| knobs.lower_emails = lower);
        assert_eq!(create(&caller, ada()).await.1["email"], kept);
    }
}

#[tokio::test]
async fn people_can_be_moved_by_others() {
    let bench = Bench::start().await;
    let caller = cluster(&bench, |_| {});
    let (control, tenant) = (&bench.control, &caller.tenant);
    control.add_managed_user(tenant, ManagedUser::of("b.c@example.test").with_id("bc")).expect("added");
    let (status, user) = caller.call("GET", &format!("{USERS}/bc"), None).await;
    assert_eq!((status, &user["firstName"], &user["lastName"]), (200, &json!("b"), &json!("c")));
    control.add_member(tenant, "b.c@example.test", &["owners"]).expect("changed");
    assert_eq!(caller.call("GET", &format!("{USERS}/bc"), None).await.1["groups"], json!(["owners"]));
    control.invite_by_other(tenant, "d@example.test").expect("created");
    assert_eq!(control.creations(&Filter::tenant(tenant)).len(), 1);
    control.remove(tenant, "b.c@example.test").expect("removed");
    assert_eq!(caller.call("GET", &format!("{USERS}/bc"), None).await.0, 404);
    for action in [PersonAction::Accept, PersonAction::Expire, PersonAction::Block] {
        assert!(control.act(tenant, "d@example.test", &action).is_err(), "{action:?}");
    }
    control.act(tenant, "ada@example.test", &PersonAction::Ignore).expect("done");
    assert_eq!(create(&caller, ada()).await, (200, ada()));
    assert_eq!(control.person(tenant, "ada@example.test").expect("a tenant"), None);
}
