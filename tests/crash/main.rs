//! Crash enumeration: the operator is killed, or loses an answer, at every point of a scenario with eight people, and
//! afterwards everything has to be as if nothing had happened.
//!
//! The points are the requests of a run without faults, each in the life of one person or object. A point is hit, the
//! operator is started again at once, and the scenario goes on. Then nobody may have got a second mail, nobody may be
//! lost, nothing may be written any more, and every status has to say what the vendor has.
//!
//! `--only TEXT` makes only the runs whose name contains the text. The normal mode makes a part of the runs for some
//! vendors, and says how many of how many; `EXHAUSTIVE=1` makes all of them, and every pair of kills too.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that cannot go on has to stop")]
#![expect(clippy::print_stdout, reason = "this program tells on standard output what it finds")]

mod campaign;
mod ground;
mod invariants;
mod measure;
mod mirror;
mod operator;
mod oracle;
mod people;
mod points;
mod replicas;
mod run;
mod scenario;
mod site;
mod trial;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use test_rig::vendors::{CASES, Case};
use test_rig::{ControlPlaneOptions, Lab};

use campaign::Campaign;
use measure::Measure;

/// The vendor with pairs of kills.
const PAIRED: &str = "vmware";

/// How many pairs the normal mode takes.
const PAIRS: usize = 40;

#[tokio::main]
async fn main() -> ExitCode {
    let begun = Instant::now();
    let mut arguments = std::env::args().skip(1);
    let mut only = None;
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--only" => only = arguments.next(),
            // What test runners ask every test program.
            "--list" => return ExitCode::SUCCESS,
            _ => {}
        }
    }
    let exhaustive = std::env::var_os("EXHAUSTIVE").is_some_and(|value| value == "1");

    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("crash");
    let operator = kept(&target, Path::new(env!("CARGO_BIN_EXE_user-invitation-operator")));
    let lab = Arc::new(Lab::start(&target, &operator, ControlPlaneOptions::default()).await);
    println!("the control plane runs after {:?}", begun.elapsed());

    let mut campaign = Campaign::new(Arc::clone(&lab), only);
    let mut subjects = Vec::new();
    for case in CASES {
        if !campaign.concerns(case) {
            continue;
        }
        let subject = campaign.learn(case).await;
        let measure = if exhaustive { Measure::All } else { usual(case) };
        campaign.single_faults(&subject, measure).await;
        if case.name == PAIRED {
            campaign.pairs(&subject, if exhaustive { usize::MAX } else { PAIRS }).await;
        }
        subjects.push(subject);
    }
    campaign.long_quiet(&subjects).await;
    campaign.replicas().await;
    campaign.tell();
    let (passed, failed) = (campaign.passed, campaign.failed);
    drop(campaign);
    if let Ok(lab) = Arc::try_unwrap(lab) {
        lab.stop().await;
    }
    println!("all in {:?}", begun.elapsed());
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// What the normal mode plays: everything for a vendor that takes several people in a call and for one that does not,
/// every point for the others. AppXite as it is documented makes the same calls as with a removal, and fewer of them.
fn usual(case: &Case) -> Measure {
    match case.name {
        "vmware" | "hpe" => Measure::All,
        "appxite" => Measure::Writes,
        _ => Measure::EveryPoint,
    }
}

/// A copy of the operator, so that all runs are of the same program whatever is built meanwhile.
fn kept(folder: &Path, operator: &Path) -> PathBuf {
    let copy = folder.join("operator");
    std::fs::create_dir_all(folder).expect("a folder below the target folder");
    std::fs::copy(operator, &copy).expect("the operator is built");
    copy
}
