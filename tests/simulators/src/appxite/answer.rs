//! The answer to an invite. 1.3.2, 1.3.4.

use serde_json::{Value, json};

use super::{
    choices::{InviteBody, PartialFailure},
    errors,
    invite::Invitee,
    knobs::AppXiteKnobs,
    users::cased,
};
use crate::http::Reply;

/// Why somebody can't be: a status, a field and what is wrong.
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) field: String,
    pub(super) said: &'static str,
    pub(super) email: String,
}

/// An invite that was read: whom it invites, and the answer.
pub(super) struct Read {
    pub(super) invitees: Vec<Invitee>,
    pub(super) reply: Reply,
}

/// The answer, and who is invited after all. 1.3.4: three kinds of partial failure.
pub(super) fn answer(knobs: &AppXiteKnobs, invitees: Vec<Invitee>, refusals: &[Refusal]) -> Read {
    let reply = match (refusals.first(), knobs.partial_failure) {
        (None, _) | (_, PartialFailure::Silent) => success(knobs, &invitees),
        (Some(first), PartialFailure::Atomic) => {
            let wrong: Vec<(String, &str)> =
                refusals.iter().map(|refusal| (refusal.field.clone(), refusal.said)).collect();
            return Read { invitees: Vec::new(), reply: errors::problem(knobs, first.status, &wrong) };
        }
        (Some(_), PartialFailure::MultiStatus) => results(knobs, 207, &invitees, refusals),
        (Some(_), PartialFailure::Results) => results(knobs, 200, &invitees, refusals),
    };
    Read { invitees, reply }
}

/// A result for each user; the form of such a body is not known at all.
fn results(knobs: &AppXiteKnobs, status: u16, invitees: &[Invitee], refusals: &[Refusal]) -> Reply {
    let good = invitees.iter().map(|one| json!({"email": one.email, "status": 200}));
    let bad =
        refusals.iter().map(|one| json!({"email": one.email, "status": one.status, "message": one.said}));
    let body: Vec<Value> = bad.chain(good).collect();
    Reply::json(status, &cased(json!({"results": body}), knobs.name_case))
}

fn success(knobs: &AppXiteKnobs, invitees: &[Invitee]) -> Reply {
    let status = knobs.invite_status;
    match knobs.invite_body {
        _ if status == 204 => Reply::empty(204),
        InviteBody::Empty => Reply::empty(status),
        InviteBody::Text => Reply::text(status, "text/plain", "Invitations were sent."),
        InviteBody::Users => {
            let users: Vec<Value> = invitees.iter().map(|one| json!({"email": one.email})).collect();
            Reply::json(status, &cased(json!(users), knobs.name_case))
        }
    }
}
