//! What the operator says about an invitation.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::condition::{Condition, unreconciled};
use super::state::InvitationState;
use super::tenant::Tenant;

/// status is what the operator last found and did.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserInvitationStatus {
    /// observedGeneration is the metadata.generation that this status is about; -1 before the first look.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -1))]
    pub observed_generation: Option<i64>,
    /// state is where the invitation stands, for people and columns: Queued, Pending, Accepted, Provisioned, Expired,
    /// Revoked, Removed, Declined, Blocked, Failed, OutcomeUnknown, Conflict, Refused, Waiting, Paused, Planned or Deleting. Programs
    /// read the conditions.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 32))]
    pub state: Option<InvitationState>,
    /// tenant is the vendor tenant in which the person was invited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tenant: Option<Tenant>,
    /// origin says how the person came into the tenant: Invited (by this object) or Adopted (was there before).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 32))]
    pub origin: Option<Origin>,
    /// vendorUserId is the person's id at the vendor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub vendor_user_id: Option<String>,
    /// vendorInvitationId is the invitation's id at the vendor, where it has one of its own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 256))]
    pub vendor_invitation_id: Option<String>,
    /// vendorStatus is the vendor's own word for the person's status, for example UNVERIFIED or AVAILABLE.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub vendor_status: Option<String>,
    /// invitedTime is when the vendor took the last invitation (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited_time: Option<Time>,
    /// acceptedTime is when the person accepted, or was first seen as a member (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted_time: Option<Time>,
    /// invitationExpirationTime is when the pending invitation ends, where the vendor has such a time (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invitation_expiration_time: Option<Time>,
    /// attempt is what became of the vendor call in the object's record; without it that call counts as open.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attempt: Option<AttemptStatus>,
    /// appliedAccess is what this object granted, in the shape of spec.access.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied_access: Option<Access>,
    /// onDelete is what deleting this object would do now: Keep, Revoke, Remove or Unsupported (the vendor can't do
    /// what deletionPolicy asks for).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 32))]
    pub on_delete: Option<OnDelete>,
    /// plan is what would be written at the vendor, in words like "invite with org_member", where the provider's mode is
    /// DryRun or managementPolicy is Observe; absent when nothing would be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub plan: Option<String>,
    /// lastError is the error that still stands for this person; absent when none does. It is written only when its
    /// reason or code changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<LastError>,
    /// lastHandledReconcileAt is the last value of the annotation userinvitation.dev/reconcile-requested-at that
    /// was served.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub last_handled_reconcile_at: Option<String>,
    /// lastHandledResendAt is the last value of the annotation userinvitation.dev/resend-requested-at that was
    /// served, or spent without a mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub last_handled_resend_at: Option<String>,
    /// conditions are Ready, Invited, Accepted, and, only while true, Reconciling (work goes on) and
    /// Stalled (nothing will change until somebody changes something).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 16))]
    pub conditions: Vec<Condition>,
}

impl UserInvitationStatus {
    /// The status that an invitation is born with.
    pub fn unreconciled() -> Self {
        Self {
            observed_generation: Some(-1),
            state: Some(InvitationState::Queued),
            conditions: unreconciled(),
            ..Self::default()
        }
    }
}

/// How a person came into the tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Origin {
    /// Invited by this object.
    Invited,
    /// In the tenant before this object.
    Adopted,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

/// What deleting an object would do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum OnDelete {
    /// No call to the vendor.
    Keep,
    /// Take back the pending invitation.
    Revoke,
    /// Remove the member.
    Remove,
    /// What `deletionPolicy` asks for is beyond the vendor: the object goes, the person stays.
    Unsupported,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

/// What became of the attempt in the record.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AttemptStatus {
    /// id is the attempt's id in the record.
    #[schemars(length(max = 64))]
    pub id: String,
    /// answer is what the vendor answered: Success, Refused or Ambiguous (nobody can tell).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 32))]
    pub answer: Option<AttemptAnswer>,
    /// settled says what became of the call, once no more can be learned: Effect (seen at the vendor), NoEffect, Refused,
    /// or Unknown (nobody can ever tell). Until then no other call is made for the person.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>", length(max = 32))]
    pub settled: Option<AttemptSettled>,
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AttemptSettled {
    /// Its effect was seen.
    Effect,
    /// It had none.
    NoEffect,
    /// The vendor refused this person.
    Refused,
    /// Nobody can ever tell.
    Unknown,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

/// What the vendor answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AttemptAnswer {
    /// Yes.
    Success,
    /// No, and it named this person.
    Refused,
    /// Nothing that can be relied on.
    Ambiguous,
    /// Written by another version of the operator.
    #[serde(other)]
    Other,
}

/// The last error.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct LastError {
    /// reason is the error's class, in one word.
    #[schemars(length(max = 128))]
    pub reason: String,
    /// code is the vendor's own code or the HTTP status, where there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub code: Option<String>,
    /// message says in our own words what happened and what to do.
    #[schemars(length(max = 512))]
    pub message: String,
    /// time is when this reason and code were first seen (RFC 3339).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
}
