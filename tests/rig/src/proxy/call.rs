//! What a request asks for, in the words of the logs on the other side.

use std::sync::Arc;

use serde_json::Value;

/// A request as a proxy sees it.
#[derive(Debug)]
pub struct Seen<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// Path without the query.
    pub path: &'a str,
    /// The query, as written.
    pub query: &'a str,
    /// The whole body.
    pub body: &'a [u8],
}

impl Seen<'_> {
    /// The path's segments.
    pub fn segments(&self) -> Vec<&str> {
        self.path.split('/').filter(|segment| !segment.is_empty()).collect()
    }

    /// A query parameter, decoded.
    pub fn parameter(&self, name: &str) -> Option<String> {
        form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }

    /// The body, if it is JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(self.body).unwrap_or_default()
    }
}

/// What a request asks for, and in whose life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Such as `patch userinvitations/status` or `vmware.invite`.
    pub operation: String,
    /// The people or objects it is about; a call for several people is a step in the life of each.
    pub subjects: Vec<String>,
    /// It comes again and again, whatever happens: the lease, watches, sweeps.
    pub routine: bool,
    /// It changes something.
    pub writes: bool,
}

/// Says what a request asks for.
pub type Classify = Arc<dyn Fn(&Seen<'_>) -> Call + Send + Sync>;
