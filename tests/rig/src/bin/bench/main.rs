//! The benchmark: what the operator costs the API server and the vendor, as ratios. Counted from the API server's
//! audit log and the simulator's own log, never from what the operator says of itself.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on has to stop, with a non-zero exit code; said once here"
)]

mod count;
mod load;
mod report;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use test_rig::{ControlPlaneOptions, Lab, OperatorOptions, files};
use vendor_simulators::Filter;

/// Measures the operator against a real API server and a simulated vendor.
#[derive(Debug, Parser)]
struct Arguments {
    /// The operator's program
    #[arg(long, value_name = "FILE")]
    operator: PathBuf,
    /// The folder of results and raw logs
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
    /// How many people are invited
    #[arg(long, default_value_t = 2_000)]
    people: usize,
}

/// The most people in one call to VMware.
const BATCH_SIZE: usize = 20;

/// How long nothing must have happened before the quiet minute begins: longer than the numbers in a provider's
/// status lag behind.
const CALM: Duration = Duration::from_secs(15);

/// The quiet minute.
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let results = measure(&arguments).await;
    report::write(&arguments.output.join("results.json"), &results);
    report::print(&results);
    say(&format!("Results and raw logs: {}", arguments.output.display()));
    if results.iter().all(|result| result.holds) { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn measure(arguments: &Arguments) -> Vec<report::Row> {
    say("bench: starting control plane and simulator");
    let output = files::fresh_folder(
        arguments.output.parent().unwrap_or(Path::new(".")),
        &arguments.output.file_name().expect("the output has a name").to_string_lossy(),
    );
    let lab = Lab::start(&output, &arguments.operator, ControlPlaneOptions::default()).await;
    let namespace = lab.namespace("bench").await;
    let org = load::provider(&namespace).await;
    // The product's own times, but for the timer that reads credentials again: the quiet minute is to see it.
    let options = OperatorOptions {
        default_times: true,
        flags: vec!["--credentials-refresh-seconds=25".to_owned()],
        ..OperatorOptions::default()
    };
    let mut operator = lab.operator("operator", &options).await;
    operator.ready().await;
    namespace.wait_for_provider("csp", "Ready").await;

    let audit = lab.control_plane.audit_log();
    let (audit_mark, vendor_mark) = (audit.end(), last_operation(&lab));
    let begun = Instant::now();
    load::people(&namespace, arguments.people).await;
    load::until_invited(&namespace, arguments.people).await;
    let took = begun.elapsed();
    say(&format!("bench: {} people invited in {:.1} s", arguments.people, took.as_secs_f64()));
    pause("calm", CALM).await;
    let (busy, quiet_mark) = audit.read_since(audit_mark);
    let busy_calls = lab.vendors().operations(&Filter::tenant(&org).after(vendor_mark));

    let quiet_vendor_mark = last_operation(&lab);
    pause("quiet minute", MINUTE).await;
    let (quiet, _) = audit.read_since(quiet_mark);
    let quiet_calls = lab.vendors().operations(&Filter::default().after(quiet_vendor_mark));

    let rows = vec![
        count::writes(&busy, arguments.people),
        count::reads(&busy, arguments.people),
        count::calls(&busy_calls, arguments.people, BATCH_SIZE),
        count::quiet(&quiet, &quiet_calls),
    ];
    std::fs::copy(lab.control_plane.audit_log_path(), output.join("audit.log")).expect("copy the audit log");
    report::write(&output.join("operations.json"), &lab.vendors().operations(&Filter::default()));
    drop(operator);
    lab.stop().await;
    rows
}

fn last_operation(lab: &Lab) -> u64 {
    lab.vendors().operations(&Filter::default()).last().map_or(0, |operation| operation.sequence)
}

/// Waits, and says so.
async fn pause(what: &str, time: Duration) {
    let end = Instant::now() + time;
    while let Some(left) = end.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
        say(&format!("bench: {what}, {} s to go", left.as_secs_f64().round()));
        tokio::time::sleep(left.min(Duration::from_secs(8))).await;
    }
}

/// A line for people. A reader that has gone is no reason to fail.
fn say(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{text}");
    let _ = output.flush();
}
