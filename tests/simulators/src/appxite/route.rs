//! Paths of the API, which are whatever the knobs say. 1.1, 1.3.1, 1.3.2.

use super::knobs::AppXitePaths;
use crate::http::Request;

/// What a path stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    Token,
    ListUsers,
    ListRoles,
    ListIdentityProviders,
    Invite,
    Remove(String),
    Unknown,
}

impl Route {
    pub(super) fn of(request: &Request, paths: &AppXitePaths) -> Self {
        let at = |path: &str| fit(path, request).is_some();
        match request.method.as_str() {
            "POST" if at(&paths.token) => Self::Token,
            "POST" if at(&paths.invite) => Self::Invite,
            "GET" if at(&paths.list_users) => Self::ListUsers,
            "GET" if at(&paths.list_roles) => Self::ListRoles,
            "GET" if at(&paths.list_identity_providers) => Self::ListIdentityProviders,
            "DELETE" => match fit(&paths.remove, request) {
                Some(id) => Self::Remove(id),
                None => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }

    /// The name in the operation log.
    pub(super) fn operation(&self) -> &'static str {
        match self {
            Self::Token => "appxite.token",
            Self::ListUsers => "appxite.list_users",
            Self::ListRoles => "appxite.list_roles",
            Self::ListIdentityProviders => "appxite.list_identity_providers",
            Self::Invite => "appxite.invite",
            Self::Remove(_) => "appxite.remove",
            Self::Unknown => "appxite.unknown",
        }
    }
}

/// What stands in the place of a template's `{id}` (nothing where it has none), if the request's path fits.
fn fit(template: &str, request: &Request) -> Option<String> {
    let parts: Vec<&str> = template.split('/').filter(|part| !part.is_empty()).collect();
    if parts.is_empty() || parts.len() != request.segments.len() {
        return None;
    }
    let mut id = String::new();
    for (part, segment) in parts.iter().zip(&request.segments) {
        if *part == "{id}" {
            id.clone_from(segment);
        } else if part != segment {
            return None;
        }
    }
    Some(id)
}
