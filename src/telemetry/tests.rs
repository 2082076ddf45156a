use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use super::*;

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn logged(log_format: LogFormat, filter: &str, log: impl FnOnce()) -> String {
    let output = Output::default();
    let writer = output.clone();
    let subscriber = subscriber(log_format, filter, move || writer.clone()).unwrap();
    tracing::subscriber::with_default(subscriber, log);
    let bytes = output.0.lock().unwrap().clone();
    String::from_utf8(bytes).unwrap()
}

/// What somebody could put into a name to forge a second record, or to play with a terminal.
const FORGERY: &str = "ada\n2026-01-01 INFO forged\r\u{1b}[31mred\u{2028}\u{85}\u{7f}end";

#[test]
fn a_record_is_one_line_of_text_whatever_it_contains() {
    let text = logged(LogFormat::Text, "info", || {
        let span = tracing::info_span!("outer", name = FORGERY);
        let _entered = span.enter();
        tracing::info!(name = FORGERY, shown = %FORGERY, "{FORGERY}");
    });
    assert_eq!(text.matches('\n').count(), 1, "{text:?}");
    assert!(text.ends_with('\n'));
    assert!(text.trim_end_matches('\n').chars().all(|c| !c.is_control() && c != '\u{2028}'), "{text:?}");
    assert!(text.contains("ada\\n2026"), "{text:?}");
}

#[test]
fn a_record_is_one_json_object() {
    let text = logged(LogFormat::Json, "info", || tracing::info!(name = FORGERY, "said"));
    let record: serde_json::Value = serde_json::from_str(text.trim_end()).unwrap();
    assert_eq!(text.matches('\n').count(), 1);
    assert_eq!(record["message"], "said");
    assert_eq!(record["name"], FORGERY);
    assert_eq!(record["level"], "INFO");
}

#[test]
fn the_filter_counts() {
    let text = logged(LogFormat::Text, "warn,loud=debug", || {
        tracing::info!("one");
        tracing::warn!("two");
        tracing::debug!(target: "loud", "three");
    });
    assert!(!text.contains("one") && text.contains("two") && text.contains("three"), "{text}");
}

#[test]
fn nothing_that_quotes_or_repeats_is_logged_at_any_level() {
    let text = logged(LogFormat::Text, "trace", || {
        tracing::warn!(target: "kube_client::client", "a whole answer");
        tracing::trace!(target: "h2::codec::framed_read", "a frame");
        tracing::debug!(target: "hyper_util::client::legacy", "a request");
        tracing::debug!(target: "reqwest::connect", "bytes");
        tracing::error!(target: "kube_client::client::builder", "failed with status 500");
        tracing::debug!(target: "kube_client::client::builder", "requesting");
        tracing::debug!(target: "h2o", "another crate");
        tracing::trace!("ours");
    });
    let kept: Vec<_> = text.lines().map(|line| line.rsplit(": ").next().unwrap()).collect();
    assert_eq!(kept, ["requesting", "another crate", "ours"]);
}

#[test]
fn a_filter_that_cannot_be_read_is_an_error() {
    assert!(check_filter("info,kube=info").is_ok());
    assert!(check_filter("=loud").is_err());
}

#[test]
fn a_hashed_address_is_found_by_whoever_knows_it() {
    assert_eq!(LogEmails::Plain.shown("ada@example.com"), "ada@example.com");
    let known_elsewhere = "b5fc85e55755f9e0d030a10ab4429b6b2944855f9a0d60077fe832becbc41d72";
    assert_eq!(LogEmails::Hashed.shown("ada@example.com"), format!("sha256:{known_elsewhere}"));
}
