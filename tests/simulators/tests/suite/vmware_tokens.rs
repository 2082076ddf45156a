//! VMware: credentials, tokens and rights. Contract B2, B4.

use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use vendor_simulators::{
    CallerRole, Credential, CredentialChange, Platform, TokenField, TokenHeader, VmwareKnobs, VmwareOrg,
};

use crate::bench::{Bench, text, unique};

const AUTHORIZE: &str = "/csp/gateway/am/api/auth/api-tokens/authorize";

async fn form(bench: &Bench, path: &str, fields: &[(&str, &str)]) -> (u16, Value) {
    let url = format!("{}{path}", bench.simulators.base_url_vmware());
    let reply = bench.http.post(url).form(fields).send().await.expect("a reply");
    (reply.status().as_u16(), reply.json().await.expect("JSON"))
}

fn org(change: impl FnOnce(&mut VmwareKnobs)) -> (VmwareOrg, String) {
    let token = format!("api-token-{}-abcde", unique());
    let mut org = VmwareOrg::with(Credential::api_token(&token));
    change(&mut org.knobs);
    (org, token)
}

#[tokio::test]
async fn api_token_gives_the_documented_response() {
    let bench = Bench::start().await;
    let (new, token) = org(|knobs| knobs.platform = Platform::Tcsp);
    let tenant = bench.control.create_vmware_org(new).expect("an organization");
    for field in ["api_token", "refresh_token"] {
        let (status, body) = form(&bench, AUTHORIZE, &[(field, &token)]).await;
        assert_eq!(status, 200);
        assert_eq!(body["token_type"], "bearer");
        assert_eq!(body["expires_in"], 1799);
        assert_eq!(body["id_token"], Value::Null);
        assert_eq!(body["refresh_token"], *token);
        assert!(body.get("issued_token_type").is_some());
        let jwt = text(&body, "access_token");
        let claims = BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1).expect("claims")).expect("base64");
        let claims: Value = serde_json::from_slice(&claims).expect("JSON");
        assert_eq!(claims["context_name"], tenant.id);
        assert_eq!(claims["username"], "owner@example.com");
        assert_eq!(claims["domain"], "example.com");
        assert_eq!(claims["perms"], json!(["csp:org_owner"]));
        assert!(claims["exp"].is_u64() && claims["azp"].is_string());
    }
    let (status, body) = form(&bench, AUTHORIZE, &[("api_token", "wrong-token-abcde")]).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "invalid_grant: Invalid refresh token: xxxxx-abcde");
    // B2.1: in the query it does not work.
    assert_eq!(form(&bench, &format!("{AUTHORIZE}?refresh_token={token}"), &[]).await.0, 400);
    let logged = bench.control.operations(&vendor_simulators::Filter::default());
    assert!(!serde_json::to_string(&logged).expect("JSON").contains(&token));
    // B2.3
    let url = format!("{}/csp/gateway/am/api/auth/api-tokens/details", bench.simulators.base_url_vmware());
    let reply = bench.http.post(url).json(&json!({"tokenValue": token})).send().await.expect("a reply");
    let details: Value = reply.json().await.expect("JSON");
    assert!(["createdAt", "lastUsedAt", "expiresAt"].iter().all(|name| details[*name].is_u64()));
}

#[tokio::test]
async fn token_field_passcode_and_form_follow_the_knobs() {
    let bench = Bench::start().await;
    for (mode, statuses) in [
        (TokenField::Both, [200, 200]),
        (TokenField::ApiToken, [200, 400]),
        (TokenField::RefreshToken, [400, 200]),
    ] {
        let (new, token) = org(|knobs| knobs.token_field = mode);
        bench.control.create_vmware_org(new).expect("an organization");
        for (field, status) in ["api_token", "refresh_token"].into_iter().zip(statuses) {
            assert_eq!(form(&bench, AUTHORIZE, &[(field, &token)]).await.0, status);
        }
    }
    let (new, token) = org(|knobs| {
        knobs.mfa_passcode = Some("123456".to_owned());
        knobs.opaque_tokens = true;
    });
    bench.control.create_vmware_org(new).expect("an organization");
    assert_eq!(form(&bench, AUTHORIZE, &[("api_token", &token)]).await.0, 400);
    let (status, body) = form(&bench, AUTHORIZE, &[("api_token", &token), ("passcode", "123456")]).await;
    assert_eq!(status, 200);
    assert!(!text(&body, "access_token").contains('.'));
}

#[tokio::test]
async fn oauth_app_uses_basic() {
    let bench = Bench::start().await;
    let client = format!("app-{}", unique());
    let mut new = VmwareOrg::with(Credential::client(&client, "app-secret"));
    new.knobs.bad_client_status = 400;
    let tenant = bench.control.create_vmware_org(new).expect("an organization");
    for path in ["/csp/gateway/am/api/auth/token", "/csp/gateway/am/api/auth/authorize"] {
        let url = format!("{}{path}", bench.simulators.base_url_vmware());
        for (secret, grant, org, status) in [
            ("app-secret", "client_credentials", tenant.id.as_str(), 200),
            ("app-secret", "client_credentials", "another", 403),
            ("app-secret", "password", tenant.id.as_str(), 400),
            ("wrong", "client_credentials", tenant.id.as_str(), 400),
        ] {
            let request = bench.http.post(&url).basic_auth(&client, Some(secret));
            let reply = request.form(&[("grant_type", grant), ("orgId", org)]).send().await.expect("a reply");
            assert_eq!(reply.status(), status, "{secret} {grant} {org}");
        }
    }
}

