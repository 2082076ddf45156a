//! Which provider serves a tenant.

use jiff::Timestamp;

/// One provider of a tenant.
#[derive(Debug, Clone)]
pub struct Contender<'a> {
    /// Its uid.
    pub uid: &'a str,
    /// When it was created.
    pub created: Option<Timestamp>,
    /// It holds the finalizer that says so.
    pub holds_in_use: bool,
    /// Some of its invitations owe a call, or have a write open.
    pub owes: bool,
    /// Its credential was verified for this tenant.
    pub verified: bool,
}

/// What a provider's place among the contenders means for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// It serves the tenant.
    Serves,
    /// Another one does.
    InUse,
    /// Nobody knows yet which tenant it opens, so it claims nothing.
    Unverified,
}

/// Decides the place of the provider with `uid` among all providers of its tenant, itself included: holders
/// first (of several, one whose invitations owe), then the older, then the lower uid.
pub fn serve(contenders: &[Contender<'_>], uid: &str) -> Service {
    let claims = |contender: &&Contender<'_>| contender.holds_in_use || contender.verified;
    let first = contenders.iter().filter(claims).min_by_key(|contender| {
        let holder_that_owes = contender.holds_in_use && contender.owes;
        (
            !contender.holds_in_use,
            !holder_that_owes,
            contender.created.unwrap_or(Timestamp::MAX),
            contender.uid,
        )
    });
    match first {
        Some(first) if first.uid == uid => Service::Serves,
        Some(_) if contenders.iter().any(|contender| contender.uid == uid && claims(&contender)) => {
            Service::InUse
        }
        Some(_) | None => Service::Unverified,
    }
}
