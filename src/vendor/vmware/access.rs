//! What members hold: reading names and roles, and changing them.

use jiff::Timestamp;
use reqwest::{Method, Url};

use super::Client;
use super::invite::REFUSALS;
use super::wire::{
    CustomRoles, GroupPage, GroupUsersBody, OrganizationRoles, RoleChange, RolesBody, ServiceRoleChange, User,
};
use crate::vendor::answer::MemberAnswer;
use crate::vendor::client::{Permit, Target};
use crate::vendor::error::VendorError;
use crate::vendor::grant::{AccessChange, Grant, GrantKind, Held};
use crate::vendor::names::{Named, Names};
use crate::vendor::observe::Operation;
use crate::vendor::transport::{Request, is_path_safe, last_segment, target};

/// What a row of users shows.
const ROLES: &[GrantKind] = &[GrantKind::OrganizationRole, GrantKind::ServiceRole, GrantKind::CustomRole];
/// The same, with the groups that were asked for.
const ROLES_AND_GROUPS: &[GrantKind] =
    &[GrantKind::OrganizationRole, GrantKind::ServiceRole, GrantKind::CustomRole, GrantKind::Group];
/// No organization has more pages of groups.
const MOST_PAGES: usize = 100;

impl User {
    /// What the row shows of the person's access. Everybody has a role in the organization, so a row without one hides
    /// them: plain members see no roles (vendor contract: B3, B3.3).
    pub(super) fn held(&self) -> Option<Held> {
        if self.organization_roles.is_empty() {
            return None;
        }
        let direct = |kind, service: Option<&String>, role: &super::wire::Role| {
            let inherited =
                role.membership_type.as_deref().is_some_and(|word| !word.eq_ignore_ascii_case("DIRECT"));
            let name = role.name.clone().filter(|_| !inherited)?;
            Some(Grant {
                service: service.cloned(),
                resources: role.resource.iter().cloned().collect(),
                expires: role.expires_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
                ..Grant::named(kind, name)
            })
        };
        let organization =
            self.organization_roles.iter().filter_map(|role| direct(GrantKind::OrganizationRole, None, role));
        let services = self.service_roles.iter().flat_map(|service| {
            let id = service.service_definition_id.as_ref();
            service.service_roles.iter().filter_map(move |role| direct(GrantKind::ServiceRole, id, role))
        });
        let custom = self.custom_roles.iter().filter_map(|role| direct(GrantKind::CustomRole, None, role));
        let groups = self.group_ids.iter().flatten().map(|id| Grant::named(GrantKind::Group, id));
        Some(Held {
            shown: if self.group_ids.is_some() { ROLES_AND_GROUPS } else { ROLES },
            groups: None,
            grants: organization.chain(services).chain(custom).chain(groups).collect(),
        })
    }
}

impl Client {
    /// Reads organization roles, custom roles and groups. What this credential may not list, or this platform does
    /// not know, is left out.
    pub(super) async fn all_names(&self) -> Result<Names, VendorError> {
        let mut names = Names::default();
        let roles = target(
            &self.config.endpoint,
            &[&self.org_path()[..], &["roles"]].concat(),
            &[("expand", "true")],
        );
        if let Some(reply) = self.listed(roles).await? {
            let roles: OrganizationRoles = reply.json()?;
            let linked = roles.ref_links.iter().filter_map(|link| last_segment(link)).map(ToOwned::to_owned);
            let grantable: Vec<_> = roles
                .org_roles_data
                .into_iter()
                .filter_map(|role| role.name)
                .chain(linked)
                .map(same)
                .collect();
            if !grantable.is_empty() {
                names = names.with(GrantKind::OrganizationRole, grantable);
            }
        }
        let org = self.config.org_id.trim();
        let path = ["csp", "gateway", "iam-roles-mgmt", "api", "orgs", org, "custom-roles"];
        if let Some(reply) = self.listed(target(&self.config.endpoint, &path, &[])).await? {
            let roles: CustomRoles = reply.json()?;
            let grantable = roles.results.into_iter().filter_map(|role| role.name).map(same).collect();
            names = names.with(GrantKind::CustomRole, grantable);
        }
        if let Some(groups) = self.groups().await? {
            names = names.with(GrantKind::Group, groups);
        }
        Ok(names)
    }

