//! Everything about AppXite that is not known for sure, with a switch for each. That is most of it (1.0).

use serde::{Deserialize, Serialize};

use super::choices::{
    AccountStateForm, AppXiteErrors, CreatedDate, DuplicateEmail, ExistingUser, InviteBody, ListForm,
    ListScope, Listing, MissingOrganizations, NameCase, OrganizationIdsPlacement, Paging, PartialFailure,
    PlatformHeader, ProviderReference, RowFields, TokenRequest,
};
use crate::faults::RateHeaders;

/// Where each operation is. 1.3.1; none of them is documented.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
pub struct AppXitePaths {
    /// Access tokens.
    pub token: String,
    /// List All Users.
    pub list_users: String,
    /// List All Roles.
    pub list_roles: String,
    /// List Identity Providers.
    pub list_identity_providers: String,
    /// Invite a User.
    pub invite: String,
    /// Removes a user, with `{id}` for the user's id; empty: there is no such operation (1.3.7).
    pub remove: String,
}

impl Default for AppXitePaths {
    fn default() -> Self {
        Self {
            token: "/oauth/token".to_owned(),
            list_users: "/users".to_owned(),
            list_roles: "/roles".to_owned(),
            list_identity_providers: "/identity-providers".to_owned(),
            invite: "/users/invite".to_owned(),
            remove: String::new(),
        }
    }
}

/// The switches of one platform.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // each is one fact about the vendor that may be either way
pub struct AppXiteKnobs {
    /// Where each operation is (1.3.1).
    pub paths: AppXitePaths,
    /// The body of a token request (1.2.1 \[INF\]).
    pub token_request: TokenRequest,
    /// Lifetime of access tokens (part 5: unknown).
    pub token_ttl_seconds: u64,
    /// Whether `expires_in` is missing from token responses (1.3.2 is a proposal).
    pub omit_expires_in: bool,
    /// Access tokens say nothing about themselves instead of being JWTs.
    pub opaque_tokens: bool,
    /// The `audience` a token request has to name (1.3.1: optional).
    pub required_audience: Option<String>,
    /// The `scope` a token request has to name (1.3.1: optional).
    pub required_scope: Option<String>,
    /// Status of a refused token request (not documented).
    pub token_error_status: u16,
    /// The header that selects the platform (1.2.1: two articles differ).
    pub platform_header: PlatformHeader,
    /// Status for a platform that is missing or not the caller's (not documented).
    pub unknown_platform_status: u16,
    /// Whether `X-On-Behalf-Of` is obligatory (1.2.1: optional).
    pub on_behalf_of_required: bool,
    /// Status for an organization that is not of the platform, in `X-On-Behalf-Of` (not documented).
    pub unknown_organization_status: u16,
    /// The `api-version` every call has to name (1.2.1: of the Order API).
    pub required_api_version: Option<String>,
    /// Whom the list of users shows when the call is on behalf of an organization (1.2.2 \[INF\]).
    pub list_scope: ListScope,
    /// The form of lists of users (1.3.2: accept both).
    pub list_form: ListForm,
    /// Whether the list of users comes in pages (1.2.1: documented for another API).
    pub paging: Paging,
    /// The largest page; what asks for more gets this.
    pub max_page_size: usize,
    /// Case of names in responses (1.2.1: both were seen).
    pub name_case: NameCase,
    /// Whether names in requests must be written exactly as in 1.3.3.
    pub exact_request_names: bool,
    /// Where an invite has its organizations (1.3.3: ambiguous).
    pub organization_ids: OrganizationIdsPlacement,
    /// An invite without organizations (not documented).
    pub missing_organizations: MissingOrganizations,
    /// Fields taken for a user's role; one whose name ends in `s` holds a list (1.3.1).
    pub role_fields: Vec<String>,
    /// Whether an invite without a role is refused (not documented).
    pub role_required: bool,
    /// Fields taken for a user's identity provider (1.3.1).
    pub identity_provider_fields: Vec<String>,
    /// What names an identity provider in an invite (part 5, 2).
    pub provider_reference: ProviderReference,
    /// Status of a successful invite: 200, 201, 202 or 204 (1.3.2).
    pub invite_status: u16,
    /// Body of a successful invite; a 204 has none (1.3.2).
    pub invite_body: InviteBody,
    /// Time from a successful invite to its effect.
    pub commit_delay_milliseconds: u64,
    /// Lists show what was true this long ago.
    pub list_lag_milliseconds: u64,
    /// Most users in one invite (1.3.6: unknown).
    pub max_users: Option<usize>,
    /// An invite of somebody who is New, Active or Blocked (1.3.4).
    pub existing_user: ExistingUser,
    /// Whether members are told by mail of what an invite gave them (not documented).
    pub mail_members: bool,
    /// What one user who can't be invited does to the others of the call (1.3.4).
    pub partial_failure: PartialFailure,
    /// One address twice in `Users` (1.3.4).
    pub duplicate_email: DuplicateEmail,
    /// Whether a new invitation to somebody who is listed renews `createdDate` (not documented).
    pub renew_created_date: bool,
    /// How `accountState` is spelled (part 5, 5).
    pub account_state: AccountStateForm,
    /// The form of `createdDate` (1.2.2 names the field only).
    pub created_date: CreatedDate,
    /// Which fields a user has (1.2.2: "and more").
    pub row_fields: RowFields,
    /// Whether addresses are kept lower-cased instead of as written.
    pub lower_emails: bool,
    /// Users whose invitation has expired (1.3.5: unknown).
    pub expired_users: Listing,
    /// Users who rejected their invitation (1.3.5: unknown).
    pub rejected_users: Listing,
    /// Status of a removal.
    pub remove_status: u16,
    /// Status for a removal of an unknown user.
    pub remove_unknown_status: u16,
    /// Bodies of errors (1.3.6).
    pub error_bodies: AppXiteErrors,
    /// Rate headers (1.3.6: none known).
    pub rate_headers: RateHeaders,
    /// Whether a 429 from a limit says `Retry-After` (1.3.6 \[3P\]).
    pub retry_after: bool,
}

