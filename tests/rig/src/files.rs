//! Small helpers around files: scratch folders, private files, ends of logs.

use std::fs::{self, OpenOptions, Permissions};
use std::io::Write;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

/// Makes the empty folder `name` below `parent`, without what an earlier run left in it.
///
/// Tests remove before they start, not when they end, so that the logs of a failed run can be read.
pub fn fresh_folder(parent: &Path, name: &str) -> PathBuf {
    let folder = parent.join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder).unwrap_or_else(|error| panic!("remove {}: {error}", folder.display()));
    }
    fs::create_dir_all(&folder).unwrap_or_else(|error| panic!("make {}: {error}", folder.display()));
    // Paths below it are written into files that are read from other folders.
    folder.canonicalize().unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}

/// Writes a file only its owner can read: keys, tokens, kubeconfigs.
pub fn write_private(path: &Path, content: &str) {
    OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| {
            // The mode above counts for new files only.
            file.set_permissions(Permissions::from_mode(0o600))?;
            file.write_all(content.as_bytes())
        })
        .unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
}

/// The last `lines` lines of a log, or a note that it can't be read: for panic messages.
pub fn tail(path: &Path, lines: usize) -> String {
    match fs::read(path) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes);
            let all: Vec<&str> = text.lines().collect();
            all[all.len().saturating_sub(lines)..].join("\n")
        }
        Err(error) => format!("({} can't be read: {error})", path.display()),
    }
}

/// A file name of one unit test, removed with it.
#[cfg(test)]
pub(crate) struct ScratchFile(pub(crate) PathBuf);

#[cfg(test)]
impl ScratchFile {
    pub(crate) fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("test-rig-{}-{name}.log", std::process::id())))
    }
}

#[cfg(test)]
impl Drop for ScratchFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
