//! HPE GreenLake: a workspace.
//!
//! Invites take one person and answer 201; cancelling an invitation is the same call as removing a member
//! (vendor contract: A3).

mod config;

use async_trait::async_trait;

pub use config::{Config, DEFAULT_ENDPOINT};

use super::answer::{Answer, MemberAnswer};
use super::client::{Account, Capabilities, Expiry, Permit, Support, Sweep, Target, VendorClient};
use super::error::VendorError;
use super::person::{Email, Presence};
use super::session::Connection;
use super::terms::InviteTerms;

/// A client of one workspace with one credential.
#[derive(Debug)]
pub struct Client {
    config: Config,
    connection: Connection,
}

impl Client {
    /// Makes a client; nothing is called yet.
    pub fn new(config: Config, connection: Connection) -> Self {
        Self { config, connection }
    }

    fn later(&self) -> VendorError {
        let _ = &self.connection;
        VendorError::BadAnswer { host: self.config.tenant().host, cause: "not written yet" }
    }
}

#[async_trait]
impl VendorClient for Client {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_batch_size: 1,
            exact_read: true,
            cancel_is_remove: true,
            max_cancel_batch: 1,
            max_remove_batch: 1,
            suppress_all: true,
            suppress_known: false,
            cancel: Support::Supported,
            remove: Support::Supported,
            expiry: Expiry::None,
        }
    }

    async fn verify(&self) -> Result<Account, VendorError> {
        Err(self.later())
    }

    async fn sweep(&self) -> Result<Sweep, VendorError> {
        Err(self.later())
    }

    async fn find(&self, _email: &Email) -> Result<Option<Presence>, VendorError> {
        Err(self.later())
    }

    async fn permit(&self) -> Result<Permit, VendorError> {
        Err(self.later())
    }

    async fn invite(&self, _permit: Permit, people: &[Email], _terms: &InviteTerms) -> Answer {
        Answer::all(people.iter().map(Email::key), &MemberAnswer::NotSent(self.later()))
    }

    async fn cancel(&self, _permit: Permit, targets: &[Target]) -> Answer {
        Answer::all(targets.iter().map(|target| target.email.key()), &MemberAnswer::NotSent(self.later()))
    }

    async fn remove(&self, _permit: Permit, targets: &[Target]) -> Answer {
        Answer::all(targets.iter().map(|target| target.email.key()), &MemberAnswer::NotSent(self.later()))
    }
}
