//! Workbooks, as somebody makes them by hand.

use std::path::Path;

use rust_xlsxwriter::{Workbook, Worksheet};

/// Fills a sheet with rows of text.
pub fn fill(sheet: &mut Worksheet, rows: &[Vec<String>]) {
    for (line, row) in (0..).zip(rows) {
        for (column, text) in (0..).zip(row) {
            if !text.is_empty() {
                sheet.write_string(line, column, text).expect("the cell is in the sheet");
            }
        }
    }
}

/// Writes a workbook with these sheets.
pub fn workbook(path: &Path, sheets: &[(&str, Vec<Vec<String>>)]) {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        let sheet = workbook.add_worksheet().set_name(*name).expect("a name of a sheet");
        fill(sheet, rows);
    }
    workbook.save(path).expect("the workbook is written");
}

/// One row.
pub fn row(cells: &[&str]) -> Vec<String> {
    cells.iter().map(|cell| (*cell).to_owned()).collect()
}
