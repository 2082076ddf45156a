//! Results for people and for programs.

use std::path::Path;

use serde::Serialize;
use serde_json::Value;

use crate::say;

/// The bound that a value has to keep.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Target {
    /// The value is this or less.
    AtMost(f64),
    /// The value is this or more.
    AtLeast(f64),
}

/// One result.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) vendor: &'static str,
    pub(crate) what: &'static str,
    pub(crate) value: f64,
    pub(crate) target: String,
    pub(crate) holds: bool,
    /// Whether the benchmark fails where it does not hold; else it is a goal that is still to be reached.
    pub(crate) required: bool,
    pub(crate) raw: Value,
}

impl Row {
    /// A value and whether it keeps its bound.
    pub(crate) fn new(
        id: &'static str,
        vendor: &'static str,
        what: &'static str,
        value: f64,
        target: Target,
        raw: Value,
    ) -> Self {
        let (target, holds) = match target {
            Target::AtMost(bound) => (format!("<= {bound}"), value <= bound),
            Target::AtLeast(bound) => (format!(">= {bound}"), value >= bound),
        };
        Self { id, vendor, what, value, target, holds, required: true, raw }
    }

    /// The same as a goal that is still to be reached.
    pub(crate) fn goal(self) -> Self {
        Self { required: false, ..self }
    }

    /// Where it stands in the table: those with a number first, in that order.
    pub(crate) fn order(&self) -> u32 {
        self.id.strip_prefix('R').and_then(|number| number.parse().ok()).unwrap_or(u32::MAX)
    }
}

/// Writes a file of JSON.
pub(crate) fn write(path: &Path, content: &impl Serialize) {
    let text = serde_json::to_string_pretty(content).expect("results are plain data");
    std::fs::write(path, text + "\n").unwrap_or_else(|error| panic!("write {}: {error}", path.display()));
}

/// Prints the results as a table.
pub(crate) fn print(rows: &[Row]) {
    say(&format!("\n{:4} {:8} {:>8} {:>8}  {:5}  {}", "ID", "VENDOR", "VALUE", "TARGET", "HOLDS", "WHAT"));
    for row in rows {
        let holds = match (row.holds, row.required) {
            (true, _) => "yes",
            (false, true) => "NO",
            (false, false) => "goal",
        };
        let (id, vendor) = (row.id, row.vendor);
        say(&format!("{id:4} {vendor:8} {:>8.4} {:>8}  {holds:5}  {}", row.value, row.target, row.what));
    }
    for row in rows.iter().filter(|row| !row.holds) {
        let what = if row.required { "does not hold" } else { "is a goal, still to be reached," };
        say(&format!("\n{} {what} for {}: {}", row.id, row.vendor, row.raw));
    }
}
