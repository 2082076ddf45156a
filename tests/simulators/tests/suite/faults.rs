//! Fault switches: what the client sees, and what the vendor did.

use std::time::{Duration, Instant};

use reqwest::Method;
use serde_json::json;
use vendor_simulators::{
    BodyFault, Drop, Ending, ErrorBody, Fault, FaultRule, Filter, HpeWorkspace, VmwareKnobs, When,
};

use crate::bench::{Bench, Caller};

/// Sets a fault for the next call of an operation.
fn once(bench: &Bench, operation: &str, fault: Fault) {
    bench.control.clear_faults();
    bench.control.add_fault(FaultRule::on(operation, fault).when(When::Nth(1)));
}

fn plain(_: &mut VmwareKnobs) {}

async fn try_invite(caller: &Caller, email: &str) -> Result<u16, reqwest::Error> {
    let request =
        caller.request(Method::POST, &caller.org_path("/invitations")).timeout(Duration::from_millis(300));
    Ok(request.json(&json!({"usernames": [email]})).send().await?.status().as_u16())
}

#[tokio::test]
async fn dropped_connections_give_no_response() {
    let bench = Bench::start().await;
    let caller = bench.org(plain).await;
    for how in [Drop::Reset, Drop::Close] {
        for (fault, mails) in [(Fault::DropBefore { how }, 0), (Fault::DropAfter { how }, 1)] {
            once(&bench, "vmware.invite", fault);
            let email = format!("a{}@example.com", crate::bench::unique());
            let started = Instant::now();
            let error = try_invite(&caller, &email).await.expect_err("no response");
            assert!(!error.is_timeout() && started.elapsed() < Duration::from_millis(250), "{error:?}");
            assert_eq!(bench.control.mails(&Filter::tenant(&caller.tenant).email(&email)).len(), mails);
            let log = bench.control.operations(&Filter::tenant(&caller.tenant).email(&email));
            assert_eq!((log.len(), log[0].ending, log[0].status), (1, Ending::Dropped, None));
            assert_eq!((log[0].faulted, log[0].performed), (true, mails == 1));
            // The next connection works.
            assert_eq!(try_invite(&caller, "b@example.com").await.expect("a reply"), 202);
        }
    }
}

#[tokio::test]
async fn a_reset_is_a_reset() {
    let bench = Bench::start().await;
    let caller = bench.org(plain).await;
    once(&bench, "vmware.invite", Fault::DropBefore { how: Drop::Reset });
    let error = try_invite(&caller, "a@example.com").await.expect_err("no response");
    assert!(format!("{error:?}").contains("ConnectionReset"), "{error:?}");
}

#[tokio::test]
async fn delays_outlast_the_client_and_the_effect_happens() {
    let bench = Bench::start().await;
    let caller = bench.org(plain).await;
    for (fault, at_once) in
        [(Fault::DelayBefore { milliseconds: 400 }, 0), (Fault::DelayAfter { milliseconds: 400 }, 1)]
    {
        once(&bench, "vmware.invite", fault);
        let email = format!("a{}@example.com", crate::bench::unique());
        let filter = Filter::tenant(&caller.tenant).email(&email);
        assert!(try_invite(&caller, &email).await.expect_err("no response").is_timeout());
        assert_eq!(bench.control.mails(&filter).len(), at_once);
        tokio::time::sleep(Duration::from_millis(250)).await;
        assert_eq!(bench.control.mails(&filter).len(), 1);
        assert_eq!(bench.control.operations(&filter)[0].status, Some(202));
    }
}

