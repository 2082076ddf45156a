//! What a deletion asks of the vendor.

use crate::api::{DeletionPolicy, Origin};
use crate::vendor::{Capabilities, Standing, Support};

/// What a deletion would ask of the vendor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owed {
    Nothing,
    Cancel,
    Remove,
    Unsupported,
}

/// What a deletion owes for a person who is there.
pub(super) fn owed(policy: DeletionPolicy, origin: Origin, standing: Standing, can: &Capabilities) -> Owed {
    let cancel = if can.cancel == Support::Supported { Owed::Cancel } else { Owed::Unsupported };
    let remove = if can.remove == Support::Supported { Owed::Remove } else { Owed::Unsupported };
    match (policy, origin, standing) {
        (_, Origin::Adopted | Origin::Other, _)
        | (_, _, Standing::Revoked | Standing::Declined | Standing::Redeemed)
        | (DeletionPolicy::Retain, ..)
        | (DeletionPolicy::RevokePending, _, Standing::Member | Standing::Blocked) => Owed::Nothing,
        (_, Origin::Invited, Standing::Pending | Standing::Expired) => cancel,
        (DeletionPolicy::Remove, Origin::Invited, Standing::Member | Standing::Blocked) => remove,
    }
}
