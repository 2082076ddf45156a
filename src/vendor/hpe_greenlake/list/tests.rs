use proptest::prelude::*;

use super::*;
use crate::vendor::lenient::Row;

fn user(id: usize, status: &str) -> User {
    User {
        id: Some(format!("id-{id}")),
        username: Some(format!("Person{id}@example.com")),
        status: Some(status.to_owned()),
        created_at: Some("2026-01-29T14:21:05".to_owned()),
    }
}

fn page(users: &[User], total: usize) -> Page {
    Page {
        total: i64::try_from(total).ok(),
        items: users.iter().cloned().map(|user| Row(Some(user))).collect(),
    }
}

fn people(count: usize) -> Vec<User> {
    (0..count).map(|id| user(id, "VERIFIED")).collect()
}

#[test]
fn one_page_is_all() {
    let mut pages = Pages::default();
    pages.take(page(&people(3), 3), false);
    assert!(!pages.wants_more());
    let sweep = pages.close();
    assert_eq!((sweep.people.len(), sweep.incomplete), (3, None));
}

#[test]
fn a_total_that_does_not_fit_proves_nothing() {
    let mut pages = Pages::default();
    pages.take(page(&people(3), 4), false);
    assert_eq!(pages.close().incomplete, Some("the number of users does not fit"));
}

#[test]
fn removed_people_count_as_rows_but_are_not_there() {
    let mut pages = Pages::default();
    let rows =
        [user(0, "VERIFIED"), user(1, "DELETED"), user(2, "DELETE_IN_PROGRESS"), user(3, "UNVERIFIED")];
    pages.take(page(&rows, 4), false);
    let sweep = pages.close();
    assert_eq!((sweep.people.len(), sweep.incomplete), (2, None));
}

#[test]
fn a_row_without_a_name_proves_nothing() {
    let mut pages = Pages::default();
    pages.take(
        Page { total: Some(1), items: vec![Row(Some(User { id: Some("1".into()), ..User::default() }))] },
        false,
    );
    assert_eq!(pages.close().incomplete, Some("a user without a name"));
}

#[test]
fn of_two_rows_the_member_counts_then_the_newer_one() {
    let named = |id: usize, status: &str, created: &str| User {
        username: Some("Ada@example.com".to_owned()),
        created_at: Some(created.to_owned()),
        ..user(id, status)
    };
    let rows = [
        named(1, "UNVERIFIED", "2026-03-01T00:00:00"),
        named(2, "VERIFIED", "2026-01-01T00:00:00"),
        named(3, "UNVERIFIED", "2026-02-01T00:00:00"),
    ];
    let mut pages = Pages::default();
    pages.take(page(&rows, 3), false);
    assert_eq!(pages.close().people["ada@example.com"].user_id.as_deref(), Some("id-2"));
}

proptest! {
    #[test]
    fn overlapping_pages_bring_everybody_once(count in 1_usize..40, size in 2_usize..12) {
        let all = people(count);
        let mut pages = Pages::default();
        let mut offset = 0;
        let mut again = false;
        while pages.wants_more() {
            let rows = &all[offset..(offset + size).min(count)];
            let taken = pages.take(page(rows, count), again);
            prop_assert!(taken.news);
            prop_assert_eq!(taken.overlaps, again);
            offset += rows.len() - 1;
            again = true;
        }
        let sweep = pages.close();
        prop_assert_eq!((sweep.people.len(), sweep.incomplete), (count, None));
    }

    #[test]
    fn a_row_that_leaves_between_pages_is_noticed(count in 4_usize..40, size in 2_usize..12, gone in 0_usize..40) {
        prop_assume!(size < count && gone < count);
        let mut all = people(count);
        let mut pages = Pages::default();
        pages.take(page(&all[..size], count), false);
        all.remove(gone);
        let left = all.len();
        let rows = &all[(size - 1).min(left)..];
        let taken = pages.take(page(rows, left), true);
        prop_assert!(!taken.overlaps || gone >= size);
        prop_assert!(pages.close().incomplete.is_some(), "the number changed");
    }
}
