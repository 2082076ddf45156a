//! What is read from and written to the API (vendor contract: B3.1 to B3.4).

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::vendor::lenient::{self, Row};
use crate::vendor::transport::last_segment;

/// Fields of an error body that may hold a code, in order (vendor contract: B4).
pub(super) const CODE_FIELDS: &[&str] = &["cspErrorCode", "errorCode", "moduleCode"];

/// An invitation (vendor contract: B3.2). A row of a lean list holds little more than its link.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Invitation {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) ref_link: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) username: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) status: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) generated_at: Option<i64>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) expiration_time: Option<i64>,
}

impl Invitation {
    /// The id, which only the link holds.
    pub(super) fn id(&self) -> Option<&str> {
        last_segment(self.ref_link.as_deref()?)
    }

    /// Whether the row says nothing of a person's standing.
    pub(super) const fn is_lean(&self) -> bool {
        self.username.is_none() || self.status.is_none()
    }
}

/// One page of users, or the answer of a search.
///
/// The list itself is the one field that has to be there: an object without it is something else, and would look
/// like a tenant without people.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserPage {
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) total_results: Option<i64>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub(super) next_link: Option<String>,
    pub(super) results: Vec<Row<UserRow>>,
}

/// A row of users: the person stands in `user`, in some answers in the row itself; what the person holds stands
/// beside it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct UserRow {
    user: Option<User>,
    #[serde(flatten)]
    flat: User,
}

impl UserRow {
    pub(super) fn into_user(self) -> Option<User> {
        let beside = self.flat;
        match self.user.filter(|user| user.name().is_some()) {
            Some(user) => Some(User {
                organization_roles: beside.organization_roles,
                service_roles: beside.service_roles,
                custom_roles: beside.custom_roles,
                group_ids: beside.group_ids,
                ..user
            }),
            None => Some(beside).filter(|user| user.name().is_some()),
        }
    }
}

/// A member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) username: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) acct: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) email: Option<String>,
    #[serde(deserialize_with = "lenient::text", rename = "userId")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::rows")]
    pub(super) organization_roles: Vec<Role>,
    #[serde(deserialize_with = "lenient::rows")]
    pub(super) service_roles: Vec<ServiceRoles>,
    #[serde(deserialize_with = "lenient::rows")]
    pub(super) custom_roles: Vec<Role>,
    /// Only where it was asked for.
    #[serde(deserialize_with = "lenient::some_texts")]
    pub(super) group_ids: Option<Vec<String>>,
}

/// A role that somebody holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Role {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) resource: Option<String>,
    #[serde(deserialize_with = "lenient::number")]
    pub(super) expires_at: Option<i64>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) membership_type: Option<String>,
}

/// Roles that somebody holds in one service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ServiceRoles {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) service_definition_id: Option<String>,
    #[serde(deserialize_with = "lenient::rows")]
    pub(super) service_roles: Vec<Role>,
}

/// The organization's roles: themselves, or links that end with their names (vendor contract: B3).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OrganizationRoles {
    #[serde(deserialize_with = "lenient::texts")]
    pub(super) ref_links: Vec<String>,
    #[serde(deserialize_with = "lenient::rows")]
    pub(super) org_roles_data: Vec<Role>,
}

/// The roles that the organization made itself (vendor contract: B3).
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CustomRoles {
    #[serde(deserialize_with = "lenient::rows")]
    pub(super) results: Vec<Role>,
}

/// One page of groups (vendor contract: B3).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct GroupPage {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) next_link: Option<String>,
    #[serde(deserialize_with = "lenient::rows")]
    pub(super) results: Vec<Group>,
}

/// One group.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Group {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) display_name: Option<String>,
}

impl User {
    /// The login name.
    pub(super) fn name(&self) -> Option<&str> {
        self.username.as_deref().or(self.acct.as_deref()).or(self.email.as_deref())
    }

    /// What tells this row from others.
    pub(super) fn identity(&self) -> String {
        self.id.as_deref().or_else(|| self.name()).unwrap_or_default().to_lowercase()
    }
}

/// The end of an API token (vendor contract: B2.3).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct TokenDetails {
    #[serde(deserialize_with = "lenient::number")]
    expires_at: Option<i64>,
}

