//! Paths of the API. B2, B3.

use crate::http::Request;

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    AuthorizeApiToken,
    ClientToken,
    TokenDetails,
    LoggedInOrganizations,
    Unknown,
    /// Something of an organization.
    Of(String, OrganizationRoute),
}

/// What a path below an organization stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum OrganizationRoute {
    Invite,
    Revoke,
    OtherAction,
    ListInvitations,
    ReadInvitation(String),
    DeleteInvitation(String),
    ListUsers,
    ListUsersOld,
    SearchUsers,
    RemoveUsers,
    ReadUser(String, UserPart),
    ChangeRoles(String),
    Roles,
    Groups,
    SearchGroups,
    AddToGroup(String),
    RemoveFromGroup(String),
    CustomRoles,
}

/// A part of one user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UserPart {
    Info,
    Roles,
    ServiceRoles,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        use OrganizationRoute as O;
        let (method, path) = request.route();
        let Some(path) = path.strip_prefix(&["csp", "gateway"]) else { return Self::Unknown };
        if let ("GET", ["iam-roles-mgmt", "api", "orgs", org, "custom-roles"]) = (method, path) {
            return Self::Of((*org).to_owned(), O::CustomRoles);
        }
        let Some(path) = path.strip_prefix(&["am", "api"]) else { return Self::Unknown };
        let (org, route) = match (method, path) {
            ("POST", ["auth", "api-tokens", "authorize"]) => return Self::AuthorizeApiToken,
            ("POST", ["auth", "token" | "authorize"]) => return Self::ClientToken,
            ("POST", ["auth", "api-tokens", "details"]) => return Self::TokenDetails,
            ("GET", ["v2", "loggedin", "user", "orgs"]) => return Self::LoggedInOrganizations,
            ("POST", ["orgs", org, "invitations"]) => match request.query("action") {
                None => (org, O::Invite),
                Some("revoke") => (org, O::Revoke),
                Some(_) => (org, O::OtherAction),
            },
            ("GET", ["orgs", org, "invitations"]) => (org, O::ListInvitations),
            ("GET", ["orgs", org, "invitations", id]) => (org, O::ReadInvitation((*id).to_owned())),
            ("DELETE", ["orgs", org, "invitations", id]) => (org, O::DeleteInvitation((*id).to_owned())),
            ("GET", ["v2", "orgs", org, "users"]) => (org, O::ListUsers),
            ("DELETE", ["v2", "orgs", org, "users"]) => (org, O::RemoveUsers),
            ("GET", ["orgs", org, "users"]) => (org, O::ListUsersOld),
            ("GET", ["orgs", org, "users", "search"]) => (org, O::SearchUsers),
            ("GET", ["v2", "users", user, "orgs", org, part]) => match user_part(part) {
                Some(part) => (org, O::ReadUser((*user).to_owned(), part)),
                None => return Self::Unknown,
            },
            ("PATCH", ["v3", "users", user, "orgs", org, "roles"]) => {
                (org, O::ChangeRoles((*user).to_owned()))
            }
            ("GET", ["orgs", org, "roles"]) => (org, O::Roles),
            ("GET", ["orgs", org, "groups"]) => (org, O::Groups),
            ("GET", ["orgs", org, "groups-search"]) => (org, O::SearchGroups),
            ("POST", ["orgs", org, "groups", id, "users"]) => (org, O::AddToGroup((*id).to_owned())),
            ("DELETE", ["orgs", org, "groups", id, "users"]) => (org, O::RemoveFromGroup((*id).to_owned())),
            _ => return Self::Unknown,
        };
        Self::Of((*org).to_owned(), route)
    }

    /// The name in the operation log.
    pub(super) fn operation(&self) -> &'static str {
        use OrganizationRoute as O;
        match self {
            Self::AuthorizeApiToken | Self::ClientToken => "vmware.token",
            Self::TokenDetails => "vmware.token_details",
            Self::LoggedInOrganizations => "vmware.list_orgs",
            Self::Unknown => "vmware.unknown",
            Self::Of(_, route) => match route {
                O::Invite => "vmware.invite",
                O::Revoke => "vmware.revoke",
                O::OtherAction => "vmware.other_action",
                O::ListInvitations => "vmware.list_invitations",
                O::ReadInvitation(_) => "vmware.read_invitation",
                O::DeleteInvitation(_) => "vmware.delete_invitation",
                O::ListUsers | O::ListUsersOld => "vmware.list_users",
                O::SearchUsers => "vmware.search_users",
                O::RemoveUsers => "vmware.remove_users",
                O::ReadUser(..) => "vmware.read_user",
                O::ChangeRoles(_) => "vmware.change_roles",
                O::Roles => "vmware.list_roles",
                O::Groups => "vmware.list_groups",
                O::SearchGroups => "vmware.search_groups",
                O::AddToGroup(_) => "vmware.add_to_group",
                O::RemoveFromGroup(_) => "vmware.remove_from_group",
                O::CustomRoles => "vmware.list_custom_roles",
            },
        }
    }

    /// Ids in the path.
    pub(super) fn ids(&self) -> Vec<String> {
        use OrganizationRoute as O;
        match self {
            Self::Of(
                _,
                O::ReadInvitation(id) | O::DeleteInvitation(id) | O::ReadUser(id, _) | O::ChangeRoles(id),
            ) => {
                vec![id.clone()]
            }
            Self::Of(_, O::AddToGroup(id) | O::RemoveFromGroup(id)) => vec![id.clone()],
            _ => Vec::new(),
        }
    }
}

fn user_part(part: &str) -> Option<UserPart> {
    match part {
        "info" => Some(UserPart::Info),
        "roles" => Some(UserPart::Roles),
        "service-roles" => Some(UserPart::ServiceRoles),
        _ => None,
    }
}
