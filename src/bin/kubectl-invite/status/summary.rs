//! Totals, the longest wait, and what is stalled: of any number of invitations, in the space of their providers.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::line::Line;

/// So many names are told of each kind of trouble.
const EXAMPLES: usize = 3;

/// What a table shows.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// Every provider with people.
    pub providers: Vec<Provider>,
    /// What nothing will be done about by itself.
    pub stalled: Vec<Trouble>,
    #[serde(skip)]
    places: BTreeMap<(String, &'static str, String), usize>,
    #[serde(skip)]
    troubles: BTreeMap<(usize, String), usize>,
}

/// One provider's people.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Provider {
    /// The namespace of the invitations.
    pub namespace: String,
    /// The provider's kind.
    pub kind: &'static str,
    /// The provider's name.
    pub name: String,
    /// How many invitations.
    pub total: usize,
    /// How many in each state.
    pub states: BTreeMap<&'static str, usize>,
    /// The pending invitation that was sent first.
    pub oldest_pending: Option<Oldest>,
}

/// Who waits longest.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Oldest {
    /// The invitation.
    pub name: String,
    /// The person.
    pub email: String,
    /// Since when.
    pub invited_time: String,
}

/// One reason for which invitations of a provider are stalled.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Trouble {
    /// The namespace.
    pub namespace: String,
    /// The provider.
    pub provider: String,
    /// The reason.
    pub reason: String,
    /// How many.
    pub count: usize,
    /// Some of them.
    pub examples: Vec<String>,
}

impl Summary {
    /// Counts one more.
    pub fn add(&mut self, line: &Line) {
        let key = (line.namespace.clone(), line.provider_kind, line.provider.clone());
        let next = self.providers.len();
        let index = *self.places.entry(key).or_insert(next);
        if index == next {
            self.providers.push(Provider {
                namespace: line.namespace.clone(),
                kind: line.provider_kind,
                name: line.provider.clone(),
                ..Provider::default()
            });
        }
        let provider = &mut self.providers[index];
        provider.total += 1;
        *provider.states.entry(line.state).or_default() += 1;
        let waits = line.state == "Pending" && !line.invited_time.is_empty();
        // Times in one form and one zone are in order as texts.
        let first = provider.oldest_pending.as_ref().is_none_or(|it| line.invited_time < it.invited_time);
        if waits && first {
            let (name, email) = (line.name.clone(), line.email.clone());
            provider.oldest_pending = Some(Oldest { name, email, invited_time: line.invited_time.clone() });
        }
        if line.stalled {
            self.add_stalled(index, line);
        }
    }

    fn add_stalled(&mut self, provider: usize, line: &Line) {
        let next = self.stalled.len();
        let index = *self.troubles.entry((provider, line.reason.clone())).or_insert(next);
        if index == next {
            self.stalled.push(Trouble {
                namespace: line.namespace.clone(),
                provider: line.provider.clone(),
                reason: line.reason.clone(),
                count: 0,
                examples: Vec::new(),
            });
        }
        let trouble = &mut self.stalled[index];
        trouble.count += 1;
        if trouble.examples.len() < EXAMPLES {
            trouble.examples.push(line.name.clone());
        }
    }

    /// The tables that people read.
    pub fn table(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.providers.is_empty() {
            return writeln!(out, "No invitations found.");
        }
        let mut rows =
            vec![["NAMESPACE", "PROVIDER", "TOTAL", "STATES", "OLDEST PENDING"].map(str::to_owned).to_vec()];
        rows.extend(self.providers.iter().map(Provider::row));
        columns(&rows, out)?;
        if self.stalled.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nStalled, until somebody changes something:")?;
        let mut rows =
            vec![["NAMESPACE", "PROVIDER", "REASON", "COUNT", "FOR EXAMPLE"].map(str::to_owned).to_vec()];
        rows.extend(self.stalled.iter().map(|it| {
            let examples = it.examples.join(", ");
            vec![it.namespace.clone(), it.provider.clone(), it.reason.clone(), it.count.to_string(), examples]
        }));
        columns(&rows, out)
    }
}

impl Provider {
    fn row(&self) -> Vec<String> {
        let states = self.states.iter().map(|(state, count)| format!("{state} {count}"));
        let oldest = self.oldest_pending.as_ref();
        vec![
            self.namespace.clone(),
            self.name.clone(),
            self.total.to_string(),
            states.collect::<Vec<_>>().join(", "),
            oldest.map_or_else(|| "-".to_owned(), |it| format!("{} since {}", it.email, it.invited_time)),
        ]
    }
}

/// Columns as kubectl shows them.
fn columns(rows: &[Vec<String>], out: &mut dyn Write) -> io::Result<()> {
    let count = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(width).collect();
    for row in rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(text, width)| format!("{text:<width$}")).collect();
        writeln!(out, "{}", cells.join("   ").trim_end())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(provider: &str, name: &str, state: &'static str, invited: &str, reason: &str) -> Line {
        Line {
            namespace: "team".to_owned(),
            provider: provider.to_owned(),
            name: name.to_owned(),
            email: format!("{name}@example.com"),
            state,
            invited_time: invited.to_owned(),
            stalled: !reason.is_empty(),
            reason: reason.to_owned(),
            ..Line::default()
        }
    }

    #[test]
    fn totals_the_longest_wait_and_what_is_stalled() {
        let mut summary = Summary::default();
        for line in [
            line("csp", "a", "Pending", "2026-01-02T00:00:00Z", ""),
            line("csp", "b", "Pending", "2026-01-01T00:00:00Z", ""),
            line("csp", "c", "Accepted", "2025-01-01T00:00:00Z", ""),
            line("east", "d", "Expired", "2025-01-01T00:00:00Z", "Expired"),
            line("east", "e", "Expired", "2025-01-01T00:00:00Z", "Expired"),
        ] {
            summary.add(&line);
        }
        let mut text = Vec::new();
        summary.table(&mut text).unwrap();
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "NAMESPACE   PROVIDER   TOTAL   STATES                  OLDEST PENDING\n\
             team        csp        3       Accepted 1, Pending 2   b@example.com since 2026-01-01T00:00:00Z\n\
             team        east       2       Expired 2               -\n\n\
             Stalled, until somebody changes something:\n\
             NAMESPACE   PROVIDER   REASON    COUNT   FOR EXAMPLE\n\
             team        east       Expired   2       d, e\n"
        );
    }
}
