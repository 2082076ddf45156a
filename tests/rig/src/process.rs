//! Processes under test: started with a log file, signalled, waited for, and never left behind.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What a process inherits from the environment. Nothing else, so that a proxy or a kubeconfig set on the
/// developer's machine doesn't change a test.
const INHERITED: [&str; 3] = ["PATH", "RUST_BACKTRACE", "LLVM_PROFILE_FILE"];

/// How often the end of a process is looked for.
const POLL: Duration = Duration::from_millis(10);

/// The operator under test.
pub type OperatorProcess = Process;

/// A running program whose standard output and error go to a file.
///
/// It is killed when dropped, and also when the test process itself is killed. It doesn't belong to an async
/// runtime, so several tests with a runtime each can share one.
pub struct Process {
    child: Child,
    guard: Option<Child>,
    exit: Option<ExitStatus>,
    log: PathBuf,
}

impl Process {
    /// Starts a program. Its output is appended to `log`, so that the story of restarts stays in one file.
    pub fn start<A, K, V>(
        program: &Path,
        arguments: impl IntoIterator<Item = A>,
        environment: impl IntoIterator<Item = (K, V)>,
        log: &Path,
    ) -> Self
    where
        A: AsRef<OsStr>,
        K: AsRef<OsStr>,
        V: AsRef<OsStr>,
    {
        let mut command = command(program, arguments, log);
        let child = spawn(command.envs(environment).stdin(Stdio::null()), program);
        let guard = guard(child.id());
        Self { child, guard: Some(guard), exit: None, log: log.to_owned() }
    }

    /// Starts a server of the control plane, which itself ends with its standard input.
    pub(crate) fn start_server(program: &Path, arguments: &[String], log: &Path) -> Self {
        let mut command = command(program, arguments, log);
        command.env("CONTROL_PLANE_EXIT_WITH_STDIN", "1").stdin(Stdio::piped());
        Self { child: spawn(&mut command, program), guard: None, exit: None, log: log.to_owned() }
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Whether it has not ended yet. A stopped process counts as running.
    pub fn is_running(&mut self) -> bool {
        self.exit_status().is_none()
    }

    /// Ends it as a crash does, and waits until it is gone.
    pub fn kill9(&mut self) {
        if self.is_running() {
            self.child.kill().expect("kill a process of our own");
            let status = self.child.wait().expect("wait for a process of our own");
            self.ended(status);
        }
    }

    /// Asks it to end, as the kubelet does; see [`Process::wait_exit`].
    pub fn sigterm(&mut self) {
        self.signal("TERM");
    }

    /// Stops it in its tracks, like a machine that hangs.
    pub fn stop_signal(&mut self) {
        self.signal("STOP");
    }

    /// Lets it go on after [`Process::stop_signal`].
    pub fn cont_signal(&mut self) {
        self.signal("CONT");
    }

    /// Waits for its end; `None` when it is still running after `timeout`.
    pub async fn wait_exit(&mut self, timeout: Duration) -> Option<ExitStatus> {
        let deadline = Instant::now() + timeout;
        loop {
            if let Some(status) = self.exit_status() {
                return Some(status);
            }
            if Instant::now() >= deadline {
                return None;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// The file its output goes to.
    pub fn log_path(&self) -> &Path {
        &self.log
    }

    /// All output so far, also that of earlier processes with the same log.
    pub fn log(&self) -> String {
        let bytes =
            fs::read(&self.log).unwrap_or_else(|error| panic!("read {}: {error}", self.log.display()));
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// How it ended; `None` while it runs.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        if self.exit.is_none()
            && let Some(status) = self.child.try_wait().expect("ask for a process of our own")
        {
            self.ended(status);
        }
        self.exit
    }

    fn ended(&mut self, status: ExitStatus) {
        self.exit = Some(status);
        // From here on the id may belong to somebody else, so the guard must not act on it any more.
        if let Some(mut guard) = self.guard.take() {
            let _ = guard.kill();
            let _ = guard.wait();
        }
    }

    fn signal(&mut self, name: &str) {
        // Only a process that has not been waited for is sure to own its id.
        if self.is_running() {
            let status = Command::new("sh")
                .args(["-c", "kill -s \"$1\" \"$2\"", "kill", name, &self.pid().to_string()])
                .status()
                .expect("run sh");
            assert!(status.success(), "signal {name} to {}: {status}", self.pid());
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill9();
    }
}

fn command<A: AsRef<OsStr>>(program: &Path, arguments: impl IntoIterator<Item = A>, log: &Path) -> Command {
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(log)
        .unwrap_or_else(|error| panic!("open {}: {error}", log.display()));
    let mut command = Command::new(program);
    command
        .args(arguments)
        .env_clear()
        .envs(INHERITED.iter().filter_map(|name| Some((name, std::env::var_os(name)?))))
        .stdout(file.try_clone().expect("duplicate a file handle"))
        .stderr(file);
    command
}

fn spawn(command: &mut Command, program: &Path) -> Child {
    command.spawn().unwrap_or_else(|error| panic!("start {}: {error}", program.display()))
}

/// Starts a shell that kills the process when the pipe from this test process ends, however that came.
fn guard(pid: u32) -> Child {
    Command::new("sh")
        .args(["-c", "read -r _; kill -KILL \"$1\"", "guard", &pid.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("run sh")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::ScratchFile;

    const NO_ENVIRONMENT: [(&str, &str); 0] = [];

    fn shell(script: &str, log: &ScratchFile) -> Process {
        Process::start(Path::new("/bin/sh"), ["-c", script], NO_ENVIRONMENT, &log.0)
    }

    #[tokio::test]
    async fn output_and_exit_status_are_kept() {
        let log = ScratchFile::new("output");
        let mut process = shell("echo out; echo err >&2; exit 3", &log);
        let status = process.wait_exit(Duration::from_secs(10)).await.expect("an end");
        assert_eq!(status.code(), Some(3));
        assert_eq!(process.log(), "out\nerr\n");
        assert!(!process.is_running());
        process.sigterm(); // harmless after the end
    }

    #[tokio::test]
    async fn signals_arrive() {
        let log = ScratchFile::new("signals");
        let mut process =
            shell("trap 'echo asked; exit 0' TERM; echo ready; while :; do sleep 0.01; done", &log);
        while !process.log().contains("ready") {
            tokio::time::sleep(POLL).await;
        }
        process.stop_signal();
        process.sigterm();
        assert_eq!(
            process.wait_exit(Duration::from_millis(200)).await,
            None,
            "a stopped process can't answer"
        );
        process.cont_signal();
        let status = process.wait_exit(Duration::from_secs(10)).await.expect("an end");
        assert!(status.success());
        assert_eq!(process.log(), "ready\nasked\n");
    }

    #[tokio::test]
    async fn a_dropped_process_is_gone() {
        let log = ScratchFile::new("dropped");
        let process = shell("sleep 600", &log);
        let proc = PathBuf::from(format!("/proc/{}", process.pid()));
        assert!(proc.exists());
        drop(process);
        assert!(!proc.exists());
    }
}
