//! What the vendors did to people: every mail sent, and every grant made with or without a mail. Append-only, never
//! de-duplicated, so that it is the truth against which "one mail for one intent" is checked.

use serde::{Deserialize, Serialize};

use crate::{clock::Clock, text::normal, vendor::TenantId};

/// Why a mail was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MailKind {
    /// To somebody without an account: sign up and accept.
    Invitation,
    /// To somebody who has an account: you were given access.
    AccessGranted,
}

/// One mail to one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Mail {
    /// Position in the ledger, from 1, shared with [`Creation`].
    pub sequence: u64,
    /// When, in real milliseconds since the epoch.
    pub time: u64,
    /// The tenant on whose behalf.
    pub tenant: TenantId,
    /// The address, trimmed and lower-cased.
    pub email: String,
    /// The address as the request had it.
    pub email_as_written: String,
    /// What the mail says.
    pub kind: MailKind,
    /// Sequence number of the call that caused it (see [`crate::Operation`]); 0 for the control API.
    pub operation: u64,
}

/// What a call did to one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Effect {
    /// A new pending invitation.
    InvitationCreated,
    /// A pending invitation was renewed.
    InvitationRefreshed,
    /// A pending invitation was found and left as it was.
    InvitationUnchanged,
    /// Became a member at once.
    MemberAdded,
    /// A member was given roles by an invite call.
    RolesGranted,
}

/// One grant to one person, whether or not a mail told them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Creation {
    /// Position in the ledger, from 1, shared with [`Mail`].
    pub sequence: u64,
    /// When, in real milliseconds since the epoch.
    pub time: u64,
    /// The tenant.
    pub tenant: TenantId,
    /// The address, trimmed and lower-cased.
    pub email: String,
    /// The address as the request had it.
    pub email_as_written: String,
    /// What was done.
    pub effect: Effect,
    /// Whether a mail was sent with it.
    pub mail_sent: bool,
    /// Sequence number of the call that caused it; 0 for the control API.
    pub operation: u64,
}

/// The ledger of all vendors.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    sequence: u64,
    pub(crate) mails: Vec<Mail>,
    pub(crate) creations: Vec<Creation>,
}

impl Ledger {
    /// Notes what was done to a person, and the mail about it if there was one.
    pub(crate) fn grant(
        &mut self,
        tenant: &TenantId,
        email: &str,
        effect: Effect,
        mail: Option<MailKind>,
        operation: u64,
    ) {
        let time = Clock::real();
        self.sequence += 1;
        self.creations.push(Creation {
            sequence: self.sequence,
            time,
            tenant: tenant.clone(),
            email: normal(email),
            email_as_written: email.to_owned(),
            effect,
            mail_sent: mail.is_some(),
            operation,
        });
        if let Some(kind) = mail {
            self.mail(tenant, email, kind, operation);
        }
    }

    /// Notes a mail that comes with no grant.
    pub(crate) fn mail(&mut self, tenant: &TenantId, email: &str, kind: MailKind, operation: u64) {
        self.sequence += 1;
        self.mails.push(Mail {
            sequence: self.sequence,
            time: Clock::real(),
            tenant: tenant.clone(),
            email: normal(email),
            email_as_written: email.to_owned(),
            kind,
            operation,
        });
    }
}
