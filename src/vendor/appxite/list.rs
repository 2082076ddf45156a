//! Pages of users, brought together.

use std::collections::{HashMap, HashSet};

use super::wire::{List, User};
use crate::vendor::client::Sweep;
use crate::vendor::person::{Email, Presence, Standing};

/// Rows of a page.
pub(super) const PAGE: &str = "100";
/// No platform has more pages.
pub(super) const MOST_PAGES: usize = 1000;

/// What the pages so far have brought. Whether there are pages at all, how large they get, and whether anybody says
/// how many users there are, is not known (vendor contract: part 5, 6), so the rows have to tell.
#[derive(Debug, Default)]
pub(super) struct Pages {
    users: Vec<User>,
    seen: HashSet<String>,
    count: usize,
    /// The rows of the page before.
    before: Vec<String>,
    /// Rows of the largest page.
    largest: usize,
    total: Option<usize>,
    incomplete: Option<&'static str>,
}

impl Pages {
    /// Takes the next page; tells whether another one may follow.
    pub(super) fn take(&mut self, page: &List) -> bool {
        if self.count > 0 && self.total != page.total {
            self.doubt("the number of users changed between pages");
        }
        self.count += 1;
        self.total = page.total;
        let mut rows = Vec::with_capacity(page.rows.len());
        let mut news = 0;
        for row in &page.rows {
            let Some(user) = User::read(row) else {
                self.doubt("a user without an address");
                continue;
            };
            let identity = user.identity();
            if self.seen.insert(identity.clone()) {
                news += 1;
                self.users.push(user);
            }
            rows.push(identity);
        }
        let again = self.count > 1 && !rows.is_empty();
        // A platform that knows no pages answers with everybody each time.
        let the_same = again && rows == self.before;
        if again && !the_same && news < rows.len() {
            self.doubt("pages of users overlap");
        }
        let full = page.rows.len() >= self.largest;
        self.largest = self.largest.max(page.rows.len());
        self.before = rows;
        match self.total {
            _ if page.rows.is_empty() || news == 0 => false,
            Some(total) => self.seen.len() < total,
            // The platform may give fewer rows than asked for, but then on every page.
            None => full,
        }
    }

    /// Notes why this reading proves nobody's absence.
    pub(super) fn doubt(&mut self, why: &'static str) {
        self.incomplete.get_or_insert(why);
    }

    /// How many pages were taken.
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Everybody.
    pub(super) fn close(mut self) -> Sweep {
        if self.total.is_some_and(|total| total != self.seen.len()) {
            self.doubt("the number of users does not fit");
        }
        let mut people: HashMap<String, Presence> = HashMap::new();
        for user in &self.users {
            let key = Email::new(&user.email).key().to_owned();
            let presence = match people.remove(&key) {
                Some(other) => better(other, user.presence()),
                None => user.presence(),
            };
            people.insert(key, presence);
        }
        Sweep { people, incomplete: self.incomplete }
    }
}

/// Of two rows of one person the one that counts: a member before anything else, then the newer one.
fn better(one: Presence, other: Presence) -> Presence {
    let rank = |presence: &Presence| {
        (presence.standing == Standing::Member, presence.invited, presence.user_id.clone())
    };
    if rank(&one) >= rank(&other) { one } else { other }
}

#[cfg(test)]
mod tests;
