//! The block of Dynatrace Managed.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::rules;

/// One Dynatrace Managed cluster. The Secret's key is apiToken: a cluster token with the scope ServiceProviderAPI.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DynatraceManaged {
    /// endpoint is the cluster's base URL, https, without a path, for example https://abc12345.dynatrace-managed.com.
    /// Immutable. The Secret's owner has to allow the host: the Secret's annotation userinvitation.dev/allowed-hosts must
    /// list it.
    #[schemars(length(max = 300), extend("x-kubernetes-validations" = [
        rules::rule(rules::BASE_URL, "endpoint must be https://host or https://host:port, without path, query or user"),
        rules::same_tenant(rules::IMMUTABLE, "endpoint"),
    ]))]
    pub endpoint: String,
}
