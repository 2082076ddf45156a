//! Entry point of the operator.

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use user_invitation_operator::diagnose::diagnose;
use user_invitation_operator::settings::{CommandLine, Invocation, Settings};
use user_invitation_operator::{error_chain, kubernetes, print_crds, run, telemetry};

/// The exit code when the command line cannot be used.
const USAGE: u8 = 2;
/// How long threads may linger when everything has ended.
const THREADS_GRACE: Duration = Duration::from_millis(100);

fn main() -> ExitCode {
    let command_line = CommandLine::parse();
    let invocation = match command_line.resolve() {
        Ok(invocation) => invocation,
        Err(error) => {
            let message = error_chain(&error);
            let error = CommandLine::command().error(clap::error::ErrorKind::ValueValidation, message);
            return match error.print() {
                Ok(()) => ExitCode::from(USAGE),
                Err(_) => ExitCode::FAILURE,
            };
        }
    };
    let result = match invocation {
        Invocation::Run(settings) => start(*settings).map(|()| true),
        Invocation::Diagnose(settings) => look(&settings),
        Invocation::Crds => print_crds(&mut io::stdout().lock()).map(|()| true).map_err(Into::into),
    };
    match result {
        Ok(true) => ExitCode::SUCCESS,
        // What is wrong was told.
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            let message = error_chain(error.as_ref());
            if tracing::dispatcher::has_been_set() {
                tracing::error!("{message}");
                ExitCode::FAILURE
            } else {
                // There is nobody left to tell when standard error is closed; the exit code says it.
                let _ = writeln!(io::stderr(), "error: {message}");
                ExitCode::FAILURE
            }
        }
    }
}

fn start(settings: Settings) -> Result<(), Box<dyn Error>> {
    kubernetes::install_crypto_provider()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    #[cfg(feature = "otlp")]
    let traces = {
        let _within = runtime.enter();
        let traces = telemetry::traces::from_environment()?;
        telemetry::start_with(settings.log_format, &settings.log_filter, traces.as_ref())?;
        traces
    };
    #[cfg(not(feature = "otlp"))]
    telemetry::start(settings.log_format, &settings.log_filter)?;
    let result = runtime.block_on(run(settings));
    #[cfg(feature = "otlp")]
    // Who has lost the right to act does not stay for that.
    if let (Ok(()), Some(traces)) = (&result, traces) {
        traces.end();
    }
    // Work that cannot be stopped must not outlive the right to act.
    runtime.shutdown_timeout(THREADS_GRACE);
    if result.is_ok() {
        tracing::info!("stopped");
    }
    Ok(result?)
}

/// Looks at what the operator needs; whether nothing is wrong.
fn look(settings: &Settings) -> Result<bool, Box<dyn Error>> {
    kubernetes::install_crypto_provider()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    Ok(runtime.block_on(diagnose(settings, &mut io::stdout().lock()))?)
}
