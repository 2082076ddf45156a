//! Paths of the API. A1, A3, A4.

use crate::http::Request;

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// With the workspace's id if the URL has it.
    Token(Option<String>),
    Invite,
    ListUsers,
    ReadUser(String),
    Preferences(String),
    DeleteUser(String),
    ReadWorkspace(String),
    Assignments(AssignmentRoute),
    Unknown,
}

/// What a path of the Authorization API stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AssignmentRoute {
    Create,
    List,
    Read(String),
    Replace(String),
    Delete(String),
}

impl Route {
    pub(super) fn of(request: &Request) -> Self {
        let (method, path) = request.route();
        let own = |id: &str| id.to_owned();
        match (method, path.as_slice()) {
            ("POST", ["authorization", "v2", "oauth2", id, "token"]) => Self::Token(Some(own(id))),
            ("POST", ["as", "token.oauth2"]) => Self::Token(None),
            ("POST", ["identity", "v1", "users"]) => Self::Invite,
            ("GET", ["identity", "v1", "users"]) => Self::ListUsers,
            ("GET", ["identity", "v1", "users", id]) => Self::ReadUser(own(id)),
            ("PUT", ["identity", "v1", "users", id]) => Self::Preferences(own(id)),
            ("DELETE", ["identity", "v1", "users", id]) => Self::DeleteUser(own(id)),
            ("GET", ["workspaces", "v1", "workspaces", id]) => Self::ReadWorkspace(own(id)),
            (method, ["authorization", "v1beta1", "role-assignments", rest @ ..]) => {
                let route = match (method, rest) {
                    ("POST", []) => AssignmentRoute::Create,
                    ("GET", []) => AssignmentRoute::List,
                    ("GET", [id]) => AssignmentRoute::Read(own(id)),
                    ("PUT", [id]) => AssignmentRoute::Replace(own(id)),
                    ("DELETE", [id]) => AssignmentRoute::Delete(own(id)),
                    _ => return Self::Unknown,
                };
                Self::Assignments(route)
            }
            _ => Self::Unknown,
        }
    }

    /// The name in the operation log; a list filtered for one person is called differently there.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Token(_) => "hpe.token",
            Self::Invite => "hpe.invite",
            Self::ListUsers => "hpe.list_users",
            Self::ReadUser(_) => "hpe.read_user",
            Self::Preferences(_) => "hpe.put_preferences",
            Self::DeleteUser(_) => "hpe.delete_user",
            Self::ReadWorkspace(_) => "hpe.read_workspace",
            Self::Assignments(AssignmentRoute::Create) => "hpe.assign_role",
            Self::Assignments(AssignmentRoute::List) => "hpe.list_assignments",
            Self::Assignments(AssignmentRoute::Read(_)) => "hpe.read_assignment",
            Self::Assignments(AssignmentRoute::Replace(_)) => "hpe.replace_assignment",
            Self::Assignments(AssignmentRoute::Delete(_)) => "hpe.delete_assignment",
            Self::Unknown => "hpe.unknown",
        }
    }

    /// Ids in the path.
    pub(super) fn ids(&self) -> Vec<String> {
        match self {
            Self::ReadUser(id)
            | Self::Preferences(id)
            | Self::DeleteUser(id)
            | Self::Assignments(
                AssignmentRoute::Read(id) | AssignmentRoute::Replace(id) | AssignmentRoute::Delete(id),
            ) => vec![id.clone()],
            _ => Vec::new(),
        }
    }
}
