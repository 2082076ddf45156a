//! Fault switches: which requests are spoiled, and how.

use serde::{Deserialize, Serialize};

use crate::{
    text::normal,
    vendor::{Call, TenantId, Vendor},
};

/// How a connection ends without a response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Drop {
    /// The TCP connection is closed (FIN), without the end TLS would say.
    Close,
    /// The TCP connection is reset (RST).
    #[default]
    Reset,
}

/// The `Retry-After` header of a 429 or 503.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RetryAfter {
    /// Not sent.
    #[default]
    Absent,
    /// This many seconds; may be 0, negative or huge.
    Seconds(i64),
    /// A date this many seconds away.
    HttpDate(i64),
    /// Any text.
    Raw(String),
}

/// How rate headers are spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RateHeaders {
    /// Not sent.
    #[default]
    None,
    /// `ratelimit-limit`, `ratelimit-remaining`, `rateLimit-reset`.
    General,
    /// `X-RateLimit-Limit`, `X-RateLimit-Remaining`, `X-RateLimit-Reset`.
    XPrefixed,
    /// The same, with the reset as a time, in microseconds since 1970.
    Microseconds,
    /// The same in milliseconds since 1970.
    Milliseconds,
    /// The same in seconds since 1970.
    EpochSeconds,
}

/// The body of an injected error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorBody {
    /// As the vendor's own errors.
    #[default]
    Vendor,
    /// A gateway's HTML page.
    Html,
    /// Nothing.
    Empty,
    /// This text, as JSON.
    Json(String),
}

/// What becomes of the body of an otherwise normal response.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BodyFault {
    /// An HTML page instead.
    Html,
    /// Nothing instead.
    Empty,
    /// Half of it, then the connection breaks.
    Truncated,
    /// Half of it, as if that were all.
    Cut,
    /// This many blanks instead, made while they are sent.
    Huge(u64),
    /// Bytes that are not UTF-8.
    InvalidUtf8,
    /// The right body, called `text/plain`.
    WrongContentType,
    /// A byte each so many milliseconds.
    SlowLoris(u64),
    /// JSON nested this deep.
    DeepJson(usize),
    /// The right body behind this many superfluous headers.
    ManyHeaders(usize),
    /// This text, as JSON.
    Json(String),
}

/// A way to spoil a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Fault {
    /// Wait before doing anything.
    DelayBefore {
        /// How long.
        milliseconds: u64,
    },
    /// Do it, then wait before answering.
    DelayAfter {
        /// How long.
        milliseconds: u64,
    },
    /// Do nothing and drop the connection.
    DropBefore {
        /// Which way.
        #[serde(default)]
        how: Drop,
    },
    /// Do it and drop the connection.
    DropAfter {
        /// Which way.
        #[serde(default)]
        how: Drop,
    },
    /// Answer with this status.
    Status {
        /// The status.
        status: u16,
        /// Whether the request takes effect nevertheless.
        #[serde(default)]
        commit: bool,
        /// The error's body.
        #[serde(default)]
        body: ErrorBody,
    },
    /// Answer 429.
    #[serde(rename_all = "camelCase")]
    TooManyRequests {
        /// The `Retry-After` header.
        #[serde(default)]
        retry_after: RetryAfter,
        /// Rate headers to go with it: none remaining, reset as `retry_after` or 1.
        #[serde(default)]
        rate_headers: RateHeaders,
    },
    /// Do it and spoil the response's body.
    Body {
        /// How.
        spoil: BodyFault,
        /// Another status, if wanted.
        #[serde(default)]
        status: Option<u16>,
    },
    /// Answer with a redirect.
    Redirect {
        /// 301, 302, 303, 307 or 308.
        status: u16,
        /// The place; absent: the same host, the same path with `/moved` before it.
        #[serde(default)]
        location: Option<String>,
    },
    /// Answer as if it had been done, and do nothing.
    Lose,
    /// Do it twice, as if the request had been delivered twice; answer as the second time.
    Duplicate,
}

