//! A table as it stands in a file: rows of text, with what is wrong with a cell beside it.

use super::Unreadable;

/// The most rows of one table that are taken, its header among them.
pub const ROWS_MAX: usize = 20_000;
/// Columns behind this one are no part of any layout, and are not read.
const COLUMNS_MAX: usize = 64;
/// The longest text that is kept of a cell: longer than any value that is valid.
const TEXT_MAX: usize = 1024;

/// One sheet of a workbook, or a CSV file.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// The sheet's name; a CSV file has none.
    pub name: Option<String>,
    /// Rows with something in them, from top to bottom.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    /// Its number in the sheet, or of its first line in the file; from 1.
    pub line: usize,
    cells: Vec<Cell>,
}

/// One cell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What is in it, without blanks around.
    pub text: String,
    /// Why that can't be relied on.
    pub flaw: Option<Flaw>,
}

/// Why the text of a cell can't be relied on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Flaw {
    /// It is computed; what is stored may be old, or missing.
    Formula,
    /// It is part of merged cells, so that it is not clear which row has the value.
    Merged,
    /// It shows an error.
    Error,
}

static NOTHING: Cell = Cell { text: String::new(), flaw: None };

impl Table {
    /// Adds a cell; cells come row by row.
    pub fn push(&mut self, line: usize, column: usize, cell: Cell) -> Result<(), Unreadable> {
        if column >= COLUMNS_MAX || cell == NOTHING {
            return Ok(());
        }
        if self.rows.last().is_none_or(|row| row.line != line) {
            if self.rows.len() == ROWS_MAX {
                return Err(Unreadable::TooManyRows { table: self.describe() });
            }
            self.rows.push(Row { line, cells: Vec::new() });
        }
        if let Some(row) = self.rows.last_mut() {
            row.set(column, cell);
        }
        Ok(())
    }

    /// The table in words.
    pub fn describe(&self) -> String {
        self.name.as_ref().map_or_else(|| "the file".to_owned(), |name| format!("the sheet {name:?}"))
    }
}

impl Row {
    /// The cell of a column, from 0.
    pub fn cell(&self, column: usize) -> &Cell {
        self.cells.get(column).unwrap_or(&NOTHING)
    }

    /// All cells up to the last one that has something.
    pub fn cells(&self) -> &[Cell] {
        &self.cells
    }

    /// Marks a cell as part of merged ones.
    pub fn mark_merged(&mut self, column: usize) {
        if column < COLUMNS_MAX {
            let cell = Cell { flaw: Some(Flaw::Merged), ..self.cell(column).clone() };
            self.set(column, cell);
        }
    }

    fn set(&mut self, column: usize, cell: Cell) {
        if self.cells.len() <= column {
            self.cells.resize(column + 1, Cell::default());
        }
        self.cells[column] = cell;
    }
}

impl Cell {
    /// A cell with this text.
    pub fn of(text: &str) -> Self {
        let blank = |c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}' | '\u{0}');
        Self { text: text.trim_matches(blank).chars().take(TEXT_MAX).collect(), flaw: None }
    }
}
