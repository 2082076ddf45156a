//! Inviting.

use super::wire::{InviteBody, RoleBody, ServiceRolesBody};
use super::{Client, Platform};
use crate::vendor::answer::MemberAnswer;
use crate::vendor::client::Permit;
use crate::vendor::error::ErrorClass;
use crate::vendor::grant::{Grant, GrantKind};
use crate::vendor::observe::Operation;
use crate::vendor::person::Person;
use crate::vendor::terms::{InviteTerms, Notification};
use crate::vendor::transport::{Request, target};

/// The role that everybody has (vendor contract: B3.1).
const BASE_ROLE: &str = "org_member";
/// Where service definitions live.
const DEFINITIONS: &str = "/csp/gateway/slc/api/definitions/external/";

/// Documented refusals of invites and revocations (vendor contract: B3).
pub(super) const REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (404, ErrorClass::Invalid),
    (409, ErrorClass::Conflict),
    (429, ErrorClass::Throttled),
];

impl Client {
    /// Invites people in one call. The answer to a success is 202 without a body, the same for all; a failure
    /// names nobody, so it says something of a person only when there was just one.
    pub(super) async fn invite_all(
        &self,
        permit: &Permit,
        people: &[Person],
        terms: &InviteTerms,
    ) -> MemberAnswer {
        let path = [&self.org_path()[..], &["invitations"]].concat();
        let request = Request::post(target(&self.config.endpoint, &path, &[]));
        let request = match request.json(&self.invite_body(people, terms)) {
            Ok(request) => request,
            Err(error) => return MemberAnswer::NotSent(error),
        };
        let reply = match self.session.write(Operation::Invite, permit, request).await {
            Ok(reply) => reply,
            Err(answer) => return answer,
        };
        if reply.is_success() {
            MemberAnswer::Accepted { user_id: None }
        } else if people.len() == 1 {
            self.session.refusal(&reply, permit, REFUSALS)
        } else {
            self.session.unclear(&reply, permit)
        }
    }

    fn invite_body<'a>(&'a self, people: &'a [Person], terms: &'a InviteTerms) -> InviteBody<'a> {
        let mut body = InviteBody {
            usernames: people.iter().map(|person| person.email.as_written()).collect(),
            invited_by: self.config.invited_by.as_deref(),
            ..InviteBody::default()
        };
        for grant in &terms.grants {
            match grant.kind {
                GrantKind::OrganizationRole => body.organization_roles.push(role(grant)),
                GrantKind::CustomRole => body.custom_roles.push(named(&grant.name)),
                GrantKind::Group => body.custom_groups_ids.push(&grant.name),
                GrantKind::ServiceRole => {
                    let link = definition_link(grant.service.as_deref().unwrap_or_default());
                    let services = &mut body.service_roles_dtos;
                    let known = services.iter_mut().find(|known| known.service_definition_link == link);
                    if let Some(known) = known {
                        known.service_roles.push(role(grant));
                    } else {
                        let service_roles = vec![role(grant)];
                        services.push(ServiceRolesBody { service_definition_link: link, service_roles });
                    }
                }
                // Refused long before: see `Capabilities::grants`.
                GrantKind::RoleAssignment
                | GrantKind::Organization
                | GrantKind::Role
                | GrantKind::IdentityProvider => {}
            }
        }
        if body.organization_roles.is_empty() {
            body.organization_roles.push(named(BASE_ROLE));
        }
        let (known, new) = match terms.notification {
            Notification::Send => (true, true),
            Notification::NewAccountsOnly => (false, true),
            Notification::Suppress => (false, false),
        };
        match self.config.platform {
            Platform::Tcsp => {
                body.notify_users_of_org_access = Some(known);
                body.notify_users_of_registration = Some(new);
                body.invitation_expiration_in_days = self.config.expiration_days;
            }
            Platform::Vcsp => {
                body.skip_notify = Some(!known);
                body.skip_notify_registration = Some(!new);
            }
        }
        body
    }
}

pub(super) fn role(grant: &Grant) -> RoleBody<'_> {
    RoleBody {
        name: &grant.name,
        resource: grant.resources.first().map(String::as_str),
        expires_at: grant.expires.map(jiff::Timestamp::as_millisecond),
    }
}

const fn named(name: &str) -> RoleBody<'_> {
    RoleBody { name, resource: None, expires_at: None }
}

fn definition_link(definition: &str) -> String {
    if definition.contains('/') { definition.to_owned() } else { format!("{DEFINITIONS}{definition}") }
}

#[cfg(test)]
mod tests;
