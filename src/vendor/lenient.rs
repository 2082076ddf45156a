//! Reading what vendors write: unknown or missing fields, odd types and unknown words never fail.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// A text; anything else is none.
pub(super) fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    })
}

/// A list of texts; anything else in it is left out.
pub(super) fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let list = match Value::deserialize(deserializer)? {
        Value::Array(list) => list,
        _ => Vec::new(),
    };
    Ok(list.into_iter().filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect())
}

/// The same, where no list at all is something else than an empty one.
pub(super) fn some_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<String>>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(value
        .as_array()
        .map(|list| list.iter().filter_map(|value| value.as_str().map(ToOwned::to_owned)).collect()))
}

/// A list of objects; anything else in it, or instead of it, is left out.
pub(super) fn rows<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: DeserializeOwned,
    D: Deserializer<'de>,
{
    let list = match Value::deserialize(deserializer)? {
        Value::Array(list) => list,
        _ => Vec::new(),
    };
    Ok(list.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}

/// A whole number, also one in quotes or with a zero fraction; anything else is none.
pub(super) fn number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<i64>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_i64().or_else(|| whole(number.as_f64()?)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    })
}

#[allow(clippy::cast_possible_truncation)] // checked to be far inside of what fits
fn whole(number: f64) -> Option<i64> {
    (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64)
}

/// An element of a list. `None`: the vendor sent something that is no such element.
#[derive(Debug)]
pub(super) struct Row<T>(pub(super) Option<T>);

impl<'de, T: DeserializeOwned> Deserialize<'de> for Row<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        Ok(Self(value.is_object().then(|| serde_json::from_value(value).ok()).flatten()))
    }
}

/// A time in milliseconds since 1970; 0 and negative values are none.
pub(super) fn milliseconds(value: Option<i64>) -> Option<Timestamp> {
    Timestamp::from_millisecond(value.filter(|value| *value > 0)?).ok()
}

/// A written time, with or without a zone; without one it is UTC.
pub(super) fn time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    text.parse().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        Some(civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp())
    })
}

/// A vendor's code, cut down to `[A-Za-z0-9_.-]` and 64 characters.
pub(super) fn code(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    cut(&text, |c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

/// A vendor's word for a status, cut down to `[A-Za-z0-9_]` and 64 characters.
pub(super) fn word(text: &str) -> String {
    cut(text, |c| c.is_ascii_alphanumeric() || c == '_').unwrap_or_default()
}

fn cut(text: &str, keep: impl Fn(char) -> bool) -> Option<String> {
    let kept: String = text.chars().filter(|c| keep(*c)).take(64).collect();
    (!kept.is_empty()).then_some(kept)
}

/// A time as HTTP headers have it.
pub(super) fn http_date(text: &str) -> Option<Timestamp> {
    Some(jiff::fmt::rfc2822::parse(text).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default)]
    struct Sample {
        #[serde(deserialize_with = "text")]
        name: Option<String>,
        #[serde(deserialize_with = "number")]
        size: Option<i64>,
        items: Vec<Row<Sample>>,
    }

    #[rstest]
    #[case::missing(json!({}), None, None)]
    #[case::null(json!({"name": null, "size": null}), None, None)]
    #[case::wrong_types(json!({"name": 7, "size": [1]}), None, None)]
    #[case::quoted(json!({"name": "a", "size": "17"}), Some("a"), Some(17))]
    #[case::fraction(json!({"size": 17.0}), None, Some(17))]
    #[case::beyond(json!({"size": 1e300, "new": {"x": 1}}), None, None)]
    fn nothing_fails(#[case] value: Value, #[case] name: Option<&str>, #[case] size: Option<i64>) {
        let sample: Sample = serde_json::from_value(value).unwrap();
        assert_eq!((sample.name.as_deref(), sample.size), (name, size));
        assert!(sample.items.is_empty());
    }

    #[test]
    fn a_bad_row_spoils_only_itself() {
        let sample: Sample =
            serde_json::from_str(r#"{"items": [{"name": "a", "name": "b"}, 5, [], {"size": 1}]}"#).unwrap();
        let read: Vec<_> = sample.items.iter().map(|row| row.0.is_some()).collect();
        assert_eq!(read, [true, false, false, true]);
        assert_eq!(sample.items[0].0.as_ref().unwrap().name.as_deref(), Some("b"));
    }

    #[rstest]
    #[case::zone("2026-01-29T14:21:05.504042Z", Some(1_769_696_465))]
    #[case::offset("2026-01-29T15:21:05+01:00", Some(1_769_696_465))]
    #[case::naive("2026-01-29T14:21:05.504042", Some(1_769_696_465))]
    #[case::nothing("soon", None)]
    fn times(#[case] text: &str, #[case] seconds: Option<i64>) {
        assert_eq!(time(text).map(jiff::Timestamp::as_second), seconds);
    }

    #[rstest]
    #[case(json!("HPE_GL-1.2"), Some("HPE_GL-1.2"))]
    #[case(json!("in valid\n\u{1b}[31m<b>"), Some("invalid31mb"))]
    #[case(json!(540), Some("540"))]
    #[case(json!({"a": 1}), None)]
    #[case(json!("\u{202e}"), None)]
    fn codes(#[case] value: Value, #[case] expected: Option<&str>) {
        assert_eq!(code(&value).as_deref(), expected);
    }

    #[test]
    fn long_words_are_cut() {
        assert_eq!(word(&"x".repeat(1000)).len(), 64);
    }
}
