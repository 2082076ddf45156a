//! Dynatrace SaaS: inviting, and what becomes of it. Contract 3.2, 3.4, 3.5.

use serde_json::{Value, json};
use vendor_simulators::{
    DynatraceSaasAccount, DynatraceSaasKnobs, Effect, Filter, MailKind, PersonAction, SaasEmailCase, Standing,
};

use crate::bench::{Bench, Caller, text};

const DAY: i64 = 24 * 60 * 60 * 1000;

async fn account(bench: &Bench, change: impl FnOnce(&mut DynatraceSaasKnobs)) -> Caller {
    let mut account = DynatraceSaasAccount::default();
    change(&mut account.knobs);
    bench.account(account).await
}

async fn invite(caller: &Caller, email: &str) -> (u16, Value) {
    caller.call("POST", &caller.account_path("/users"), Some(json!({"email": email}))).await
}

async fn read(caller: &Caller, email: &str) -> (u16, Value) {
    caller.call("GET", &caller.account_path(&format!("/users/{email}")), None).await
}

async fn delete(caller: &Caller, email: &str) -> u16 {
    caller.call("DELETE", &caller.account_path(&format!("/users/{email}")), None).await.0
}

fn standing(bench: &Bench, caller: &Caller, email: &str) -> Option<Standing> {
    bench.control.person(&caller.tenant, email).expect("a tenant").map(|person| person.standing)
}

#[tokio::test]
async fn invited_person_is_pending_without_names_until_the_link_is_used() {
    let bench = Bench::start().await;
    let caller = account(&bench, |_| {}).await;
    let (status, body) = invite(&caller, "Ada.Lovelace@example.test").await;
    assert_eq!(status, 201);
    let (status, user) = read(&caller, "Ada.Lovelace%40example.test").await;
    assert_eq!(status, 200);
    assert_eq!(user["uid"], body["userUuid"]);
    let groups = user["groups"].as_array().expect("groups");
    assert_eq!((groups.len(), &groups[0]["owner"]), (1, &json!("ALL_USERS")));
    let mut row = user.clone();
    row.as_object_mut().expect("an object").remove("groups");
    assert_eq!(
        row,
        json!({"uid": body["userUuid"], "email": "Ada.Lovelace@example.test", "type": "DEFAULT",
               "emergencyContact": false, "userStatus": "PENDING"})
    );
    let (mails, made) = (bench.mails(&caller), bench.control.creations(&Filter::tenant(&caller.tenant)));
    assert_eq!((mails.len(), mails[0].kind), (1, MailKind::Invitation));
    assert_eq!((made.len(), made[0].effect), (1, Effect::InvitationCreated));
    bench.control.accept(&caller.tenant, "ada.lovelace@example.test").expect("accepted");
    let (_, user) = read(&caller, "ada.lovelace@example.test").await;
    assert_eq!((&user["userStatus"], &user["name"]), (&json!("ACTIVE"), &json!("Ada")));
    let log = &user["userLoginMetadata"];
    assert_eq!((&log["successfulLoginCounter"], &log["lastFailedLogin"]), (&json!(1), &Value::Null));
    assert!(text(log, "lastSuccessfulLogin").ends_with('Z'));
}

#[tokio::test]
async fn success_may_be_200_or_201_and_say_nothing() {
    let bench = Bench::start().await;
    for (expected, has_body) in [(201, true), (201, false), (200, true), (200, false)] {
        let caller = account(&bench, |knobs| {
            knobs.invite_status = expected;
            knobs.created_body = has_body;
        })
        .await;
        let (status, body) = invite(&caller, "ada@example.test").await;
        assert_eq!((status, body["userUuid"].is_string()), (expected, has_body));
        assert_eq!(standing(&bench, &caller, "ada@example.test"), Some(Standing::Invited));
    }
}

#[tokio::test]
async fn second_invitation_fails_with_the_documented_message() {
    let bench = Bench::start().await;
    for expected in [400, 409] {
        let caller = account(&bench, |knobs| knobs.exists_status = expected).await;
        invite(&caller, "ada@example.test").await;
        let said = json!({"error": true, "payload": null, "message": "User already exists"});
        assert_eq!(invite(&caller, "ADA@example.test").await, (expected, said.clone()));
        bench.control.accept(&caller.tenant, "ada@example.test").expect("accepted");
        assert_eq!(invite(&caller, "ada@example.test").await, (expected, said));
        assert_eq!(bench.mails(&caller).len(), 1);
    }
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let bench = Bench::start().await;
    for expected in [400, 422] {
        let caller = account(&bench, |knobs| {
            knobs.validation_status = expected;
            knobs.foreign_domains.insert("elsewhere.test".to_owned());
        })
        .await;
        bench.control.poison(&caller.tenant, "poison@example.test").expect("done");
        for email in ["nonsense", "poison@example.test", "ada@elsewhere.test"] {
            assert_eq!(invite(&caller, email).await.0, expected, "{email}");
        }
        for body in [json!({}), json!([]), json!({"email": 1})] {
            assert_eq!(caller.call("POST", &caller.account_path("/users"), Some(body)).await.0, expected);
        }
        bench.control.act(&caller.tenant, "ghost@example.test", &PersonAction::Ignore).expect("done");
        assert_eq!(invite(&caller, "ghost@example.test").await.0, 201);
        assert!(bench.control.creations(&Filter::tenant(&caller.tenant)).is_empty());
    }
}

