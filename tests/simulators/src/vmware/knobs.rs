//! Everything about VMware Cloud Services that is not known for sure, with a switch for each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::faults::RateHeaders;

/// Which of the two services an organization lives in. B1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Platform {
    /// VMware Cloud Services: knows `skipNotify` and `skipNotifyRegistration`.
    #[default]
    Vcsp,
    /// Tanzu Platform cloud services: also `notifyUsersOf…` and `invitationExpirationInDays`.
    Tcsp,
}

/// Fields the platform does not know. B1 \[I\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnknownFields {
    /// They are ignored.
    #[default]
    Ignore,
    /// They are refused with 400.
    Reject,
}

/// A second invitation while one is open. B3.1, U7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DuplicateInvite {
    /// A second record.
    #[default]
    NewRow,
    /// The open record gets a new time, expiry and access.
    Refresh,
    /// The open record stays as it is.
    Unchanged,
    /// 409 for the whole request.
    Conflict,
}

/// An invitation of a member. B3.1, U7.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MemberInvite {
    /// The roles are added to those held.
    #[default]
    AddRoles,
    /// Nothing happens to the member.
    Ignore,
    /// 409 for the whole request.
    Conflict,
}

/// One bad address in a batch. B3.1 \[I\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum BadUsername {
    /// 400 for the whole request.
    #[default]
    RefuseAll,
    /// The others are invited, the bad one silently not.
    Skip,
}

/// The form of `expirationTime`. B3.2, U5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExpirationUnit {
    /// Milliseconds since the epoch.
    #[default]
    EpochMilliseconds,
    /// Seconds since the epoch.
    EpochSeconds,
    /// Seconds from `generatedAt`.
    DurationSeconds,
    /// The field is missing.
    Absent,
}

/// How addresses are shown. Part 7 "mixed-case usernames".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UsernameCase {
    /// As the request had them.
    #[default]
    AsWritten,
    /// Lower-cased.
    Lower,
    /// With every second letter in upper case.
    Mixed,
}

/// Rows of the invitations list without `expand`. B3.2 \[C\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum LeanRows {
    /// Only `refLink`.
    #[default]
    RefLinkOnly,
    /// The same as with `expand`.
    Full,
}

/// The answer about somebody who is not there. B3.4, U12.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum UnknownPerson {
    /// Success; a removal lists the id under `failed`.
    #[default]
    Accept,
    /// 404, and nothing is done.
    NotFound,
}

/// `pageLimit` above 200. B3.3 \[I\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PageExcess {
    /// 400.
    #[default]
    Reject,
    /// Taken as 200.
    Clamp,
}

/// Which form field carries the API token. B2.1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenField {
    /// `api_token` or `refresh_token`.
    #[default]
    Both,
    /// Only `api_token`.
    ApiToken,
    /// Only `refresh_token`.
    RefreshToken,
}

/// Which header carries the access token. B2.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenHeader {
    /// `csp-auth-token` or `Authorization: Bearer`.
    #[default]
    Both,
    /// Only `Authorization: Bearer`.
    Bearer,
    /// Only `csp-auth-token`.
    CspAuthToken,
}

/// The switches of one organization.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default, deny_unknown_fields)]
#[allow(clippy::struct_excessive_bools)] // each is one fact about the vendor that may be either way
pub struct VmwareKnobs {
    /// Which service the organization lives in (B1).
    pub platform: Platform,
    /// Time from a 202 to its effect (B3.1 "asynchronous").
    pub commit_delay_milliseconds: u64,
    /// Lists show what was true this long ago.
    pub list_lag_milliseconds: u64,
    /// Reads of one invitation or user show what was true this long ago.
    pub read_lag_milliseconds: u64,
    /// Lifetime of access tokens (B2.1: 1799).
    pub token_ttl_seconds: u64,
    /// Access tokens say nothing about themselves instead of being JWTs.
    pub opaque_tokens: bool,
    /// Form fields taken for the API token (B2.1).
    pub token_field: TokenField,
    /// Headers taken for the access token (B2.3).
    pub token_header: TokenHeader,
    /// The MFA code the organization asks for with API tokens (B2.1).
    pub mfa_passcode: Option<String>,
    /// Status for a wrong client id or secret (not documented).
    pub bad_client_status: u16,
    /// Fields the platform does not know (B1).
    pub unknown_fields: UnknownFields,
    /// Most addresses in one request (U6).
    pub max_usernames: Option<usize>,
    /// What one bad or poisoned address does to a batch (B3.1).
    pub bad_username: BadUsername,
    /// A second invitation while one is open (U7).
    pub duplicate_invite: DuplicateInvite,
    /// Whether `Refresh` and `Unchanged` send a mail.
    pub duplicate_sends_mail: bool,
    /// An invitation of a member (U7).
    pub member_invite: MemberInvite,
    /// Whether adding an existing account writes a REDEEMED invitation (U4).
    pub direct_add_creates_row: bool,
    /// Whether `skipNotify` also suppresses the mail to new accounts (B1: the deprecated pair is undocumented).
    pub skip_notify_suppresses_all: bool,
    /// The form of `expirationTime` (U5).
    pub expiration_unit: ExpirationUnit,
    /// How addresses are shown.
    pub username_case: UsernameCase,
    /// Rows of the invitations list without `expand` (B3.2).
    pub lean_rows: LeanRows,
    /// The invitations list shows open ones only.
    pub hide_closed_invitations: bool,
    /// Revoking for addresses, or invitations, that are not open (U12).
    pub revoke_unknown: UnknownPerson,
    /// Removing unknown users (B3.4).
    pub remove_unknown: UnknownPerson,
    /// `pageLimit` above 200 (B3.3).
    pub page_excess: PageExcess,
    /// Whether a change of roles sends a mail unless told otherwise (B3.5 \[I\]).
    pub patch_notifies_by_default: bool,
    /// Role names accepted besides the known ones (B3.1).
    pub extra_organization_roles: BTreeSet<String>,
    /// Whether errors carry `metadata` and `traceId` too (B4 \[C\]).
    pub live_error_fields: bool,
    /// Whether a 429 from a limit says `Retry-After` (B4: undocumented).
    pub retry_after: bool,
    /// Rate headers (B4: none documented).
    pub rate_headers: RateHeaders,
}

impl Default for VmwareKnobs {
    fn default() -> Self {
        Self {
            platform: Platform::default(),
            commit_delay_milliseconds: 50,
            list_lag_milliseconds: 0,
            read_lag_milliseconds: 0,
            token_ttl_seconds: 1799,
            opaque_tokens: false,
            token_field: TokenField::default(),
            token_header: TokenHeader::default(),
            mfa_passcode: None,
            bad_client_status: 401,
            unknown_fields: UnknownFields::default(),
            max_usernames: None,
            bad_username: BadUsername::default(),
            duplicate_invite: DuplicateInvite::default(),
            duplicate_sends_mail: true,
            member_invite: MemberInvite::default(),
            direct_add_creates_row: false,
            skip_notify_suppresses_all: false,
            expiration_unit: ExpirationUnit::default(),
            username_case: UsernameCase::default(),
            lean_rows: LeanRows::default(),
            hide_closed_invitations: false,
            revoke_unknown: UnknownPerson::default(),
            remove_unknown: UnknownPerson::default(),
            page_excess: PageExcess::default(),
            patch_notifies_by_default: true,
            extra_organization_roles: BTreeSet::new(),
            live_error_fields: true,
            retry_after: true,
            rate_headers: RateHeaders::None,
        }
    }
}
