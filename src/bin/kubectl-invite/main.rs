//! The kubectl plugin: from the spreadsheet to manifests and the cluster, and back to tables for auditors.
//!
//! `read` makes tables of a file, `import` decides what they declare (pure), `files` writes it, `cluster` applies it
//! and follows it. `export` makes manifests of people whom nobody has declared (pure). `commands` has what each command
//! does, from its arguments to its end.

mod cli;
mod cluster;
mod commands;
mod completion;
mod export;
mod files;
mod import;
mod live;
mod progress;
mod read;
mod secrets;
mod status;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::{CommandFactory, Parser};
use user_invitation_operator::error_chain;

/// The exit code when something was left out, and the rest was done.
const PARTIAL: u8 = 3;

fn main() -> ExitCode {
    let mut words = std::env::args();
    let ended = if words.next().is_some_and(|program| completion::is_meant(&program)) {
        let words: Vec<String> = words.collect();
        completion::answer(&cli::CommandLine::command(), &words, &mut io::stdout().lock())
            .map(|()| commands::End::Complete)
            .map_err(Into::into)
    } else {
        commands::run(cli::CommandLine::parse(), &mut io::stdout().lock())
    };
    match ended {
        Ok(commands::End::Complete) => ExitCode::SUCCESS,
        Ok(commands::End::Partial) => ExitCode::from(PARTIAL),
        Err(error) => {
            // There is nobody left to tell when standard error is closed; the exit code says it.
            let _ = writeln!(io::stderr(), "error: {}", error_chain(error.as_ref()));
            ExitCode::FAILURE
        }
    }
}
