//! What was found, and how it is told.

use std::io::{self, Write};

/// How bad something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Level {
    /// As it should be.
    Fine,
    /// Worth knowing.
    Note,
    /// Something has to be done.
    Wrong,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Finding {
    pub level: Level,
    /// What was looked at.
    pub what: String,
    /// What was found.
    pub told: String,
    /// What to do.
    pub todo: Option<String>,
}

impl Finding {
    pub fn fine(what: impl Into<String>, told: impl Into<String>) -> Self {
        Self { level: Level::Fine, what: what.into(), told: told.into(), todo: None }
    }

    pub fn note(what: impl Into<String>, told: impl Into<String>) -> Self {
        Self { level: Level::Note, what: what.into(), told: told.into(), todo: None }
    }

    pub fn wrong(what: impl Into<String>, told: impl Into<String>, todo: impl Into<String>) -> Self {
        Self { level: Level::Wrong, what: what.into(), told: told.into(), todo: Some(todo.into()) }
    }
}

/// Writes the findings as they come, and counts what is wrong.
pub(super) struct Report<'a> {
    output: &'a mut dyn Write,
    wrong: usize,
}

impl<'a> Report<'a> {
    pub fn new(output: &'a mut dyn Write) -> Self {
        Self { output, wrong: 0 }
    }

    pub fn add(&mut self, finding: &Finding) -> io::Result<()> {
        let word = match finding.level {
            Level::Fine => "ok",
            Level::Note => "note",
            Level::Wrong => "wrong",
        };
        self.wrong += usize::from(finding.level == Level::Wrong);
        writeln!(self.output, "{word:<6} {}: {}", one_line(&finding.what), one_line(&finding.told))?;
        match &finding.todo {
            Some(todo) => writeln!(self.output, "       → {}", one_line(todo)),
            None => Ok(()),
        }
    }

    /// Writes the last line; whether nothing is wrong.
    pub fn end(self) -> io::Result<bool> {
        match self.wrong {
            0 => writeln!(self.output, "nothing is wrong")?,
            1 => writeln!(self.output, "1 thing is wrong")?,
            more => writeln!(self.output, "{more} things are wrong")?,
        }
        Ok(self.wrong == 0)
    }
}

/// What comes from elsewhere can't begin a line of its own, or play with a terminal.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_says_what_to_do_and_how_much_is_wrong() {
        let mut output = Vec::new();
        let mut report = Report::new(&mut output);
        report.add(&Finding::fine("API server", "v1.36.3")).unwrap();
        report.add(&Finding::note("lease", "nobody\nholds it")).unwrap();
        report.add(&Finding::wrong("right", "not granted", "grant it")).unwrap();
        assert!(!report.end().unwrap());
        let text = String::from_utf8(output).unwrap();
        assert_eq!(
            text,
            "ok     API server: v1.36.3\nnote   lease: nobody holds it\nwrong  right: not granted\n       → grant \
             it\n1 thing is wrong\n"
        );
        let mut output = Vec::new();
        assert!(Report::new(&mut output).end().unwrap());
        assert_eq!(String::from_utf8(output).unwrap(), "nothing is wrong\n");
    }
}
