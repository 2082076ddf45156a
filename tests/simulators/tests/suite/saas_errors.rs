//! Dynatrace SaaS: the shapes of errors, limits, the control API over HTTP. Contract 3.6.

use reqwest::Method;
use serde_json::{Value, json};
use vendor_simulators::{
    DynatraceSaasAccount, DynatraceSaasKnobs, Fault, FaultRule, Filter, Limit, RateHeaders, SaasErrorForm,
};

use crate::bench::{Bench, Caller};

async fn account(bench: &Bench, change: impl FnOnce(&mut DynatraceSaasKnobs)) -> Caller {
    let mut account = DynatraceSaasAccount::default();
    change(&mut account.knobs);
    bench.account(account).await
}

#[tokio::test]
async fn errors_have_the_shape_of_the_knob() {
    let bench = Bench::start().await;
    let said = "User ada@example.test not found";
    for (form, body) in [
        (SaasErrorForm::Flag, json!({"error": true, "payload": null, "message": said})),
        (SaasErrorForm::Object, json!({"error": {"code": 404, "message": said, "errorsMap": null}})),
        (SaasErrorForm::Flat, json!({"code": 404, "message": said, "errorsMap": null})),
        (SaasErrorForm::Gateway, json!({"message": said, "statusCode": 404})),
        (SaasErrorForm::Empty, Value::Null),
    ] {
        let caller = account(&bench, |knobs| knobs.error_form = form).await;
        let path = caller.account_path("/users/ada@example.test");
        assert_eq!(caller.call("GET", &path, None).await, (404, body), "{form:?}");
    }
}

#[tokio::test]
async fn bad_tokens_get_the_documented_messages() {
    let bench = Bench::start().await;
    let caller = account(&bench, |_| {}).await;
    let path = caller.account_path("/users");
    let url = format!("{}{path}", bench.simulators.base_url_saas());
    for request in [bench.http.get(&url), bench.http.get(&url).basic_auth("a", Some("b"))] {
        let reply = request.send().await.expect("a reply");
        assert_eq!(reply.status(), 401);
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body["message"], "Incorrect Authorization header in request - expected `Bearer`!");
    }
    let caller = caller.with_token("nonsense");
    let (status, body) = caller.call("GET", &path, None).await;
    assert_eq!((status, &body["message"]), (401, &json!("Failed to validate access token.")));
}

#[tokio::test]
async fn unknown_paths_are_not_found() {
    let bench = Bench::start().await;
    let caller = account(&bench, |_| {}).await;
    for path in ["/iam/v2/accounts".to_owned(), caller.account_path("/users/a@b.test/resend")] {
        assert_eq!(caller.call("POST", &path, Some(json!({}))).await.0, 404);
    }
    assert_eq!(bench.control.count_operations(&Filter::default().operation("saas.unknown")), 2);
}

#[tokio::test]
async fn throttled_calls_say_when_to_come_back_or_not() {
    let bench = Bench::start().await;
    for retry_after in [true, false] {
        let caller = account(&bench, |knobs| {
            knobs.retry_after = retry_after;
            knobs.rate_headers = RateHeaders::None;
        })
        .await;
        let operations = vec!["saas.*".to_owned()];
        bench
            .control
            .set_limit(&caller.tenant, Limit { operations, requests: 0, window_milliseconds: 60_000 });
        let reply =
            caller.request(Method::GET, &caller.account_path("/users")).send().await.expect("a reply");
        assert_eq!(
            (reply.status().as_u16(), reply.headers().contains_key("retry-after")),
            (429, retry_after)
        );
        let body: Value = reply.json().await.expect("JSON");
        assert_eq!(body, json!({"message": "Too Many Requests", "statusCode": 429}));
    }
}

#[tokio::test]
async fn lost_requests_change_nothing() {
    let bench = Bench::start().await;
    let caller = account(&bench, |_| {}).await;
    bench.control.add_fault(FaultRule::on("saas.invite", Fault::Lose));
    let body = Some(json!({"email": "ada@example.test"}));
    assert_eq!(caller.call("POST", &caller.account_path("/users"), body).await.0, 201);
    assert_eq!(bench.control.person(&caller.tenant, "ada@example.test").expect("a tenant"), None);
    assert!(bench.mails(&caller).is_empty());
    bench.control.clear_faults();
    bench.control.add_fault(FaultRule::on(
        "saas.list_users",
        Fault::Status { status: 503, commit: false, body: vendor_simulators::ErrorBody::Vendor },
    ));
    let (status, body) = caller.call("GET", &caller.account_path("/users"), None).await;
    assert_eq!((status, &body["statusCode"]), (503, &json!(503)));
}

#[tokio::test]
async fn accounts_are_made_and_steered_over_http() {
    let bench = Bench::start().await;
    let control = bench.simulators.control_url().expect("an address");
    let send = async |method: &str, path: &str, body: Value| {
        let method = method.parse().expect("a method");
        let request = bench.http.request(method, format!("{control}{path}")).json(&body);
        let reply = request.send().await.expect("a reply");
        (reply.status().as_u16(), reply.json().await.unwrap_or(Value::Null))
    };
    let account = json!({"id": "a-1", "credentials": [{"clientId": "c", "clientSecret": "s"}],
                         "groups": [{"name": "viewers", "owner": "SAML"}], "knobs": {"existsStatus": 409}});
    assert_eq!(send("POST", "/tenants/saas", account.clone()).await.0, 200);
    assert_eq!(send("POST", "/tenants/saas", account).await.0, 409);
    let (_, knobs) = send("PATCH", "/tenants/saas/a-1/knobs", json!({"emailCase": "sensitive"})).await;
    assert_eq!((&knobs["existsStatus"], &knobs["emailCase"]), (&json!(409), &json!("sensitive")));
    let path = "/tenants/saas/a-1/people/ada@example.test";
    let added = json!({"action": "addMember", "roles": ["viewers"]});
    let (status, person) = send("POST", path, added).await;
    assert_eq!((status, &person["roles"]), (200, &json!(["viewers"])));
    let unknown = json!({"action": "addMember", "roles": ["nothing"]});
    assert_eq!(send("POST", path, unknown).await.0, 409);
    assert_eq!(send("POST", path, json!({"action": "suspend"})).await.1["standing"], "blocked");
    assert_eq!(send("POST", path, json!({"action": "remove"})).await, (200, Value::Null));
    let (_, addresses) = send("GET", "/addresses", Value::Null).await;
    assert_eq!(addresses["saas"], bench.simulators.addresses().saas.to_string());
}
