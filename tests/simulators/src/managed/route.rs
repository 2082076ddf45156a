//! Paths of the Cluster API v1. 2.2.

use crate::http::Request;

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    ListUsers,
    ReadUser(String),
    CreateUser,
    CreateUsers,
    UpdateUser,
    DeleteUser(String),
    ListGroups,
    ReadGroup(String),
    CreateGroup,
    DeleteGroup(String),
    PasswordPolicy,
    Unknown,
}

impl Route {
    /// A slash at the end changes nothing: a client posts to `/users/`. 2.2.
    pub(super) fn of(request: &Request) -> Self {
        let (method, path) = request.route();
        let ["api", "v1.0", "onpremise", rest @ ..] = path.as_slice() else { return Self::Unknown };
        let own = |id: &str| id.to_owned();
        match (method, rest) {
            ("GET", ["users"]) => Self::ListUsers,
            ("GET", ["users", id]) => Self::ReadUser(own(id)),
            ("POST", ["users"]) => Self::CreateUser,
            ("POST", ["users", "bulk"]) => Self::CreateUsers,
            ("PUT", ["users"]) => Self::UpdateUser,
            ("DELETE", ["users", id]) => Self::DeleteUser(own(id)),
            ("GET", ["groups"]) => Self::ListGroups,
            ("GET", ["groups", id]) => Self::ReadGroup(own(id)),
            ("POST", ["groups"]) => Self::CreateGroup,
            ("DELETE", ["groups", id]) => Self::DeleteGroup(own(id)),
            ("GET", ["passwordPolicy"]) => Self::PasswordPolicy,
            _ => Self::Unknown,
        }
    }

    /// The name in the operation log.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::ListUsers => "managed.list_users",
            Self::ReadUser(_) => "managed.read_user",
            Self::CreateUser => "managed.create_user",
            Self::CreateUsers => "managed.create_users",
            Self::UpdateUser => "managed.update_user",
            Self::DeleteUser(_) => "managed.delete_user",
            Self::ListGroups => "managed.list_groups",
            Self::ReadGroup(_) => "managed.read_group",
            Self::CreateGroup => "managed.create_group",
            Self::DeleteGroup(_) => "managed.delete_group",
            Self::PasswordPolicy => "managed.password_policy",
            Self::Unknown => "managed.unknown",
        }
    }

    /// The user's id in the path.
    pub(super) fn user(&self) -> Option<&str> {
        match self {
            Self::ReadUser(id) | Self::DeleteUser(id) => Some(id),
            _ => None,
        }
    }

    /// The id in the path.
    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::ReadGroup(id) | Self::DeleteGroup(id) => Some(id),
            _ => self.user(),
        }
    }

    /// Whether a directory of users outside the cluster stands against it. 2.4.
    pub(super) fn writes(&self) -> bool {
        match self {
            Self::CreateUser
            | Self::CreateUsers
            | Self::UpdateUser
            | Self::DeleteUser(_)
            | Self::CreateGroup
            | Self::DeleteGroup(_) => true,
            Self::ListUsers
            | Self::ReadUser(_)
            | Self::ListGroups
            | Self::ReadGroup(_)
            | Self::PasswordPolicy
            | Self::Unknown => false,
        }
    }
}
