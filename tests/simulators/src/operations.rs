//! The log of every request, with what became of it and never a credential.

use serde::{Deserialize, Serialize};

use crate::{
    clock::Clock,
    http::Request,
    vendor::{Call, Vendor},
};

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Ending {
    /// Still being worked on.
    Running,
    /// A response was sent (or at least handed to a client that may have gone).
    Answered,
    /// The connection was closed without a response.
    Dropped,
}

/// One request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Operation {
    /// Position in the log, from 1.
    pub sequence: u64,
    /// When it arrived whole, in real milliseconds since the epoch.
    pub started: u64,
    /// When the reply was ready.
    pub ended: Option<u64>,
    /// The vendor whose server was called.
    pub vendor: Vendor,
    /// The tenant, where path, token or credential name one.
    pub tenant: Option<String>,
    /// What was asked for, such as `vmware.invite`.
    pub operation: String,
    /// The HTTP method.
    pub method: String,
    /// Path and query; credentials in the query are replaced.
    pub target: String,
    /// The status sent.
    pub status: Option<u16>,
    /// How it ended.
    pub ending: Ending,
    /// E-mail addresses the request names, lower-cased.
    pub emails: Vec<String>,
    /// Ids the request names.
    pub ids: Vec<String>,
    /// Names of the request's headers.
    pub headers: Vec<String>,
    /// Whether the fault injector touched it.
    pub faulted: bool,
    /// Whether the vendor's own work was reached (not so after a fault or limit before the commit).
    pub performed: bool,
}

/// The log of all vendors.
#[derive(Debug, Default)]
pub(crate) struct OperationLog {
    pub(crate) entries: Vec<Operation>,
}

impl OperationLog {
    /// Notes the arrival of a request and numbers it.
    pub(crate) fn begin(&mut self, vendor: Vendor, request: &Request, call: &Call) -> u64 {
        let sequence = self.entries.len() as u64 + 1;
        self.entries.push(Operation {
            sequence,
            started: Clock::real(),
            ended: None,
            vendor,
            tenant: call.tenant.clone(),
            operation: call.operation.to_owned(),
            method: request.method.to_string(),
            target: request.logged_target(),
            status: None,
            ending: Ending::Running,
            emails: call.emails.clone(),
            ids: call.ids.clone(),
            headers: request.headers.keys().map(ToString::to_string).collect(),
            faulted: false,
            performed: false,
        });
        sequence
    }

    /// Changes the entry of a request under way.
    pub(crate) fn update(&mut self, sequence: u64, change: impl FnOnce(&mut Operation)) {
        let index = usize::try_from(sequence).unwrap_or_default().wrapping_sub(1);
        if let Some(entry) = self.entries.get_mut(index) {
            change(entry);
        }
    }
}