#[tokio::test]
async fn invitation_is_useless_after_a_day_and_the_vendor_never_says() {
    let bench = Bench::start().await;
    let caller = account(&bench, |_| {}).await;
    invite(&caller, "ada@example.test").await;
    invite(&caller, "bob@example.test").await;
    bench.control.expire(&caller.tenant, "bob@example.test").expect("expired");
    assert!(bench.control.expire(&caller.tenant, "bob@example.test").is_err());
    assert!(bench.control.accept(&caller.tenant, "bob@example.test").is_err());
    bench.control.advance_clock(DAY - 1000);
    assert_eq!(standing(&bench, &caller, "ada@example.test"), Some(Standing::Invited));
    bench.control.advance_clock(1000);
    assert_eq!(standing(&bench, &caller, "ada@example.test"), Some(Standing::Expired));
    let caller = bench.again(caller).await;
    assert_eq!(read(&caller, "ada@example.test").await.1["userStatus"], "PENDING");
    assert!(bench.control.accept(&caller.tenant, "ada@example.test").is_err());
    assert_eq!(invite(&caller, "ada@example.test").await.0, 400);
    assert_eq!(delete(&caller, "ada@example.test").await, 200);
    assert_eq!(invite(&caller, "ada@example.test").await.0, 201);
    bench.control.accept(&caller.tenant, "ada@example.test").expect("the new mail's link works");
    assert_eq!(bench.mails(&caller).len(), 3);
}

#[tokio::test]
async fn deleted_people_are_gone_or_say_so() {
    let bench = Bench::start().await;
    for (show, same) in [(false, false), (true, false), (false, true), (true, true)] {
        let caller = account(&bench, |knobs| {
            knobs.show_deleted = show;
            knobs.same_uid_again = same;
        })
        .await;
        let (_, first) = invite(&caller, "ada@example.test").await;
        assert_eq!(delete(&caller, "ada%40example.test").await, 200);
        let (status, user) = read(&caller, "ada@example.test").await;
        if show {
            assert_eq!((status, &user["userStatus"]), (200, &json!("DELETED")));
        } else {
            let said = json!({"error": true, "payload": null, "message": "User ada@example.test not found"});
            assert_eq!((status, user), (404, said));
        }
        assert_eq!(delete(&caller, "ada@example.test").await, 404);
        let (status, second) = invite(&caller, "ada@example.test").await;
        assert_eq!((status, first == second), (201, same));
        let (_, list) = caller.call("GET", &caller.account_path("/users"), None).await;
        assert_eq!(list["count"], 2); // The owner of the credential, and one row for Ada.
    }
}

#[tokio::test]
async fn link_of_a_deleted_invitation_works_or_not() {
    let bench = Bench::start().await;
    for survives in [false, true] {
        let caller = account(&bench, |knobs| knobs.link_survives_deletion = survives).await;
        for email in ["ada@example.test", "bob@example.test"] {
            invite(&caller, email).await;
        }
        bench.control.accept(&caller.tenant, "bob@example.test").expect("accepted");
        for email in ["ada@example.test", "bob@example.test"] {
            assert_eq!(delete(&caller, email).await, 200);
        }
        assert_eq!(bench.control.accept(&caller.tenant, "ada@example.test").is_ok(), survives);
        assert_eq!(standing(&bench, &caller, "ada@example.test"), survives.then_some(Standing::Member));
        assert!(bench.control.accept(&caller.tenant, "bob@example.test").is_err());
    }
}

#[tokio::test]
async fn addresses_are_compared_as_the_knob_says() {
    let bench = Bench::start().await;
    for (case, kept, other) in [
        (SaasEmailCase::Kept, "Ada@example.test", 200),
        (SaasEmailCase::Lowered, "ada@example.test", 200),
        (SaasEmailCase::Sensitive, "Ada@example.test", 404),
    ] {
        let caller = account(&bench, |knobs| knobs.email_case = case).await;
        invite(&caller, "Ada@example.test").await;
        assert_eq!(read(&caller, "Ada@example.test").await.1["email"], kept);
        assert_eq!(read(&caller, "ada@example.test").await.0, other, "{case:?}");
        assert_eq!(invite(&caller, "ada@example.test").await.0, if other == 200 { 400 } else { 201 });
    }
}
