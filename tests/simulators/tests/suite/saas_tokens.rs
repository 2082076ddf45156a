//! Dynatrace SaaS: tokens. Contract 3.1.

use serde_json::{Value, json};
use vendor_simulators::{
    CallerRole, Credential, DynatraceSaasAccount, DynatraceSaasKnobs, PersonAction, SaasScopes, TenantId,
};

use crate::bench::{Bench, text, unique};

const BOTH: &str = "account-idm-read account-idm-write";

struct Made {
    account: TenantId,
    client: String,
}

fn make(bench: &Bench, role: CallerRole, change: impl FnOnce(&mut DynatraceSaasKnobs)) -> Made {
    let client = format!("client-{}", unique());
    let owner = format!("{}@service.sso.dynatrace.com", unique());
    let credential = Credential::client(&client, "s3cret/+ ").owned_by(owner).with_role(role);
    let mut account = DynatraceSaasAccount::with(credential);
    change(&mut account.knobs);
    let account = bench.control.create_dynatrace_saas_account(account).expect("an account");
    Made { account, client }
}

async fn token(bench: &Bench, made: &Made, secret: &str, more: &[(&str, &str)]) -> (u16, Value) {
    let mut form = vec![
        ("grant_type", "client_credentials"),
        ("client_id", made.client.as_str()),
        ("client_secret", secret),
    ];
    form.extend_from_slice(more);
    let reply = bench.http.post(bench.simulators.token_url_saas()).form(&form).send().await.expect("a reply");
    (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
}

async fn call(bench: &Bench, made: &Made, method: &str, path: &str, token: &str) -> (u16, Value) {
    let url = format!("{}/iam/v1/accounts/{}{path}", bench.simulators.base_url_saas(), made.account.id);
    let request = bench.http.request(method.parse().expect("a method"), url).bearer_auth(token);
    let reply = request.json(&json!({"email": "ada@example.test"})).send().await.expect("a reply");
    (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
}

fn urn(made: &Made) -> String {
    format!("urn:dtaccount:{}", made.account.id)
}

#[tokio::test]
async fn documented_request_gives_a_token_for_five_minutes() {
    let bench = Bench::start().await;
    let made = make(&bench, CallerRole::Owner, |_| {});
    let urn = urn(&made);
    let (status, body) = token(&bench, &made, "s3cret/+ ", &[("scope", BOTH), ("resource", &urn)]).await;
    assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("Bearer"), &json!(300)));
    assert_eq!((&body["resource"], &body["scope"]), (&json!(urn), &json!(BOTH)));
    let access = text(&body, "access_token");
    assert_eq!(call(&bench, &made, "GET", "/users", &access).await.0, 200);
    assert_eq!(call(&bench, &made, "GET", "/limits", &access).await.0, 200);
    bench.control.advance_clock(299_000);
    assert_eq!(call(&bench, &made, "GET", "/users", &access).await.0, 200);
    bench.control.advance_clock(1_000);
    let (status, body) = call(&bench, &made, "GET", "/users", &access).await;
    let expected = json!({"error": true, "payload": null, "message": "Failed to validate access token."});
    assert_eq!((status, body), (401, expected));
}

#[tokio::test]
async fn bad_credentials_are_a_bad_request() {
    let bench = Bench::start().await;
    for expected in [400, 401] {
        let made = make(&bench, CallerRole::Owner, |knobs| knobs.token_error_status = expected);
        let other = make(&bench, CallerRole::Owner, |_| {});
        let (own, foreign) = (urn(&made), urn(&other));
        for (secret, resource) in [("wrong", &own), ("s3cret/+ ", &foreign)] {
            let (status, body) =
                token(&bench, &made, secret, &[("scope", BOTH), ("resource", resource)]).await;
            assert_eq!((status, &body["errorCode"]), (expected, &json!(expected)));
            assert!(body["message"].is_string() && body["issueId"].is_string());
        }
    }
    let nobody = Made { account: TenantId::saas("x"), client: "nobody".to_owned() };
    assert_eq!(token(&bench, &nobody, "s3cret/+ ", &[]).await.0, 400);
}

#[tokio::test]
async fn client_is_bound_to_an_active_user() {
    let bench = Bench::start().await;
    let made = make(&bench, CallerRole::Owner, |_| {});
    let owner = bench.control.people(&made.account).expect("people")[0].email.clone();
    bench.control.act(&made.account, &owner, &PersonAction::Suspend).expect("deactivated");
    assert_eq!(token(&bench, &made, "s3cret/+ ", &[]).await.0, 400);
    bench.control.act(&made.account, &owner, &PersonAction::Unblock).expect("activated");
    assert_eq!(token(&bench, &made, "s3cret/+ ", &[]).await.0, 200);
}

#[tokio::test]
async fn scopes_bound_what_a_token_may_do() {
    let bench = Bench::start().await;
    let reader = make(&bench, CallerRole::Member, |_| {});
    let urn = urn(&reader);
    let (status, body) = token(&bench, &reader, "s3cret/+ ", &[("scope", BOTH), ("resource", &urn)]).await;
    assert_eq!((status, &body["error"]), (400, &json!("invalid_request")));
    let description = text(&body, "error_description");
    assert!(description.contains("account-idm-write") && !description.contains("account-idm-read"));
    let read = [("scope", "account-idm-read"), ("resource", urn.as_str())];
    let access = text(&token(&bench, &reader, "s3cret/+ ", &read).await.1, "access_token");
    assert_eq!(call(&bench, &reader, "GET", "/users", &access).await.0, 200);
    let (status, body) = call(&bench, &reader, "POST", "/users", &access).await;
    assert_eq!((status, body), (403, json!({"message": "Forbidden", "statusCode": 403})));
    let other = make(&bench, CallerRole::Owner, |_| {});
    assert_eq!(call(&bench, &other, "GET", "/users", &access).await.0, 403);
}

#[tokio::test]
async fn scope_and_resource_may_be_needed_or_not() {
    let bench = Bench::start().await;
    for (scopes, expected) in [(SaasScopes::Needed, 403), (SaasScopes::Defaults, 200)] {
        let made = make(&bench, CallerRole::Owner, |knobs| knobs.scopes = scopes);
        let urn = urn(&made);
        for more in [&[][..], &[("scope", BOTH)], &[("resource", urn.as_str())]] {
            let (status, body) = token(&bench, &made, "s3cret/+ ", more).await;
            assert_eq!(status, 200);
            let access = text(&body, "access_token");
            assert_eq!(call(&bench, &made, "GET", "/users", &access).await.0, expected, "{more:?}");
        }
    }
}

#[tokio::test]
async fn limits_have_a_scope_of_their_own() {
    let bench = Bench::start().await;
    let made = make(&bench, CallerRole::Owner, |_| {});
    let urn = urn(&made);
    let more = [("scope", "sso-idm:account-limits:read"), ("resource", urn.as_str())];
    let access = text(&token(&bench, &made, "s3cret/+ ", &more).await.1, "access_token");
    assert_eq!(call(&bench, &made, "GET", "/users", &access).await.0, 403);
    let (status, body) = call(&bench, &made, "GET", "/limits", &access).await;
    assert_eq!((status, &body["total"], &body["pageNumber"]), (200, &json!(2), &json!(1)));
    assert_eq!(
        body["results"][0],
        json!({"limitType": "REGULAR_USER", "limitValue": 10000, "currentValue": 0})
    );
    assert_eq!(
        body["results"][1],
        json!({"limitType": "MAX_GROUPS_PER_ACCOUNT", "limitValue": 5000, "currentValue": 1})
    );
}
