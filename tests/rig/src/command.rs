//! Runs kubectl and helm: what a person would type.

use std::path::Path;
use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// What a command said.
#[derive(Debug, Clone)]
#[must_use = "a command that failed should not go unnoticed"]
pub struct CommandOutput {
    program: String,
    /// Exit code; -1 when a signal ended it.
    pub status: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error: errors and warnings.
    pub stderr: String,
}

impl CommandOutput {
    /// The standard output of a command that has to succeed.
    pub fn success(self) -> String {
        let Self { program, status, stdout, stderr } = &self;
        assert!(*status == 0, "{program} failed with {status}: {stdout}{stderr}");
        self.stdout
    }

    /// The standard error of a command that has to fail.
    pub fn failure(self) -> String {
        let Self { program, status, stdout, stderr } = &self;
        assert!(*status != 0, "{program} succeeded, but should not have: {stdout}{stderr}");
        self.stderr
    }
}

/// Runs a program with this kubeconfig and input. `home` takes its caches, instead of the developer's own.
pub async fn run(
    program: &Path,
    kubeconfig: &Path,
    home: &Path,
    arguments: &[&str],
    input: Option<&str>,
) -> CommandOutput {
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .env("KUBECONFIG", kubeconfig)
        .env("HOME", home)
        .stdin(if input.is_some() { Stdio::piped() } else { Stdio::null() })
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap_or_else(|error| panic!("start {}: {error}", program.display()));
    let stdin = child.stdin.take();
    let feed = async {
        if let (Some(mut stdin), Some(input)) = (stdin, input) {
            // The program may stop reading early; then its exit code tells.
            let _ = stdin.write_all(input.as_bytes()).await;
        }
    };
    // Together, or both sides wait for each other when the pipes are full.
    let ((), output) = tokio::join!(feed, child.wait_with_output());
    let output = output.expect("wait for a program");
    CommandOutput {
        program: program.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        status: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
