//! People in a tenant as the control API shows and moves them.

use serde::{Deserialize, Serialize};

/// Where a person stands, in words common to all vendors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Standing {
    /// Invited and still able to accept.
    Invited,
    /// Invited, too late to accept.
    Expired,
    /// The invitation was taken back.
    Revoked,
    /// Said no to the invitation.
    Declined,
    /// Was a member, no longer is.
    Removed,
    /// A member.
    Member,
    /// A member who may not use the tenant.
    Blocked,
    /// About to be gone.
    Leaving,
}

/// One person of a tenant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    /// The address, trimmed and lower-cased.
    pub email: String,
    /// The address as the vendor keeps it.
    pub email_as_written: String,
    /// Where the person stands.
    pub standing: Standing,
    /// The vendor's own word for it.
    pub vendor_status: String,
    /// The vendor's id for the user, once there is one.
    pub user_id: Option<String>,
    /// Ids of the person's invitations, oldest first.
    pub invitation_ids: Vec<String>,
    /// Names of the roles held (or offered).
    pub roles: Vec<String>,
}

/// What can happen to a person without the API's caller doing it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "camelCase")]
pub enum PersonAction {
    /// Accepts the pending invitation.
    Accept,
    /// The pending invitation runs out now.
    Expire,
    /// Declines, where the vendor knows that (AppXite).
    Decline,
    /// The vendor blocks the member.
    Block,
    /// The vendor suspends the member.
    Suspend,
    /// The vendor lifts a block or suspension.
    Unblock,
    /// An administrator removes the member or takes the invitation back.
    Remove,
    /// An administrator's doing made the person a member, with these roles.
    AddMember {
        /// Role names; empty for the vendor's least.
        #[serde(default)]
        roles: Vec<String>,
    },
    /// An administrator gives the member these roles in the organization (VMware) or groups (Dynatrace SaaS), and takes
    /// all others away.
    SetRoles {
        /// Role names.
        roles: Vec<String>,
    },
    /// Somebody else invites the person (a mail is sent).
    InviteByOther,
    /// The person has an account with the vendor already.
    AddAccount,
    /// Every request that names the address is refused as invalid.
    Poison,
    /// Requests that name the address succeed without effect on it.
    Ignore,
    /// Removing the person fails.
    RefuseRemoval,
    /// Lifts `Poison`, `Ignore` and `RefuseRemoval`.
    Heal,
}

/// Addresses that get special treatment.
#[derive(Debug, Clone, Default)]
pub(crate) struct SpecialPeople {
    pub(crate) poisoned: std::collections::BTreeSet<String>,
    pub(crate) ignored: std::collections::BTreeSet<String>,
    pub(crate) unremovable: std::collections::BTreeSet<String>,
    pub(crate) accounts: std::collections::BTreeSet<String>,
}

impl SpecialPeople {
    /// Performs the actions that are the same for all vendors; false for the others.
    pub(crate) fn act(&mut self, email: &str, action: &PersonAction) -> bool {
        let email = email.to_owned();
        match action {
            PersonAction::AddAccount => self.accounts.insert(email),
            PersonAction::Poison => self.poisoned.insert(email),
            PersonAction::Ignore => self.ignored.insert(email),
            PersonAction::RefuseRemoval => self.unremovable.insert(email),
            PersonAction::Heal => {
                self.poisoned.remove(&email);
                self.ignored.remove(&email);
                self.unremovable.remove(&email)
            }
            _ => return false,
        };
        true
    }
}
