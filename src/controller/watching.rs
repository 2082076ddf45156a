//! What looks at a tenant have to show of what people hold: only what somebody asks for costs reads.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::context::{Context, by_person, by_provider, provider_key};
use super::provider_state::ProviderState;
use super::store::Key;
use super::unmanaged::Exporting;
use crate::api::UserInvitation;
use crate::plan;
use crate::vendor::{Grant, GrantKind, Names, TenantKey, Watched};

/// The invitations of one tenant, as far as they ask for access.
pub(super) struct Watching<'a> {
    context: &'a Context,
    providers: Vec<Key>,
    /// Somebody wants a list of everybody, with what they hold.
    listed: bool,
    names: Option<Arc<Names>>,
}

impl<'a> Watching<'a> {
    /// Of this tenant.
    pub(super) fn new(context: &'a Context, tenant: &TenantKey) -> Self {
        let providers: Vec<Key> = context
            .providers_of(tenant)
            .into_iter()
            .filter(|key| context.states().get(key).is_some_and(ProviderState::updates_access))
            .collect();
        let listed = providers.iter().any(|key| {
            let states = context.states();
            states.get(key).and_then(|state| state.exporting.as_ref()).is_some_and(Exporting::waits)
        });
        let names = if providers.is_empty() { None } else { context.tenants.known_names(tenant) };
        Self { context, providers, listed, names }
    }

    /// What has to be shown of one person (by lower-cased e-mail), or of everybody.
    pub(super) fn of(&self, person: Option<&str>) -> Watched {
        let mut watched = Watched::default();
        if self.listed && person.is_none() {
            watched.access = true;
            let names = self.names.iter();
            watched.groups.extend(names.flat_map(|names| names.ids(GrantKind::Group)).map(str::to_owned));
        }
        let entries: Vec<String> = match person {
            Some(person) => vec![by_person(person)],
            None => self.providers.iter().map(by_provider).collect(),
        };
        for stored in entries.iter().flat_map(|entry| self.context.invitations.indexed(entry)) {
            let grants = self.grants(&stored.object);
            watched.access |= !grants.is_empty();
            watched.groups.extend(self.groups(&grants));
        }
        watched
    }

    /// What the invitation asks for or has granted.
    fn grants(&self, invitation: &UserInvitation) -> Vec<Grant> {
        let key = provider_key(invitation);
        let provider = self.context.provider_of(invitation).found();
        let Some(provider) = provider.filter(|_| self.providers.contains(&key)) else {
            return Vec::new();
        };
        let mut grants = plan::asked_access(&invitation.spec, &provider.object.spec).unwrap_or_default();
        let applied = invitation.status.as_ref().and_then(|status| status.applied_access.as_ref());
        grants.extend(applied.into_iter().flat_map(crate::api::Access::grants));
        grants
    }

    fn groups(&self, grants: &[Grant]) -> BTreeSet<String> {
        let groups = grants.iter().filter(|grant| grant.kind == GrantKind::Group);
        groups
            .filter_map(|group| match &self.names {
                Some(names) => names.id(group.kind, &group.name).ok(),
                None => None,
            })
            .collect()
    }
}
