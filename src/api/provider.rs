//! `InvitationProvider`: one vendor tenant and its credentials.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]
#![allow(clippy::duplicated_attributes, reason = "each printer column repeats the names of its settings")]

use kube::CustomResource;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::access::Access;
use super::connection::{Credentials, Tls};
use super::invitation::DeletionPolicy;
use super::provider_status::ProviderStatus;
use super::rules;
use super::vendor_blocks::{AppXite, DynatraceManaged, DynatraceSaas, HpeGreenLake, VmwareCloudServices};
use crate::vendor::Vendor;

/// spec says which vendor tenant this is, with which credentials it is opened, and what its invitations may ask
/// for. Exactly one vendor block, and its choice is immutable.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, CustomResource, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "userinvitation.dev",
    version = "v1alpha1",
    kind = "InvitationProvider",
    plural = "invitationproviders",
    shortname = "iprov",
    category = "invitations",
    namespaced,
    status = "ProviderStatus",
    derive = "PartialEq",
    doc = "InvitationProvider is one vendor tenant and its credentials, for the UserInvitations of its own \
        namespace. One provider serves a tenant; another one for the same tenant waits, and says TenantInUse. While an invitation \
        owes the vendor something, a deleted provider stays.\n\n\
        Annotations: userinvitation.dev/reconcile-requested-at looks at the tenant again, once for each new value (a time, for \
        example; at most 64 characters). userinvitation.dev/removals-approved: \"<id of the hold>\" lets removals go on that the \
        brake holds (status.removalsHeld); it covers those that were requested before it. \
        userinvitation.dev/export-requested-at: \"<any text, at most 64 characters>/<number>\" asks for a page of the people \
        whom nobody has declared (status.unmanagedPage), from that number on; kubectl invite export does so.",
    printcolumn(name = "Vendor", type_ = "string", json_path = ".status.vendor", description = "The vendor"),
    printcolumn(
        name = "Account",
        type_ = "string",
        json_path = ".status.account.id",
        description = "The account that the credential really opens"
    ),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].status",
        description = "Whether the provider serves its invitations"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].reason",
        description = "Why it is ready, or not"
    ),
    printcolumn(
        name = "Pending",
        type_ = "integer",
        json_path = ".status.counts.pending",
        description = "Invitations sent and not answered yet"
    ),
    printcolumn(
        name = "Accepted",
        type_ = "integer",
        json_path = ".status.counts.accepted",
        description = "People who are members"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp",
        description = "Time since creation"
    )
)]
#[schemars(extend("x-kubernetes-validations" = [
    rules::rule(
        "(has(self.hpeGreenLake) ? 1 : 0) + (has(self.vmwareCloudServices) ? 1 : 0) + \
         (has(self.appXite) ? 1 : 0) + (has(self.dynatraceManaged) ? 1 : 0) + (has(self.dynatraceSaas) ? 1 : 0) == 1",
        "exactly one vendor block is needed: keep one of hpeGreenLake, vmwareCloudServices, appXite, dynatraceManaged and \
         dynatraceSaas",
    ),
    rules::same_tenant(
        "has(self.hpeGreenLake) == has(oldSelf.hpeGreenLake) && \
         has(self.vmwareCloudServices) == has(oldSelf.vmwareCloudServices) && \
         has(self.appXite) == has(oldSelf.appXite) && \
         has(self.dynatraceManaged) == has(oldSelf.dynatraceManaged) && \
         has(self.dynatraceSaas) == has(oldSelf.dynatraceSaas)",
        "the vendor block",
    ),
    rules::rule(
        "!has(self.hpeGreenLake) || !has(self.limits) || !has(self.limits.maxBatchSize) || \
         self.limits.maxBatchSize == 1",
        "HPE GreenLake invites one person in one call: remove limits.maxBatchSize",
    ),
    rules::rule(
        "!has(self.dynatraceSaas) || !has(self.limits) || !has(self.limits.maxBatchSize) || \
         self.limits.maxBatchSize == 1",
        "Dynatrace SaaS invites one person in one call: remove limits.maxBatchSize",
    ),
    rules::rule(
        "has(self.dynatraceManaged) || !has(self.limits) || !has(self.limits.maxBatchSize) || \
         self.limits.maxBatchSize <= 20",
        "only Dynatrace Managed takes more than 20 people in one call: lower limits.maxBatchSize",
    ),
    rules::rule(
        "!has(self.accessProfiles) || self.accessProfiles.all(p, \
         has(self.hpeGreenLake) == has(p.access.hpeGreenLake) && \
         has(self.vmwareCloudServices) == has(p.access.vmwareCloudServices) && \
         has(self.appXite) == has(p.access.appXite) && \
         has(self.dynatraceManaged) == has(p.access.dynatraceManaged) && \
         has(self.dynatraceSaas) == has(p.access.dynatraceSaas))",
        "an access profile has the block of another vendor than this provider's: remove that profile",
    ),
]))]
pub struct InvitationProviderSpec {
    /// hpeGreenLake makes this a provider for one HPE GreenLake workspace. Not together with another vendor block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hpe_green_lake: Option<HpeGreenLake>,
    /// vmwareCloudServices makes this a provider for one organization of VMware Cloud Services (VCSP or TCSP).
    /// Not together with another vendor block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vmware_cloud_services: Option<VmwareCloudServices>,
    /// appXite makes this a provider for one platform of AppXite, or one organization on it. Not together with another
    /// vendor block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_xite: Option<AppXite>,
    /// dynatraceManaged makes this a provider for one Dynatrace Managed cluster. Not together with another vendor
    /// block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynatrace_managed: Option<DynatraceManaged>,
    /// dynatraceSaas makes this a provider for one account of Dynatrace SaaS. Not together with another vendor block.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dynatrace_saas: Option<DynatraceSaas>,
    /// credentials says where the tenant's credentials are.
    pub credentials: Credentials,
    /// tls adds a private certificate authority. Absent: the public ones. Verification cannot be turned off.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<Tls>,
    /// limits are the pace and the sizes of what is sent to the vendor.
    #[serde(default)]
    pub limits: Limits,
    /// resyncIntervalSeconds is the time in seconds between two sweeps over the tenant's people, which notice
    /// acceptance, expiry and removal at the vendor; one sweep serves all invitations. Default 600, jittered.
    #[serde(default = "default_resync_interval_seconds")]
    #[schemars(range(min = 1, max = 86400))]
    pub resync_interval_seconds: i32,
    /// accessProfiles are names for sets of vendor roles, at most 32, which invitations then ask for by name. A profile
    /// in use can be changed; people already invited keep what they were invited with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 32), extend("x-kubernetes-list-type" = "map", "x-kubernetes-list-map-keys" = ["name"]))]
    pub access_profiles: Vec<AccessProfile>,
    /// policy says what the invitations of this provider may ask for. It is checked before anything is sent, and
    /// again when it changes; a change removes nobody.
    #[serde(default)]
    pub policy: Policy,
    /// mode says whether anything is written at the vendor: Enforce (as declared), DryRun (status.plan of each
    /// invitation says what would be written, and nothing is) or Suspended (nothing is written, and the invitations stay as they
    /// are). In the last two the vendor is only read, and a deletion that owes a call waits and says so. Going to Enforce
    /// starts with a fresh look at the vendor. Default Enforce.
    #[serde(default)]
    pub mode: ProviderMode,
}

