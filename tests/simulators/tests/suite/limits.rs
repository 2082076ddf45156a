//! Rate limits and violations. Contract A5, B4.

use std::time::Duration;

use reqwest::Method;
use vendor_simulators::{Fault, FaultRule, Filter, HpeWorkspace, Limit, RateHeaders, RetryAfter, When};

use crate::bench::{Bench, Caller};

async fn limited(bench: &Bench, headers: RateHeaders, retry_after: bool) -> Caller {
    let mut workspace = HpeWorkspace::default();
    workspace.knobs.rate_headers = headers;
    workspace.knobs.retry_after = retry_after;
    let caller = bench.workspace(workspace).await;
    let operations = vec!["hpe.list_users".to_owned(), "hpe.find_user".to_owned()];
    bench.control.set_limit(&caller.tenant, Limit { operations, requests: 2, window_milliseconds: 400 });
    caller
}

#[tokio::test]
async fn window_limits_and_headers_tell() {
    let bench = Bench::start().await;
    for (spelling, prefix) in [(RateHeaders::General, "ratelimit"), (RateHeaders::XPrefixed, "x-ratelimit")] {
        let caller = limited(&bench, spelling, true).await;
        for (status, remaining) in [(200, "1"), (200, "0"), (429, "0")] {
            let reply = caller.request(Method::GET, "/identity/v1/users").send().await.expect("a reply");
            assert_eq!(reply.status(), status);
            let header = |name: &str| reply.headers().get(name).map(|value| value.to_str().expect("text"));
            assert_eq!(header(&format!("{prefix}-limit")), Some("2"));
            assert_eq!(header(&format!("{prefix}-remaining")), Some(remaining));
            assert_eq!(header(&format!("{prefix}-reset")), Some("1"));
            assert_eq!(header("retry-after"), (status == 429).then_some("1"));
        }
        // Another operation is not limited, but comes before its time for the tenant.
        assert_eq!(caller.call("GET", "/identity/v1/users/x", None).await.0, 422);
        let violations = bench.control.violations(&Filter::tenant(&caller.tenant));
        assert_eq!(violations.len(), 1);
        assert_eq!(violations[0].operation, "hpe.read_user");
        assert_eq!(violations[0].refused_operation, "hpe.list_users");
        tokio::time::sleep(Duration::from_millis(420)).await;
        assert_eq!(caller.call("GET", "/identity/v1/users", None).await.0, 200);
        assert_eq!(bench.control.violations(&Filter::tenant(&caller.tenant)).len(), 1);
    }
}

#[tokio::test]
async fn silent_limit_asks_for_no_wait() {
    let bench = Bench::start().await;
    let caller = limited(&bench, RateHeaders::None, false).await;
    for _ in 0..4 {
        let reply = caller.request(Method::GET, "/identity/v1/users").send().await.expect("a reply");
        assert!(reply.headers().get("retry-after").is_none());
    }
    assert!(bench.control.violations(&Filter::default()).is_empty());
    bench.control.clear_limits(&caller.tenant);
    assert_eq!(caller.call("GET", "/identity/v1/users", None).await.0, 200);
}

#[tokio::test]
async fn contract_limit_of_the_list_is_there() {
    let bench = Bench::start().await;
    let caller = bench.workspace(HpeWorkspace::default()).await;
    let reply = caller.request(Method::GET, "/identity/v1/users").send().await.expect("a reply");
    assert_eq!(reply.headers()["ratelimit-limit"], "300");
}

#[tokio::test]
async fn injected_429_has_the_header_asked_for() {
    let bench = Bench::start().await;
    let caller = bench.org(|_| {}).await;
    let path = caller.org_path("/invitations");
    for (retry_after, value, violations) in [
        (RetryAfter::Absent, None, 0),
        (RetryAfter::Seconds(0), Some("0"), 0),
        (RetryAfter::Seconds(-5), Some("-5"), 0),
        (RetryAfter::Raw("soon".to_owned()), Some("soon"), 0),
        (RetryAfter::Seconds(99_999_999_999), Some("99999999999"), 1),
    ] {
        let fault = Fault::TooManyRequests { retry_after, rate_headers: RateHeaders::General };
        bench.control.add_fault(FaultRule::on("vmware.list_invitations", fault).when(When::Nth(1)));
        let reply = caller.request(Method::GET, &path).send().await.expect("a reply");
        assert_eq!(reply.status(), 429);
        assert_eq!(reply.headers().get("retry-after").map(|v| v.to_str().expect("text")), value);
        assert_eq!(reply.headers()["ratelimit-remaining"], "0");
        assert_eq!(caller.call("GET", &path, None).await.0, 200);
        assert_eq!(bench.control.violations(&Filter::default()).len(), violations, "{value:?}");
        bench.control.clear_faults();
    }
    let fault =
        Fault::TooManyRequests { retry_after: RetryAfter::HttpDate(2), rate_headers: RateHeaders::None };
    bench.control.add_fault(FaultRule::on("vmware.list_invitations", fault));
    let reply = caller.request(Method::GET, &path).send().await.expect("a reply");
    assert!(reply.headers()["retry-after"].to_str().expect("text").ends_with(" GMT"));
}
