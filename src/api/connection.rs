//! How a provider's tenant is opened: credentials and certificate authorities, by reference only.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules;

/// Where the tenant's credentials are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Credentials {
    /// secretRef names the Secret, in the provider's own namespace; for a ClusterInvitationProvider, in the operator's
    /// namespace. It needs the label
    /// userinvitation.dev/credentials: "true". Keys: for HPE GreenLake clientId and clientSecret; for VMware apiToken, or
    /// clientId and clientSecret; for AppXite subscriptionKey, clientId and clientSecret; for Dynatrace Managed apiToken; for
    /// Dynatrace SaaS clientId and clientSecret.
    pub secret_ref: SecretRef,
}

/// The name of a Secret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SecretRef {
    /// name is the Secret's name.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
}

/// A key of a Secret in the same namespace, with a password to begin with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InitialPasswordRef {
    /// name is the Secret's name.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
    /// key is the key that holds the password.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[-._a-zA-Z0-9]+$"))]
    pub key: String,
}

/// A private certificate authority, from a Secret or a ConfigMap, not from both.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [rules::rule(
    "!(has(self.caBundleSecretRef) && has(self.caBundleConfigMapRef))",
    "caBundleSecretRef and caBundleConfigMapRef exclude each other: keep one",
)]))]
pub struct Tls {
    /// caBundleSecretRef names a Secret with the PEM certificates, in the namespace of the credentials' Secret. It needs the label
    /// userinvitation.dev/credentials: "true", like every Secret that the operator reads. Not together with
    /// caBundleConfigMapRef.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_bundle_secret_ref: Option<CaBundleRef>,
    /// caBundleConfigMapRef names a ConfigMap with the PEM certificates, in the namespace of the credentials' Secret. Not together with
    /// caBundleSecretRef.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_bundle_config_map_ref: Option<CaBundleRef>,
}

/// A key of a Secret or ConfigMap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct CaBundleRef {
    /// name is the name of the Secret or ConfigMap.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
    /// key is the key that holds the PEM certificates. Default ca.crt.
    #[serde(default = "default_ca_key")]
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[-._a-zA-Z0-9]+$"))]
    pub key: String,
}

fn default_ca_key() -> String {
    "ca.crt".to_owned()
}
