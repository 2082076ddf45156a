//! A table that changes in place at a terminal; silent elsewhere.

use std::collections::BTreeMap;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

const EACH: Duration = Duration::from_millis(200);

/// How many of a provider's people stand where.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// What was waited for is reached.
    pub done: usize,
    /// Nothing will change by itself.
    pub stalled: usize,
    /// Something still happens.
    pub waiting: usize,
}

/// The table.
pub struct Live {
    visible: bool,
    shown: Option<(Instant, usize)>,
}

impl Live {
    /// Nothing is shown yet.
    pub fn new() -> Self {
        Self { visible: io::stderr().is_terminal(), shown: None }
    }

    /// Shows the table anew, if that is not too soon; `last` is never too soon.
    pub fn show(&mut self, of: impl FnOnce() -> BTreeMap<String, Counts>, last: bool) {
        let soon = self.shown.is_some_and(|(when, _)| when.elapsed() < EACH);
        if !self.visible || (soon && !last) {
            return;
        }
        let text = table(&of(), self.shown.map_or(0, |(_, lines)| lines));
        // A table that can't be shown is no reason to stop.
        let _ = write!(io::stderr(), "{text}");
        self.shown = Some((Instant::now(), text.lines().count()));
    }
}

/// The table, over the lines of the one before.
fn table(counts: &BTreeMap<String, Counts>, over: usize) -> String {
    let width = counts.keys().map(String::len).max().unwrap_or(0).max("PROVIDER".len());
    let up = if over == 0 { String::new() } else { format!("\x1b[{over}A") };
    let line = |cells: [&str; 4]| {
        format!("\x1b[K{:<width$}  {:>7}  {:>7}  {:>7}\n", cells[0], cells[1], cells[2], cells[3])
    };
    let rows = counts.iter().map(|(provider, it)| {
        let numbers = [it.done, it.stalled, it.waiting].map(|number| number.to_string());
        line([provider, &numbers[0], &numbers[1], &numbers[2]])
    });
    let first = [up, line(["PROVIDER", "DONE", "STALLED", "WAITING"])];
    first.into_iter().chain(rows).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_written_over_the_one_before() {
        let counts = BTreeMap::from([("csp".to_owned(), Counts { done: 2, stalled: 1, waiting: 10 })]);
        let first = table(&counts, 0);
        assert_eq!(
            first,
            "\x1b[KPROVIDER     DONE  STALLED  WAITING\n\x1b[Kcsp             2        1       10\n"
        );
        assert_eq!(table(&counts, 2), format!("\x1b[2A{first}"));
    }
}
