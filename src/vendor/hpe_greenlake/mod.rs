//! HPE GreenLake: a workspace.
//!
//! Invites take one person and answer 201; cancelling an invitation is the same call as removing a member
//! (vendor contract: A3).

mod account;
mod config;
mod list;
mod wire;
mod write;

use std::time::Duration;

use async_trait::async_trait;

pub use config::{Config, DEFAULT_ENDPOINT};

use super::answer::{Answer, MemberAnswer, Refusal};
use super::client::{
    Account, Capabilities, Expiry, Permit, Resend, Support, Sweep, Target, VendorClient, Watched,
};
use super::error::{ErrorClass, VendorError};
use super::grant::{AccessChange, EditCalls};
use super::observe::Operation;
use super::person::{Person, Presence};
use super::session::{Connection, Session};
use super::terms::InviteTerms;
use super::transport::host_and_port;
use super::{Defaults, TenantKey, Vendor, requests_a_minute};

/// What is assumed of a workspace. The vendor's own scripts send 2 to 4 invites a minute, a sibling API allows 60
/// (vendor contract: A5).
pub const DEFAULTS: Defaults = Defaults {
    requests_per_minute: requests_a_minute(30),
    settle_grace: Duration::from_secs(120),
    max_batch_size: 1,
};

/// A client of one workspace with one credential.
#[derive(Debug)]
pub struct Client {
    config: Config,
    session: Session,
}

impl Client {
    /// Makes a client; nothing is called yet.
    pub fn new(config: Config, connection: Connection) -> Self {
        let endpoint = account::token_endpoint(&config);
        let host = host_and_port(&config.endpoint);
        let session = Session::new(Vendor::HpeGreenLake, &host, connection, endpoint, wire::CODE_FIELDS);
        Self { config, session }
    }

    /// The tenant of the client's settings.
    pub fn tenant(&self) -> TenantKey {
        self.config.tenant()
    }

    fn host(&self) -> String {
        host_and_port(&self.config.endpoint)
    }

    /// One call is about one person; the others of a list were not sent.
    fn only_first<'a>(&self, keys: impl Iterator<Item = &'a str>, first: MemberAnswer) -> Answer {
        let error = VendorError::BadAnswer { host: self.host(), cause: "one person a call" };
        let mut answers = std::iter::once(first).chain(std::iter::repeat(MemberAnswer::NotSent(error)));
        Answer { members: keys.map(ToOwned::to_owned).zip(&mut answers).collect() }
    }

    async fn remove_first(&self, permit: &Permit, targets: &[Target], operation: Operation) -> Answer {
        let Some(first) = targets.first() else { return Answer::default() };
        let answer = self.remove_one(permit, first, operation).await;
        self.only_first(targets.iter().map(|target| target.email.key()), answer)
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
            acceptance: Support::Supported,
            resend: Resend::Recreate,
            update_access: Support::Unsupported,
            grants: &[],
            most_groups: None,
            access_in_invite: false,
            access_of_pending: false,
            edit_calls: EditCalls::PerGrant,
            logins: false,
            names_required: false,
        }
    }

    async fn verify(&self) -> Result<Account, VendorError> {
        self.account().await
    }

    async fn sweep(&self, _watched: &Watched) -> Result<Sweep, VendorError> {
        self.everybody().await
    }

    async fn find(&self, person: &Person, _watched: &Watched) -> Result<Option<Presence>, VendorError> {
        self.person(&person.email).await
    }

    async fn permit(&self) -> Result<Permit, VendorError> {
        self.session.permit().await
    }

    async fn invite(&self, permit: Permit, people: &[Person], terms: &InviteTerms) -> Answer {
        let Some(first) = people.first() else { return Answer::default() };
        let answer = self.invite_one(&permit, &first.email, terms).await;
        self.only_first(people.iter().map(Person::key), answer)
    }

    async fn cancel(&self, permit: Permit, targets: &[Target]) -> Answer {
        self.remove_first(&permit, targets, Operation::Cancel).await
    }

    async fn remove(&self, permit: Permit, targets: &[Target]) -> Answer {
        self.remove_first(&permit, targets, Operation::Remove).await
    }

    async fn edit(&self, _permit: Permit, _target: &Target, _change: &AccessChange) -> MemberAnswer {
        MemberAnswer::Refused(Refusal { class: ErrorClass::Unsupported, status: 0, code: None })
    }
}
