//! Rate limits, and the calls made although the vendor had asked to wait.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    faults::{RateHeaders, RetryAfter},
    http::Reply,
    text::http_date,
    vendor::TenantId,
};

/// So many requests of some operations in a fixed window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Limit {
    /// The operations counted together; `*` at the end stands for anything.
    pub operations: Vec<String>,
    /// How many are let through.
    pub requests: u32,
    /// The window's length, which begins with its first request.
    pub window_milliseconds: u64,
}

/// How a tenant's limits show in responses.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct LimitStyle {
    pub(crate) headers: RateHeaders,
    pub(crate) retry_after: bool,
}

/// A call made before the time that a 429 had named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Violation {
    /// The tenant.
    pub tenant: TenantId,
    /// The call's number in the operation log.
    pub call: u64,
    /// What was called.
    pub operation: String,
    /// What the 429 had been for.
    pub refused_operation: String,
    /// Real milliseconds since the epoch when the 429 was sent.
    pub refused_at: u64,
    /// When a call would have been welcome.
    pub allowed_at: u64,
    /// When it came.
    pub called_at: u64,
}

#[derive(Debug)]
struct Window {
    limit: Limit,
    ends: u64,
    used: u32,
}

#[derive(Debug)]
struct Wait {
    operation: &'static str,
    refused_at: u64,
    until: u64,
}

/// Limits, waits and violations of all tenants.
#[derive(Debug, Default)]
pub(crate) struct Limits {
    windows: HashMap<TenantId, Vec<Window>>,
    waits: HashMap<TenantId, Vec<Wait>>,
    pub(crate) violations: Vec<Violation>,
}

/// What a limit says about one request.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Verdict {
    pub(crate) admitted: bool,
    limit: u32,
    remaining: u32,
    pub(crate) reset_milliseconds: u64,
}

impl Limits {
    /// Sets a limit; one for the same operations is replaced.
    pub(crate) fn set(&mut self, tenant: &TenantId, limit: Limit) {
        let windows = self.windows.entry(tenant.clone()).or_default();
        windows.retain(|window| window.limit.operations != limit.operations);
        windows.push(Window { limit, ends: 0, used: 0 });
    }

    pub(crate) fn clear(&mut self, tenant: &TenantId) {
        self.windows.remove(tenant);
    }

    /// Counts a request. `None`: no limit is for it; otherwise the strictest verdict.
    pub(crate) fn admit(&mut self, tenant: &TenantId, operation: &str, now: u64) -> Option<Verdict> {
        let fits = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => operation.starts_with(start),
            None => operation == pattern,
        };
        let windows = self.windows.get_mut(tenant)?.iter_mut();
        let verdict = |window: &mut Window| {
            if now >= window.ends {
                window.ends = now.saturating_add(window.limit.window_milliseconds);
                window.used = 0;
            }
            let admitted = window.used < window.limit.requests;
            window.used += u32::from(admitted);
            let remaining = window.limit.requests - window.used;
            Verdict {
                admitted,
                limit: window.limit.requests,
                remaining,
                reset_milliseconds: window.ends - now,
            }
        };
        windows
            .filter(|window| window.limit.operations.iter().any(fits))
            .map(verdict)
            .min_by_key(|verdict| (verdict.admitted, verdict.remaining))
    }

    /// Remembers that a 429 asked to wait.
    pub(crate) fn ask_to_wait(
        &mut self,
        tenant: &TenantId,
        operation: &'static str,
        now: u64,
        milliseconds: u64,
    ) {
        let wait = Wait { operation, refused_at: now, until: now.saturating_add(milliseconds) };
        self.waits.entry(tenant.clone()).or_default().push(wait);
    }

    /// Notes a violation for each wait that a call does not honour.
    pub(crate) fn check(&mut self, tenant: &TenantId, operation: &str, call: u64, now: u64) {
        let Some(waits) = self.waits.get_mut(tenant) else { return };
        waits.retain(|wait| wait.until > now);
        let found = waits.iter().map(|wait| Violation {
            tenant: tenant.clone(),
            call,
            operation: operation.to_owned(),
            refused_operation: wait.operation.to_owned(),
            refused_at: wait.refused_at,
            allowed_at: wait.until,
            called_at: now,
        });
        self.violations.extend(found);
    }
}

impl Verdict {
    /// Adds what the client may know of its budget. HPE A5: limit, remaining, seconds until the window ends.
    pub(crate) fn mark(self, reply: Reply, style: LimitStyle) -> Reply {
        let seconds = self.reset_milliseconds.div_ceil(1000);
        let reply = rate_headers(reply, style.headers, self.limit, self.remaining, seconds);
        if !self.admitted && style.retry_after {
            return reply.with_header("retry-after", &seconds.to_string());
        }
        reply
    }
}

/// Adds rate headers in one of their spellings.
pub(crate) fn rate_headers(
    reply: Reply,
    spelling: RateHeaders,
    limit: u32,
    remaining: u32,
    reset: u64,
) -> Reply {
    let prefix = match spelling {
        RateHeaders::None => return reply,
        RateHeaders::General => "ratelimit",
        RateHeaders::XPrefixed
        | RateHeaders::Microseconds
        | RateHeaders::Milliseconds
        | RateHeaders::EpochSeconds => "x-ratelimit",
    };
    let until = Clock::real().saturating_add(reset.saturating_mul(1000));
    let reset = match spelling {
        RateHeaders::None | RateHeaders::General | RateHeaders::XPrefixed => reset,
        RateHeaders::Microseconds => until.saturating_mul(1000),
        RateHeaders::Milliseconds => until,
        RateHeaders::EpochSeconds => until.div_ceil(1000),
    };
    reply
        .with_header(&format!("{prefix}-limit"), &limit.to_string())
        .with_header(&format!("{prefix}-remaining"), &remaining.to_string())
        .with_header(&format!("{prefix}-reset"), &reset.to_string())
}

impl RetryAfter {
    /// The header's value.
    pub(crate) fn value(&self, now: u64) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::Seconds(seconds) => Some(seconds.to_string()),
            Self::HttpDate(seconds) => {
                Some(http_date(now.saturating_add_signed(seconds.saturating_mul(1000))))
            }
            Self::Raw(text) => Some(text.clone()),
        }
    }

    /// How long it asks to wait, in milliseconds.
    pub(crate) fn wait(&self, now: u64) -> u64 {
        match self {
            Self::Absent | Self::Raw(_) => 0,
            Self::Seconds(seconds) => u64::try_from(*seconds).unwrap_or(0).saturating_mul(1000),
            // The header has whole seconds only, so the wait ends with the second it names.
            Self::HttpDate(seconds) => {
                let named = now.saturating_add_signed(seconds.saturating_mul(1000)) / 1000 * 1000;
                named.saturating_sub(now)
            }
        }
    }
}
