//! What a running process takes of the machine, as Linux tells it.

use std::fs;
use std::time::Duration;

/// Length of the clock tick in which Linux counts processor time for programs, whatever the kernel's own is.
const TICK: Duration = Duration::from_millis(10);
/// User and system time in `/proc/PID/stat`, counted after the name, which may hold blanks.
const USER_TIME: usize = 11;
const SYSTEM_TIME: usize = 12;

/// What a process takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Resident memory now, in bytes.
    pub resident: u64,
    /// The most resident memory that it ever had, in bytes.
    pub peak: u64,
    /// Processor time of all its threads since it began.
    pub processor: Duration,
}

impl Usage {
    /// What a process takes that is still running.
    pub fn of(process: u32) -> Self {
        let read = |file: &str| {
            let path = format!("/proc/{process}/{file}");
            fs::read_to_string(&path).unwrap_or_else(|error| panic!("read {path}: {error}"))
        };
        let (status, stat) = (read("status"), read("stat"));
        let ticks = ticks(&stat).unwrap_or_else(|| panic!("no processor time in {stat:?}"));
        let bytes =
            |name: &str| kibibytes(&status, name).unwrap_or_else(|| panic!("no {name} in {status:?}")) * 1024;
        Self { resident: bytes("VmRSS"), peak: bytes("VmHWM"), processor: TICK * ticks }
    }
}

fn kibibytes(status: &str, name: &str) -> Option<u64> {
    let (_, value) = status.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| *key == name)?;
    value.trim().strip_suffix(" kB")?.parse().ok()
}

fn ticks(stat: &str) -> Option<u32> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let user: u32 = fields.get(USER_TIME)?.parse().ok()?;
    let system: u32 = fields.get(SYSTEM_TIME)?.parse().ok()?;
    user.checked_add(system)
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn memory_and_time_of_this_process() {
        let before = Usage::of(std::process::id());
        let block = vec![1_u8; 32 << 20];
        let begun = Instant::now();
        while Usage::of(std::process::id()).processor < before.processor + TICK {
            assert!(begun.elapsed() < Duration::from_secs(30), "no processor time is counted");
        }
        let after = Usage::of(std::process::id());
        assert!(after.resident >= before.resident + (16 << 20), "{before:?} {after:?} {}", block.len());
        assert!(after.peak >= after.resident);
    }

    #[test]
    fn a_name_may_look_like_fields() {
        assert_eq!(ticks("7 (a) 1 2) S 1 7 7 0 -1 4194304 96 0 0 0 30 12 0 0 20"), Some(42));
        assert_eq!(ticks("7 (sh) S 1"), None);
    }
}
