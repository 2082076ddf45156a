//! The provider that an invitation names, as far as the invitation's namespace may know of it. Nothing else looks
//! a provider up for an invitation, so what a namespace may not use has no effect on it.
//!
//! The labels of namespaces are watched only where a provider selects by them, and only their metadata is read.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;
use kube::api::PartialObjectMeta;
use tokio::sync::watch;

use super::context::{Context, Work, by_cluster_user, provider_key};
use super::store::{Key, Store, Stored};
use super::watch::Listener;
use crate::api::{AnyProvider, ProviderKind, UserInvitation};
use crate::plan;

/// The provider that an invitation names.
#[derive(Debug)]
pub(super) enum Named {
    /// There is none.
    Missing,
    /// It is not for the invitation's namespace.
    NotAllowed,
    /// The labels of the invitation's namespace are not known yet, so nobody can say.
    NotKnown,
    /// The namespace may use it.
    Found(Stored<AnyProvider>),
}

impl Named {
    /// The provider, if there is one that the namespace may use.
    pub(super) fn found(self) -> Option<Stored<AnyProvider>> {
        match self {
            Self::Found(provider) => Some(provider),
            Self::Missing | Self::NotAllowed | Self::NotKnown => None,
        }
    }
}

/// The labels of namespaces, once somebody selects by them.
#[derive(Debug)]
pub(super) struct NamespaceLabels {
    pub store: Arc<Store<PartialObjectMeta<Namespace>>>,
    wanted: watch::Sender<bool>,
}

impl Default for NamespaceLabels {
    fn default() -> Self {
        Self { store: Arc::new(Store::new(|_| Vec::new())), wanted: watch::Sender::new(false) }
    }
}

impl NamespaceLabels {
    /// Takes note of a provider that may select by labels.
    pub(super) fn note(&self, provider: &AnyProvider) {
        if selects(provider) {
            self.wanted.send_if_modified(|wanted| !std::mem::replace(wanted, true));
        }
    }

    /// Waits until somebody selects by labels.
    pub(super) async fn wanted(&self) {
        // The sender lives as long as this.
        let _ = self.wanted.subscribe().wait_for(|wanted| *wanted).await;
    }

    fn are_wanted(&self) -> bool {
        *self.wanted.borrow()
    }

    fn of(&self, namespace: &str) -> Option<BTreeMap<String, String>> {
        let key = Key { namespace: String::new(), name: namespace.to_owned() };
        self.store.get(&key).map(|stored| stored.object.labels().clone())
    }
}

fn selects(provider: &AnyProvider) -> bool {
    provider.allowed_namespaces.as_ref().is_some_and(|allowed| allowed.selector.is_some())
}

impl Context {
    /// The provider that an invitation names.
    pub(super) fn provider_of(&self, invitation: &UserInvitation) -> Named {
        let provider = self.providers.get(&provider_key(invitation));
        match invitation.spec.provider_ref.kind {
            ProviderKind::InvitationProvider => provider.map_or(Named::Missing, Named::Found),
            ProviderKind::ClusterInvitationProvider => self.provider_of_cluster(invitation, provider),
        }
    }

    fn provider_of_cluster(
        &self,
        invitation: &UserInvitation,
        provider: Option<Stored<AnyProvider>>,
    ) -> Named {
        let namespace = invitation.metadata.namespace.as_deref().unwrap_or_default();
        let labels = self.namespace_labels.of(namespace);
        let selects = provider.as_ref().is_some_and(|provider| selects(&provider.object));
        // Asked first: when the answer comes must not tell whether there is such a provider.
        if labels.is_none() && (selects || self.namespace_labels.are_wanted()) {
            return Named::NotKnown;
        }
        match provider {
            None => Named::Missing,
            Some(provider) if plan::may_use(&provider.object, namespace, &labels.unwrap_or_default()) => {
                Named::Found(provider)
            }
            Some(_) => Named::NotAllowed,
        }
    }
}

/// What a watch event on a namespace means: what its labels allow may have changed.
pub(super) struct Namespaces(pub Arc<Context>);

impl Listener<PartialObjectMeta<Namespace>> for Namespaces {
    fn changed(&self, namespace: &PartialObjectMeta<Namespace>) {
        for key in self.0.invitations.keys(&by_cluster_user(&namespace.name_any())) {
            self.0.requests.now(Work::Invitation(key));
        }
    }

    fn gone(&self, namespace: &PartialObjectMeta<Namespace>) {
        self.changed(namespace);
    }
}
