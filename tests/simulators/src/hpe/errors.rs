//! Errors as API and gateway word them. A5.

use serde_json::json;

use super::knobs::{GatewayBody, HpeKnobs};
use crate::{http::Reply, text::random_hex};

/// An error of the API itself: the envelope, all four fields.
pub(super) fn api(status: u16, message: &str) -> Reply {
    // A5: no code is documented for the identity API; these are those of its siblings.
    let code = match status {
        400 => "HPE_GL_ERROR_BAD_REQUEST",
        401 => "HPE_GL_ERROR_UNAUTHORIZED",
        403 => "HPE_GL_ERROR_FORBIDDEN",
        404 => "HPE_GL_ERROR_NOT_FOUND",
        409 => "HPE_GL_ERROR_CONFLICT",
        429 => "HPE_GL_ERROR_TOO_MANY_REQUESTS",
        503 => "HPE_GL_ERROR_SERVICE_UNAVAILABLE",
        500.. => "HPE_GL_ERROR_INTERNAL_SERVER_ERROR",
        _ => "HPE_GL_ERROR_UNPROCESSABLE",
    };
    coded(status, code, message)
}

/// An error of the API with a code of its own.
pub(super) fn coded(status: u16, code: &str, message: &str) -> Reply {
    let body =
        json!({"debugId": random_hex(16), "httpStatusCode": status, "errorCode": code, "message": message});
    Reply::json(status, &body)
}

/// An error of the gateway before the API.
pub(super) fn gateway(status: u16, knobs: &HpeKnobs) -> Reply {
    let message = match status {
        401 => "Unauthorized",
        404 => "no Route matched with those values",
        429 => "API rate limit exceeded",
        _ => "An unexpected error occurred",
    };
    match knobs.gateway_body {
        GatewayBody::Plain => Reply::json(status, &json!({"message": message})),
        GatewayBody::Envelope => api(status, message),
        GatewayBody::Html => Reply::html(status),
        GatewayBody::Empty => Reply::empty(status),
    }
}

/// The error for a status as the knobs want it: 401, 404 and 429 come from the gateway.
pub(super) fn of_status(status: u16, knobs: &HpeKnobs) -> Reply {
    match status {
        401 | 404 | 429 => gateway(status, knobs),
        _ => api(status, "The request could not be processed"),
    }
}
