//! The eight people of the scenario, and what has to become of each.

use test_rig::vendors::{Abilities, Policy, Resend, Stand};
use vendor_simulators::Standing;

/// One of the eight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Person {
    /// Invited, and nothing else.
    Plain,
    /// The vendor refuses the address.
    Refused,
    /// Was in the tenant before.
    Adopted,
    /// A second object for the plain one's address.
    Duplicate,
    /// Invited and accepted.
    Accepted,
    /// Deleted while the invitation is pending.
    Revoked,
    /// Accepted, then deleted with the policy to remove.
    Removed,
    /// Invited a second time because somebody asks for it.
    Resent,
}

/// What has to be true in the end.
#[derive(Debug, Clone, Copy)]
pub struct Ending {
    /// The state of the object; `None`: the object is gone.
    pub state: Option<&'static str>,
    /// Mails that the person got.
    pub mails: usize,
    /// Where the vendor shows the person; `None`: nowhere, or as somebody who was taken away.
    pub standing: Option<Standing>,
}

impl Person {
    /// All eight.
    pub const ALL: [Self; 8] = [
        Self::Plain,
        Self::Refused,
        Self::Adopted,
        Self::Duplicate,
        Self::Accepted,
        Self::Revoked,
        Self::Removed,
        Self::Resent,
    ];

    /// The name of the object.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Refused => "refused",
            Self::Adopted => "adopted",
            Self::Duplicate => "duplicate",
            Self::Accepted => "accepted",
            Self::Revoked => "revoked",
            Self::Removed => "removed",
            Self::Resent => "resent",
        }
    }

    /// The address as the object writes it.
    pub fn email(self) -> String {
        match self {
            Self::Duplicate => "Plain@Example.com".to_owned(),
            _ => format!("{}@example.com", self.name()),
        }
    }

    /// What has to be true in the end, where the vendor can do this.
    pub fn ending(self, can: &Abilities) -> Ending {
        let invited = (Some(can.state(Stand::Invited).0), Some(can.standing(Stand::Invited)));
        let member = (Some(can.state(Stand::Member).0), Some(can.standing(Stand::Member)));
        let gone = |policy, stand| {
            let taken_away = can.on_delete(policy, stand).takes_away();
            (None, (!taken_away).then(|| can.standing(stand)))
        };
        let ((state, standing), mails) = match self {
            Self::Plain => (invited, 1),
            Self::Refused => ((Some("Failed"), None), 0),
            Self::Adopted => (member, 0),
            // The person is the plain one's.
            Self::Duplicate => ((Some("Conflict"), invited.1), 1),
            Self::Accepted => (member, 1),
            Self::Revoked => (gone(Policy::RevokePending, Stand::Invited), 1),
            Self::Removed => (gone(Policy::Remove, Stand::Member), 1),
            Self::Resent => (invited, 1 + usize::from(can.resend == Resend::Recreate)),
        };
        Ending { state, mails, standing }
    }
}
