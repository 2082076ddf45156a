//! Budgets against a vendor that really refuses.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rstest::rstest;
use user_invitation_operator::vendor::{
    Connection, ErrorClass, Limiter, MemberAnswer, NoObserver, Transport, VendorClient, VendorError,
    hpe_greenlake,
};
use vendor_simulators::{Fault, Filter, Limit, RateHeaders, RetryAfter, When};

use super::support::{CLIENT_ID, CLIENT_SECRET, NOTHING, Rig, of, people, person, settings, terms, within};

fn refuse(retry_after: RetryAfter, rate_headers: RateHeaders) -> Fault {
    Fault::TooManyRequests { retry_after, rate_headers }
}

#[rstest]
#[case::seconds(RetryAfter::Seconds(2), RateHeaders::None, 1500..=2000)]
#[case::date(RetryAfter::HttpDate(3), RateHeaders::None, 1500..=3000)]
#[case::absent(RetryAfter::Absent, RateHeaders::None, 500..=1000)]
#[case::rate_headers(RetryAfter::Absent, RateHeaders::General, 500..=1000)]
#[case::rate_headers_with_x(RetryAfter::Absent, RateHeaders::XPrefixed, 500..=1000)]
#[case::microseconds(RetryAfter::Seconds(2), RateHeaders::Microseconds, 1500..=2000)]
#[case::milliseconds(RetryAfter::Absent, RateHeaders::Milliseconds, 100..=2000)]
#[case::zero(RetryAfter::Seconds(0), RateHeaders::None, 500..=1000)]
#[case::negative(RetryAfter::Seconds(-5), RateHeaders::None, 500..=1000)]
#[case::past(RetryAfter::HttpDate(-60), RateHeaders::None, 500..=1000)]
#[case::huge(RetryAfter::Seconds(1_000_000), RateHeaders::None, 3_500_000..=3_600_000)]
#[case::nonsense(RetryAfter::Raw("tomorrow".to_owned()), RateHeaders::None, 500..=1000)]
#[tokio::test]
async fn how_long_a_refusal_pauses(
    #[case] retry_after: RetryAfter,
    #[case] rate_headers: RateHeaders,
    #[case] milliseconds: std::ops::RangeInclusive<u128>,
) {
    let rig = Rig::vmware(|_| {}).await;
    rig.client.sweep(&NOTHING).await.unwrap();
    rig.spoil("vmware.list_invitations", When::Nth(1), refuse(retry_after, rate_headers));
    let error = rig.client.sweep(&NOTHING).await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::Throttled);
    let paused = rig.limiter.blocked_for().unwrap().as_millis();
    assert!(milliseconds.contains(&paused), "{paused} ms");
    if *milliseconds.end() < 10_000 {
        rig.client.sweep(&NOTHING).await.unwrap();
        assert_eq!(rig.control.violations(&Filter::default()), []);
    }
}

#[tokio::test]
async fn a_refused_token_request_pauses_everything() {
    let rig = Rig::hpe(|_| {}).await;
    rig.spoil("hpe.token", When::Nth(1), refuse(RetryAfter::Seconds(1), RateHeaders::None));
    let error = rig.client.sweep(&NOTHING).await.unwrap_err();
    assert!(matches!(error, VendorError::Status { status: 429, retry_after: Some(_), .. }), "{error:?}");
    rig.client.sweep(&NOTHING).await.unwrap();
    assert_eq!(rig.operations("hpe.token").len(), 2);
    assert_eq!(rig.control.violations(&Filter::default()), []);
}

#[tokio::test]
async fn a_permit_is_not_used_in_a_pause() {
    let rig = Rig::hpe(|_| {}).await;
    let permit = rig.client.permit().await.unwrap();
    rig.spoil("hpe.list_users", When::Nth(1), refuse(RetryAfter::Seconds(30), RateHeaders::None));
    assert!(rig.client.sweep(&NOTHING).await.is_err());
    let answer = rig.client.invite(permit, &people(&["a@example.com"]), &terms()).await;
    let member = of(&answer, "a@example.com");
    assert!(matches!(member, MemberAnswer::NotSent(VendorError::Paused { .. })), "{member:?}");
    assert_eq!(rig.operations("hpe.invite").len(), 0);
}

#[rstest]
#[case::by_headers(RateHeaders::General, false)]
#[case::by_headers_with_x(RateHeaders::XPrefixed, false)]
#[case::by_retry_after(RateHeaders::None, true)]
#[case::by_nothing(RateHeaders::None, false)]
#[tokio::test]
async fn a_vendor_s_limit_is_kept(#[case] rate_headers: RateHeaders, #[case] retry_after: bool) {
    let rig = Rig::hpe(|workspace| {
        workspace.knobs.rate_headers = rate_headers;
        workspace.knobs.retry_after = retry_after;
    })
    .await;
    let limit = Limit { operations: vec!["hpe.*".to_owned()], requests: 10, window_milliseconds: 1000 };
    rig.client.verify().await.unwrap();
    rig.control.set_limit(&rig.tenant, limit);
    let (begin, mut done, mut refused) = (Instant::now(), 0, 0);
    while begin.elapsed() < Duration::from_secs(5) {
        match rig.client.find(&person("a@example.com"), &NOTHING).await {
            Ok(_) => done += 1,
            Err(error) => {
                assert_eq!(error.class(), ErrorClass::Throttled);
                refused += 1;
            }
        }
    }
    println!("{rate_headers:?} {retry_after}: {done} done, {refused} refused");
    assert_eq!(rig.control.violations(&Filter::default()), []);
    assert!(done >= 30, "{done} done");
    if rate_headers != RateHeaders::None {
        assert_eq!(refused, 0, "the headers say it before");
    }
}

#[tokio::test]
async fn clients_of_a_tenant_share_its_budget() {
    let rig = Rig::hpe(|_| {}).await;
    let limiter = Arc::new(Limiter::new(NonZeroU32::new(300).unwrap()));
    let client = || {
        let config = hpe_greenlake::Config {
            workspace_id: rig.tenant.id.clone(),
            endpoint: reqwest::Url::parse(&rig.simulators.base_url_hpe()).unwrap(),
            token_endpoint: None,
            client_id: CLIENT_ID.to_owned(),
            client_secret: CLIENT_SECRET.into(),
        };
        let transport = Transport::new(&settings(&rig.simulators)).unwrap();
        let (limiter, observer) = (Arc::clone(&limiter), Arc::new(NoObserver));
        hpe_greenlake::Client::new(config, Connection { transport, limiter, observer })
    };
    let begin = Instant::now();
    let clients: Vec<_> = (0..10).map(|_| client()).collect();
    futures::future::join_all(clients.iter().map(|client| client.sweep(&NOTHING))).await;
    // 20 calls with their tokens, a burst of 5, then one each 203 ms
    assert!(begin.elapsed() > Duration::from_secs(2), "{:?}", begin.elapsed());
    within(Duration::from_secs(6), begin);
    assert_eq!(rig.operations("*").len(), 20);
}
