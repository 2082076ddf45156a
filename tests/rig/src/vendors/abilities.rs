//! What a provider says that its vendor can do, and what follows from it for people.

use serde_json::Value;
use vendor_simulators::Standing;

/// The `status.capabilities` of a running provider, as far as people notice them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// The most people in one invite.
    pub batch: usize,
    /// The vendor shows that somebody accepted.
    pub acceptance: bool,
    /// A pending invitation can be taken back.
    pub cancel: bool,
    /// A member can be removed.
    pub remove: bool,
    /// What a member holds can be changed.
    pub update: bool,
    /// An invitation can go without a mail.
    pub suppress: bool,
    /// How an invitation is sent again.
    pub resend: Resend,
    /// Whose clock ends an invitation.
    pub expiry: Expiry,
}

/// How an invitation is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resend {
    /// Taken back and made anew.
    Recreate,
    /// Made anew once it has ended.
    AfterExpiry,
    /// Not at all.
    None,
}

/// Whose clock ends an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expiry {
    /// The vendor's.
    Vendor,
    /// The operator's.
    OwnClock,
    /// Nobody's.
    None,
}

/// What deleting an invitation is to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Policy {
    /// Nothing.
    Retain,
    /// Take back what is pending, keep members.
    RevokePending,
    /// Take away whoever it is.
    Remove,
}

impl Policy {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Retain, Self::RevokePending, Self::Remove];

    /// As manifests have it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retain => "Retain",
            Self::RevokePending => "RevokePending",
            Self::Remove => "Remove",
        }
    }
}

/// Where somebody stands whom the operator invited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Did nothing yet.
    Invited,
    /// Did nothing, and can't any more.
    Expired,
    /// Accepted, where that is a thing.
    Member,
}

/// What `status.onDelete` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDelete {
    /// The person stays as is.
    Keep,
    /// The invitation is taken back.
    Revoke,
    /// The member is removed.
    Remove,
    /// What the policy asks for can't be done: the person stays as is.
    Unsupported,
}

impl OnDelete {
    /// As the status has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Keep => "Keep",
            Self::Revoke => "Revoke",
            Self::Remove => "Remove",
            Self::Unsupported => "Unsupported",
        }
    }

    /// Whether the person is gone afterwards.
    pub const fn takes_away(self) -> bool {
        matches!(self, Self::Revoke | Self::Remove)
    }
}

impl Abilities {
    /// What a provider says; `None`: nothing yet.
    pub fn of(provider: &Value) -> Option<Self> {
        let told = provider["status"]["capabilities"].as_object()?;
        let word = |name: &str| told.get(name).and_then(Value::as_str).unwrap_or_default();
        // What is only configurable can't be done now.
        let can = |name: &str| match word(name) {
            "Supported" => true,
            "Unsupported" | "Configurable" => false,
            other => panic!("{name}: {other:?}"),
        };
        Some(Self {
            batch: told
                .get("maxBatchSize")
                .and_then(Value::as_u64)
                .and_then(|size| usize::try_from(size).ok())?,
            acceptance: can("acceptance"),
            cancel: can("cancelInvitation"),
            remove: can("removeUser"),
            update: can("updateAccess"),
            suppress: can("suppressNotification"),
            resend: match word("resend") {
                "Recreate" => Resend::Recreate,
                "AfterExpiry" => Resend::AfterExpiry,
                "None" => Resend::None,
                other => panic!("resend: {other:?}"),
            },
            expiry: match word("invitationExpiry") {
                "Vendor" => Expiry::Vendor,
                "OwnClock" => Expiry::OwnClock,
                "None" => Expiry::None,
                other => panic!("invitationExpiry: {other:?}"),
            },
        })
    }

    /// State and reason of somebody who stands so. Where acceptance does not show, whoever is there is provisioned.
    pub const fn state(&self, stand: Stand) -> (&'static str, &'static str) {
        match stand {
            _ if !self.acceptance => ("Provisioned", "Provisioned"),
            Stand::Invited => ("Pending", "AwaitingAcceptance"),
            Stand::Expired => ("Expired", "Expired"),
            Stand::Member => ("Accepted", "Member"),
        }
    }

    /// Where the simulator has somebody who stands so.
    pub const fn standing(&self, stand: Stand) -> Standing {
        match stand {
            _ if !self.acceptance => Standing::Member,
            Stand::Invited => Standing::Invited,
            Stand::Expired => Standing::Expired,
            Stand::Member => Standing::Member,
        }
    }

    /// What deleting the invitation of such a person does.
    pub const fn on_delete(&self, policy: Policy, stand: Stand) -> OnDelete {
        let is_member = !self.acceptance || matches!(stand, Stand::Member);
        match policy {
            Policy::Retain => OnDelete::Keep,
            Policy::RevokePending if is_member => OnDelete::Keep,
            Policy::Remove if is_member && self.remove => OnDelete::Remove,
            Policy::RevokePending | Policy::Remove if !is_member && self.cancel => OnDelete::Revoke,
            Policy::RevokePending | Policy::Remove => OnDelete::Unsupported,
        }
    }
}
