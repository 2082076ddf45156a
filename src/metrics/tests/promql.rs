//! As much of `PromQL` as it takes to find our metrics in an expression, with the labels that it names. Whether the rest
//! is right, Prometheus' own engine says in `tests/monitoring`.

use super::conventions::PREFIX;

/// One metric in an expression.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Selector {
    /// The metric.
    pub name: String,
    /// Labels with the values that they are compared to.
    pub matchers: Vec<(String, Vec<String>)>,
}

/// What an expression reads, and the labels by which it groups and joins.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub selectors: Vec<Selector>,
    pub labels: Vec<String>,
}

/// Words that are followed by a list of labels.
const LISTS: [&str; 6] = ["by", "without", "on", "ignoring", "group_left", "group_right"];

pub(super) fn read(expression: &str) -> Read {
    let mut read = Read::default();
    let mut rest = expression;
    while let Some(first) = rest.chars().next() {
        if !first.is_ascii_alphabetic() && first != '_' {
            rest = &rest[first.len_utf8()..];
            continue;
        }
        let (word, after) = split(rest, |c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        rest = after.trim_start();
        if LISTS.contains(&word) {
            let (list, after) = inside(rest, '(', ')');
            read.labels.extend(list.split(',').map(|label| label.trim().to_owned()));
            rest = after;
        } else if word.starts_with(PREFIX) {
            let (braces, after) = if rest.starts_with('{') { inside(rest, '{', '}') } else { ("", rest) };
            read.selectors.push(Selector { name: word.to_owned(), matchers: matchers(braces) });
            rest = after;
        }
    }
    read
}

/// The beginning whose characters are so, and the rest.
fn split(text: &str, is_so: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !is_so(c)).unwrap_or(text.len()))
}

/// What stands between two brackets that the text begins with, and what follows them.
fn inside(text: &str, open: char, close: char) -> (&str, &str) {
    let text = text.strip_prefix(open).unwrap_or_else(|| panic!("{open} before {text}"));
    text.split_once(close).unwrap_or_else(|| panic!("no {close} in {text}"))
}

fn matchers(braces: &str) -> Vec<(String, Vec<String>)> {
    let mut matchers = Vec::new();
    let mut rest = braces;
    while let Some((label, after)) = rest.split_once(['=', '!']) {
        let (value, after) = inside(after.trim_start_matches(['=', '~']), '"', '"');
        matchers.push((label.trim().to_owned(), value.split('|').map(ToOwned::to_owned).collect()));
        rest = after.trim_start_matches([',', ' ']);
    }
    matchers
}

#[test]
fn metrics_are_found_where_they_stand() {
    let found = read(
        r#"sum by (vendor, state) (rate(user_invitation_operator_a_total{code=~"4xx|5xx",vendor!="X"}[$__rate_interval]))
           / on (vendor) group_left () user_invitation_operator_b > 3 * 86400
           and time() - max_over_time(user_invitation_operator_c [15m]) offset 5m"#,
    );
    let names: Vec<&str> = found.selectors.iter().map(|selector| selector.name.as_str()).collect();
    assert_eq!(names, ["a_total", "b", "c"].map(|name| format!("{PREFIX}{name}")));
    let values = |list: &[&str]| list.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>();
    assert_eq!(
        found.selectors[0].matchers,
        [("code".to_owned(), values(&["4xx", "5xx"])), ("vendor".to_owned(), values(&["X"]))]
    );
    assert_eq!(found.labels, ["vendor", "state", "vendor", ""]);
}
