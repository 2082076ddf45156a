//! HPE: tokens. Contract A1, A2.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vendor_simulators::{
    CallerRole, Credential, CredentialPlacement, GatewayBody, HpeKnobs, HpeWorkspace, TokenUrls,
};

use crate::bench::{Bench, text, unique};

struct Made {
    workspace: String,
    client: String,
}

fn make(bench: &Bench, change: impl FnOnce(&mut HpeKnobs)) -> Made {
    let client = format!("client-{}", unique());
    let mut workspace =
        HpeWorkspace::with(Credential::client(&client, "s3cret").owned_by("boss@example.com"));
    change(&mut workspace.knobs);
    let workspace = bench.control.create_hpe_workspace(workspace).expect("a workspace").id;
    Made { workspace, client }
}

async fn token(bench: &Bench, made: &Made, url: &str, secret: &str, basic: bool) -> (u16, Value) {
    let request = bench.http.post(format!("{}{url}", bench.simulators.base_url_hpe()));
    let grant = ("grant_type", "client_credentials");
    let request = if basic {
        request.basic_auth(&made.client, Some(secret)).form(&[grant])
    } else {
        request.form(&[grant, ("client_id", made.client.as_str()), ("client_secret", secret)])
    };
    let reply = request.send().await.expect("a reply");
    (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
}

const SHARED: &str = "/as/token.oauth2";

fn own(made: &Made) -> String {
    format!("/authorization/v2/oauth2/{}/token", made.workspace)
}

#[tokio::test]
async fn both_urls_and_placements_give_a_token() {
    let bench = Bench::start().await;
    let made = make(&bench, |knobs| knobs.scope_as_list = true);
    assert_eq!(made.workspace.len(), 32);
    for (url, ttl) in [(own(&made), 900), (SHARED.to_owned(), 7199)] {
        for basic in [false, true] {
            let (status, body) = token(&bench, &made, &url, "s3cret", basic).await;
            assert_eq!(
                (status, &body["token_type"], &body["expires_in"]),
                (200, &json!("Bearer"), &json!(ttl))
            );
            assert!(body["scope"].is_array());
            let jwt = text(&body, "access_token");
            let claims =
                BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).expect("claims")).expect("base64");
            let claims: Value = serde_json::from_slice(&claims).expect("JSON");
            assert_eq!(claims["platform_customer_id"], made.workspace);
            assert_eq!(
                (&claims["sub"], &claims["aud"]),
                (&json!("boss@example.com"), &json!("external_api"))
            );
        }
    }
    let other = make(&bench, |_| {});
    for (url, secret) in [(own(&made), "wrong"), (own(&other), "s3cret"), (SHARED.to_owned(), "wrong")] {
        let (status, body) = token(&bench, &made, &url, secret, false).await;
        assert_eq!((status, &body["error"]), (401, &json!("invalid_client")));
    }
}

#[tokio::test]
async fn token_requests_follow_the_knobs() {
    let bench = Bench::start().await;
    let made = make(&bench, |knobs| {
        knobs.token_urls = TokenUrls::Workspace;
        knobs.credential_placement = CredentialPlacement::Body;
        knobs.token_ttl_seconds = Some(60);
        knobs.omit_expires_in = true;
        knobs.opaque_tokens = true;
        knobs.token_error_status = 400;
    });
    assert_eq!(token(&bench, &made, SHARED, "s3cret", false).await.0, 404);
    assert_eq!(token(&bench, &made, &own(&made), "s3cret", true).await.0, 400);
    let (status, body) = token(&bench, &made, &own(&made), "s3cret", false).await;
    assert_eq!((status, body.get("expires_in")), (200, None));
    let access = text(&body, "access_token");
    assert!(!access.contains('.'));
    let get = async || {
        let url = format!("{}/identity/v1/users", bench.simulators.base_url_hpe());
        bench.http.get(url).bearer_auth(&access).send().await.expect("a reply").status().as_u16()
    };
    assert_eq!(get().await, 200);
    bench.control.advance_clock(60_000);
    assert_eq!(get().await, 401);
    let made = make(&bench, |knobs| {
        knobs.token_urls = TokenUrls::Shared;
        knobs.credential_placement = CredentialPlacement::Basic;
    });
    assert_eq!(token(&bench, &made, &own(&made), "s3cret", true).await.0, 404);
    assert_eq!(token(&bench, &made, SHARED, "s3cret", false).await.0, 401);
    assert_eq!(token(&bench, &made, SHARED, "s3cret", true).await.0, 200);
}

#[tokio::test]
async fn gateway_errors_may_lack_the_envelope() {
    let bench = Bench::start().await;
    for (mode, envelope, content) in [
        (GatewayBody::Plain, false, Some("application/json")),
        (GatewayBody::Envelope, true, Some("application/json")),
        (GatewayBody::Html, false, Some("text/html")),
        (GatewayBody::Empty, false, None),
    ] {
        let mut workspace = HpeWorkspace::default();
        workspace.knobs.gateway_body = mode;
        let caller = bench.workspace(workspace).await;
        for path in ["/identity/v1/nothing", "/identity/v1/users"] {
            if path.ends_with("users") {
                bench.control.advance_clock(900_000);
            }
            let reply = caller.request(reqwest::Method::GET, path).send().await.expect("a reply");
            assert_eq!(reply.status(), if path.ends_with("users") { 401 } else { 404 });
            let found = reply.headers().get("content-type").map(|v| v.to_str().expect("text").to_owned());
            assert_eq!(found.as_deref(), content, "{mode:?}");
            let body = reply.json().await.unwrap_or(Value::Null);
            assert_eq!(body.get("debugId").is_some(), envelope);
        }
    }
}

#[tokio::test]
async fn observers_may_only_read() {
    let bench = Bench::start().await;
    let made = Made {
        client: format!("client-{}", unique()),
        workspace: "05f0523cfd0347fc981b9c4333a37b70".to_owned(),
    };
    let credential = Credential::client(&made.client, "s3cret").with_role(CallerRole::Member);
    let workspace = HpeWorkspace { id: Some(made.workspace.clone()), ..HpeWorkspace::with(credential) };
    bench.control.create_hpe_workspace(workspace).expect("a workspace");
    let access = text(&token(&bench, &made, &own(&made), "s3cret", false).await.1, "access_token");
    let url = |path: &str| format!("{}{path}", bench.simulators.base_url_hpe());
    let invite = bench
        .http
        .post(url("/identity/v1/users"))
        .bearer_auth(&access)
        .json(&json!({"email": "a@b.example"}));
    assert_eq!(invite.send().await.expect("a reply").status(), 403);
    let read =
        bench.http.get(url(&format!("/workspaces/v1/workspaces/{}", made.workspace))).bearer_auth(&access);
    let body: Value = read.send().await.expect("a reply").json().await.expect("JSON");
    assert_eq!(body["id"], made.workspace);
}
