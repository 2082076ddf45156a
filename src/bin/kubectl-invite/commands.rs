//! What each command does, from its arguments to its end.

mod export;
mod import;
mod request;
mod status;

use std::io;

use clap::CommandFactory;

use crate::cli::{ClusterArguments, Command, CommandLine, RequestArguments};
use crate::cluster::request::Request;

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

fn ask(
    request: Request,
    arguments: &RequestArguments,
    cluster: &ClusterArguments,
    out: &mut dyn io::Write,
) -> Result<End, Failure> {
    block_on(request::run(request, arguments, cluster, out))
}

/// Runs a command.
pub fn run(command_line: CommandLine, out: &mut dyn io::Write) -> Result<End, Failure> {
    let cluster = command_line.cluster;
    match command_line.command {
        Command::Import(arguments) => import::run(&arguments, &cluster, out),
        Command::Export(arguments) => block_on(export::run(&arguments, &cluster, out)),
        Command::Status(arguments) => block_on(status::run(&arguments, &cluster, out)),
        Command::Resend(arguments) => ask(Request::Resend(Request::new_value()), &arguments, &cluster, out),
        Command::Reconcile(arguments) => {
            ask(Request::Reconcile(Request::new_value()), &arguments, &cluster, out)
        }
        Command::Suspend(arguments) => ask(Request::Suspend, &arguments, &cluster, out),
        Command::Resume(arguments) => ask(Request::Resume, &arguments, &cluster, out),
        Command::Completion { shell } => {
            clap_complete::generate(shell, &mut CommandLine::command(), "kubectl-invite", out);
            Ok(End::Complete)
        }
    }
}
