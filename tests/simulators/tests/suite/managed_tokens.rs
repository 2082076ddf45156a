//! Dynatrace Managed: tokens, and which cluster is asked. Contract 2.1.

use reqwest::Method;
use serde_json::{Value, json};
use vendor_simulators::{CallerRole, Credential, CredentialChange, Filter};

use crate::bench::Bench;

const USERS: &str = "/api/v1.0/onpremise/users";

#[tokio::test]
async fn a_wrong_or_missing_token_is_401() {
    let bench = Bench::start().await;
    let caller = bench.cluster(|_| {});
    assert_eq!(caller.call("GET", USERS, None).await.0, 200);
    let url = format!("{}{USERS}", bench.control.managed_url(&caller.tenant).expect("an address"));
    let status = async |authorization: Option<String>| {
        let mut request = bench.http.get(&url);
        if let Some(value) = authorization {
            request = request.header("authorization", value);
        }
        request.send().await.expect("a reply").status().as_u16()
    };
    assert_eq!(status(None).await, 401);
    assert_eq!(status(Some("Api-Token wrong".to_owned())).await, 401);
    assert_eq!(status(Some(format!("Bearer {}", caller.token))).await, 401);
    assert_eq!(status(Some(format!("Api-Token {}", caller.token))).await, 200);
    // The cluster is known by its address, whatever the token.
    assert_eq!(bench.control.count_operations(&Filter::tenant(&caller.tenant)), 5);
}

#[tokio::test]
async fn a_token_in_the_query_works_and_is_not_logged() {
    let bench = Bench::start().await;
    let caller = bench.cluster(|_| {});
    let url = format!("{}{USERS}", bench.control.managed_url(&caller.tenant).expect("an address"));
    for name in ["api-token", "Api-Token"] {
        let reply = bench.http.get(&url).query(&[(name, &caller.token)]).send().await.expect("a reply");
        assert_eq!(reply.status(), 200);
    }
    let log = bench.control.operations(&Filter::tenant(&caller.tenant));
    assert!(log.iter().all(|entry| entry.target.ends_with("oken=REDACTED")), "{log:?}");
}

#[tokio::test]
async fn a_token_without_the_scope_has_the_status_of_the_knob() {
    let bench = Bench::start().await;
    for status in [403, 401] {
        let caller = bench.cluster(|cluster| {
            cluster.knobs.missing_scope_status = status;
            cluster.credentials[0].role = CallerRole::Member;
        });
        assert_eq!(caller.call("GET", USERS, None).await.0, status);
        let user = json!({"id": "a", "email": "a@example.test", "firstName": "A", "lastName": "B"});
        assert_eq!(caller.call("POST", USERS, Some(user)).await.0, status);
    }
}

#[tokio::test]
async fn tokens_can_be_rotated_and_revoked() {
    let bench = Bench::start().await;
    let caller = bench.cluster(|_| {});
    let (control, tenant) = (&bench.control, caller.tenant.clone());
    let change =
        CredentialChange::Rotate { key: caller.token.clone(), new_secret: "dt0c01.NEW.x".to_owned() };
    control.change_credential(&tenant, change).expect("rotated");
    assert_eq!(caller.call("GET", USERS, None).await.0, 401);
    let caller = caller.with_token("dt0c01.NEW.x");
    assert_eq!(caller.call("GET", USERS, None).await.0, 200);
    let change = CredentialChange::Add { credential: Credential::api_token("dt0c01.MORE.x") };
    control.change_credential(&tenant, change).expect("added");
    let change = CredentialChange::Revoke { key: "dt0c01.NEW.x".to_owned() };
    control.change_credential(&tenant, change).expect("revoked");
    assert_eq!(caller.call("GET", USERS, None).await.0, 401);
    assert_eq!(caller.with_token("dt0c01.MORE.x").call("GET", USERS, None).await.0, 200);
}

#[tokio::test]
async fn clusters_are_told_apart_by_address_or_token() {
    let bench = Bench::start().await;
    let (one, other) = (bench.cluster(|_| {}), bench.cluster(|_| {}));
    let body = json!({"id": "a", "email": "a@example.test", "firstName": "A", "lastName": "B"});
    assert_eq!(one.call("POST", USERS, Some(body.clone())).await.0, 200);
    assert_eq!(other.call("GET", &format!("{USERS}/a"), None).await.0, 404);
    let (one_token, other_tenant) = (one.token.clone(), other.tenant.clone());
    // At its own address a cluster knows no token of another.
    assert_eq!(other.with_token(&one_token).call("GET", USERS, None).await.0, 401);
    assert_eq!(bench.control.count_operations(&Filter::tenant(&other_tenant)), 2);
    // At the common one the token tells the cluster.
    let one = one.at(bench.simulators.base_url_managed());
    assert_eq!(one.call("GET", &format!("{USERS}/a"), None).await.0, 200);
    assert_eq!(bench.control.count_operations(&Filter::tenant(&one.tenant)), 2);
    assert_eq!(one.with_token("unknown").call("GET", USERS, None).await.0, 401);
}

#[tokio::test]
async fn addresses_end_with_the_simulators() {
    let bench = Bench::start().await;
    let caller = bench.cluster(|_| {});
    drop(bench);
    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    assert!(caller.request(Method::GET, USERS).send().await.is_err());
}

#[tokio::test]
async fn credentials_and_passwords_are_echoed_on_demand() {
    let bench = Bench::start().await;
    let caller = bench.cluster(|_| {});
    bench.control.echo_credentials(true);
    let user = json!({"id": "a", "email": "a@example.test", "firstName": "A", "lastName": "B",
                      "passwordClearText": "Hunter-22"});
    for (path, body) in [(USERS.to_owned(), user.clone()), (format!("{USERS}/bulk"), json!([user]))] {
        let request = caller.request(Method::POST, &path).json::<Value>(&body);
        let reply = request.send().await.expect("a reply");
        assert_eq!(reply.status(), 400);
        let text = reply.text().await.expect("text");
        assert!(text.contains("Hunter-22") && text.contains(&caller.token), "{text}");
    }
}
