//! Workbooks of `LibreOffice`.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::plugin::{files, folder, run};
use crate::stage::Stage;

/// What a small program needs.
const MOST_KIB: u64 = 64 * 1024;

const MANIFEST: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">
  <manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>
</manifest:manifest>"#;

const CONTENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
    xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
  <office:body><office:spreadsheet><table:table table:name="People">
    ROWS
  </table:table></office:spreadsheet></office:body>
</office:document-content>"#;

fn row(cells: &[&str]) -> String {
    let cell = |text: &&str| {
        let formula = text.strip_prefix('=').map_or("", |_| r#" table:formula="of:=LOWER([.B1])""#);
        let text = text.trim_start_matches('=');
        format!(
            r#"<table:table-cell office:value-type="string"{formula}><text:p>{text}</text:p></table:table-cell>"#
        )
    };
    format!("<table:table-row>{}</table:table-row>", cells.iter().map(cell).collect::<Vec<_>>().concat())
}

fn write(path: &Path, rows: &[&[&str]]) {
    write_rows(path, &rows.iter().map(|cells| row(cells)).collect::<Vec<_>>().concat());
}

fn write_rows(path: &Path, rows: &str) {
    let mut archive = ZipWriter::new(File::create(path).expect("the file is new"));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
        ("META-INF/manifest.xml", MANIFEST.to_owned()),
        ("content.xml", CONTENT.replace("ROWS", rows)),
    ] {
        archive.start_file(name, stored).expect("a file in the archive");
        archive.write_all(content.as_bytes()).expect("its content");
    }
    archive.finish().expect("the archive is whole");
}

#[test]
fn are_read_like_others() {
    let folder = folder("ods");
    write(
        &folder.join("people.ods"),
        &[
            &["email", "provider", "profiles"],
            &["ada@example.com", "csp", "developer"],
            &["=bob@example.com", "csp", "developer"],
            &["carl@example", "csp", ""],
        ],
    );
    let said = run(&folder, &["import", "people.ods"]);
    assert_eq!(said.code, Some(3), "{}", said.text);
    for words in [
        "People, line 3: email is a formula",
        "People, line 4: \"carl@example\" is no e-mail address; nearest valid value: carl@example.com",
    ] {
        assert!(said.text.contains(words), "{words}\nis not in\n{}", said.text);
    }
    assert_eq!(files(&folder.join("invitations")), [folder.join("invitations/csp/ada-at-example.com.yaml")]);
}

/// Empty rows and columns to the end of a sheet are what `LibreOffice` itself writes, and cost nothing; a cell behind them
/// is refused, whatever memory it would take.
#[tokio::test]
async fn that_spread_far_cost_no_memory() {
    let stage = Stage::quiet("ods-far").await;
    let head = [row(&["email", "provider"]), row(&["ada@example.com", "csp"])].concat();
    let row_with = |rows: u32, columns: u32, value: &str| {
        format!(
            "<table:table-row table:number-rows-repeated=\"{rows}\"><table:table-cell \
             table:number-columns-repeated=\"{columns}\"/>{value}</table:table-row>"
        )
    };
    let here = r#"<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>"#;
    write_rows(&stage.folder.join("empty.ods"), &(head.clone() + &row_with(1_048_574, 16_384, "")));
    let (said, most) = stage.run_watched(&["import", "empty.ods"]).await;
    assert_eq!(said.code, Some(0), "{}", said.text);
    assert!(most < MOST_KIB, "{most} KiB");
    let far = row_with(1_000_000, 1, "") + &row_with(1, 90, here);
    for (name, rows) in [("far.ods", far), ("full.ods", row_with(1_048_574, 90, here))] {
        write_rows(&stage.folder.join(name), &(head.clone() + &rows));
        let (said, most) = stage.run_watched(&["import", name, "--output", "far"]).await;
        assert_eq!(said.code, Some(1), "{name}: {}", said.text);
        let words = "the sheet \"People\" spreads over 10";
        assert!(said.text.contains(words) && said.text.contains("91 columns"), "{name}: {}", said.text);
        assert!(most < MOST_KIB, "{name}: {most} KiB");
        assert!(files(&stage.folder.join("far")).is_empty(), "{name}");
    }
}
