//! The vendor blocks of a provider: which tenant, and how to reach it.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

mod appxite;
mod dynatrace_managed;
mod dynatrace_saas;

pub use appxite::{AppXite, AppXiteOrganizationIdsPlacement, AppXitePaths, AppXitePlatformHeader};
pub use dynatrace_managed::DynatraceManaged;
pub use dynatrace_saas::DynatraceSaas;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::rules;

/// One workspace of HPE GreenLake. Its API clients belong to one workspace, so each workspace needs a provider
/// and a Secret of its own, with the keys clientId and clientSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rules::same_tenant(rules::ENDPOINT_IMMUTABLE, "endpoint"),
]))]
pub struct HpeGreenLake {
    /// workspaceId is the workspace's id, 32 hexadecimal digits without hyphens, as shown in the console under
    /// Manage Workspace. Immutable. The credential must open this workspace, else nothing is sent and the provider says
    /// AccountMismatch.
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [
        rules::rule(rules::WORKSPACE_ID, "workspaceId must be 32 hexadecimal digits without hyphens"),
        rules::same_tenant(rules::IMMUTABLE, "workspaceId"),
    ]))]
    pub workspace_id: String,
    /// endpoint is the base URL of the API, https, without a path. Default: https://global.api.greenlake.hpe.com.
    /// Immutable. Any other host needs the consent of the Secret's owner: the Secret's annotation
    /// userinvitation.dev/allowed-hosts must list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300), extend("x-kubernetes-validations" = [
        rules::rule(rules::BASE_URL, "endpoint must be https://host or https://host:port, without path, query or user"),
    ]))]
    pub endpoint: Option<String>,
    /// tokenEndpoint is the URL that gives out tokens. Default: the workspace's own issuer below endpoint,
    /// /authorization/v2/oauth2/{workspaceId}/token. Older API clients use
    /// https://sso.common.cloud.hpe.com/as/token.oauth2. Any other host than those two needs the consent of the Secret's
    /// owner, as for endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512), extend("x-kubernetes-validations" = [
        rules::rule(rules::URL, "tokenEndpoint must be an https URL without query or user"),
    ]))]
    pub token_endpoint: Option<String>,
}

/// One organization of VMware Cloud Services. The Secret's keys are apiToken (a user's API token), or clientId
/// and clientSecret (an OAuth app); either needs the role Organization Owner or Organization Administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rules::same_tenant(rules::ENDPOINT_IMMUTABLE, "endpoint"),
    rules::rule(
        "!has(self.invitationExpirationDays) || self.platform == 'Tcsp'",
        "invitationExpirationDays works on platform Tcsp only: remove it, or name the platform Tcsp",
    ),
]))]
pub struct VmwareCloudServices {
    /// orgId is the organization's long id, a GUID. Immutable. The credential must open this organization, else
    /// nothing is sent and the provider says AccountMismatch.
    #[schemars(length(max = 64), extend("x-kubernetes-validations" = [
        rules::rule(rules::ORG_ID, "orgId must be the organization's long id: 36 characters, 32 hexadecimal digits with hyphens"),
        rules::same_tenant(rules::IMMUTABLE, "orgId"),
    ]))]
    pub org_id: String,
    /// platform says which of the two clouds the organization lives in: Vcsp (VMware Cloud Services,
    /// console.cloud.vmware.com) or Tcsp (Tanzu Platform cloud services, console.tanzu.broadcom.com). Immutable.
    #[schemars(extend("x-kubernetes-validations" = [rules::same_tenant(rules::IMMUTABLE, "platform")]))]
    pub platform: VmwarePlatform,
    /// endpoint is the base URL of the API, https, without a path. Default: https://console.cloud.vmware.com
    /// for Vcsp, https://console.tanzu.broadcom.com for Tcsp. Immutable. Any other host needs the consent of the
    /// Secret's owner: the Secret's annotation userinvitation.dev/allowed-hosts must list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300), extend("x-kubernetes-validations" = [
        rules::rule(rules::BASE_URL, "endpoint must be https://host or https://host:port, without path, query or user"),
    ]))]
    pub endpoint: Option<String>,
    /// invitedBy is shown to the invited people as the one who invites them, for example an e-mail address.
    /// Absent: the vendor shows the owner of the credential.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 254))]
    pub invited_by: Option<String>,
    /// invitationExpirationDays is the number of days, 1 to 90, for which a new invitation can be accepted.
    /// Platform Tcsp only. Absent: the vendor's own default, 7 days. Invitations already sent keep theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 90))]
    pub invitation_expiration_days: Option<i32>,
}

/// The two clouds of VMware Cloud Services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum VmwarePlatform {
    /// VMware Cloud Services.
    Vcsp,
    /// Tanzu Platform cloud services.
    Tcsp,
}
