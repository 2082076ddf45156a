//! Everything about HPE GreenLake that is not known for sure, with a switch for each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::faults::RateHeaders;

/// Where a token request carries its secret. A2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CredentialPlacement {
    /// Form body or HTTP Basic.
    #[default]
    Both,
    /// Form body only.
    Body,
    /// HTTP Basic only.
    Basic,
}

/// Which token URLs exist. A1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenUrls {
    /// The workspace's own and the older, shared one.
    #[default]
    Both,
    /// The workspace's own.
    Workspace,
    /// The shared one.
    Shared,
}

/// An invitation of somebody whose row is UNVERIFIED. A3.1, U2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PendingInvite {
    /// Refused with `existsStatus`; no mail.
    #[default]
    Conflict,
    /// Refused with `existsStatus`; a mail is sent nevertheless.
    ConflictWithMail,
    /// 201 for the row there is; no mail.
    Created,
    /// 201 for the row there is, and a mail.
    CreatedWithMail,
}

/// The `Location` of a new user. A3.1, U8.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LocationForm {
    /// A path.
    #[default]
    Relative,
    /// A URL.
    Absolute,
    /// No header.
    Missing,
}

/// The form of timestamps. A3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Timestamps {
    /// Microseconds and no zone, as seen live.
    #[default]
    Naive,
    /// With `Z`, as the newer documentation has it.
    Zulu,
}

/// Which optional fields a user has. A3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OptionalFields {
    /// Those of a live row: no names, no `resourceUri`.
    #[default]
    Live,
    /// All.
    All,
    /// Only `userStatus`, since nothing could be told without it.
    Least,
}

/// What `offset` counts. A3.2, U1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OffsetUnit {
    /// Pages, as documented.
    #[default]
    Pages,
    /// Items, as clients take it.
    Items,
}

/// Bodies of errors that a gateway makes (401, 404 of a route, 429). A5 \[I\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GatewayBody {
    /// JSON without the envelope.
    #[default]
    Plain,
    /// The API's envelope.
    Envelope,
    /// An HTML page.
    Html,
    /// Nothing.
    Empty,
}

/// Which filters are understood. A3.2: reference and guide differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FilterDialect {
    /// What either of them has.
    #[default]
    Both,
    /// `eq ne gt ge lt`, `and or not`, `username`.
    Reference,
    /// `eq ne gt ge lt le in`, `and`, functions, `userName` too.
    Guide,
}

/// Hyphens in the user id of a principal. A4, U10.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PrincipalForm {
    /// Taken with or without, shown without.
    #[default]
    Undashed,
    /// Taken and shown without.
    UndashedOnly,
    /// Taken with or without, shown with.
    Dashed,
    /// Taken and shown with.
    DashedOnly,
}

/// The switches of one workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // each is one fact about the vendor that may be either way
pub struct HpeKnobs {
    /// Lists without a filter for one person show what was true this long ago.
    pub list_lag_milliseconds: u64,
    /// Reads of one user, by id or filter, show what was true this long ago.
    pub read_lag_milliseconds: u64,
    /// Lifetime of access tokens; absent: 900 from the workspace's URL, 7199 from the shared one (A2).
    pub token_ttl_seconds: Option<u64>,
    /// Whether `expires_in` is missing from token responses (A2).
    pub omit_expires_in: bool,
    /// Access tokens say nothing about themselves instead of being JWTs.
    pub opaque_tokens: bool,
    /// Token responses have a `scope` that is a list (A2 \[C\]).
    pub scope_as_list: bool,
    /// Where a token request carries its secret (A2).
    pub credential_placement: CredentialPlacement,
    /// Which token URLs exist (A1).
    pub token_urls: TokenUrls,
    /// Status of a refused token request: 401 or 400 (A2 \[I\]).
    pub token_error_status: u16,
    /// Status for somebody who is in the workspace already: 409, 400 or 422 (A3.1 \[I\]).
    pub exists_status: u16,
    /// An invitation of somebody whose row is UNVERIFIED (U2).
    pub pending_invite: PendingInvite,
    /// Whether people with an account get a mail too (A3.1 names a mail only for those without).
    pub mail_existing_accounts: bool,
    /// Status for malformed and poisoned addresses, and for parameters out of bounds: 422 or 400 (A3.1 \[I\]).
    pub validation_status: u16,
    /// Domains answered with 451 (A3.1).
    pub denied_domains: BTreeSet<String>,
    /// The `Location` of a new user (U8).
    pub location: LocationForm,
    /// The form of timestamps (A3.2).
    pub timestamps: Timestamps,
    /// Which optional fields a user has (A3.2).
    pub optional_fields: OptionalFields,
    /// Whether user names are kept lower-cased instead of as written.
    pub lower_usernames: bool,
    /// Whether filters compare `username` without regard to case (not documented).
    pub username_filter_ignores_case: bool,
    /// Which filters are understood (A3.2).
    pub filter_dialect: FilterDialect,
    /// What `offset` counts (U1).
    pub offset_unit: OffsetUnit,
    /// Status for an unknown id: 404, 400 or 412 (U3).
    pub unknown_id_status: u16,
    /// How long a deleted user is `DELETE_IN_PROGRESS` (A3.3, A6 \[I\]).
    pub delete_in_progress_milliseconds: u64,
    /// Whether deleted users stay in lists as DELETED (U11).
    pub list_deleted: bool,
    /// Whether the role-assignments API is routed (A4).
    pub enhanced_iam: bool,
    /// Hyphens in principals (U10).
    pub principal_form: PrincipalForm,
    /// Bodies of errors that a gateway makes (A5 \[I\]).
    pub gateway_body: GatewayBody,
    /// Rate headers (A5: two spellings).
    pub rate_headers: RateHeaders,
    /// Whether a 429 from a limit says `Retry-After` (A5: undocumented).
    pub retry_after: bool,
}

impl Default for HpeKnobs {
    fn default() -> Self {
        Self {
            list_lag_milliseconds: 0,
            read_lag_milliseconds: 0,
            token_ttl_seconds: None,
            omit_expires_in: false,
            opaque_tokens: false,
            scope_as_list: false,
            credential_placement: CredentialPlacement::default(),
            token_urls: TokenUrls::default(),
            token_error_status: 401,
            exists_status: 409,
            pending_invite: PendingInvite::default(),
            mail_existing_accounts: false,
            validation_status: 422,
            denied_domains: BTreeSet::new(),
            location: LocationForm::default(),
            timestamps: Timestamps::default(),
            optional_fields: OptionalFields::default(),
            lower_usernames: false,
            username_filter_ignores_case: true,
            filter_dialect: FilterDialect::default(),
            offset_unit: OffsetUnit::default(),
            unknown_id_status: 404,
            delete_in_progress_milliseconds: 0,
            list_deleted: false,
            enhanced_iam: true,
            principal_form: PrincipalForm::default(),
            gateway_body: GatewayBody::default(),
            rate_headers: RateHeaders::General,
            retry_after: false,
        }
    }
}
