//! A folder that goes with the demo.

use std::fs;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};

/// A folder that only its owner can read, removed when this is dropped.
pub(crate) struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes it below the system's folder for such things.
    pub(crate) fn new() -> Self {
        let path = std::env::temp_dir().join(format!("user-invitation-demo-{}", std::process::id()));
        // Not recursive: a folder that is already there belongs to somebody else.
        fs::DirBuilder::new().mode(0o700).create(&path).expect("a new temporary folder");
        Self(path)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Nothing more can be done about a folder that can't be removed, and its files hold nothing of value.
        let _ = fs::remove_dir_all(&self.0);
    }
}
