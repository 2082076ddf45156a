//! AppXite: what every call needs, and errors. Contract 1.2.1 to 1.2.3, 1.3.6.

use reqwest::Method;
use serde_json::{Value, json};
use vendor_simulators::{AppXiteErrors, AppXiteKnobs, CallerRole, Filter, Limit, PlatformHeader};

use crate::{
    appxite_portal::{ORGANIZATIONS, Portal, sent},
    bench::{Bench, text},
};

#[tokio::test]
async fn a_call_needs_key_token_and_platform() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let (status, body) = sent(portal.bare(Method::GET, "/users")).await;
    assert_eq!((status, &body["statusCode"]), (401, &json!(401)));
    assert!(text(&body, "message").contains("missing subscription key"));
    let with_key = |key: &str| portal.bare(Method::GET, "/users").header("Ocp-Apim-Subscription-Key", key);
    assert!(text(&sent(with_key("wrong")).await.1, "message").contains("invalid subscription key"));
    // Everything but the platform.
    assert_eq!(sent(with_key(&portal.key)).await.0, 400);
    assert_eq!(sent(with_key(&portal.key).header("Referer", "https://elsewhere.example")).await.0, 400);
    let referer = format!("https://{}", portal.tenant.id);
    for header in ["Referer", "X-Referer"] {
        assert_eq!(sent(with_key(&portal.key).header(header, &referer)).await.0, 200);
    }
    let stranger = Portal::open(&bench, |_| {}).await;
    let mixed = stranger.bare(Method::GET, "/users").header("Ocp-Apim-Subscription-Key", &portal.key);
    assert_eq!(sent(mixed.header("Referer", &referer)).await.0, 401);
    let no_token = bench.http.get(format!("{}/users", bench.simulators.base_url_appxite()));
    let no_token = no_token.header("Ocp-Apim-Subscription-Key", &portal.key).header("Referer", &referer);
    assert_eq!(sent(no_token).await.1, json!({"statusCode": 401, "message": "Unauthorized"}));
    let (status, body) = portal.get("/nothing").await;
    assert_eq!((status, body), (404, json!({"statusCode": 404, "message": "Resource not found"})));
    let log = bench.control.operations(&Filter::tenant(&portal.tenant));
    assert!(log.iter().all(|entry| entry.tenant.is_some()));
    assert_eq!(log.last().map(|entry| entry.operation.as_str()), Some("appxite.unknown"));
}

#[tokio::test]
async fn knobs_change_what_a_call_needs() {
    let bench = Bench::start().await;
    for (knob, good, bad) in [
        (PlatformHeader::Referer, "Referer", "X-Referer"),
        (PlatformHeader::XReferer, "X-Referer", "Referer"),
    ] {
        let portal = Portal::open(&bench, |knobs| {
            knobs.platform_header = knob;
            knobs.unknown_platform_status = 403;
        })
        .await;
        let bare = || portal.bare(Method::GET, "/roles").header("Ocp-Apim-Subscription-Key", &portal.key);
        let referer = format!("https://{}", portal.tenant.id);
        assert_eq!(sent(bare().header(good, &referer)).await.0, 200);
        assert_eq!(sent(bare().header(bad, &referer)).await.0, 403);
    }
    let mut portal = Portal::open(&bench, |knobs| {
        knobs.platform_header = PlatformHeader::Ignored;
        knobs.on_behalf_of_required = true;
        knobs.unknown_organization_status = 404;
        knobs.required_api_version = Some("3.1".to_owned());
    })
    .await;
    assert_eq!(portal.get("/roles").await.0, 404);
    let versioned = |portal: &Portal| portal.request(Method::GET, "/roles").header("api-version", "3.1");
    assert_eq!(sent(versioned(&portal)).await.0, 400);
    portal.acting = Some("unknown".to_owned());
    assert_eq!(sent(versioned(&portal)).await.0, 404);
    portal.acting = Some(ORGANIZATIONS[1].to_uppercase());
    assert_eq!(sent(versioned(&portal)).await.0, 200);
}

#[tokio::test]
async fn paths_are_what_the_knobs_say() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |knobs| {
        knobs.paths.list_users = "/core/v3/users".to_owned();
        knobs.paths.list_roles = "/core/v3/groups".to_owned();
        knobs.paths.list_identity_providers = "/core/v3/idps".to_owned();
        knobs.paths.invite = "/core/v3/invitations".to_owned();
    })
    .await;
    for path in ["/core/v3/users", "/core/v3/groups", "/core/v3/idps"] {
        assert_eq!(portal.get(path).await.0, 200);
    }
    for path in ["/users", "/roles", "/identity-providers"] {
        assert_eq!(portal.get(path).await.0, 404);
    }
    let body = json!({"Users": [{"Email": "ada@example.test"}]});
    assert_eq!(portal.post(&body).await.0, 404);
    assert_eq!(sent(portal.request(Method::POST, "/core/v3/invitations").json(&body)).await.0, 200);
}

#[tokio::test]
async fn catalogues_have_the_documented_fields() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let (_, roles) = portal.get("/roles").await;
    let seller = roles.as_array().expect("an array").iter().find(|role| role["name"] == "Seller Admin");
    let seller = seller.expect("a known role");
    assert!(seller["id"].is_string() && seller["weight"].is_u64());
    let (_, providers) = portal.get("/identity-providers").await;
    let own = json!({"id": "7d1b6a70-2222-4a35-8a11-000000000001", "name": "Custom User Database",
                     "prefix": "auth0", "enabled": true});
    assert_eq!(providers[0], own);
    assert_eq!(providers[2]["enabled"], false);
}

#[tokio::test]
async fn limits_and_errors_have_the_gateways_form() {
    let bench = Bench::start().await;
    let portal = Portal::open(&bench, |_| {}).await;
    let operations = vec!["appxite.*".to_owned()];
    bench.control.set_limit(&portal.tenant, Limit { operations, requests: 0, window_milliseconds: 60_000 });
    let reply = portal.request(Method::GET, "/users").send().await.expect("a reply");
    assert_eq!(reply.status(), 429);
    assert!(reply.headers().contains_key("retry-after"));
    let body: Value = reply.json().await.expect("JSON");
    assert!(text(&body, "message").starts_with("Rate limit is exceeded."));
    bench.control.clear_limits(&portal.tenant);
    let (status, body) = portal.post(&json!({"Users": []})).await;
    assert_eq!((status, &body["status"]), (400, &json!(400)));
    assert!(body["errors"]["Users"].is_array() && body["traceId"].is_string());
    for (form, kind) in [
        (AppXiteErrors::Text, Some("text/plain")),
        (AppXiteErrors::Html, Some("text/html")),
        (AppXiteErrors::Empty, None),
    ] {
        let set = |knobs: &mut AppXiteKnobs| knobs.error_bodies = form;
        bench.control.set_appxite_knobs(&portal.tenant, set).expect("a platform");
        for path in ["/users?page=0", "/nothing"] {
            let reply = portal.request(Method::GET, path).send().await.expect("a reply");
            let found = reply.headers().get("content-type").map(|value| value.to_str().expect("text"));
            assert_eq!(found, kind);
        }
    }
}

#[tokio::test]
async fn clients_without_permission_only_read() {
    let bench = Bench::start().await;
    let portal = Portal::open_as(&bench, CallerRole::Member, |_| {}).await;
    assert_eq!(portal.get("/users").await.0, 200);
    assert_eq!(portal.invite(&["ada@example.test"]).await.0, 403);
    assert!(bench.control.mails(&Filter::tenant(&portal.tenant)).is_empty());
}
