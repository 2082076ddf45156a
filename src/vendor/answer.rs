//! What a writing call came to, person by person.

use std::collections::HashMap;

use super::error::{ErrorClass, VendorError};

/// The answer to one writing call: an entry for every person of the call, by [`Email::key`](super::Email::key).
#[derive(Debug, Clone, Default)]
pub struct Answer {
    /// What is known of each person.
    pub members: HashMap<String, MemberAnswer>,
}

/// What the answer says of one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MemberAnswer {
    /// A documented success.
    Accepted {
        /// The vendor's id of the person, where the answer names it.
        user_id: Option<String>,
    },
    /// A documented refusal that names this person: the call held one person, or the body lists them.
    Refused(Refusal),
    /// Anything else once a byte of the call was written: it may or may not have had its effect.
    Ambiguous(VendorError),
    /// No byte of the call was written.
    NotSent(VendorError),
}

/// A documented refusal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Decides whether and when it is tried again.
    pub class: ErrorClass,
    /// The HTTP status.
    pub status: u16,
    /// The vendor's code, cut down to `[A-Za-z0-9_.-]` and 64 characters.
    pub code: Option<String>,
}

impl Answer {
    /// The same for every person of a call.
    pub fn all<'a>(keys: impl IntoIterator<Item = &'a str>, member: &MemberAnswer) -> Self {
        Self { members: keys.into_iter().map(|key| (key.to_owned(), member.clone())).collect() }
    }
}
