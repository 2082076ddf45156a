//! Conditions: one of each type, whose transition time moves only when the status does.

pub use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use k8s_openapi::jiff::Timestamp;

use super::reason::Reason;
use super::time::whole_seconds;

/// Longest message of a condition or error, in characters.
pub const MESSAGE_MAX: usize = 512;

/// The types of conditions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ConditionType {
    /// The summary: what the object is for is reached.
    Ready,
    /// The vendor has the invitation.
    Invited,
    /// The person accepted.
    Accepted,
    /// The person holds what is named, and nothing that was granted and is no longer named.
    AccessSynced,
    /// More deletions owe a call than may go on without an approval. Exists only while true.
    RemovalsHeld,
    /// Work goes on. Exists only while true.
    Reconciling,
    /// Nothing will change until somebody changes something. Exists only while true.
    Stalled,
}

impl ConditionType {
    /// Every type.
    pub const ALL: [Self; 7] = [
        Self::Ready,
        Self::Invited,
        Self::Accepted,
        Self::AccessSynced,
        Self::RemovalsHeld,
        Self::Reconciling,
        Self::Stalled,
    ];

    /// The type's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ready => "Ready",
            Self::Invited => "Invited",
            Self::Accepted => "Accepted",
            Self::AccessSynced => "AccessSynced",
            Self::RemovalsHeld => "RemovalsHeld",
            Self::Reconciling => "Reconciling",
            Self::Stalled => "Stalled",
        }
    }
}

/// The three values of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ConditionStatus {
    /// It holds.
    True,
    /// It does not hold.
    False,
    /// It cannot be told.
    Unknown,
}

impl ConditionStatus {
    /// The value as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::True => "True",
            Self::False => "False",
            Self::Unknown => "Unknown",
        }
    }
}

/// Sets the condition of one type. `true` if anything but times changed.
pub fn set_condition(
    conditions: &mut Vec<Condition>,
    type_: ConditionType,
    status: ConditionStatus,
    reason: Reason,
    message: &str,
    now: Timestamp,
    generation: i64,
) -> bool {
    let mut fresh = Condition {
        type_: type_.as_str().to_owned(),
        status: status.as_str().to_owned(),
        reason: reason.as_str().to_owned(),
        message: shortened(message),
        last_transition_time: whole_seconds(now),
        observed_generation: Some(generation),
    };
    let Some(first) = conditions.iter().position(|known| known.type_ == fresh.type_) else {
        conditions.push(fresh);
        return true;
    };
    // The schema's default has no time of its own, and no generation that somebody has looked at.
    if conditions[first].status == fresh.status && conditions[first].observed_generation.is_some() {
        fresh.last_transition_time = conditions[first].last_transition_time.clone();
    }
    let changed = conditions[first] != fresh;
    conditions[first] = fresh;
    let before = conditions.len();
    let mut index = 0;
    conditions.retain(|known| {
        let keep = index <= first || known.type_ != type_.as_str();
        index += 1;
        keep
    });
    changed || conditions.len() != before
}

/// What an object is born with, by the schema's default: nobody has looked at it yet, and it costs no write.
pub fn unreconciled() -> Vec<Condition> {
    vec![Condition {
        type_: ConditionType::Ready.as_str().to_owned(),
        status: ConditionStatus::Unknown.as_str().to_owned(),
        reason: Reason::NotReconciled.as_str().to_owned(),
        message: "The operator has not looked at this object yet.".to_owned(),
        last_transition_time: whole_seconds(Timestamp::UNIX_EPOCH),
        observed_generation: None,
    }]
}

/// Removes the conditions of one type. `true` if there was one.
pub fn remove_condition(conditions: &mut Vec<Condition>, type_: ConditionType) -> bool {
    let before = conditions.len();
    conditions.retain(|known| known.type_ != type_.as_str());
    conditions.len() != before
}

/// The condition of one type.
pub fn find_condition(conditions: &[Condition], type_: ConditionType) -> Option<&Condition> {
    conditions.iter().find(|known| known.type_ == type_.as_str())
}

/// Whether two lists say the same, whatever their transition times and order.
pub fn equal_ignoring_times(left: &[Condition], right: &[Condition]) -> bool {
    left.len() == right.len()
        && left.iter().all(|condition| right.iter().any(|other| same_ignoring_time(condition, other)))
}

fn same_ignoring_time(left: &Condition, right: &Condition) -> bool {
    left.type_ == right.type_
        && left.status == right.status
        && left.reason == right.reason
        && left.message == right.message
        && left.observed_generation == right.observed_generation
}

/// A message cut to [`MESSAGE_MAX`] characters.
pub fn shortened(message: &str) -> String {
    if message.chars().count() <= MESSAGE_MAX {
        return message.to_owned();
    }
    let mut short: String = message.chars().take(MESSAGE_MAX - 1).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests;
