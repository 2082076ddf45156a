//! What an invitation asks for, in a form that can be compared: people with equal terms share a call.

use super::grant::Grant;

/// Which mails a vendor is asked to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Notification {
    /// Every mail the vendor sends by default.
    Send,
    /// Only mails to people who have no account at the vendor yet.
    NewAccountsOnly,
    /// No mail at all.
    Suppress,
}

/// What the people of one invite call have in common.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InviteTerms {
    /// What they are granted by the call, sorted, in the vendor's ids; empty: what the vendor gives by itself.
    pub grants: Vec<Grant>,
    /// Which mails are sent.
    pub notification: Notification,
}
