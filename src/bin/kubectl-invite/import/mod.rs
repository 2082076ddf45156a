//! From tables to what is to be declared: pure, and the same for the same file each time.

pub mod address;
pub mod fault;
mod gather;
mod layout;
pub mod manifest;
pub mod names;
mod nearest;
mod roles;
mod script;
mod simple;
mod workbook;

use std::collections::BTreeMap;

use user_invitation_operator::api::{ProviderKind, UserInvitationSpec};

use crate::read::Table;
use fault::{BadRow, Place};
use layout::Columns;
pub use layout::NoLayout;

/// What the command line adds to what the file says.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    /// The provider of rows that name none.
    pub provider: Option<String>,
    /// The kind of providers that rows name.
    pub provider_kind: ProviderKind,
    /// Ids of workspaces by their names, for files that have no ids.
    pub workspace_ids: BTreeMap<String, String>,
}

/// What a file declares, and what of it can't be used.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// The layout, in words.
    pub layout: &'static str,
    /// The providers that the file has enough about.
    pub providers: Vec<Workspace>,
    /// The people, each once, in the order of the file.
    pub people: Vec<Person>,
    /// The rows that can't be used, in the order of the file.
    pub bad: Vec<BadRow>,
    /// The rows that say again what another one said: their place and the other's line.
    pub merged: Vec<(Place, usize)>,
    /// What else somebody should know.
    pub notes: Vec<String>,
}

/// A workspace of HPE GreenLake: one provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// The provider's name.
    pub provider: String,
    /// What people call it.
    pub name: String,
    /// Its id.
    pub id: String,
    /// The API client's id, if the file has it.
    pub client_id: Option<String>,
    /// The line it stands in.
    pub line: usize,
}

/// One person in one tenant.
#[derive(Clone, Debug, PartialEq)]
pub struct Person {
    /// The name of the object.
    pub object: String,
    /// The name as the file has it, where the vendor takes none.
    pub called: Option<String>,
    /// Where the row stands.
    pub place: Place,
    /// What is declared.
    pub spec: UserInvitationSpec,
}

/// What one layout finds: rows that are right by themselves.
#[derive(Debug, Default)]
struct Found {
    providers: Vec<Workspace>,
    people: Vec<Person>,
    bad: Vec<BadRow>,
    notes: Vec<String>,
}

/// Reads tables in whichever layout they are.
pub fn import(tables: &[Table], choices: &Choices) -> Result<Import, NoLayout> {
    let (layout, found) = match tables {
        [only] if only.name.is_none() => csv(only, choices)?,
        _ => sheets(tables, choices)?,
    };
    Ok(gather::gather(layout, found))
}

fn sheets(tables: &[Table], choices: &Choices) -> Result<(&'static str, Found), NoLayout> {
    let named = |wanted: &str| {
        tables.iter().find(|table| table.name.as_deref().is_some_and(|name| layout::plain(name) == wanted))
    };
    if let (Some(users), Some(workspaces)) = (named("users"), named("workspaces")) {
        return Ok(("HPE GreenLake's workbook", workbook::read(users, workspaces)?));
    }
    let filled: Vec<Columns<'_>> = tables.iter().filter_map(Columns::of).collect();
    if filled.is_empty() {
        return Err(NoLayout::Nothing);
    }
    if let Some(columns) = filled.iter().position(|columns| simple::fits(columns, choices)) {
        let columns = filled.into_iter().nth(columns).ok_or(NoLayout::Nothing)?;
        return Ok(("one row a person", simple::read(&columns.once()?, choices)?));
    }
    if named("users").is_some() {
        return Err(NoLayout::NoWorkspaces);
    }
    Err(NoLayout::Unknown(filled.iter().map(Columns::words).collect::<Vec<_>>().join("; ")))
}

fn csv(table: &Table, choices: &Choices) -> Result<(&'static str, Found), NoLayout> {
    const SCRIPT: &str = "the CSV of HPE GreenLake's script";
    if script::has_no_header(table) {
        return Ok((SCRIPT, script::read(&Columns::without_header(table, &script::COLUMNS), choices)?));
    }
    let columns = Columns::of(table).ok_or(NoLayout::Nothing)?;
    if simple::fits(&columns, choices) {
        return Ok(("one row a person", simple::read(&columns.once()?, choices)?));
    }
    if columns.has(&["email"]) && columns.has(&["workspace"]) {
        return Ok((SCRIPT, script::read(&columns.once()?, choices)?));
    }
    Err(NoLayout::Unknown(columns.words()))
}

#[cfg(test)]
mod tests;
