//! Building URLs from parts that others wrote.

use std::fmt::Write;

use reqwest::Url;

/// Longest id that stands in a path, in bytes.
const LONGEST_ID: usize = 512;

/// `base` with a path of these segments and this query, everything encoded.
pub(in crate::vendor) fn target(base: &Url, path: &[&str], query: &[(&str, &str)]) -> Url {
    let mut url = base.clone();
    url.set_fragment(None);
    url.set_query(None);
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().extend(path);
    }
    if !query.is_empty() {
        let query: Vec<_> = query.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        url.set_query(Some(&query.join("&")));
    }
    url
}

/// `base` with a path of these segments and of an id that may hold anything, such as a login name. `None`: an id that
/// would lead elsewhere.
pub(in crate::vendor) fn target_of(base: &Url, path: &[&str], id: &str) -> Option<Url> {
    let leads_elsewhere = id.bytes().all(|byte| byte == b'.') || id.chars().any(char::is_control);
    if leads_elsewhere || id.len() > LONGEST_ID {
        return None;
    }
    let mut url = target(base, path, &[]);
    // An address stays readable: `@` may stand in a path.
    let last = encoded(id).replace("%40", "@");
    url.set_path(&format!("{}/{last}", url.path()));
    Some(url)
}

/// Encodes everything but unreserved characters, so that `+`, quotes and blanks mean themselves.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// Whether an id that a vendor gave may stand in a path: it is one segment and can't lead anywhere else.
pub(in crate::vendor) fn is_path_safe(id: &str) -> bool {
    (1..=128).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.:@".contains(&byte))
        && !id.bytes().all(|byte| byte == b'.')
}

/// The last segment of a link, absolute or relative, without query and fragment.
pub(in crate::vendor) fn last_segment(link: &str) -> Option<&str> {
    let path = link.split(['?', '#']).next()?.trim_end_matches('/');
    let segment = path.rsplit('/').next()?;
    is_path_safe(segment).then_some(segment)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain("a@b.c", "a%40b.c")]
    #[case::plus("a+b@c.d", "a%2Bb%40c.d")]
    #[case::quote("o''brien", "o%27%27brien")]
    #[case::blank("a b", "a%20b")]
    #[case::beyond_ascii("ü&=", "%C3%BC%26%3D")]
    fn queries(#[case] value: &str, #[case] expected: &str) {
        let base = Url::parse("https://h.example/old?x=1#y").unwrap();
        let url = target(&base, &["a", "b/c"], &[("q", value), ("n", "1")]);
        assert_eq!(url.as_str(), format!("https://h.example/a/b%2Fc?q={expected}&n=1"));
    }

    #[rstest]
    #[case::address("Ada+1@example.com", Some("Ada%2B1@example.com"))]
    #[case::slashes("a/../b", Some("a%2F..%2Fb"))]
    #[case::percent("a%2e%2e b?c#d", Some("a%252e%252e%20b%3Fc%23d"))]
    #[case::beyond_ascii("ü", Some("%C3%BC"))]
    #[case::parent("..", None)]
    #[case::dot(".", None)]
    #[case::empty("", None)]
    #[case::line("a\nb", None)]
    fn ids_in_paths(#[case] id: &str, #[case] expected: Option<&str>) {
        let base = Url::parse("https://h.example/old").unwrap();
        let url = target_of(&base, &["api", "users"], id);
        let expected = expected.map(|last| format!("https://h.example/api/users/{last}"));
        assert_eq!(url.map(String::from), expected);
    }

    #[rstest]
    #[case::relative("/identity/v1/users/3f1c2b9e-9268", Some("3f1c2b9e-9268"))]
    #[case::absolute("https://h/identity/v1/users/3f1c?x=/y", Some("3f1c"))]
    #[case::trailing("/users/3f1c/", Some("3f1c"))]
    #[case::bare("3f1c", Some("3f1c"))]
    #[case::empty("", None)]
    #[case::parent("/users/..", None)]
    #[case::odd("/users/a%2e%2e", None)]
    fn last_segments(#[case] link: &str, #[case] expected: Option<&str>) {
        assert_eq!(last_segment(link), expected);
    }
}
