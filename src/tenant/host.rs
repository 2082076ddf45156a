//! What a tenant needs from whoever declares people: intents recorded, objects woken, leadership known.

use async_trait::async_trait;

use super::request::Request;
use super::write::WriteKind;
use crate::vendor::{InitialPassword, MemberAnswer, TenantKey, Watched};

/// An intent to be recorded before its call is made.
#[derive(Debug, Clone)]
pub struct Intent {
    /// Id of the attempt, unique for ever.
    pub attempt: String,
    /// What is about to be sent.
    pub request: Request,
    /// The person's fingerprint now; empty: the person is not there.
    pub baseline: String,
}

/// What became of an intent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recording {
    /// It stands in the object; the call may be made.
    Recorded,
    /// It is no longer what the object wants; nothing was written.
    NotWanted,
    /// It could not be written, or nobody knows whether it was; the call must not be made.
    Failed,
}

/// A password that should be there can't be read: the person must not be created without it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoPassword;

/// The side of the tenant that faces the declared objects.
#[async_trait]
pub trait Host: Send + Sync {
    /// Plans each object again and records its intent, if the plan still is this very write. Answers in order.
    async fn record(&self, tenant: &TenantKey, intents: &[Intent]) -> Vec<Recording>;

    /// Reads the passwords that people begin with, for the call that is about to be made. Answers in order.
    async fn initial_passwords(
        &self,
        _tenant: &TenantKey,
        intents: &[Intent],
    ) -> Vec<Result<Option<InitialPassword>, NoPassword>> {
        intents.iter().map(|_| Ok(None)).collect()
    }

    /// Whether this process still leads, at this moment.
    fn leads(&self) -> bool;

    /// What looks at everybody, or at this person (by lower-cased e-mail), have to show beside who is there.
    fn watched(&self, tenant: &TenantKey, person: Option<&str>) -> Watched;

    /// Something is new for these people (by lower-cased e-mail).
    fn wake_people(&self, tenant: &TenantKey, people: Vec<String>);

    /// Something is new for everybody in the tenant.
    fn wake_everybody(&self, tenant: &TenantKey);

    /// Something is new for the tenant's providers: its health, its pauses.
    fn wake_providers(&self, tenant: &TenantKey);

    /// A writing call was made, or could not be: what it says of each of its people.
    fn called(&self, _tenant: &TenantKey, _made: &[Made<'_>]) {}

    /// Something happened that is worth counting.
    fn note(&self, _tenant: &TenantKey, _news: News) {}
}

/// One person's part in a writing call.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// What was recorded before the call.
    pub intent: &'a Intent,
    /// What the answer says of the person.
    pub answer: &'a MemberAnswer,
}

/// What is worth counting of a tenant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Work for it began.
    Begun,
    /// A writing call ended.
    CallEnded {
        /// What it was for.
        kind: WriteKind,
        /// How its people fared.
        tally: Tally,
    },
    /// A sweep ended.
    Swept(SweepEnd),
}

/// How the people of one call fared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// The vendor answered with a success.
    pub accepted: usize,
    /// The vendor refused them by name.
    pub refused: usize,
    /// Nobody can say.
    pub unclear: usize,
    /// No byte was written.
    pub not_sent: usize,
}

/// How a sweep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SweepEnd {
    /// It showed everybody, and it can be believed.
    Fits,
    /// It proves nobody's absence.
    Incomplete,
    /// Too many known people are missing from it.
    PeopleMissing,
    /// It failed.
    Failed,
}
