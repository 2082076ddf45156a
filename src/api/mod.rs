//! What people and the operator say to each other through Kubernetes: the kinds, their status, conditions,
//! reasons, annotations and the record that survives a lost status.
//!
//! The doc comments of the types in here become the descriptions in the CRDs, so they are written for the
//! reader of `kubectl explain`.

pub mod access;
pub mod any_provider;
pub mod cluster_provider;
pub mod condition;
pub mod connection;
pub mod crds;
pub mod invitation;
pub mod invitation_status;
pub mod provider;
pub mod provider_status;
pub mod reason;
pub mod record;
mod rules;
pub mod schema;
pub mod state;
pub mod tenant;
pub mod time;
pub mod unmanaged;
pub mod vendor_blocks;

pub use access::{
    Access, AppXiteAccess, CustomRole, DynatraceManagedAccess, DynatraceSaasAccess, HpeAccess,
    RoleAssignment, ServiceRoles, VmwareAccess, VmwareRole,
};
pub use any_provider::AnyProvider;
pub use cluster_provider::{
    AllowedNamespaces, ClusterInvitationProvider, ClusterInvitationProviderSpec, LabelExpression,
    LabelOperator, LabelSelector,
};
pub use condition::{Condition, ConditionStatus, ConditionType};
pub use connection::{CaBundleRef, Credentials, InitialPasswordRef, SecretRef, Tls};
pub use invitation::{
    DeletionPolicy, ManagementPolicy, Notification, ProviderKind, ProviderRef, ReadyWhen, UserInvitation,
    UserInvitationSpec,
};
pub use invitation_status::{
    AttemptAnswer, AttemptStatus, LastError, OnDelete, Origin, UserInvitationStatus,
};
pub use provider::{
    AccessProfile, Adoption, InlineAccess, InvitationProvider, InvitationProviderSpec, Limits, Policy,
    ProviderMode, VendorBlock,
};
pub use provider_status::{
    Account, Capabilities, Counts, InvitationExpiry, ProviderStatus, RemovalsHeld, Resend, Support,
};
pub use reason::Reason;
pub use record::{AttemptKind, FoundRecord, Record, RecordFault, RecordedAttempt};
pub use state::InvitationState;
pub use tenant::Tenant;
pub use unmanaged::{UnmanagedPage, UnmanagedPerson};
pub use vendor_blocks::{
    AppXite, AppXiteOrganizationIdsPlacement, AppXitePaths, AppXitePlatformHeader, DynatraceManaged,
    DynatraceSaas, HpeGreenLake, VmwareCloudServices, VmwarePlatform,
};

/// The API group of all kinds.
pub const GROUP: &str = "userinvitation.dev";
/// The one served and stored version.
pub const VERSION: &str = "v1alpha1";
/// The category that `kubectl get invitations` lists.
pub const CATEGORY: &str = "invitations";

/// Annotation by people, on all kinds: look at this object again now. Each new value is served once.
pub const RECONCILE_REQUESTED_AT: &str = "userinvitation.dev/reconcile-requested-at";
/// Annotation by people, on invitations: send the invitation again. Each new value is served once.
pub const RESEND_REQUESTED_AT: &str = "userinvitation.dev/resend-requested-at";
/// Annotation by people, on invitations under deletion: with [`ABANDON_VALUE`], finish without the vendor.
pub const ABANDON: &str = "userinvitation.dev/abandon";
/// The only value of [`ABANDON`] that counts.
pub const ABANDON_VALUE: &str = "true";
/// Annotation by people, on providers: the removals that the brake holds may go on; the value is the hold's id.
pub const REMOVALS_APPROVED: &str = "userinvitation.dev/removals-approved";
/// Annotation by people, on providers: list the people of the tenant who have no invitation. The value is any text, a slash
/// and the number of the first person to list; each value is answered by one page in status.
pub const EXPORT_REQUESTED_AT: &str = "userinvitation.dev/export-requested-at";
/// Longest value of an annotation by people that is served; longer ones are ignored with an event.
pub const REQUEST_VALUE_MAX: usize = 64;

/// Annotation by the operator, on invitations: its memory ([`Record`]) that survives a lost status.
pub const RECORD: &str = "userinvitation.dev/record";
/// Annotation by the operator, on providers: the process that serves the provider (the fence that each
/// process sets once before its first intent there).
pub const SERVED_BY: &str = "userinvitation.dev/served-by";

/// Label that a Secret must carry, with [`CREDENTIALS_LABEL_VALUE`], before the operator reads its values.
pub const CREDENTIALS_LABEL: &str = "userinvitation.dev/credentials";
/// The only value of [`CREDENTIALS_LABEL`] that counts.
pub const CREDENTIALS_LABEL_VALUE: &str = "true";
/// Label that a Secret with a password to begin with must carry, with the value `true`, before the operator reads it.
pub const INITIAL_PASSWORD_LABEL: &str = "userinvitation.dev/initial-password";
/// The only value of [`INITIAL_PASSWORD_LABEL`] that counts.
pub const INITIAL_PASSWORD_LABEL_VALUE: &str = "true";
/// Annotation on a Secret by its owner: the hosts, apart from the vendor's public ones, that may be given its
/// values; separated by commas.
pub const ALLOWED_HOSTS: &str = "userinvitation.dev/allowed-hosts";

/// Finalizer of an invitation from the moment a vendor write is owed for it.
pub const INVITATION_FINALIZER: &str = "userinvitation.dev/invitation";
/// Finalizer of a provider from before its first intent until none of its invitations owes anything.
pub const IN_USE_FINALIZER: &str = "userinvitation.dev/in-use";
