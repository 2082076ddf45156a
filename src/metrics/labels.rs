//! Every value a metric's label can have: closed sets, so that no series grows with people or tenants.

use prometheus_client::encoding::EncodeLabelValue;

/// A kind of the API that is watched or written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Kind {
    /// One person in one tenant.
    UserInvitation,
    /// One vendor tenant.
    InvitationProvider,
    /// A Secret with credentials.
    Secret,
    /// A `ConfigMap` with a private CA.
    ConfigMap,
    /// The namespace of a terminating object.
    Namespace,
    /// The leader's lease.
    Lease,
    /// A Kubernetes event.
    Event,
}

/// How a reconcile ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum ReconcileResult {
    /// Nothing is wrong.
    Ok,
    /// Another version of the object was there; it is planned again.
    Conflict,
    /// It failed and is tried again.
    Error,
    /// It took too long and is tried again.
    Timeout,
    /// It panicked; the object is tried again.
    Panic,
}

/// A vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, EncodeLabelValue)]
pub enum VendorLabel {
    /// HPE GreenLake.
    HpeGreenLake,
    /// VMware Cloud Services.
    VmwareCloudServices,
    /// AppXite.
    AppXite,
    /// Dynatrace Managed.
    DynatraceManaged,
    /// Dynatrace `SaaS`.
    DynatraceSaas,
}

/// What a vendor was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum Operation {
    /// Get a token.
    Token,
    /// Read the account that the credential opens.
    ReadAccount,
    /// List invitations.
    ListInvitations,
    /// List members.
    ListMembers,
    /// Read one person.
    ReadPerson,
    /// Read roles or groups that can be granted.
    ReadRoles,
    /// Invite people.
    Invite,
    /// Cancel invitations.
    Cancel,
    /// Remove members.
    Remove,
    /// Change what a member may do.
    UpdateAccess,
}

/// How a vendor answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum CodeClass {
    /// 2xx.
    Success,
    /// 1xx or 3xx, which are never followed.
    Redirect,
    /// 401.
    Unauthorized,
    /// 403.
    Forbidden,
    /// 404.
    NotFound,
    /// 409.
    Conflict,
    /// 429.
    Throttled,
    /// Any other 4xx.
    ClientError,
    /// 5xx, and anything outside of HTTP's classes.
    ServerError,
    /// No answer in time.
    Timeout,
    /// No connection.
    Unreachable,
    /// The connection broke, or the answer could not be read.
    Broken,
}

impl CodeClass {
    /// The class of an HTTP status code.
    pub fn of_status(code: u16) -> Self {
        match code {
            200..=299 => Self::Success,
            100..=199 | 300..=399 => Self::Redirect,
            401 => Self::Unauthorized,
            403 => Self::Forbidden,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::Throttled,
            400..=499 => Self::ClientError,
            _ => Self::ServerError,
        }
    }
}

/// What became of one person in an invite call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum InviteOutcome {
    /// The vendor took the invitation.
    Invited,
    /// The vendor refused this person.
    Refused,
    /// The answer does not say; looks will settle it.
    Ambiguous,
    /// It could not be settled; somebody must decide.
    Unknown,
}

/// How a token request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum TokenResult {
    /// There is a token.
    Issued,
    /// The credential was refused.
    Refused,
    /// It failed otherwise.
    Failed,
}

/// How a sweep ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum SweepResult {
    /// Everything was seen.
    Complete,
    /// Something was seen, but absence proves nothing.
    Partial,
    /// Nothing was seen.
    Failed,
    /// Complete, but too many known people were missing.
    PeopleMissing,
}

/// What was asked of the Kubernetes API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum WriteVerb {
    /// A PATCH of the object: finalizer, record.
    Patch,
    /// A PATCH of its status.
    PatchStatus,
    /// A new object.
    Create,
    /// A replacement.
    Update,
}

/// How a write to Kubernetes ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum WriteResult {
    /// Written.
    Ok,
    /// Another version was there.
    Conflict,
    /// The object is gone.
    Gone,
    /// Refused by admission, validation or RBAC.
    Refused,
    /// Not sent, since this process does not lead.
    NotLeading,
    /// Anything else.
    Error,
}

/// Why a deleted object was released without calling the vendor although a call was owed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
pub enum ReleaseReason {
    /// Somebody asked for it by the annotation.
    Abandoned,
    /// Its namespace is going, and the tries are used up.
    NamespaceTerminating,
    /// The vendor cannot do it.
    UnsupportedByVendor,
    /// The provider's policy does not allow it.
    NotAllowed,
    /// Another resource claims the person.
    Claimed,
    /// The vendor shows another person, or another state, than the one that was named.
    AnotherPerson,
}
