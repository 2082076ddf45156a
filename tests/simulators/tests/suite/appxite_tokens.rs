//! AppXite: access tokens. Contract 1.2.1, 1.3.2.

use serde_json::{Value, json};
use vendor_simulators::{
    AppXiteKnobs, AppXitePlatform, Credential, CredentialChange, Fault, FaultRule, TenantId, TokenRequest,
};

use crate::{
    appxite_portal::Portal,
    bench::{Bench, text, unique},
};

struct Made {
    tenant: TenantId,
    client: String,
}

fn make(bench: &Bench, change: impl FnOnce(&mut AppXiteKnobs)) -> Made {
    let client = format!("client-{}", unique());
    let credential = Credential::client(&client, "s3cret");
    let mut platform = AppXitePlatform::with(credential, format!("key-{}", unique()));
    change(&mut platform.knobs);
    Made { tenant: bench.control.create_appxite_platform(platform).expect("a platform"), client }
}

async fn token(bench: &Bench, path: &str, fields: &[(&str, &str)], form: bool) -> (u16, Value) {
    let request = bench.http.post(format!("{}{path}", bench.simulators.base_url_appxite()));
    let object: Value = fields.iter().map(|(name, value)| ((*name).to_owned(), json!(value))).collect();
    let request = if form { request.form(fields) } else { request.json(&object) };
    let reply = request.send().await.expect("a reply");
    (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
}

fn fields<'a>(made: &'a Made, secret: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![("grant_type", "client_credentials"), ("client_id", &made.client), ("client_secret", secret)]
}

const PATH: &str = "/oauth/token";

#[tokio::test]
async fn client_credentials_give_a_token() {
    let bench = Bench::start().await;
    let made = make(&bench, |_| {});
    for form in [true, false] {
        let (status, body) = token(&bench, PATH, &fields(&made, "s3cret"), form).await;
        assert_eq!((status, &body["token_type"], &body["expires_in"]), (200, &json!("Bearer"), &json!(3600)));
        assert_eq!(text(&body, "access_token").split('.').count(), 3);
        let (status, body) = token(&bench, PATH, &fields(&made, "wrong"), form).await;
        assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    }
    let other = Made { tenant: made.tenant.clone(), client: "nobody".to_owned() };
    assert_eq!(token(&bench, PATH, &fields(&other, "s3cret"), true).await.0, 401);
    let password = [("grant_type", "password"), ("client_id", made.client.as_str())];
    assert_eq!(token(&bench, PATH, &password, true).await.1["error"], "unsupported_grant_type");
    assert_eq!(token(&bench, "/elsewhere", &fields(&made, "s3cret"), true).await.0, 404);
}

#[tokio::test]
async fn knobs_change_what_a_token_request_needs() {
    let bench = Bench::start().await;
    for (only, form) in [(TokenRequest::Form, true), (TokenRequest::Json, false)] {
        let made = make(&bench, |knobs| knobs.token_request = only);
        assert_eq!(token(&bench, PATH, &fields(&made, "s3cret"), form).await.0, 200);
        assert_eq!(token(&bench, PATH, &fields(&made, "s3cret"), !form).await.0, 415);
    }
    let made = make(&bench, |knobs| {
        knobs.required_audience = Some("https://api.appxite.com".to_owned());
        knobs.required_scope = Some("users".to_owned());
        knobs.token_error_status = 403;
        knobs.omit_expires_in = true;
        knobs.opaque_tokens = true;
        knobs.paths.token = "/tenant/connect/token".to_owned();
    });
    let path = "/tenant/connect/token";
    let mut asked = fields(&made, "s3cret");
    assert_eq!(token(&bench, PATH, &asked, true).await.0, 404);
    assert_eq!(token(&bench, path, &asked, true).await.0, 403);
    asked.push(("audience", "https://api.appxite.com"));
    assert_eq!(token(&bench, path, &asked, true).await.1["error"], "invalid_scope");
    asked.push(("scope", "users"));
    let (status, body) = token(&bench, path, &asked, true).await;
    assert_eq!((status, body.get("expires_in")), (200, None));
    assert!(!text(&body, "access_token").contains('.'));
}

#[tokio::test]
async fn tokens_end_and_credentials_change() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |knobs| knobs.token_ttl_seconds = 60).await;
    assert_eq!(portal.get("/users").await.0, 200);
    bench.control.advance_clock(60_000);
    assert_eq!(portal.get("/users").await.0, 401);
    let portal = Portal::open(&bench, |_| {}).await;
    assert_eq!(bench.control.drop_tokens(&portal.tenant), 1);
    assert_eq!(portal.get("/users").await.0, 401);

    let mut portal = Portal::open(&bench, |_| {}).await;
    let rotate =
        |key: &str, new: &str| CredentialChange::Rotate { key: key.to_owned(), new_secret: new.to_owned() };
    bench.control.change_credential(&portal.tenant, rotate(&portal.key, "another-key")).expect("rotated");
    let (status, body) = portal.get("/users").await;
    assert_eq!(status, 401);
    assert!(text(&body, "message").contains("invalid subscription key"));
    portal.key = "another-key".to_owned();
    assert_eq!(portal.get("/users").await.0, 200);
    bench.control.change_credential(&portal.tenant, rotate(&portal.client, "new")).expect("rotated");
    let again = Made { tenant: portal.tenant.clone(), client: portal.client.clone() };
    assert_eq!(token(&bench, PATH, &fields(&again, "old"), true).await.0, 401);
    assert_eq!(token(&bench, PATH, &fields(&again, "new"), true).await.0, 200);
}

#[tokio::test]
async fn errors_can_echo_every_credential() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    bench.control.echo_credentials(true);
    let fault = Fault::Status { status: 500, commit: false, body: vendor_simulators::ErrorBody::Vendor };
    bench.control.add_fault(FaultRule::on("appxite.*", fault));
    let (_, body) = portal.get("/users").await;
    assert!(text(&body, "echo").contains(&portal.key) && text(&body, "echo").contains(&portal.token));
    let made = Made { tenant: portal.tenant.clone(), client: portal.client.clone() };
    for form in [true, false] {
        let (_, body) = token(&bench, PATH, &fields(&made, "s3cret"), form).await;
        assert!(text(&body, "echo").contains("s3cret"));
    }
}
