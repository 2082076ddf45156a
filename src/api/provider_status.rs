//! What the operator says about a provider.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::condition::{Condition, unreconciled};
use super::tenant::Tenant;
use super::unmanaged::UnmanagedPage;

/// status is what the operator last found; all of it can be found again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderStatus {
    /// observedGeneration is the metadata.generation that this status is about; -1 before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// vendor is the vendor's name: HpeGreenLake, VmwareCloudServices, AppXite or DynatraceSaas.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub vendor: Option<String>,
    /// account is the account that the credential really opens; one that differs from the spec is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<Account>,
    /// tenant is the tenant as last verified with a working credential. It stays while the credential fails.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Tenant>,
    /// capabilities says what the vendor can do, and so what an invitation may ask for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capabilities: Option<Capabilities>,
    /// counts are numbers of people, brought up to date from time to time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub counts: Option<Counts>,
    /// removalsHeld is the brake on mass removal while it holds: more deletions owed a call than
    /// policy.removalsHeldAbove. It stays until none of them is left, or until those that were approved are done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub removals_held: Option<RemovalsHeld>,
    /// releasedNamespaces are namespaces that are being deleted with more deletions that owe a call than
    /// policy.removalsHeldAbove: their invitations are let go without it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 64), inner(length(max = 63)))]
    pub released_namespaces: Vec<String>,
    /// credentialExpirationTime is when the credential ends, where the vendor tells (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub credential_expiration_time: Option<Time>,
    /// blockedUntilTime is until when the vendor asked for silence (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocked_until_time: Option<Time>,
    /// lastHandledReconcileAt is the last value of the annotation userinvitation.dev/reconcile-requested-at that
    /// was served.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub last_handled_reconcile_at: Option<String>,
    /// unmanagedPage is one page of the people in the tenant for whom no UserInvitation exists, as asked for with the
    /// annotation userinvitation.dev/export-requested-at. It goes with the annotation, and its people do after some minutes.
    /// Whoever may read the provider can read it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unmanaged_page: Option<Box<UnmanagedPage>>,
    /// conditions are Ready, and, only while true, RemovalsHeld (deletions wait for an approval), Reconciling (work goes
    /// on) and Stalled (nothing will change until somebody changes something).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub conditions: Vec<Condition>,
}

impl ProviderStatus {
    /// The status that a provider is born with.
    pub fn unreconciled() -> Self {
        Self { observed_generation: Some(-1), conditions: unreconciled(), ..Self::default() }
    }
}

/// The brake on mass removal while it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RemovalsHeld {
    /// id names this hold, for the annotation userinvitation.dev/removals-approved.
    #[schemars(length(max = 64))]
    pub id: String,
    /// count is the number of deletions that owe a call and are not done yet, brought up to date from time to time.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub count: i64,
    /// approvedTime is when somebody approved the hold (RFC 3339): deletions requested before it go on. Absent: none
    /// does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_time: Option<Time>,
}

/// The account that a credential opens.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Account {
    /// id is the workspace id (HPE GreenLake), the organization id (VMware), the platform's host and the organization
    /// that is acted for (AppXite), or the account's UUID (Dynatrace SaaS).
    #[schemars(length(max = 300))]
    pub id: String,
    /// name is the account's name at the vendor, where the vendor tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub name: Option<String>,
}

/// What the vendor can do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Capabilities {
    /// bulkInvite says whether one call can invite several people: Supported or Unsupported.
    #[schemars(with = "String", length(max = 32))]
    pub bulk_invite: Support,
    /// maxBatchSize is the most people in one call, after limits.maxBatchSize.
    #[schemars(range(min = 0, max = 1000))]
    pub max_batch_size: i32,
    /// listUsers says whether the tenant's people can be listed: Supported or Unsupported.
    #[schemars(with = "String", length(max = 32))]
    pub list_users: Support,
    /// acceptance says whether the vendor shows that a person accepted: Supported or Unsupported.
    #[schemars(with = "String", length(max = 32))]
    pub acceptance: Support,
    /// cancelInvitation says whether a pending invitation can be taken back: Supported, Unsupported or Configurable
    /// (once the provider's settings say how).
    #[schemars(with = "String", length(max = 32))]
    pub cancel_invitation: Support,
    /// removeUser says whether a member can be removed: Supported, Unsupported or Configurable (once the provider's
    /// settings say how).
    #[schemars(with = "String", length(max = 32))]
    pub remove_user: Support,
    /// updateAccess says whether a member's access can be changed: Supported, Unsupported or Configurable (once the
    /// provider's settings say how).
    #[schemars(with = "String", length(max = 32))]
    pub update_access: Support,
    /// resend says how an invitation is sent again: Recreate (taken back and made anew), AfterExpiry (made
    /// anew once it has ended) or None (not at all).
    #[schemars(with = "String", length(max = 32))]
    pub resend: Resend,
    /// invitationExpiry says whose clock ends an invitation: Vendor, OwnClock (the operator reckons) or None (it
    /// never ends).
    #[schemars(with = "String", length(max = 32))]
    pub invitation_expiry: InvitationExpiry,
    /// suppressNotification says whether an invitation can go without a mail: Supported or Unsupported.
    #[schemars(with = "String", length(max = 32))]
    pub suppress_notification: Support,
}

/// Whether a vendor can do something.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Support {
    /// It can.
    Supported,
    /// It can't.
    #[default]
    Unsupported,
    /// It depends on the tenant's settings.
    Configurable,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

/// How an invitation is sent again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Resend {
    /// Taken back and made anew.
    Recreate,
    /// Made anew once it has ended; one that can still be used can't be sent again.
    AfterExpiry,
    /// Not at all.
    #[default]
    None,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

/// Whose clock ends an invitation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum InvitationExpiry {
    /// The vendor says when it ends.
    Vendor,
    /// The operator reckons from the day it was sent.
    OwnClock,
    /// It never ends.
    #[default]
    None,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

/// Numbers of people.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct Counts {
    /// invitations is the number of UserInvitations that name this provider and may use it.
    #[schemars(range(min = 0))]
    pub invitations: i64,
    /// pending is the number of those who were invited and have not answered yet.
    #[schemars(range(min = 0))]
    pub pending: i64,
    /// accepted is the number of those who are members.
    #[schemars(range(min = 0))]
    pub accepted: i64,
    /// failed is the number of those that are Failed, Refused, in Conflict or OutcomeUnknown.
    #[schemars(range(min = 0))]
    pub failed: i64,
    /// unmanaged is the number of people in the tenant for whom no UserInvitation exists. They are never touched.
    #[schemars(range(min = 0))]
    pub unmanaged: i64,
}
