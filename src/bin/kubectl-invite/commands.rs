//! What each command does, from its arguments to its end.

mod import;

use std::io;

use clap::CommandFactory;

use crate::cli::{Command, CommandLine};

/// How a command ended that did something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// Everything was done.
    Complete,
    /// Something was left out, and said.
    Partial,
}

/// Why a command did nothing.
pub type Failure = Box<dyn std::error::Error>;

/// Runs what talks to the cluster.
fn block_on(work: impl Future<Output = Result<End, Failure>>) -> Result<End, Failure> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(work)
}

/// Runs a command.
pub fn run(command_line: CommandLine, out: &mut dyn io::Write) -> Result<End, Failure> {
    match command_line.command {
        Command::Import(arguments) => import::run(&arguments, &command_line.cluster, out),
        Command::Completion { shell } => {
            clap_complete::generate(shell, &mut CommandLine::command(), "kubectl-invite", out);
            Ok(End::Complete)
        }
    }
}
