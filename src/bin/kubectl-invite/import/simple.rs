//! The simple layout, for every vendor: one row a person, with the columns email, provider and whatever else is known.
//! Providers are made by whoever runs the platform; this names them.

use std::collections::BTreeSet;

use user_invitation_operator::api::invitation::ACCESS_PROFILES_MAX;
use user_invitation_operator::api::{Access, ProviderRef, UserInvitationSpec};

use super::fault::Fault;
use super::layout::{Columns, NoLayout, text};
use super::workbook::{domains, email};
use super::{Choices, Found, Person, names, roles};
use crate::read::Row;

const NAME_MAX: usize = 128;

/// Where the columns are.
struct Layout {
    email: usize,
    provider: Option<usize>,
    first_name: Option<usize>,
    last_name: Option<usize>,
    user_name: Option<usize>,
    vendor: Option<usize>,
    profiles: Option<usize>,
    roles: Option<usize>,
}

/// Whether a table is one of this layout.
pub(super) fn fits(columns: &Columns<'_>, choices: &Choices) -> bool {
    let provider = columns.has(&["provider"]);
    columns.has(&["email"]) && (provider || (choices.provider.is_some() && !columns.has(&["workspace"])))
}

/// Reads the table.
pub(super) fn read(columns: &Columns<'_>, choices: &Choices) -> Result<Found, NoLayout> {
    let layout = Layout {
        email: columns.need(&["email"], "email")?,
        provider: columns.find(&["provider"]),
        first_name: columns.find(&["firstname"]),
        last_name: columns.find(&["lastname"]),
        user_name: columns.find(&["username"]),
        vendor: columns.find(&["vendor"]),
        profiles: columns.find(&["profiles", "profile"]),
        roles: columns.find(&["roles", "role"]),
    };
    let domains = domains(columns.rows(), layout.email);
    let mut found = Found::default();
    for row in columns.rows() {
        match person(row, &layout, choices, &domains) {
            Ok(spec) => {
                let object = names::of_person(&spec.provider_ref.name, &spec.email);
                found.people.push(Person { object, called: None, place: columns.place(row), spec });
            }
            Err((fault, near)) => found.bad.push(columns.bad(row, fault, near)),
        }
    }
    Ok(found)
}

fn person(
    row: &Row,
    layout: &Layout,
    choices: &Choices,
    domains: &BTreeSet<String>,
) -> Result<UserInvitationSpec, (Fault, Option<String>)> {
    let plain = |fault: Fault| (fault, None);
    let email = email(row, layout.email, "email", domains)?.to_owned();
    let name = |column, word| name(row, column, word).map_err(plain);
    Ok(UserInvitationSpec {
        provider_ref: ProviderRef { kind: choices.provider_kind, name: provider(row, layout, choices)? },
        email,
        first_name: name(layout.first_name, "first name")?,
        last_name: name(layout.last_name, "last name")?,
        user_name: user_name(row, layout.user_name).map_err(plain)?,
        access_profiles: profiles(row, layout)?,
        access: access(row, layout)?,
        ..UserInvitationSpec::default()
    })
}

fn provider(row: &Row, layout: &Layout, choices: &Choices) -> Result<String, (Fault, Option<String>)> {
    let plain = |fault: Fault| (fault, None);
    let given = text(row, layout.provider, "provider").map_err(plain)?;
    let provider = given.or(choices.provider.as_deref()).ok_or_else(|| plain(Fault::Missing("provider")))?;
    if names::is_label(provider) {
        return Ok(provider.to_owned());
    }
    Err((Fault::ProviderName(provider.to_owned()), names::of_workspace(provider)))
}

fn profiles(row: &Row, layout: &Layout) -> Result<Vec<String>, (Fault, Option<String>)> {
    let given = text(row, layout.profiles, "profiles").map_err(|fault| (fault, None))?;
    let mut profiles: Vec<String> = Vec::new();
    for profile in given.into_iter().flat_map(roles::values) {
        if !names::is_label(profile) {
            return Err((Fault::Profile(profile.to_owned()), names::of_workspace(profile)));
        }
        if !profiles.iter().any(|known| known == profile) {
            profiles.push(profile.to_owned());
        }
    }
    let most = usize::try_from(ACCESS_PROFILES_MAX).unwrap_or(usize::MAX);
    if profiles.len() > most {
        return Err((Fault::TooMany("profiles", most), None));
    }
    Ok(profiles)
}

fn access(row: &Row, layout: &Layout) -> Result<Option<Access>, (Fault, Option<String>)> {
    let plain = |fault: Fault| (fault, None);
    let vendor = text(row, layout.vendor, "vendor").map_err(plain)?;
    let vendor = vendor.map(roles::vendor).transpose()?;
    let Some(given) = text(row, layout.roles, "roles").map_err(plain)? else { return Ok(None) };
    if text(row, layout.profiles, "profiles").map_err(plain)?.is_some() {
        return Err(plain(Fault::ProfilesAndRoles));
    }
    let vendor = vendor.ok_or_else(|| plain(Fault::RolesNeedVendor))?;
    roles::access(vendor, given).map(Some).map_err(plain)
}

fn name(row: &Row, column: Option<usize>, word: &'static str) -> Result<Option<String>, Fault> {
    let Some(name) = text(row, column, word)? else { return Ok(None) };
    if name.chars().count() > NAME_MAX || name.chars().any(char::is_control) {
        return Err(Fault::Text(word, NAME_MAX));
    }
    Ok(Some(name.to_owned()))
}

fn user_name(row: &Row, column: Option<usize>) -> Result<Option<String>, Fault> {
    let Some(name) = text(row, column, "user name")? else { return Ok(None) };
    if !names::is_login(name) {
        return Err(Fault::Text("user name", names::LOGIN_MAX));
    }
    Ok(Some(name.to_owned()))
}
