//! The settings of knobs that have more than two.

use serde::{Deserialize, Serialize};

/// The body of a token request. 1.2.1 \[INF\]: form or JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TokenRequest {
    /// Either.
    #[default]
    Both,
    /// `application/x-www-form-urlencoded` only.
    Form,
    /// `application/json` only.
    Json,
}

/// The header that selects the platform. 1.2.1 \[A4, A6\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PlatformHeader {
    /// Either of them.
    #[default]
    Either,
    /// `Referer`.
    Referer,
    /// `X-Referer`.
    XReferer,
    /// None: the credential alone says it.
    Ignored,
}

/// Whom the list of users shows. 1.2.2: "of a selected platform or customer".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListScope {
    /// Those of the organization in `X-On-Behalf-Of`, and without it everybody.
    #[default]
    OnBehalfOf,
    /// Everybody on the platform.
    Platform,
}

/// The form of lists. 1.3.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ListForm {
    /// A bare array.
    #[default]
    Array,
    /// `{"items":[…],"totalCount":n}`.
    Items,
}

/// Pages of lists. 1.2.1 \[A5\], part 5, 6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Paging {
    /// `page`, from 1, and `pageSize`.
    #[default]
    Pages,
    /// Both are ignored: each answer has everybody.
    Whole,
}

/// Case of names in responses. 1.2.1 \[A7, A1, A8\].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum NameCase {
    /// `accountState`.
    #[default]
    Camel,
    /// `AccountState`.
    Pascal,
}

/// Where an invite has its organizations. 1.3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OrganizationIdsPlacement {
    /// In the payload, in the user, or both: then all of them.
    #[default]
    Either,
    /// In the payload; those in a user are ignored.
    Payload,
    /// In each user; those in the payload are ignored.
    User,
}

/// An invite without organizations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MissingOrganizations {
    /// It is for the organization acted for, else for the platform's first.
    #[default]
    OnBehalfOf,
    /// 400.
    Refuse,
}

/// What names an identity provider. Part 5, 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ProviderReference {
    /// Id or prefix.
    #[default]
    Either,
    /// The id.
    Id,
    /// The prefix.
    Prefix,
}

/// Body of a successful invite. 1.3.2: ignore it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum InviteBody {
    /// Nothing.
    #[default]
    Empty,
    /// The users, as a list has them.
    Users,
    /// Text that is no JSON.
    Text,
}

/// An invite of somebody who is there. 1.3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ExistingUser {
    /// Success and no second user; who is New gets the mail again.
    #[default]
    Accept,
    /// 409.
    Conflict,
    /// 400.
    BadRequest,
}

/// One user who can't be invited among others. 1.3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum PartialFailure {
    /// An error, and nobody is invited.
    #[default]
    Atomic,
    /// 207 with a result for each user.
    MultiStatus,
    /// 200 with a result for each user.
    Results,
    /// Success as ever, the one silently missing.
    Silent,
}

/// One address twice in a call. 1.3.4.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum DuplicateEmail {
    /// 400.
    #[default]
    Refuse,
    /// As if it were there once.
    Collapse,
}

/// How `accountState` is spelled. 1.2.4, part 5, 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AccountStateForm {
    /// `New`, as the portal has it.
    #[default]
    Name,
    /// `new`.
    Lower,
    /// `NEW`.
    Upper,
    /// 0, 1, 2.
    Number,
}

/// The form of `createdDate`. 1.2.2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum CreatedDate {
    /// With `Z`, as proposed in 1.3.3.
    #[default]
    Zulu,
    /// Without a zone.
    Naive,
    /// The field is missing.
    Absent,
}

/// Which fields a user has. 1.2.2, 1.3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum RowFields {
    /// All that are proposed in 1.3.3.
    #[default]
    All,
    /// All but organizations and their groups.
    NoAccess,
    /// Only `email` and `accountState`.
    Least,
}

/// How somebody is listed whose invitation is over. 1.3.5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Listing {
    /// As New.
    #[default]
    AsNew,
    /// In a state of its own, which the portal's articles don't name.
    OtherState,
    /// Not at all.
    Hidden,
}

/// Bodies of errors. 1.3.6.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AppXiteErrors {
    /// Those of Azure API Management for the gateway, RFC 7807 for the API.
    #[default]
    Inferred,
    /// Plain text.
    Text,
    /// A page.
    Html,
    /// Nothing.
    Empty,
}
