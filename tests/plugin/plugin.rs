//! Runs the plugin away from any cluster.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use test_rig::files::fresh_folder;

/// The program.
pub const PROGRAM: &str = env!("CARGO_BIN_EXE_kubectl-invite");

/// A folder of one test, empty.
pub fn folder(name: &str) -> PathBuf {
    fresh_folder(&Path::new(env!("CARGO_TARGET_TMPDIR")).join("plugin"), name)
}

/// What the program said.
pub struct Said {
    /// The exit code.
    pub code: Option<i32>,
    /// Both outputs, one after the other.
    pub text: String,
}

/// Runs the program in a folder, away from any cluster.
pub fn run(folder: &Path, arguments: &[&str]) -> Said {
    let output = Command::new(PROGRAM)
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .env_remove("KUBECONFIG")
        .output()
        .expect("the plugin starts");
    said(&output)
}

/// What an ended program said.
pub fn said(output: &Output) -> Said {
    let text = [&output.stdout[..], &output.stderr[..]].map(String::from_utf8_lossy).concat();
    Said { code: output.status.code(), text }
}

/// All files below a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let Ok(entries) = std::fs::read_dir(folder) else { return files };
    for entry in entries {
        let path = entry.expect("the folder can be read").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}
