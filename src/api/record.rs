//! The record: the operator's memory in an annotation, written with each intent. It survives when status does
//! not.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde::{Deserialize, Serialize};

use super::RECORD;
use super::access::Access;
use super::invitation_status::Origin;
use super::tenant::Tenant;

/// Longest record that is written or read, in bytes.
pub const RECORD_MAX: usize = 64 * 1024;

/// What is remembered about one person in one tenant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The uid of the object that this record was written for; another one means the object was restored.
    pub uid: String,
    /// Where the person was invited or adopted.
    pub tenant: Tenant,
    /// The address as written in the spec then.
    pub email: String,
    /// How the person came into the tenant.
    pub origin: Origin,
    /// The person's id at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_user_id: Option<String>,
    /// The invitation's id at the vendor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor_invitation_id: Option<String>,
    /// The last value of the resend annotation that was served.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resend: Option<String>,
    /// The last call to the vendor that was intended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<RecordedAttempt>,
}

/// One intended call to the vendor.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RecordedAttempt {
    /// The attempt's id, new for each intent.
    pub id: String,
    /// The process that intended it.
    pub process: String,
    /// When it was intended, by that process's clock.
    pub time: Time,
    /// What was intended.
    pub kind: AttemptKind,
    /// The object's generation then: a refusal holds until it changes.
    #[serde(default)]
    pub generation: i64,
    /// The provider's generation then: a refusal holds until it changes.
    #[serde(default)]
    pub provider_generation: i64,
    /// What the vendor showed for the person before: the id of the record there, none when the person was absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// What the call was to grant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub access: Option<Access>,
}

/// What an attempt is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum AttemptKind {
    /// Invite the person.
    Invite,
    /// Take back the pending invitation.
    Cancel,
    /// Remove the member.
    Remove,
    /// Change what the member holds.
    Edit,
    /// Written by a newer version of the operator, and so nothing that this one could make again.
    #[serde(other)]
    Other,
}

/// Whose record an object carries.
#[derive(Clone, Debug, PartialEq)]
pub enum FoundRecord {
    /// None.
    Absent,
    /// The object's own.
    Own(Box<Record>),
    /// One with another uid: the object was restored or copied.
    Foreign(Box<Record>),
    /// One that can't be used. Apart from [`RecordFault::OtherEmail`], which speaks of somebody else, that is not
    /// the same as none: a call may have been made that nobody remembers.
    Ignored(RecordFault),
}

/// Why a record can't be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// It is longer than [`RECORD_MAX`].
    #[error("the record is too long")]
    TooLong,
    /// It is not what this version writes.
    #[error("the record cannot be read")]
    Malformed,
    /// It speaks of another address than the spec.
    #[error("the record is about another address")]
    OtherEmail,
}

impl Record {
    /// Reads the record of the object with that uid and address.
    pub fn parse(annotations: &BTreeMap<String, String>, uid: &str, email: &str) -> FoundRecord {
        let Some(text) = annotations.get(RECORD) else {
            return FoundRecord::Absent;
        };
        if text.len() > RECORD_MAX {
            return FoundRecord::Ignored(RecordFault::TooLong);
        }
        let Ok(record) = serde_json::from_str::<Box<Self>>(text) else {
            return FoundRecord::Ignored(RecordFault::Malformed);
        };
        if !record.email.eq_ignore_ascii_case(email) {
            return FoundRecord::Ignored(RecordFault::OtherEmail);
        }
        if record.uid == uid { FoundRecord::Own(record) } else { FoundRecord::Foreign(record) }
    }

    /// The annotation's value.
    pub fn to_annotation(&self) -> Result<String, RecordFault> {
        let text = serde_json::to_string(self).map_err(|_| RecordFault::Malformed)?;
        if text.len() > RECORD_MAX { Err(RecordFault::TooLong) } else { Ok(text) }
    }
}

#[cfg(test)]
mod tests;
