//! CSV files: UTF-8, with commas, semicolons (as Excel writes them in many countries) or tabs.

use csv::{ReaderBuilder, Trim};

use super::{Cell, Table, Unreadable};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The table in a CSV file.
pub fn table(bytes: &[u8]) -> Result<Table, Unreadable> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        Unreadable::NotUtf8 { line: before.split(|byte| *byte == b'\n').count() }
    })?;
    let mut reader = ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.as_bytes());
    let mut table = Table::default();
    for record in reader.records() {
        let record = record.map_err(|error| Unreadable::NotCsv {
            line: error.position().map_or(0, csv::Position::line),
            what: error.to_string(),
        })?;
        let line =
            record.position().map_or(0, |position| usize::try_from(position.line()).unwrap_or(usize::MAX));
        for (column, value) in record.iter().enumerate() {
            table.push(line, column, Cell::of(value))?;
        }
    }
    Ok(table)
}

/// What stands between the values: whatever the first line has most of.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| first.bytes().filter(|byte| *byte == delimiter).count();
    // The last one of equal ones is taken: the comma, where there is none at all.
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}
