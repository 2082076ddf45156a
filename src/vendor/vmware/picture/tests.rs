use proptest::prelude::*;
use rstest::rstest;

use super::*;

const LIFE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
const DAY: i64 = 24 * 60 * 60 * 1000;
/// The present of these tests in milliseconds since 1970.
const NOW: i64 = 1_760_000_000_000;

fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW).unwrap()
}

fn row(id: &str, username: &str, status: &str, generated: i64) -> Invitation {
    Invitation {
        ref_link: Some(format!("/orgs/o/invitations/{id}")),
        username: Some(username.to_owned()),
        status: Some(status.to_owned()),
        generated_at: Some(generated),
        expiration_time: Some(generated + 7 * DAY),
    }
}

fn user(username: &str, email: &str, id: &str) -> User {
    User {
        username: Some(username.to_owned()),
        acct: None,
        email: Some(email.to_owned()),
        id: Some(id.to_owned()),
        ..User::default()
    }
}

fn one(rows: Vec<Invitation>, users: &[User]) -> Presence {
    let people = people(rows, users, LIFE, now());
    assert_eq!(people.len(), 1, "{people:?}");
    people.into_values().next().unwrap()
}

#[rstest]
#[case::pending(vec![row("1", "a@x", "AVAILABLE", NOW - DAY)], Standing::Pending, 1)]
#[case::case_of_status(vec![row("1", "a@x", "available", NOW - DAY)], Standing::Pending, 1)]
#[case::expired(vec![row("1", "a@x", "AVAILABLE", NOW - 8 * DAY)], Standing::Expired, 1)]
#[case::expired_word(vec![row("1", "a@x", "EXPIRED", NOW - 8 * DAY)], Standing::Expired, 0)]
#[case::revoked(vec![row("1", "a@x", "REVOKED", NOW - DAY)], Standing::Revoked, 0)]
#[case::redeemed(vec![row("1", "a@x", "REDEEMED", NOW - DAY)], Standing::Redeemed, 0)]
#[case::unknown(vec![row("1", "a@x", "QUARANTINED", NOW - DAY)], Standing::Blocked, 0)]
#[case::mixed_case(
    vec![row("1", "A@x", "REVOKED", NOW - DAY), row("2", "a@X", "AVAILABLE", NOW - DAY + 1)],
    Standing::Pending, 1
)]
#[case::newest_decides(
    vec![row("1", "a@x", "AVAILABLE", NOW - 9 * DAY), row("2", "a@x", "REVOKED", NOW - DAY)],
    Standing::Revoked, 1
)]
#[case::open_one_is_not_overlooked(
    vec![row("1", "a@x", "AVAILABLE", NOW - 2 * DAY), row("2", "a@x", "REVOKED", NOW - DAY)],
    Standing::Pending, 1
)]
#[case::two_open(
    vec![row("1", "a@x", "AVAILABLE", NOW - 2 * DAY), row("2", "a@x", "AVAILABLE", NOW - DAY)],
    Standing::Pending, 2
)]
fn invitations_of_one_person(#[case] rows: Vec<Invitation>, #[case] standing: Standing, #[case] open: usize) {
    let presence = one(rows, &[]);
    assert_eq!((presence.standing, presence.open_invitations), (standing, open));
    assert_eq!(presence.user_id, None);
}

#[test]
fn the_id_is_of_the_newest_open_invitation() {
    let rows = vec![
        row("1", "a@x", "AVAILABLE", NOW - 3 * DAY),
        row("2", "a@x", "AVAILABLE", NOW - 2 * DAY),
        row("3", "a@x", "REVOKED", NOW - DAY),
    ];
    let presence = one(rows, &[]);
    assert_eq!(presence.invitation_id.as_deref(), Some("2"));
    assert_eq!(presence.invited, Timestamp::from_millisecond(NOW - 2 * DAY).ok());
}

