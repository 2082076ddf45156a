//! The layouts that are known, told by the words in the first row.

use super::fault::{BadRow, Fault, Place};
use crate::read::{Row, Table};

/// Why a file has no list of people. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum NoLayout {
    /// A sheet of the layout has nothing in it.
    #[error("{0} is empty: its first row must have the names of the columns, {1}")]
    EmptyTable(String, &'static str),
    /// Nothing in the whole file.
    #[error("there is nothing in any sheet")]
    Nothing,
    /// A sheet of the layout is missing.
    #[error(
        "there is a sheet Users, but no sheet Workspaces (with the columns Workspace Id, Workspace Name and Client Id)"
    )]
    NoWorkspaces,
    /// A column of the layout is missing.
    #[error("{0} has no column {1:?}; it has: {2}")]
    NoColumn(String, &'static str, String),
    /// A column is there twice.
    #[error("{0} has the column {1:?} twice")]
    ColumnTwice(String, String),
    /// Nothing that is known.
    #[error(
        "no layout that is known: there are neither the sheets Users and Workspaces, nor a table with the columns email \
         and workspace, or email and provider; found: {0}"
    )]
    Unknown(String),
}

/// A table with the columns that its first row names.
pub struct Columns<'a> {
    table: &'a Table,
    names: Vec<String>,
    rows: &'a [Row],
}

impl<'a> Columns<'a> {
    /// The columns of a table that is not empty.
    pub fn of(table: &'a Table) -> Option<Self> {
        let (header, rows) = table.rows.split_first()?;
        let names = header.cells().iter().map(|cell| plain(&cell.text)).collect();
        Some(Self { table, names, rows })
    }

    /// A table without a row of names, whose columns have these.
    pub fn without_header(table: &'a Table, names: &[&str]) -> Self {
        Self { table, names: names.iter().map(|name| plain(name)).collect(), rows: &table.rows }
    }

    /// Whether there is a column with one of these names.
    pub fn has(&self, names: &[&str]) -> bool {
        self.names.iter().any(|name| names.contains(&name.as_str()))
    }

    /// Where the column with one of these names is.
    pub fn find(&self, names: &[&str]) -> Option<usize> {
        self.names.iter().position(|name| names.contains(&name.as_str()))
    }

    /// The same, where the layout can't do without; `word` is what people call it.
    pub fn need(&self, names: &[&str], word: &'static str) -> Result<usize, NoLayout> {
        self.find(names).ok_or_else(|| NoLayout::NoColumn(self.table.describe(), word, self.words()))
    }

    /// Refuses a table in which a name stands twice.
    pub fn once(self) -> Result<Self, NoLayout> {
        let twice = |(index, name): (usize, &String)| !name.is_empty() && self.names[..index].contains(name);
        match self.names.iter().enumerate().position(twice) {
            Some(index) => Err(NoLayout::ColumnTwice(self.table.describe(), self.word(index))),
            None => Ok(self),
        }
    }

    /// The rows below the names.
    pub fn rows(&self) -> &'a [Row] {
        self.rows
    }

    /// Where a row stands.
    pub fn place(&self, row: &Row) -> Place {
        Place::of(self.table, row)
    }

    /// A bad row.
    pub fn bad(&self, row: &Row, fault: Fault, nearest: Option<String>) -> BadRow {
        BadRow { place: self.place(row), fault, nearest }
    }

    /// The names as they stand in the file.
    pub fn words(&self) -> String {
        let words = (0..self.names.len()).map(|index| self.word(index)).filter(|word| !word.is_empty());
        let words: Vec<String> = words.take(12).collect();
        if words.is_empty() { "nothing".to_owned() } else { words.join(", ") }
    }

    fn word(&self, index: usize) -> String {
        self.table.rows.first().map(|row| row.cell(index).text.chars().take(40).collect()).unwrap_or_default()
    }
}

/// The text of a cell that can be relied on; an empty one is `None`.
pub fn text<'a>(row: &'a Row, column: Option<usize>, word: &'static str) -> Result<Option<&'a str>, Fault> {
    let Some(column) = column else { return Ok(None) };
    let cell = row.cell(column);
    match &cell.flaw {
        Some(flaw) => Err(Fault::of_flaw(word, flaw)),
        None => Ok(Some(cell.text.as_str()).filter(|text| !text.is_empty())),
    }
}

/// The same where it must not be empty.
pub fn needed<'a>(row: &'a Row, column: usize, word: &'static str) -> Result<&'a str, Fault> {
    text(row, Some(column), word)?.ok_or(Fault::Missing(word))
}

/// A name of a column, so that case, blanks and dashes do not matter.
pub fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
