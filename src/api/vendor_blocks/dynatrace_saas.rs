//! The vendor block of Dynatrace SaaS.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::api::rules;

/// One account of Dynatrace SaaS, by its Account Management API. The Secret's keys are clientId and clientSecret of an
/// OAuth client of this account with the scopes account-idm-read and account-idm-write.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rules::same_tenant(rules::ENDPOINT_IMMUTABLE, "endpoint"),
]))]
pub struct DynatraceSaas {
    /// accountUuid is the account's UUID with hyphens, as shown in Account Management; what OAuth calls
    /// urn:dtaccount:{uuid} goes here without the prefix. Immutable. The credential must open this account, else nothing is
    /// sent.
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [
        rules::rule(
            rules::UUID,
            "accountUuid must be a UUID with hyphens: leave out urn:dtaccount: and anything else around it",
        ),
        rules::same_tenant(rules::IMMUTABLE, "accountUuid"),
    ]))]
    pub account_uuid: String,
    /// endpoint is the base URL of the API, https, without a path. Default: https://api.dynatrace.com. Immutable. Any other
    /// host needs the consent of the Secret's owner: the Secret's annotation userinvitation.dev/allowed-hosts must list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300), extend("x-kubernetes-validations" = [
        rules::rule(rules::BASE_URL, "endpoint must be https://host or https://host:port, without path, query or user"),
    ]))]
    pub endpoint: Option<String>,
    /// tokenEndpoint is the URL that gives out tokens, on another host than the API. Default:
    /// https://sso.dynatrace.com/sso/oauth2/token. Any other host needs the consent of the Secret's owner, as for endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512), extend("x-kubernetes-validations" = [
        rules::rule(rules::URL, "tokenEndpoint must be an https URL without query or user"),
    ]))]
    pub token_endpoint: Option<String>,
}
