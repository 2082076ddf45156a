//! Workbooks of `LibreOffice`.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::plugin::{files, folder, run};

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
    let rows: Vec<String> = rows.iter().map(|cells| row(cells)).collect();
    let mut archive = ZipWriter::new(File::create(path).expect("the file is new"));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, content) in [
        ("mimetype", "application/vnd.oasis.opendocument.spreadsheet".to_owned()),
        ("META-INF/manifest.xml", MANIFEST.to_owned()),
        ("content.xml", CONTENT.replace("ROWS", &rows.concat())),
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
