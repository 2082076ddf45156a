//! What an answer says about when the next call may be made.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use reqwest::header::HeaderMap;

use crate::vendor::lenient;

/// No vendor pauses a tenant for longer than this.
pub(super) const LONGEST: Duration = Duration::from_secs(60 * 60);
/// A wait of 0, or until a time that has passed, still means: not at once.
const SHORTEST: Duration = Duration::from_secs(1);
/// Numbers from here on are times since 1970, not waits: in seconds, in milliseconds, in microseconds (Dynatrace
/// documents microseconds and has clients that read seconds; vendor contract: 2.9).
const EPOCH_SECONDS: u64 = 1_000_000_000;
const EPOCH_MILLISECONDS: u64 = 100_000_000_000;
const EPOCH_MICROSECONDS: u64 = 100_000_000_000_000;

/// The budget that an answer speaks of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Hints {
    /// How long the vendor asks to wait.
    pub(super) retry_after: Option<Duration>,
    /// How many calls are left until `reset`.
    pub(super) remaining: Option<u64>,
    /// How long until the vendor counts anew.
    pub(super) reset: Option<Duration>,
}

impl Hints {
    /// Reads `Retry-After` and the rate headers in the spellings that vendors use. Times in them are the vendor's, so
    /// that its clock counts; `now` where the answer has no date.
    pub(super) fn read(headers: &HeaderMap, now: Timestamp) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let now = text("date").and_then(lenient::http_date).unwrap_or(now);
        let either = |short: &str, long: &str| text(short).or_else(|| text(long));
        Self {
            retry_after: text("retry-after").and_then(|value| wait(value, now)),
            remaining: either("ratelimit-remaining", "x-ratelimit-remaining").and_then(first_number),
            reset: either("ratelimit-reset", "x-ratelimit-reset").and_then(|value| wait(value, now)),
        }
    }
}

/// Reads a wait: seconds (rounded up), a time since 1970 in a unit that its size tells, or an HTTP date. Negative or unreadable: none.
pub(super) fn wait(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if value.starts_with(|c: char| c.is_ascii_digit()) {
        let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let seconds =
            whole.parse::<u64>().unwrap_or(u64::MAX).saturating_add(u64::from(!fraction.is_empty()));
        let since_now = |time: u64| time.saturating_sub(u64::try_from(now.as_second()).unwrap_or(0));
        let seconds = match seconds {
            u64::MAX | 0..EPOCH_SECONDS => seconds,
            EPOCH_SECONDS..EPOCH_MILLISECONDS => since_now(seconds),
            EPOCH_MILLISECONDS..EPOCH_MICROSECONDS => since_now(seconds.div_ceil(1_000)),
            EPOCH_MICROSECONDS.. => since_now(seconds.div_ceil(1_000_000)),
        };
        return Some(Duration::from_secs(seconds).clamp(SHORTEST, LONGEST));
    }
    let until = lenient::http_date(value)?;
    let left = until.duration_since(now).max(SignedDuration::ZERO).unsigned_abs();
    Some(left.clamp(SHORTEST, LONGEST))
}

/// The first number of a header such as `12, 12;window=60`.
fn first_number(value: &str) -> Option<u64> {
    value.split([',', ';']).next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    fn now() -> Timestamp {
        "2026-01-01T00:00:00Z".parse().unwrap()
    }

    #[rstest]
    #[case::seconds("17", Some(17))]
    #[case::blanks(" 17 ", Some(17))]
    #[case::fraction("1.5", Some(2))]
    #[case::zero("0", Some(1))]
    #[case::negative("-5", None)]
    #[case::huge("86400", Some(3600))]
    #[case::beyond_numbers("99999999999999999999999", Some(3600))]
    #[case::since_1970("1767225630", Some(30))]
    #[case::since_1970_past("1767225000", Some(1))]
    #[case::milliseconds_since_1970("1767225630001", Some(31))]
    #[case::microseconds_since_1970("1767225630000000", Some(30))]
    #[case::microseconds_past("1767225000000000", Some(1))]
    #[case::date("Thu, 01 Jan 2026 00:00:40 GMT", Some(40))]
    #[case::past_date("Thu, 01 Jan 2015 00:00:40 GMT", Some(1))]
    #[case::far_date("Fri, 01 Jan 2027 00:00:00 GMT", Some(3600))]
    #[case::empty("", None)]
    #[case::word("soon", None)]
    #[case::mixed("5s", None)]
    fn waits(#[case] value: &str, #[case] seconds: Option<u64>) {
        assert_eq!(wait(value, now()), seconds.map(Duration::from_secs));
    }

    #[rstest]
    #[case::short("ratelimit-remaining", "rateLimit-reset")]
    #[case::long("X-RateLimit-Remaining", "X-RateLimit-Reset")]
    #[case::mixed("RateLimit-Remaining", "x-ratelimit-reset")]
    fn rate_headers(#[case] remaining: &str, #[case] reset: &str) {
        let mut headers = HeaderMap::new();
        let name = |name: &str| HeaderName::from_bytes(name.as_bytes()).unwrap();
        headers.insert(name(remaining), HeaderValue::from_static("0, 300;w=60"));
        headers.insert(name(reset), HeaderValue::from_static("12"));
        let expected = Hints { retry_after: None, remaining: Some(0), reset: Some(Duration::from_secs(12)) };
        assert_eq!(Hints::read(&headers, now()), expected);
    }

    #[rstest]
    #[case::seconds("17", 17)]
    #[case::date("Thu, 01 Jan 2026 01:00:40 GMT", 40)]
    #[case::since_1970("1767229230", 30)]
    fn times_of_the_vendor_are_held_against_its_own_clock(
        #[case] retry_after: &'static str,
        #[case] seconds: u64,
    ) {
        let mut headers = HeaderMap::new();
        headers.insert("retry-after", HeaderValue::from_static(retry_after));
        // An hour ahead of ours.
        headers.insert("date", HeaderValue::from_static("Thu, 01 Jan 2026 01:00:00 GMT"));
        assert_eq!(Hints::read(&headers, now()).retry_after, Some(Duration::from_secs(seconds)));
    }

    proptest! {
        #[test]
        fn every_wait_is_sane(value in ".{0,40}|-?[0-9]{1,30}(\\.[0-9]{0,5})?") {
            if let Some(wait) = wait(&value, now()) {
                prop_assert!((SHORTEST..=LONGEST).contains(&wait));
            }
        }
    }
}
