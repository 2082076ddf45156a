//! HPE: inviting. Contract A3.1.

use reqwest::Method;
use serde_json::{Value, json};
use vendor_simulators::{
    Effect, Filter, HpeKnobs, HpeWorkspace, LocationForm, MailKind, PendingInvite, PersonAction, Standing,
};

use crate::bench::{Bench, Caller, text};

const USERS: &str = "/identity/v1/users";

async fn workspace(bench: &Bench, change: impl FnOnce(&mut HpeKnobs)) -> Caller {
    let mut workspace = HpeWorkspace::default();
    change(&mut workspace.knobs);
    bench.workspace(workspace).await
}

async fn invite(caller: &Caller, body: Value) -> (u16, Value) {
    caller.call("POST", USERS, Some(body)).await
}

fn standing(bench: &Bench, caller: &Caller, email: &str) -> Option<Standing> {
    bench.control.person(&caller.tenant, email).expect("a tenant").map(|person| person.standing)
}

#[tokio::test]
async fn documented_invite_creates_an_unverified_user() {
    let bench = Bench::start().await;
    let caller = workspace(&bench, |_| {}).await;
    let body = json!({"email": "User@example.com", "sendWelcomeEmail": true});
    let reply = caller.request(Method::POST, USERS).json(&body).send().await.expect("a reply");
    assert_eq!(reply.status(), 201);
    let location = reply.headers()["location"].to_str().expect("text").to_owned();
    let body: Value = reply.json().await.expect("JSON");
    assert_eq!(body, json!({"message": "invited user"}));
    let (status, user) = caller.call("GET", &location, None).await;
    assert_eq!(status, 200);
    assert_eq!((&user["username"], &user["userStatus"]), (&json!("User@example.com"), &json!("UNVERIFIED")));
    assert_eq!(text(&user, "id"), location.rsplit('/').next().expect("an id"));
    let mails = bench.mails(&caller);
    assert_eq!((mails.len(), mails[0].kind), (1, MailKind::Invitation));
    bench.control.accept(&caller.tenant, "user@example.com").expect("accepted");
    let (_, user) = caller.call("GET", &location, None).await;
    assert_eq!(user["userStatus"], "VERIFIED");
    assert!(user["lastLogin"].is_string());
}

#[tokio::test]
async fn mail_is_sent_unless_declined() {
    let bench = Bench::start().await;
    let caller = workspace(&bench, |_| {}).await;
    assert_eq!(invite(&caller, json!({"email": "a@example.com"})).await.0, 201);
    assert_eq!(invite(&caller, json!({"email": "b@example.com", "sendWelcomeEmail": false})).await.0, 201);
    let mails = bench.mails(&caller);
    assert_eq!((mails.len(), mails[0].email.as_str()), (1, "a@example.com"));
    let creations = bench.control.creations(&Filter::tenant(&caller.tenant));
    assert_eq!(creations.iter().map(|made| made.mail_sent).collect::<Vec<_>>(), [true, false]);
}

#[tokio::test]
async fn known_accounts_are_verified_at_once() {
    let bench = Bench::start().await;
    for mail in [false, true] {
        let caller = workspace(&bench, |knobs| knobs.mail_existing_accounts = mail).await;
        bench.control.add_account(&caller.tenant, "ada@example.com").expect("done");
        assert_eq!(invite(&caller, json!({"email": "ada@example.com"})).await.0, 201);
        assert_eq!(standing(&bench, &caller, "ada@example.com"), Some(Standing::Member));
        assert_eq!(bench.mails(&caller).len(), usize::from(mail));
        let creations = bench.control.creations(&Filter::tenant(&caller.tenant));
        assert_eq!((creations.len(), creations[0].effect), (1, Effect::MemberAdded));
    }
}

