//! Everything about Dynatrace Managed that is not known for sure, with a switch for each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::faults::RateHeaders;

/// Bodies of errors. 2.8: not documented for these calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ErrorStyle {
    /// The envelope that clients parse: `{"error":{"code":…,"message":…}}`.
    #[default]
    Envelope,
    /// The envelope in an array.
    Array,
    /// Nothing.
    Empty,
    /// Plain text.
    Text,
}

/// The body of a 404. 2.8 \[INF\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NotFoundBody {
    /// Nothing.
    #[default]
    Empty,
    /// A page that is not JSON.
    Html,
    /// As other errors.
    AsOthers,
}

/// A batch in which somebody's id or e-mail is taken already. 2.4 \[INF\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BulkExisting {
    /// Refused as a whole with 400.
    #[default]
    Refused,
    /// The others are created, with 406.
    OthersCreated,
}

/// What the body of a bulk 406 holds. 2.4 \[INF\]: its type is documented, its content is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartialBody {
    /// The users that were created.
    #[default]
    Created,
    /// The users that were not.
    Failed,
    /// Every user of the request.
    Everybody,
    /// An array without users.
    Nobody,
    /// An error as other calls have it.
    Error,
}

/// Who manages the cluster's users. 2.4, 2.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Directory {
    /// The cluster itself.
    #[default]
    Local,
    /// LDAP: every write is refused with 403.
    Ldap,
    /// SSO with group assignment: every write is refused with 403.
    SsoWithGroups,
}

/// `passwordClearText` in a request. 2.3 \[INF\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PasswordInput {
    /// The feature flag is off: 400.
    #[default]
    Refused,
    /// The feature flag is off: the password is not looked at.
    Ignored,
    /// The feature flag is on: it becomes the initial password.
    Accepted,
}

/// `groups` missing or null in an update. 2.6 \[UNK\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingGroups {
    /// The memberships stay.
    #[default]
    Keep,
    /// The memberships go.
    Clear,
}

/// Removing a user who is not there. 2.7: 200 and 304 are documented, 404 is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DeleteAgain {
    /// 200 without a body.
    #[default]
    Ok,
    /// 304.
    NotModified,
    /// 404.
    NotFound,
}

/// The switches of one cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // each is one fact about the vendor that may be either way
pub struct DynatraceManagedKnobs {
    /// The list of users shows what was true this long ago.
    pub list_lag_milliseconds: u64,
    /// Reads of one user show what was true this long ago.
    pub read_lag_milliseconds: u64,
    /// Status for a token without the scope `ServiceProviderAPI`: 403 or 401 (5, Managed 9).
    pub missing_scope_status: u16,
    /// Bodies of errors (2.8).
    pub error_style: ErrorStyle,
    /// The body of a 404 (2.8).
    pub not_found_body: NotFoundBody,
    /// Status of a single create whose id is taken: 523 or 400 (2.2, 2.4: both are documented).
    pub exists_status: u16,
    /// Status of a single create or an update whose e-mail is taken: 524 or 400 (2.2, 2.4).
    pub email_taken_status: u16,
    /// Addresses of people whom the cluster fails to create after it found the request good: 522 alone, 406 in a
    /// batch (2.2, 2.4).
    pub creation_faults: BTreeSet<String>,
    /// A batch in which somebody exists already (2.4).
    pub bulk_existing: BulkExisting,
    /// What the body of a bulk 406 holds (2.4).
    pub partial_body: PartialBody,
    /// How many users a batch may have; absent: as many as the payload limit allows (2.9: not documented).
    pub largest_batch: Option<usize>,
    /// Requests with a larger body get 413 (2.9: 1 MB, on a page about environments).
    pub payload_limit_bytes: usize,
    /// Who manages the users (2.4).
    pub directory: Directory,
    /// Whether a directory also stands against removals, for which no 403 is documented (2.7 \[INF\]).
    pub directory_refuses_removals: bool,
    /// `passwordClearText` in a request (2.3).
    pub password_input: PasswordInput,
    /// `groups` missing or null in an update (2.6).
    pub missing_groups: MissingGroups,
    /// Removing a user who is not there (2.7).
    pub delete_again: DeleteAgain,
    /// Whether the cluster mails new users (2.5 \[UNK\]).
    pub mail_on_create: bool,
    /// Whether ids that differ in case only are the same (5, Managed 7).
    pub ids_ignore_case: bool,
    /// Whether ids may be of letters, digits, `.`, `_` and `-` only (5, Managed 7; clients use e-mail addresses, 2.3).
    pub plain_ids_only: bool,
    /// Whether e-mail addresses are kept lower-cased instead of as written.
    pub lower_emails: bool,
    /// Whether arrays of users and groups come in another order than expected (2.6 \[INF\]).
    pub reversed_arrays: bool,
    /// Rate headers (2.9: the reset is documented in microseconds, and read as seconds by some clients).
    pub rate_headers: RateHeaders,
    /// Whether a 429 from a limit says `Retry-After` (2.9).
    pub retry_after: bool,
}

impl Default for DynatraceManagedKnobs {
    fn default() -> Self {
        Self {
            list_lag_milliseconds: 0,
            read_lag_milliseconds: 0,
            missing_scope_status: 403,
            error_style: ErrorStyle::default(),
            not_found_body: NotFoundBody::default(),
            exists_status: 523,
            email_taken_status: 524,
            creation_faults: BTreeSet::new(),
            bulk_existing: BulkExisting::default(),
            partial_body: PartialBody::default(),
            largest_batch: None,
            payload_limit_bytes: 1024 * 1024,
            directory: Directory::default(),
            directory_refuses_removals: true,
            password_input: PasswordInput::default(),
            missing_groups: MissingGroups::default(),
            delete_again: DeleteAgain::default(),
            mail_on_create: false,
            ids_ignore_case: false,
            plain_ids_only: false,
            lower_emails: false,
            reversed_arrays: false,
            rate_headers: RateHeaders::Microseconds,
            retry_after: false,
        }
    }
}
