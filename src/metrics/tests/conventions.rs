//! The whole text that Prometheus gets, held against its conventions.

use std::collections::{BTreeMap, BTreeSet};

use super::everything;
use crate::api::{InvitationState, Reason};
use crate::metrics::labels::{
    CodeClass, InviteOutcome, Kind, ReconcileResult, ReleaseReason, SweepResult, TokenResult, WriteResult,
    WriteVerb,
};
use crate::vendor::{CallOutcome, ErrorClass, Operation, Vendor};

pub(super) const PREFIX: &str = "user_invitation_operator_";
/// Words in a name that speak of time.
const OF_TIME: [&str; 8] = ["duration", "wait", "age", "timestamp", "interval", "time", "blocked", "latency"];
/// Other units than the base ones, as parts of names.
const ODD_UNITS: [&str; 7] = ["milliseconds", "minutes", "hours", "days", "ms", "kilobytes", "percent"];

/// A family as its comments declare it, with its samples.
#[derive(Debug, Default)]
pub(super) struct Declared {
    pub help: String,
    pub type_: String,
    unit: String,
    pub samples: Vec<Sample>,
}

#[derive(Debug)]
pub(super) struct Sample {
    pub name: String,
    pub labels: Vec<(String, String)>,
}

/// Reads the text as a parser of the format does.
pub(super) fn families(text: &str) -> BTreeMap<String, Declared> {
    let mut families: BTreeMap<String, Declared> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines().filter(|line| *line != "# EOF") {
        if let Some(comment) = line.strip_prefix("# ") {
            let mut words = comment.splitn(3, ' ');
            let (what, name) = (words.next().unwrap(), words.next().unwrap().to_owned());
            let rest = words.next().unwrap_or_default().to_owned();
            let family = families.entry(name.clone()).or_default();
            let place = match what {
                "HELP" => &mut family.help,
                "TYPE" => &mut family.type_,
                "UNIT" => &mut family.unit,
                other => panic!("a comment of another kind: {other}"),
            };
            assert!(place.is_empty(), "{name} is declared twice");
            *place = rest;
            current = name;
        } else {
            let sample = sample(line);
            assert!(sample.name.starts_with(&current), "{line} stands below {current}");
            families.get_mut(&current).unwrap().samples.push(sample);
        }
    }
    families
}

fn sample(line: &str) -> Sample {
    let (name, rest) = line.split_once(['{', ' ']).unwrap();
    let labels = match rest.split_once('}') {
        None => Vec::new(),
        Some((labels, _)) => labels
            .split(',')
            .map(|label| {
                let (name, value) = label.split_once('=').unwrap();
                (name.to_owned(), value.trim_matches('"').to_owned())
            })
            .collect(),
    };
    Sample { name: name.to_owned(), labels }
}

/// Every value that a label can have; `None`: whatever whoever runs the platform named.
pub(super) fn values(label: &str) -> Option<BTreeSet<&'static str>> {
    let classes = [
        ErrorClass::Authentication,
        ErrorClass::Forbidden,
        ErrorClass::Invalid,
        ErrorClass::Conflict,
        ErrorClass::Throttled,
        ErrorClass::Transient,
        ErrorClass::Ambiguous,
        ErrorClass::Unsupported,
    ];
    let words = match label {
        "vendor" => Vendor::ALL.map(Vendor::as_str).into(),
        "operation" => Operation::ALL.map(Operation::as_str).into(),
        "state" => InvitationState::ALL.map(InvitationState::as_str).into(),
        "kind" => Kind::ALL.iter().map(|word| word.as_str()).collect(),
        "code" => CodeClass::ALL.iter().map(|word| word.as_str()).collect(),
        "verb" => WriteVerb::ALL.iter().map(|word| word.as_str()).collect(),
        "outcome" => {
            let calls = classes.map(|class| CallOutcome::Failed(class).as_str());
            let others = [CallOutcome::Success.as_str(), CallOutcome::NotSent.as_str()];
            let invites = InviteOutcome::ALL.iter().map(|word| word.as_str());
            calls.into_iter().chain(others).chain(invites).collect()
        }
        "result" => {
            let reconciles = ReconcileResult::ALL.iter().map(|word| word.as_str());
            let tokens = TokenResult::ALL.iter().map(|word| word.as_str());
            let sweeps = SweepResult::ALL.iter().map(|word| word.as_str());
            let writes = WriteResult::ALL.iter().map(|word| word.as_str());
            reconciles.chain(tokens).chain(sweeps).chain(writes).collect()
        }
        "reason" => {
            let releases = ReleaseReason::ALL.iter().map(|word| word.as_str());
            Reason::ALL.iter().map(|word| word.as_str()).chain(releases).collect()
        }
        "provider" | "provider_namespace" | "version" | "le" => return None,
        other => panic!("no label of a closed list: {other}"),
    };
    Some(words)
}

