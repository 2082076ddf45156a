//! What a file is, by its name and by its first bytes.

use std::fmt;
use std::path::Path;

use super::Unreadable;

/// The kinds of files that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Text with commas or semicolons.
    Csv,
    /// A workbook of Excel.
    Xlsx,
    /// A workbook of `LibreOffice`.
    Ods,
}

const ZIP: &[u8] = b"PK\x03\x04";
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";
/// Where the first file of an archive has its name; workbooks of `LibreOffice` begin with their type.
const FIRST_NAME: usize = 30;
const ODS_BEGINS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";

impl Format {
    /// What the name of a file says.
    pub fn of_name(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "ods" => Some(Self::Ods),
            _ => None,
        }
    }

    /// Refuses bytes that are something else.
    pub fn check(self, bytes: &[u8]) -> Result<(), Unreadable> {
        let not = |is, advice| Err(Unreadable::NotWhatItSays { says: self, is, advice });
        if bytes.is_empty() {
            return Err(Unreadable::Empty);
        }
        if bytes.starts_with(COMPOUND) {
            return not(
                "an old workbook (.xls), or one with a password",
                "save it as .xlsx, without a password",
            );
        }
        let archive = bytes.starts_with(ZIP);
        let ods = archive && bytes.get(FIRST_NAME..).is_some_and(|rest| rest.starts_with(ODS_BEGINS));
        match self {
            Self::Csv if ods => not("a workbook of LibreOffice", "name it .ods"),
            Self::Csv if archive => not("an archive or a workbook", "name it .xlsx if it is a workbook"),
            Self::Csv if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") => {
                not("text in UTF-16", "save it as \"CSV UTF-8\"")
            }
            Self::Csv if bytes.contains(&0) => not("no text", "take the file that has the list of people"),
            Self::Csv => Ok(()),
            Self::Xlsx if ods => not("a workbook of LibreOffice", "name it .ods"),
            Self::Ods if archive && !ods => {
                not("another archive", "name it .xlsx if it is a workbook of Excel")
            }
            Self::Xlsx | Self::Ods if archive => Ok(()),
            Self::Xlsx | Self::Ods if std::str::from_utf8(bytes).is_ok() => {
                not("a text file", "name it .csv if it has the list of people")
            }
            Self::Xlsx | Self::Ods => not("no workbook", "take the file that has the list of people"),
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Csv => ".csv",
            Self::Xlsx => ".xlsx",
            Self::Ods => ".ods",
        })
    }
}
