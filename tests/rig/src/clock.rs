//! A wall clock of one process' own, which a test can set wrong.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// A clock that is off by what a file says.
pub struct ShiftedClock {
    library: PathBuf,
    shift: PathBuf,
}

impl ShiftedClock {
    /// A clock that is right, with its files in this folder.
    pub fn new(folder: &Path) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/clock/shift.c");
        let clock = Self { library: folder.join("shift.so"), shift: folder.join("shift") };
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o"])
            .args([&clock.library, &source])
            .output()
            .expect("there is a C compiler");
        assert!(compiled.status.success(), "cc: {}", String::from_utf8_lossy(&compiled.stderr));
        clock.is_right();
        clock
    }

    /// Sets it ahead.
    pub fn is_ahead_by(&self, time: Duration) {
        self.set(&time.as_secs().to_string());
    }

    /// Sets it behind.
    pub fn is_behind_by(&self, time: Duration) {
        self.set(&format!("-{}", time.as_secs()));
    }

    /// Sets it right.
    pub fn is_right(&self) {
        self.set("0");
    }

    /// What a process needs in its environment to live by this clock.
    pub fn environment(&self) -> Vec<(String, String)> {
        let variable = |name: &str, path: &Path| (name.to_owned(), path.display().to_string());
        vec![variable("LD_PRELOAD", &self.library), variable("CLOCK_SHIFT_FILE", &self.shift)]
    }

    fn set(&self, seconds: &str) {
        // Whoever reads it finds the old time or the new one.
        let new = self.shift.with_extension("new");
        fs::write(&new, seconds).expect("a file can be written");
        fs::rename(&new, &self.shift).expect("a file can be moved");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::fresh_folder;

    fn seconds_of_date(clock: &ShiftedClock) -> u64 {
        let date = Command::new("date").arg("+%s").envs(clock.environment()).output().expect("date runs");
        String::from_utf8_lossy(&date.stdout).trim().parse().expect("seconds")
    }

    #[test]
    fn a_process_lives_by_it() {
        let clock = ShiftedClock::new(&fresh_folder(&std::env::temp_dir(), "shifted-clock"));
        let (hour, minute) = (3600, 60);
        let now = seconds_of_date(&clock);
        clock.is_ahead_by(Duration::from_secs(hour));
        assert!((now + hour..now + hour + minute).contains(&seconds_of_date(&clock)));
        clock.is_behind_by(Duration::from_secs(hour));
        assert!((now - hour..now - hour + minute).contains(&seconds_of_date(&clock)));
    }
}
