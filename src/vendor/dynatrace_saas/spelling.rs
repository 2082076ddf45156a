//! How the vendor spells addresses. It may tell cases apart (vendor contract: 5, SaaS 4), and its paths name people by
//! address, so somebody who was written otherwise has to be asked for as the vendor wrote it.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::vendor::person::Email;

/// Addresses by which people were seen, by their lower-cased form, where it differs from that.
#[derive(Debug, Default)]
pub(super) struct Spellings(Mutex<HashMap<String, String>>);

impl Spellings {
    /// Remembers the addresses of everybody.
    pub(super) fn replace<'a>(&self, seen: impl Iterator<Item = &'a str>) {
        let seen = seen.map(Email::new).filter(|email| email.key() != email.as_written());
        let seen = seen.map(|email| (email.key().to_owned(), email.as_written().to_owned())).collect();
        *self.known() = seen;
    }

    /// Remembers by which address a person was found.
    pub(super) fn found(&self, person: &Email, by: &str) {
        self.known().insert(person.key().to_owned(), by.to_owned());
    }

    /// The addresses to ask for a person by, in order: as written, lower-cased, as the vendor spells it.
    pub(super) fn to_try(&self, person: &Email) -> Vec<String> {
        let mut addresses = vec![person.as_written().to_owned(), person.key().to_owned()];
        addresses.extend(self.known().get(person.key()).cloned());
        let mut tried = Vec::with_capacity(addresses.len());
        for address in addresses {
            if !tried.contains(&address) {
                tried.push(address);
            }
        }
        tried
    }

    /// The address by which the person was last found; else as written.
    pub(super) fn of(&self, person: &Email) -> String {
        self.known().get(person.key()).cloned().unwrap_or_else(|| person.as_written().to_owned())
    }

    fn known(&self) -> MutexGuard<'_, HashMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
