//! Files that are no list of people: a message that says what to do, and nothing is written.

use std::path::Path;

use rust_xlsxwriter::{Format, Formula, Workbook};
use test_rig::workbooks::{fill, row, workbook};

use crate::plugin::{files, folder, run};

const ID: &str = "aaaa1111aaaa1111aaaa1111aaaa1111";

fn users() -> Vec<String> {
    row(&["Name", "Email", "Workspace Name"])
}

fn workspaces() -> Vec<Vec<String>> {
    vec![row(&["Workspace Id", "Workspace Name", "Client Id"]), row(&[ID, "East", "c-1"])]
}

/// The file is refused as a whole, and this is said.
fn refused(folder: &Path, file: &str, words: &str) {
    let said = run(folder, &["import", file, "--output", "out"]);
    assert_eq!(said.code, Some(1), "{file}: {}", said.text);
    assert!(said.text.starts_with("error: ") && said.text.contains(words), "{file}: {}", said.text);
    assert_eq!(files(&folder.join("out")), Vec::<std::path::PathBuf>::new(), "{file}");
}

#[test]
fn that_are_not_what_their_names_say() {
    let folder = folder("bad-kind");
    workbook(&folder.join("good.xlsx"), &[("Users", vec![users()]), ("Workspaces", workspaces())]);
    let good = std::fs::read(folder.join("good.xlsx")).expect("it was written");
    let ods = b"PK\x03\x04--------------------------mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
    let half = &good[..good.len() / 2];
    let cases: [(&str, &[u8], &str); 15] = [
        ("a.csv", &good, "named .csv, but it is an archive or a workbook: name it .xlsx"),
        ("text.xlsx", b"email,provider\n", "named .xlsx, but it is a text file: name it .csv"),
        ("text.ods", b"email,provider\n", "named .ods, but it is a text file"),
        ("picture.xlsx", b"\x89PNG\r\n\x1a\n\xff", "it is no workbook"),
        ("old.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old workbook (.xls), or one with a password"),
        ("renamed.ods", &good, "named .ods, but it is another archive"),
        ("renamed.xlsx", ods, "a workbook of LibreOffice: name it .ods"),
        ("half.xlsx", half, "the workbook is damaged"),
        ("empty.xlsx", b"", "the file is empty"),
        ("empty.csv", b"", "the file is empty"),
        ("blank.csv", b"\n,,\n  ,\n", "there is nothing in any sheet"),
        ("utf16.csv", b"\xff\xfee\0m\0", "text in UTF-16: save it as \"CSV UTF-8\""),
        ("latin.csv", b"email,provider\na@b.cd,p\nj\xf6rg@b.cd,p\n", "line 3 of the file is not UTF-8"),
        ("people.txt", b"a", "must end in .xlsx, .ods or .csv"),
        ("other.csv", b"colour,size\nred,3\n", "no layout that is known: there are neither"),
    ];
    for (name, bytes, words) in cases {
        std::fs::write(folder.join(name), bytes).expect("the file is written");
        refused(&folder, name, words);
    }
    refused(&folder, "missing.xlsx", "missing.xlsx can't be read: No such file");
}

#[test]
fn whose_sheets_lack_something() {
    let folder = folder("bad-sheets");
    let person = row(&["Ada", "ada@example.com", "East"]);
    let two = |users: Vec<Vec<String>>, workspaces| vec![("Users", users), ("Workspaces", workspaces)];
    let cases = [
        ("nothing.xlsx", vec![("Sheet1", Vec::new())], "there is nothing in any sheet"),
        (
            "no-users.xlsx",
            two(Vec::new(), workspaces()),
            "the sheet \"Users\" is empty: its first row must have",
        ),
        ("no-workspaces.xlsx", two(vec![users()], Vec::new()), "the sheet \"Workspaces\" is empty"),
        ("one-sheet.xlsx", vec![("Users", vec![users(), person])], "a sheet Users, but no sheet Workspaces"),
        (
            "column.xlsx",
            two(vec![row(&["Name", "Mail", "Workspace Name"])], workspaces()),
            "the sheet \"Users\" has no column \"Email\"; it has: Name, Mail, Workspace Name",
        ),
        (
            "twice.xlsx",
            two(vec![row(&["Email", "E-mail", "Workspace Name"])], workspaces()),
            "has the column \"E-mail\" twice",
        ),
    ];
    for (name, sheets, words) in cases {
        workbook(&folder.join(name), &sheets);
        refused(&folder, name, words);
    }
}

#[test]
fn with_a_hundred_thousand_rows() {
    let folder = folder("bad-size");
    let person = |number| vec![String::new(), format!("p{number}@example.com"), "East".to_owned()];
    let rows: Vec<Vec<String>> = std::iter::once(users()).chain((0..100_000).map(person)).collect();
    workbook(&folder.join("many.xlsx"), &[("Users", rows), ("Workspaces", workspaces())]);
    refused(&folder, "many.xlsx", "the sheet \"Users\" has more than 20000 rows: split it");
    let csv: Vec<String> = (0..100_000).map(|number| format!("p{number}@example.com,p")).collect();
    std::fs::write(folder.join("many.csv"), format!("email,provider\n{}", csv.join("\n")))
        .expect("the file is written");
    refused(&folder, "many.csv", "the file has more than 20000 rows");
}

/// One far cell does not make a sheet large.
#[test]
fn with_a_cell_far_away() {
    let folder = folder("bad-far");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("People").expect("a name");
    fill(sheet, &[row(&["email", "provider"]), row(&["ada@example.com", "csp"])]);
    sheet.write_string(1_048_575, 16_383, "here").expect("the last cell");
    book.save(folder.join("far.xlsx")).expect("the workbook is written");
    let said = run(&folder, &["import", "far.xlsx"]);
    assert_eq!(said.code, Some(0), "{}", said.text);
}

#[test]
fn whose_formulas_and_merged_cells_are_not_guessed() {
    let folder = folder("bad-cells");
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("Users").expect("a name");
    let person = |number: u8| row(&["Ada", &format!("p{number}@example.com"), "East"]);
    fill(sheet, &[users(), person(1), person(2), person(3), person(4)]);
    sheet
        .write_formula(2, 1, Formula::new("=LOWER(\"P2@example.com\")").set_result("p2@example.com"))
        .expect("a formula");
    sheet.merge_range(3, 2, 4, 2, "East", &Format::new()).expect("merged cells");
    let second = book.add_worksheet().set_name("Workspaces").expect("a name");
    fill(second, &workspaces());
    book.save(folder.join("cells.xlsx")).expect("the workbook is written");
    let said = run(&folder, &["import", "cells.xlsx"]);
    assert_eq!(said.code, Some(3), "{}", said.text);
    for words in [
        "3 rows can't be used:",
        "Users, line 3: Email is a formula, whose stored value may be old",
        "Users, line 4: Workspace Name is in merged cells: unmerge them",
        "Users, line 5: Workspace Name is in merged cells: unmerge them",
    ] {
        assert!(said.text.contains(words), "{words}\nis not in\n{}", said.text);
    }
    assert_eq!(files(&folder.join("invitations")).len(), 2);
}
