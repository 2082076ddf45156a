//! Where only what would be written is said, and nothing is: the provider's mode `DryRun`, the invitation's
//! `managementPolicy` `Observe`.

use super::input::Input;
use super::texts;
use crate::api::{ManagementPolicy, ProviderMode};

/// Why nothing is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rehearsal {
    /// The provider's mode is `DryRun`.
    DryRun,
    /// The invitation only observes.
    Observe,
}

/// Why nothing is written for this invitation, if that is so.
pub(super) fn why(input: &Input<'_>) -> Option<Rehearsal> {
    match input.object.spec.management_policy {
        ManagementPolicy::Observe => return Some(Rehearsal::Observe),
        ManagementPolicy::Manage | ManagementPolicy::InviteOnly => {}
    }
    match input.provider.found()?.object.spec.mode {
        ProviderMode::DryRun => Some(Rehearsal::DryRun),
        ProviderMode::Enforce | ProviderMode::Suspended => None,
    }
}

impl Rehearsal {
    pub fn message(self) -> String {
        match self {
            Self::DryRun => texts::planned_in_dry_run(),
            Self::Observe => texts::planned_by_observer(),
        }
    }
}
