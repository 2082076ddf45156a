//! Metrics as Prometheus reads them.

use std::collections::BTreeMap;

/// What the operator's metrics are called first.
const PREFIX: &str = "user_invitation_operator_";

/// Everything that one scrape shows.
#[derive(Debug, Default, PartialEq)]
pub struct Samples(Vec<Sample>);

#[derive(Debug, PartialEq)]
struct Sample {
    name: String,
    labels: BTreeMap<String, String>,
    value: f64,
}

impl Samples {
    /// The samples of a text.
    pub fn of(text: &str) -> Self {
        assert!(text.ends_with("# EOF\n"), "the text is whole:\n{text}");
        Self(text.lines().filter(|line| !line.starts_with('#')).map(sample).collect())
    }

    /// The sum of the samples of this name (without the prefix) that have these labels; `None`: there are none.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let fits = |sample: &&Sample| {
            sample.name.strip_prefix(PREFIX) == Some(name)
                && labels
                    .iter()
                    .all(|(label, value)| sample.labels.get(*label).is_some_and(|known| known == value))
        };
        let found: Vec<f64> = self.0.iter().filter(fits).map(|sample| sample.value).collect();
        (!found.is_empty()).then(|| found.iter().sum())
    }

    /// The values that a label has in the samples of this name.
    pub fn values(&self, name: &str, label: &str) -> Vec<&str> {
        let of_name = self.0.iter().filter(|sample| sample.name.strip_prefix(PREFIX) == Some(name));
        of_name.filter_map(|sample| sample.labels.get(label)).map(String::as_str).collect()
    }
}

fn sample(line: &str) -> Sample {
    let (series, value) = line.rsplit_once(' ').expect("a value");
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let labels = labels.strip_suffix('}').expect("labels end");
    let labels = labels.split_terminator(',').map(|label| {
        let (name, value) = label.split_once('=').expect("a label has a value");
        (name.to_owned(), value.trim_matches('"').to_owned())
    });
    Sample { name: name.to_owned(), labels: labels.collect(), value: value.parse().expect("a number") }
}
