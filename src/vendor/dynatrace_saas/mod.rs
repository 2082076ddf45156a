//! Dynatrace SaaS: an account.
//!
//! Invitations take one person and carry nothing but the address; groups follow. Taking an invitation back is the same
//! call as removing a member (vendor contract: 3.2, 3.4).

mod account;
mod config;
mod groups;
mod list;
mod spelling;
mod wire;
mod write;

use std::time::Duration;

use async_trait::async_trait;

pub use config::{Config, DEFAULT_ENDPOINT, DEFAULT_TOKEN_ENDPOINT};

use self::spelling::Spellings;
use super::answer::{Answer, MemberAnswer};
use super::client::{
    Account, Capabilities, Expiry, Permit, Resend, Support, Sweep, Target, VendorClient, Watched,
};
use super::error::VendorError;
use super::grant::{AccessChange, EditCalls, GrantKind};
use super::names::Names;
use super::observe::Operation;
use super::person::{Person, Presence};
use super::session::{Connection, Session};
use super::terms::InviteTerms;
use super::transport::host_and_port;
use super::{Defaults, TenantKey, Vendor, requests_a_minute};

/// What is assumed of an account. A client of the vendor's own keeps to about one call a second (vendor contract: 3.6).
pub const DEFAULTS: Defaults = Defaults {
    requests_per_minute: requests_a_minute(60),
    settle_grace: Duration::from_secs(120),
    max_batch_size: 1,
};

/// How long an invitation can be used; the API never says so (vendor contract: 3.4).
const LIFE: Duration = Duration::from_secs(24 * 60 * 60);

/// A client of one account with one credential.
#[derive(Debug)]
pub struct Client {
    config: Config,
    session: Session,
    spellings: Spellings,
}

impl Client {
    /// Makes a client; nothing is called yet.
    pub fn new(mut config: Config, connection: Connection) -> Self {
        config.account_uuid = config::plain_id(&config.account_uuid);
        let endpoint = account::token_endpoint(&config);
        let host = host_and_port(&config.endpoint);
        let session = Session::new(Vendor::DynatraceSaas, &host, connection, endpoint, wire::CODE_FIELDS);
        Self { config, session, spellings: Spellings::default() }
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
            suppress_all: false,
            suppress_known: false,
            cancel: Support::Supported,
            remove: Support::Supported,
            expiry: Expiry::OwnClock(LIFE),
            acceptance: Support::Supported,
            resend: Resend::Recreate,
            update_access: Support::Supported,
            grants: &[GrantKind::Group],
            most_groups: None,
            access_in_invite: false,
            access_of_pending: true,
            // Setting the whole set would take people out of groups that are not ours to set.
            edit_calls: EditCalls::AdditionsThenRemovals,
            logins: false,
            names_required: false,
            initial_passwords: false,
        }
    }

    async fn verify(&self) -> Result<Account, VendorError> {
        self.account().await
    }

    async fn names(&self) -> Result<Names, VendorError> {
        self.all_names().await
    }

    async fn sweep(&self, watched: &Watched) -> Result<Sweep, VendorError> {
        let mut sweep = self.everybody().await?;
        if watched.access {
            self.add_groups(&mut sweep, &watched.groups).await?;
        }
        Ok(sweep)
    }

    /// A person read alone shows all groups, whether or not anybody wants to know.
    async fn find(&self, person: &Person, _watched: &Watched) -> Result<Option<Presence>, VendorError> {
        Ok(self.person(&person.email).await?.map(|found| found.presence))
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

    async fn edit(&self, permit: Permit, target: &Target, change: &AccessChange) -> MemberAnswer {
        self.edit_one(&permit, target, change).await
    }
}
