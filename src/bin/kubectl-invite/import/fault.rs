//! What is wrong with a row, in words that say where it is and what would be right.

use std::fmt;

use crate::read::{Flaw, Row, Table};

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The sheet; a CSV file has none.
    pub sheet: Option<String>,
    /// The line, from 1.
    pub line: usize,
}

/// A row that can't be used. The others are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadRow {
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it.
    pub fault: Fault,
    /// The value that was probably meant, if one is near.
    pub nearest: Option<String>,
}

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A cell that is needed is empty.
    #[error("{0} is empty")]
    Missing(&'static str),
    /// A cell is computed.
    #[error("{0} is a formula, whose stored value may be old: put the value itself there")]
    Formula(&'static str),
    /// A cell is part of merged ones.
    #[error("{0} is in merged cells: unmerge them, and fill in each row")]
    Merged(&'static str),
    /// A cell shows an error.
    #[error("{0} shows an error")]
    Error(&'static str),
    /// No address.
    #[error("{0:?} is no e-mail address")]
    Email(String),
    /// A workspace that the other sheet does not have.
    #[error("there is no workspace {0:?} in the sheet Workspaces")]
    UnknownWorkspace(String),
    /// A workspace whose own row is bad.
    #[error("the workspace {0:?} can't be used: see line {1} of the sheet Workspaces")]
    UnusableWorkspace(String, usize),
    /// No id of a workspace.
    #[error("the workspace id {0:?} is not 32 hexadecimal digits")]
    WorkspaceId(String),
    /// A workspace that is there twice.
    #[error("line {1} has the workspace {0:?} already")]
    WorkspaceTwice(String, usize),
    /// Two names that become one.
    #[error(
        "its provider would be named {0:?}, as that of line {1}: choose a name that differs in letters or digits"
    )]
    ProviderNameTwice(String, usize),
    /// No name of an object.
    #[error("{0:?} can't be the name of a provider: lower-case letters, digits and dashes, at most 63")]
    ProviderName(String),
    /// No vendor.
    #[error("{0:?} is no vendor")]
    Vendor(String),
    /// Roles of nobody knows which vendor.
    #[error("roles need a vendor in the column vendor, since each vendor has its own words")]
    RolesNeedVendor,
    /// Both ways to say what is granted.
    #[error("profiles and roles exclude each other: keep one of the two")]
    ProfilesAndRoles,
    /// No name of a profile.
    #[error("{0:?} can't be the name of a profile: lower-case letters, digits and dashes, at most 63")]
    Profile(String),
    /// More than an invitation can have.
    #[error("{0} has more than {1} values")]
    TooMany(&'static str, usize),
    /// A role of HPE GreenLake that is not in its form.
    #[error("{0:?} is no role assignment: ROLE@SCOPE is needed, both beginning with grn:")]
    RoleAssignment(String),
    /// More than one role where the vendor has one.
    #[error("AppXite takes one role")]
    OneRole,
    /// A text that the API would refuse.
    #[error("{0} must be on one line, visible, and at most {1} characters")]
    Text(&'static str, usize),
    /// Said before in other words.
    #[error("line {0} has this person already, with other values: keep one of the two")]
    Differs(usize),
    /// Somebody else has the login name.
    #[error("line {0} has the same login name for another address")]
    SameLogin(usize),
    /// The object would have the name of another one.
    #[error("the name of its object would be that of line {0}")]
    SameObjectName(usize),
}

impl Place {
    /// The place of a row.
    pub fn of(table: &Table, row: &Row) -> Self {
        Self { sheet: table.name.clone(), line: row.line }
    }
}

impl Fault {
    /// The fault of a cell that can't be relied on.
    pub fn of_flaw(column: &'static str, flaw: &Flaw) -> Self {
        match flaw {
            Flaw::Formula => Self::Formula(column),
            Flaw::Merged => Self::Merged(column),
            Flaw::Error => Self::Error(column),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.sheet {
            Some(sheet) => write!(formatter, "{sheet}, line {}", self.line),
            None => write!(formatter, "line {}", self.line),
        }
    }
}

impl fmt::Display for BadRow {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.place, self.fault)?;
        match &self.nearest {
            Some(nearest) => write!(formatter, "; nearest valid value: {nearest}"),
            None => Ok(()),
        }
    }
}
