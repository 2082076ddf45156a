//! `UserInvitation`: one person in one vendor tenant.

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
use super::connection::InitialPasswordRef;
use super::invitation_status::UserInvitationStatus;
use super::rules;

/// Most access profiles that one invitation can name.
pub const ACCESS_PROFILES_MAX: i64 = 8;

/// spec says who is to be invited where, and what becomes of the person when this object is deleted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, CustomResource, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[kube(
    group = "userinvitation.dev",
    version = "v1alpha1",
    kind = "UserInvitation",
    plural = "userinvitations",
    shortname = "uinv",
    category = "invitations",
    namespaced,
    status = "UserInvitationStatus",
    derive = "PartialEq",
    doc = "UserInvitation is one person in one vendor tenant, from invited to removed.\n\n\
        Annotations: userinvitation.dev/resend-requested-at sends the invitation again, once for each new value (a time, for \
        example; at most 64 characters), for people who are pending, expired, declined, revoked, removed or unknown. \
        userinvitation.dev/reconcile-requested-at looks at the object again. userinvitation.dev/abandon: \"true\" finishes a \
        deletion without the vendor, once no call can still be on its way; the person stays there.",
    selectable = ".spec.email",
    selectable = ".spec.providerRef.kind",
    selectable = ".spec.providerRef.name",
    selectable = ".status.state",
    printcolumn(
        name = "Provider",
        type_ = "string",
        json_path = ".spec.providerRef.name",
        description = "The provider's name"
    ),
    printcolumn(name = "Email", type_ = "string", json_path = ".spec.email", description = "The person"),
    printcolumn(
        name = "State",
        type_ = "string",
        json_path = ".status.state",
        description = "Where the invitation stands"
    ),
    printcolumn(
        name = "Ready",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].status",
        description = "Whether what readyWhen asks for is reached"
    ),
    printcolumn(
        name = "Reason",
        type_ = "string",
        json_path = ".status.conditions[?(@.type=='Ready')].reason",
        description = "Why it is ready, or not"
    ),
    printcolumn(
        name = "Invited",
        type_ = "date",
        json_path = ".status.invitedTime",
        description = "Time since the invitation"
    ),
    printcolumn(
        name = "Age",
        type_ = "date",
        json_path = ".metadata.creationTimestamp",
        description = "Time since creation"
    ),
    printcolumn(
        name = "Accepted",
        type_ = "date",
        json_path = ".status.acceptedTime",
        priority = 1,
        description = "Time since the person accepted"
    ),
    printcolumn(
        name = "Expires",
        type_ = "string",
        json_path = ".status.invitationExpirationTime",
        priority = 1,
        description = "When the invitation ends"
    ),
    printcolumn(
        name = "On-Delete",
        type_ = "string",
        json_path = ".status.onDelete",
        priority = 1,
        description = "What deleting this object would do now"
    ),
    printcolumn(
        name = "Vendor-Status",
        type_ = "string",
        json_path = ".status.vendorStatus",
        priority = 1,
        description = "The vendor's own word for the person's status"
    )
)]
#[schemars(extend("x-kubernetes-validations" = [rules::rule(
    rules::USER_NAME_IMMUTABLE,
    "userName cannot be changed, since it says who this is about: delete this UserInvitation and create one for the \
     other login name",
), rules::rule(
    "!(has(self.access) && has(self.accessProfiles) && size(self.accessProfiles) > 0)",
    "access and accessProfiles exclude each other: keep accessProfiles to ask for what the provider offers by name, \
     or access to spell out roles, and remove the other",
)]))]
pub struct UserInvitationSpec {
    /// providerRef names the provider, and so the vendor tenant: an InvitationProvider of the same namespace, or a
    /// ClusterInvitationProvider that allows this namespace. Immutable.
    #[schemars(extend("x-kubernetes-validations" = [rules::rule(
        rules::IMMUTABLE,
        "providerRef cannot be changed: delete this UserInvitation and create one for the other provider",
    )]))]
    pub provider_ref: ProviderRef,
    /// email is the person's address, ASCII, local@domain.tld. Immutable. Compared without regard to upper and lower
    /// case, sent to the vendor as written here.
    #[schemars(length(max = 254), extend("x-kubernetes-validations" = [
        rules::rule(
            rules::EMAIL,
            "email must be one address like ada@example.com: a name, an @ and a domain with a dot, in ASCII and \
             without blanks",
        ),
        rules::rule(
            rules::IMMUTABLE,
            "email cannot be changed, since it says who this is about: delete this UserInvitation and create one \
             for the other address",
        ),
    ]))]
    pub email: String,
    /// userName is the person's login name, for vendors that have one apart from the e-mail (Dynatrace Managed). Absent:
    /// the e-mail. Immutable. Two invitations with one login name in one tenant are duplicates, whatever their addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 254), extend("x-kubernetes-validations" = [rules::rule(
        rules::USER_NAME,
        "userName must be visible ASCII characters, with blanks only between them",
    )]))]
    pub user_name: Option<String>,
    /// firstName is the person's first name, for vendors that take one. Dynatrace Managed creates nobody without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128), extend("x-kubernetes-validations" = [
        rules::rule(rules::PERSON_NAME, "firstName must not be blank, and must be on one line"),
    ]))]
    pub first_name: Option<String>,
    /// lastName is the person's last name, for vendors that take one. Dynatrace Managed creates nobody without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 128), extend("x-kubernetes-validations" = [
        rules::rule(rules::PERSON_NAME, "lastName must not be blank, and must be on one line"),
    ]))]
    pub last_name: Option<String>,
    /// accessProfiles are names of the provider's access profiles, at most 8; what they grant is united. Not together
    /// with access. Neither of the two: the vendor's own default.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = ACCESS_PROFILES_MAX), inner(length(min = 1, max = 63)))]
    pub access_profiles: Vec<String>,
    /// access spells out what the person is to be granted, where the provider's policy allows it. Not together with
    /// accessProfiles. A member's access is kept so too, where the vendor can change it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
    /// initialPasswordSecretRef names the key of a Secret, in the same namespace, with the password that the person begins
    /// with. Dynatrace Managed only, on clusters where Dynatrace has switched this on. The Secret needs the label
    /// userinvitation.dev/initial-password: "true", and its annotation userinvitation.dev/allowed-hosts must list the cluster's
    /// host. It is read when the person is created, and at no other time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub initial_password_secret_ref: Option<InitialPasswordRef>,
    /// notification says who gets a mail from the vendor: Send (everybody), NewAccountsOnly (only people who have no
    /// account at the vendor yet), Suppress (nobody). What the vendor can't do is refused before anything is sent. Default
    /// Send.
    #[serde(default)]
    pub notification: Notification,
    /// managementPolicy says how much is done for the person: Manage (invited, and kept as declared), InviteOnly
    /// (invited; the access of somebody who is a member is never edited) or Observe (only reported: nothing is written at the
    /// vendor, deleting this object calls nobody, and status.plan says what Manage would write). Default Manage.
    #[serde(default)]
    pub management_policy: ManagementPolicy,
    /// deletionPolicy says what becomes of the person when this object is deleted: Retain (nothing is called),
    /// RevokePending (a pending invitation is taken back, a member stays) or Remove (a member is removed too). The provider's
    /// policy says which of them may be asked for. People who were in the tenant before are kept, unless this says Remove and
    /// the provider's policy.adoption is Manage. Default RevokePending.
    #[serde(default)]
    pub deletion_policy: DeletionPolicy,
    /// readyWhen says when the condition Ready turns True: Invited (the vendor has the invitation) or Accepted (the
    /// person has accepted it). Default Invited.
    #[serde(default)]
    pub ready_when: ReadyWhen,
    /// suspend holds everything but deletion: nothing is sent and the status stays as it is. Default false.
    #[serde(default)]
    pub suspend: bool,
}