/// Which of the requests that fit a rule are spoiled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum When {
    /// All.
    #[default]
    Always,
    /// Only the nth, counted from 1 after the rule was set.
    Nth(u64),
    /// Each kth.
    Every(u64),
    /// The next n.
    Next(u64),
    /// All from the nth on.
    From(u64),
}

/// A fault and the requests it is for. Absent conditions fit everything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FaultRule {
    /// Only requests to this vendor.
    #[serde(default)]
    pub vendor: Option<Vendor>,
    /// Only requests for the tenant with this id.
    #[serde(default)]
    pub tenant: Option<String>,
    /// Only this operation, such as `vmware.invite`; `*` at the end stands for anything.
    #[serde(default)]
    pub operation: Option<String>,
    /// Only requests that name this address.
    #[serde(default)]
    pub email: Option<String>,
    /// Which of them.
    #[serde(default)]
    pub when: When,
    /// What happens.
    pub fault: Fault,
}

impl FaultRule {
    /// A rule for one operation, in all tenants and always.
    pub fn on(operation: impl Into<String>, fault: Fault) -> Self {
        let operation = Some(operation.into());
        Self { vendor: None, tenant: None, operation, email: None, when: When::Always, fault }
    }

    /// A rule for every request.
    pub fn everywhere(fault: Fault) -> Self {
        Self { vendor: None, tenant: None, operation: None, email: None, when: When::Always, fault }
    }

    /// The same for one tenant.
    #[must_use]
    pub fn tenant(mut self, tenant: &TenantId) -> Self {
        self.vendor = Some(tenant.vendor);
        self.tenant = Some(tenant.id.clone());
        self
    }

    /// The same for requests that name an address.
    #[must_use]
    pub fn email(mut self, email: impl Into<String>) -> Self {
        self.email = Some(email.into());
        self
    }

    /// The same for some of the requests.
    #[must_use]
    pub fn when(mut self, when: When) -> Self {
        self.when = when;
        self
    }

    fn fits(&self, vendor: Vendor, call: &Call) -> bool {
        let operation = |pattern: &String| match pattern.strip_suffix('*') {
            Some(start) => call.operation.starts_with(start),
            None => call.operation == pattern,
        };
        self.vendor.is_none_or(|v| v == vendor)
            && self.tenant.as_ref().is_none_or(|t| call.tenant.as_ref() == Some(t))
            && self.operation.as_ref().is_none_or(operation)
            && self.email.as_ref().is_none_or(|email| call.emails.contains(&normal(email)))
    }
}

/// A rule in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActiveFault {
    /// For removing it.
    pub id: u64,
    /// The rule.
    pub rule: FaultRule,
    /// How many requests fitted.
    pub seen: u64,
    /// How many were spoiled.
    pub fired: u64,
}

/// All rules in force, in the order they were set.
#[derive(Debug, Default)]
pub(crate) struct FaultSet {
    last: u64,
    pub(crate) active: Vec<ActiveFault>,
}

impl FaultSet {
    pub(crate) fn add(&mut self, rule: FaultRule) -> u64 {
        self.last += 1;
        self.active.push(ActiveFault { id: self.last, rule, seen: 0, fired: 0 });
        self.last
    }

    /// The faults for one request; counts it.
    pub(crate) fn take(&mut self, vendor: Vendor, call: &Call) -> Vec<Fault> {
        let mut faults = Vec::new();
        for active in self.active.iter_mut().filter(|active| active.rule.fits(vendor, call)) {
            active.seen += 1;
            let fires = match active.rule.when {
                When::Always => true,
                When::Nth(n) => active.seen == n,
                When::Every(k) => k > 0 && active.seen % k == 0,
                When::Next(n) => active.seen <= n,
                When::From(n) => active.seen >= n,
            };
            if fires {
                active.fired += 1;
                faults.push(active.rule.fault.clone());
            }
        }
        faults
    }
}
