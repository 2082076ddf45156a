//! Looking: everybody, one person, and the groups there are.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::PoisonError;

use super::Client;
use super::wire::{Group, User};
use crate::vendor::client::{Account, Sweep};
use crate::vendor::error::VendorError;
use crate::vendor::grant::GrantKind;
use crate::vendor::lenient::Row;
use crate::vendor::names::Names;
use crate::vendor::observe::Operation;
use crate::vendor::person::{Email, Person, Presence};
use crate::vendor::transport::{AnswerSize, Request, target, target_of};

impl Client {
    /// What the token opens: there is nothing that names the cluster but its host. The groups are read since every
    /// token that can do anything here can read them (vendor contract: 2.1).
    pub(super) async fn account(&self) -> Result<Account, VendorError> {
        self.groups(Operation::Verify).await?;
        Ok(Account { id: self.host(), name: None, own_login: None, credential_expires: None })
    }

    /// The groups by id and name.
    pub(super) async fn group_names(&self) -> Result<Names, VendorError> {
        let named = self.groups(Operation::ListNames).await?;
        let named = named.into_iter().filter_map(|row| row.0?.named()).collect();
        Ok(Names::default().with(GrantKind::Group, named))
    }

    async fn groups(&self, operation: Operation) -> Result<Vec<Row<Group>>, VendorError> {
        let url = target(&self.config.endpoint, &self.path("groups"), &[]);
        self.session.read(operation, Request::get(url).size(AnswerSize::WholeList)).await?.json()
    }

    /// Reads everybody in one call; there are no pages (vendor contract: 2.2).
    pub(super) async fn everybody(&self) -> Result<Sweep, VendorError> {
        let url = target(&self.config.endpoint, &self.path("users"), &[]);
        let request = Request::get(url).size(AnswerSize::WholeList);
        let rows: Vec<Row<User>> = self.session.read(Operation::ListUsers, request).await?.json()?;
        let sweep = picture(rows);
        if sweep.incomplete.is_none() {
            let people = sweep.people.iter();
            let logins =
                people.filter_map(|(key, presence)| Some((key.clone(), presence.user_id.clone()?))).collect();
            *self.logins.lock().unwrap_or_else(PoisonError::into_inner) = Some(logins);
        }
        Ok(sweep)
    }

    /// Reads one person: by login name, as written and lower-cased, and by the login name that the last list had for
    /// the address. Before the first list, the list itself tells.
    pub(super) async fn person(&self, person: &Person) -> Result<Option<Presence>, VendorError> {
        let (listed, ever_listed) = self.listed_login(&person.email);
        let login = login_of(person);
        let mut logins: Vec<String> = listed.into_iter().collect();
        logins.extend([login.to_owned(), login.to_lowercase()]);
        for (index, login) in logins.iter().enumerate() {
            if logins[..index].contains(login) {
                continue;
            }
            let Some(user) = self.user(login, Operation::FindUser).await? else { continue };
            if user.identity().is_some_and(|(_, email)| email.key() == person.key()) {
                return Ok(Some(user.presence()));
            }
        }
        if ever_listed {
            return Ok(None);
        }
        let sweep = self.everybody().await?;
        match (sweep.people.get(person.key()), sweep.incomplete) {
            (None, Some(cause)) => Err(VendorError::BadAnswer { host: self.host(), cause }),
            (found, _) => Ok(found.cloned()),
        }
    }

    /// The user with this login name, whoever it is.
    pub(super) async fn user(&self, login: &str, operation: Operation) -> Result<Option<User>, VendorError> {
        let Some(url) = target_of(&self.config.endpoint, &self.path("users"), login) else { return Ok(None) };
        match self.session.read(operation, Request::get(url)).await {
            Ok(reply) => match reply.json::<User>()? {
                user if user.id.is_some() => Ok(Some(user)),
                // Something else than a user says nothing of anybody's absence.
                _ => Err(reply.unusable("not a user")),
            },
            Err(VendorError::Status { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The login name that the last list had for an address, and whether there was a list at all.
    fn listed_login(&self, email: &Email) -> (Option<String>, bool) {
        let logins = self.logins.lock().unwrap_or_else(PoisonError::into_inner);
        let listed = logins.as_ref().and_then(|logins| logins.get(email.key()).cloned());
        (listed, logins.is_some())
    }
}

/// The login name that a person gets: the address, where none is declared.
pub(super) fn login_of(person: &Person) -> &str {
    person.login.as_deref().unwrap_or_else(|| person.email.as_written())
}

/// People by address. Addresses are unique (vendor contract: 2.3); of two rows that differ in case only, the one with
/// the lower login name counts, always the same.
fn picture(rows: Vec<Row<User>>) -> Sweep {
    let mut people: HashMap<String, Presence> = HashMap::with_capacity(rows.len());
    // A cluster has at least its own administrator.
    let mut incomplete = rows.is_empty().then_some("a list without anybody");
    for row in rows {
        let user = row.0.unwrap_or_default();
        let Some((id, email)) = user.identity() else {
            incomplete = Some("a row without login name or address");
            continue;
        };
        match people.entry(email.key().to_owned()) {
            Entry::Vacant(entry) => {
                entry.insert(user.presence());
            }
            Entry::Occupied(mut entry) => {
                if entry.get().user_id.as_deref().is_some_and(|other| id < other) {
                    entry.insert(user.presence());
                }
            }
        }
    }
    Sweep { people, incomplete }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn rows(value: serde_json::Value) -> Sweep {
        picture(serde_json::from_value(value).unwrap())
    }

    #[test]
    fn everybody_is_found_by_the_lower_cased_address() {
        let sweep =
            rows(json!([{"id": "ada", "email": " Ada@Example.com"}, {"id": "b@x.y", "email": "b@x.y"}]));
        assert_eq!(sweep.incomplete, None);
        assert_eq!(sweep.people["ada@example.com"].user_id.as_deref(), Some("ada"));
        assert_eq!(sweep.people.len(), 2);
    }

    #[test]
    fn odd_rows_prove_nobodys_absence() {
        for odd in [json!(null), json!({}), json!({"id": "x"}), json!({"email": "x@y.z"}), json!([])] {
            let sweep = rows(json!([{"id": "ada", "email": "ada@example.com"}, odd]));
            assert!(sweep.incomplete.is_some() && sweep.people.len() == 1, "{odd}");
        }
        assert!(rows(json!([])).incomplete.is_some());
    }

    #[test]
    fn of_two_rows_for_an_address_always_the_same_counts() {
        let (one, other) =
            (json!({"id": "a", "email": "Ada@example.com"}), json!({"id": "b", "email": "ada@example.com"}));
        for list in [json!([one, other]), json!([other, one])] {
            assert_eq!(rows(list).people["ada@example.com"].user_id.as_deref(), Some("a"));
        }
    }
}