/// Names a provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ProviderRef {
    /// kind is the provider's kind: InvitationProvider (of the same namespace) or ClusterInvitationProvider (for
    /// several namespaces). Default InvitationProvider.
    #[serde(default)]
    pub kind: ProviderKind,
    /// name is the provider's name.
    #[schemars(length(min = 1, max = 253), regex(pattern = r"^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$"))]
    pub name: String,
}

/// The kinds of providers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ProviderKind {
    /// A provider of the same namespace.
    #[default]
    InvitationProvider,
    /// A provider for several namespaces.
    ClusterInvitationProvider,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: [Self; 2] = [Self::InvitationProvider, Self::ClusterInvitationProvider];

    /// The kind as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvitationProvider => "InvitationProvider",
            Self::ClusterInvitationProvider => "ClusterInvitationProvider",
        }
    }

    /// The resource in paths of the API.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::InvitationProvider => "invitationproviders",
            Self::ClusterInvitationProvider => "clusterinvitationproviders",
        }
    }

    /// The short name for kubectl.
    pub const fn short_name(self) -> &'static str {
        match self {
            Self::InvitationProvider => "iprov",
            Self::ClusterInvitationProvider => "ciprov",
        }
    }
}

/// Who gets a mail from the vendor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Notification {
    /// Everybody.
    #[default]
    Send,
    /// Only people who have no account at the vendor yet.
    NewAccountsOnly,
    /// Nobody.
    Suppress,
}

/// How much is done for a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ManagementPolicy {
    /// The person is invited, and kept as declared.
    #[default]
    Manage,
    /// The person is invited; the access of a member is never edited.
    InviteOnly,
    /// The person is only reported.
    Observe,
}

/// What becomes of the person when the object is deleted: Retain, RevokePending or Remove.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum DeletionPolicy {
    /// Nothing is called.
    Retain,
    /// A pending invitation is taken back; a member stays.
    #[default]
    RevokePending,
    /// A pending invitation is taken back; a member is removed.
    Remove,
}

impl DeletionPolicy {
    /// Every policy.
    pub const ALL: [Self; 3] = [Self::Retain, Self::RevokePending, Self::Remove];

    /// The policy as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retain => "Retain",
            Self::RevokePending => "RevokePending",
            Self::Remove => "Remove",
        }
    }
}

/// When an invitation counts as ready.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum ReadyWhen {
    /// The vendor has the invitation.
    #[default]
    Invited,
    /// The person has accepted it.
    Accepted,
}
