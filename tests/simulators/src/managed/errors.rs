//! Errors of the Cluster API. 2.8.

use serde_json::json;

use super::knobs::{DynatraceManagedKnobs, ErrorStyle, NotFoundBody};
use crate::http::Reply;

/// An error with the body that the knobs want.
pub(super) fn error(knobs: &DynatraceManagedKnobs, status: u16, message: &str) -> Reply {
    if status == 404 {
        match knobs.not_found_body {
            NotFoundBody::Empty => return Reply::empty(404),
            NotFoundBody::Html => return Reply::html(404),
            NotFoundBody::AsOthers => {}
        }
    }
    let envelope = json!({"error": {"code": status, "message": message, "constraintViolations": []}});
    match knobs.error_style {
        ErrorStyle::Envelope => Reply::json(status, &envelope),
        ErrorStyle::Array => Reply::json(status, &json!([envelope])),
        ErrorStyle::Empty => Reply::empty(status),
        ErrorStyle::Text => Reply::text(status, "text/plain", message.to_owned()),
    }
}

/// The error for a status, in no particular context.
pub(super) fn of_status(knobs: &DynatraceManagedKnobs, status: u16) -> Reply {
    let message = match status {
        400 => "The input is invalid",
        401 => "Token Authentication failed",
        403 => "The operation is forbidden",
        404 => "Not found",
        429 => "Too many requests",
        _ => "The request could not be processed",
    };
    error(knobs, status, message)
}
