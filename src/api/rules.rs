//! Validation rules in CEL: what the API server refuses, and what it then says. Each message tells what to do.

use serde_json::{Value, json};

/// The form of a base URL.
pub(super) const BASE_URL: &str =
    "self.matches('^https://([0-9A-Za-z.-]+|[[][0-9A-Fa-f:.]+[]])(:[0-9]{1,5})?/?$')";
/// The form of a URL with a path.
pub(super) const URL: &str =
    "self.matches('^https://([0-9A-Za-z.-]+|[[][0-9A-Fa-f:.]+[]])(:[0-9]{1,5})?(/[0-9A-Za-z._~%/-]*)?$')";
/// The form of an HPE GreenLake workspace id.
pub(super) const WORKSPACE_ID: &str = "self.matches('^[0-9a-fA-F]{32}$')";
/// The form of a VMware organization id.
pub(super) const ORG_ID: &str = "self.matches('^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$')";
/// The form of a UUID.
pub(super) const UUID: &str = ORG_ID;
/// The form of an e-mail address: a name of dotted words, and a domain of two labels or more.
pub(super) const EMAIL: &str = "self.matches(\"^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+([.][A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*\
     @([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?[.])+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$\")";
/// The same for each address of a list, without the finer points.
pub(super) const EMAILS: &str = "self.all(e, e.matches('^[!-?A-~]+@[0-9A-Za-z.-]+[.][0-9A-Za-z-]+$'))";
/// The form of a plain id.
pub(super) const PLAIN_ID: &str = "self.matches('^[0-9A-Za-z-]+$')";
/// The same for each id of a list.
pub(super) const PLAIN_IDS: &str = "self.all(id, id.matches('^[0-9A-Za-z-]+$'))";
/// The form of a path below an endpoint.
pub(super) const PATH: &str = "self.matches('^(/[0-9A-Za-z_~-][0-9A-Za-z._~-]*)+$')";
/// What the refusal of such a path says.
pub(super) const PATH_FORM: &str = "the path must begin with a slash, as in /users, and have no query";
/// The form of a path with the place of an id.
pub(super) const PATH_WITH_ID: &str =
    "self.matches('^(/[0-9A-Za-z_~-][0-9A-Za-z._~-]*)*/[{]id[}](/[0-9A-Za-z_~-][0-9A-Za-z._~-]*)*$')";
/// The form of each domain of a list, in lower case.
pub(super) const DOMAINS: &str =
    "self.all(d, d.matches('^([a-z0-9]([a-z0-9-]*[a-z0-9])?[.])+[a-z][a-z0-9-]*[a-z0-9]$'))";
/// The form of a login name.
pub(super) const USER_NAME: &str = "self.matches('^[!-~]([ -~]*[!-~])?$')";
/// The form of a first or last name.
pub(super) const PERSON_NAME: &str =
    "self.matches('^[^\\x00-\\x1f\\x7f]*[^ \\x00-\\x1f\\x7f][^\\x00-\\x1f\\x7f]*$')";
/// A login name that never comes, changes or goes. For its parent.
pub(super) const USER_NAME_IMMUTABLE: &str = "has(self.userName) == has(oldSelf.userName) && \
     (!has(self.userName) || self.userName == oldSelf.userName)";
/// No two entries for one role and resource.
pub(super) const ROLES_DIFFER: &str = "self.all(a, self.exists_one(b, a.name == b.name && \
     (has(a.resource) ? a.resource : '') == (has(b.resource) ? b.resource : '')))";
/// No two entries for one role within the same scopes.
pub(super) const ASSIGNMENTS_DIFFER: &str = "self.all(a, self.exists_one(b, a.role == b.role && \
     a.scopes.size() == b.scopes.size() && a.scopes.all(s, s in b.scopes)))";
/// No two entries for one service.
pub(super) const SERVICES_DIFFER: &str =
    "self.all(a, self.exists_one(b, a.serviceDefinition == b.serviceDefinition))";
/// A required field that never changes.
pub(super) const IMMUTABLE: &str = "self == oldSelf";
/// An optional endpoint that never comes, changes or goes. For its parent: a rule on the field itself would not
/// see it come or go.
pub(super) const ENDPOINT_IMMUTABLE: &str = "has(self.endpoint) == has(oldSelf.endpoint) && \
     (!has(self.endpoint) || self.endpoint == oldSelf.endpoint)";

/// An optional organization to act for that never comes, changes or goes; for its parent, like the one above.
pub(super) const ON_BEHALF_OF_IMMUTABLE: &str = "has(self.onBehalfOfOrganizationId) == \
     has(oldSelf.onBehalfOfOrganizationId) && (!has(self.onBehalfOfOrganizationId) || \
     self.onBehalfOfOrganizationId == oldSelf.onBehalfOfOrganizationId)";

/// One rule, with what the refusal says.
pub(super) fn rule(rule: &str, message: &str) -> Value {
    json!({ "rule": rule, "message": message })
}

/// A rule that keeps a field which says which tenant a provider is.
pub(super) fn same_tenant(rule: &str, field: &str) -> Value {
    self::rule(
        rule,
        &format!("{field} cannot be changed, since it says which tenant this is: create another provider"),
    )
}
