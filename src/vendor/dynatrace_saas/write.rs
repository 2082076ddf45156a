//! Inviting and removing one person.

use reqwest::Method;

use super::Client;
use super::wire::{Created, InviteBody};
use crate::vendor::answer::{MemberAnswer, Refusal};
use crate::vendor::client::{Permit, Target};
use crate::vendor::error::ErrorClass;
use crate::vendor::observe::Operation;
use crate::vendor::person::Email;
use crate::vendor::terms::{InviteTerms, Notification};
use crate::vendor::transport::{Request, is_path_safe, target};

/// Refusals of invitations. Somebody who is there already is refused with 400 or 409 (vendor contract: 3.5), and looks
/// then tell; which status bad addresses have is not known (vendor contract: 5, SaaS 2).
const INVITE_REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (409, ErrorClass::Conflict),
    (422, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
];

/// Refusals of removals.
const REMOVE_REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (409, ErrorClass::Conflict),
    (422, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
];

impl Client {
    /// Invites one person: any 2xx is a success, with or without the id in its body (vendor contract: 3.2). A mail is
    /// always sent.
    pub(super) async fn invite_one(
        &self,
        permit: &Permit,
        person: &Email,
        terms: &InviteTerms,
    ) -> MemberAnswer {
        match terms.notification {
            Notification::Send if terms.grants.is_empty() => {}
            Notification::Send | Notification::Suppress | Notification::NewAccountsOnly => {
                let class = ErrorClass::Unsupported;
                return MemberAnswer::Refused(Refusal { class, status: 0, code: None });
            }
        }
        let url = target(&self.config.endpoint, &self.path(&["users"]), &[]);
        let request = match Request::post(url).json(&InviteBody { email: person.as_written() }) {
            Ok(request) => request,
            Err(error) => return MemberAnswer::NotSent(error),
        };
        match self.session.write(Operation::Invite, permit, request).await {
            Ok(reply) if reply.is_success() => {
                let created: Created = reply.json().unwrap_or_default();
                MemberAnswer::Accepted { user_id: created.user_uuid.filter(|id| is_path_safe(id)) }
            }
            Ok(reply) => self.session.refusal(&reply, permit, INVITE_REFUSALS),
            Err(answer) => answer,
        }
    }

    /// Removes one person from the account, invited or member: the API knows one call for both. It names the person by
    /// the address that the look before it found.
    pub(super) async fn remove_one(
        &self,
        permit: &Permit,
        whom: &Target,
        operation: Operation,
    ) -> MemberAnswer {
        let address = self.spellings.of(&whom.email);
        let url = target(&self.config.endpoint, &self.path(&["users", &address]), &[]);
        match self.session.write(operation, permit, Request::new(Method::DELETE, url)).await {
            Ok(reply) if reply.is_success() || reply.status() == 404 => {
                MemberAnswer::Accepted { user_id: None }
            }
            Ok(reply) => self.session.refusal(&reply, permit, REMOVE_REFUSALS),
            Err(answer) => answer,
        }
    }
}
