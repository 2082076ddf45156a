//! HPE GreenLake: a workspace.
//!
//! Invites take one person and answer 201; cancelling an invitation is the same call as removing a member
//! (vendor contract: A3).

mod account;
mod assignments;
mod config;
mod list;
mod wire;
mod write;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use async_trait::async_trait;

pub use config::{Config, DEFAULT_ENDPOINT};

use super::answer::{Answer, MemberAnswer};
use super::client::{
    Account, Capabilities, Expiry, Permit, Resend, Support, Sweep, Target, VendorClient, Watched,
};
use super::error::VendorError;
use super::grant::{AccessChange, EditCalls, GrantKind};
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
    /// The workspace has role assignments, as the last verification found.
    assigns_roles: AtomicBool,
    /// Ids of principals are sent with hyphens: without them they were refused.
    dashes: AtomicBool,
}

impl Client {
    /// Makes a client; nothing is called yet.
    pub fn new(config: Config, connection: Connection) -> Self {
        let endpoint = account::token_endpoint(&config);
        let host = host_and_port(&config.endpoint);
        let session = Session::new(Vendor::HpeGreenLake, &host, connection, endpoint, wire::CODE_FIELDS);
        Self { config, session, assigns_roles: AtomicBool::new(false), dashes: AtomicBool::new(false) }
    }

    /// The tenant of the client's settings.
    pub fn tenant(&self) -> TenantKey {
        self.config.tenant()
    }

    fn assigns_roles(&self) -> bool {
        self.assigns_roles.load(Ordering::Relaxed)
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
            update_access: if self.assigns_roles() { Support::Supported } else { Support::Unsupported },
            grants: if self.assigns_roles() { &[GrantKind::RoleAssignment] } else { &[] },
            most_groups: None,
            access_in_invite: false,
            access_of_pending: false,
            edit_calls: EditCalls::PerGrant,
            logins: false,
            names_required: false,
            initial_passwords: false,
        }
    }

    async fn verify(&self) -> Result<Account, VendorError> {
        let account = self.account().await?;
        self.look_for_assignments().await?;
        Ok(account)
    }

    async fn sweep(&self, watched: &Watched) -> Result<Sweep, VendorError> {
        let mut sweep = self.everybody().await?;
        if watched.access && self.assigns_roles() {
            self.add_assignments(&mut sweep).await?;
        }
        Ok(sweep)
    }

    async fn find(&self, person: &Person, watched: &Watched) -> Result<Option<Presence>, VendorError> {
        let mut found = self.person(&person.email).await?;
        if let Some(presence) = found.as_mut().filter(|_| watched.access && self.assigns_roles()) {
            self.add_held(presence).await?;
        }
        Ok(found)
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
