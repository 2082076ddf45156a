//! Which namespaces may use a provider.

use std::collections::BTreeMap;

use crate::api::{AnyProvider, ProviderKind};

/// Whether the invitations of a namespace with these labels may use the provider.
pub fn may_use(provider: &AnyProvider, namespace: &str, labels: &BTreeMap<String, String>) -> bool {
    match provider.provider_kind() {
        ProviderKind::InvitationProvider => provider.metadata.namespace.as_deref() == Some(namespace),
        ProviderKind::ClusterInvitationProvider => provider
            .allowed_namespaces
            .as_ref()
            .is_some_and(|allowed| allowed.names(namespace) || allowed.selects(labels)),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    #[rstest]
    #[case::absent(json!(null), false)]
    #[case::empty(json!({}), false)]
    #[case::empty_parts(json!({"names": [], "selector": {}}), false)]
    #[case::named(json!({"names": ["other", "team"]}), true)]
    #[case::not_named(json!({"names": ["other"]}), false)]
    #[case::selected(json!({"selector": {"matchLabels": {"tier": "one"}}}), true)]
    #[case::not_selected(json!({"selector": {"matchLabels": {"tier": "two"}}}), false)]
    #[case::either(json!({"names": ["team"], "selector": {"matchLabels": {"tier": "two"}}}), true)]
    #[case::or(json!({"names": ["other"], "selector": {"matchLabels": {"tier": "one"}}}), true)]
    fn of_the_cluster(#[case] allowed: Value, #[case] wanted: bool) {
        let labels = BTreeMap::from([("tier".to_owned(), "one".to_owned())]);
        let provider = AnyProvider {
            allowed_namespaces: serde_json::from_value(allowed).unwrap(),
            ..AnyProvider::default()
        };
        assert_eq!(may_use(&provider, "team", &labels), wanted);
    }

    #[test]
    fn of_one_namespace() {
        let mut provider = AnyProvider::default();
        provider.metadata.namespace = Some("team".to_owned());
        provider.allowed_namespaces = serde_json::from_value(json!({"names": ["other"]})).unwrap();
        assert!(may_use(&provider, "team", &BTreeMap::new()));
        assert!(!may_use(&provider, "other", &BTreeMap::new()));
    }
}
