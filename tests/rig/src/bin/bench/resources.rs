//! What one replica takes of the machine, beside what the chart asks for.

use std::path::Path;
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, RunningOperator, WAIT};
use test_rig::usage::Usage;
use test_rig::{Lab, OperatorOptions};

use crate::report::{Row, Target};
use crate::{pause, say};

/// The quiet minute.
const MINUTE: Duration = Duration::from_secs(60);

const MIB: f64 = 1_048_576.0;

/// One replica that does nothing for a minute.
#[derive(Debug, Serialize)]
pub(crate) struct Idle {
    /// What was before.
    pub(crate) after: &'static str,
    /// How many invitations there are.
    pub(crate) invitations: usize,
    /// From the start of its process until it is ready, the election included.
    pub(crate) start_milliseconds: u64,
    /// Resident memory at the end of the minute.
    pub(crate) resident_mebibytes: f64,
    /// The most resident memory until then.
    pub(crate) peak_mebibytes: f64,
    /// Processor time that it took in the minute.
    pub(crate) processor_milliseconds: u64,
}

/// A replica, and how long its process took to be ready.
pub(crate) struct Replica {
    process: RunningOperator,
    start: Duration,
}

impl Replica {
    /// Starts it.
    pub(crate) async fn start(lab: &Lab, options: &OperatorOptions) -> Self {
        let mut process = lab.operator("operator", options).await;
        let begun = Instant::now();
        process.ready().await;
        Self { process, start: begun.elapsed() }
    }

    /// What it takes in a minute in which nothing is asked of it.
    pub(crate) async fn idle(&self, after: &'static str, invitations: usize) -> Idle {
        let begin = Usage::of(self.process.process.pid());
        pause("quiet minute", MINUTE).await;
        let end = Usage::of(self.process.process.pid());
        Idle {
            after,
            invitations,
            start_milliseconds: milliseconds(self.start),
            resident_mebibytes: mebibytes(end.resident),
            peak_mebibytes: mebibytes(end.peak),
            processor_milliseconds: milliseconds(end.processor.saturating_sub(begin.processor)),
        }
    }

    /// Asks it to end, and waits.
    pub(crate) async fn stop(mut self) {
        self.process.process.sigterm();
        let ended = self.process.process.wait_exit(WAIT).await.expect("the operator ends");
        assert!(ended.success(), "{}", self.process.process.log());
    }
}

/// What is measured, held against what the chart asks for.
pub(crate) async fn rows(lab: &Lab, idle: &[Idle]) -> Vec<Row> {
    let path = format!("/apis/apps/v1/namespaces/{OPERATOR}/deployments/{OPERATOR}");
    let deployment = lab.admin().get(&path).await.expect("the Deployment is applied");
    let asked = &deployment["spec"]["template"]["spec"]["containers"][0]["resources"];
    let (request, limit) = (memory(&asked["requests"]), memory(&asked["limits"]));
    let row = |what, value: f64, bound: f64, target| {
        let raw = json!({"mebibytes": value, "chart": asked});
        Row::new("memory", "all", what, value / bound, Target::AtMost(target), raw)
    };
    let least = idle.iter().min_by_key(|idle| idle.invitations).expect("something was measured");
    let peak = idle.iter().map(|idle| idle.peak_mebibytes).fold(0.0, f64::max);
    vec![
        row("resident without invitations ÷ the chart's request", least.resident_mebibytes, request, 1.0),
        row("peak with all invitations ÷ the chart's limit", peak, limit, 0.5),
    ]
}

/// Prints a table.
pub(crate) fn print(program: &Path, idle: &[Idle]) {
    let size = std::fs::metadata(program).expect("the program is there").len();
    say(&format!("\nOne replica in a quiet minute; its program has {:.1} MiB", mebibytes(size)));
    let (start, resident) = ("START TO READY", "RESIDENT");
    say(&format!(
        "{:18} {:>11} {start:>14} {resident:>10} {:>10} {:>9}",
        "AFTER", "INVITATIONS", "PEAK", "PROCESSOR"
    ));
    for Idle {
        after,
        invitations,
        start_milliseconds,
        resident_mebibytes,
        peak_mebibytes,
        processor_milliseconds,
    } in idle
    {
        say(&format!(
            "{after:18} {invitations:>11} {start_milliseconds:>11} ms {resident_mebibytes:>6.1} MiB \
             {peak_mebibytes:>6.1} MiB {processor_milliseconds:>6} ms"
        ));
    }
}

/// A quantity of memory in mebibytes, as charts write it.
fn memory(quantities: &Value) -> f64 {
    let quantity = quantities["memory"].as_str().expect("the chart says how much memory");
    quantity.strip_suffix("Mi").and_then(|number| number.parse().ok()).expect("in Mi")
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[expect(clippy::cast_precision_loss, reason = "memory is far below 2^52 bytes")]
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / MIB
}