/// The pace and the sizes of what is sent to the vendor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Limits {
    /// requestsPerMinute is the most requests a minute that all calls to this tenant may make together. Default: 30
    /// for HPE GreenLake, 60 for the others. What the vendor says (status 429, rate headers) lowers it further.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 60000))]
    pub requests_per_minute: Option<i32>,
    /// maxBatchSize is the most people in one call: 1 to 50 for Dynatrace Managed, with 50 where it is absent; 1 to 20 for the
    /// others, with 20. HPE GreenLake and Dynatrace SaaS take one person in one call, so it cannot be more there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 50))]
    pub max_batch_size: Option<i32>,
    /// batchWindowMilliseconds is how long a batch waits for more people, in milliseconds. Default 1000.
    #[serde(default = "default_batch_window_milliseconds")]
    #[schemars(range(min = 0, max = 60000))]
    pub batch_window_milliseconds: i32,
    /// settleGraceSeconds is the time in seconds within which the vendor surely shows a request that it took: only
    /// after it does the absence of a person say that nothing was sent. Shorter than the vendor's truth means second mails.
    /// Default: 120 for HPE GreenLake and both Dynatrace, 600 for VMware and AppXite.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 86400))]
    pub settle_grace_seconds: Option<i32>,
    /// minResendIntervalSeconds is the least time in seconds between two mails for one invitation; a resend request
    /// within it is spent without a mail, with an event. Default 86400, one day.
    #[serde(default = "default_min_resend_interval_seconds")]
    #[schemars(range(min = 0, max = 31_536_000))]
    pub min_resend_interval_seconds: i32,
}

/// A name for a set of vendor roles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AccessProfile {
    /// name is the profile's name, as invitations give it in accessProfiles.
    #[schemars(length(min = 1, max = 63), regex(pattern = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?$"))]
    pub name: String,
    /// access is what the profile grants, in the words of the provider's vendor.
    pub access: Access,
}