#[tokio::test]
async fn statuses_come_before_or_after_the_effect() {
    let bench = Bench::start().await;
    let caller = bench.org(plain).await;
    for status in [400, 401, 403, 404, 409, 500, 502, 503, 504] {
        for commit in [false, true] {
            once(&bench, "vmware.invite", Fault::Status { status, commit, body: ErrorBody::Vendor });
            let email = format!("a{}@example.com", crate::bench::unique());
            assert_eq!(try_invite(&caller, &email).await.expect("a reply"), status);
            assert_eq!(bench.control.mails(&Filter::default().email(&email)).len(), usize::from(commit));
        }
    }
    let path = caller.org_path("/invitations");
    for (body, content, text) in [
        (ErrorBody::Vendor, Some("application/json"), "cspErrorCode"),
        (ErrorBody::Html, Some("text/html"), "<html>"),
        (ErrorBody::Empty, None, ""),
        (ErrorBody::Json("[1]".to_owned()), Some("application/json"), "[1]"),
    ] {
        once(&bench, "vmware.*", Fault::Status { status: 503, commit: false, body });
        let reply = caller.request(Method::GET, &path).send().await.expect("a reply");
        assert_eq!(reply.headers().get("content-type").map(|v| v.to_str().expect("text")), content);
        assert!(reply.text().await.expect("text").contains(text));
    }
}

#[tokio::test]
async fn bodies_are_spoiled() {
    let bench = Bench::start().await;
    let caller = bench.workspace(HpeWorkspace::default()).await;
    let get = async |spoil: BodyFault| {
        once(&bench, "hpe.list_users", Fault::Body { spoil, status: None });
        caller.request(Method::GET, "/identity/v1/users").send().await.expect("headers")
    };
    assert!(get(BodyFault::Html).await.text().await.expect("text").starts_with("<html>"));
    assert!(get(BodyFault::Empty).await.bytes().await.expect("bytes").is_empty());
    assert!(get(BodyFault::Truncated).await.bytes().await.is_err());
    let cut = get(BodyFault::Cut).await.bytes().await.expect("bytes");
    assert!(cut.starts_with(b"{") && serde_json::from_slice::<serde_json::Value>(&cut).is_err());
    let mut huge = get(BodyFault::Huge(1 << 40)).await;
    let mut received = 0;
    while received < 1 << 20 {
        received += huge.chunk().await.expect("a chunk").expect("more").len();
    }
    let small = get(BodyFault::Huge(100_000)).await.bytes().await.expect("bytes");
    assert_eq!(small.len(), 100_000);
    assert!(
        String::from_utf8(get(BodyFault::InvalidUtf8).await.bytes().await.expect("bytes").to_vec()).is_err()
    );
    assert_eq!(get(BodyFault::WrongContentType).await.headers()["content-type"], "text/plain");
    let slow = get(BodyFault::SlowLoris(20)).await.bytes();
    assert!(tokio::time::timeout(Duration::from_millis(200), slow).await.is_err());
    assert_eq!(get(BodyFault::DeepJson(5)).await.text().await.expect("text"), "[[[[[]]]]]");
    assert!(get(BodyFault::ManyHeaders(80)).await.headers().len() > 80);
    assert_eq!(get(BodyFault::Json("{}".to_owned())).await.text().await.expect("text"), "{}");
    once(&bench, "hpe.list_users", Fault::Body { spoil: BodyFault::Html, status: Some(503) });
    assert_eq!(caller.call("GET", "/identity/v1/users", None).await.0, 503);
}

#[tokio::test]
async fn redirects_point_where_told() {
    let bench = Bench::start().await;
    let caller = bench.workspace(HpeWorkspace::default()).await;
    for status in [301, 302, 307, 308] {
        for (location, wanted) in
            [(None, "/moved/identity/v1/users"), (Some("http://169.254.169.254/"), "http://169.254.169.254/")]
        {
            let location = location.map(str::to_owned);
            once(&bench, "hpe.list_users", Fault::Redirect { status, location });
            let reply = caller.request(Method::GET, "/identity/v1/users").send().await.expect("a reply");
            assert_eq!(
                (reply.status().as_u16(), &reply.headers()["location"]),
                (status, &wanted.parse().expect("a value"))
            );
        }
    }
}

