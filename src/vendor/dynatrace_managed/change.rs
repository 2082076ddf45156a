//! Changing a user's groups, and removing users.

use reqwest::Method;

use super::wire::UserConfig;
use super::{Client, unsupported};
use crate::vendor::answer::{MemberAnswer, Refusal};
use crate::vendor::client::{Permit, Target};
use crate::vendor::error::ErrorClass;
use crate::vendor::grant::{AccessChange, Grant, GrantKind};
use crate::vendor::observe::Operation;
use crate::vendor::transport::{Request, target, target_of};

/// Documented refusals of an update (vendor contract: 2.2).
const UPDATE_REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (404, ErrorClass::Invalid),
    (406, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
    (524, ErrorClass::Conflict),
];

/// Refusals of a removal (vendor contract: 2.7; 406 may be the administrator whom the installation made). A 400 may
/// mean somebody who is gone, as it does for groups, so looks have to tell.
const REMOVE_REFUSALS: &[(u16, ErrorClass)] = &[
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (406, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
];

impl Client {
    /// Writes a person's groups: the user is read, the change merged, and everything sent back (vendor contract: 2.6).
    pub(super) async fn update(
        &self,
        permit: &Permit,
        target: &Target,
        change: &AccessChange,
    ) -> MemberAnswer {
        if change.add.iter().chain(&change.remove).any(|grant| grant.kind != GrantKind::Group) {
            return unsupported();
        }
        let Some(login) = target.user_id.as_deref() else { return not_the_person() };
        let user = match self.user(login, Operation::ReadAccess).await {
            Ok(Some(user)) => user,
            Ok(None) => return not_the_person(),
            Err(error) => return MemberAnswer::NotSent(error),
        };
        let (Some(id), Some(email), Some(first_name), Some(last_name)) =
            (&user.id, &user.email, &user.first_name, &user.last_name)
        else {
            return not_the_person();
        };
        let same = user.identity().is_some_and(|(_, email)| email.key() == target.email.key());
        if !same || id.to_lowercase() != login.to_lowercase() {
            return not_the_person();
        }
        let groups = merged(&user.groups, change);
        let body =
            UserConfig { id, email, first_name, last_name, groups: &groups, password_clear_text: None };
        let url = self::target(&self.config.endpoint, &self.path("users"), &[]);
        let request = match Request::new(Method::PUT, url).json(&body) {
            Ok(request) => request,
            Err(error) => return MemberAnswer::NotSent(error),
        };
        match self.session.write(Operation::Edit, permit, request).await {
            Ok(reply) if reply.is_success() && !reply.is_of_a_gateway() => {
                MemberAnswer::Accepted { user_id: user.id }
            }
            Ok(reply) if reply.is_of_a_gateway() => self.session.unclear(&reply, permit),
            Ok(reply) if reply.status() == 403 => self.externally_managed(),
            Ok(reply) => self.session.refusal(&reply, permit, UPDATE_REFUSALS),
            Err(answer) => answer,
        }
    }

    /// Removes one person. Gone already is as good: 200 without a body, 304, and 404, which is not documented
    /// (vendor contract: 2.7).
    pub(super) async fn remove_one(&self, permit: &Permit, target: &Target) -> MemberAnswer {
        let login = target.user_id.as_deref().unwrap_or_default();
        let Some(url) = target_of(&self.config.endpoint, &self.path("users"), login) else {
            return not_the_person();
        };
        match self.session.write(Operation::Remove, permit, Request::new(Method::DELETE, url)).await {
            Ok(reply) if matches!(reply.status(), 304 | 404) => MemberAnswer::Accepted { user_id: None },
            Ok(reply) if reply.is_success() => {
                if reply.is_blank() || reply.json::<serde_json::Map<String, serde_json::Value>>().is_ok() {
                    MemberAnswer::Accepted { user_id: None }
                } else {
                    MemberAnswer::Ambiguous(reply.unusable("neither a user nor nothing"))
                }
            }
            Ok(reply) if reply.is_of_a_gateway() => self.session.unclear(&reply, permit),
            Ok(reply) => self.session.refusal(&reply, permit, REMOVE_REFUSALS),
            Err(answer) => answer,
        }
    }
}

/// The person is not the one whom somebody wrote down, or the vendor does not show enough of them: nothing is sent.
const fn not_the_person() -> MemberAnswer {
    MemberAnswer::Refused(Refusal { class: ErrorClass::Invalid, status: 0, code: None })
}

/// The groups after a change, each once; what somebody else granted stays.
fn merged(held: &[String], change: &AccessChange) -> Vec<String> {
    let names = |grants: &[Grant]| -> Vec<String> { grants.iter().map(|grant| grant.name.clone()).collect() };
    let (added, removed) = (names(&change.add), names(&change.remove));
    let mut groups: Vec<String> = Vec::with_capacity(held.len() + added.len());
    for group in held.iter().chain(&added) {
        if !groups.contains(group) && (added.contains(group) || !removed.contains(group)) {
            groups.push(group.clone());
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_others_granted_stays() {
        let group = |name: &str| Grant::named(GrantKind::Group, name);
        let held = ["users".to_owned(), "owners".to_owned()];
        let change = AccessChange {
            add: vec![group("sales"), group("users")],
            remove: vec![group("owners"), group("gone")],
        };
        assert_eq!(merged(&held, &change), ["users", "sales"]);
        assert_eq!(merged(&held, &AccessChange::default()), held);
        let both = AccessChange { add: vec![group("owners")], remove: vec![group("owners")] };
        assert_eq!(merged(&held, &both), held, "what is asked for is not taken away");
    }
}