#[test]
fn every_family_is_declared_and_named_by_convention() {
    let (metrics, _source) = everything();
    let families = families(&metrics.encode().unwrap());
    assert!(families.len() >= 30, "{}", families.len());
    for (full_name, family) in &families {
        let name = full_name.strip_prefix(PREFIX).unwrap_or_else(|| panic!("{full_name} lacks the prefix"));
        assert!(name.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{name}");
        assert!(!name.contains("__") && !name.starts_with('_') && !name.ends_with('_'), "{name}");
        assert!(!family.samples.is_empty(), "{name} has no sample");
        let help = &family.help;
        assert!(help.len() > 10 && help.ends_with('.') && !help.ends_with(".."), "{name}: {help:?}");
        assert!(help.starts_with(|c: char| c.is_ascii_uppercase() || c == '1'), "{name}: {help:?}");

        let parts: Vec<&str> = name.split('_').collect();
        assert!(!parts.iter().any(|part| ODD_UNITS.contains(part)), "{name}: base units only");
        let of_time = parts.iter().any(|part| OF_TIME.contains(part));
        let unit = if of_time { "seconds" } else { "" };
        assert_eq!(family.unit, unit, "{name}");
        assert_eq!(name.ends_with("_seconds"), of_time, "{name}");
        assert!(!name.ends_with("_total") && !name.ends_with("_count") && !name.ends_with("_sum"), "{name}");
        let suffixes: &[&str] = match family.type_.as_str() {
            "counter" => &["_total"],
            "gauge" => &[""],
            "histogram" => &["_bucket", "_sum", "_count"],
            "info" => &["_info"],
            other => panic!("{name}: {other}"),
        };
        for sample in &family.samples {
            let suffix = sample.name.strip_prefix(full_name.as_str()).unwrap();
            assert!(suffixes.contains(&suffix), "{} of a {}", sample.name, family.type_);
        }
    }
}

#[test]
fn labels_and_their_values_come_from_closed_lists() {
    let (metrics, _source) = everything();
    for (name, family) in families(&metrics.encode().unwrap()) {
        for (label, value) in family.samples.iter().flat_map(|sample| &sample.labels) {
            let of_histograms = label == "le";
            assert!(!of_histograms || family.type_ == "histogram", "{name}: {label}");
            if let Some(known) = values(label) {
                assert!(known.contains(value.as_str()), "{name}: {label}={value:?}");
            }
        }
        for sample in &family.samples {
            let names: BTreeSet<&str> = sample.labels.iter().map(|(label, _)| label.as_str()).collect();
            assert_eq!(names.len(), sample.labels.len(), "{name}: a label twice");
        }
    }
}

#[test]
fn no_word_of_a_closed_list_stands_for_two_things() {
    let unique = |words: Vec<&str>| {
        let set: BTreeSet<&str> = words.iter().copied().collect();
        assert_eq!(set.len(), words.len(), "{words:?}");
    };
    unique(CodeClass::ALL.iter().map(|word| word.as_str()).collect());
    unique(ReleaseReason::ALL.iter().map(|word| word.as_str()).collect());
    unique(SweepResult::ALL.iter().map(|word| word.as_str()).collect());
    unique(WriteResult::ALL.iter().map(|word| word.as_str()).collect());
    unique(Operation::ALL.map(Operation::as_str).into());
}
