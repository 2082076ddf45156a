//! Identifiers, addresses and timestamps in the shapes the vendors use.

use rand::RngCore;

/// `count` random bytes as lower-case hexadecimal digits.
pub(crate) fn random_hex(count: usize) -> String {
    let mut bytes = vec![0_u8; count];
    rand::rng().fill_bytes(&mut bytes);
    bytes.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

/// A random UUID in its hyphenated form.
pub(crate) fn random_uuid() -> String {
    let digits = random_hex(16);
    format!("{}-{}-4{}-a{}-{}", &digits[..8], &digits[8..12], &digits[13..16], &digits[17..20], &digits[20..])
}

/// Whether `text` has the shape of a hyphenated UUID.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.char_indices().all(|(at, c)| match at {
            8 | 13 | 18 | 23 => c == '-',
            _ => c.is_ascii_hexdigit(),
        })
}

/// The form in which e-mail addresses are compared.
pub(crate) fn normal(email: &str) -> String {
    email.trim().to_lowercase()
}

/// Whether `text` can be an e-mail address at all.
pub(crate) fn is_email(text: &str) -> bool {
    let text = text.trim();
    let bad = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ',' | ';' | '<' | '>');
    match text.split_once('@') {
        Some((local, domain)) => {
            !local.is_empty()
                && domain.contains('.')
                && !domain.starts_with('.')
                && !domain.ends_with('.')
                && !domain.contains('@')
                && !text.contains(bad)
        }
        None => false,
    }
}

/// `YYYY-MM-DDTHH:MM:SS.ffffff` in UTC, with nothing to say so.
pub(crate) fn naive_timestamp(milliseconds: u64) -> String {
    let stamp = i64::try_from(milliseconds).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.unwrap_or_default().strftime("%Y-%m-%dT%H:%M:%S.%6f").to_string()
}

/// The date form of HTTP headers.
pub(crate) fn http_date(milliseconds: u64) -> String {
    let stamp = i64::try_from(milliseconds).ok().and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    stamp.unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}
