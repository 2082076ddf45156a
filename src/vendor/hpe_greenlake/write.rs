//! Inviting and removing one person.

use reqwest::Method;

use super::Client;
use super::wire::InviteBody;
use crate::vendor::answer::{MemberAnswer, Refusal};
use crate::vendor::client::{Permit, Target};
use crate::vendor::error::{ErrorClass, VendorError};
use crate::vendor::observe::Operation;
use crate::vendor::person::Email;
use crate::vendor::terms::{InviteTerms, Notification};
use crate::vendor::transport::{Request, is_path_safe, last_segment, target};

/// Documented refusals of invites (vendor contract: A3; 429 in its prose). 409 may mean a person who is there
/// already (U2), 451 one that the vendor may not serve.
const INVITE_REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (409, ErrorClass::Conflict),
    (422, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
    (451, ErrorClass::Invalid),
];

/// Refusals of removals. 400 and 412 may mean a person who is gone (U3), so looks have to tell.
const REMOVE_REFUSALS: &[(u16, ErrorClass)] = &[
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (422, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
];

impl Client {
    /// Invites one person. The id is in the location, in a form that is not stated (vendor contract: A3.1, U8).
    pub(super) async fn invite_one(
        &self,
        permit: &Permit,
        person: &Email,
        terms: &InviteTerms,
    ) -> MemberAnswer {
        let send_welcome_email = match terms.notification {
            Notification::Send => true,
            Notification::Suppress => false,
            Notification::NewAccountsOnly => {
                return MemberAnswer::Refused(Refusal {
                    class: ErrorClass::Unsupported,
                    status: 0,
                    code: None,
                });
            }
        };
        let body = InviteBody { email: person.as_written(), send_welcome_email };
        let url = target(&self.config.endpoint, &["identity", "v1", "users"], &[]);
        let request = match Request::post(url).json(&body) {
            Ok(request) => request,
            Err(error) => return MemberAnswer::NotSent(error),
        };
        match self.session.write(Operation::Invite, permit, request).await {
            Ok(reply) if reply.is_success() => {
                let id = reply.location().and_then(last_segment).filter(|id| is_user_id(id));
                MemberAnswer::Accepted { user_id: id.map(ToOwned::to_owned) }
            }
            Ok(reply) => self.session.refusal(&reply, permit, INVITE_REFUSALS),
            Err(answer) => answer,
        }
    }

    /// Removes one person from the workspace, invited or member: the API knows one call for both.
    pub(super) async fn remove_one(
        &self,
        permit: &Permit,
        target: &Target,
        operation: Operation,
    ) -> MemberAnswer {
        let Some(id) = target.user_id.as_deref().filter(|id| is_path_safe(id)) else {
            let error = VendorError::BadAnswer { host: self.host(), cause: "the person's id is not known" };
            return MemberAnswer::NotSent(error);
        };
        let url = self::target(&self.config.endpoint, &["identity", "v1", "users", id], &[]);
        match self.session.write(operation, permit, Request::new(Method::DELETE, url)).await {
            Ok(reply) if reply.is_success() || reply.status() == 404 => {
                MemberAnswer::Accepted { user_id: None }
            }
            Ok(reply) => self.session.refusal(&reply, permit, REMOVE_REFUSALS),
            Err(answer) => answer,
        }
    }
}

/// Whether the last segment of a location is an id rather than the name of the collection.
fn is_user_id(segment: &str) -> bool {
    segment.len() >= 32 && segment.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::absolute("https://h/identity/v1/users/3f1c2b9e-9268-4444-a757-86626efded2c", true)]
    #[case::relative("/identity/v1/users/3f1c2b9e-9268-4444-a757-86626efded2c", true)]
    #[case::undashed("3f1c2b9e92684444a75786626efded2c", true)]
    #[case::collection("https://h/identity/v1/users", false)]
    #[case::collection_slash("https://h/identity/v1/users/", false)]
    #[case::empty("", false)]
    fn ids_of_locations(#[case] location: &str, #[case] found: bool) {
        assert_eq!(last_segment(location).is_some_and(is_user_id), found);
    }
}
