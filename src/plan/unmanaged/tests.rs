use std::collections::BTreeSet;

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::vendor::{GrantKind, Named};

const LIFETIME: Duration = Duration::from_secs(600);

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + seconds).unwrap()
}

fn person(number: usize, access: usize) -> UnmanagedPerson {
    UnmanagedPerson {
        email: format!("{number:05}@example.com"),
        access: Some((0..access).map(|grant| format!("{grant:0160}")).collect()),
        ..UnmanagedPerson::default()
    }
}

fn listing(people: impl Iterator<Item = UnmanagedPerson>) -> Listing {
    Listing { id: "list".to_owned(), people: people.collect() }
}

fn asked(annotation: &str) -> ExportRequest<'_> {
    request(annotation).unwrap()
}

/// All pages of a list, as somebody takes them who goes on where a page ends.
fn walk(listing: &Listing) -> Vec<UnmanagedPage> {
    let (mut pages, mut offset) = (Vec::new(), 0);
    loop {
        let next = page(&asked(&format!("v/{offset}")), listing, at(0));
        offset += next.people.len();
        let last = next.people.is_empty();
        pages.push(next);
        if last {
            return pages;
        }
    }
}

proptest! {
    /// Whatever people hold, pages are bounded, and together they have everybody exactly once, in order.
    #[test]
    fn pages_together_are_the_list(grants in prop::collection::vec(0_usize..=PERSON_ACCESS_MAX, 0..700)) {
        let listing = listing(grants.into_iter().enumerate().map(|(number, grants)| person(number, grants)));
        let pages = walk(&listing);
        for page in &pages {
            prop_assert!(page.people.len() <= PAGE_PEOPLE_MAX);
            prop_assert!(serde_json::to_vec(page).unwrap().len() <= PAGE_BYTES_MAX + 2 * PAGE_PEOPLE_MAX + 512);
            prop_assert_eq!(page.total, i64::try_from(listing.people.len()).unwrap());
            prop_assert_eq!(page.listing.as_deref(), Some("list"));
        }
        let people: Vec<UnmanagedPerson> = pages.into_iter().flat_map(|page| page.people).collect();
        prop_assert_eq!(people, listing.people);
    }
}

#[test]
fn a_page_is_full_by_people_or_by_bytes() {
    let light = walk(&listing((0..450).map(|number| person(number, 0))));
    assert_eq!(light.iter().map(|page| page.people.len()).collect::<Vec<_>>(), [200, 200, 50, 0]);
    let heavy = walk(&listing((0..100).map(|number| person(number, PERSON_ACCESS_MAX))));
    assert!((40..60).contains(&heavy[0].people.len()), "{}", heavy[0].people.len());
}

#[rstest]
#[case::plain("2026-01-01T00:00:00Z/0", Some(("2026-01-01T00:00:00Z", 0)))]
#[case::slashes("a/b/200", Some(("a/b", 200)))]
#[case::nothing("", None)]
#[case::no_slash("200", None)]
#[case::no_value("/200", None)]
#[case::no_number("v/", None)]
#[case::negative("v/-1", None)]
#[case::sign("v/+1", None)]
#[case::words("v/all", None)]
#[case::too_large("v/1000000000", None)]
#[case::two_lines("v\nw/0", None)]
fn a_request_is_a_value_and_a_number(#[case] annotation: &str, #[case] wanted: Option<(&str, usize)>) {
    assert_eq!(request(annotation).map(|request| (request.value, request.offset)), wanted);
}

#[test]
fn a_value_has_its_longest() {
    assert!(request(&format!("{}/0", "v".repeat(64))).is_some());
    assert!(request(&format!("{}/0", "v".repeat(65))).is_none());
}

#[test]
fn a_page_stays_until_it_is_taken_or_too_old() {
    let made = page(&asked("v/0"), &listing((0..3).map(|number| person(number, 1))), at(0));
    let decide = |annotation, page, now| export(annotation, page, at(now), LIFETIME);
    assert_eq!(decide(None, None, 0), Export::Nothing);
    assert_eq!(decide(None, Some(&made), 1), Export::Nothing, "taken");
    assert_eq!(decide(Some("v/0"), None, 0), Export::Asks(asked("v/0")));
    assert_eq!(decide(Some("v/0"), Some(&made), 599), Export::Stays(Duration::from_secs(1)));
    assert_eq!(decide(Some("v/0"), Some(&made), -5), Export::Stays(LIFETIME), "a clock that was set back");
    assert_eq!(decide(Some("v/3"), Some(&made), 600), Export::Asks(asked("v/3")), "the next page");
    let Export::Gives(emptied) = decide(Some("v/0"), Some(&made), 600) else { panic!("it is too old") };
    assert_eq!((emptied.request.as_str(), emptied.people.len(), emptied.total), ("v/0", 0, 0));
    assert!(emptied.message.as_deref().is_some_and(|message| message.contains("ask with another value")));
    assert_eq!(decide(Some("v/0"), Some(&emptied), 10_000), Export::Says, "it is not made again");
    assert_eq!(decide(Some("w/0"), Some(&emptied), 10_000), Export::Asks(asked("w/0")));
}

