//! Dynatrace Managed: a cluster, Cluster API v1.
//!
//! Users are created, one or several in a call, and are there at once: nobody is invited, and whether anybody ever signs
//! in does not show (vendor contract: 2.5).

mod change;
mod config;
mod create;
mod users;
mod wire;

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use secrecy::{ExposeSecret, SecretString};

pub use config::Config;

use super::answer::{Answer, MemberAnswer, Refusal};
use super::client::{
    Account, Capabilities, Expiry, Permit, Resend, Support, Sweep, Target, VendorClient, Watched,
};
use super::error::{ErrorClass, VendorError};
use super::grant::{AccessChange, EditCalls, GrantKind};
use super::names::Names;
use super::person::{Person, Presence};
use super::session::{Connection, Session};
use super::terms::InviteTerms;
use super::transport::host_and_port;
use super::{Defaults, TenantKey, Vendor, requests_a_minute};

/// What is assumed of a cluster. Neither pace nor largest call are documented (vendor contract: 2.9).
pub const DEFAULTS: Defaults = Defaults {
    requests_per_minute: requests_a_minute(60),
    settle_grace: Duration::from_secs(120),
    max_batch_size: MOST_PEOPLE,
};

/// The most people in one call: far below the payload limit (vendor contract: 2.9).
const MOST_PEOPLE: usize = 50;

/// A client of one cluster with one token.
pub struct Client {
    config: Config,
    session: Session,
    /// The login names by address, as the last list had them; `None`: nobody has listed yet.
    logins: Mutex<Option<HashMap<String, String>>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("endpoint", &self.config.endpoint.as_str()).finish_non_exhaustive()
    }
}

impl Client {
    /// Makes a client; nothing is called yet.
    pub fn new(config: Config, connection: Connection) -> Self {
        let host = host_and_port(&config.endpoint);
        let token = SecretString::from(format!("Api-Token {}", config.api_token.expose_secret()));
        let session = Session::fixed(Vendor::DynatraceManaged, host, connection, token);
        Self { config, session, logins: Mutex::new(None) }
    }

    /// The tenant of the client's settings.
    pub fn tenant(&self) -> TenantKey {
        self.config.tenant()
    }

    fn host(&self) -> String {
        host_and_port(&self.config.endpoint)
    }

    /// The path of a collection (vendor contract: 2.1).
    #[allow(clippy::unused_self)] // reads like the other parts of a call
    const fn path(&self, collection: &'static str) -> [&'static str; 4] {
        ["api", "v1.0", "onpremise", collection]
    }
}

/// What can't be honoured is not sent.
const fn unsupported() -> MemberAnswer {
    MemberAnswer::Refused(Refusal { class: ErrorClass::Unsupported, status: 0, code: None })
}

#[async_trait]
impl VendorClient for Client {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_batch_size: self.config.max_batch_size.clamp(1, MOST_PEOPLE),
            exact_read: true,
            cancel_is_remove: true,
            max_cancel_batch: 1,
            max_remove_batch: 1,
            // Whether a mail is sent at all is not documented (vendor contract: 2.5).
            suppress_all: false,
            suppress_known: false,
            // There is nothing to cancel: nobody is pending.
            cancel: Support::Unsupported,
            remove: Support::Supported,
            expiry: Expiry::None,
            acceptance: Support::Unsupported,
            resend: Resend::None,
            update_access: Support::Supported,
            grants: &[GrantKind::Group],
            most_groups: None,
            access_in_invite: true,
            access_of_pending: true,
            edit_calls: EditCalls::WholeSet,
            logins: true,
            names_required: true,
            initial_passwords: true,
        }
    }

    async fn verify(&self) -> Result<Account, VendorError> {
        self.account().await
    }

    async fn names(&self) -> Result<Names, VendorError> {
        self.group_names().await
    }

    async fn sweep(&self, _watched: &Watched) -> Result<Sweep, VendorError> {
        self.everybody().await
    }

    async fn find(&self, person: &Person, _watched: &Watched) -> Result<Option<Presence>, VendorError> {
        self.person(person).await
    }

    async fn permit(&self) -> Result<Permit, VendorError> {
        self.session.permit().await
    }

    async fn invite(&self, permit: Permit, people: &[Person], terms: &InviteTerms) -> Answer {
        self.create(&permit, people, terms).await
    }

    async fn cancel(&self, _permit: Permit, targets: &[Target]) -> Answer {
        Answer::all(targets.iter().map(|target| target.email.key()), &unsupported())
    }

    async fn remove(&self, permit: Permit, targets: &[Target]) -> Answer {
        let Some(first) = targets.first() else { return Answer::default() };
        let answer = self.remove_one(&permit, first).await;
        let error = VendorError::BadAnswer { host: self.host(), cause: "one person a call" };
        let answers = std::iter::once(answer).chain(std::iter::repeat(MemberAnswer::NotSent(error)));
        Answer { members: targets.iter().map(|target| target.email.key().to_owned()).zip(answers).collect() }
    }

    async fn edit(&self, permit: Permit, target: &Target, change: &AccessChange) -> MemberAnswer {
        self.update(&permit, target, change).await
    }
}
