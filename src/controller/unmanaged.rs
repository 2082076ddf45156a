//! The people of a tenant whom nobody has declared, for whoever asks with an annotation on the provider: a page of them
//! stands in its status until it is taken.

use std::sync::Arc;

use rand::Rng;
use tokio::time::Instant;

use super::context::{Context, Work, by_person, now, provider_key};
use super::named::Named;
use super::provider_state::ProviderState;
use super::store::Key;
use crate::api::{AnyProvider, EXPORT_REQUESTED_AT, UnmanagedPage};
use crate::plan::{self, Export, Listing, Tenancy};
use crate::vendor::TenantKey;

/// A list that somebody has asked for.
#[derive(Debug, Clone)]
pub(super) struct Exporting {
    /// What its pages have in common.
    value: String,
    /// Looks that began before this are too old.
    since: Option<Instant>,
    /// The list, once there is one.
    listing: Option<Arc<Listing>>,
}

impl Exporting {
    fn new(value: &str) -> Self {
        Self { value: value.to_owned(), since: None, listing: None }
    }

    /// Whether looks have to show what people hold.
    pub const fn waits(&self) -> bool {
        self.listing.is_none()
    }
}

/// The page that a provider's status is to have.
pub(super) fn page(
    context: &Arc<Context>,
    key: &Key,
    provider: &AnyProvider,
    state: &mut ProviderState,
    before: Option<&UnmanagedPage>,
) -> Option<Box<UnmanagedPage>> {
    let asked = provider.metadata.annotations.as_ref().and_then(|all| all.get(EXPORT_REQUESTED_AT));
    let lifetime = context.settings.engine.export_page();
    match plan::export(asked.map(String::as_str), before, now(), lifetime) {
        Export::Nothing => {
            state.exporting = None;
            None
        }
        Export::Says => before.cloned().map(Box::new),
        Export::Gives(page) => {
            state.exporting = None;
            Some(page)
        }
        Export::Stays(rest) => {
            context.requests.after(Work::Provider(key.clone()), rest);
            before.cloned().map(Box::new)
        }
        Export::Asks(request) => {
            let listing = context.listing(key, provider, state, request.value)?;
            context.requests.after(Work::Provider(key.clone()), lifetime);
            Some(Box::new(plan::page(&request, &listing, now())))
        }
    }
}

impl Context {
    /// The list for a request; `None`: the vendor is being looked at, or can't be.
    fn listing(
        &self,
        key: &Key,
        provider: &AnyProvider,
        state: &mut ProviderState,
        value: &str,
    ) -> Option<Arc<Listing>> {
        let exporting = match state.exporting.take() {
            Some(exporting) if exporting.value == value => exporting,
            Some(_) | None => Exporting::new(value),
        };
        let exporting = state.exporting.insert(exporting);
        if exporting.listing.is_some() {
            return exporting.listing.clone();
        }
        let starts = state.starts();
        let (tenant, can) = state.tenant.clone().zip(state.capabilities).filter(|_| starts)?;
        // The look that is asked for shows what people hold because this stands here.
        self.states().insert(key.clone(), state.clone());
        let names = self.tenants.names(&tenant)?;
        let exporting = state.exporting.as_mut()?;
        let since = *exporting.since.get_or_insert_with(Instant::now);
        let tenancy = Tenancy {
            policy: &provider.spec.policy,
            own_login: state.own_login.as_deref(),
            logins: can.logins,
            names: &names,
        };
        let providers = self.providers_of(&tenant);
        let mut people = self.tenants.everybody(&tenant, since, |person, presence| {
            (!self.is_declared(&providers, person))
                .then(|| plan::unmanaged_person(person, presence, &tenancy))
        })?;
        people.sort_unstable_by(|one, other| one.email.cmp(&other.email));
        let id = format!("{:016x}", rand::rng().random::<u64>());
        exporting.listing = Some(Arc::new(Listing { id, people }));
        exporting.listing.clone()
    }

    /// How many people of a tenant nobody has declared; `None`: nobody has looked yet.
    pub(super) fn count_unmanaged(&self, tenant: &TenantKey) -> Option<usize> {
        let providers = self.providers_of(tenant);
        self.tenants.count_people(tenant, |person| !self.is_declared(&providers, person))
    }

    /// Whether an invitation names this person for one of these providers, and may.
    fn is_declared(&self, providers: &[Key], person: &str) -> bool {
        self.invitations.indexed(&by_person(person)).iter().any(|stored| {
            providers.contains(&provider_key(&stored.object))
                && match self.provider_of(&stored.object) {
                    Named::Missing | Named::NotAllowed => false,
                    // Whoever may be declared is not offered to be declared again.
                    Named::NotKnown | Named::Found(_) => true,
                }
        })
    }
}
