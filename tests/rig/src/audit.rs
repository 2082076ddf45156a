//! Reads the API server's audit log: who asked for what, as the server saw it.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::Deserialize;

/// One line of the audit log. A watch has two: when it starts and when it ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Id of the request, the same on all of its lines.
    pub id: String,
    /// Name of the user, such as `system:serviceaccount:team-a:default`.
    pub user: String,
    /// Verb as RBAC knows it: get, list, watch, create, update, patch, delete, deletecollection.
    pub verb: String,
    /// Plural of the resource; empty for other URLs.
    pub resource: String,
    /// Subresource such as `status`, or empty.
    pub subresource: String,
    /// API group; empty for the core group.
    pub api_group: String,
    /// Namespace, or empty.
    pub namespace: String,
    /// Name of the object, or empty.
    pub name: String,
    /// Path and query of the request.
    pub uri: String,
    /// HTTP code of the answer; 0 when there is none.
    pub code: u16,
    /// `ResponseStarted` (watches only), `ResponseComplete` or `Panic`.
    pub stage: String,
    /// When the request came in.
    pub time: Timestamp,
    /// The client's User-Agent.
    pub user_agent: String,
}

/// What kind of request it was: verb, resource and subresource.
pub type RequestKind = (String, String, String);

/// The audit log of a control plane.
#[derive(Debug, Clone)]
pub struct AuditLog {
    path: PathBuf,
}

impl AuditLog {
    /// The log in this file; it need not exist yet.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The offset behind the last complete line: a mark for [`AuditLog::read_since`].
    pub fn end(&self) -> u64 {
        self.complete_lines(0).1
    }

    /// Reads the complete lines behind `offset`, and the offset to go on from.
    ///
    /// A request's line is written about when its answer leaves, so the last one may be some milliseconds late.
    pub fn read_since(&self, offset: u64) -> (Vec<AuditEntry>, u64) {
        let (text, end) = self.complete_lines(offset);
        let entries = text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            // An oracle must not lose lines in silence.
            .map(|line| {
                Line::parse(line).unwrap_or_else(|| panic!("audit log: {}", String::from_utf8_lossy(line)))
            })
            .collect();
        (entries, end)
    }

    fn complete_lines(&self, offset: u64) -> (Vec<u8>, u64) {
        let mut text = Vec::new();
        match File::open(&self.path) {
            Ok(mut file) => {
                file.seek(SeekFrom::Start(offset)).expect("seek in the audit log");
                file.read_to_end(&mut text).expect("read the audit log");
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => panic!("open {}: {error}", self.path.display()),
        }
        // The server may be in the middle of a line.
        text.truncate(text.iter().rposition(|byte| *byte == b'\n').map_or(0, |last| last + 1));
        let end = offset + u64::try_from(text.len()).expect("a file's length fits");
        (text, end)
    }

    /// Reads the whole log.
    pub fn read(&self) -> Vec<AuditEntry> {
        self.read_since(0).0
    }
}

/// The entries of one user.
pub fn by_user<'a>(entries: &'a [AuditEntry], user: &str) -> Vec<&'a AuditEntry> {
    entries.iter().filter(|entry| entry.user == user).collect()
}

/// Counts requests by kind; the two lines of a watch count as one request.
pub fn count<'a>(entries: impl IntoIterator<Item = &'a AuditEntry>) -> BTreeMap<RequestKind, usize> {
    let mut seen = HashSet::new();
    let mut counts = BTreeMap::new();
    for entry in entries {
        if seen.insert(&entry.id) {
            let kind = (entry.verb.clone(), entry.resource.clone(), entry.subresource.clone());
            *counts.entry(kind).or_default() += 1;
        }
    }
    counts
}

