//! What a deletion asks of the vendor.

use crate::api::invitation_status::AttemptSettled;
use crate::api::record::{AttemptKind, FoundRecord};
use crate::api::{
    Adoption, DeletionPolicy, INVITATION_FINALIZER, ManagementPolicy, OnDelete, Origin, Record,
    UserInvitation,
};
use crate::vendor::{Capabilities, Standing};

/// What a deletion would ask of the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owed {
    Nothing,
    Cancel,
    Remove,
    Unsupported,
}

/// What a deletion owes for a person who is there.
pub(super) fn owed(
    policy: DeletionPolicy,
    origin: Origin,
    adoption: Adoption,
    standing: Standing,
    can: &Capabilities,
) -> Owed {
    let cancel = if can.cancel.is_given() { Owed::Cancel } else { Owed::Unsupported };
    let remove = if can.remove.is_given() { Owed::Remove } else { Owed::Unsupported };
    match (policy, is_ours(policy, origin, adoption), standing) {
        (_, false, _)
        | (_, _, Standing::Revoked | Standing::Declined | Standing::Redeemed)
        | (DeletionPolicy::Retain, ..)
        | (DeletionPolicy::RevokePending, _, Standing::Member | Standing::Blocked) => Owed::Nothing,
        (_, true, Standing::Pending | Standing::Expired) => cancel,
        (DeletionPolicy::Remove, true, Standing::Member | Standing::Blocked) => remove,
    }
}

/// Whether the person may be taken away at all: who was there before only where object and provider both say so.
const fn is_ours(policy: DeletionPolicy, origin: Origin, adoption: Adoption) -> bool {
    match origin {
        Origin::Invited => true,
        Origin::Adopted => {
            matches!((policy, adoption), (DeletionPolicy::Remove, Adoption::Manage))
        }
        Origin::Other => false,
    }
}

/// Whether deleting the object may call the vendor, or a write is open, as far as object and record tell.
pub fn owes(object: &UserInvitation, found: &FoundRecord) -> bool {
    let observes = object.spec.management_policy == ManagementPolicy::Observe;
    has_open_write(object, found)
        || (has_finalizer(object) && !observes && !keeps(object) && !is_unsupported(object))
}

/// Whether a write is open, as far as object and record tell.
pub fn has_open_write(object: &UserInvitation, found: &FoundRecord) -> bool {
    match found {
        FoundRecord::Own(record) => {
            record.attempt.as_ref().is_some_and(|attempt| !is_settled(object, &attempt.id))
        }
        FoundRecord::Absent | FoundRecord::Foreign(_) | FoundRecord::Ignored(_) => false,
    }
}

/// Whether the status says that the vendor refused the invite in the record: then there is nobody to take away.
pub(super) fn is_refused(object: &UserInvitation, record: &Record) -> bool {
    let line = object.status.as_ref().and_then(|status| status.attempt.as_ref());
    record.attempt.as_ref().is_some_and(|attempt| {
        attempt.kind == AttemptKind::Invite
            && line.is_some_and(|line| line.id == attempt.id && line.settled == Some(AttemptSettled::Refused))
    })
}

fn is_settled(object: &UserInvitation, attempt: &str) -> bool {
    let line = object.status.as_ref().and_then(|status| status.attempt.as_ref());
    line.is_some_and(|line| line.id == attempt && line.settled.is_some())
}

/// Whether the status says, for the spec as it is, that deleting the object leaves the vendor alone.
pub(super) fn keeps(object: &UserInvitation) -> bool {
    says(object) == Some(OnDelete::Keep)
}

/// Whether the status says, for the spec as it is, that the vendor can't do what deleting the object asks for.
pub(super) fn is_unsupported(object: &UserInvitation) -> bool {
    says(object) == Some(OnDelete::Unsupported)
}

/// What the status says that deleting the object does, if it is said of the spec as it is.
fn says(object: &UserInvitation) -> Option<OnDelete> {
    let status = object.status.as_ref()?;
    // The request to delete counts as a change, and changes nothing of what is asked for.
    let generation = object.metadata.generation.unwrap_or_default();
    let observed = status.observed_generation.unwrap_or_default();
    let deleted = object.metadata.deletion_timestamp.is_some();
    let same_spec = observed == generation || (deleted && observed + 1 == generation);
    status.on_delete.filter(|_| same_spec)
}

/// Whether the object is held.
pub(super) fn has_finalizer(object: &UserInvitation) -> bool {
    let finalizers = object.metadata.finalizers.as_deref().unwrap_or_default();
    finalizers.iter().any(|finalizer| finalizer == INVITATION_FINALIZER)
}
