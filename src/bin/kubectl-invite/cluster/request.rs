//! Requests to the operator about an invitation, and what it says when it has served them. Pure, but for the clock.

use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};
use user_invitation_operator::api::{
    InvitationState, RECONCILE_REQUESTED_AT, RESEND_REQUESTED_AT, UserInvitation,
};

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Another mail; with the value that makes it a new request.
    Resend(String),
    /// Another look.
    Reconcile(String),
    /// Nothing more, for now.
    Suspend,
    /// Work as before.
    Resume,
}

impl Request {
    /// A value that no request had before.
    pub fn new_value() -> String {
        Timestamp::now().to_string()
    }

    /// The change of an invitation that asks for it.
    pub fn patch(&self) -> Value {
        match self {
            Self::Resend(value) => json!({"metadata": {"annotations": {RESEND_REQUESTED_AT: value}}}),
            Self::Reconcile(value) => json!({"metadata": {"annotations": {RECONCILE_REQUESTED_AT: value}}}),
            Self::Suspend => json!({"spec": {"suspend": true}}),
            Self::Resume => json!({"spec": {"suspend": false}}),
        }
    }

    /// Whether the operator says that it has served it.
    pub fn is_served(&self, object: &UserInvitation, generation: i64) -> bool {
        let Some(status) = &object.status else { return false };
        let seen = status.observed_generation.is_some_and(|seen| seen >= generation);
        match self {
            Self::Resend(value) => status.last_handled_resend_at.as_ref() == Some(value),
            Self::Reconcile(value) => status.last_handled_reconcile_at.as_ref() == Some(value),
            Self::Suspend => seen && status.state == Some(InvitationState::Paused),
            Self::Resume => seen && status.state != Some(InvitationState::Paused),
        }
    }
}
