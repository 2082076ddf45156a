//! E-mail addresses: those that the API takes, and what was probably meant by others.

use std::collections::BTreeSet;

use super::nearest;

/// The longest address.
const LENGTH_MAX: usize = 254;

/// Whether the API takes an address: what `spec.email` of a `UserInvitation` says.
pub fn is_valid(address: &str) -> bool {
    let Some((local, domain)) = address.rsplit_once('@') else { return false };
    address.len() <= LENGTH_MAX && local.split('.').all(is_atom) && is_domain(domain)
}

fn is_atom(part: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !part.is_empty() && part.bytes().all(allowed)
}

fn is_domain(domain: &str) -> bool {
    let Some((rest, top)) = domain.rsplit_once('.') else { return false };
    rest.split('.').all(is_label)
        && is_label(top)
        && top.len() >= 2
        && top.bytes().next().is_some_and(|byte| byte.is_ascii_alphabetic())
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

/// The valid address that was probably meant; `domains` are those of the other rows.
pub fn nearest(text: &str, domains: &BTreeSet<String>) -> Option<String> {
    let inner = text.rsplit_once('<').map_or(text, |(_, rest)| rest.trim_end_matches('>'));
    let inner = inner.strip_prefix("mailto:").unwrap_or(inner);
    let joined: String = inner.chars().filter(|c| !c.is_whitespace()).collect();
    let joined = joined.replace("(at)", "@").replace("[at]", "@").replace("@@", "@");
    let dotted = joined.replace([',', ';'], ".").replace("..", ".");
    let ends = dotted.trim_matches(|c: char| !c.is_ascii_alphanumeric()).to_owned();
    if let Some(valid) = [joined, dotted, ends.clone()].into_iter().find(|address| is_valid(address)) {
        return Some(valid);
    }
    let (local, domain) = ends.rsplit_once('@')?;
    let domain = nearest::nearest(domain, domains.iter().map(String::as_str))?;
    Some(format!("{local}@{domain}")).filter(|address| is_valid(address))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_api_takes() {
        for address in ["ada@example.com", "A.d'a+x@sub.example-1.co", "=x@a.bc"] {
            assert!(is_valid(address), "{address}");
        }
        let long = format!("{}@example.com", "a".repeat(250));
        for address in [
            "",
            "ada",
            "ada@",
            "@example.com",
            "ada@example",
            "ada@example.c",
            "ada@.com",
            "ada@example.1a",
            "ada lovelace@example.com",
            "a..b@example.com",
            ".a@example.com",
            "ada@-example.com",
            "ada@example.com.",
            "adá@example.com",
            "a@b@example.com",
            &long,
        ] {
            assert!(!is_valid(address), "{address}");
        }
    }

    #[test]
    fn what_was_probably_meant() {
        let domains = BTreeSet::from(["example.com".to_owned()]);
        for (text, meant) in [
            ("ada @example.com", Some("ada@example.com")),
            ("Ada Lovelace <Ada@example.com>", Some("Ada@example.com")),
            ("mailto:ada@example.com", Some("ada@example.com")),
            ("ada@example,com", Some("ada@example.com")),
            ("ada(at)example.com", Some("ada@example.com")),
            ("ada@example.com;", Some("ada@example.com")),
            ("ada@example", Some("ada@example.com")),
            ("ada", None),
            ("adá@example.com", None),
        ] {
            assert_eq!(nearest(text, &domains).as_deref(), meant, "{text}");
        }
    }
}
