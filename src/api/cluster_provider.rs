//! `ClusterInvitationProvider`: one vendor tenant for several namespaces.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use std::collections::BTreeMap;

use kube::CustomResource;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use super::provider::InvitationProviderSpec;
use super::provider_status::ProviderStatus;
use super::rules;

/// spec says which vendor tenant this is, with which credentials it is opened, which namespaces may use it, and what
/// their invitations may ask for. Exactly one vendor block, and its choice is immutable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, CustomResource, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "userinvitation.dev",
    version = "v1alpha1",
    kind = "ClusterInvitationProvider",
    plural = "clusterinvitationproviders",
    shortname = "ciprov",
    category = "invitations",
    status = "ProviderStatus",
    derive = "PartialEq",
    doc = "ClusterInvitationProvider is one vendor tenant and its credentials, for the UserInvitations of the namespaces \
        that allowedNamespaces names. Its Secret is in the operator's namespace. Apart from that it is what InvitationProvider \
        is for one namespace.\n\n\
        Annotations: those of InvitationProvider."
)]
pub struct ClusterInvitationProviderSpec {
    /// What both kinds of providers have.
    #[serde(flatten)]
    pub provider: InvitationProviderSpec,
    /// allowedNamespaces says which namespaces may use this provider: those that are named or selected. Absent: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowed_namespaces: Option<AllowedNamespaces>,
}

/// Which namespaces may use a provider: those that are named, and those whose labels are selected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AllowedNamespaces {
    /// names are the names of namespaces, at most 256. Absent or empty: none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(
        length(max = 256),
        inner(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))
    )]
    pub names: Vec<String>,
    /// selector selects namespaces by their labels, as they are now: a label that is taken away takes the permission
    /// away. Absent: none is selected. Whoever may label namespaces decides here. Every namespace: matchExpressions with the
    /// key kubernetes.io/metadata.name and the operator Exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub selector: Option<LabelSelector>,
}

/// Selects by labels; everything that is asked for has to be so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rules::rule(
    "(has(self.matchLabels) && size(self.matchLabels) > 0) || \
     (has(self.matchExpressions) && size(self.matchExpressions) > 0)",
    "selector must have matchLabels or matchExpressions: to allow every namespace, select kubernetes.io/metadata.name with \
     the operator Exists",
)]))]
pub struct LabelSelector {
    /// matchLabels are labels and their values, at most 16, all of which a namespace must have.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schemars(schema_with = "match_labels")]
    pub match_labels: BTreeMap<String, String>,
    /// matchExpressions are conditions on labels, at most 16, all of which must hold.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub match_expressions: Vec<LabelExpression>,
}

/// One condition on a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rules::rule(
    "(self.operator == 'In' || self.operator == 'NotIn') == (has(self.values) && size(self.values) > 0)",
    "In and NotIn need values, Exists and DoesNotExist take none: add or remove values",
)]))]
pub struct LabelExpression {
    /// key is the label's name.
    #[schemars(length(min = 1, max = 317))]
    pub key: String,
    /// operator says what has to be so: In (the label has one of values), NotIn (it has none of them, or is missing),
    /// Exists or DoesNotExist.
    pub operator: LabelOperator,
    /// values are what the label is compared with, at most 32; only for In and NotIn.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), inner(length(max = 63)))]
    pub values: Vec<String>,
}

/// What has to be so with a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum LabelOperator {
    /// It has one of the values.
    In,
    /// It has none of the values.
    NotIn,
    /// It is there.
    Exists,
    /// It is not there.
    DoesNotExist,
}

fn match_labels(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "type": "object",
        "additionalProperties": {"type": "string", "maxLength": 63},
        "maxProperties": 16,
    })
}

impl AllowedNamespaces {
    /// Whether a namespace is named.
    pub fn names(&self, namespace: &str) -> bool {
        self.names.iter().any(|name| name == namespace)
    }

    /// Whether a namespace with these labels is selected.
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        self.selector.as_ref().is_some_and(|selector| selector.selects(labels))
    }
}

impl LabelSelector {
    /// Whether something with these labels is selected. An empty selector selects nothing.
    pub fn selects(&self, labels: &BTreeMap<String, String>) -> bool {
        let asks = !self.match_labels.is_empty() || !self.match_expressions.is_empty();
        asks && self.match_labels.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|expression| expression.holds(labels))
    }
}

impl LabelExpression {
    fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        let listed = value.is_some_and(|value| self.values.contains(value));
        match self.operator {
            LabelOperator::In => listed,
            LabelOperator::NotIn => !listed,
            LabelOperator::Exists => value.is_some(),
            LabelOperator::DoesNotExist => value.is_none(),
        }
    }
}

#[cfg(test)]
mod tests;
