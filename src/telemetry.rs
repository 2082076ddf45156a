//! The log: one line for each record, as JSON or text.
//!
//! Records name objects and give reasons; they never contain an object, a body or a header. Crates
//! below us that would write such things at a fine level are held at a coarse one, whatever the filter.

mod cause;
#[cfg(feature = "otlp")]
pub mod traces;

use std::fmt;
use std::io;

use clap::ValueEnum;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::filter::{EnvFilter, FilterExt, FilterFn, ParseError, filter_fn};
use tracing_subscriber::fmt::format::{self, FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::{FmtContext, MakeWriter};
use tracing_subscriber::layer::{Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::{SubscriberInitExt, TryInitError};

/// Crates that move bytes; their finest levels can show parts of requests and answers.
const TRANSPORT: [&str; 7] = ["h2", "hyper", "hyper_util", "hyper_rustls", "reqwest", "rustls", "tower_http"];
/// Writes a whole answer as a warning when it cannot be decoded, also a Secret.
const QUOTES_ANSWERS: &str = "kube_client::client";
/// Logs each failed request as an error, which its caller gets as well, and reports with what it means.
const REPEATS_ERRORS: &str = "kube_client::client::builder";

pub use cause::{Cause, SPANS};

/// The form of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// One JSON object per line.
    Json,
    /// One line of text per record.
    Text,
}

/// How the addresses of people stand in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogEmails {
    /// As they are, lower-cased.
    Plain,
    /// As SHA-256 of the lower-cased address, so that a line can be found by whoever knows the address.
    Hashed,
}

impl LogEmails {
    /// An address (lower-cased) as it stands in the log.
    pub fn shown(self, email: &str) -> String {
        match self {
            Self::Plain => email.to_owned(),
            Self::Hashed => {
                let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, email.as_bytes());
                digest.as_ref().iter().fold(String::from("sha256:"), |text, byte| format!("{text}{byte:02x}"))
            }
        }
    }
}

/// Why a log filter cannot be read.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct FilterError(#[from] ParseError);

/// Why the log cannot be started.
#[derive(Debug, thiserror::Error)]
pub enum TelemetryError {
    /// The filter cannot be read.
    #[error("the log filter cannot be read")]
    Filter(#[from] FilterError),
    /// There is a log already.
    #[error("the log was started twice")]
    Started(#[from] TryInitError),
}

/// Why there are no traces.
#[cfg(feature = "otlp")]
#[derive(Debug, thiserror::Error)]
pub enum TracesError {
    /// The collector cannot be called.
    #[error("no client can be made for the collector of traces")]
    Client(#[source] reqwest::Error),
    /// The variables of the environment do not fit.
    #[error("the settings of the collector of traces cannot be used")]
    Exporter(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// There is nothing that could call it.
    #[error("traces were started without a runtime")]
    NoRuntime,
}

/// Whether the filter can be read.
pub fn check_filter(filter: &str) -> Result<(), FilterError> {
    EnvFilter::try_new(filter)?;
    Ok(())
}

/// Starts the log of this process, on standard error, and sends panics there as well.
pub fn start(log_format: LogFormat, filter: &str) -> Result<(), TelemetryError> {
    subscriber(log_format, filter, io::stderr)?.try_init()?;
    report_panics();
    Ok(())
}

/// The same, with traces beside it.
#[cfg(feature = "otlp")]
pub fn start_with(
    log_format: LogFormat,
    filter: &str,
    traces: Option<&traces::Traces>,
) -> Result<(), TelemetryError> {
    let layer = traces.map(traces::Traces::layer);
    subscriber(log_format, filter, io::stderr)?.with(layer).try_init()?;
    report_panics();
    Ok(())
}

fn report_panics() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let payload = panic.payload();
        let message = payload.downcast_ref::<&str>().copied();
        let message = message.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
        tracing::error!(place, "panic: {}", message.unwrap_or("without a message"));
    }));
}

fn subscriber<W>(
    log_format: LogFormat,
    filter: &str,
    writer: W,
) -> Result<impl Subscriber + for<'a> LookupSpan<'a> + Send + Sync + use<W>, FilterError>
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let filter = EnvFilter::try_new(filter)?.and(discretion());
    let layer = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer);
    let layer = match log_format {
        LogFormat::Json => layer.json().flatten_event(true).with_current_span(false).boxed(),
        LogFormat::Text => layer.event_format(OneLine(format::format().with_ansi(false))).boxed(),
    };
    Ok(tracing_subscriber::registry().with(layer.with_filter(filter)))
}

/// Lets nothing through that could quote a request or an answer, or that is told twice.
fn discretion() -> FilterFn<fn(&Metadata<'_>) -> bool> {
    fn is_discreet(metadata: &Metadata<'_>) -> bool {
        let target = metadata.target();
        let root = target.split("::").next().unwrap_or(target);
        if target == SPANS {
            return false;
        }
        let finest = if target == QUOTES_ANSWERS {
            Level::ERROR
        } else if TRANSPORT.contains(&root) {
            Level::INFO
        } else {
            Level::TRACE
        };
        *metadata.level() <= finest && !(target == REPEATS_ERRORS && *metadata.level() == Level::ERROR)
    }
    filter_fn(is_discreet)
}

/// A format whose records are one line each, whatever their values contain.
struct OneLine<F>(F);

impl<S, N, F> FormatEvent<S, N> for OneLine<F>
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
    F: FormatEvent<S, N>,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let mut record = String::new();
        self.0.format_event(context, Writer::new(&mut record), event)?;
        write_line(writer, record.strip_suffix('\n').unwrap_or(&record))
    }
}

/// Writes the text as one line: control characters and other line ends are escaped.
fn write_line(mut writer: Writer<'_>, text: &str) -> fmt::Result {
    for character in text.chars() {
        if character.is_control() || matches!(character, '\u{2028}' | '\u{2029}') {
            write!(writer, "{}", character.escape_default())?;
        } else {
            writer.write_char(character)?;
        }
    }
    writer.write_char('\n')
}

#[cfg(test)]
mod tests;
