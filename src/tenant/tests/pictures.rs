//! Whether a sweep can be believed: too many people missing pause a tenant's invites.

use std::collections::{HashMap, HashSet};

use proptest::prelude::*;
use rstest::rstest;
use tokio::time::{Instant, sleep};

use super::bench::{Bench, seconds, target};
use super::vendor::presence;
use crate::tenant::Wish;
use crate::tenant::picture::{Fit, Picture, changed, fit};
use crate::vendor::{Presence, Standing};

fn people(count: usize) -> HashMap<String, Presence> {
    (0..count).map(|person| (format!("p{person:04}"), presence(Standing::Member, "1"))).collect()
}

fn missing(known: usize, gone: usize, leaving: usize) -> Fit {
    let before = Picture { begun: Instant::now(), people: people(known) };
    let mut now = people(known);
    now.retain(|key, _| *key >= format!("p{gone:04}"));
    fit(Some(&before), &now, |key| *key < *format!("p{leaving:04}"))
}

#[rstest]
#[case::five_of_few(6, 5, 0, true)]
#[case::six_of_few(6, 6, 0, false)]
#[case::a_tenth(100, 10, 0, true)]
#[case::more_than_a_tenth(100, 11, 0, false)]
#[case::those_who_are_taken_away_do_not_count(100, 28, 20, true)]
#[case::but_only_they(100, 29, 20, false)]
#[tokio::test]
async fn how_many_may_be_missing(
    #[case] known: usize,
    #[case] gone: usize,
    #[case] leaving: usize,
    #[case] fits: bool,
) {
    assert_eq!(missing(known, gone, leaving) == Fit::Fits, fits);
}

#[tokio::test]
async fn the_first_sweep_fits() {
    assert_eq!(fit(None, &people(0), |_| false), Fit::Fits);
}

#[tokio::test]
async fn history_is_no_presence() {
    let mut before = people(20);
    for row in before.values_mut().take(10) {
        row.standing = Standing::Revoked;
    }
    let before = Picture { begun: Instant::now(), people: before };
    let mut now = before.people.clone();
    now.retain(|_, row| row.standing.is_present());
    assert_eq!(fit(Some(&before), &now, |_| false), Fit::Fits);
    for row in now.values_mut() {
        row.standing = Standing::Revoked;
    }
    assert!(
        matches!(fit(Some(&before), &now, |_| false), Fit::PeopleMissing { missing } if missing.len() == 10)
    );
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_changed_is_everybody_whose_row_differs(before in any::<[u8; 12]>(), now in any::<[u8; 12]>()) {
        let picture = |rows: [u8; 12]| -> HashMap<String, Presence> {
            rows.iter()
                .enumerate()
                .filter(|(_, row)| **row % 4 != 0)
                .map(|(place, row)| (place.to_string(), presence(Standing::Pending, &(row % 4).to_string())))
                .collect()
        };
        let told: HashSet<String> = changed(&picture(before), &picture(now)).into_iter().collect();
        for place in 0..12 {
            prop_assert_eq!(told.contains(&place.to_string()), before[place] % 4 != now[place] % 4);
        }
    }
}

fn hide(bench: &Bench, people: std::ops::Range<usize>) {
    bench.vendor.state().hidden = people.map(|person| format!("p{person}@example.com")).collect();
}

async fn shrunken() -> Bench {
    let bench = Bench::new();
    for person in 0..20 {
        bench.vendor.put(&format!("p{person}@example.com"), Standing::Pending, "1");
    }
    sleep(seconds(1)).await;
    hide(&bench, 0..6);
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert_eq!(bench.health().people_missing, Some(6));
    bench
}

#[tokio::test(start_paused = true)]
async fn a_shrunken_sweep_pauses_invites_until_one_fits() {
    let bench = shrunken().await;
    assert!(*bench.host.providers_woken.lock().unwrap() >= 2, "the provider says so");
    let known = bench.ask("p0@example.com").sighting.unwrap();
    assert!(known.present().is_some(), "the picture stays as it was");
    bench.invite("new@example.com");
    sleep(seconds(1800)).await;
    assert!(bench.intents().is_empty(), "nothing is recorded");
    hide(&bench, 0..0);
    bench.tenants.look_now(&bench.key);
    sleep(seconds(5)).await;
    assert_eq!(bench.health().people_missing, None);
    assert_eq!(bench.vendor.mails_to("new@example.com"), 1);
}

