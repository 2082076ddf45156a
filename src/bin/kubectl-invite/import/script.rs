//! The CSV of the script's variant for bash: email, workspace, role. The workspace is a name or an id; the role is only
//! for people to read, there as here, since HPE GreenLake's invitation carries none.

use std::collections::BTreeMap;

use user_invitation_operator::api::{ProviderRef, UserInvitationSpec};

use super::fault::Fault;
use super::layout::{Columns, NoLayout, needed, text};
use super::workbook::{domains, email, workspace_id};
use super::{Choices, Found, Person, Workspace, address, names};
use crate::read::Table;

/// The columns in the order in which the script reads them.
pub(super) const COLUMNS: [&str; 3] = ["email", "workspace", "role"];

/// Whether a table begins with a person at once.
pub(super) fn has_no_header(table: &Table) -> bool {
    let first = table.rows.first();
    first.is_some_and(|row| row.cells().len() <= COLUMNS.len() && address::is_valid(&row.cell(0).text))
}

/// Reads the table.
pub(super) fn read(columns: &Columns<'_>, choices: &Choices) -> Result<Found, NoLayout> {
    let address = columns.need(&["email"], "email")?;
    let workspace = columns.need(&["workspace"], "workspace")?;
    let role = columns.find(&["role"]);
    let domains = domains(columns.rows(), address);
    let mut found = Found::default();
    let mut known: BTreeMap<String, Known> = BTreeMap::new();
    let mut roles = false;
    for row in columns.rows() {
        let read = email(row, address, "email", &domains).and_then(|email| {
            let name = needed(row, workspace, "workspace").map_err(|fault| (fault, None))?;
            let before = known.clone();
            let entry = known
                .entry(name.to_lowercase())
                .or_insert_with(|| self::workspace(name, row.line, choices, &before));
            let found = entry.clone()?;
            let provider = match found {
                Some(workspace) => workspace.provider,
                None => {
                    names::of_workspace(name).ok_or_else(|| (Fault::ProviderName(name.to_owned()), None))?
                }
            };
            Ok((provider, email.to_owned()))
        });
        roles = roles || text(row, role, "role").is_ok_and(|role| role.is_some());
        match read {
            Ok((provider, email)) => {
                let object = names::of_person(&provider, &email);
                let provider_ref = ProviderRef { name: provider, ..ProviderRef::default() };
                let spec = UserInvitationSpec { provider_ref, email, ..UserInvitationSpec::default() };
                found.people.push(Person { object, called: None, place: columns.place(row), spec });
            }
            Err((fault, near)) => found.bad.push(columns.bad(row, fault, near)),
        }
    }
    if roles {
        let note = "the column role is not used, as in the script: an invitation of HPE GreenLake carries no role; let the \
                    provider have access profiles, and name them";
        found.notes.push(note.to_owned());
    }
    for (name, workspace) in known {
        match workspace {
            Ok(Some(workspace)) => found.providers.push(workspace),
            Ok(None) => found.notes.push(format!(
                "no provider is made for the workspace {name:?}, whose id is not in the file: give it with \
                 --workspace-id {name:?}=ID, or make the provider yourself"
            )),
            Err(_) => {}
        }
    }
    found.providers.sort_by_key(|workspace| workspace.line);
    Ok(found)
}

type Known = Result<Option<Workspace>, (Fault, Option<String>)>;

/// The workspace that a cell names, if its id is known.
fn workspace(name: &str, line: usize, choices: &Choices, before: &BTreeMap<String, Known>) -> Known {
    let given = choices.workspace_ids.iter().find(|(known, _)| known.to_lowercase() == name.to_lowercase());
    let id = match given {
        Some((_, id)) => workspace_id(id)?,
        None => match workspace_id(name) {
            Ok(id) => id,
            Err(_) => return Ok(None),
        },
    };
    let made = given.and_then(|_| names::of_workspace(name));
    let provider = made.unwrap_or_else(|| format!("workspace-{}", &id[..8]));
    for other in before.values().filter_map(|other| other.as_ref().ok()?.as_ref()) {
        if other.id == id {
            return Err((Fault::WorkspaceTwice(other.name.clone(), other.line), Some(other.name.clone())));
        }
        if other.provider == provider {
            return Err((Fault::ProviderNameTwice(provider, other.line), None));
        }
    }
    Ok(Some(Workspace { provider, name: name.to_owned(), id, client_id: None, line }))
}
