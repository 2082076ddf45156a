//! Taking somebody's permissions away, where the settings name a path for it (vendor contract: 1.3.7): the invitation
//! of a person who has not accepted goes with them, and a member is one no more (vendor contract: 1.2.4).

use reqwest::Method;

use super::{Client, UNSUPPORTED};
use crate::vendor::answer::{Answer, MemberAnswer};
use crate::vendor::client::{Permit, Target};
use crate::vendor::error::{ErrorClass, VendorError};
use crate::vendor::observe::Operation;
use crate::vendor::transport::is_path_safe;

/// What says that nobody was removed. 404 is an unknown path (vendor contract: 1.3.6) or a person who is gone, which
/// the next look shows; what a 400 or 409 may mean is not documented, so that looks have to tell.
const REFUSALS: &[(u16, ErrorClass)] = &[
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (404, ErrorClass::Invalid),
    (405, ErrorClass::Unsupported),
    (429, ErrorClass::Throttled),
];

impl Client {
    /// Removes the first of these people; the others of a list were not sent.
    pub(super) async fn remove_first(
        &self,
        permit: &Permit,
        targets: &[Target],
        operation: Operation,
    ) -> Answer {
        let Some(first) = targets.first() else { return Answer::default() };
        let error = VendorError::BadAnswer { host: self.host(), cause: "one person a call" };
        let mut answer =
            Answer::all(targets.iter().map(|target| target.email.key()), &MemberAnswer::NotSent(error));
        let member = self.remove_one(permit, first, operation).await;
        answer.members.insert(first.email.key().to_owned(), member);
        answer
    }

    async fn remove_one(&self, permit: &Permit, target: &Target, operation: Operation) -> MemberAnswer {
        let Some(template) = &self.config.paths.remove else { return UNSUPPORTED };
        let Some(id) = target.user_id.as_deref().filter(|id| is_path_safe(id)) else {
            let error = VendorError::BadAnswer { host: self.host(), cause: "the person's id is not known" };
            return MemberAnswer::NotSent(error);
        };
        let request = self.request(Method::DELETE, &template.replace("{id}", id), &[]);
        match self.session.write(operation, permit, request).await {
            Ok(reply) if reply.is_success() => MemberAnswer::Accepted { user_id: None },
            Ok(reply) => self.session.refusal(&reply, permit, REFUSALS),
            Err(answer) => answer,
        }
    }
}
