use proptest::prelude::*;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;

fn row(id: usize) -> Value {
    json!({"id": format!("id-{id}"), "email": format!("Person{id}@example.com"), "accountState": "Active"})
}

fn rows(ids: impl IntoIterator<Item = usize>) -> Vec<Value> {
    ids.into_iter().map(row).collect()
}

/// Reads a platform of `count` users that gives `size` rows a page.
fn read(count: usize, size: usize, told: bool) -> (Sweep, usize) {
    let mut pages = Pages::default();
    let total = told.then_some(count);
    loop {
        let skipped = pages.count() * size;
        let page = List { rows: rows((skipped..count).take(size)), total };
        if !pages.take(&page) {
            let calls = pages.count();
            return (pages.close(), calls);
        }
    }
}

#[rstest]
#[case::nobody(0, true, 1)]
#[case::one_page(5, true, 1)]
#[case::full_page(10, true, 1)]
#[case::pages(25, true, 3)]
#[case::nobody_untold(0, false, 1)]
#[case::one_page_untold(5, false, 2)]
#[case::full_page_untold(10, false, 2)]
#[case::pages_untold(25, false, 3)]
#[case::full_pages_untold(30, false, 4)]
fn all_pages_are_read(#[case] count: usize, #[case] told: bool, #[case] calls: usize) {
    let (sweep, made) = read(count, 10, told);
    assert_eq!((sweep.people.len(), sweep.incomplete, made), (count, None, calls));
}

#[test]
fn a_platform_without_pages_answers_with_everybody_each_time() {
    let mut pages = Pages::default();
    assert!(pages.take(&List { rows: rows(0..3), total: None }));
    assert!(!pages.take(&List { rows: rows(0..3), total: None }));
    assert_eq!(pages.close().incomplete, None);
}

#[rstest]
#[case::total_too_large(vec![(vec![0, 1], Some(3)), (vec![], Some(3))], "the number of users does not fit")]
#[case::total_too_small(vec![(vec![0, 1], Some(1))], "the number of users does not fit")]
#[case::total_changes(vec![(vec![0, 1], Some(4)), (vec![2], Some(3))], "the number of users changed between pages")]
#[case::total_goes(vec![(vec![0, 1], Some(4)), (vec![2, 3], None)], "the number of users changed between pages")]
#[case::rows_move(vec![(vec![0, 1], None), (vec![1, 2], None), (vec![], None)], "pages of users overlap")]
#[case::rows_repeat(vec![(vec![0, 1], None), (vec![1, 0], None)], "pages of users overlap")]
#[case::two_rows_with_one_id(vec![(vec![0, 0], Some(2))], "the number of users does not fit")]
fn doubtful_pages_prove_nothing(#[case] given: Vec<(Vec<usize>, Option<usize>)>, #[case] why: &str) {
    let mut pages = Pages::default();
    let last = given.len() - 1;
    for (index, (ids, total)) in given.into_iter().enumerate() {
        let more = pages.take(&List { rows: rows(ids), total });
        assert!(more || index == last, "stopped at {index}");
    }
    assert_eq!(pages.close().incomplete, Some(why));
}

#[test]
fn a_row_without_an_address_proves_nothing() {
    for bad in [json!({"id": "1"}), json!({"email": " "}), json!(7), json!(null)] {
        let mut pages = Pages::default();
        pages.take(&List { rows: vec![row(0), bad], total: Some(2) });
        let sweep = pages.close();
        assert_eq!((sweep.people.len(), sweep.incomplete), (1, Some("a user without an address")));
    }
}

#[test]
fn of_two_rows_of_one_person_the_member_counts() {
    let of = |id: &str, state: &str| json!({"id": id, "email": "A@b.c", "accountState": state});
    for rows in [[of("1", "New"), of("2", "Active")], [of("1", "Active"), of("2", "New")]] {
        let mut pages = Pages::default();
        pages.take(&List { rows: rows.to_vec(), total: None });
        assert_eq!(pages.close().people["a@b.c"].standing, Standing::Member);
    }
}

proptest! {
    #[test]
    fn everybody_is_found_whatever_the_size_of_pages(count in 0_usize..60, size in 1_usize..20, told: bool) {
        let (sweep, calls) = read(count, size, told);
        prop_assert_eq!((sweep.people.len(), sweep.incomplete), (count, None));
        prop_assert!(calls <= count / size + 2);
    }
}
