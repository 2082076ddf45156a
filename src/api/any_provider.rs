//! A provider of either kind, as the operator works with it: nothing but the kind itself is decided twice.

use std::borrow::Cow;

use kube::Resource;
use kube::api::ObjectMeta;
use kube::core::DynamicResourceScope;
use serde::Deserialize;

use super::cluster_provider::{AllowedNamespaces, ClusterInvitationProvider};
use super::invitation::ProviderKind;
use super::provider::{InvitationProvider, InvitationProviderSpec};
use super::provider_status::ProviderStatus;
use super::{GROUP, VERSION};

/// A provider of either kind. What belongs to a namespace is an `InvitationProvider`.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(from = "ClusterInvitationProvider")]
pub struct AnyProvider {
    /// Name, namespace, version and so on.
    pub metadata: ObjectMeta,
    /// What both kinds declare.
    pub spec: InvitationProviderSpec,
    /// What only a `ClusterInvitationProvider` declares.
    pub allowed_namespaces: Option<AllowedNamespaces>,
    /// What was last found.
    pub status: Option<ProviderStatus>,
}

impl AnyProvider {
    /// Its kind.
    pub const fn provider_kind(&self) -> ProviderKind {
        match self.metadata.namespace {
            Some(_) => ProviderKind::InvitationProvider,
            None => ProviderKind::ClusterInvitationProvider,
        }
    }
}

/// Whatever one kind can say, the other can read.
impl From<ClusterInvitationProvider> for AnyProvider {
    fn from(object: ClusterInvitationProvider) -> Self {
        Self {
            metadata: object.metadata,
            spec: object.spec.provider,
            allowed_namespaces: object.spec.allowed_namespaces,
            status: object.status,
        }
    }
}

impl From<InvitationProvider> for AnyProvider {
    fn from(object: InvitationProvider) -> Self {
        Self { metadata: object.metadata, spec: object.spec, allowed_namespaces: None, status: object.status }
    }
}

impl Resource for AnyProvider {
    type DynamicType = ProviderKind;
    type Scope = DynamicResourceScope;

    fn kind(kind: &ProviderKind) -> Cow<'_, str> {
        kind.as_str().into()
    }

    fn group(_: &ProviderKind) -> Cow<'_, str> {
        GROUP.into()
    }

    fn version(_: &ProviderKind) -> Cow<'_, str> {
        VERSION.into()
    }

    fn plural(kind: &ProviderKind) -> Cow<'_, str> {
        kind.plural().into()
    }

    fn meta(&self) -> &ObjectMeta {
        &self.metadata
    }

    fn meta_mut(&mut self) -> &mut ObjectMeta {
        &mut self.metadata
    }
}

#[cfg(test)]
mod tests {
    use kube::core::CustomResourceExt;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_two_kinds_are_those_of_the_definitions() {
        let resources = [InvitationProvider::api_resource(), ClusterInvitationProvider::api_resource()];
        for (kind, resource) in ProviderKind::ALL.iter().zip(resources) {
            assert_eq!(AnyProvider::kind(kind), resource.kind);
            assert_eq!(AnyProvider::plural(kind), resource.plural);
            assert_eq!(AnyProvider::api_version(kind), resource.api_version);
        }
        assert_eq!(InvitationProvider::shortnames(), [ProviderKind::InvitationProvider.short_name()]);
        assert_eq!(
            ClusterInvitationProvider::shortnames(),
            [ProviderKind::ClusterInvitationProvider.short_name()]
        );
    }

    #[test]
    fn both_kinds_are_read_as_they_are_written() {
        let spec = json!({
            "vmwareCloudServices": {"orgId": "x", "platform": "Vcsp"},
            "credentials": {"secretRef": {"name": "x"}},
            "limits": {"maxBatchSize": 3},
            "policy": {"adoption": "Manage"},
            "allowedNamespaces": {"names": ["a"]},
        });
        let read = |metadata| {
            let object = json!({"metadata": metadata, "spec": spec, "status": {"vendor": "V"}});
            serde_json::from_value::<AnyProvider>(object).unwrap()
        };
        let (namespaced, cluster) =
            (read(json!({"name": "p", "namespace": "a"})), read(json!({"name": "p"})));
        assert_eq!(namespaced.provider_kind(), ProviderKind::InvitationProvider);
        assert_eq!(cluster.provider_kind(), ProviderKind::ClusterInvitationProvider);
        assert_eq!(namespaced.spec, cluster.spec);
        assert_eq!(cluster.spec.limits.max_batch_size, Some(3));
        assert_eq!(cluster.status.and_then(|status| status.vendor).as_deref(), Some("V"));
        assert!(cluster.allowed_namespaces.is_some_and(|allowed| allowed.names("a")));
        let alone: InvitationProvider = serde_json::from_value(json!({
            "metadata": {"name": "p", "namespace": "a"}, "spec": spec, "status": {"vendor": "V"},
        }))
        .unwrap();
        assert_eq!(AnyProvider { allowed_namespaces: None, ..namespaced }, AnyProvider::from(alone));
    }
}
