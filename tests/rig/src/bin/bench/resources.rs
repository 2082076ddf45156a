//! What one replica takes of the machine, beside what the chart asks for.

use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

use serde::Serialize;
use serde_json::{Value, json};
use test_rig::lab::{OPERATOR, RunningOperator, WAIT};
use test_rig::usage::Usage;
use test_rig::{Lab, OperatorOptions, Server};

use crate::load::EVERYBODY;
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
    started: SystemTime,
    until_ready: Duration,
}

impl Replica {
    /// Starts it.
    pub(crate) async fn start(lab: &Lab, options: &OperatorOptions) -> Self {
        let mut process = lab.operator("operator", options).await;
        let (started, since) = (SystemTime::now(), Instant::now());
        process.ready().await;
        Self { process, started, until_ready: since.elapsed() }
    }

    /// When its process began.
    pub(crate) fn started(&self) -> SystemTime {
        self.started
    }

    fn usage(&self) -> Usage {
        Usage::of(self.process.process.pid())
    }

    /// What it takes in a minute in which nothing is asked of it.
    pub(crate) async fn idle(&self, after: &'static str, invitations: usize) -> Idle {
        let begin = self.usage();
        pause("quiet minute", MINUTE).await;
        let end = self.usage();
        Idle {
            after,
            invitations,
            start_milliseconds: milliseconds(self.until_ready),
            resident_mebibytes: mebibytes(end.resident),
            peak_mebibytes: mebibytes(end.peak),
            processor_milliseconds: milliseconds(end.processor.saturating_sub(begin.processor)),
        }
    }

    /// Kills it.
    pub(crate) fn kill(&mut self) {
        self.process.process.kill9();
    }

    /// Asks it to end, and waits.
    pub(crate) async fn stop(mut self) {
        self.process.process.sigterm();
        let ended = self.process.process.wait_exit(WAIT).await.expect("the operator ends");
        assert!(ended.success(), "{}", self.process.process.log());
    }
}

/// Processor time that operator and API server have taken until some moment.
pub(crate) struct Processor {
    operator: Duration,
    api_server: Duration,
}

impl Processor {
    /// Until now.
    pub(crate) fn now(lab: &Lab, replica: &Replica) -> Self {
        let api_server = Usage::of(lab.control_plane.pid(Server::ApiServer));
        Self { operator: replica.usage().processor, api_server: api_server.processor }
    }

    /// What both have taken since then, while people were invited.
    pub(crate) fn row(&self, now: &Self, vendor: &'static str, people: usize) -> Row {
        let operator = now.operator.saturating_sub(self.operator);
        let api_server = now.api_server.saturating_sub(self.api_server);
        Row::new(
            "R7",
            vendor,
            "operator's processor time per invitation ÷ the API server's, objects' creation included",
            operator.as_secs_f64() / api_server.as_secs_f64(),
            Target::AtMost(0.3),
            json!({
                "people": people, "operatorMilliseconds": milliseconds(operator),
                "apiServerMilliseconds": milliseconds(api_server),
            }),
        )
    }
}

/// What the memory of all invitations is beside their JSON, and what is measured beside what the chart asks for.
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
    let most = |of: fn(&Idle) -> f64| idle.iter().map(of).fold(0.0, f64::max);
    let peak = most(|idle| idle.peak_mebibytes);
    let resident = most(|idle| idle.resident_mebibytes);
    let growth = resident - least.resident_mebibytes;
    let everybody = lab.admin().text(EVERYBODY).await.expect("the API server answers");
    let listed = mebibytes(everybody.len() as u64);
    vec![
        Row::new(
            "R5",
            "all",
            "growth of resident memory with all invitations ÷ their JSON as the API server lists it",
            growth / listed,
            Target::AtMost(2.0),
            json!({"growthMebibytes": growth, "jsonMebibytes": listed}),
        )
        .goal(),
        row("resident with all invitations ÷ the chart's request", resident, request, 1.0),
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