/// What the invitations of a provider may ask for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// inlineAccess says whether an invitation may spell out roles in access (Allow), or may only name
    /// accessProfiles (Forbid). With Allow whoever may write invitations may ask for any role that the credential can
    /// give, the owner's too. Default Forbid.
    #[serde(default)]
    pub inline_access: InlineAccess,
    /// adoption says what becomes of people who were in the tenant before somebody declared them: Manage (they are
    /// treated like invited ones: their access is kept as declared, and deletionPolicy Remove removes them), ObserveOnly
    /// (they are shown, and neither edited nor removed) or Forbid (the invitation is refused with UserExists). Default
    /// ObserveOnly.
    #[serde(default)]
    pub adoption: Adoption,
    /// allowedDeletionPolicies are the values of deletionPolicy that invitations may have. An invitation with another
    /// one is refused, and deleting it takes nobody away. Default Retain, RevokePending, Remove.
    #[serde(default = "all_deletion_policies")]
    #[schemars(length(min = 1, max = 3))]
    pub allowed_deletion_policies: Vec<DeletionPolicy>,
    /// allowedEmailDomains are the domains that people may have, at most 64, in lower case and each exactly as after the
    /// @: a domain does not stand for those below it. Absent: any domain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(min = 1, max = 64), inner(length(max = 253)), extend("x-kubernetes-validations" = [
        rules::rule(rules::DOMAINS, "allowedEmailDomains must be lower-case domains like example.com, without @ or wildcard"),
    ]))]
    pub allowed_email_domains: Vec<String>,
    /// protectedEmails are people who are never invited, edited or removed, at most 256 addresses; upper and lower
    /// case make no difference. The credential's own account is protected anyway where the credential reveals it; where it does
    /// not, a provider without protectedEmails refuses the deletion policy Remove.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = 256), inner(length(max = 254)), extend("x-kubernetes-validations" = [
        rules::rule(rules::EMAILS, "protectedEmails must be addresses like ada@example.com, in ASCII and without blanks"),
    ]))]
    pub protected_emails: Vec<String>,
    /// removalsHeldAbove is the brake on mass removal: when more deletions than this owe a call to the vendor at the
    /// same time, none of them makes it before somebody approves. The condition RemovalsHeld then says how. 0 holds each of
    /// them. In a namespace that is being deleted they are let go without a call instead. Default 10.
    #[serde(default = "default_removals_held_above")]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub removals_held_above: i32,
}

/// Whether a provider writes at the vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum ProviderMode {
    /// What is declared is brought about.
    #[default]
    Enforce,
    /// What would be written is said, and not written.
    DryRun,
    /// Nothing is written.
    Suspended,
}

/// The vendor block of a provider.
#[derive(Clone, Copy, Debug)]
pub enum VendorBlock<'a> {
    /// HPE GreenLake.
    HpeGreenLake(&'a HpeGreenLake),
    /// VMware Cloud Services.
    VmwareCloudServices(&'a VmwareCloudServices),
    /// AppXite.
    AppXite(&'a AppXite),
    /// Dynatrace Managed.
    DynatraceManaged(&'a DynatraceManaged),
    /// Dynatrace SaaS.
    DynatraceSaas(&'a DynatraceSaas),
}

/// Whether invitations may spell out roles.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum InlineAccess {
    /// Invitations may use access or accessProfiles.
    Allow,
    /// Invitations may only use accessProfiles.
    #[default]
    Forbid,
}

/// What becomes of people who were in the tenant before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Adoption {
    /// They are treated like invited ones.
    Manage,
    /// They are shown, and left alone.
    #[default]
    ObserveOnly,
    /// Their invitation is refused.
    Forbid,
}

impl InvitationProviderSpec {
    /// The vendor block; none or several only in objects that admission never saw.
    pub fn block(&self) -> Option<VendorBlock<'_>> {
        let mut blocks = [
            self.hpe_green_lake.as_ref().map(VendorBlock::HpeGreenLake),
            self.vmware_cloud_services.as_ref().map(VendorBlock::VmwareCloudServices),
            self.app_xite.as_ref().map(VendorBlock::AppXite),
            self.dynatrace_managed.as_ref().map(VendorBlock::DynatraceManaged),
            self.dynatrace_saas.as_ref().map(VendorBlock::DynatraceSaas),
        ]
        .into_iter()
        .flatten();
        blocks.next().filter(|_| blocks.next().is_none())
    }

    /// The vendor whose block is set.
    pub fn vendor(&self) -> Option<Vendor> {
        Some(match self.block()? {
            VendorBlock::HpeGreenLake(_) => Vendor::HpeGreenLake,
            VendorBlock::VmwareCloudServices(_) => Vendor::VmwareCloudServices,
            VendorBlock::AppXite(_) => Vendor::AppXite,
            VendorBlock::DynatraceManaged(_) => Vendor::DynatraceManaged,
            VendorBlock::DynatraceSaas(_) => Vendor::DynatraceSaas,
        })
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            requests_per_minute: None,
            max_batch_size: None,
            batch_window_milliseconds: default_batch_window_milliseconds(),
            settle_grace_seconds: None,
            min_resend_interval_seconds: default_min_resend_interval_seconds(),
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            inline_access: InlineAccess::default(),
            adoption: Adoption::default(),
            allowed_deletion_policies: all_deletion_policies(),
            allowed_email_domains: Vec::new(),
            protected_emails: Vec::new(),
            removals_held_above: default_removals_held_above(),
        }
    }
}

fn all_deletion_policies() -> Vec<DeletionPolicy> {
    DeletionPolicy::ALL.to_vec()
}

const fn default_resync_interval_seconds() -> i32 {
    600
}

const fn default_batch_window_milliseconds() -> i32 {
    1000
}

const fn default_min_resend_interval_seconds() -> i32 {
    86_400
}

const fn default_removals_held_above() -> i32 {
    10
}
