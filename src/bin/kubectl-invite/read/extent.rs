//! How far the sheets of a workbook of `LibreOffice` spread. Its reader holds the whole rectangle of each sheet, and a few
//! bytes can say that a cell is a million rows further down: such a workbook is refused before it is read.

use std::io::{BufReader, Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::Unreadable;

/// The most cells of one sheet's rectangle: far more than any list of people has.
const CELLS_MAX: u64 = 4_000_000;
/// The most bytes of the part that has the cells.
const BYTES_MAX: u64 = 256 * 1024 * 1024;
const CONTENT: &str = "content.xml";

/// Refuses a workbook whose sheets spread too far.
pub(super) fn check(bytes: &[u8]) -> Result<(), Unreadable> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(super::workbook::damaged)?;
    let content = archive.by_name(CONTENT).map_err(super::workbook::damaged)?;
    if content.size() > BYTES_MAX {
        return Err(Unreadable::TooLarge);
    }
    // The size that the archive tells may be wrong.
    let mut reader = Reader::from_reader(BufReader::new(content.take(BYTES_MAX + 1)));
    let (mut buffer, mut sheet) = (Vec::new(), Sheet::default());
    loop {
        let event = reader.read_event_into(&mut buffer).map_err(super::workbook::damaged)?;
        match &event {
            Event::Start(tag) if tag.name().as_ref() == "table:table" => sheet = Sheet::named(tag),
            Event::Start(tag) | Event::Empty(tag) => {
                let inside = matches!(event, Event::Start(_));
                match tag.name().as_ref() {
                    "table:table-row" => sheet.row(repeats(tag, "table:number-rows-repeated")),
                    "table:table-cell" | "table:covered-table-cell" => {
                        sheet.cell(repeats(tag, "table:number-columns-repeated"), inside || has_value(tag));
                    }
                    _ => {}
                }
            }
            Event::Eof if reader.buffer_position() > BYTES_MAX => return Err(Unreadable::TooLarge),
            Event::Eof => return Ok(()),
            _ => {}
        }
        sheet.check()?;
        buffer.clear();
    }
}

/// How far a sheet spreads, as far as it is read.
#[derive(Default)]
struct Sheet {
    name: String,
    /// Rows above the present one.
    above: u64,
    /// How often the present row stands there.
    row: u64,
    /// Columns of the present row.
    columns: u64,
    /// The last row and column with something in them.
    last: (u64, u64),
}

impl Sheet {
    fn named(tag: &BytesStart<'_>) -> Self {
        let name = tag.try_get_attribute("table:name").ok().flatten();
        Self { name: name.map(|name| name.value.into_owned()).unwrap_or_default(), ..Self::default() }
    }

    fn row(&mut self, repeats: u64) {
        self.above = self.above.saturating_add(self.row);
        (self.row, self.columns) = (repeats, 0);
    }

    fn cell(&mut self, repeats: u64, filled: bool) {
        self.columns = self.columns.saturating_add(repeats);
        if filled {
            self.last.0 = self.above.saturating_add(self.row);
            self.last.1 = self.last.1.max(self.columns);
        }
    }

    fn check(&self) -> Result<(), Unreadable> {
        let (rows, columns) = self.last;
        if rows.saturating_mul(columns) > CELLS_MAX {
            return Err(Unreadable::TooWide { sheet: self.name.clone(), rows, columns });
        }
        Ok(())
    }
}

fn repeats(tag: &BytesStart<'_>, name: &str) -> u64 {
    let attribute = tag.try_get_attribute(name).ok().flatten();
    attribute.and_then(|attribute| attribute.value.trim().parse().ok()).unwrap_or(1)
}

/// Whether a cell without text has a value.
fn has_value(tag: &BytesStart<'_>) -> bool {
    let has = |name| tag.try_get_attribute(name).ok().flatten().is_some();
    has("office:value-type") || has("table:formula")
}
