//! The table of states: what each of them says in conditions. Messages are stable: no times, no ids.

use jiff::Timestamp;

use crate::api::condition::{remove_condition, set_condition};
use crate::api::{
    ConditionStatus as Is, ConditionType as Type, InvitationState, ReadyWhen, Reason, UserInvitationStatus,
};

/// Where an invitation stands, with what only this state can say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    Queued,
    Pending,
    Accepted,
    Provisioned,
    Expired,
    Revoked,
    Removed,
    Declined,
    Blocked,
    Failed { reason: Reason, message: String, retried: bool },
    OutcomeUnknown { settling: bool },
    Conflict { reason: Reason, message: String },
    Refused { reason: Reason, message: String },
    Waiting { reason: Reason, message: String },
    Paused,
    Planned { message: String },
    Deleting { reason: Reason, message: String, stalled: bool },
}

/// What the conditions are written with.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stamp {
    pub now: Timestamp,
    pub generation: i64,
    pub ready_when: ReadyWhen,
}

struct Row {
    ready: (Is, Reason),
    message: String,
    invited: Option<(Is, Reason)>,
    accepted: Option<(Is, Reason)>,
    more: More,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum More {
    Nothing,
    Reconciling,
    Stalled,
}

const RESEND: &str = "annotate the object with userinvitation.dev/resend-requested-at=<any new value> to send \
                      another invitation, or delete it";

impl State {
    /// Writes the state and its conditions into a status.
    pub(super) fn write(&self, status: &mut UserInvitationStatus, stamp: Stamp) {
        status.observed_generation = Some(stamp.generation);
        status.state = Some(self.name());
        let Some(row) = self.row(stamp.ready_when) else {
            return;
        };
        let conditions = &mut status.conditions;
        let mut set = |type_: Type, value: Option<(Is, Reason)>, message: &str| match value {
            Some((is, reason)) => {
                set_condition(conditions, type_, is, reason, message, stamp.now, stamp.generation);
            }
            None => {
                remove_condition(conditions, type_);
            }
        };
        set(Type::Ready, Some(row.ready), &row.message);
        set(Type::Invited, row.invited, &row.message);
        set(Type::Accepted, row.accepted, &row.message);
        let abnormal = |wanted: More| (row.more == wanted).then_some((Is::True, row.ready.1));
        set(Type::Reconciling, abnormal(More::Reconciling), &row.message);
        set(Type::Stalled, abnormal(More::Stalled), &row.message);
    }

    pub(super) const fn name(&self) -> InvitationState {
        match self {
            Self::Queued => InvitationState::Queued,
            Self::Pending => InvitationState::Pending,
            Self::Accepted => InvitationState::Accepted,
            Self::Provisioned => InvitationState::Provisioned,
            Self::Expired => InvitationState::Expired,
            Self::Revoked => InvitationState::Revoked,
            Self::Removed => InvitationState::Removed,
            Self::Declined => InvitationState::Declined,
            Self::Blocked => InvitationState::Blocked,
            Self::Failed { .. } => InvitationState::Failed,
            Self::OutcomeUnknown { .. } => InvitationState::OutcomeUnknown,
            Self::Conflict { .. } => InvitationState::Conflict,
            Self::Refused { .. } => InvitationState::Refused,
            Self::Waiting { .. } => InvitationState::Waiting,
            Self::Paused => InvitationState::Paused,
            Self::Planned { .. } => InvitationState::Planned,
            Self::Deleting { .. } => InvitationState::Deleting,
        }
    }

    /// `None`: the conditions stay as they are.
    fn row(&self, ready_when: ReadyWhen) -> Option<Row> {
        use Reason as R;
        let row = |ready, message: &str, invited, accepted, more| {
            Some(Row { ready, message: message.to_owned(), invited, accepted, more })
        };
        let over = |reason: Reason, message: &str| {
            let accepted = Some((Is::False, reason));
            row((Is::False, reason), &format!("{message}; {RESEND}"), accepted, accepted, More::Stalled)
        };
        match self {
            Self::Paused => None,
            Self::Queued => row(
                (Is::Unknown, R::Queued),
                "waits for its turn at the vendor",
                None,
                None,
                More::Reconciling,
            ),
            Self::Pending => {
                let invited = Some((Is::True, R::InvitationSent));
                let accepted = Some((Is::False, R::AwaitingAcceptance));
                let message = "the vendor has the invitation; the person has not accepted it yet";
                match ready_when {
                    ReadyWhen::Invited => {
                        row((Is::True, R::AwaitingAcceptance), message, invited, accepted, More::Nothing)
                    }
                    ReadyWhen::Accepted => {
                        row((Is::False, R::AwaitingAcceptance), message, invited, accepted, More::Reconciling)
                    }
                }
            }
            Self::Accepted => {
                let member = Some((Is::True, R::Member));
                row(
                    (Is::True, R::Member),
                    "the person is a member of the tenant",
                    member,
                    member,
                    More::Nothing,
                )
            }
            Self::Provisioned => row(
                (Is::True, R::Provisioned),
                "the vendor has the person's account; whether the person ever uses it, this vendor does not tell",
                Some((Is::True, R::Provisioned)),
                Some((Is::Unknown, R::NotReportedByVendor)),
                More::Nothing,
            ),
            Self::Expired => over(R::Expired, "the invitation ended before the person accepted it"),
            Self::Revoked => over(R::Revoked, "the invitation was taken back at the vendor"),
            Self::Removed => over(R::Removed, "the person was removed from the tenant at the vendor"),
            Self::Declined => over(R::Declined, "the person declined the invitation"),
            Self::Blocked => row(
                (Is::False, R::BlockedByVendor),
                "the vendor or an administrator blocks this person; the status follows the vendor",
                Some((Is::True, R::BlockedByVendor)),
                Some((Is::False, R::BlockedByVendor)),
                More::Stalled,
            ),
            Self::Failed { reason, message, retried } => row(
                (Is::False, *reason),
                message,
                Some((Is::False, *reason)),
                None,
                if *retried { More::Reconciling } else { More::Stalled },
            ),
            Self::OutcomeUnknown { settling: true } => row(
                (Is::Unknown, R::OutcomeUnknown),
                "a call to the vendor had no clear answer; nothing more is sent until looking at the vendor has \
                 shown what became of it",
                Some((Is::Unknown, R::OutcomeUnknown)),
                None,
                More::Reconciling,
            ),
            Self::OutcomeUnknown { settling: false } => row(
                (Is::Unknown, R::OutcomeUnknown),
                &format!(
                    "whether the person got an invitation cannot be known, so nothing more is sent; {RESEND}"
                ),
                Some((Is::Unknown, R::OutcomeUnknown)),
                None,
                More::Stalled,
            ),
            Self::Conflict { reason, message } | Self::Refused { reason, message } => {
                row((Is::False, *reason), message, None, None, More::Stalled)
            }
            Self::Waiting { reason, message } => {
                row((Is::Unknown, *reason), message, None, None, More::Reconciling)
            }
            Self::Planned { message } => row((Is::True, R::Planned), message, None, None, More::Nothing),
            Self::Deleting { reason, message, stalled } => Some(Row {
                ready: (Is::False, *reason),
                message: message.clone(),
                invited: None,
                accepted: None,
                more: if *stalled { More::Stalled } else { More::Reconciling },
            }),
        }
    }
}