#[rstest]
#[case::milliseconds(Some(NOW + DAY), NOW + DAY)]
#[case::seconds(Some(604_800), NOW + 7 * DAY)]
#[case::a_span_of_milliseconds(Some(604_800_000), NOW + 7 * DAY)]
#[case::seconds_since_1970(Some(NOW / 1000), NOW + 7 * DAY)]
#[case::zero(Some(0), NOW + 7 * DAY)]
#[case::negative(Some(-1), NOW + 7 * DAY)]
#[case::missing(None, NOW + 7 * DAY)]
fn the_end_of_an_invitation(#[case] told: Option<i64>, #[case] expected: i64) {
    let rows = vec![Invitation { expiration_time: told, ..row("1", "a@x", "AVAILABLE", NOW) }];
    assert_eq!(one(rows, &[]).expires, Timestamp::from_millisecond(expected).ok());
}

#[test]
fn an_invitation_without_any_time_can_be_used() {
    let rows =
        vec![Invitation { generated_at: None, expiration_time: None, ..row("1", "a@x", "AVAILABLE", NOW) }];
    let presence = one(rows, &[]);
    assert_eq!((presence.standing, presence.expires), (Standing::Pending, None));
}

#[rstest]
#[case("AVAILABLE", 1)]
#[case("REVOKED", 0)]
#[case("REDEEMED", 0)]
#[case("QUARANTINED", 0)]
fn a_member_is_a_member(#[case] status: &str, #[case] open: usize) {
    let before = one(vec![row("1", "a@x", status, NOW)], &[]);
    let presence = one(vec![row("1", "a@x", status, NOW)], &[user("A@x", "a@X", "idp:1")]);
    assert_eq!((presence.standing, presence.open_invitations), (Standing::Member, open));
    assert_eq!(presence.user_id.as_deref(), Some("idp:1"));
    assert_ne!(presence.fingerprint, before.fingerprint);
}

#[test]
fn another_login_name_is_found_by_mail_too() {
    let people =
        people(vec![], &[user("ada@idp", "ada@x", "idp:1"), user("bob@x", "ada@idp", "idp:2")], LIFE, now());
    assert_eq!(people["ada@x"].user_id.as_deref(), Some("idp:1"));
    assert_eq!(people["ada@idp"].user_id.as_deref(), Some("idp:1"), "the login name counts more");
    assert_eq!(people["bob@x"].user_id.as_deref(), Some("idp:2"));
}

#[test]
fn rows_without_a_name_are_nobody() {
    let nameless = Invitation { username: None, ..row("1", "a@x", "AVAILABLE", NOW) };
    assert!(people(vec![nameless], &[User::default()], LIFE, now()).is_empty());
}

fn any_row() -> impl Strategy<Value = Invitation> {
    let status = prop::sample::select(vec!["AVAILABLE", "REVOKED", "REDEEMED", "NEW"]);
    (0_u8..40, prop::sample::select(vec!["a@x", "A@x", "b@x"]), status, 0_i64..20)
        .prop_map(|(id, username, status, age)| row(&id.to_string(), username, status, NOW - age * DAY))
}

proptest! {
    #[test]
    fn the_order_of_rows_does_not_matter(rows in prop::collection::vec(any_row(), 0..12).prop_shuffle()) {
        let mut sorted = rows.clone();
        sorted.sort_by_key(|row| (row.ref_link.clone(), row.username.clone(), row.status.clone(), row.generated_at));
        // one id is one invitation
        let mut seen = std::collections::HashSet::new();
        sorted.retain(|row| seen.insert(row.ref_link.clone()));
        let mut shuffled = rows;
        shuffled.retain(|row| sorted.contains(row));
        shuffled.dedup();
        let mut seen = std::collections::HashSet::new();
        shuffled.retain(|row| seen.insert(row.ref_link.clone()));
        prop_assert_eq!(people(shuffled, &[], LIFE, now()), people(sorted, &[], LIFE, now()));
    }

    #[test]
    fn a_person_with_a_usable_invitation_is_pending(rows in prop::collection::vec(any_row(), 1..12)) {
        let usable = |key: &str| rows.iter().any(|row| {
            Email::new(row.username.as_deref().unwrap()).key() == key
                && is_open(row)
                && row.expiration_time.unwrap() > NOW
        });
        for (key, presence) in people(rows.clone(), &[], LIFE, now()) {
            prop_assert_eq!(presence.standing == Standing::Pending, usable(&key));
            prop_assert_eq!(presence.invitation_id.is_some(), presence.open_invitations > 0);
        }
    }
}
