//! Workbooks. Those of Excel are read cell by cell, so that a sheet with one far cell costs nothing.

use std::io::Cursor;

use calamine::{Data, DataRef, Ods, Reader, SheetType, Xlsx};

use super::{Cell, Flaw, Table, Unreadable, extent};

/// The sheets of a workbook of Excel.
pub fn xlsx(bytes: Vec<u8>) -> Result<Vec<Table>, Unreadable> {
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
    let sheets = workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet);
    let names: Vec<String> = sheets.map(|sheet| sheet.name.clone()).collect();
    names.into_iter().map(|name| xlsx_sheet(&mut workbook, &name)).collect()
}

fn xlsx_sheet(workbook: &mut Xlsx<Cursor<Vec<u8>>>, name: &str) -> Result<Table, Unreadable> {
    let mut table = Table { name: Some(name.to_owned()), rows: Vec::new() };
    let mut cells = workbook.worksheet_cells_reader(name).map_err(damaged)?;
    while let Some(cell) = cells.next_cell_with_formula_metadata().map_err(damaged)? {
        let mut read = of_xlsx(&cell.value);
        if cell.formula.is_some() {
            read.flaw = Some(Flaw::Formula);
        }
        table.push(place(cell.pos.0) + 1, place(cell.pos.1), read)?;
    }
    drop(cells);
    for merged in workbook.merge_cells_by_sheet_name(name).map_err(damaged)? {
        let (lines, columns) = ((merged.start.0, merged.end.0), (merged.start.1, merged.end.1));
        for row in &mut table.rows {
            if (place(lines.0) + 1..=place(lines.1) + 1).contains(&row.line) {
                (place(columns.0)..=place(columns.1)).for_each(|column| row.mark_merged(column));
            }
        }
    }
    Ok(table)
}

/// The sheets of a workbook of `LibreOffice`.
pub fn ods(bytes: Vec<u8>) -> Result<Vec<Table>, Unreadable> {
    extent::check(&bytes)?;
    let mut workbook: Ods<_> = Ods::new(Cursor::new(bytes)).map_err(damaged)?;
    let mut tables = Vec::new();
    for name in workbook.sheet_names() {
        let values = workbook.worksheet_range(&name).map_err(damaged)?;
        let formulas = workbook.worksheet_formula(&name).map_err(damaged)?;
        let mut table = Table { name: Some(name), rows: Vec::new() };
        let start = values.start().unwrap_or_default();
        for (line, column, value) in values.used_cells() {
            let absolute = (start.0 + small(line), start.1 + small(column));
            let mut read = of_ods(value);
            if formulas.get_value(absolute).is_some_and(|formula| !formula.is_empty()) {
                read.flaw = Some(Flaw::Formula);
            }
            table.push(place(absolute.0) + 1, place(absolute.1), read)?;
        }
        tables.push(table);
    }
    Ok(tables)
}

fn of_xlsx(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::String(text) => Cell::of(text),
        DataRef::SharedString(text) => Cell::of(text),
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::of(text),
        DataRef::Int(number) => Cell::of(&number.to_string()),
        DataRef::Float(number) => Cell::of(&number.to_string()),
        DataRef::Bool(truth) => Cell::of(&truth.to_string()),
        DataRef::DateTime(time) => Cell::of(&time.to_string()),
        DataRef::Error(_) => Cell { flaw: Some(Flaw::Error), ..Cell::default() },
        DataRef::Empty => Cell::default(),
    }
}

fn of_ods(value: &Data) -> Cell {
    match value {
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cell::of(text),
        Data::Int(number) => Cell::of(&number.to_string()),
        Data::Float(number) => Cell::of(&number.to_string()),
        Data::Bool(truth) => Cell::of(&truth.to_string()),
        Data::DateTime(time) => Cell::of(&time.to_string()),
        Data::Error(_) => Cell { flaw: Some(Flaw::Error), ..Cell::default() },
        Data::Empty => Cell::default(),
    }
}

fn place(index: u32) -> usize {
    usize::try_from(index).unwrap_or(usize::MAX)
}

fn small(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

pub(super) fn damaged(error: impl std::error::Error) -> Unreadable {
    Unreadable::Damaged { what: error.to_string() }
}
