//! From a file to tables of text: what it is, and what of it can't be taken as it stands. Knows no layout.

mod csv_file;
mod extent;
mod format;
mod table;
mod workbook;

use std::path::{Path, PathBuf};

pub use format::Format;
pub use table::{Cell, Flaw, ROWS_MAX, Row, Table};

/// The largest file that is read.
const BYTES_MAX: u64 = 32 * 1024 * 1024;

/// Why a file can't be used at all. Nothing is written then.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// It is not there, or not readable.
    #[error("{} can't be read", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is larger than any list of people.
    #[error("the file is larger than {} MiB, so it is no list of people", BYTES_MAX / 1024 / 1024)]
    TooLarge,
    /// Its name ends in something else.
    #[error("the name of the file must end in .xlsx, .ods or .csv, which says what it is")]
    UnknownEnding,
    /// Its content is something else than its name says.
    #[error("the file is named {says}, but it is {is}: {advice}")]
    NotWhatItSays {
        /// What its name says.
        says: Format,
        /// What it is.
        is: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// There is nothing in it.
    #[error("the file is empty")]
    Empty,
    /// A workbook that is not whole.
    #[error("the workbook is damaged: {what}; open it in a spreadsheet program and save it again")]
    Damaged {
        /// What the reader says.
        what: String,
    },
    /// A sheet that claims to be larger than any list of people.
    #[error(
        "the sheet {sheet:?} spreads over {rows} rows and {columns} columns, since far cells have something in them: delete the \
         rows below the list and the columns beside it, and save it again"
    )]
    TooWide {
        /// The sheet.
        sheet: String,
        /// Rows down to the last cell.
        rows: u64,
        /// Columns up to the last cell.
        columns: u64,
    },
    /// More rows than are taken at once.
    #[error("{table} has more than {ROWS_MAX} rows: split it, and import the parts one by one")]
    TooManyRows {
        /// Which table.
        table: String,
    },
    /// Text in another encoding.
    #[error("line {line} of the file is not UTF-8: save it as \"CSV UTF-8\"")]
    NotUtf8 {
        /// The first such line.
        line: usize,
    },
    /// A row that the reader can't take apart.
    #[error("line {line} of the file is no CSV: {what}")]
    NotCsv {
        /// The line.
        line: u64,
        /// What the reader says.
        what: String,
    },
}

/// Reads all tables of a file: the sheets of a workbook, or the one table of a CSV file.
pub fn read(path: &Path) -> Result<Vec<Table>, Unreadable> {
    let says = Format::of_name(path).ok_or(Unreadable::UnknownEnding)?;
    let io = |source| Unreadable::Io { path: path.to_owned(), source };
    if std::fs::metadata(path).map_err(io)?.len() > BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    tables(says, std::fs::read(path).map_err(io)?)
}

/// The tables in the bytes of a file whose name says what it is.
fn tables(says: Format, bytes: Vec<u8>) -> Result<Vec<Table>, Unreadable> {
    says.check(&bytes)?;
    match says {
        Format::Csv => Ok(vec![csv_file::table(&bytes)?]),
        Format::Xlsx => workbook::xlsx(bytes),
        Format::Ods => workbook::ods(bytes),
    }
}
