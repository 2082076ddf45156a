//! Listing and finding users.

use std::collections::{HashMap, HashSet};

use super::Client;
use super::wire::{Page, User};
use crate::vendor::client::Sweep;
use crate::vendor::error::VendorError;
use crate::vendor::observe::Operation;
use crate::vendor::person::{Email, Presence, Standing};
use crate::vendor::transport::{Request, target};

/// Rows of a page (vendor contract: A3.2, at most 600).
const PAGE: &str = "600";
/// No workspace has more pages.
const MOST_PAGES: usize = 1000;

const USERS: [&str; 3] = ["identity", "v1", "users"];

/// What `offset` counts, which the contract leaves open (U1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Offset {
    /// Items, as the answers of a second page have shown.
    Items,
    /// Pages, as the emptiness of an item's offset has shown.
    Pages,
}

#[derive(Default)]
struct Pages {
    users: Vec<User>,
    seen: HashSet<String>,
    total: Option<i64>,
    last: Option<String>,
    incomplete: Option<&'static str>,
}

/// What a page brought.
struct Taken {
    rows: usize,
    news: bool,
    overlaps: bool,
}

impl Client {
    /// Reads all pages.
    ///
    /// The second page is asked for as if offsets were items, beginning with the last row of the first page: when
    /// it does, rows that move between two calls are noticed. When it is empty, offsets are pages.
    pub(super) async fn everybody(&self) -> Result<Sweep, VendorError> {
        let mut pages = Pages::default();
        let first = pages.take(self.page(&[("offset", "0"), ("limit", PAGE)]).await?, false);
        let mut kind = None;
        let mut offset = first.rows.saturating_sub(1);
        let mut more = first.rows > 0 && pages.wants_more();
        let mut count = 1;
        while more {
            count += 1;
            let query = [("offset", &*offset.to_string()), ("limit", PAGE)];
            let Ok(page) = self.page(&query).await else {
                pages.doubt("a page of users could not be read");
                break;
            };
            if count > MOST_PAGES {
                pages.doubt("too many pages of users");
                break;
            }
            // an empty page is tried once more, as a page's number
            if kind.is_none() && page.items.is_empty() && offset != 1 {
                (kind, offset) = (Some(Offset::Pages), 1);
                continue;
            }
            let taken = pages.take(page, true);
            // after a first page of two rows both readings ask for 1
            let shown = if offset == 1 && !taken.overlaps { Offset::Pages } else { Offset::Items };
            let kind = *kind.get_or_insert(shown);
            if kind == Offset::Items && !taken.overlaps {
                pages.doubt("pages of users do not overlap");
            }
            offset += match kind {
                Offset::Items => taken.rows.saturating_sub(1),
                Offset::Pages => 1,
            };
            more = taken.news && pages.wants_more();
        }
        Ok(pages.close())
    }

    /// Reads one person. Where the filter does not do what the contract says, everybody is read.
    pub(super) async fn person(&self, email: &Email) -> Result<Option<Presence>, VendorError> {
        let mut names = vec![email.as_written()];
        if email.key() != email.as_written() {
            names.push(email.key());
        }
        for name in names {
            let filter = format!("username eq '{}'", name.replace('\'', "''"));
            let url = target(&self.config.endpoint, &USERS, &[("filter", &filter)]);
            let page: Page = match self.session.read(Operation::FindUser, Request::get(url)).await {
                Ok(reply) => reply.json()?,
                Err(VendorError::Status { status: 400 | 422, .. }) => return self.among_all(email).await,
                Err(error) => return Err(error),
            };
            let is_exact = |user: &User| {
                user.username.as_deref().is_some_and(|name| Email::new(name).key() == email.key())
            };
            let exact = page.items.iter().filter_map(|row| row.0.as_ref()).filter(|user| is_exact(user));
            let found = exact.filter_map(User::presence).reduce(better);
            let other = page.items.iter().any(|row| !row.0.as_ref().is_some_and(is_exact));
            let cut = page
                .total
                .is_some_and(|total| i64::try_from(page.items.len()).is_ok_and(|rows| rows < total));
            if found.is_some() {
                return Ok(found);
            }
            if other || cut {
                return self.among_all(email).await;
            }
        }
        Ok(None)
    }

    async fn among_all(&self, email: &Email) -> Result<Option<Presence>, VendorError> {
        let mut sweep = self.everybody().await?;
        match (sweep.people.remove(email.key()), sweep.incomplete) {
            (None, Some(cause)) => Err(VendorError::BadAnswer { host: self.host(), cause }),
            (found, _) => Ok(found),
        }
    }

    async fn page(&self, query: &[(&str, &str)]) -> Result<Page, VendorError> {
        let url = target(&self.config.endpoint, &USERS, query);
        self.session.read(Operation::ListUsers, Request::get(url)).await?.json()
    }
}

impl Pages {
    fn take(&mut self, page: Page, again: bool) -> Taken {
        if again && self.total != page.total {
            self.doubt("the number of users changed between pages");
        }
        self.total = page.total;
        let before = self.last.take();
        let mut taken = Taken { rows: page.items.len(), news: false, overlaps: false };
        for (index, row) in page.items.into_iter().enumerate() {
            let user = row.0.filter(|user| user.username.is_some());
            let Some((user, identity)) =
                user.and_then(|user| Some((user.identity()?, user))).map(|(i, u)| (u, i))
            else {
                self.doubt("a user without a name");
                continue;
            };
            taken.overlaps |= index == 0 && before.as_ref() == Some(&identity);
            self.last = Some(identity.clone());
            if self.seen.insert(identity) {
                taken.news = true;
                self.users.push(user);
            }
        }
        taken
    }

    fn promised(&self) -> Option<usize> {
        usize::try_from(self.total?).ok()
    }

    fn wants_more(&self) -> bool {
        self.promised().is_none_or(|total| self.seen.len() < total)
    }

    fn doubt(&mut self, why: &'static str) {
        self.incomplete.get_or_insert(why);
    }

    fn close(mut self) -> Sweep {
        if self.promised().is_some_and(|total| total != self.seen.len()) {
            self.doubt("the number of users does not fit");
        }
        let mut people: HashMap<String, Presence> = HashMap::new();
        for user in &self.users {
            let (Some(name), Some(presence)) = (user.username.as_deref(), user.presence()) else { continue };
            let key = Email::new(name).key().to_owned();
            let presence = match people.remove(&key) {
                Some(other) => better(other, presence),
                None => presence,
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