#[tokio::test(start_paused = true)]
async fn deletions_go_on_meanwhile() {
    let bench = shrunken().await;
    sleep(seconds(300)).await;
    for person in 10..13 {
        let email = format!("p{person}@example.com");
        bench.request(&email, Wish::Cancel(target(&email, "1")));
    }
    sleep(seconds(30)).await;
    assert_eq!(bench.vendor.calls()[0].people.len(), 3);
    assert_eq!(bench.vendor.truth("p10@example.com"), None);
}

#[tokio::test(start_paused = true)]
async fn somebody_and_two_sweeps_that_agree_end_the_pause() {
    let bench = shrunken().await;
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert!(bench.health().people_missing.is_some(), "agreeing sweeps alone do not");
    bench.tenants.approve_missing(&bench.key);
    sleep(seconds(1)).await;
    assert_eq!(bench.health().people_missing, None);
    assert!(bench.ask("p0@example.com").sighting.unwrap().present().is_none());
}

#[tokio::test(start_paused = true)]
async fn sweeps_that_disagree_do_not_end_it() {
    let bench = shrunken().await;
    hide(&bench, 6..12);
    bench.tenants.approve_missing(&bench.key);
    sleep(seconds(1)).await;
    assert!(bench.health().people_missing.is_some(), "as many, but others");
    bench.tenants.look_now(&bench.key);
    sleep(seconds(1)).await;
    assert_eq!(bench.health().people_missing, None, "the same again");
}

#[tokio::test(start_paused = true)]
async fn an_approval_before_the_pause_is_none() {
    let bench = Bench::new();
    for person in 0..20 {
        bench.vendor.put(&format!("p{person}@example.com"), Standing::Pending, "1");
    }
    sleep(seconds(1)).await;
    bench.tenants.approve_missing(&bench.key);
    hide(&bench, 0..6);
    for _ in 0..3 {
        bench.tenants.look_now(&bench.key);
        sleep(seconds(1)).await;
    }
    assert!(bench.health().people_missing.is_some());
}

#[tokio::test(start_paused = true)]
async fn those_whom_we_took_away_are_not_missed() {
    let bench = Bench::new();
    for person in 0..20 {
        bench.vendor.put(&format!("p{person}@example.com"), Standing::Pending, "1");
    }
    sleep(seconds(1)).await;
    for person in 0..20 {
        let email = format!("p{person}@example.com");
        bench.request(&email, Wish::Cancel(target(&email, "1")));
    }
    sleep(seconds(1200)).await;
    assert_eq!(bench.health().people_missing, None);
    assert_eq!(bench.vendor.calls().len(), 1);
}

/// A list of everybody is from a look that began after it was asked for, and the providers are woken once it is there.
#[tokio::test(start_paused = true)]
async fn everybody_is_listed_from_a_later_look() {
    let bench = Bench::new();
    bench.vendor.put("ada@example.com", Standing::Member, "1");
    bench.vendor.put("bob@example.com", Standing::Revoked, "2");
    sleep(seconds(5)).await;
    let sweeps = bench.vendor.state().sweeps.len();
    let woken = || *bench.host.providers_woken.lock().unwrap();
    let (before, since) = (woken(), Instant::now());
    let list = || bench.tenants.everybody(&bench.key, since, |email, _| Some(email.to_owned()));
    assert_eq!(list(), None, "the look of a moment ago is too old");
    sleep(seconds(5)).await;
    assert_eq!(list(), Some(vec!["ada@example.com".to_owned()]));
    assert_eq!((bench.vendor.state().sweeps.len(), woken()), (sweeps + 1, before + 1));
    sleep(seconds(3600)).await;
    assert_eq!(woken(), before + 1, "once");
}

/// Whoever asks to be looked for is woken by the look, although nothing has changed.
#[tokio::test(start_paused = true)]
async fn a_look_that_was_asked_for_wakes_who_asked() {
    let bench = Bench::new();
    bench.vendor.put("ada@example.com", Standing::Member, "1");
    sleep(seconds(5)).await;
    let woken = || std::mem::take(&mut *bench.host.woken.lock().unwrap());
    woken();
    bench.tenants.look_for(&bench.key, "ada@example.com");
    sleep(seconds(5)).await;
    assert_eq!(woken(), ["ada@example.com"]);
    sleep(seconds(3600)).await;
    assert!(woken().is_empty(), "once");
}