/// The user name of a service account.
pub fn service_account_user(namespace: &str, name: &str) -> String {
    format!("system:serviceaccount:{namespace}:{name}")
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Line {
    #[serde(rename = "auditID")]
    audit_id: String,
    stage: String,
    #[serde(rename = "requestURI")]
    request_uri: String,
    verb: String,
    #[serde(default)]
    user: User,
    #[serde(default)]
    user_agent: String,
    #[serde(default)]
    object_ref: ObjectRef,
    #[serde(default)]
    response_status: ResponseStatus,
    request_received_timestamp: String,
}

#[derive(Default, Deserialize)]
struct User {
    #[serde(default)]
    username: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct ObjectRef {
    resource: String,
    subresource: String,
    api_group: String,
    namespace: String,
    name: String,
}

#[derive(Default, Deserialize)]
struct ResponseStatus {
    #[serde(default)]
    code: u16,
}

impl Line {
    fn parse(line: &[u8]) -> Option<AuditEntry> {
        let line: Self = serde_json::from_slice(line).ok()?;
        Some(AuditEntry {
            id: line.audit_id,
            user: line.user.username,
            verb: line.verb,
            resource: line.object_ref.resource,
            subresource: line.object_ref.subresource,
            api_group: line.object_ref.api_group,
            namespace: line.object_ref.namespace,
            name: line.object_ref.name,
            uri: line.request_uri,
            code: line.response_status.code,
            stage: line.stage,
            time: line.request_received_timestamp.parse().ok()?,
            user_agent: line.user_agent,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::files::ScratchFile;

    fn line(id: &str, user: &str, verb: &str, stage: &str) -> String {
        format!(
            concat!(
                r#"{{"kind":"Event","level":"Metadata","auditID":"{}","stage":"{}","requestURI":"/api/v1/x","#,
                r#""verb":"{}","user":{{"username":"{}"}},"objectRef":{{"resource":"pods","apiVersion":"v1"}},"#,
                r#""responseStatus":{{"metadata":{{}},"code":200}},"#,
                r#""requestReceivedTimestamp":"2026-01-02T03:04:05.678901Z"}}"#,
                "\n"
            ),
            id, stage, verb, user
        )
    }

    fn log(name: &str, content: &str) -> (ScratchFile, AuditLog) {
        let file = ScratchFile::new(name);
        fs::write(&file.0, content).expect("write a log");
        let log = AuditLog::new(&file.0);
        (file, log)
    }

    #[test]
    fn a_partial_last_line_is_left_for_the_next_read() {
        let whole = line("1", "ada", "get", "ResponseComplete");
        let rest = line("2", "bob", "get", "ResponseComplete");
        let (_file, log) = log("partial", &format!("{whole}{}", &rest[..40]));
        let (entries, offset) = log.read_since(0);
        assert_eq!(entries.len(), 1);
        assert_eq!(offset, whole.len() as u64);

        fs::write(&log.path, format!("{whole}{rest}")).expect("write the log");
        let (entries, offset) = log.read_since(offset);
        assert_eq!(entries[0].user, "bob");
        assert_eq!(offset, log.end());
    }

    #[test]
    #[should_panic(expected = "audit log: {\"kind\"")]
    fn a_line_that_is_not_understood_is_not_lost_in_silence() {
        let (_file, log) = log("broken", "{\"kind\":\"Event\"}\n");
        log.read();
    }

    #[test]
    fn a_watch_counts_once() {
        let text = [
            line("1", "ada", "watch", "ResponseStarted"),
            line("1", "ada", "watch", "ResponseComplete"),
            line("2", "ada", "get", "ResponseComplete"),
            line("3", "bob", "get", "ResponseComplete"),
        ]
        .concat();
        let (_file, log) = log("watch", &text);
        let entries = log.read();
        let kind = |verb: &str| (verb.to_owned(), "pods".to_owned(), String::new());
        assert_eq!(count(by_user(&entries, "ada")), BTreeMap::from([(kind("watch"), 1), (kind("get"), 1)]));
        assert_eq!(count(&entries)[&kind("get")], 2);
        assert_eq!(entries[0].time.to_string(), "2026-01-02T03:04:05.678901Z");
    }

    #[test]
    fn a_log_that_does_not_exist_yet_is_empty() {
        let log = AuditLog::new(Path::new("/nonexistent/audit.log"));
        assert_eq!(log.read_since(0), (Vec::new(), 0));
    }
}
