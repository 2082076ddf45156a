//! The finalizer that says that a provider is in use: set before its first intent, once for each process, and
//! taken off when nothing needs it.

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;

use super::context::{Context, Fence};
use super::convert;
use super::provider_state::ProviderState;
use super::store::Key;
use super::writer::WriteError;
use crate::api::{AnyProvider, IN_USE_FINALIZER, SERVED_BY};

/// How long until a fence that may not be lifted yet is looked at again.
const LOOK_AGAIN: Duration = Duration::from_secs(1);

/// Whether the provider holds its tenant.
pub(super) fn holds_in_use(provider: &AnyProvider) -> bool {
    provider.finalizers().iter().any(|finalizer| finalizer == IN_USE_FINALIZER)
}

impl Context {
    /// Makes sure that this process has written the provider once, with the finalizer, before an intent is
    /// recorded.
    pub(super) async fn fence(&self, key: &Key) -> Result<(), WriteError> {
        let _turn = self.fencing.lock().await;
        let Some(stored) = self.providers.get(key) else { return Err(WriteError::Gone) };
        let provider = &*stored.object;
        let holds = holds_in_use(provider);
        let uid = provider.uid().unwrap_or_default();
        if self.fences().contains_key(&uid) && holds {
            return Ok(());
        }
        let mut finalizers = provider.finalizers().to_vec();
        // Kubernetes takes no new finalizer on an object that is being deleted; a holder keeps the one it has.
        if !holds && provider.metadata.deletion_timestamp.is_none() {
            finalizers.push(IN_USE_FINALIZER.to_owned());
        }
        let annotations = [(SERVED_BY, self.writer.process())];
        match self.writer.metadata(&self.providers, provider, &annotations, finalizers).await {
            Ok(_) => {}
            Err(WriteError::Conflict) => {
                self.writer.refresh(&self.providers, key).await?;
                return Err(WriteError::Conflict);
            }
            Err(error) => return Err(error),
        }
        self.fences().entry(uid).or_insert(Fence { first_holder: !holds });
        Ok(())
    }
}

/// Takes the finalizer off a provider that is being deleted, or that does not serve, once none of its invitations
/// owes anything. A new leader waits until calls of its predecessors have settled. Answers when to look again.
pub(super) async fn lift(
    context: &Arc<Context>,
    key: &Key,
    provider: &AnyProvider,
    state: &ProviderState,
) -> Result<Option<Duration>, WriteError> {
    let terminating = provider.metadata.deletion_timestamp.is_some();
    let needless = terminating || (state.tenant.is_some() && !state.serves);
    if !holds_in_use(provider) || !needless || context.owes(key) {
        return Ok(None);
    }
    let grace = state
        .tenant
        .as_ref()
        .map(|tenant| convert::settle_grace(&provider.spec, tenant.vendor))
        .unwrap_or_default();
    let uid = provider.uid().unwrap_or_default();
    let first_holder = context.fences().get(&uid).is_some_and(|fence| fence.first_holder);
    if !first_holder && context.leading_since.elapsed() < context.settlement_time(grace) {
        return Ok(Some(LOOK_AGAIN));
    }
    let finalizers = provider.finalizers().iter().filter(|name| *name != IN_USE_FINALIZER).cloned().collect();
    context.writer.metadata(&context.providers, provider, &[], finalizers).await?;
    context.fences().remove(&uid);
    Ok(None)
}
