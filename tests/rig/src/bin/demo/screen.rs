//! What people see.

use std::io::{IsTerminal, Write};

/// Writes a line. A reader that has gone is no reason to fail.
pub(crate) fn line(text: &str) {
    let mut output = std::io::stdout().lock();
    let _ = writeln!(output, "{text}");
    let _ = output.flush();
}

/// A sentence between the outputs.
pub(crate) fn say(text: &str) {
    line(text);
}

/// The beginning of a chapter.
pub(crate) fn heading(text: &str) {
    let rule = "─".repeat(100_usize.saturating_sub(text.chars().count() + 4));
    line("");
    line(&strong(&format!("── {text} {rule}")));
}

/// A command as somebody would type it.
pub(crate) fn command(text: &str) {
    line(&strong(&format!("\n$ {text}")));
}

/// What a program said.
pub(crate) fn output(text: &str) {
    line(text.trim_end());
}

/// Rows below a header, in columns as wide as their widest cell.
pub(crate) fn table(header: &[&str], rows: &[Vec<String>]) {
    let width = |at: usize| {
        let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count());
        cells.chain(std::iter::once(header[at].len())).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..header.len()).map(width).collect();
    let print = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> = cells.zip(&widths).map(|(cell, &width)| format!("{cell:width$}")).collect();
        line(padded.join("   ").trim_end());
    };
    print(&mut header.iter().copied());
    for row in rows {
        print(&mut row.iter().map(String::as_str));
    }
}

fn strong(text: &str) -> String {
    if std::io::stdout().is_terminal() { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
}