impl TokenDetails {
    pub(super) fn ends(&self) -> Option<Timestamp> {
        lenient::milliseconds(self.expires_at)
    }
}

/// The answer to a removal.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Removed {
    #[serde(deserialize_with = "lenient::texts")]
    pub(super) succeeded: Vec<String>,
    #[serde(deserialize_with = "lenient::texts")]
    pub(super) failed: Vec<String>,
}

/// The body of an invite or a revocation.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InviteBody<'a> {
    pub(super) usernames: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) organization_roles: Vec<RoleBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) service_roles_dtos: Vec<ServiceRolesBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) custom_roles: Vec<RoleBody<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) custom_groups_ids: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notify_users_of_org_access: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) notify_users_of_registration: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) skip_notify: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) skip_notify_registration: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) invited_by: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) invitation_expiration_in_days: Option<u8>,
}

/// One role.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoleBody<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) resource: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) expires_at: Option<i64>,
}

/// Roles of one service.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceRolesBody<'a> {
    pub(super) service_definition_link: String,
    pub(super) service_roles: Vec<RoleBody<'a>>,
}

/// The body of a change of roles (vendor contract: B3.5).
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RolesBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) organization_roles: Option<RoleChange<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) service_roles: Vec<ServiceRoleChange<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) custom_roles: Option<RoleChange<'a>>,
    pub(super) notify_users: bool,
}

/// Roles that come and go.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RoleChange<'a> {
    pub(super) roles_to_add: Vec<RoleBody<'a>>,
    pub(super) roles_to_remove: Vec<RoleBody<'a>>,
}

impl RoleChange<'_> {
    pub(super) const fn is_empty(&self) -> bool {
        self.roles_to_add.is_empty() && self.roles_to_remove.is_empty()
    }
}

/// Roles of one service that come and go.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ServiceRoleChange<'a> {
    pub(super) service_definition_id: &'a str,
    #[serde(flatten)]
    pub(super) roles: RoleChange<'a>,
}

/// The body of a change of a group.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct GroupUsersBody<'a> {
    pub(super) ids: Vec<&'a str>,
    pub(super) notify_users: bool,
}

/// The body of a removal.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RemoveBody<'a> {
    pub(super) ids: Vec<&'a str>,
    pub(super) notify_users: bool,
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_contract_s_invitation() {
        let invitation: Invitation = serde_json::from_value(json!({
            "refLink": "/csp/gateway/am/api/orgs/o/invitations/0c5b1a9e-0000-4000-8000-000000000001",
            "username": "ada@example.com", "status": "AVAILABLE",
            "generatedAt": 1_760_000_000_000_i64, "generatedBy": "client", "invitedByUsername": "owner@example.com",
            "expirationTime": 1_760_604_800_000_i64, "redeemedAt": 0, "redeemedBy": null,
            "organizationRoles": [{"name": "org_member", "resource": null}], "customRoles": [], "new": {}
        }))
        .unwrap();
        assert_eq!(invitation.id(), Some("0c5b1a9e-0000-4000-8000-000000000001"));
        assert!(!invitation.is_lean());
        assert_eq!(invitation.generated_at, Some(1_760_000_000_000));
    }

    #[test]
    fn the_contract_s_users() {
        let page: UserPage = serde_json::from_value(json!({
            "totalResults": 4, "nextLink": null, "prevLink": null, "error": {"x": 1}, "results": [
                {"orgId": "o", "user": {"username": "ada@example.com", "acct": "ada@example.com",
                    "email": "ada@example.com", "userId": "vmware.com:543d149f", "userProfile": null},
                 "organizationRoles": [{"name": "org_member"}], "customRoles": []},
                {"username": "bob@example.com", "userId": "vmware.com:2"},
                {"user": null},
                17
            ]
        }))
        .unwrap();
        let users: Vec<_> = page.results.into_iter().map(|row| row.0.and_then(UserRow::into_user)).collect();
        assert_eq!(users[0].as_ref().unwrap().id.as_deref(), Some("vmware.com:543d149f"));
        assert_eq!(users[1].as_ref().unwrap().name(), Some("bob@example.com"));
        assert_eq!((users[2].is_none(), users[3].is_none()), (true, true));
        assert_eq!((page.total_results, page.next_link), (Some(4), None));
    }
}
