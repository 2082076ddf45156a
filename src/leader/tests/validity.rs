//! What the clocks say about the right to act.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use proptest::prelude::*;
use rstest::rstest;
use tokio::time::Instant;

use super::super::leadership::Tenure;
use super::super::{Clock, Leadership, ProcessId, Reading};

const LIMIT: Duration = Duration::from_secs(10);

fn start() -> Reading {
    Reading { monotonic: Instant::now(), wall: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) }
}

fn later(start: Reading, monotonic: u64, wall: i64) -> Reading {
    let by = Duration::from_millis(wall.unsigned_abs());
    Reading {
        monotonic: start.monotonic + Duration::from_millis(monotonic),
        wall: if wall < 0 { start.wall - by } else { start.wall + by },
    }
}

#[rstest]
#[case::at_once(0, 0, true)]
#[case::soon(9_999, 9_999, true)]
#[case::at_the_limit(10_000, 10_000, false)]
#[case::machine_slept(1_000, 3_600_000, false)]
#[case::wall_clock_set_forward(1_000, 10_000, false)]
#[case::wall_clock_set_back_before_the_start(1_000, -1, false)]
#[case::wall_clock_set_back(5_000, 1_000, false)]
#[case::wall_clock_is_slewed(5_000, 4_990, true)]
#[case::wall_clock_hides_the_time(20_000, 1_000, false)]
fn both_clocks_count(#[case] monotonic: u64, #[case] wall: i64, #[case] expected: bool) {
    let start = start();
    assert_eq!(start.is_within(LIMIT, later(start, monotonic, wall)), expected);
}

proptest! {
    #[test]
    fn a_wall_clock_only_ever_shortens_the_right(monotonic in 0_u64..30_000, wall in -30_000_i64..30_000) {
        let start = start();
        if start.is_within(LIMIT, later(start, monotonic, wall)) {
            prop_assert!(monotonic < 10_000 && (0..10_000).contains(&wall));
        }
    }
}

#[test]
fn a_leadership_reads_the_clocks_at_the_moment_of_use() {
    let start = start();
    let now = Arc::new(Mutex::new(start));
    let shown = Arc::clone(&now);
    let tenure = Tenure::begin(LIMIT, Clock::new(move || *shown.lock().unwrap()), start);
    let check = Arc::clone(&tenure);
    let leadership = Leadership::with_check(ProcessId::random(), move || check.is_valid());
    let clone = leadership.clone();

    assert!(leadership.still_valid());
    *now.lock().unwrap() = later(start, 10_000, 10_000);
    assert!(!leadership.still_valid());
    tenure.renewed(later(start, 9_000, 9_000));
    assert!(leadership.still_valid() && clone.still_valid());
    tenure.end();
    assert!(!leadership.still_valid() && !clone.still_valid());
    tenure.renewed(later(start, 10_000, 10_000));
    assert!(!leadership.still_valid(), "what is lost stays lost");
}

#[test]
fn process_names_are_sixteen_digits_and_differ() {
    let (a, b) = (ProcessId::random(), ProcessId::random());
    assert_ne!(a, b);
    assert_eq!(a.as_str().len(), 16);
    assert!(a.as_str().bytes().all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase()));
}
