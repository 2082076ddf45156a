//! How far something is, in one line at a terminal; silent elsewhere.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

const WIDTH: usize = 30;
const EACH: Duration = Duration::from_millis(100);

/// A bar with numbers.
pub struct Progress {
    what: &'static str,
    done: usize,
    of: usize,
    shown: Option<Instant>,
    visible: bool,
}

impl Progress {
    /// Nothing is done yet.
    pub fn new(what: &'static str, of: usize) -> Self {
        Self { what, done: 0, of, shown: None, visible: io::stderr().is_terminal() }
    }

    /// One more is done.
    pub fn step(&mut self) {
        self.set(self.done + 1);
    }

    /// So many are done.
    pub fn set(&mut self, done: usize) {
        self.done = done;
        if self.visible && self.shown.is_none_or(|shown| shown.elapsed() >= EACH) {
            self.shown = Some(Instant::now());
            self.show("");
        }
    }

    /// The last line stays.
    pub fn end(&mut self) {
        if self.visible {
            self.show("\n");
        }
    }

    fn show(&self, end: &str) {
        // A bar that can't be shown is no reason to stop.
        let _ = write!(io::stderr(), "\r{}{end}", line(self.what, self.done, self.of));
    }
}

fn line(what: &str, done: usize, of: usize) -> String {
    let full = (WIDTH * done.min(of)).checked_div(of).unwrap_or(WIDTH);
    format!("[{}{}] {done} of {of} {what}", "#".repeat(full), " ".repeat(WIDTH - full))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_up() {
        assert_eq!(line("applied", 0, 3), format!("[{}] 0 of 3 applied", " ".repeat(30)));
        assert_eq!(line("applied", 3, 3), format!("[{}] 3 of 3 applied", "#".repeat(30)));
        assert_eq!(line("applied", 0, 0), format!("[{}] 0 of 0 applied", "#".repeat(30)));
    }
}
