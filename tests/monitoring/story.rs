//! The demo's story as Prometheus sees it: some scrapes, parsed and kept as Prometheus does.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use test_rig::command;

use crate::rendering::promtool;

/// The address that the replica is scraped at.
pub const INSTANCE: &str = "10.0.0.7:8080";

/// Series of samples over the seconds of the story.
pub struct Story {
    /// Unix seconds of each scrape.
    scrapes: Vec<u64>,
    /// What each series was at a scrape.
    series: BTreeMap<String, BTreeMap<u64, String>>,
}

impl Story {
    /// Lets the demo tell its story, and scrapes the operator as often as the demo does.
    pub async fn tell(folder: &Path) -> Self {
        let operator = env!("CARGO_BIN_EXE_user-invitation-operator");
        let demo = Path::new(operator).with_file_name("demo");
        assert!(demo.exists(), "{} is missing; build it with cargo build -p test-rig", demo.display());
        let scrapes = folder.join("scrapes");
        fs::create_dir(&scrapes).expect("the folder can be written");
        let arguments = ["--operator", operator, "--scrapes", &scrapes.display().to_string()];
        command::run(&demo, Path::new("/dev/null"), folder, &arguments, None).await.success();
        let files = fs::read_dir(&scrapes).expect("the folder can be read");
        let texts = files.map(|file| {
            let path = file.expect("the folder can be read").path();
            let second = path.file_stem().and_then(|name| name.to_str()).and_then(|name| name.parse().ok());
            (second.expect("a time"), fs::read_to_string(&path).expect("it can be read"))
        });
        Self::of(&texts.collect(), folder).await
    }

    /// Gives the texts to Prometheus' parser, and takes from its database what came of them.
    async fn of(texts: &BTreeMap<u64, String>, folder: &Path) -> Self {
        assert!(texts.len() >= 2, "rates need two scrapes");
        let (text, database) = (folder.join("scrapes.txt"), folder.join("database"));
        fs::write(&text, with_times(texts)).expect("the folder can be written");
        let (text, database) = (text.display().to_string(), database.display().to_string());
        let target = format!("--label=instance={INSTANCE}");
        let load = ["tsdb", "create-blocks-from", "openmetrics", &target, &text, &database];
        promtool(folder, &load).await.success();
        // A database is read with its log only, even where nothing is left to be in it.
        fs::create_dir(folder.join("database/wal")).expect("the folder can be written");
        let mut series: BTreeMap<String, BTreeMap<u64, String>> = BTreeMap::new();
        for line in promtool(folder, &["tsdb", "dump", &database]).await.success().lines() {
            let mut words = line.rsplitn(3, ' ');
            let mut word = || words.next().expect("labels, a value, a time");
            let milliseconds: u64 = word().parse().expect("a time");
            let value = word().to_owned();
            series.entry(word().to_owned()).or_default().insert(milliseconds / 1000, value);
        }
        Self { scrapes: texts.keys().copied().collect(), series }
    }

    /// Unix seconds of the first scrape.
    pub fn begins(&self) -> u64 {
        self.scrapes[0]
    }

    /// Seconds from the first scrape to the last one.
    pub fn lasts(&self) -> u64 {
        self.scrapes[self.scrapes.len() - 1] - self.begins()
    }

    /// Seconds between two scrapes, at most.
    pub fn interval(&self) -> u64 {
        self.scrapes.windows(2).map(|pair| pair[1] - pair[0]).max().expect("two scrapes")
    }

    /// The values of a label in a metric's series of the last scrape.
    pub fn values(&self, metric: &str, label: &str) -> BTreeSet<&str> {
        let name = format!("{{__name__=\"{metric}\", ");
        let (label, last) = (format!(", {label}=\""), self.scrapes[self.scrapes.len() - 1]);
        let of_metric = self.series.iter().filter(|(series, _)| series.starts_with(&name));
        let shown = of_metric.filter(|(_, samples)| samples.contains_key(&last));
        let values = shown.filter_map(|(series, _)| series.split_once(&label)?.1.split('"').next());
        values.collect()
    }

    /// All series in promtool's notation, a sample for each second.
    pub fn input_series(&self) -> Vec<Value> {
        let seconds = self.begins()..=self.begins() + self.lasts();
        let written = self.series.iter().map(|(series, samples)| {
            let mut values: Vec<&str> = Vec::new();
            for second in seconds.clone() {
                values.push(match samples.get(&second) {
                    Some(value) => value,
                    // What a scrape lacks that an earlier one had has ended.
                    None if self.scrapes.contains(&second) && samples.range(..second).next().is_some() => {
                        "stale"
                    }
                    None => "_",
                });
            }
            json!({"series": series, "values": values.join(" ")})
        });
        written.collect()
    }
}

/// The scrapes in one text, each sample with its time.
fn with_times(texts: &BTreeMap<u64, String>) -> String {
    let mut all = String::new();
    for (second, text) in texts {
        let lines = text.strip_suffix("# EOF\n").expect("the scrape is whole").lines();
        for line in lines {
            let written = if line.starts_with('#') {
                writeln!(all, "{line}")
            } else {
                writeln!(all, "{line} {second}")
            };
            written.expect("memory can be written");
        }
    }
    all + "# EOF\n"
}