    async fn groups(&self) -> Result<Option<Vec<Named>>, VendorError> {
        let path = [&self.org_path()[..], &["groups"]].concat();
        let first = target(&self.config.endpoint, &path, &[]);
        let mut groups = Vec::new();
        let mut next = Some(first.clone());
        for _ in 0..MOST_PAGES {
            let Some(url) = next.take() else { break };
            let Some(reply) = self.listed(url).await? else { return Ok(None) };
            let page: GroupPage = reply.json()?;
            groups.extend(page.results.into_iter().filter_map(|row| {
                let id = row.id?;
                Some(Named { name: row.display_name.unwrap_or_else(|| id.clone()), id })
            }));
            let same_list = |url: &Url| url.origin() == first.origin() && url.path() == first.path();
            next = page.next_link.and_then(|link| first.join(&link).ok()).filter(same_list);
        }
        Ok(Some(groups))
    }

    async fn listed(&self, url: Url) -> Result<Option<crate::vendor::transport::Reply>, VendorError> {
        match self.session.read(Operation::ListNames, Request::get(url)).await {
            Ok(reply) => Ok(Some(reply)),
            Err(VendorError::Status { status: 403 | 404 | 405 | 410, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Changes all roles in one call, or the membership of one group (vendor contract: B3, B3.5).
    pub(super) async fn edit_one(
        &self,
        permit: &Permit,
        whom: &Target,
        change: &AccessChange,
    ) -> MemberAnswer {
        let not_sent = |cause| MemberAnswer::NotSent(VendorError::BadAnswer { host: self.host(), cause });
        let Some(user) = whom.user_id.as_deref().filter(|id| is_path_safe(id)) else {
            return not_sent("the person's id is not known");
        };
        let group = |grants: &[Grant]| {
            grants.iter().find(|grant| grant.kind == GrantKind::Group).map(|g| g.name.clone())
        };
        let has_roles = change.add.iter().chain(&change.remove).any(|grant| grant.kind != GrantKind::Group);
        let request = if has_roles {
            let org = self.config.org_id.trim();
            let path = ["csp", "gateway", "am", "api", "v3", "users", user, "orgs", org, "roles"];
            let url = target(&self.config.endpoint, &path, &[]);
            Request::new(Method::PATCH, url).json(&roles_body(change))
        } else {
            let (method, id) = match (group(&change.add), group(&change.remove)) {
                (Some(id), _) => (Method::POST, id),
                (None, Some(id)) => (Method::DELETE, id),
                (None, None) => return not_sent("nothing to change"),
            };
            if !is_path_safe(&id) {
                return not_sent("the group's id can't be sent");
            }
            let path = [&self.org_path()[..], &["groups", &id, "users"]].concat();
            let body = GroupUsersBody { ids: vec![user], notify_users: false };
            Request::new(method, target(&self.config.endpoint, &path, &[])).json(&body)
        };
        let reply = match request {
            Ok(request) => self.session.write(Operation::Edit, permit, request).await,
            Err(error) => Err(MemberAnswer::NotSent(error)),
        };
        match reply {
            Ok(reply) if reply.is_success() => MemberAnswer::Accepted { user_id: None },
            Ok(reply) => self.session.refusal(&reply, permit, REFUSALS),
            Err(answer) => answer,
        }
    }
}

fn same(name: String) -> Named {
    Named { id: name.clone(), name }
}

fn roles_body(change: &AccessChange) -> RolesBody<'_> {
    let mut services: Vec<&str> =
        change.add.iter().chain(&change.remove).filter_map(Grant::service_id).collect();
    services.sort_unstable();
    services.dedup();
    let services = services.into_iter().map(|id| ServiceRoleChange {
        service_definition_id: id,
        roles: RoleChange::of(change, |grant| grant.service_id() == Some(id)),
    });
    let block = |kind| {
        let roles = RoleChange::of(change, |grant: &Grant| grant.kind == kind);
        (!roles.is_empty()).then_some(roles)
    };
    RolesBody {
        organization_roles: block(GrantKind::OrganizationRole),
        custom_roles: block(GrantKind::CustomRole),
        service_roles: services.collect(),
        notify_users: false,
    }
}

impl<'a> RoleChange<'a> {
    /// The part of a change that is about these.
    fn of(change: &'a AccessChange, these: impl Fn(&Grant) -> bool) -> Self {
        let roles = |grants: &'a [Grant]| {
            grants.iter().filter(|grant| these(grant)).map(super::invite::role).collect()
        };
        Self { roles_to_add: roles(&change.add), roles_to_remove: roles(&change.remove) }
    }
}
