//! What this process knows of a provider.

use std::sync::Arc;

use jiff::Timestamp;
use tokio::time::Instant;

use super::credentials::Sources;
use super::trouble::Trouble;
use super::unmanaged::Exporting;
use crate::api::{Account, AnyProvider, ProviderMode};
use crate::tenant::Sighting;
use crate::vendor::{Capabilities, TenantKey, VendorClient};

/// What this process knows of a provider. A client that worked stays for owed deletions, whatever comes later.
#[derive(Debug, Clone)]
pub(super) struct ProviderState {
    pub uid: String,
    /// The tenant as last verified, by this process or (for a holder) by an earlier one.
    pub tenant: Option<TenantKey>,
    /// A client that was verified for the tenant.
    pub client: Option<Arc<dyn VendorClient>>,
    pub capabilities: Option<Capabilities>,
    pub account: Option<Account>,
    pub own_login: Option<String>,
    pub credential_expires: Option<Timestamp>,
    pub sources: Option<Sources>,
    /// Why the credentials can't be used now.
    pub trouble: Option<Trouble>,
    /// When the Secret is read again.
    pub refresh_at: Instant,
    /// Failed tries in a row.
    pub failures: u32,
    /// The generation whose credentials were read last.
    pub seen_generation: Option<i64>,
    /// The provider serves its tenant.
    pub serves: bool,
    /// When the numbers in its status were last written.
    pub counted_at: Option<Instant>,
    /// The last value of the reconcile annotation that was acted on.
    pub reconcile_handled: Option<String>,
    /// Since when its mode has been Enforce, as far as this process has seen: what is done follows from later looks.
    pub enforces_since: Option<Instant>,
    /// What the attached tenant was last told.
    pub attached: Option<(TenantKey, bool, i64)>,
    /// The list of people that somebody has asked for.
    pub exporting: Option<Exporting>,
}

impl ProviderState {
    pub fn new(uid: String) -> Self {
        Self {
            uid,
            tenant: None,
            client: None,
            capabilities: None,
            account: None,
            own_login: None,
            credential_expires: None,
            sources: None,
            trouble: None,
            refresh_at: Instant::now(),
            failures: 0,
            seen_generation: None,
            serves: false,
            counted_at: None,
            reconcile_handled: None,
            enforces_since: None,
            attached: None,
            exporting: None,
        }
    }

    /// Whether a look may be acted on. Going over to Enforce starts with a fresh one; without one nothing is decided.
    pub fn believes(&self, provider: &AnyProvider, sighting: Option<&Sighting>) -> bool {
        match provider.spec.mode {
            ProviderMode::Enforce => {
                let since = self.enforces_since.zip(sighting);
                since.is_some_and(|(since, sighting)| sighting.begun >= since)
            }
            ProviderMode::DryRun | ProviderMode::Suspended => true,
        }
    }

    /// Whether it will start things without anybody's doing: the credential is being verified. `current`: the
    /// present one was, already.
    pub const fn gets_ready(&self, current: bool) -> bool {
        self.trouble.is_none() && (self.client.is_none() || !current)
    }

    /// Whether what its vendor's members hold can be changed, and so is worth looking at.
    pub fn updates_access(&self) -> bool {
        self.capabilities.is_some_and(|can| can.update_access.is_given())
    }

    /// Whether its invitations may start something.
    pub const fn starts(&self) -> bool {
        self.serves && self.trouble.is_none() && self.client.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn going_over_to_enforce_starts_with_a_fresh_look() {
        let mut provider = AnyProvider::default();
        let mut state = ProviderState::new("uid".to_owned());
        let look = |begun| Sighting { begun, presence: None, counts_as_absence: true, absence_proven: false };
        let old = look(Instant::now());
        tokio::time::advance(Duration::from_secs(1)).await;
        provider.spec.mode = ProviderMode::DryRun;
        assert!(state.believes(&provider, Some(&old)));
        provider.spec.mode = ProviderMode::Enforce;
        assert!(
            !state.believes(&provider, Some(&old)),
            "the store shows the change, the provider was not looked at yet"
        );
        state.enforces_since = Some(Instant::now());
        assert!(!state.believes(&provider, Some(&old)));
        assert!(!state.believes(&provider, None));
        assert!(state.believes(&provider, Some(&look(Instant::now()))));
    }
}
