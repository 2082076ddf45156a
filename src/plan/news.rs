//! Which changes of a status are worth an event: transitions only.

use super::output::{Event, EventKind};
use crate::api::condition::find_condition;
use crate::api::{ConditionType, InvitationState, UserInvitationStatus};

/// The event of a transition: bad news where somebody has to do something, good news where a person came in.
pub(super) fn transition(before: Option<&UserInvitationStatus>, now: &UserInvitationStatus) -> Option<Event> {
    if before.and_then(|before| before.state) == now.state {
        return None;
    }
    let stalled = find_condition(&now.conditions, ConditionType::Stalled).is_some();
    let kind = match (stalled, now.state) {
        (true, _) => EventKind::Warning,
        (false, Some(InvitationState::Accepted)) => EventKind::Normal,
        (false, _) => return None,
    };
    let ready = find_condition(&now.conditions, ConditionType::Ready)?;
    Some(Event { kind, reason: ready.reason.clone(), message: ready.message.clone() })
}
