//! The brake on mass removal: when so many deletions owe a call at once that somebody has to approve them. It
//! saves the day when a whole kind or a folder of manifests goes by mistake.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::owed::{has_finalizer, is_refused, keeps};
use crate::api::record::FoundRecord;
use crate::api::time::whole_seconds;
use crate::api::{ABANDON, ABANDON_VALUE, DeletionPolicy, ManagementPolicy, RemovalsHeld, UserInvitation};

/// The most namespaces that a status names.
const RELEASED_NAMESPACES_MAX: usize = 64;

/// A deletion that may owe a call and is not released yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removal {
    /// The object's namespace.
    pub namespace: String,
    /// When the deletion was requested.
    pub requested: Timestamp,
    /// The namespace is itself being deleted.
    pub leaving: bool,
}

/// Where the brake of a provider stands, as its status says it: what is not written there is not acted on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BrakeState {
    /// The hold, if there is one.
    pub held: Option<RemovalsHeld>,
    /// Leaving namespaces in which everything is let go without a call.
    pub released: Vec<String>,
}

/// What moves the brake, beside the deletions.
#[derive(Debug, Clone, Copy)]
pub struct BrakeRules<'a> {
    /// The most deletions that go on without an approval.
    pub above: usize,
    /// The hold that somebody approved.
    pub approval: Option<&'a str>,
    /// Now, by the wall clock.
    pub now: Timestamp,
    /// The id of the next hold.
    pub next_id: &'a str,
}

/// What the brake means for one deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brake {
    /// It may act.
    Off,
    /// It has not been seen for long enough: others may follow.
    Waits(Duration),
    /// It is not known yet how many there are.
    Uncounted,
    /// It waits for an approval.
    Held,
    /// It goes without a call.
    LetGo,
}

/// What the brake as it stands says of one deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BrakeSays {
    /// It may act: somebody approved it.
    Approved,
    /// It waits for an approval.
    Held,
    /// It goes without a call.
    LetGo,
    /// That depends on how many there are.
    Count,
}

/// Whether deleting the object may owe a call, as far as object and record tell: those are counted. In doubt it
/// counts, and what does not count makes no call.
pub fn counts_as_removal(object: &UserInvitation, found: &FoundRecord) -> bool {
    let FoundRecord::Own(record) = found else { return false };
    object.metadata.deletion_timestamp.is_some()
        && has_finalizer(object)
        && object.spec.deletion_policy != DeletionPolicy::Retain
        && object.spec.management_policy != ManagementPolicy::Observe
        && !is_abandoned(object)
        && !is_refused(object, record)
        && !keeps(object)
}

/// Whether somebody asked to finish the deletion without the vendor.
pub(super) fn is_abandoned(object: &UserInvitation) -> bool {
    let annotations = object.metadata.annotations.as_ref();
    annotations.and_then(|annotations| annotations.get(ABANDON)).is_some_and(|value| value == ABANDON_VALUE)
}

impl BrakeState {
    /// What the brake as it stands says of this deletion.
    pub fn says(&self, removal: &Removal) -> BrakeSays {
        if removal.leaving && self.released.contains(&removal.namespace) {
            return BrakeSays::LetGo;
        }
        match &self.held {
            None => BrakeSays::Count,
            Some(hold) => match &hold.approved_time {
                None => BrakeSays::Held,
                Some(time) if removal.requested < time.0 => BrakeSays::Approved,
                // It came after the approval, and is counted with others like it.
                Some(_) => BrakeSays::Count,
            },
        }
    }

    /// Where the brake stands with these deletions, which have to be all there are.
    #[must_use]
    pub fn next(&self, removals: &[Removal], rules: &BrakeRules<'_>) -> Self {
        let released = self.next_released(removals, rules.above);
        let left: Vec<&Removal> = removals
            .iter()
            .filter(|removal| !(removal.leaving && released.contains(&removal.namespace)))
            .collect();
        Self { held: next_hold(self.held.as_ref(), &left, rules), released }
    }

    /// Whether the deletion's namespace leaves with too many, and there is no room to say so in the status yet.
    pub fn lacks_room(&self, removals: &[Removal], removal: &Removal, above: usize) -> bool {
        let same = |other: &&Removal| other.leaving && other.namespace == removal.namespace;
        removal.leaving
            && !self.released.contains(&removal.namespace)
            && removals.iter().filter(same).count() > above
    }

    fn next_released(&self, removals: &[Removal], above: usize) -> Vec<String> {
        let mut leaving: BTreeMap<&str, usize> = BTreeMap::new();
        for removal in removals.iter().filter(|removal| removal.leaving) {
            *leaving.entry(&removal.namespace).or_default() += 1;
        }
        let known: BTreeSet<&str> =
            self.released.iter().map(String::as_str).filter(|name| leaving.contains_key(name)).collect();
        let over = leaving.iter().filter(|(name, count)| **count > above && !known.contains(*name));
        let room = RELEASED_NAMESPACES_MAX.saturating_sub(known.len());
        let mut released: Vec<String> = over
            .take(room)
            .map(|(name, _)| (*name).to_owned())
            .chain(known.iter().map(ToString::to_string))
            .collect();
        released.sort_unstable();
        released
    }
}

/// The hold that follows. A hold stays until none of its deletions is left, so that rescuing some frees none of the
/// others; an approved one until none of those it covers is left.
fn next_hold(hold: Option<&RemovalsHeld>, left: &[&Removal], rules: &BrakeRules<'_>) -> Option<RemovalsHeld> {
    let count = i64::try_from(left.len()).unwrap_or(i64::MAX);
    // What leaves with its namespace is counted there.
    let too_many = |counts: &dyn Fn(&Removal) -> bool| {
        left.iter().filter(|removal| !removal.leaving && counts(removal)).count() > rules.above
    };
    let new = || Some(RemovalsHeld { id: rules.next_id.to_owned(), count, approved_time: None });
    let Some(hold) = hold else {
        return if too_many(&|_| true) { new() } else { None };
    };
    let latest = left.iter().map(|removal| removal.requested).max()?;
    let approved_time = match &hold.approved_time {
        None if rules.approval == Some(hold.id.as_str()) => {
            // Whatever was held is covered, also where the two clocks disagree.
            let after_all = latest.saturating_add(SignedDuration::from_secs(1)).unwrap_or(latest);
            Some(whole_seconds(rules.now.max(after_all)))
        }
        None => None,
        Some(time) if too_many(&|removal| removal.requested >= time.0) => return new(),
        Some(time) if left.iter().any(|removal| removal.requested < time.0) => Some(time.clone()),
        Some(_) => return None,
    };
    Some(RemovalsHeld { id: hold.id.clone(), count, approved_time })
}
