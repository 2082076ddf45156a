//! When a write is settled, and how: each clause of the rule, look by look.

use proptest::collection::vec;
use proptest::prelude::*;
use rstest::rstest;
use tokio::time::Instant;

use super::bench::{GRACE, rules, seconds};
use super::vendor::presence;
use crate::tenant::write::{Look, OpenWrite, Progress};
use crate::tenant::{Settlement, SettlementRules, WriteKind};
use crate::vendor::{Presence, Standing};

const KINDS: [WriteKind; 3] = [WriteKind::Invite, WriteKind::Cancel, WriteKind::Remove];

/// A write whose call ended `accepted` at second 0.
fn ended(kind: WriteKind, accepted: bool, baseline: &str, start: Instant) -> OpenWrite {
    let mut write = OpenWrite::recorded("attempt".to_owned(), "uid".to_owned(), kind, baseline.to_owned());
    write.progress = Progress::Ended { at: start, accepted };
    write
}

fn inherited(kind: WriteKind, start: Instant) -> OpenWrite {
    OpenWrite::inherited("attempt".to_owned(), "uid".to_owned(), kind, String::new(), false, start)
}

struct Looks {
    start: Instant,
    rules: SettlementRules,
    write: OpenWrite,
}

impl Looks {
    fn of(write: impl FnOnce(Instant) -> OpenWrite) -> Self {
        let start = Instant::now();
        Self { start, rules: rules(), write: write(start) }
    }

    fn look(&mut self, at: u64, exact: bool, complete: bool, shown: Option<&Presence>) -> Option<Settlement> {
        let look = Look { begun: self.start + seconds(at), exact, complete, presence: shown };
        self.write.absorb(&look, &self.rules)
    }

    fn sweep(&mut self, at: u64, shown: Option<&Presence>) -> Option<Settlement> {
        self.look(at, false, true, shown)
    }

    fn exact(&mut self, at: u64, shown: Option<&Presence>) -> Option<Settlement> {
        self.look(at, true, true, shown)
    }
}

#[rstest]
fn an_invite_is_settled_by_its_effect_whenever_it_shows(
    #[values(true, false)] accepted: bool,
    #[values(true, false)] complete: bool,
    #[values(Standing::Pending, Standing::Member, Standing::Expired, Standing::Blocked)] standing: Standing,
) {
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, accepted, "", start));
    assert_eq!(looks.look(1, false, complete, Some(&presence(standing, "1"))), Some(Settlement::Effect));
}

#[rstest]
fn what_was_there_before_is_no_effect(
    #[values(Standing::Pending, Standing::Expired, Standing::Revoked)] standing: Standing,
) {
    let before = presence(standing, "1");
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, false, &before.fingerprint, start));
    assert_eq!(looks.sweep(1, Some(&before)), None);
    let after = presence(Standing::Pending, "2");
    assert_eq!(looks.sweep(2, Some(&after)), Some(Settlement::Effect));
}

#[rstest]
fn a_row_that_is_only_history_is_no_effect(
    #[values(Standing::Revoked, Standing::Declined, Standing::Redeemed)] standing: Standing,
) {
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, true, "", start));
    assert_eq!(looks.sweep(1, Some(&presence(standing, "1"))), None);
}

#[rstest]
fn absence_needs_two_late_looks_and_one_of_them_exact(#[values(true, false)] accepted: bool) {
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, accepted, "", start));
    for early in [1, 60, GRACE - 1] {
        assert_eq!(looks.exact(early, None), None, "within the grace period");
    }
    assert_eq!(looks.sweep(GRACE, None), None, "one look");
    assert_eq!(looks.sweep(GRACE + 1, None), None, "two, but none of this person alone");
    assert_eq!(looks.exact(GRACE + 2, None), Some(Settlement::NoEffect));
}

#[test]
fn without_an_exact_read_two_sweeps_are_enough() {
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, false, "", start));
    looks.rules.exact_read = false;
    assert_eq!(looks.sweep(GRACE, None), None);
    assert_eq!(looks.sweep(GRACE + 1, None), Some(Settlement::NoEffect));
}

#[test]
fn an_incomplete_look_proves_no_absence() {
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, false, "", start));
    for at in GRACE..GRACE + 10 {
        assert_eq!(looks.look(at, false, false, None), None);
    }
    assert_eq!(looks.exact(GRACE + 10, None), None, "the first that counts");
}

#[test]
fn looks_have_to_agree() {
    let before = presence(Standing::Expired, "1");
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, false, &before.fingerprint, start));
    assert_eq!(looks.exact(GRACE, Some(&before)), None);
    assert_eq!(looks.exact(GRACE + 1, None), None);
    assert_eq!(looks.exact(GRACE + 2, None), Some(Settlement::NoEffect));
}

#[test]
fn an_invite_that_left_all_as_it_was() {
    let before = presence(Standing::Expired, "1");
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, true, &before.fingerprint, start));
    assert_eq!(looks.exact(GRACE, Some(&before)), None);
    assert_eq!(looks.exact(GRACE + 1, Some(&before)), Some(Settlement::Unchanged));
}

#[rstest]
fn somebody_gone_after_a_success_was_taken_away(
    #[values(WriteKind::Cancel, WriteKind::Remove)] kind: WriteKind,
    #[values(None, Some(Standing::Revoked))] shown: Option<Standing>,
) {
    let shown = shown.map(|standing| presence(standing, "1"));
    let mut looks = Looks::of(|start| ended(kind, true, "row", start));
    assert_eq!(looks.look(1, false, false, shown.as_ref()), None, "an incomplete look");
    assert_eq!(looks.sweep(1, shown.as_ref()), Some(Settlement::Effect));
    let mut unclear = Looks::of(|start| ended(kind, false, "row", start));
    assert_eq!(unclear.sweep(1, shown.as_ref()), None, "without a success it takes two late looks");
    assert_eq!(unclear.exact(GRACE, shown.as_ref()), None);
    assert_eq!(unclear.exact(GRACE + 1, shown.as_ref()), Some(Settlement::Effect));
}

