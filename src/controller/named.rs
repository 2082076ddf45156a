//! The provider that an invitation names, as far as the invitation's namespace may know of it. Nothing else looks
//! a provider up for an invitation, so what a namespace may not use has no effect on it.

use std::sync::Arc;

use k8s_openapi::api::core::v1::Namespace;
use kube::ResourceExt;
use kube::api::PartialObjectMeta;

use super::context::{Context, Work, by_cluster_user, provider_key};
use super::store::{Key, Stored};
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
    /// The watch has not shown the invitation's namespace yet, so nobody can say.
    NamespaceNotShown,
    /// The namespace may use it.
    Found(Stored<AnyProvider>),
}

impl Named {
    /// The provider, if there is one that the namespace may use.
    pub(super) fn found(self) -> Option<Stored<AnyProvider>> {
        match self {
            Self::Found(provider) => Some(provider),
            Self::Missing | Self::NotAllowed | Self::NamespaceNotShown => None,
        }
    }
}

impl Context {
    /// The provider that an invitation names.
    pub(super) fn provider_of(&self, invitation: &UserInvitation) -> Named {
        let namespace = invitation.metadata.namespace.clone().unwrap_or_default();
        let provider = self.providers.get(&provider_key(invitation));
        match invitation.spec.provider_ref.kind {
            ProviderKind::InvitationProvider => provider.map_or(Named::Missing, Named::Found),
            ProviderKind::ClusterInvitationProvider if !self.settings.cluster_providers() => Named::Missing,
            ProviderKind::ClusterInvitationProvider => {
                let key = Key { namespace: String::new(), name: namespace.clone() };
                // Asked first: how fast the answer comes must not tell whether there is such a provider.
                let Some(shown) = self.namespace_labels.get(&key) else { return Named::NamespaceNotShown };
                match provider {
                    None => Named::Missing,
                    Some(provider) if plan::may_use(&provider.object, &namespace, shown.object.labels()) => {
                        Named::Found(provider)
                    }
                    Some(_) => Named::NotAllowed,
                }
            }
        }
    }
}

/// What a watch event on a namespace means: what its labels allow may have changed.
pub(super) struct NamespaceLabels(pub Arc<Context>);

impl Listener<PartialObjectMeta<Namespace>> for NamespaceLabels {
    fn changed(&self, namespace: &PartialObjectMeta<Namespace>) {
        for key in self.0.invitations.keys(&by_cluster_user(&namespace.name_any())) {
            self.0.requests.now(Work::Invitation(key));
        }
    }

    fn gone(&self, namespace: &PartialObjectMeta<Namespace>) {
        self.changed(namespace);
    }
}
