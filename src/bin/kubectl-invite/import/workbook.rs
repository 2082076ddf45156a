//! The workbook of HPE GreenLake's script: the sheets Users and Workspaces. As there, a workspace is found by its name,
//! whatever the case; names of people are not sent.

use std::collections::{BTreeMap, BTreeSet};

use user_invitation_operator::api::{ProviderRef, UserInvitationSpec};

use super::fault::{BadRow, Fault};
use super::layout::{Columns, NoLayout, needed, text};
use super::{Found, Person, Workspace, address, names, nearest};
use crate::read::{Row, Table};

const USERS: &str = "Name, Email and Workspace Name";
const WORKSPACES: &str = "Workspace Id, Workspace Name and Client Id";
const ID_LENGTH: usize = 32;

/// Reads both sheets.
pub(super) fn read(users: &Table, workspaces: &Table) -> Result<Found, NoLayout> {
    let columns = |table, words| {
        Columns::of(table).ok_or_else(|| NoLayout::EmptyTable(table.describe(), words))?.once()
    };
    let workspaces = read_workspaces(&columns(workspaces, WORKSPACES)?)?;
    let mut found = read_users(&columns(users, USERS)?, &workspaces)?;
    found.bad.extend(workspaces.bad);
    found.providers = workspaces.good.into_values().collect();
    found.providers.sort_by_key(|workspace| workspace.line);
    Ok(found)
}

/// The workspaces by their names in lower case.
#[derive(Default)]
struct Workspaces {
    good: BTreeMap<String, Workspace>,
    /// Lines of those that can't be used.
    unusable: BTreeMap<String, usize>,
    bad: Vec<BadRow>,
}

fn read_workspaces(columns: &Columns<'_>) -> Result<Workspaces, NoLayout> {
    let id = columns.need(&["workspaceid"], "Workspace Id")?;
    let name = columns.need(&["workspacename"], "Workspace Name")?;
    let client = columns.find(&["clientid"]);
    let mut read = Workspaces::default();
    for row in columns.rows() {
        match workspace(row, (id, name, client), &read) {
            Ok(workspace) => {
                read.good.insert(workspace.name.to_lowercase(), workspace);
            }
            Err((fault, near)) => {
                let called = row.cell(name).text.to_lowercase();
                if !called.is_empty() && !read.good.contains_key(&called) {
                    read.unusable.entry(called).or_insert(row.line);
                }
                read.bad.push(columns.bad(row, fault, near));
            }
        }
    }
    Ok(read)
}

type Wrong = (Fault, Option<String>);

fn workspace(
    row: &Row,
    (id, name, client): (usize, usize, Option<usize>),
    before: &Workspaces,
) -> Result<Workspace, Wrong> {
    let plain = |fault: Fault| (fault, None);
    let name = needed(row, name, "Workspace Name").map_err(plain)?;
    let given = needed(row, id, "Workspace Id").map_err(plain)?;
    let client_id = text(row, client, "Client Id").map_err(plain)?.map(str::to_owned);
    let id = workspace_id(given)?;
    let provider = names::of_workspace(name).unwrap_or_else(|| format!("workspace-{}", &id[..8]));
    for other in before.good.values() {
        if other.id == id || other.name.to_lowercase() == name.to_lowercase() {
            return Err((Fault::WorkspaceTwice(other.name.clone(), other.line), Some(other.name.clone())));
        }
        if other.provider == provider {
            return Err(plain(Fault::ProviderNameTwice(provider, other.line)));
        }
    }
    Ok(Workspace { provider, name: name.to_owned(), id, client_id, line: row.line })
}

/// The id of a workspace in lower case.
pub(super) fn workspace_id(text: &str) -> Result<String, Wrong> {
    let is_id = |text: &str| text.len() == ID_LENGTH && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id(text) {
        return Ok(text.to_ascii_lowercase());
    }
    let joined: String = text.chars().filter(|c| !c.is_whitespace() && *c != '-').collect();
    Err((Fault::WorkspaceId(text.to_owned()), is_id(&joined).then(|| joined.to_ascii_lowercase())))
}

fn read_users(columns: &Columns<'_>, workspaces: &Workspaces) -> Result<Found, NoLayout> {
    let email = columns.need(&["email"], "Email")?;
    let workspace = columns.need(&["workspacename"], "Workspace Name")?;
    let name = columns.find(&["name"]);
    let domains = domains(columns.rows(), email);
    let mut found = Found::default();
    for row in columns.rows() {
        match user(row, (email, workspace, name), workspaces, &domains) {
            Ok((provider, email, called)) => {
                let spec = UserInvitationSpec {
                    provider_ref: ProviderRef { name: provider.clone(), ..ProviderRef::default() },
                    email: email.to_owned(),
                    ..UserInvitationSpec::default()
                };
                let object = names::of_person(&provider, email);
                let called = called.map(str::to_owned);
                found.people.push(Person { object, called, place: columns.place(row), spec });
            }
            Err((fault, near)) => found.bad.push(columns.bad(row, fault, near)),
        }
    }
    Ok(found)
}

fn user<'a>(
    row: &'a Row,
    (email, workspace, name): (usize, usize, Option<usize>),
    workspaces: &Workspaces,
    domains: &BTreeSet<String>,
) -> Result<(String, &'a str, Option<&'a str>), Wrong> {
    let plain = |fault: Fault| (fault, None);
    let email = self::email(row, email, "Email", domains)?;
    let workspace = needed(row, workspace, "Workspace Name").map_err(plain)?;
    let key = workspace.to_lowercase();
    let Some(known) = workspaces.good.get(&key) else {
        if let Some(line) = workspaces.unusable.get(&key) {
            return Err(plain(Fault::UnusableWorkspace(workspace.to_owned(), *line)));
        }
        let names = workspaces.good.values().map(|workspace| workspace.name.as_str());
        let near = nearest::nearest(workspace, names).map(str::to_owned);
        return Err((Fault::UnknownWorkspace(workspace.to_owned()), near));
    };
    // The name is a remark only, so one that can't be relied on is left out.
    let called = text(row, name, "Name").unwrap_or_default();
    Ok((known.provider.clone(), email, called))
}

/// The address in a cell.
pub(super) fn email<'a>(
    row: &'a Row,
    column: usize,
    word: &'static str,
    domains: &BTreeSet<String>,
) -> Result<&'a str, Wrong> {
    let text = needed(row, column, word).map_err(|fault| (fault, None))?;
    if address::is_valid(text) {
        return Ok(text);
    }
    Err((Fault::Email(text.to_owned()), address::nearest(text, domains)))
}

/// The domains of the rows whose address is right.
pub(super) fn domains(rows: &[Row], email: usize) -> BTreeSet<String> {
    let addresses = rows.iter().map(|row| row.cell(email).text.as_str());
    let valid = addresses.filter(|address| address::is_valid(address));
    valid.filter_map(|address| address.rsplit_once('@')).map(|(_, domain)| domain.to_lowercase()).collect()
}