#[tokio::test]
async fn both_headers_work_and_tokens_expire() {
    let bench = Bench::start().await;
    for (mode, bearer, own) in [
        (TokenHeader::Both, 200, 200),
        (TokenHeader::Bearer, 200, 401),
        (TokenHeader::CspAuthToken, 401, 200),
    ] {
        let caller = bench.org(|knobs| knobs.token_header = mode).await;
        let path = caller.org_path("/invitations");
        assert_eq!(caller.call("GET", &path, None).await.0, bearer);
        let url = format!("{}{path}", bench.simulators.base_url_vmware());
        let reply =
            bench.http.get(url).header("csp-auth-token", &caller.token).send().await.expect("a reply");
        assert_eq!(reply.status(), own);
    }
    let caller = bench.org(|_| {}).await;
    bench.control.advance_clock(1_799_000);
    assert_eq!(caller.call("GET", &caller.org_path("/invitations"), None).await.0, 401);
}

#[tokio::test]
async fn tokens_isolate_organizations() {
    let bench = Bench::start().await;
    let (one, two) = (bench.org(|_| {}).await, bench.org(|_| {}).await);
    assert_eq!(one.call("GET", &two.org_path("/invitations"), None).await.0, 403);
    let nowhere = "/csp/gateway/am/api/orgs/00000000-0000-4000-a000-000000000000/invitations";
    let (status, body) = one.call("GET", nowhere, None).await;
    assert_eq!((status, &body["message"]), (404, &json!("Organization with this identifier is not found.")));
    let stranger = one.with_token("forged");
    assert_eq!(stranger.call("GET", &two.org_path("/invitations"), None).await.0, 401);
}

#[tokio::test]
async fn errors_have_the_documented_fields() {
    let bench = Bench::start().await;
    for live in [true, false] {
        let caller = bench.org(|knobs| knobs.live_error_fields = live).await;
        let (_, body) = caller.call("POST", &caller.org_path("/invitations"), Some(json!({}))).await;
        for name in ["cspErrorCode", "message", "requestId"] {
            assert!(body[name].is_string(), "{name}");
        }
        assert!(body["moduleCode"].is_u64());
        assert_eq!(body["statusCode"], 400);
        assert_eq!(body.get("metadata").is_some() && body.get("traceId").is_some(), live);
    }
}

#[tokio::test]
async fn rights_follow_the_role_of_the_caller() {
    let bench = Bench::start().await;
    let token = format!("t-{}", unique());
    let member = VmwareOrg::with(Credential::api_token(&token).with_role(CallerRole::Member));
    let member = bench.vmware(member).await;
    assert_eq!(member.invite(&["ada@example.com"]).await, 403);
    assert_eq!(member.call("GET", &member.org_path("/invitations"), None).await.0, 403);
    // B3: any member may list users, and sees no roles.
    assert_eq!(member.users().await[0]["organizationRoles"], json!([]));

    let token = format!("t-{}", unique());
    let admin = VmwareOrg::with(Credential::api_token(&token).with_role(CallerRole::Admin));
    let admin = bench.vmware(admin).await;
    let owner = json!({"usernames": ["ada@example.com"], "organizationRoles": [{"name": "org_owner"}]});
    assert_eq!(admin.call("POST", &admin.org_path("/invitations"), Some(owner)).await.0, 403);
    assert_eq!(admin.invite(&["ada@example.com"]).await, 202);
    let (status, body) = admin.call("GET", "/csp/gateway/am/api/v2/loggedin/user/orgs", None).await;
    assert_eq!((status, &body["results"][0]["id"]), (200, &json!(admin.tenant.id)));
}

#[tokio::test]
async fn credentials_rotate_and_die() {
    let bench = Bench::start().await;
    let (new, token) = org(|_| {});
    let caller = bench.vmware(new).await;
    let new_secret = format!("rotated-{}", unique());
    let rotate = CredentialChange::Rotate { key: token.clone(), new_secret: new_secret.clone() };
    bench.control.change_credential(&caller.tenant, rotate).expect("rotated");
    assert_eq!(form(&bench, AUTHORIZE, &[("api_token", &token)]).await.0, 400);
    assert_eq!(form(&bench, AUTHORIZE, &[("api_token", &new_secret)]).await.0, 200);
    // Access tokens live on until dropped.
    assert_eq!(caller.call("GET", &caller.org_path("/invitations"), None).await.0, 200);
    assert_eq!(bench.control.drop_tokens(&caller.tenant), 2);
    assert_eq!(caller.call("GET", &caller.org_path("/invitations"), None).await.0, 401);
    let revoke = CredentialChange::Revoke { key: new_secret.clone() };
    bench.control.change_credential(&caller.tenant, revoke).expect("revoked");
    assert_eq!(form(&bench, AUTHORIZE, &[("api_token", &new_secret)]).await.0, 400);
}
