//! The lists of rights: told to whoever runs the tests, and held against the page that has them.

use std::collections::BTreeSet;
use std::io::Write;

use test_rig::lab::OPERATOR;
use test_rig::pages;
use test_rig::rights::Grant;

const PAGE: &str = "docs/rights.md";

/// Writes a list to the standard output, also when the test passes: it is a result.
pub fn tell(list: &str) {
    std::io::stdout().lock().write_all(list.as_bytes()).expect("standard output is open");
}

/// Checks that the page has these rights and no others: those for served namespaces, and, where providers of the cluster are
/// served too, those for them.
pub fn is_documented(grants: &BTreeSet<Grant>, served: &[&str], with_cluster: bool) {
    let place = |grant: &Grant| match grant.place.as_str() {
        "" => "the cluster".to_owned(),
        OPERATOR => "the operator's namespace".to_owned(),
        namespace if served.contains(&namespace) => "each served namespace".to_owned(),
        namespace => format!("namespace `{namespace}`"),
    };
    let held: BTreeSet<(String, String)> =
        grants.iter().map(|grant| (format!("`{}`", grant.right), place(grant))).collect();
    let tables: Vec<_> = pages::read(PAGE).tables();
    let mut tables: Vec<_> = tables.into_iter().filter(|table| table.header[0] == "right").collect();
    assert_eq!(tables.len(), 2, "{PAGE}: one table for namespaces, one for providers of the cluster");
    tables.truncate(if with_cluster { 2 } else { 1 });
    let told = tables.iter().flat_map(|table| &table.rows);
    let told: BTreeSet<(String, String)> = told.map(|row| (row[0].clone(), row[1].clone())).collect();
    let (silent, wrong): (Vec<_>, Vec<_>) =
        (held.difference(&told).collect(), told.difference(&held).collect());
    assert!(silent.is_empty() && wrong.is_empty(), "{PAGE}: not told: {silent:?}; not held: {wrong:?}");
}
