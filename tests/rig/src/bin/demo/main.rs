//! The demo: people of five vendors go from a manifest to Pending, to Accepted and away again, through a real API
//! server, the real operator and simulated vendors. It checks its own story and fails when it is not true.

#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a demo that cannot go on has to stop, with a non-zero exit code; said once here"
)]

mod ledger;
mod manifests;
mod scene;
mod screen;
mod stage;
mod story;
mod temporary;
mod tenants;

use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::Parser;
use futures::FutureExt;
use tokio::signal::unix::{SignalKind, signal};

use crate::{stage::Stage, temporary::TemporaryFolder};

/// Tells the operator's story on one screen.
#[derive(Debug, Parser)]
struct Arguments {
    /// The operator's program
    #[arg(long, value_name = "FILE")]
    operator: PathBuf,
    /// The kubectl plugin; without it the chapter about it is left out
    #[arg(long, value_name = "FILE")]
    plugin: Option<PathBuf>,
    /// Leave everything running at the end, until Ctrl-C
    #[arg(long)]
    keep: bool,
    /// Scrape the operator at some moments of the story, into files of this folder that are named by the time
    #[arg(long, value_name = "FOLDER")]
    scrapes: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let folder = TemporaryFolder::new();
    let finished = AtomicBool::new(false);
    // Whichever ends first, everything that was started is dropped with it, and so ends, too.
    tokio::select! {
        () = asked_to_stop() => {
            screen::say("\nStopped; nothing is left behind.");
            if finished.load(Ordering::Relaxed) { ExitCode::SUCCESS } else { ExitCode::from(130) }
        }
        told = AssertUnwindSafe(perform(&arguments, &folder, &finished)).catch_unwind() => match told {
            Ok(true) => ExitCode::SUCCESS,
            Ok(false) | Err(_) => ExitCode::FAILURE,
        }
    }
}

/// Tells the story; whether it is true.
async fn perform(arguments: &Arguments, folder: &TemporaryFolder, finished: &AtomicBool) -> bool {
    let mut stage = Stage::build(folder.path(), &arguments.operator, arguments.plugin.as_deref()).await;
    stage.scrapes.clone_from(&arguments.scrapes);
    let good = story::tell(&mut stage).await;
    if arguments.keep {
        finished.store(good, Ordering::Relaxed);
        stage.explain_keeping();
        std::future::pending::<()>().await;
    }
    stage.strike().await;
    good
}

async fn asked_to_stop() {
    let mut signals = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()]
        .map(|kind| signal(kind).expect("signals can be received"));
    let [interrupt, terminate, hangup] = &mut signals;
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
        _ = hangup.recv() => {}
    }
}
