//! Listing and finding users.

use std::collections::HashMap;

use super::Client;
use super::wire::{List, User, UserWithGroups};
use crate::vendor::client::Sweep;
use crate::vendor::error::VendorError;
use crate::vendor::observe::Operation;
use crate::vendor::person::{Email, Presence, Standing};
use crate::vendor::transport::{AnswerSize, Request, target};

/// A person read alone.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) presence: Presence,
    /// The address by which the vendor knows the person.
    pub(super) address: String,
}

impl Client {
    /// Reads everybody in one call: the vendor cuts no pages (vendor contract: 3.2).
    pub(super) async fn everybody(&self) -> Result<Sweep, VendorError> {
        let url = target(&self.config.endpoint, &self.path(&["users"]), &[]);
        let request = Request::get(url).size(AnswerSize::WholeList);
        let list: List<User> = self.session.read(Operation::ListUsers, request).await?.json()?;
        let users = list.items.iter().filter_map(|row| row.0.as_ref());
        self.spellings.replace(users.filter_map(|user| user.email.as_deref()));
        Ok(sweep(list))
    }

    /// Reads one person, by each address that the vendor may know. A deleted person is not there (vendor contract:
    /// 3.4).
    pub(super) async fn person(&self, email: &Email) -> Result<Option<Found>, VendorError> {
        for address in self.spellings.to_try(email) {
            let url = target(&self.config.endpoint, &self.path(&["users", &address]), &[]);
            let reply = match self.session.read(Operation::FindUser, Request::get(url)).await {
                Ok(reply) => reply,
                Err(VendorError::Status { status: 404, .. }) => continue,
                Err(error) => return Err(error),
            };
            let found: UserWithGroups = reply.json()?;
            let is_asked_for =
                found.user.email.as_deref().is_some_and(|shown| Email::new(shown).key() == email.key());
            if !is_asked_for {
                return Err(reply.unusable("another person than the one asked for"));
            }
            if let Some(mut presence) = found.user.presence() {
                presence.held = found.held();
                self.spellings.found(email, &address);
                return Ok(Some(Found { presence, address }));
            }
        }
        Ok(None)
    }
}

/// What a list proves.
fn sweep(list: List<User>) -> Sweep {
    let mut sweep = Sweep::default();
    let fits = list.count.is_none_or(|count| usize::try_from(count) == Ok(list.items.len()));
    if !fits {
        sweep.incomplete = Some("the number of users does not fit");
    }
    let mut people: HashMap<String, Presence> = HashMap::new();
    for row in list.items {
        let Some((email, user)) = row.0.and_then(|user| Some((Email::new(user.email.as_deref()?), user)))
        else {
            sweep.incomplete.get_or_insert("a user without an address");
            continue;
        };
        let Some(presence) = user.presence() else { continue };
        let presence = match people.remove(email.key()) {
            Some(other) => better(other, presence),
            None => presence,
        };
        people.insert(email.key().to_owned(), presence);
    }
    sweep.people = people;
    sweep
}

/// Of two rows of one person the one that counts: a member before anything else.
fn better(one: Presence, other: Presence) -> Presence {
    let rank = |presence: &Presence| (presence.standing == Standing::Member, presence.user_id.clone());
    if rank(&one) >= rank(&other) { one } else { other }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use super::*;

    fn of(list: Value) -> Sweep {
        sweep(serde_json::from_value(list).unwrap())
    }

    #[test]
    fn one_answer_is_all() {
        let sweep = of(json!({"count": 2, "items": [
            {"uid": "1", "email": "Ada@x.test", "userStatus": "PENDING"},
            {"uid": "2", "email": "bob@x.test", "userStatus": "DELETED"}]}));
        assert_eq!((sweep.people.len(), sweep.incomplete), (1, None));
        assert_eq!(sweep.people["ada@x.test"].standing, Standing::Pending);
    }

    #[rstest]
    #[case::number(json!({"count": 2, "items": [{"uid": "1", "email": "a@x.test"}]}), "the number of users does not fit")]
    #[case::address(json!({"count": 1, "items": [{"uid": "1"}]}), "a user without an address")]
    #[case::no_row(json!({"items": [7]}), "a user without an address")]
    fn what_does_not_fit_proves_nobody_s_absence(#[case] list: Value, #[case] why: &str) {
        assert_eq!(of(list).incomplete, Some(why));
    }

    #[test]
    fn of_two_rows_the_member_counts() {
        let sweep = of(json!({"items": [
            {"uid": "1", "email": "Ada@x.test", "userStatus": "ACTIVE"},
            {"uid": "2", "email": "ada@x.test", "userStatus": "PENDING"}]}));
        assert_eq!(sweep.people["ada@x.test"].user_id.as_deref(), Some("1"));
    }
}
