//! Dynatrace Managed: errors, directories, limits. Contract 2.4, 2.8, 2.9.

use reqwest::Method;
use serde_json::{Value, json};
use vendor_simulators::{
    Directory, ErrorStyle, Fault, FaultRule, Filter, Limit, NotFoundBody, RateHeaders, RetryAfter, When,
};

use crate::bench::Bench;

const USERS: &str = "/api/v1.0/onpremise/users";

fn user(id: &str) -> Value {
    json!({"id": id, "email": format!("{id}@example.test"), "firstName": "A", "lastName": "B", "groups": []})
}

#[tokio::test]
async fn errors_have_the_body_of_the_knob() {
    let bench = Bench::start().await;
    for style in [ErrorStyle::Envelope, ErrorStyle::Array, ErrorStyle::Empty, ErrorStyle::Text] {
        let caller = bench.cluster(|cluster| cluster.knobs.error_style = style);
        let reply = caller.request(Method::POST, USERS).json(&user("")).send().await.expect("a reply");
        assert_eq!(reply.status(), 400);
        let text = reply.text().await.expect("text");
        let json: Option<Value> = serde_json::from_str(&text).ok();
        let code = match style {
            ErrorStyle::Envelope => json.map(|body| body["error"]["code"].clone()),
            ErrorStyle::Array => json.map(|body| body[0]["error"]["code"].clone()),
            ErrorStyle::Empty => text.is_empty().then(|| json!(400)),
            ErrorStyle::Text => text.contains("required").then(|| json!(400)),
        };
        assert_eq!(code, Some(json!(400)), "{style:?}: {text}");
    }
}

#[tokio::test]
async fn not_found_has_the_body_of_the_knob() {
    let bench = Bench::start().await;
    for (body, start) in
        [(NotFoundBody::Empty, ""), (NotFoundBody::Html, "<html>"), (NotFoundBody::AsOthers, "{\"error\"")]
    {
        let caller = bench.cluster(|cluster| cluster.knobs.not_found_body = body);
        let reply = caller.request(Method::GET, &format!("{USERS}/none")).send().await.expect("a reply");
        assert_eq!(reply.status(), 404);
        let text = reply.text().await.expect("text");
        assert!(text.starts_with(start) && text.is_empty() == start.is_empty(), "{body:?}: {text}");
    }
}

#[tokio::test]
async fn a_directory_stands_against_all_writes() {
    let bench = Bench::start().await;
    for directory in [Directory::Ldap, Directory::SsoWithGroups] {
        for removals in [true, false] {
            let caller = bench.cluster(|cluster| {
                cluster.knobs.directory = directory;
                cluster.knobs.directory_refuses_removals = removals;
            });
            bench.control.add_member(&caller.tenant, "m@example.test", &[]).expect("added");
            assert_eq!(caller.call("GET", USERS, None).await.0, 200);
            assert_eq!(caller.call("GET", "/api/v1.0/onpremise/groups", None).await.0, 200);
            assert_eq!(caller.call("POST", USERS, Some(user("a"))).await.0, 403);
            assert_eq!(caller.call("POST", &format!("{USERS}/bulk"), Some(json!([user("a")]))).await.0, 403);
            assert_eq!(caller.call("PUT", USERS, Some(user("m@example.test"))).await.0, 403);
            let status = caller.call("DELETE", &format!("{USERS}/m@example.test"), None).await.0;
            assert_eq!(status, if removals { 403 } else { 200 });
            assert!(bench.control.creations(&Filter::tenant(&caller.tenant)).is_empty());
        }
    }
}

#[tokio::test]
async fn only_json_can_be_asked_for() {
    let bench = Bench::start().await;
    let caller = bench.cluster(|_| {});
    for (accept, status) in [("application/json", 200), ("*/*", 200), ("text/html", 406)] {
        let reply =
            caller.request(Method::GET, USERS).header("accept", accept).send().await.expect("a reply");
        assert_eq!(reply.status(), status, "{accept}");
    }
}

#[tokio::test]
async fn limits_tell_the_reset_as_a_time() {
    let bench = Bench::start().await;
    for (headers, unit) in [
        (RateHeaders::Microseconds, 1_000),
        (RateHeaders::Milliseconds, 1),
        (RateHeaders::EpochSeconds, 0),
        (RateHeaders::XPrefixed, 0),
    ] {
        let caller = bench.cluster(|cluster| cluster.knobs.rate_headers = headers);
        let operations = vec!["managed.*".to_owned()];
        bench
            .control
            .set_limit(&caller.tenant, Limit { operations, requests: 1, window_milliseconds: 60_000 });
        for (status, remaining) in [(200, "0"), (429, "0")] {
            let now = bench.control.real_time();
            let reply = caller.request(Method::GET, USERS).send().await.expect("a reply");
            assert_eq!(reply.status(), status);
            let header = |name: &str| reply.headers()[name].to_str().expect("text").to_owned();
            assert_eq!(
                (header("x-ratelimit-limit").as_str(), header("x-ratelimit-remaining").as_str()),
                ("1", remaining)
            );
            let reset: u64 = header("x-ratelimit-reset").parse().expect("a number");
            let wait = match (headers, unit) {
                (RateHeaders::XPrefixed, _) => reset * 1000,
                (_, 0) => reset * 1000 - now,
                (_, unit) => reset / unit - now,
            };
            assert!((50_000..=61_000).contains(&wait), "{headers:?}: {wait}");
        }
    }
}

#[tokio::test]
async fn injected_errors_look_like_the_clusters_own() {
    let bench = Bench::start().await;
    let caller = bench.cluster(|cluster| cluster.knobs.error_style = ErrorStyle::Array);
    let refuse = Fault::TooManyRequests {
        retry_after: RetryAfter::Seconds(3),
        rate_headers: RateHeaders::Microseconds,
    };
    let rule = FaultRule::on("managed.list_users", refuse).tenant(&caller.tenant).when(When::Nth(1));
    bench.control.add_fault(rule);
    let reply = caller.request(Method::GET, USERS).send().await.expect("a reply");
    assert_eq!(
        (reply.status().as_u16(), &reply.headers()["retry-after"]),
        (429, &"3".parse().expect("text"))
    );
    assert!(reply.headers()["x-ratelimit-reset"].len() >= 16);
    assert_eq!(reply.json::<Value>().await.expect("JSON")[0]["error"]["code"], 429);
    bench.control.add_fault(
        FaultRule::on("managed.create_user", Fault::Lose).tenant(&caller.tenant).email("a@example.test"),
    );
    assert_eq!(caller.call("POST", USERS, Some(user("a"))).await.0, 200);
    assert_eq!(caller.call("GET", &format!("{USERS}/a"), None).await.0, 404);
    assert!(bench.control.creations(&Filter::tenant(&caller.tenant)).is_empty());
    assert_eq!(caller.call("POST", USERS, Some(user("b"))).await.0, 200);
    assert_eq!(bench.control.creations(&Filter::tenant(&caller.tenant)).len(), 1);
}
