use ConditionStatus::{False, True, Unknown};
use ConditionType::{Accepted, Invited, Ready, Stalled};
use proptest::prelude::*;
use rstest::rstest;

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// Ready=False Throttled "wait", generation 1, since second 100; and Invited=True since second 50.
fn known() -> Vec<Condition> {
    let mut conditions = Vec::new();
    set_condition(&mut conditions, Ready, False, Reason::Throttled, "wait", at(100), 1);
    set_condition(&mut conditions, Invited, True, Reason::InvitationSent, "", at(50), 1);
    conditions
}

#[rstest]
#[case::nothing_new(Ready, False, Reason::Throttled, "wait", 1, false, 100)]
#[case::status(Ready, True, Reason::Throttled, "wait", 1, true, 200)]
#[case::reason(Ready, False, Reason::Forbidden, "wait", 1, true, 100)]
#[case::message(Ready, False, Reason::Throttled, "wait more", 1, true, 100)]
#[case::generation(Ready, False, Reason::Throttled, "wait", 2, true, 100)]
#[case::other_type(Accepted, False, Reason::AwaitingAcceptance, "", 1, true, 200)]
fn the_transition_time_moves_with_the_status_alone(
    #[case] type_: ConditionType,
    #[case] status: ConditionStatus,
    #[case] reason: Reason,
    #[case] message: &str,
    #[case] generation: i64,
    #[case] changed: bool,
    #[case] since: i64,
) {
    let mut conditions = known();
    assert_eq!(set_condition(&mut conditions, type_, status, reason, message, at(200), generation), changed);
    let set = find_condition(&conditions, type_).unwrap();
    assert_eq!(set.status, status.as_str());
    assert_eq!(set.reason, reason.as_str());
    assert_eq!(set.message, message);
    assert_eq!(set.observed_generation, Some(generation));
    assert_eq!(set.last_transition_time.0, at(since));
    let invited = find_condition(&conditions, Invited).unwrap();
    assert_eq!(invited.last_transition_time.0, at(50), "another type was touched");
}

#[test]
fn a_doubled_type_becomes_one() {
    let mut conditions = known();
    conditions.extend(known());
    assert!(set_condition(&mut conditions, Ready, False, Reason::Throttled, "wait", at(200), 1));
    assert_eq!(conditions.iter().filter(|condition| condition.type_ == "Ready").count(), 1);
    assert_eq!(find_condition(&conditions, Ready).unwrap().last_transition_time.0, at(100));
}

#[test]
fn removing() {
    let mut conditions = known();
    assert!(!remove_condition(&mut conditions, Stalled));
    assert!(remove_condition(&mut conditions, Ready));
    assert!(find_condition(&conditions, Ready).is_none());
    assert_eq!(conditions.len(), 1);
}

#[test]
fn equality_looks_past_times_and_order_only() {
    let mut later = Vec::new();
    set_condition(&mut later, Invited, True, Reason::InvitationSent, "", at(900), 1);
    set_condition(&mut later, Ready, False, Reason::Throttled, "wait", at(900), 1);
    assert!(equal_ignoring_times(&known(), &later));
    assert!(!equal_ignoring_times(&known(), &later[..1]));
    assert!(!equal_ignoring_times(&later[..1], &known()));
    for change in [
        |condition: &mut Condition| condition.status = "Unknown".to_owned(),
        |condition: &mut Condition| condition.reason = "Other".to_owned(),
        |condition: &mut Condition| condition.message.push('!'),
        |condition: &mut Condition| condition.observed_generation = Some(2),
        |condition: &mut Condition| condition.type_ = "Other".to_owned(),
    ] {
        let mut changed = known();
        change(&mut changed[0]);
        assert!(!equal_ignoring_times(&known(), &changed));
    }
}

#[test]
fn what_is_written_equals_what_is_read_back() {
    let mut conditions = Vec::new();
    let moment: Timestamp = "2026-03-04T05:06:07.89Z".parse().unwrap();
    set_condition(&mut conditions, Ready, Unknown, Reason::Settling, "", moment, 3);
    let text = serde_json::to_string(&conditions).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Condition>>(&text).unwrap(), conditions);
}

#[test]
fn born_conditions_say_that_nobody_looked() {
    let born = unreconciled();
    assert_eq!(born.len(), 1);
    assert_eq!((born[0].type_.as_str(), born[0].status.as_str()), ("Ready", "Unknown"));
    assert_eq!(born[0].last_transition_time.0, at(0));
}

proptest! {
    #[test]
    fn messages_fit_and_short_ones_stay(message in "\\PC{0,600}") {
        let short = shortened(&message);
        prop_assert!(short.chars().count() <= MESSAGE_MAX);
        if message.chars().count() <= MESSAGE_MAX {
            prop_assert_eq!(short, message);
        } else {
            prop_assert!(short.ends_with('…'));
            prop_assert!(message.starts_with(short.trim_end_matches('…')));
        }
    }
}

#[test]
fn the_first_decision_has_a_time_of_its_own() {
    let mut conditions = unreconciled();
    set_condition(&mut conditions, Ready, Unknown, Reason::ProviderNotFound, "create it", at(100), 1);
    assert_eq!(conditions[0].last_transition_time, whole_seconds(at(100)));
}
