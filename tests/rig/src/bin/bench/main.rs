//! The benchmark: what the operator costs the API server, the vendor and its machine, as ratios. Read from the API server's audit
//! log, the simulators' own log and Linux' books, never from what the operator says of itself.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a benchmark that cannot go on has to stop, with a non-zero exit code; said once here"
)]

mod count;
mod crowd;
mod limits;
mod load;
mod neighbours;
mod pace;
mod recovery;
mod report;
mod resources;
mod vendors;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use test_rig::{ControlPlaneOptions, Lab, OperatorOptions, files};
use vendor_simulators::Filter;

use crate::resources::{Processor, Replica};
use crate::vendors::Measured;

/// Measures the operator against a real API server and simulated vendors.
#[derive(Debug, Parser)]
struct Arguments {
    /// The operator's program
    #[arg(long, value_name = "FILE")]
    operator: PathBuf,
    /// The folder of results and raw logs
    #[arg(long, value_name = "FOLDER")]
    output: PathBuf,
    /// How many people are invited at each vendor
    #[arg(long, default_value_t = 2_000)]
    people: usize,
}

/// How long nothing must have happened before the quiet minute begins: longer than the numbers in a provider's
/// status lag behind.
const CALM: Duration = Duration::from_secs(15);

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let (results, idle) = measure(&arguments).await;
    report::write(&arguments.output.join("results.json"), &results);
    report::write(&arguments.output.join("resources.json"), &idle);
    report::print(&results);
    resources::print(&arguments.operator, &idle);
    say(&format!("Results and raw logs: {}", arguments.output.display()));
    if results.iter().all(|result| result.holds || !result.required) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

async fn measure(arguments: &Arguments) -> (Vec<report::Row>, Vec<resources::Idle>) {
    files::fresh_folder(
        arguments.output.parent().unwrap_or(Path::new(".")),
        &arguments.output.file_name().expect("the output has a name").to_string_lossy(),
    );
    // The product's own times, but for the timer that reads credentials again: the quiet minute is to see it.
    let options = OperatorOptions {
        default_times: true,
        flags: vec!["--credentials-refresh-seconds=25".to_owned()],
        ..OperatorOptions::default()
    };
    let people = arguments.people;
    let lab = start(arguments, "costs").await;
    let (mut rows, idle) = costs(&lab, &options, people).await;
    stop(lab, arguments, "costs").await;
    // How fast people are invited, each time in a lab of its own: nobody else is to be looked at meanwhile.
    let lab = start(arguments, "pace").await;
    rows.push(pace::writes(&lab, &options, people).await);
    stop(lab, arguments, "pace").await;
    let lab = start(arguments, "fault-free").await;
    let fault_free = recovery::without_a_fault(&lab, &options, people).await;
    stop(lab, arguments, "fault-free").await;
    let lab = start(arguments, "recovery").await;
    rows.push(recovery::after_a_kill(&lab, &options, people, fault_free).await);
    stop(lab, arguments, "recovery").await;
    let lab = start(arguments, "neighbours").await;
    rows.push(neighbours::beside_a_black_hole(&lab, &options).await);
    stop(lab, arguments, "neighbours").await;
    let lab = start(arguments, "limits").await;
    rows.extend(limits::rate(&lab, &options).await);
    stop(lab, arguments, "limits").await;
    rows.sort_by_key(report::Row::order);
    (rows, idle)
}

async fn start(arguments: &Arguments, name: &str) -> Lab {
    say(&format!("bench: {name}: starting control plane and simulators"));
    Lab::start(&arguments.output.join(name), &arguments.operator, ControlPlaneOptions::default()).await
}

/// Keeps the logs from which everything was counted.
async fn stop(lab: Lab, arguments: &Arguments, name: &str) {
    let folder = arguments.output.join(name);
    std::fs::copy(lab.control_plane.audit_log_path(), folder.join("audit.log")).expect("copy the audit log");
    report::write(&folder.join("operations.json"), &lab.vendors().operations(&Filter::default()));
    lab.stop().await;
}

/// What people cost who are invited, and then are there.
async fn costs(
    lab: &Lab,
    options: &OperatorOptions,
    people: usize,
) -> (Vec<report::Row>, Vec<resources::Idle>) {
    let replica = Replica::start(lab, options).await;
    let mut idle = vec![replica.idle("start", 0).await];
    let mut rows = Vec::new();
    for measured in &vendors::ALL {
        rows.extend(invite(lab, &replica, measured, people).await);
    }
    let audit = lab.control_plane.audit_log();
    let (quiet_mark, quiet_vendor_mark) = (audit.end(), last_operation(lab));
    let everybody = people * vendors::ALL.len();
    idle.push(replica.idle("inviting them", everybody).await);
    let (quiet, _) = audit.read_since(quiet_mark);
    let quiet_calls = lab.vendors().operations(&Filter::default().after(quiet_vendor_mark));
    rows.push(count::quiet(&quiet, &quiet_calls));
    replica.stop().await;
    let mark = last_operation(lab);
    let replica = Replica::start(lab, options).await;
    idle.push(replica.idle("start", everybody).await);
    rows.push(pace::first_call(lab, &replica, mark, everybody).await);
    rows.extend(resources::rows(lab, &idle).await);
    (rows, idle)
}

/// Invites people of one vendor, in a namespace of its own, and counts what that cost: what concerns no namespace, or this one,
/// but not what the providers of other vendors go on to read.
async fn invite(
    lab: &Lab,
    replica: &Replica,
    measured: &'static Measured,
    people: usize,
) -> [report::Row; 4] {
    let namespace = &lab.namespace(&format!("bench-{}", measured.provider)).await;
    let tenant = measured.tenant(namespace).await;
    let provider = namespace.wait_for_provider(measured.provider, "Ready").await;
    let batch = provider["status"]["capabilities"]["maxBatchSize"].as_u64().unwrap_or_default();
    let batch = usize::try_from(batch).expect("a small number").max(1);
    pause("calm", CALM).await;
    let audit = lab.control_plane.audit_log();
    let (audit_mark, vendor_mark) = (audit.end(), last_operation(lab));
    let (begun, processor) = (Instant::now(), Processor::now(lab, replica));
    load::people(namespace, measured, people).await;
    load::until_invited(namespace, measured, &tenant, people).await;
    let (took, taken) = (begun.elapsed().as_secs_f64(), Processor::now(lab, replica));
    say(&format!("bench: {}: {people} people invited in {took:.1} s", measured.provider));
    pause("calm", CALM).await;
    let (mut busy, _) = audit.read_since(audit_mark);
    busy.retain(|entry| entry.namespace.is_empty() || entry.namespace == namespace.name);
    let calls = lab.vendors().operations(&Filter::tenant(&tenant).after(vendor_mark));
    let vendor = measured.provider;
    [
        count::writes(vendor, &busy, people),
        count::reads(vendor, &busy, people),
        count::calls(measured, &calls, people, batch),
        processor.row(&taken, vendor, people),
    ]
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
