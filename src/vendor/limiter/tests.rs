use std::sync::Arc;

use proptest::prelude::*;
use reqwest::header::{HeaderName, HeaderValue};
use rstest::rstest;

use super::*;

fn limiter(rate: u32) -> Arc<Limiter> {
    Arc::new(Limiter::new(NonZeroU32::new(rate).unwrap()))
}

fn headers(pairs: &[(&'static str, String)]) -> HeaderMap {
    pairs
        .iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(value).unwrap()))
        .collect()
}

fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

#[tokio::test(start_paused = true)]
async fn no_minute_holds_more_than_the_limit() {
    for rate in [1, 7, 30, 60, 300] {
        let limiter = limiter(rate);
        let begin = Instant::now();
        let mut starts = Vec::new();
        while begin.elapsed() < seconds(1200) {
            limiter.acquire().await;
            starts.push(Instant::now());
        }
        for (index, start) in starts.iter().enumerate() {
            let within = starts[index..].iter().take_while(|other| **other - *start < seconds(60)).count();
            assert!(within <= rate as usize, "{within} calls in a minute at {rate}");
        }
        let allowed = f64::from(rate) * 20.0;
        assert!(
            f64::from(u32::try_from(starts.len()).unwrap()) / allowed >= 0.95,
            "{} of {allowed}",
            starts.len()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn queued_calls_wait_for_the_end_of_a_pause_that_began_later() {
    let limiter = limiter(60);
    let begin = Instant::now();
    let queued: Vec<_> = (0..10)
        .map(|_| {
            let limiter = Arc::clone(&limiter);
            tokio::spawn(async move {
                limiter.acquire().await;
                begin.elapsed()
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(3500)).await;
    limiter.learn(429, &headers(&[("retry-after", "30".to_owned())]));
    assert_eq!(limiter.blocked_until(), Some(begin + Duration::from_millis(33_500)));
    let mut held = 0;
    for task in queued {
        let at = task.await.unwrap();
        let free = at < Duration::from_millis(3500) || at >= Duration::from_millis(33_500);
        assert!(free, "started at {at:?}");
        held += usize::from(at >= Duration::from_millis(33_500));
    }
    assert!(held > 0);
    assert_eq!(limiter.blocked_until(), None);
}

#[tokio::test(start_paused = true)]
async fn first_come_first_served() {
    let limiter = limiter(60);
    let order = Arc::new(std::sync::Mutex::new(Vec::new()));
    let tasks: Vec<_> = (0..8)
        .map(|number| {
            let (limiter, order) = (Arc::clone(&limiter), Arc::clone(&order));
            tokio::spawn(async move {
                limiter.acquire().await;
                order.lock().unwrap().push(number);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.lock().unwrap(), (0..8).collect::<Vec<_>>());
}

#[tokio::test(start_paused = true)]
async fn refusals_without_a_word_pause_for_longer_each_time() {
    let limiter = limiter(60);
    let mut pauses = Vec::new();
    for _ in 0..8 {
        limiter.acquire().await;
        limiter.learn(429, &HeaderMap::new());
        pauses.push(limiter.blocked_for().unwrap().as_secs());
        tokio::time::sleep_until(limiter.blocked_until().unwrap()).await;
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 60, 60]);
}

#[tokio::test(start_paused = true)]
async fn an_empty_budget_pauses_before_anything_is_refused() {
    let limiter = limiter(60);
    limiter
        .learn(200, &headers(&[("x-ratelimit-remaining", "0".into()), ("x-ratelimit-reset", "12".into())]));
    assert_eq!(limiter.blocked_for(), Some(seconds(12)));
}

#[tokio::test(start_paused = true)]
async fn an_unavailable_vendor_pauses_when_it_asks_for_it() {
    let limiter = limiter(60);
    limiter.learn(503, &HeaderMap::new());
    assert_eq!(limiter.blocked_for(), None);
    limiter.learn(503, &headers(&[("retry-after", "7".into())]));
    assert_eq!(limiter.blocked_for(), Some(seconds(7)));
}

/// A vendor that counts in fixed windows of a minute.
struct FixedWindow {
    limit: u32,
    begin: Instant,
    window: u64,
    used: u32,
}

impl FixedWindow {
    fn call(&mut self, tell: Tell) -> (u16, HeaderMap) {
        let elapsed = self.begin.elapsed();
        let window = elapsed.as_secs() / 60;
        if window != self.window {
            (self.window, self.used) = (window, 0);
        }
        if self.used < self.limit {
            self.used += 1;
            return (200, HeaderMap::new());
        }
        let left = seconds((window + 1) * 60).saturating_sub(elapsed).as_secs() + 1;
        (
            429,
            match tell {
                Tell::RetryAfter => headers(&[("retry-after", left.to_string())]),
                Tell::RateHeaders => {
                    headers(&[("ratelimit-remaining", "0".into()), ("ratelimit-reset", left.to_string())])
                }
                Tell::Nothing => HeaderMap::new(),
            },
        )
    }
}

#[derive(Clone, Copy)]
enum Tell {
    RetryAfter,
    RateHeaders,
    Nothing,
}

#[rstest]
#[case::exact_wait(Tell::RetryAfter, 0.95)]
#[case::rate_headers(Tell::RateHeaders, 0.95)]
#[case::no_word(Tell::Nothing, 0.95)]
#[tokio::test(start_paused = true)]
async fn a_vendor_that_allows_less_than_configured_is_used_up(#[case] tell: Tell, #[case] ratio: f64) {
    for (configured, limit) in [(120, 60), (60, 50), (300, 60), (60, 10)] {
        let limiter = limiter(configured);
        let mut vendor = FixedWindow { limit, begin: Instant::now(), window: 0, used: 0 };
        let (mut accepted, mut refused, mut broken) = (0, 0, 0);
        let minutes: u32 = 60;
        while vendor.begin.elapsed() < seconds(u64::from(minutes) * 60) {
            let paused = limiter.blocked_until();
            limiter.acquire().await;
            broken += u32::from(paused.is_some_and(|until| Instant::now() < until));
            let (status, headers) = vendor.call(tell);
            limiter.learn(status, &headers);
            if status == 200 { accepted += 1 } else { refused += 1 }
        }
        let allowed = f64::from(limit) * f64::from(minutes);
        let achieved = f64::from(accepted) / allowed;
        println!("{configured} configured, {limit} allowed: {achieved:.3} achieved, {refused} refused");
        assert!(achieved >= ratio, "{achieved} with {configured} configured and {limit} allowed");
        assert!(refused <= 4 * minutes, "{refused} refused");
        assert_eq!(broken, 0);
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_out_of_the_blue_hardly_slow_it_down() {
    let limiter = limiter(60);
    let begin = Instant::now();
    let (mut accepted, mut calls) = (0_u32, 0_u32);
    let mut paused = Duration::ZERO;
    while begin.elapsed() < seconds(1800) {
        limiter.acquire().await;
        calls += 1;
        if calls % 20 == 0 {
            limiter.learn(429, &headers(&[("retry-after", "2".into())]));
            paused += seconds(2);
        } else {
            limiter.learn(200, &HeaderMap::new());
            accepted += 1;
        }
    }
    let allowed = (1800.0 - paused.as_secs_f64()) / 60.0 * 60.0;
    let achieved = f64::from(calls) / allowed;
    println!("{calls} calls, {accepted} accepted, {allowed} allowed: {achieved:.3}");
    assert!(achieved >= 0.95, "{achieved}");
}

#[tokio::test(start_paused = true)]
async fn a_lowered_rate_recovers() {
    let limiter = limiter(60);
    let mut vendor = FixedWindow { limit: 10, begin: Instant::now(), window: 0, used: 0 };
    while vendor.begin.elapsed() < seconds(600) {
        limiter.acquire().await;
        let (status, headers) = vendor.call(Tell::RetryAfter);
        limiter.learn(status, &headers);
    }
    assert!(limiter.requests_per_minute() < 30.0);
    let begin = Instant::now();
    while begin.elapsed() < seconds(1200) {
        limiter.acquire().await;
        limiter.learn(200, &HeaderMap::new());
    }
    assert!((limiter.requests_per_minute() - 60.0).abs() < 0.1);
}

#[tokio::test(start_paused = true)]
async fn a_new_limit_counts_at_once() {
    let limiter = limiter(600);
    limiter.set_limit(NonZeroU32::new(6).unwrap());
    let begin = Instant::now();
    for _ in 0..4 {
        limiter.acquire().await;
    }
    assert!(begin.elapsed() >= seconds(30));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn never_a_call_in_a_pause_and_never_too_many(
        rate in 1_u32..200,
        answers in prop::collection::vec((0_u8..8, 0_u32..120, 0_u32..4), 1..200),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let limiter = limiter(rate);
            let mut starts: Vec<Instant> = Vec::new();
            let mut closed = Instant::now();
            for (kind, wait, remaining) in answers {
                limiter.acquire().await;
                let now = Instant::now();
                assert!(now >= closed, "a call in a pause");
                starts.push(now);
                let within = starts.iter().rev().take_while(|start| now - **start < seconds(60)).count();
                assert!(within <= rate as usize, "{within} in a minute at {rate}");
                match kind {
                    0 => {
                        limiter.learn(429, &headers(&[("retry-after", wait.to_string())]));
                        closed = closed.max(now + seconds(u64::from(wait.max(1))));
                    }
                    1 => {
                        limiter.learn(200, &headers(&[
                            ("ratelimit-remaining", remaining.to_string()),
                            ("ratelimit-reset", wait.to_string()),
                        ]));
                        if remaining == 0 {
                            closed = closed.max(now + seconds(u64::from(wait.max(1))));
                        }
                    }
                    2 => { limiter.learn(429, &HeaderMap::new()); }
                    _ => { limiter.learn(200, &HeaderMap::new()); }
                }
            }
        });
    }
}