#[tokio::test]
async fn lost_and_doubled_requests() {
    let bench = Bench::start().await;
    let vmware = bench.org(plain).await;
    let hpe = bench.workspace(HpeWorkspace::default()).await;
    bench.control.add_fault(FaultRule::everywhere(Fault::Lose));
    assert_eq!(vmware.invite(&["a@example.com"]).await, 202);
    assert_eq!(hpe.call("POST", "/identity/v1/users", Some(json!({"email": "a@example.com"}))).await.0, 201);
    bench.control.clear_faults();
    assert!(bench.control.creations(&Filter::default()).is_empty());
    assert!(vmware.invitations().await.is_empty());
    assert_eq!(bench.control.people(&hpe.tenant).expect("people").len(), 1);
    bench.control.add_fault(FaultRule::everywhere(Fault::Duplicate));
    assert_eq!(vmware.invite(&["a@example.com"]).await, 202);
    assert_eq!(bench.mails(&vmware).len(), 2);
    // The vendor's second look finds the first.
    assert_eq!(hpe.call("POST", "/identity/v1/users", Some(json!({"email": "a@example.com"}))).await.0, 409);
    assert_eq!(bench.mails(&hpe).len(), 1);
}

#[tokio::test]
async fn rules_choose_their_requests() {
    let bench = Bench::start().await;
    let (one, two) = (bench.org(plain).await, bench.org(plain).await);
    let refuse = || Fault::Status { status: 503, commit: false, body: ErrorBody::Vendor };
    let statuses = async |rule: FaultRule| {
        bench.control.clear_faults();
        bench.control.add_fault(rule);
        let mut statuses = Vec::new();
        for at in 0..4 {
            statuses.push(one.invite(&[&format!("r{at}@example.com")]).await == 202);
        }
        statuses
    };
    let rule = || FaultRule::on("vmware.invite", refuse());
    assert_eq!(statuses(rule().when(When::Nth(2))).await, [true, false, true, true]);
    assert_eq!(statuses(rule().when(When::Every(2))).await, [true, false, true, false]);
    assert_eq!(statuses(rule().when(When::Next(2))).await, [false, false, true, true]);
    assert_eq!(statuses(rule().when(When::From(3))).await, [true, true, false, false]);
    assert_eq!(statuses(rule().email("R1@example.com")).await, [true, false, true, true]);
    assert_eq!(statuses(rule().tenant(&two.tenant)).await, [true; 4]);
    assert_eq!(two.invite(&["a@example.com"]).await, 503);
    let active = bench.control.faults();
    assert_eq!((active[0].seen, active[0].fired), (1, 1));
    assert!(bench.control.remove_fault(active[0].id) && !bench.control.remove_fault(active[0].id));
}

#[tokio::test]
async fn credentials_are_echoed_on_request_and_never_logged() {
    let bench = Bench::start().await;
    let caller = bench.org(plain).await;
    bench.control.echo_credentials(true);
    let reply = caller.request(Method::GET, "/csp/gateway/am/api/nothing").send().await.expect("a reply");
    let header = reply.headers()["x-echo"].to_str().expect("text").to_owned();
    assert!(header.contains(&caller.token));
    assert!(reply.text().await.expect("text").contains(&caller.token));
    once(&bench, "vmware.*", Fault::Redirect { status: 302, location: None });
    let reply = caller.request(Method::GET, &caller.org_path("/invitations")).send().await.expect("a reply");
    assert!(reply.headers()["location"].to_str().expect("text").contains(&caller.token));
    let url = format!("{}/authorization/v2/oauth2/x/token", bench.simulators.base_url_hpe());
    let form = [("grant_type", "client_credentials"), ("client_id", "c"), ("client_secret", "canary-secret")];
    let reply = bench.http.post(url).form(&form).send().await.expect("a reply");
    assert_eq!(reply.status(), 401);
    assert!(reply.text().await.expect("text").contains("canary-secret"));
    let log = serde_json::to_string(&bench.control.operations(&Filter::default())).expect("JSON");
    assert!(!log.contains(&caller.token) && !log.contains("canary-secret"));
    bench.control.echo_credentials(false);
    let (_, body) = caller.call("GET", "/csp/gateway/am/api/nothing", None).await;
    assert!(!body.to_string().contains(&caller.token));
}
