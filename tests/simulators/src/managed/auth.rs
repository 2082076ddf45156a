//! Who calls. 2.1.

use crate::http::Request;

/// The token of a request: `Authorization: Api-Token …`, or the query parameter in either of its spellings.
pub(super) fn offered(request: &Request) -> Option<&str> {
    let header = request.header("authorization").and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("api-token").then(|| token.trim())
    });
    header.or_else(|| request.query("api-token")).or_else(|| request.query("Api-Token"))
}
