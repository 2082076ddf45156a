//! VMware Cloud Services (VCSP and TCSP): an organization.
//!
//! Invites take many people and answer 202 without a word about each (vendor contract: B3.1); what became of them
//! is seen in the invitations and the users.

mod access;
mod account;
mod config;
mod invitations;
mod invite;
mod picture;
mod removal;
mod users;
mod wire;

use std::time::Duration;

use async_trait::async_trait;

pub use config::{Config, Credentials, Platform};

use super::answer::{Answer, MemberAnswer};
use super::client::{
    Account, Capabilities, Expiry, Permit, Resend, Support, Sweep, Target, VendorClient, Watched,
};
use super::error::VendorError;
use super::grant::{AccessChange, EditCalls, GrantKind};
use super::names::Names;
use super::person::{Person, Presence};
use super::session::{Connection, Session};
use super::terms::InviteTerms;
use super::transport::host_and_port;
use super::{Defaults, TenantKey, Vendor, requests_a_minute};
use users::Hit;

/// How many people one removal takes (vendor contract: B3.4).
const MAX_REMOVE_BATCH: usize = 20;
/// After how many days an invitation ends when nothing else is asked for (vendor contract: B3.1).
const DEFAULT_DAYS: u8 = 7;
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What an invitation can carry (vendor contract: B3.1).
const GRANTS: &[GrantKind] =
    &[GrantKind::OrganizationRole, GrantKind::ServiceRole, GrantKind::CustomRole, GrantKind::Group];

/// What is assumed of an organization. The vendor documents no pace and no largest call (vendor contract: B4, U6).
pub const DEFAULTS: Defaults = Defaults {
    requests_per_minute: requests_a_minute(60),
    settle_grace: Duration::from_secs(600),
    max_batch_size: 20,
};

/// How many groups an invitation can carry (vendor contract: B3.1).
const MOST_GROUPS: usize = 15;

/// A client of one organization with one credential.
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
        let vendor = Vendor::VmwareCloudServices;
        let session = Session::new(vendor, &host, connection, endpoint, wire::CODE_FIELDS);
        Self { config, session }
    }

    /// The tenant of the client's settings.
    pub fn tenant(&self) -> TenantKey {
        self.config.tenant()
    }

    fn host(&self) -> String {
        host_and_port(&self.config.endpoint)
    }

    fn org_path(&self) -> [&str; 6] {
        ["csp", "gateway", "am", "api", "orgs", self.config.org_id.trim()]
    }

    fn users_path(&self) -> [&str; 8] {
        ["csp", "gateway", "am", "api", "v2", "orgs", self.config.org_id.trim(), "users"]
    }

    /// How long an invitation is good when the vendor does not say it clearly.
    fn life(&self) -> Duration {
        let days = match self.config.platform {
            Platform::Tcsp => self.config.expiration_days.unwrap_or(DEFAULT_DAYS),
            Platform::Vcsp => DEFAULT_DAYS,
        };
        DAY * u32::from(days)
    }
}

#[async_trait]
impl VendorClient for Client {
    fn capabilities(&self) -> Capabilities {
        Capabilities {
            max_batch_size: self.config.max_batch_size.max(1),
            exact_read: true,
            cancel_is_remove: false,
            max_cancel_batch: self.config.max_batch_size.max(1),
            max_remove_batch: MAX_REMOVE_BATCH,
            suppress_all: true,
            suppress_known: true,
            cancel: Support::Supported,
            remove: Support::Supported,
            expiry: Expiry::Vendor,
            acceptance: Support::Supported,
            resend: Resend::Recreate,
            update_access: Support::Supported,
            grants: GRANTS,
            most_groups: Some(MOST_GROUPS),
            access_in_invite: true,
            access_of_pending: false,
            edit_calls: EditCalls::RolesTogetherGroupsAlone,
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
        let invitations = self.invitations().await?;
        let members = self.members(watched).await?;
        let now = invitations.now();
        Ok(Sweep {
            people: picture::people(invitations.rows, &members.users, self.life(), now),
            incomplete: invitations.incomplete.or(members.incomplete),
        })
    }

    async fn find(&self, person: &Person, watched: &Watched) -> Result<Option<Presence>, VendorError> {
        let email = &person.email;
        let mut invitations = self.invitations().await?;
        invitations.rows.retain(|row| {
            row.username
                .as_deref()
                .is_some_and(|username| super::person::Email::new(username).key() == email.key())
        });
        // A search shows no groups.
        let hit = if watched.groups.is_empty() { self.search(email).await? } else { Hit::Unsure };
        let (users, incomplete) = match hit {
            Hit::Member(user) => (vec![user], None),
            Hit::Nobody => (Vec::new(), None),
            Hit::Unsure => {
                let members = self.members(watched).await?;
                (members.users, members.incomplete)
            }
        };
        let now = invitations.now();
        let mut people = picture::people(invitations.rows, &users, self.life(), now);
        match (people.remove(email.key()), invitations.incomplete.or(incomplete)) {
            (None, Some(cause)) => Err(VendorError::BadAnswer { host: self.host(), cause }),
            (found, _) => Ok(found),
        }
    }

    async fn permit(&self) -> Result<Permit, VendorError> {
        self.session.permit().await
    }

    async fn invite(&self, permit: Permit, people: &[Person], terms: &InviteTerms) -> Answer {
        let member = self.invite_all(&permit, people, terms).await;
        Answer::all(people.iter().map(Person::key), &member)
    }

    async fn cancel(&self, permit: Permit, targets: &[Target]) -> Answer {
        let member = self.cancel_all(&permit, targets).await;
        Answer::all(targets.iter().map(|target| target.email.key()), &member)
    }

    async fn remove(&self, permit: Permit, targets: &[Target]) -> Answer {
        self.remove_all(&permit, targets).await
    }

    async fn edit(&self, permit: Permit, target: &Target, change: &AccessChange) -> MemberAnswer {
        self.edit_one(&permit, target, change).await
    }
}
