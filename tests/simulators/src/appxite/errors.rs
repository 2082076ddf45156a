//! Errors as gateway and API are likely to word them. 1.3.6.

use serde_json::{Map, Value, json};

use super::{choices::AppXiteErrors, knobs::AppXiteKnobs};
use crate::{http::Reply, text::random_hex};

/// 1.3.6 \[3P X1\].
pub(super) const NO_KEY: &str = "Access denied due to missing subscription key. Make sure to include subscription key \
                                 when making requests to an API.";
/// 1.3.6 \[3P X1\].
pub(super) const BAD_KEY: &str = "Access denied due to invalid subscription key. Make sure to provide a valid key for \
                                  an active subscription.";

/// An error of the gateway (Azure API Management), with this message.
pub(super) fn gateway(knobs: &AppXiteKnobs, status: u16, message: &str) -> Reply {
    let body = json!({"statusCode": status, "message": message});
    styled(knobs, status, message).unwrap_or_else(|| Reply::json(status, &body))
}

/// An error of the API: RFC 7807, with what is wrong about which field.
pub(super) fn problem(knobs: &AppXiteKnobs, status: u16, wrong: &[(String, &str)]) -> Reply {
    let title = match status {
        400 => "One or more validation errors occurred.",
        403 => "Forbidden",
        404 => "Not Found",
        409 => "Conflict",
        _ => "An error occurred while processing your request.",
    };
    let trace = format!("00-{}-{}-00", random_hex(16), random_hex(8));
    let mut body = json!({"type": "about:blank", "title": title, "status": status, "traceId": trace});
    if !wrong.is_empty() {
        let errors: Map<String, Value> =
            wrong.iter().map(|(field, said)| (field.clone(), json!([said]))).collect();
        body["errors"] = Value::Object(errors);
    }
    styled(knobs, status, title)
        .unwrap_or_else(|| Reply::text(status, "application/problem+json", body.to_string()))
}

/// One field of an API's error.
pub(super) fn invalid(knobs: &AppXiteKnobs, field: &str, said: &str) -> Reply {
    problem(knobs, 400, &[(field.to_owned(), said)])
}

/// The body for a status as the knobs want it.
pub(super) fn of_status(knobs: &AppXiteKnobs, status: u16) -> Reply {
    match status {
        401 => gateway(knobs, 401, "Unauthorized"),
        404 => gateway(knobs, 404, "Resource not found"), // 1.3.6 [INF].
        429 => gateway(knobs, 429, "Rate limit is exceeded. Try again in 1 seconds."), // 1.3.6 [3P X2].
        500.. => gateway(knobs, status, "Internal server error"),
        _ => problem(knobs, status, &[]),
    }
}

fn styled(knobs: &AppXiteKnobs, status: u16, text: &str) -> Option<Reply> {
    match knobs.error_bodies {
        AppXiteErrors::Inferred => None,
        AppXiteErrors::Text => Some(Reply::text(status, "text/plain", text.to_owned())),
        AppXiteErrors::Html => Some(Reply::html(status)),
        AppXiteErrors::Empty => Some(Reply::empty(status)),
    }
}
