//! Every reason that conditions, errors and events can give. One list, from which the enum, its names and the
//! reference in the documentation come.

#![allow(clippy::doc_markdown, reason = "the docs are the reference, and read as plain text too")]

macro_rules! reasons {
    ($($(#[doc = $doc:literal])+ $name:ident,)+) => {
        /// Why a condition is as it is, in one word.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Reason {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Reason {
            /// Every reason, in the order of the reference.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// The reason as it is written.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)+
                }
            }

            /// What the reason means, for the reference.
            pub const fn description(self) -> &'static str {
                match self {
                    $(Self::$name => concat!($($doc),+).trim_ascii(),)+
                }
            }
        }
    };
}

reasons! {
    /// The operator has not looked at the object yet.
    NotReconciled,
    /// The vendor has the invitation; the person has not accepted it yet.
    AwaitingAcceptance,
    /// The vendor has the invitation.
    InvitationSent,
    /// The person is a member of the tenant.
    Member,
    /// The vendor made the person's account; whether the person ever uses it, this vendor does not tell.
    Provisioned,
    /// The vendor does not report this.
    NotReportedByVendor,
    /// The person holds what was asked for.
    InSync,
    /// The person holds less, or other things, than asked for.
    OutOfSync,
    /// The invitation ended before the person accepted. A resend request sends another one.
    Expired,
    /// The invitation was taken back at the vendor. A resend request sends another one.
    Revoked,
    /// The person was a member and was removed at the vendor. A resend request sends another invitation.
    Removed,
    /// The person declined. A resend request sends another invitation.
    Declined,
    /// The vendor keeps the person out; the operator follows the vendor.
    BlockedByVendor,
    /// Whether the vendor sent an invitation cannot be known, so nothing more is sent. A resend request sends one.
    OutcomeUnknown,
    /// What became of a call is being found out; until then no other call is made for the person.
    Settling,
    /// The person was in the tenant before: the provider's policy forbids to adopt people, or the vendor says so and
    /// does not show the person to this credential.
    UserExists,
    /// Another invitation speaks for this person in this tenant.
    DuplicateInvitation,
    /// The operator's record on the object can't be read by this version, so what is owed is not known.
    RecordUnreadable,
    /// The person was invited in another tenant than the provider's present one.
    TenantChanged,
    /// There is no such ClusterInvitationProvider for this namespace: it does not allow the namespace, or does not
    /// exist.
    NamespaceNotAllowed,
    /// The provider's policy does not allow people of this e-mail domain.
    DomainNotAllowed,
    /// The provider's policy does not allow this deletion policy.
    DeletionPolicyNotAllowed,
    /// The invitation names an access profile that the provider does not have.
    UnknownProfile,
    /// The named access profiles contradict each other.
    ProfilesConflict,
    /// The named access is more than one invitation can carry.
    AccessTooLarge,
    /// The access names a role, group or the like that the vendor does not have.
    UnknownName,
    /// The provider's policy allows access profiles only.
    InlineAccessForbidden,
    /// This vendor creates nobody without a first and a last name.
    NameRequired,
    /// The person is one of those the provider never touches.
    ProtectedPerson,
    /// The invitation asks for something the vendor can't do.
    UnsupportedByVendor,
    /// The invitation's access is in the words of another vendor than the provider's.
    AccessBlockMismatch,
    /// The named InvitationProvider does not exist in the namespace.
    ProviderNotFound,
    /// The named provider is not ready; its own status says why.
    ProviderNotReady,
    /// The named provider is being deleted, and starts nothing any more.
    ProviderTerminating,
    /// The object or its provider is suspended.
    Suspended,
    /// Nothing is written at the vendor; the plan says what would be.
    Planned,
    /// The provider only says what it would write at the vendor, as its mode asks.
    DryRun,
    /// The person waits for a turn at the vendor.
    Queued,
    /// The call to the vendor is being made.
    Inviting,
    /// A pending invitation is being taken back.
    Revoking,
    /// A member is being removed.
    Removing,
    /// A deletion waits until it is its turn.
    DeletionPending,
    /// More deletions owe a call than the provider's policy lets go on, so none does before somebody approves.
    RemovalsHeld,
    /// Somebody approved the removals that were held.
    RemovalsApproved,
    /// A deletion is owed, and the provider or its Secret is gone: bring them back, or abandon the deletion.
    CredentialsMissing,
    /// The vendor did not accept the credentials.
    AuthenticationFailed,
    /// The credentials lack the right for this call.
    Forbidden,
    /// The vendor calls the request invalid.
    InvalidRequest,
    /// The vendor refused this person.
    Rejected,
    /// The vendor asked for fewer requests.
    Throttled,
    /// The vendor did not answer, or answered with an error of its own.
    VendorUnavailable,
    /// The vendor answered something that its documents do not know.
    UnexpectedAnswer,
    /// The provider serves its invitations.
    Ready,
    /// The credentials are being verified.
    Verifying,
    /// The Secret of the credentials does not exist in the provider's namespace.
    SecretNotFound,
    /// The Secret lacks the label that allows the operator to read it.
    SecretNotLabelled,
    /// The Secret lacks a key that this vendor needs, or the key is empty.
    SecretKeyMissing,
    /// The operator may not read the Secret.
    SecretForbidden,
    /// The credential opens another account than the spec names.
    AccountMismatch,
    /// Another provider serves this tenant.
    TenantInUse,
    /// A sweep missed more of the known people than can be right; writes to the tenant are paused.
    PeopleMissing,
    /// The vendor takes its users from a directory elsewhere (LDAP or SAML), and refuses every change.
    ExternallyManaged,
    /// A host is not the vendor's own, and the Secret's owner did not allow it.
    HostNotAllowed,
    /// A host's address is private, and the operator was not started to allow it.
    AddressNotAllowed,
    /// An endpoint is not a usable https URL.
    InvalidEndpoint,
    /// The Secret or config map of the certificate authority does not exist.
    CaBundleNotFound,
    /// The certificate authority's key is missing or holds no PEM certificates.
    InvalidCaBundle,
    /// The spec has none or several vendor blocks.
    InvalidSpec,
    /// The object is being deleted.
    Terminating,
    /// A resend request was spent without sending another invitation.
    ResendSpent,
    /// A deletion took nobody away, since the provider's policy does not allow it.
    DeletionNotAllowed,
    /// A deletion was finished without the vendor, as an annotation asked.
    Abandoned,
    /// A deletion left alone whoever the vendor shows under the address: another person than the recorded one.
    AnotherPerson,
    /// The Secret of the password to begin with can't be used: it or its key is missing, it lacks the label, or its owner did not
    /// allow the host.
    InitialPasswordUnusable,
    /// A deletion in a terminating namespace was finished without the vendor, after bounded tries.
    GivenUp,
    /// A deletion in a terminating namespace was finished without the vendor: more were owed than the provider's policy lets
    /// go on.
    TooManyRemovals,
    /// A resend request was ignored: its value is longer than 64 characters.
    ResendIgnored,
    /// A reconcile request was ignored: its value is longer than 64 characters.
    ReconcileIgnored,
}
