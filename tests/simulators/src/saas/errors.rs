//! Errors in the shapes that were seen. 3.6.

use serde_json::json;

use super::knobs::{DynatraceSaasKnobs, SaasErrorForm};
use crate::{http::Reply, text::random_hex};

/// An error of users and groups, unless the knob wants another shape.
pub(super) fn api(knobs: &DynatraceSaasKnobs, status: u16, message: &str) -> Reply {
    let body = match knobs.error_form {
        SaasErrorForm::Flag => json!({"error": true, "payload": null, "message": message}),
        SaasErrorForm::Object => {
            json!({"error": {"code": status, "message": message, "errorsMap": null}})
        }
        SaasErrorForm::Flat => json!({"code": status, "message": message, "errorsMap": null}),
        SaasErrorForm::Gateway => return gateway(status, message),
        SaasErrorForm::Empty => return Reply::empty(status),
    };
    Reply::json(status, &body)
}

/// An error of the gateway.
pub(super) fn gateway(status: u16, message: &str) -> Reply {
    Reply::json(status, &json!({"message": message, "statusCode": status}))
}

/// The person is not there. 3.6: the documented message.
pub(super) fn no_user(knobs: &DynatraceSaasKnobs, email: &str) -> Reply {
    api(knobs, 404, &format!("User {email} not found"))
}

/// The token is not accepted. 3.6: the documented message.
pub(super) fn bad_token(knobs: &DynatraceSaasKnobs) -> Reply {
    api(knobs, 401, "Failed to validate access token.")
}

/// A refused token request. 3.1.
pub(super) fn token(status: u16) -> Reply {
    let message = if status == 401 { "Unauthorized" } else { "Bad Request" };
    Reply::json(
        status,
        &json!({"errorCode": status, "message": message, "issueId": random_hex(8).to_uppercase()}),
    )
}

/// A token request for scopes that the client does not have. 3.1.
pub(super) fn missing_scopes(missing: &[String]) -> Reply {
    let description = format!("The following scopes are missing: {}", missing.join(" "));
    Reply::json(400, &json!({"error": "invalid_request", "error_description": description}))
}

/// The error for a status: 401 says that the token is bad, 403, 429 and what is above 500 come from the gateway.
pub(super) fn of_status(knobs: &DynatraceSaasKnobs, status: u16) -> Reply {
    match status {
        401 => bad_token(knobs),
        403 => gateway(403, "Forbidden"),
        429 => gateway(429, "Too Many Requests"),
        501.. => gateway(status, "The service can't answer"),
        _ => api(knobs, status, "The request could not be processed"),
    }
}
