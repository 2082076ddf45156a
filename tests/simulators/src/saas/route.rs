//! Paths of the API. 3.1, 3.2.

use super::auth::Scope;
use crate::{http::Request, text::normal};

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// On another host in reality; here on the same, since no path is on both.
    Token,
    Unknown,
    /// Something of an account.
    Of(String, AccountRoute),
}

/// What a path below an account stands for; addresses and ids are those of the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AccountRoute {
    ListUsers,
    Invite,
    ReadUser(String),
    DeleteUser(String),
    AddGroups(String),
    SetGroups(String),
    RemoveGroups(String),
    ListGroups,
    GroupUsers(String),
    CreateGroups,
    UpdateGroup(String),
    DeleteGroup(String),
    Limits,
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        use AccountRoute as A;
        let (method, path) = request.route();
        if (method, path.as_slice()) == ("POST", &["sso", "oauth2", "token"]) {
            return Self::Token;
        }
        let ["iam", "v1", "accounts", account, rest @ ..] = path.as_slice() else { return Self::Unknown };
        let own = |text: &str| text.to_owned();
        let route = match (method, rest) {
            ("GET", ["users"]) => A::ListUsers,
            ("POST", ["users"]) => A::Invite,
            ("GET", ["users", email]) => A::ReadUser(own(email)),
            ("DELETE", ["users", email]) => A::DeleteUser(own(email)),
            ("POST", ["users", email]) => A::AddGroups(own(email)),
            ("PUT", ["users", email, "groups"]) => A::SetGroups(own(email)),
            ("DELETE", ["users", email, "groups"]) => A::RemoveGroups(own(email)),
            ("GET", ["groups"]) => A::ListGroups,
            ("GET", ["groups", id, "users"]) => A::GroupUsers(own(id)),
            ("POST", ["groups"]) => A::CreateGroups,
            ("PUT", ["groups", id]) => A::UpdateGroup(own(id)),
            ("DELETE", ["groups", id]) => A::DeleteGroup(own(id)),
            ("GET", ["limits"]) => A::Limits,
            _ => return Self::Unknown,
        };
        Self::Of(own(account), route)
    }

    /// The name in the operation log.
    pub(super) fn operation(&self) -> &'static str {
        use AccountRoute as A;
        match self {
            Self::Token => "saas.token",
            Self::Unknown => "saas.unknown",
            Self::Of(_, route) => match route {
                A::ListUsers => "saas.list_users",
                A::Invite => "saas.invite",
                A::ReadUser(_) => "saas.read_user",
                A::DeleteUser(_) => "saas.delete_user",
                A::AddGroups(_) => "saas.add_groups",
                A::SetGroups(_) => "saas.set_groups",
                A::RemoveGroups(_) => "saas.remove_groups",
                A::ListGroups => "saas.list_groups",
                A::GroupUsers(_) => "saas.group_users",
                A::CreateGroups => "saas.create_groups",
                A::UpdateGroup(_) => "saas.update_group",
                A::DeleteGroup(_) => "saas.delete_group",
                A::Limits => "saas.limits",
            },
        }
    }
}

impl AccountRoute {
    /// What the token must be good for. 3.1: reads and changes, and limits with one of two.
    pub(super) fn needs(&self) -> &'static [Scope] {
        match self {
            Self::ListUsers | Self::ReadUser(_) | Self::ListGroups | Self::GroupUsers(_) => &[Scope::Read],
            Self::Limits => &[Scope::Read, Scope::Limits],
            Self::Invite
            | Self::DeleteUser(_)
            | Self::AddGroups(_)
            | Self::SetGroups(_)
            | Self::RemoveGroups(_)
            | Self::CreateGroups
            | Self::UpdateGroup(_)
            | Self::DeleteGroup(_) => &[Scope::Write],
        }
    }

    /// Addresses that the request names.
    pub(super) fn emails(&self, request: &Request) -> Vec<String> {
        match self {
            Self::ReadUser(email)
            | Self::DeleteUser(email)
            | Self::AddGroups(email)
            | Self::SetGroups(email)
            | Self::RemoveGroups(email) => vec![normal(email)],
            Self::Invite => {
                let body = request.json_object();
                body.as_ref().and_then(|body| body.get("email")?.as_str()).map(normal).into_iter().collect()
            }
            Self::ListUsers
            | Self::ListGroups
            | Self::GroupUsers(_)
            | Self::CreateGroups
            | Self::UpdateGroup(_)
            | Self::DeleteGroup(_)
            | Self::Limits => Vec::new(),
        }
    }

    /// Groups that the request names.
    pub(super) fn groups(&self, request: &Request) -> Vec<String> {
        match self {
            Self::AddGroups(_) | Self::SetGroups(_) => {
                serde_json::from_slice(&request.body).unwrap_or_default()
            }
            Self::RemoveGroups(_) => {
                let named = request.query.iter().filter(|(key, _)| key == "group-uuid");
                named.map(|(_, id)| id.clone()).collect()
            }
            Self::GroupUsers(id) | Self::UpdateGroup(id) | Self::DeleteGroup(id) => vec![id.clone()],
            Self::ListUsers
            | Self::Invite
            | Self::ReadUser(_)
            | Self::DeleteUser(_)
            | Self::ListGroups
            | Self::CreateGroups
            | Self::Limits => Vec::new(),
        }
    }
}
