//! The valid value that somebody probably meant.

/// How much may differ, in hundredths of the longer one.
const DIFFERS_MAX: usize = 40;

/// The nearest of some values, if one is near; upper and lower case do not count.
pub fn nearest<'a>(text: &str, values: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let text = text.to_lowercase();
    let distance = |value: &str| strsim::damerau_levenshtein(&text, &value.to_lowercase());
    let (distance, value) = values.into_iter().map(|value| (distance(value), value)).min()?;
    let longer = text.chars().count().max(value.chars().count());
    (distance * 100 <= longer * DIFFERS_MAX).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_near_is_named() {
        let values = ["Workspace East", "Workspace West", "Lab"];
        for (text, near) in [
            ("workspace eats", Some("Workspace East")),
            ("Worksapce West", Some("Workspace West")),
            ("Lap", Some("Lab")),
            ("Finance", None),
            ("", None),
        ] {
            assert_eq!(nearest(text, values), near, "{text}");
        }
        assert_eq!(nearest("x", []), None);
    }
}
