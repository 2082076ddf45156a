//! Who may take the lease, decided without clocks or calls.

use std::time::Duration;

use k8s_openapi::api::coordination::v1::Lease;
use tokio::time::Instant;

/// What a candidate does next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// The lease is ours already: renew it.
    Renew,
    /// The lease is free, or its holder was silent long enough: take it.
    Take,
    /// Somebody else holds it, for at least so long.
    Wait(Duration),
}

/// Who was last seen to hold the lease, and for how long silence must last.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claim {
    /// The holder; none when the lease is free.
    pub holder: Option<String>,
    /// The duration that the holder wrote.
    pub duration: Duration,
}

/// Decides on the lease as it was last seen.
///
/// `unchanged_for` is the time since this process itself first saw the lease as it is; what the holder wrote
/// about times is not asked. The longer one of both durations counts, so that a holder with other settings
/// than ours has all the time it believes to have.
pub fn decide(claim: &Claim, me: &str, unchanged_for: Duration, own_duration: Duration) -> Decision {
    match claim.holder.as_deref() {
        None => Decision::Take,
        Some(holder) if holder == me => Decision::Renew,
        Some(_) => match claim.duration.max(own_duration).saturating_sub(unchanged_for) {
            Duration::ZERO => Decision::Take,
            rest => Decision::Wait(rest),
        },
    }
}

/// Remembers since when the lease is as it is.
#[derive(Debug, Default)]
pub(super) struct Observer {
    seen: Option<Seen>,
}

#[derive(Debug)]
struct Seen {
    version: Option<String>,
    claim: Claim,
    since: Instant,
}

impl Observer {
    /// Notes what was read, at a time after the reading. A lease that has vanished says nothing new about its
    /// holder, who may not know yet: the holder last seen still has its time.
    pub(super) fn note(&mut self, lease: Option<&Lease>, now: Instant) {
        let Some(lease) = lease else { return };
        let version = lease.metadata.resource_version.clone();
        if self.seen.as_ref().is_none_or(|seen| seen.version != version) {
            self.seen = Some(Seen { version, claim: claim(lease), since: now });
        }
    }

    /// What this process should do.
    pub(super) fn decide(&self, me: &str, now: Instant, own_duration: Duration) -> Decision {
        match &self.seen {
            None => Decision::Take,
            Some(seen) => decide(&seen.claim, me, now.saturating_duration_since(seen.since), own_duration),
        }
    }
}

/// Who holds the lease. An empty name is nobody.
pub(super) fn claim(lease: &Lease) -> Claim {
    let spec = lease.spec.as_ref();
    Claim {
        holder: spec.and_then(|spec| spec.holder_identity.clone()).filter(|holder| !holder.is_empty()),
        duration: spec
            .and_then(|spec| spec.lease_duration_seconds)
            .and_then(|seconds| u64::try_from(seconds).ok())
            .map_or(Duration::ZERO, Duration::from_secs),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rstest::rstest;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[rstest]
    #[case::free(None, 15, 0, Decision::Take)]
    #[case::free_for_long(None, 15, 99, Decision::Take)]
    #[case::ours(Some("me"), 15, 0, Decision::Renew)]
    #[case::ours_though_silent(Some("me"), 15, 99, Decision::Renew)]
    #[case::just_seen(Some("other"), 15, 0, Decision::Wait(seconds(15)))]
    #[case::almost(Some("other"), 15, 14, Decision::Wait(seconds(1)))]
    #[case::expired(Some("other"), 15, 15, Decision::Take)]
    #[case::long_expired(Some("other"), 15, 99, Decision::Take)]
    #[case::holder_has_more_time(Some("other"), 60, 15, Decision::Wait(seconds(45)))]
    #[case::holder_has_less_time(Some("other"), 1, 14, Decision::Wait(seconds(1)))]
    #[case::holder_wrote_no_time(Some("other"), 0, 14, Decision::Wait(seconds(1)))]
    fn decisions(
        #[case] holder: Option<&str>,
        #[case] duration: u64,
        #[case] unchanged_for: u64,
        #[case] expected: Decision,
    ) {
        let claim = Claim { holder: holder.map(str::to_owned), duration: seconds(duration) };
        assert_eq!(decide(&claim, "me", seconds(unchanged_for), seconds(15)), expected);
    }

    proptest! {
        #[test]
        fn nobody_is_interrupted_before_both_durations_have_passed(
            written in 0_u64..100, own in 1_u64..100, unchanged_for in 0_u64..200,
        ) {
            let claim = Claim { holder: Some("other".into()), duration: seconds(written) };
            let decision = decide(&claim, "me", seconds(unchanged_for), seconds(own));
            let expired = unchanged_for >= written && unchanged_for >= own;
            prop_assert_eq!(decision == Decision::Take, expired);
            if let Decision::Wait(rest) = decision {
                let then = decide(&claim, "me", seconds(unchanged_for) + rest, seconds(own));
                prop_assert_eq!(then, Decision::Take);
            }
        }

        #[test]
        fn only_the_name_makes_it_ours(holder in "[a-z_]{0,3}", unchanged_for in 0_u64..200) {
            let claim = Claim { holder: Some(holder.clone()), duration: seconds(15) };
            let decision = decide(&claim, "me", seconds(unchanged_for), seconds(15));
            prop_assert_eq!(decision == Decision::Renew, holder == "me");
        }
    }
}
