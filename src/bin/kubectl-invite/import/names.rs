//! Names of objects, made from what a row says and from nothing else: the same person has the same name in each import.

/// The longest name of a provider, which names files and other objects too.
const PROVIDER_MAX: usize = 63;
/// The longest login name.
pub const LOGIN_MAX: usize = 254;
/// The longest part of a name that comes from an address.
const ADDRESS_MAX: usize = 120;

/// The name of a workspace's provider, or nothing if no letter or digit is left.
pub fn of_workspace(name: &str) -> Option<String> {
    let name = slug(&name.to_lowercase(), |_| false);
    let name = name.get(..PROVIDER_MAX.min(name.len()))?.trim_matches('-').to_owned();
    (!name.is_empty()).then_some(name)
}

/// Whether a text can be the name of a provider or of a profile.
pub fn is_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= PROVIDER_MAX
        && text.bytes().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether a text can be a login name.
pub fn is_login(text: &str) -> bool {
    (1..=LOGIN_MAX).contains(&text.len())
        && text.trim() == text
        && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// The name of a person's object. Where the address has to be changed for it, a part that is computed from the
/// address keeps it apart from others.
pub fn of_person(provider: &str, email: &str) -> String {
    let email = email.to_lowercase();
    let plain = email.replacen('@', "-at-", 1);
    let mut name = slug(&plain, |c| c == '.');
    let changed = name != plain || email.contains("-at-") || name.len() > ADDRESS_MAX;
    if changed {
        name.truncate(ADDRESS_MAX);
        let end = name.trim_end_matches(['-', '.']).len();
        name.truncate(end);
        name = format!("{name}-{:08x}", fnv(&email));
    }
    format!("{provider}.{name}")
}

/// Letters, digits and what is kept; other runs become one dash, and none stands at the end of a part.
fn slug(text: &str, kept: impl Fn(char) -> bool) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if kept(c) {
            while slug.ends_with('-') {
                slug.pop();
            }
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with(['-', '.']) {
            slug.push('-');
        }
    }
    slug.trim_matches(['-', '.']).to_owned()
}

/// The FNV-1a hash of a text, in 32 bits.
fn fnv(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_person_has_one_name_whatever_the_case() {
        assert_eq!(of_person("east", "Ada.Lovelace@Example.com"), "east.ada.lovelace-at-example.com");
        assert_eq!(of_person("east", "ada.lovelace@example.com"), "east.ada.lovelace-at-example.com");
    }

    #[test]
    fn different_addresses_have_different_names_that_kubernetes_takes() {
        let long = format!("{}@example.com", "a".repeat(200));
        let longer = format!("{}b@example.com", "a".repeat(199));
        let addresses = [
            "a_b@example.com",
            "a+b@example.com",
            "a-b@example.com",
            "a--b@example.com",
            "a.-b@example.com",
            "-a@example.com",
            "a-at-b@c.de",
            "a@b-at-c.de",
            "_@example.com",
            "a-@example.com",
            &long,
            &longer,
        ];
        let names: BTreeSet<String> = addresses.iter().map(|address| of_person("p", address)).collect();
        assert_eq!(names.len(), addresses.len(), "{names:?}");
        for name in names {
            assert!(name.len() <= 253 && name.split('.').all(is_label_of_any_length), "{name}");
        }
    }

    fn is_label_of_any_length(part: &str) -> bool {
        !part.is_empty()
            && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && !part.starts_with('-')
            && !part.ends_with('-')
    }

    #[test]
    fn a_workspace_becomes_a_name() {
        assert_eq!(of_workspace(" Workspace A (EU) ").as_deref(), Some("workspace-a-eu"));
        assert_eq!(of_workspace("工作区"), None);
        assert_eq!(of_workspace(&"x ".repeat(60)).map(|name| name.len()), Some(63));
    }
}
