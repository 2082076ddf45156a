//! People in a tenant whom nobody has declared, page by page, for whoever asks by annotation.

#![allow(
    clippy::doc_markdown,
    rustdoc::bare_urls,
    reason = "the docs are read by kubectl explain, as plain text"
)]

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The longest request that a page can name: a value, a slash and a number.
pub const EXPORT_REQUEST_MAX: usize = 96;
/// The most people on one page.
pub const PAGE_PEOPLE_MAX: usize = 200;
/// The most grants that are named of one person.
pub const PERSON_ACCESS_MAX: usize = 32;
/// The longest name of a grant.
pub const ACCESS_LENGTH_MAX: usize = 160;
/// The longest address.
pub const EMAIL_LENGTH_MAX: usize = 254;

/// One page of the people in the tenant for whom no UserInvitation exists.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnmanagedPage {
    /// request is the value of the annotation userinvitation.dev/export-requested-at that this page answers.
    #[schemars(length(max = EXPORT_REQUEST_MAX))]
    pub request: String,
    /// answeredTime is when the page was written (RFC 3339). A page that nobody takes is emptied some minutes later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answered_time: Option<Time>,
    /// listing names the list that the page was cut from. Pages of another list do not fit to this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub listing: Option<String>,
    /// total is the number of people on all pages together.
    #[serde(default)]
    #[schemars(range(min = 0))]
    pub total: i64,
    /// people are the people of this page, at most 200 and less where they hold much, ordered by address. The next page
    /// begins at the offset of this one plus their number.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(length(max = PAGE_PEOPLE_MAX))]
    pub people: Vec<UnmanagedPerson>,
    /// message says why there is no list on this page, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 512))]
    pub message: Option<String>,
}

/// Somebody in the tenant for whom no UserInvitation exists.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct UnmanagedPerson {
    /// email is the address, in lower case. One that ends with an ellipsis was too long to be shown.
    #[schemars(length(max = EMAIL_LENGTH_MAX))]
    pub email: String,
    /// userName is the login name, where the vendor has one apart from the address and it differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = EMAIL_LENGTH_MAX))]
    pub user_name: Option<String>,
    /// standing says where the person stands: Pending (invited), Expired (invited, and the invitation has ended), Member
    /// or Blocked.
    #[schemars(length(max = 32))]
    pub standing: String,
    /// vendorStatus is the vendor's own word for it, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub vendor_status: Option<String>,
    /// access is what the person holds, in words, at most 32 entries. Absent: the vendor's list does not show it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = PERSON_ACCESS_MAX), inner(length(max = ACCESS_LENGTH_MAX)))]
    pub access: Option<Vec<String>>,
    /// accessOmitted is how much more the person holds than access has.
    #[serde(default, skip_serializing_if = "is_zero")]
    #[schemars(range(min = 0))]
    pub access_omitted: i64,
    /// refusal is the reason with which an invitation about this person would be refused: ProtectedPerson (an address of
    /// policy.protectedEmails, or the credential's own account) or DomainNotAllowed (policy.allowedEmailDomains leaves the
    /// domain out). Absent: none that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 64))]
    pub refusal: Option<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "as serde gives it")]
const fn is_zero(number: &i64) -> bool {
    *number == 0
}
