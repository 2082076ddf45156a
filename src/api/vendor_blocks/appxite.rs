//! The block of AppXite. Much of its API is not public, so what would be a constant elsewhere is a setting here.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::rules;

/// One platform of AppXite, or one organization on it. The Secret's keys are subscriptionKey (of the product's
/// subscription in the developer portal), clientId and clientSecret. The API's paths, its token endpoint and most names of
/// its fields are not public: compare what stands here with the API catalogue that AppXite gave you.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(extend("x-kubernetes-validations" = [
    rules::same_tenant(rules::ENDPOINT_IMMUTABLE, "endpoint"),
    rules::same_tenant(rules::ON_BEHALF_OF_IMMUTABLE, "onBehalfOfOrganizationId"),
]))]
pub struct AppXite {
    /// platformUrl is the URL of the platform's portal, for example https://demo.rethinkportal.com. It is only named, in
    /// the header of platformHeader, and never called. Immutable.
    #[schemars(length(max = 220), extend("x-kubernetes-validations" = [
        rules::rule(rules::URL, "platformUrl must be an https URL without query or user"),
        rules::same_tenant(rules::IMMUTABLE, "platformUrl"),
    ]))]
    pub platform_url: String,
    /// platformHeader is the header that names the platform: Referer or XReferer (X-Referer). Default Referer.
    #[serde(default)]
    pub platform_header: AppXitePlatformHeader,
    /// onBehalfOfOrganizationId is the id of the organization that is acted for, as the portal shows it under
    /// Organization, Profile, Basic Details. Its users are then the people of this tenant. Absent: the whole platform.
    /// Immutable.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 64), extend("x-kubernetes-validations" = [
        rules::rule(rules::PLAIN_ID, "onBehalfOfOrganizationId must be an id: letters, digits and hyphens"),
    ]))]
    pub on_behalf_of_organization_id: Option<String>,
    /// endpoint is the base URL of the API, https, without a path. Default: https://api.appxite.com. Immutable. Any
    /// other host needs the consent of the Secret's owner: the Secret's annotation userinvitation.dev/allowed-hosts must list
    /// it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 300), extend("x-kubernetes-validations" = [
        rules::rule(rules::BASE_URL, "endpoint must be https://host or https://host:port, without path, query or user"),
    ]))]
    pub endpoint: Option<String>,
    /// tokenEndpoint is the URL that gives out tokens for clientId and clientSecret (OAuth2 client credentials). It
    /// has no default, since AppXite does not publish it. Any other host than api.appxite.com needs the consent of the
    /// Secret's owner, as for endpoint.
    #[schemars(length(max = 512), extend("x-kubernetes-validations" = [
        rules::rule(rules::URL, "tokenEndpoint must be an https URL without query or user"),
    ]))]
    pub token_endpoint: String,
    /// tokenAudience is the audience that a token is asked for. Absent: none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub token_audience: Option<String>,
    /// tokenScope is the scope that a token is asked for. Absent: none is named.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 512))]
    pub token_scope: Option<String>,
    /// apiVersion is the version that every call names in the header api-version, for example 3.1. Absent: the header is
    /// not sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 32), regex(pattern = r"^[0-9A-Za-z][0-9A-Za-z._-]*$"))]
    pub api_version: Option<String>,
    /// paths are the paths of the operations, below endpoint.
    #[serde(default)]
    pub paths: AppXitePaths,
    /// organizationIdsPlacement says where an invite names its organizations: in the Payload, once for all its users,
    /// or in each User. Default Payload.
    #[serde(default)]
    pub organization_ids_placement: AppXiteOrganizationIdsPlacement,
    /// roleField is the name of the field that holds a user's role (which the API also calls a group), for example
    /// GroupId. A name that ends in s, such as GroupIds, makes it a list. Default GroupId.
    #[serde(default = "default_role_field")]
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Za-z][0-9A-Za-z_]*$"))]
    pub role_field: String,
    /// identityProviderField is the name of the field that holds a user's identity provider. Default
    /// IdentityProviderId.
    #[serde(default = "default_identity_provider_field")]
    #[schemars(length(min = 1, max = 64), regex(pattern = r"^[A-Za-z][0-9A-Za-z_]*$"))]
    pub identity_provider_field: String,
}

/// The headers that may name the platform.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AppXitePlatformHeader {
    /// Referer.
    #[default]
    Referer,
    /// X-Referer.
    XReferer,
}

/// Where an invite names its organizations.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum AppXiteOrganizationIdsPlacement {
    /// Once, for all its users.
    #[default]
    Payload,
    /// In each user.
    User,
}

/// Paths of the operations. None of them is public; the defaults are guesses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct AppXitePaths {
    /// listUsers is the path of List All Users (GET). Default /users.
    #[serde(default = "default_list_users")]
    #[schemars(length(min = 2, max = 200), extend("x-kubernetes-validations" = [rules::rule(rules::PATH, rules::PATH_FORM)]))]
    pub list_users: String,
    /// listRoles is the path of List All Roles (GET). Default /roles.
    #[serde(default = "default_list_roles")]
    #[schemars(length(min = 2, max = 200), extend("x-kubernetes-validations" = [rules::rule(rules::PATH, rules::PATH_FORM)]))]
    pub list_roles: String,
    /// listIdentityProviders is the path of List Identity Providers (GET). Default /identity-providers.
    #[serde(default = "default_list_identity_providers")]
    #[schemars(length(min = 2, max = 200), extend("x-kubernetes-validations" = [rules::rule(rules::PATH, rules::PATH_FORM)]))]
    pub list_identity_providers: String,
    /// invite is the path of Invite a User (POST). Default /users/invite.
    #[serde(default = "default_invite")]
    #[schemars(length(min = 2, max = 200), extend("x-kubernetes-validations" = [rules::rule(rules::PATH, rules::PATH_FORM)]))]
    pub invite: String,
    /// remove is the path of a call (DELETE) that takes a user's permissions away, with {id} in the place of the
    /// user's id, for example /users/{id}. AppXite documents no such call. Absent: invitations cannot be cancelled, and members
    /// not removed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 200), extend("x-kubernetes-validations" = [
        rules::rule(rules::PATH_WITH_ID, "remove must be a path with {id} in the place of the user's id, as in /users/{id}"),
    ]))]
    pub remove: Option<String>,
}

impl Default for AppXitePaths {
    fn default() -> Self {
        Self {
            list_users: default_list_users(),
            list_roles: default_list_roles(),
            list_identity_providers: default_list_identity_providers(),
            invite: default_invite(),
            remove: None,
        }
    }
}

fn default_role_field() -> String {
    "GroupId".to_owned()
}

fn default_identity_provider_field() -> String {
    "IdentityProviderId".to_owned()
}

fn default_list_users() -> String {
    "/users".to_owned()
}

fn default_list_roles() -> String {
    "/roles".to_owned()
}

fn default_list_identity_providers() -> String {
    "/identity-providers".to_owned()
}

fn default_invite() -> String {
    "/users/invite".to_owned()
}