#[rstest]
fn somebody_still_there_was_not_taken_away(
    #[values(WriteKind::Cancel, WriteKind::Remove)] kind: WriteKind,
    #[values(true, false)] accepted: bool,
) {
    let there = presence(Standing::Pending, "1");
    let mut looks = Looks::of(|start| ended(kind, accepted, "row", start));
    assert_eq!(looks.exact(1, Some(&there)), None);
    assert_eq!(looks.exact(GRACE, Some(&there)), None);
    assert_eq!(looks.exact(GRACE + 1, Some(&there)), Some(Settlement::NoEffect));
}

#[test]
fn another_process_s_attempt_counts_from_its_first_sight() {
    let late = 10 + 20 + GRACE;
    for kind in KINDS {
        let mut looks = Looks::of(|start| inherited(kind, start));
        assert_eq!(looks.exact(GRACE, None), None);
        assert_eq!(looks.exact(late - 1, None), None);
        assert_eq!(looks.exact(late, None), None, "the first that counts");
        assert!(looks.exact(late + 1, None).is_some());
        let write = &Looks::of(|start| inherited(kind, start)).write;
        assert!(!write.outcome(Settlement::NoEffect).accepted, "nobody knows of a success");
    }
    let mut seen = Looks::of(|start| inherited(WriteKind::Invite, start));
    assert_eq!(seen.sweep(0, Some(&presence(Standing::Pending, "1"))), Some(Settlement::Effect));
}

#[test]
fn nothing_settles_while_the_call_is_being_made() {
    for kind in KINDS {
        let mut looks =
            Looks::of(|_| OpenWrite::recorded("attempt".to_owned(), "uid".to_owned(), kind, String::new()));
        for at in [0, GRACE, 10 * GRACE] {
            assert_eq!(looks.exact(at, None), None);
            assert_eq!(looks.exact(at, Some(&presence(Standing::Pending, "1"))), None);
        }
    }
}

#[test]
fn looks_come_at_doubling_distances_and_at_the_end_of_the_grace_period() {
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, false, "", start));
    let mut times = Vec::new();
    for _ in 0..8 {
        let due = looks.write.next_look(seconds(2), seconds(60), &looks.rules).unwrap();
        let at = (due - looks.start).as_secs();
        times.push(at);
        assert_eq!(looks.look(at, false, false, None), None);
        looks.write.note_look(due);
    }
    assert_eq!(times, [2, 6, 14, 30, 62, 120, 180, 240]);
}

#[test]
fn the_second_late_look_follows_at_once() {
    let mut looks = Looks::of(|start| ended(WriteKind::Invite, false, "", start));
    assert_eq!(looks.sweep(GRACE, None), None);
    let begun = looks.start + seconds(GRACE);
    looks.write.note_look(begun);
    assert_eq!(looks.write.next_look(seconds(2), seconds(60), &looks.rules), Some(begun));
    assert!(looks.write.wants_exact_look(begun, &looks.rules));
    assert_eq!(looks.look(GRACE, false, false, None), None);
    looks.write.note_look(begun);
    let next = looks.write.next_look(seconds(2), seconds(60), &looks.rules).unwrap();
    assert!(next > begun, "but not after a look that proved nothing");
}

#[derive(Debug, Clone, Copy)]
struct Glance {
    after: u64,
    exact: bool,
    complete: bool,
    there: bool,
}

fn glance() -> impl Strategy<Value = Glance> {
    (0_u64..80, any::<bool>(), prop::bool::weighted(0.8), prop::bool::weighted(0.2)).prop_map(
        |(after, exact, complete, there)| Glance { after, exact, complete: complete || exact, there },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_invite_is_called_ineffective_only_after_two_late_absences(
        glances in vec(glance(), 1..20),
        accepted: bool,
        by_another: bool,
    ) {
        let mut looks = Looks::of(|start| {
            if by_another { inherited(WriteKind::Invite, start) } else { ended(WriteKind::Invite, accepted, "", start) }
        });
        let late = if by_another { GRACE + 30 } else { GRACE };
        let row = presence(Standing::Pending, "1");
        let (mut at, mut sweeps, mut exacts) = (0, 0, 0);
        for glance in glances {
            at += glance.after;
            let shown = glance.there.then_some(&row);
            let counts = glance.complete && at >= late && !glance.there;
            sweeps += usize::from(counts && !glance.exact);
            exacts += usize::from(counts && glance.exact);
            let settled = looks.look(at, glance.exact, glance.complete, shown);
            let expected = if glance.there {
                Some(Settlement::Effect)
            } else if exacts >= 1 && sweeps + exacts >= 2 {
                Some(Settlement::NoEffect)
            } else {
                None
            };
            prop_assert_eq!(&settled, &expected);
            if settled.is_some() {
                break;
            }
        }
    }

    #[test]
    fn time_passes_between_looks(glances in vec(glance(), 1..30)) {
        let mut looks = Looks::of(|start| ended(WriteKind::Cancel, false, "row", start));
        let mut at = 0;
        for glance in glances {
            at += glance.after;
            if looks.look(at, glance.exact, glance.complete, None).is_some() {
                break;
            }
            let begun = looks.start + seconds(at);
            looks.write.note_look(begun);
            let next = looks.write.next_look(seconds(2), seconds(60), &looks.rules).unwrap();
            prop_assert!(next >= begun && next <= begun + seconds(60));
        }
    }
}
