//! Everything about Dynatrace SaaS that is not known for sure, with a switch for each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::faults::RateHeaders;

/// What a token request has to say. 3.1: one client sends neither scope nor resource, another gets 403 without.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaasScopes {
    /// What is not asked for is not granted.
    #[default]
    Needed,
    /// Without a word, the client's own scopes and account hold.
    Defaults,
}

/// How addresses are compared and kept. 5, SaaS 4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaasEmailCase {
    /// Kept as written, compared without regard to case.
    #[default]
    Kept,
    /// Kept lower-cased, compared without regard to case.
    Lowered,
    /// Kept as written; another case is another person.
    Sensitive,
}

/// Which fields a user has. 3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaasFields {
    /// Those that were recorded, some of them undocumented.
    #[default]
    Observed,
    /// Those that are documented.
    Documented,
    /// Only what the schema requires, and `userStatus`, since nothing could be told without it.
    Least,
    /// Only what the schema requires.
    Required,
}

/// The shape of errors. 3.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaasErrorForm {
    /// `error` is true: users and groups.
    #[default]
    Flag,
    /// `error` is an object.
    Object,
    /// `code` and `message` at the top.
    Flat,
    /// As the gateway has it: `statusCode`.
    Gateway,
    /// Nothing.
    Empty,
}

/// What a request about groups of the owners `SCIM` and `ALL_USERS` does. Known is only that `ALL_USERS` stays (3.3)
/// and that clients don't try the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SaasLockedGroups {
    /// Naming one is refused; a set without them leaves them.
    #[default]
    Refused,
    /// Naming one has no effect; a set without them leaves them.
    Ignored,
    /// They are like the others: a set without them takes them away.
    Taken,
}

/// The switches of one account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // each is one fact about the vendor that may be either way
pub struct DynatraceSaasKnobs {
    /// The list shows what was true this long ago (nothing says that it is immediate).
    pub list_lag_milliseconds: u64,
    /// Reads of one user show what was true this long ago.
    pub read_lag_milliseconds: u64,
    /// Lifetime of access tokens (3.1: 300).
    pub token_ttl_seconds: u64,
    /// What a token request has to say (3.1).
    pub scopes: SaasScopes,
    /// Status of a refused token request: 400 or 401 (3.1: third parties only).
    pub token_error_status: u16,
    /// Status of a successful invitation: 201 or 200 (3.2 note 1).
    pub invite_status: u16,
    /// Whether an invitation answers `userUuid`; documented is no body (3.2).
    pub created_body: bool,
    /// Status for somebody who is there already: 400 or 409 (3.5).
    pub exists_status: u16,
    /// Status for bad addresses and bodies: 400 or 422 (5, SaaS 2).
    pub validation_status: u16,
    /// Status for a group that does not exist: 400 or 404 (5, SaaS 2).
    pub unknown_group_status: u16,
    /// Domains whose people are bound to another account (3.4).
    pub foreign_domains: BTreeSet<String>,
    /// Whether deleted users stay, as DELETED (5, SaaS 6).
    pub show_deleted: bool,
    /// Whether the link of a mail works although the pending user was deleted (5, SaaS 3).
    pub link_survives_deletion: bool,
    /// Whether somebody who is invited again gets the `uid` of before (not documented).
    pub same_uid_again: bool,
    /// How addresses are compared and kept (5, SaaS 4).
    pub email_case: SaasEmailCase,
    /// Which fields a user has (3.3).
    pub fields: SaasFields,
    /// Whether names of active people are empty (3.3).
    pub empty_names: bool,
    /// Whether timestamps are without milliseconds (3.3).
    pub whole_seconds: bool,
    /// Whether a group just made has no `createdAt` (3.3).
    pub null_created_at: bool,
    /// Whether the list has service users when it is not asked about them (3.2).
    pub list_service_users: bool,
    /// What requests about `SCIM` and `ALL_USERS` groups do.
    pub locked_groups: SaasLockedGroups,
    /// The shape of errors (3.6).
    pub error_form: SaasErrorForm,
    /// Rate headers (3.6: those recorded were not Dynatrace's).
    pub rate_headers: RateHeaders,
    /// Whether a 429 from a limit says `Retry-After` (3.6, 5 SaaS 5).
    pub retry_after: bool,
}

impl Default for DynatraceSaasKnobs {
    fn default() -> Self {
        Self {
            list_lag_milliseconds: 0,
            read_lag_milliseconds: 0,
            token_ttl_seconds: 300,
            scopes: SaasScopes::default(),
            token_error_status: 400,
            invite_status: 201,
            created_body: true,
            exists_status: 400,
            validation_status: 400,
            unknown_group_status: 400,
            foreign_domains: BTreeSet::new(),
            show_deleted: false,
            link_survives_deletion: false,
            same_uid_again: false,
            email_case: SaasEmailCase::default(),
            fields: SaasFields::default(),
            empty_names: false,
            whole_seconds: false,
            null_created_at: true,
            list_service_users: true,
            locked_groups: SaasLockedGroups::default(),
            error_form: SaasErrorForm::default(),
            rate_headers: RateHeaders::None,
            retry_after: true,
        }
    }
}
