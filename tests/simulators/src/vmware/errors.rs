//! Errors as the vendor words them. B4.

use serde_json::json;

use super::knobs::VmwareKnobs;
use crate::{http::Reply, text::random_hex};

/// Makes errors in the form the knobs ask for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Errors {
    live_fields: bool,
}

impl From<&VmwareKnobs> for Errors {
    fn from(knobs: &VmwareKnobs) -> Self {
        Self { live_fields: knobs.live_error_fields }
    }
}

impl Default for Errors {
    fn default() -> Self {
        Self { live_fields: true }
    }
}

impl Errors {
    /// An error with its own message. B4: all fields of `CspErrorResponse` are optional, the live ones more so.
    pub(super) fn say(self, status: u16, message: &str) -> Reply {
        let trace = random_hex(8);
        let mut body = json!({
            "statusCode": status, "moduleCode": 540, "cspErrorCode": format!("am-{status}"), "message": message,
            "requestId": trace,
        });
        if self.live_fields {
            body["metadata"] = json!(null);
            body["traceId"] = json!(trace);
        }
        Reply::json(status, &body)
    }

    /// An error with the documented text of its status. B4.
    pub(super) fn status(self, status: u16) -> Reply {
        let text = match status {
            400 => "Invalid request body",
            401 => "The user is not authorized to use the API",
            403 => "The user is forbidden to use the API",
            404 => "Organization with this identifier is not found.",
            409 => "The request could not be processed due to a conflict",
            429 => "The user has sent too many requests",
            _ => "An unexpected error has occurred while processing the request",
        };
        self.say(status, text)
    }
}
