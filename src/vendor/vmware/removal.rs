//! Taking back invitations and removing members.

use std::collections::HashMap;

use reqwest::Method;

use super::Client;
use super::invite::REFUSALS;
use super::wire::{InviteBody, RemoveBody, Removed};
use crate::vendor::answer::{Answer, MemberAnswer, Refusal};
use crate::vendor::client::{Permit, Target};
use crate::vendor::error::{ErrorClass, VendorError};
use crate::vendor::observe::Operation;
use crate::vendor::transport::{Reply, Request, is_path_safe, target};

const ACCEPTED: MemberAnswer = MemberAnswer::Accepted { user_id: None };

/// Documented refusals of taking back one invitation (vendor contract: B3). 404 is no refusal: the invitation is
/// not there, and looks show whether that is so.
const CANCEL_REFUSALS: &[(u16, ErrorClass)] =
    &[(401, ErrorClass::Authentication), (403, ErrorClass::Forbidden), (429, ErrorClass::Throttled)];

/// Documented refusals of removals; 400 also for the last owner (vendor contract: B3.4).
const REMOVE_REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (429, ErrorClass::Throttled),
];

impl Client {
    /// Takes back one invitation by its id, or several people's by name.
    pub(super) async fn cancel_all(&self, permit: &Permit, targets: &[Target]) -> MemberAnswer {
        let id = match targets {
            [one] => one.invitation_id.as_deref().filter(|id| is_path_safe(id)),
            _ => None,
        };
        let (request, refusals) = if let Some(id) = id {
            let path = [&self.org_path()[..], &["invitations", id]].concat();
            let url = target(&self.config.endpoint, &path, &[]);
            (Ok(Request::new(Method::DELETE, url)), CANCEL_REFUSALS)
        } else {
            let path = [&self.org_path()[..], &["invitations"]].concat();
            let url = target(&self.config.endpoint, &path, &[("action", "revoke")]);
            let usernames = targets.iter().map(|target| target.email.as_written()).collect();
            let body = InviteBody { usernames, ..InviteBody::default() };
            (Request::post(url).json(&body), REFUSALS)
        };
        let reply = match request {
            Ok(request) => self.session.write(Operation::Cancel, permit, request).await,
            Err(error) => Err(MemberAnswer::NotSent(error)),
        };
        match reply {
            Err(answer) => answer,
            Ok(reply) if reply.is_success() => ACCEPTED,
            Ok(reply) if targets.len() > 1 => self.session.unclear(&reply, permit),
            Ok(reply) if reply.status() == 404 => ACCEPTED,
            Ok(reply) => self.session.refusal(&reply, permit, refusals),
        }
    }

    /// Removes members by their ids.
    pub(super) async fn remove_all(&self, permit: &Permit, targets: &[Target]) -> Answer {
        let mut answer = Answer::default();
        let mut by_id: HashMap<&str, &str> = HashMap::new();
        for target in targets {
            if let Some(id) = target.user_id.as_deref() {
                by_id.insert(id, target.email.key());
            } else {
                let error =
                    VendorError::BadAnswer { host: self.host(), cause: "the person's id is not known" };
                answer.members.insert(target.email.key().to_owned(), MemberAnswer::NotSent(error));
            }
        }
        if by_id.is_empty() {
            return answer;
        }
        let body = RemoveBody { ids: by_id.keys().copied().collect(), notify_users: false };
        let url = target(&self.config.endpoint, &self.users_path(), &[]);
        let reply = match Request::new(Method::DELETE, url).json(&body) {
            Ok(request) => self.session.write(Operation::Remove, permit, request).await,
            Err(error) => Err(MemberAnswer::NotSent(error)),
        };
        let said = match reply {
            Ok(reply) if reply.is_success() => removed(&reply, &by_id),
            other => {
                let member = match other {
                    Err(answer) => answer,
                    Ok(reply) if by_id.len() > 1 => self.session.unclear(&reply, permit),
                    Ok(reply) if reply.status() == 404 => ACCEPTED,
                    Ok(reply) => self.session.refusal(&reply, permit, REMOVE_REFUSALS),
                };
                Answer::all(by_id.values().copied(), &member)
            }
        };
        answer.members.extend(said.members);
        answer
    }
}

/// Reads who was removed and who was not (vendor contract: B3.4, a partial result).
fn removed(reply: &Reply, by_id: &HashMap<&str, &str>) -> Answer {
    let removed: Removed = match reply.json() {
        Ok(removed) => removed,
        Err(error) => return Answer::all(by_id.values().copied(), &MemberAnswer::Ambiguous(error)),
    };
    let names = |list: &[String], id: &str| list.iter().any(|named| named.eq_ignore_ascii_case(id));
    let members = by_id.iter().map(|(id, key)| {
        let member = match (names(&removed.succeeded, id), names(&removed.failed, id)) {
            (true, false) => ACCEPTED,
            (false, true) => MemberAnswer::Refused(Refusal {
                class: ErrorClass::Conflict,
                status: reply.status(),
                code: None,
            }),
            _ => MemberAnswer::Ambiguous(reply.unusable("it does not say what became of this person")),
        };
        ((*key).to_owned(), member)
    });
    Answer { members: members.collect() }
}
