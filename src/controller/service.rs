//! Which provider serves a tenant, and which of them still owe something.

use std::sync::Arc;

use kube::ResourceExt;

use super::context::{Context, by_provider};
use super::convert;
use super::fence::holds_in_use;
use super::gather::found_record;
use super::named::Named;
use super::provider_state::ProviderState;
use super::store::Key;
use crate::api::AnyProvider;
use crate::plan::{self, Contender, Service, serve};
use crate::vendor::TenantKey;

/// Decides who serves the tenant. Answers whether this provider just stopped doing so.
pub(super) fn decide(
    context: &Arc<Context>,
    key: &Key,
    provider: &AnyProvider,
    state: &mut ProviderState,
) -> bool {
    let served = state.serves;
    context.states().insert(key.clone(), state.clone());
    state.serves = state.tenant.as_ref().is_some_and(|tenant| {
        let rivals = context.contenders(tenant);
        let contenders: Vec<Contender<'_>> = rivals.iter().map(Rival::contender).collect();
        serve(&contenders, &provider.uid().unwrap_or_default()) == Service::Serves
    });
    served && !state.serves
}

/// A provider of the same tenant, with what the choice depends on.
struct Rival {
    object: Arc<AnyProvider>,
    owes: bool,
    verified: bool,
}

impl Rival {
    fn contender(&self) -> Contender<'_> {
        Contender {
            uid: self.object.metadata.uid.as_deref().unwrap_or_default(),
            created: self.object.metadata.creation_timestamp.as_ref().map(|time| time.0),
            holds_in_use: holds_in_use(&self.object),
            owes: self.owes,
            verified: self.verified,
        }
    }
}

impl Context {
    fn contenders(&self, tenant: &TenantKey) -> Vec<Rival> {
        let stored = self.providers.all();
        stored
            .into_iter()
            .filter_map(|stored| {
                let key = Key::of(&*stored.object);
                let state = self.state(&key, stored.object.metadata.uid.as_deref());
                let last = stored.object.status.as_ref().and_then(|status| status.tenant.as_ref());
                let known = match &state {
                    Some(state) if state.tenant.is_some() => state.tenant.clone(),
                    // Not looked at yet by this process: a holder counts with its last tenant.
                    Some(_) | None if holds_in_use(&stored.object) => last.and_then(convert::tenant_key),
                    Some(_) | None => None,
                };
                (known.as_ref() == Some(tenant)).then(|| Rival {
                    owes: self.owes(&key),
                    verified: state.is_some_and(|state| state.client.is_some())
                        && stored.object.metadata.deletion_timestamp.is_none(),
                    object: stored.object,
                })
            })
            .collect()
    }

    /// Whether some invitation of the provider owes a call, or may have a write open.
    pub(super) fn owes(&self, provider: &Key) -> bool {
        self.invitations.indexed(&by_provider(provider)).iter().any(|stored| {
            let found = found_record(&stored.object);
            match self.provider_of(&stored.object) {
                // Nothing is called for it any more, and only what was called already is waited for.
                Named::NotAllowed => plan::has_open_write(&stored.object, &found),
                Named::Missing | Named::NotKnown | Named::Found(_) => plan::owes(&stored.object, &found),
            }
        })
    }
}