#[test]
fn what_is_no_request_is_answered_once() {
    for annotation in ["all".to_owned(), "x".repeat(10_000), format!("{}/0", "ü".repeat(300))] {
        let Export::Gives(answer) = export(Some(&annotation), None, at(0), LIFETIME) else {
            panic!("{annotation} is answered")
        };
        assert!(answer.request.chars().count() <= EXPORT_REQUEST_MAX);
        assert!(answer.message.as_deref().is_some_and(|message| message.contains("as in 2026-01-01/0")));
        assert_eq!(export(Some(&annotation), Some(&answer), at(9_999), LIFETIME), Export::Says);
    }
}

fn shown(key: &str, login: Option<&str>, held: Option<Held>, tenancy: &Tenancy<'_>) -> UnmanagedPerson {
    let presence = Presence {
        standing: Standing::Member,
        user_id: login.map(str::to_owned),
        invitation_id: None,
        open_invitations: 0,
        fingerprint: String::new(),
        vendor_status: "ACTIVE".to_owned(),
        invited: None,
        expires: None,
        held,
    };
    unmanaged_person(key, &presence, tenancy)
}

#[test]
fn somebody_is_shown_with_names_and_within_bounds() {
    let groups = vec![Named { id: "g-1".to_owned(), name: "Developers\u{2028}kind: Secret".to_owned() }];
    let names = Names::default().with(GrantKind::Group, groups);
    let policy = Policy {
        protected_emails: vec!["Owner@example.com".to_owned()],
        allowed_email_domains: vec!["example.com".to_owned()],
        ..Policy::default()
    };
    let tenancy =
        Tenancy { policy: &policy, own_login: Some("robot@example.com"), logins: true, names: &names };
    let group = |id: &str| Grant::named(GrantKind::Group, id);
    let ends = Grant {
        resources: vec!["a".to_owned()],
        expires: Some(at(0)),
        ..Grant::named(GrantKind::OrganizationRole, "developer")
    };
    let long = Grant::named(GrantKind::OrganizationRole, "r".repeat(1000));
    let held = Held { shown: &[], groups: None, grants: vec![group("g-1"), group("g-2"), ends, long] };
    let ada = shown("ada@example.com", Some("ada"), Some(held), &tenancy);
    let access = ada.access.unwrap();
    assert_eq!(access[0], "developer within a until 1970-01-12T13:46:40Z");
    assert_eq!(access[1..3], ["group Developers kind: Secret", "group g-2"]);
    assert!(access[3].chars().count() == ACCESS_LENGTH_MAX && access[3].ends_with('…'));
    assert_eq!((ada.user_name.as_deref(), ada.refusal, ada.access_omitted), (Some("ada"), None, 0));

    let many = (0..40).map(|number| group(&format!("g-{number}"))).chain([group("g-0")]).collect();
    let bob = shown(
        "bob@example.com",
        Some("Bob@example.com"),
        Some(Held { shown: &[], groups: None, grants: many }),
        &tenancy,
    );
    let access: BTreeSet<String> = bob.access.unwrap().into_iter().collect();
    assert_eq!((access.len(), bob.access_omitted), (PERSON_ACCESS_MAX, 8), "a set of the API has each once");
    assert_eq!(bob.user_name, None, "the address itself");

    for protected in ["owner@example.com", "robot@example.com"] {
        let refusal = shown(protected, None, None, &tenancy).refusal;
        assert_eq!(refusal.as_deref(), Some("ProtectedPerson"), "{protected}");
    }
    let by_login = shown("x@example.com", Some("owner@example.com"), None, &tenancy);
    assert_eq!(by_login.refusal.as_deref(), Some("ProtectedPerson"));
    let elsewhere = shown("x@example.org", None, None, &tenancy);
    assert_eq!(elsewhere.refusal.as_deref(), Some("DomainNotAllowed"));
    let without = Tenancy { logins: false, ..tenancy };
    let carl = shown("carl@example.com", Some("id-7"), None, &without);
    assert_eq!((carl.user_name, carl.access), (None, None));
    let long = shown(&format!("{}@example.com", "a".repeat(300)), None, None, &tenancy).email;
    assert!(long.chars().count() == EMAIL_LENGTH_MAX && long.ends_with('…'));
}