impl Default for AppXiteKnobs {
    fn default() -> Self {
        Self {
            paths: AppXitePaths::default(),
            token_request: TokenRequest::default(),
            token_ttl_seconds: 3600,
            omit_expires_in: false,
            opaque_tokens: false,
            required_audience: None,
            required_scope: None,
            token_error_status: 401,
            platform_header: PlatformHeader::default(),
            unknown_platform_status: 400,
            on_behalf_of_required: false,
            unknown_organization_status: 403,
            required_api_version: None,
            list_scope: ListScope::default(),
            list_form: ListForm::default(),
            paging: Paging::default(),
            max_page_size: 100,
            name_case: NameCase::default(),
            exact_request_names: false,
            organization_ids: OrganizationIdsPlacement::default(),
            missing_organizations: MissingOrganizations::default(),
            role_fields: vec!["GroupId".to_owned(), "GroupIds".to_owned()],
            role_required: false,
            identity_provider_fields: vec!["IdentityProviderId".to_owned()],
            provider_reference: ProviderReference::default(),
            invite_status: 200,
            invite_body: InviteBody::default(),
            commit_delay_milliseconds: 0,
            list_lag_milliseconds: 0,
            max_users: None,
            existing_user: ExistingUser::default(),
            mail_members: false,
            partial_failure: PartialFailure::default(),
            duplicate_email: DuplicateEmail::default(),
            renew_created_date: true,
            account_state: AccountStateForm::default(),
            created_date: CreatedDate::default(),
            row_fields: RowFields::default(),
            lower_emails: false,
            expired_users: Listing::default(),
            rejected_users: Listing::Hidden,
            remove_status: 204,
            remove_unknown_status: 404,
            error_bodies: AppXiteErrors::default(),
            rate_headers: RateHeaders::None,
            retry_after: true,
        }
    }
}
