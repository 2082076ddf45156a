//! The vendor blocks of a provider: which tenant, and how to reach it.

use kube::KubeSchema;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One workspace of HPE GreenLake. Its API clients belong to one workspace, so each workspace needs a provider
/// and a Secret of its own, with the keys clientId and clientSecret.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.endpoint) == has(oldSelf.endpoint) && (!has(self.endpoint) || self.endpoint == oldSelf.endpoint)")
        .message("endpoint cannot be added, changed or removed, since it says which tenant this is: create another provider")
)]
pub struct HpeGreenLake {
    /// workspaceId is the workspace's id, 32 hexadecimal digits without hyphens, as shown in the console under
    /// Manage Workspace. Immutable. The credential must open this workspace, else nothing is sent and the provider says
    /// AccountMismatch.
    #[schemars(length(max = 64))]
    #[x_kube(
        validation = Rule::new("self.matches('^[0-9a-fA-F]{32}$')")
            .message("workspaceId must be the 32 hexadecimal digits of the workspace, without hyphens"),
        validation = Rule::new("self == oldSelf")
            .message("workspaceId cannot be changed, since it says which tenant this is: create another provider")
    )]
    pub workspace_id: String,
    /// endpoint is the base URL of the API, https, without a path. Default: https://global.api.greenlake.hpe.com.
    /// Immutable. Any other host needs the consent of the Secret's owner: the Secret's annotation
    /// userinvitation.dev/allowed-hosts must list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300))]
    #[x_kube(
        validation = Rule::new(r"self.matches('^https://([0-9A-Za-z.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?/?$')")
            .message("endpoint must be https://host or https://host:port, without path, query or user")
    )]
    pub endpoint: Option<String>,
    /// tokenEndpoint is the URL that gives out tokens. Default: the workspace's own issuer below endpoint,
    /// /authorization/v2/oauth2/{workspaceId}/token. Older API clients use
    /// https://sso.common.cloud.hpe.com/as/token.oauth2. Any other host than those two needs the consent of the Secret's
    /// owner, as for endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    #[x_kube(
        validation = Rule::new(r"self.matches('^https://([0-9A-Za-z.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?(/[0-9A-Za-z._~%/-]*)?$')")
            .message("tokenEndpoint must be an https URL with host, optional port and path, without query or user")
    )]
    pub token_endpoint: Option<String>,
}

/// One organization of VMware Cloud Services. The Secret's keys are apiToken (a user's API token), or clientId
/// and clientSecret (an OAuth app); either needs the role Organization Owner or Organization Administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, KubeSchema)]
#[serde(rename_all = "camelCase")]
#[x_kube(
    validation = Rule::new("has(self.endpoint) == has(oldSelf.endpoint) && (!has(self.endpoint) || self.endpoint == oldSelf.endpoint)")
        .message("endpoint cannot be added, changed or removed, since it says which tenant this is: create another provider"),
    validation = Rule::new("!has(self.invitationExpirationDays) || self.platform == 'Tcsp'")
        .message("invitationExpirationDays works on platform Tcsp only: remove it (Vcsp decides itself when an invitation ends)")
)]
pub struct VmwareCloudServices {
    /// orgId is the organization's long id, a GUID. Immutable. The credential must open this organization, else
    /// nothing is sent and the provider says AccountMismatch.
    #[schemars(length(max = 64))]
    #[x_kube(
        validation = Rule::new("self.matches('^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$')")
            .message("orgId must be the organization's long id, a GUID of 36 characters with hyphens"),
        validation = Rule::new("self == oldSelf")
            .message("orgId cannot be changed, since it says which tenant this is: create another provider")
    )]
    pub org_id: String,
    /// platform says which of the two clouds the organization lives in. Immutable.
    #[x_kube(
        validation = Rule::new("self == oldSelf")
            .message("platform cannot be changed, since it says which tenant this is: create another provider")
    )]
    pub platform: VmwarePlatform,
    /// endpoint is the base URL of the API, https, without a path. Default: https://console.cloud.vmware.com
    /// for Vcsp, https://console.tanzu.broadcom.com for Tcsp. Immutable. Any other host needs the consent of the
    /// Secret's owner: the Secret's annotation userinvitation.dev/allowed-hosts must list it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300))]
    #[x_kube(
        validation = Rule::new(r"self.matches('^https://([0-9A-Za-z.-]+|\\[[0-9A-Fa-f:.]+\\])(:[0-9]{1,5})?/?$')")
            .message("endpoint must be https://host or https://host:port, without path, query or user")
    )]
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