#[tokio::test]
async fn members_and_invited_people_conflict_as_the_knobs_say() {
    let bench = Bench::start().await;
    for status in [409, 400, 422] {
        let caller = workspace(&bench, |knobs| knobs.exists_status = status).await;
        bench.control.add_member(&caller.tenant, "ada@example.com", &[]).expect("done");
        let (found, body) = invite(&caller, json!({"email": "ADA@example.com"})).await;
        assert_eq!((found, &body["httpStatusCode"]), (status, &json!(status)));
        for name in ["debugId", "errorCode", "message"] {
            assert!(body[name].is_string());
        }
    }
    for (mode, status, mails) in [
        (PendingInvite::Conflict, 409, 1),
        (PendingInvite::ConflictWithMail, 409, 2),
        (PendingInvite::Created, 201, 1),
        (PendingInvite::CreatedWithMail, 201, 2),
    ] {
        let caller = workspace(&bench, |knobs| knobs.pending_invite = mode).await;
        invite(&caller, json!({"email": "ada@example.com"})).await;
        assert_eq!(invite(&caller, json!({"email": "ada@example.com"})).await.0, status, "{mode:?}");
        assert_eq!(bench.mails(&caller).len(), mails, "{mode:?}");
        assert_eq!(bench.control.people(&caller.tenant).expect("people").len(), 2);
    }
}

#[tokio::test]
async fn location_has_the_form_of_the_knob() {
    let bench = Bench::start().await;
    for (form, start) in [
        (LocationForm::Relative, Some("/identity/v1/users/")),
        (LocationForm::Absolute, Some("https://127.0.0.1:")),
        (LocationForm::Missing, None),
    ] {
        let caller = workspace(&bench, |knobs| knobs.location = form).await;
        let request = caller.request(Method::POST, USERS).json(&json!({"email": "ada@example.com"}));
        let reply = request.send().await.expect("a reply");
        let location = reply.headers().get("location").map(|value| value.to_str().expect("text"));
        assert_eq!(location.is_some(), start.is_some());
        assert!(location.zip(start).is_none_or(|(location, start)| location.starts_with(start)));
    }
}

#[tokio::test]
async fn bad_requests_are_refused() {
    let bench = Bench::start().await;
    for status in [422, 400] {
        let caller = workspace(&bench, |knobs| {
            knobs.validation_status = status;
            knobs.denied_domains.insert("denied.example".to_owned());
        })
        .await;
        bench.control.poison(&caller.tenant, "Poison@example.com").expect("done");
        for body in [
            json!({}),
            json!({"email": "nonsense"}),
            json!({"email": 1}),
            json!({"email": "poison@example.com"}),
            json!({"email": "ada@example.com", "sendWelcomeEmail": "yes"}),
        ] {
            assert_eq!(invite(&caller, body.clone()).await.0, status, "{body}");
        }
        assert_eq!(invite(&caller, json!([])).await.0, 400);
        assert_eq!(invite(&caller, json!({"email": "ada@denied.example"})).await.0, 451);
        bench.control.act(&caller.tenant, "ghost@example.com", &PersonAction::Ignore).expect("done");
        assert_eq!(invite(&caller, json!({"email": "ghost@example.com"})).await.0, 201);
        assert!(bench.control.creations(&Filter::tenant(&caller.tenant)).is_empty());
    }
}

#[tokio::test]
async fn deleting_and_inviting_again_sends_again() {
    let bench = Bench::start().await;
    let caller = workspace(&bench, |_| {}).await;
    for round in 1..=2 {
        assert_eq!(invite(&caller, json!({"email": "ada@example.com"})).await.0, 201);
        assert_eq!(bench.mails(&caller).len(), round);
        let id =
            bench.control.person(&caller.tenant, "ada@example.com").expect("a tenant").expect("ada").user_id;
        let path = format!("{USERS}/{}", id.expect("an id"));
        assert_eq!(caller.call("DELETE", &path, None).await, (204, Value::Null));
    }
    assert_eq!(standing(&bench, &caller, "ada@example.com"), None);
}
