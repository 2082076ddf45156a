//! What a decision is made from.

use jiff::{SignedDuration, Timestamp};

use super::brake::Brake;
use super::history::Recalled;
use super::owner::Claim;
use crate::api::{AnyProvider, UserInvitation};
use crate::tenant::PersonView;
use crate::vendor::{Capabilities, Names, TenantKey};

/// Everything that a decision about one invitation depends on.
#[derive(Debug)]
pub struct Input<'a> {
    /// Now, by the wall clock.
    pub now: Timestamp,
    /// The object as the store shows it.
    pub object: &'a UserInvitation,
    /// What record and status remember, together with what the tenant knows of their attempt.
    pub recalled: &'a Recalled,
    /// The provider it names.
    pub provider: Provider<'a>,
    /// Whose person it is.
    pub claim: &'a Claim,
    /// What the tenant knows of the person; `None`: the tenant has no worker.
    pub person: Option<&'a PersonView>,
    /// What only a deletion depends on.
    pub deletion: Deletion,
    /// The reconcile request that has been served by a look.
    pub reconcile_request_served: Option<&'a str>,
    /// Why the password to begin with can't be read, where this was just tried.
    pub password_trouble: Option<&'a str>,
}

/// The provider that an invitation names.
#[derive(Debug, Clone, Copy)]
pub enum Provider<'a> {
    /// It does not exist.
    Missing,
    /// It is not for the invitation's namespace, and nothing of it is known here.
    NotAllowed,
    /// Whether it is for the invitation's namespace is not known yet.
    NotKnown,
    /// It exists.
    Found(ProviderFacts<'a>),
}

/// What is known of a provider.
#[derive(Debug, Clone, Copy)]
pub struct ProviderFacts<'a> {
    /// The provider as the store shows it.
    pub object: &'a AnyProvider,
    /// The tenant as last verified.
    pub tenant: Option<&'a TenantKey>,
    /// What its vendor can do.
    pub capabilities: Capabilities,
    /// Whether it may start something: it serves its tenant, is ready and not terminating.
    pub starts: bool,
    /// Whether this process holds a credential of it that worked.
    pub has_credential: bool,
    /// It is getting ready by itself, and nothing is wrong so far.
    pub verifying: bool,
    /// The vendor can't be used now: looks or calls fail.
    pub failing: bool,
    /// The credential's own login name, where the vendor reveals it.
    pub own_login: Option<&'a str>,
    /// What can be named at the vendor; `None`: nobody has read it yet.
    pub names: Option<&'a Names>,
}

/// What only a deletion depends on.
#[derive(Debug, Clone, Copy)]
pub struct Deletion {
    /// The watch has shown the deletion: everything that was written before it has been seen, too.
    pub shown_by_watch: bool,
    /// The namespace is terminating, and this many tries came to nothing.
    pub terminating_after_tries: Option<u32>,
    /// How many tries a deletion gets in a terminating namespace.
    pub most_tries: u32,
    /// What the brake on mass removal means for it.
    pub brake: Brake,
    /// How long after its intent a call of another process may still be under way.
    pub call_may_last: SignedDuration,
}

impl<'a> Provider<'a> {
    /// What is known of it, if it exists.
    pub const fn found(&self) -> Option<&ProviderFacts<'a>> {
        match self {
            Self::Missing | Self::NotAllowed | Self::NotKnown => None,
            Self::Found(facts) => Some(facts),
        }
    }
}
