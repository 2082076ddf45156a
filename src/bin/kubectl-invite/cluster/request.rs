//! Requests to the operator about an invitation, and what it says when it has served them. Pure, but for the clock.

use k8s_openapi::jiff::Timestamp;
use serde_json::{Value, json};
use user_invitation_operator::api::{
    InvitationState, RECONCILE_REQUESTED_AT, RESEND_REQUESTED_AT, UserInvitation,
};

use super::wait::Standing;

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

    /// What the operator says about it.
    pub fn standing(&self, object: &UserInvitation, generation: i64) -> Standing {
        let Some(status) = &object.status else { return Standing::Waiting };
        let seen = status.observed_generation.is_some_and(|seen| seen >= generation);
        let paused = seen && status.state == Some(InvitationState::Paused);
        let served = match self {
            Self::Resend(value) => status.last_handled_resend_at.as_ref() == Some(value),
            Self::Reconcile(value) => status.last_handled_reconcile_at.as_ref() == Some(value),
            Self::Suspend => paused,
            Self::Resume => seen && !paused,
        };
        match self {
            _ if served => Standing::Ready,
            Self::Resend(_) if paused => Standing::Stalled(
                InvitationState::Paused.as_str().to_owned(),
                "it is suspended, or its provider is; the request is served when that ends".to_owned(),
            ),
            Self::Resend(_) | Self::Reconcile(_) | Self::Suspend | Self::Resume => Standing::Waiting,
        }
    }
}
