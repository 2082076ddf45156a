//! AppXite: a platform, or one organization on it.
//!
//! Four operations are documented, and not much of their form (vendor contract: 1.0, 1.1), so paths and names of
//! fields are settings. Invites take several people and organizations; what became of them is seen in the list of
//! users. Nothing is documented that takes an invitation back or removes somebody: it can be done where a setting
//! says how (vendor contract: 1.3.7).

mod account;
mod config;
mod invite;
mod list;
mod removal;
mod results;
mod users;
mod wire;

use std::time::Duration;

use async_trait::async_trait;
use reqwest::Method;
use reqwest::header::HeaderName;
use secrecy::SecretString;

pub use config::{Config, DEFAULT_ENDPOINT, OrganizationIdsPlacement, Paths, PlatformHeader};

use super::answer::{Answer, MemberAnswer, Refusal};
use super::client::{
    Account, Capabilities, Expiry, Permit, Resend, Support, Sweep, Target, VendorClient, Watched,
};
use super::error::{ErrorClass, VendorError};
use super::grant::{AccessChange, EditCalls, GrantKind};
use super::names::Names;
use super::observe::Operation;
use super::person::{Person, Presence};
use super::session::{Connection, Session};
use super::terms::InviteTerms;
use super::transport::{Request, host_and_port, target};
use super::{Defaults, TenantKey, Vendor, requests_a_minute};

/// What is assumed of a platform. The vendor documents no pace and no largest call (vendor contract: 1.3.6), and
/// nothing about when an invitation shows.
pub const DEFAULTS: Defaults = Defaults {
    requests_per_minute: requests_a_minute(60),
    settle_grace: Duration::from_secs(600),
    max_batch_size: 20,
};

/// How long an invitation can be accepted (vendor contract: 1.2.4). No list tells when one ends.
const VALID: Duration = Duration::from_secs(7 * 24 * 60 * 60);

/// What an invitation can carry (vendor contract: 1.2.2, 1.3.3).
const GRANTS: &[GrantKind] = &[GrantKind::Organization, GrantKind::Role, GrantKind::IdentityProvider];

/// A client of one platform with one credential.
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
        let session = Session::new(Vendor::AppXite, &host, connection, endpoint, wire::CODE_FIELDS);
        Self { config, session }
    }

    /// The tenant of the client's settings.
    pub fn tenant(&self) -> TenantKey {
        self.config.tenant()
    }

    fn host(&self) -> String {
        host_and_port(&self.config.endpoint)
    }

    /// A call of one of the paths of the settings.
    fn request(&self, method: Method, path: &str, query: &[(&str, &str)]) -> Request {
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        let url = target(&self.config.endpoint, &segments, query);
        Request::new(method, url).headers(headers(&self.config))
    }

    /// What can be done where the settings name the path that does it.
    const fn removal(&self) -> Support {
        if self.config.paths.remove.is_some() { Support::Supported } else { Support::Configurable }
    }
}

/// What every call carries beside the token (vendor contract: 1.2.1).
fn headers(config: &Config) -> Vec<(HeaderName, SecretString)> {
    let platform = match config.platform_header {
        PlatformHeader::Referer => "referer",
        PlatformHeader::XReferer => "x-referer",
    };
    let named = |name, value: &str| (HeaderName::from_static(name), SecretString::from(value.trim()));
    let mut headers = vec![
        (HeaderName::from_static("ocp-apim-subscription-key"), config.subscription_key.clone()),
        named(platform, &config.platform_url),
    ];
    headers.extend(config.on_behalf_of.iter().map(|id| named("x-on-behalf-of", id)));
    headers.extend(config.api_version.iter().map(|version| named("api-version", version)));
    headers
}

#[async_trait]
impl VendorClient for Client {
    fn capabilities(&self) -> Capabilities {
        let removal = self.removal();
        Capabilities {
            max_batch_size: self.config.max_batch_size.max(1),
            exact_read: false,
            cancel_is_remove: true,
            max_cancel_batch: 1,
            max_remove_batch: 1,
            suppress_all: false,
            suppress_known: false,
            cancel: removal,
            remove: removal,
            expiry: Expiry::OwnClock(VALID),
            acceptance: Support::Supported,
            resend: if removal.is_given() { Resend::Recreate } else { Resend::AfterExpiry },
            update_access: Support::Unsupported,
            grants: GRANTS,
            most_groups: None,
            access_in_invite: true,
            access_of_pending: false,
            edit_calls: EditCalls::WholeSet,
            logins: false,
            names_required: false,
            initial_passwords: false,
        }
    }

    async fn verify(&self) -> Result<Account, VendorError> {
        self.account().await
    }

    async fn names(&self) -> Result<Names, VendorError> {
        self.catalogue().await
    }

    async fn sweep(&self, _watched: &Watched) -> Result<Sweep, VendorError> {
        self.everybody().await
    }

    async fn find(&self, person: &Person, _watched: &Watched) -> Result<Option<Presence>, VendorError> {
        self.among_all(person).await
    }

    async fn permit(&self) -> Result<Permit, VendorError> {
        self.session.permit().await
    }

    async fn invite(&self, permit: Permit, people: &[Person], terms: &InviteTerms) -> Answer {
        self.invite_all(&permit, people, terms).await
    }

    async fn cancel(&self, permit: Permit, targets: &[Target]) -> Answer {
        self.remove_first(&permit, targets, Operation::Cancel).await
    }

    async fn remove(&self, permit: Permit, targets: &[Target]) -> Answer {
        self.remove_first(&permit, targets, Operation::Remove).await
    }

    async fn edit(&self, _permit: Permit, _target: &Target, _change: &AccessChange) -> MemberAnswer {
        UNSUPPORTED
    }
}

/// What the vendor has no call for.
const UNSUPPORTED: MemberAnswer =
    MemberAnswer::Refused(Refusal { class: ErrorClass::Unsupported, status: 0, code: None });
