//! Listing and searching members.

use std::collections::HashSet;

use reqwest::Url;

use super::Client;
use super::wire::{User, UserPage, UserRow};
use crate::vendor::client::Watched;
use crate::vendor::error::VendorError;
use crate::vendor::observe::Operation;
use crate::vendor::person::Email;
use crate::vendor::transport::{Request, target};

/// Rows of a page (vendor contract: B3.3, at most 200).
const PAGE: &str = "200";
/// No organization has more pages.
const MOST_PAGES: usize = 1000;
/// How many rows a search shows at most, and how long its term may be (vendor contract: B3.3).
const SEARCH_ROWS: usize = 20;
const SEARCH_TERM: usize = 120;

/// Members, and why they may not be all.
#[derive(Debug, Default)]
pub(super) struct Members {
    pub(super) users: Vec<User>,
    pub(super) incomplete: Option<&'static str>,
}

/// What a search came to.
#[derive(Debug)]
pub(super) enum Hit {
    Member(User),
    Nobody,
    /// Only the whole list can tell.
    Unsure,
}

/// What has been seen of a list so far.
#[derive(Default)]
struct Pages {
    members: Members,
    seen: HashSet<String>,
    rows: usize,
    total: Option<i64>,
    last: Option<String>,
    /// Rows are to show groups.
    groups: bool,
}

/// Where the next page begins.
struct Next {
    url: Url,
    /// The item it begins with, where items are what `pageStart` counts.
    start: usize,
    /// Whether its first row has to be the last one of the page before.
    overlaps: bool,
}

impl Client {
    /// Reads all pages.
    ///
    /// `pageStart` is understood as the number of an item, from 1 (vendor contract: B3.3, read from sample links).
    /// Where the vendor's link to the next page agrees, the next page is asked to begin with the last row of this
    /// one, so that rows that move between two calls are noticed; else the links are followed.
    pub(super) async fn members(&self, watched: &Watched) -> Result<Members, VendorError> {
        let mut pages = Pages { groups: !watched.groups.is_empty(), ..Pages::default() };
        let mut next = Some(Next { url: self.users_page(1, pages.groups), start: 1, overlaps: false });
        let mut count = 0;
        while let Some(this) = next.take() {
            count += 1;
            let page = match self.user_page(this.url.clone()).await {
                Ok(page) => page,
                Err(error) if count == 1 => return Err(error),
                Err(_) => {
                    pages.doubt("a page of users could not be read");
                    break;
                }
            };
            if count > MOST_PAGES {
                pages.doubt("too many pages of users");
                break;
            }
            let rows = page.results.len();
            let link = page.next_link.clone();
            let news = pages.take(page, this.overlaps);
            next = if news { self.next(&mut pages, &this, rows, link) } else { None };
        }
        pages.close();
        Ok(pages.members)
    }

    /// Looks for one member.
    pub(super) async fn search(&self, email: &Email) -> Result<Hit, VendorError> {
        let mut terms = vec![email.as_written()];
        if email.key() != email.as_written() {
            terms.push(email.key());
        }
        for term in terms {
            if term.chars().count() > SEARCH_TERM {
                return Ok(Hit::Unsure);
            }
            let path = [&self.org_path()[..], &["users", "search"]].concat();
            let url = target(&self.config.endpoint, &path, &[("userSearchTerm", term)]);
            let page: UserPage = match self.session.read(Operation::FindUser, Request::get(url)).await {
                Ok(reply) => reply.json()?,
                Err(VendorError::Status { status: 404 | 405 | 410, .. }) => return Ok(Hit::Unsure),
                Err(error) => return Err(error),
            };
            let cut = page.results.len() >= SEARCH_ROWS;
            let users: Vec<_> =
                page.results.into_iter().map(|row| row.0.and_then(UserRow::into_user)).collect();
            let unreadable = users.iter().any(Option::is_none);
            if let Some(user) = users.into_iter().flatten().find(|user| is_of(user, email)) {
                return Ok(Hit::Member(user));
            }
            if cut || unreadable {
                return Ok(Hit::Unsure);
            }
        }
        Ok(Hit::Nobody)
    }

    async fn user_page(&self, url: Url) -> Result<UserPage, VendorError> {
        self.session.read(Operation::ListUsers, Request::get(url)).await?.json()
    }

    /// With groups only where somebody asks for them (vendor contract: B3.3, a flag whose value does not count).
    fn users_page(&self, start: usize, groups: bool) -> Url {
        let start = start.to_string();
        let mut query = vec![("pageStart", &*start), ("pageLimit", PAGE)];
        query.extend(groups.then_some(("includeGroupIdsInRoles", "true")));
        target(&self.config.endpoint, &self.users_path(), &query)
    }

    fn next(&self, pages: &mut Pages, this: &Next, rows: usize, link: Option<String>) -> Option<Next> {
        let groups = pages.groups;
        let overlapping = |start| Next { url: self.users_page(start, groups), start, overlaps: true };
        let Some(link) = link else {
            // no link, but more is promised
            let more = pages.promised().is_some_and(|total| pages.seen.len() < total);
            return (more && rows > 1).then(|| overlapping(this.start + rows - 1));
        };
        let url = self.config.endpoint.join(&link).ok();
        let same = |url: &Url| url.origin() == self.config.endpoint.origin() && url.path() == this.url.path();
        let Some(url) = url.filter(same) else {
            pages.doubt("a link leads somewhere else");
            return None;
        };
        let pair = url.query_pairs().find(|(name, _)| name == "pageStart");
        let start = pair.and_then(|(_, value)| value.parse::<usize>().ok());
        if rows > 1 && start == Some(this.start + rows) {
            return Some(overlapping(this.start + rows - 1));
        }
        Some(Next { url, start: start.unwrap_or(0), overlaps: false })
    }
}

impl Pages {
    /// Takes a page; whether it brought anything new.
    fn take(&mut self, page: UserPage, overlaps: bool) -> bool {
        if self.rows > 0 && self.total != page.total_results {
            self.doubt("the number of users changed between pages");
        }
        self.total = page.total_results;
        let mut news = false;
        for (index, row) in page.results.into_iter().enumerate() {
            self.rows += 1;
            let Some(user) = row.0.and_then(UserRow::into_user) else {
                self.doubt("a user without a name");
                continue;
            };
            let identity = user.identity();
            if overlaps && index == 0 && self.last.as_ref() != Some(&identity) {
                self.doubt("pages of users do not overlap");
            }
            self.last = Some(identity.clone());
            if self.seen.insert(identity) {
                self.members.users.push(user);
                news = true;
            }
        }
        news
    }

    fn promised(&self) -> Option<usize> {
        usize::try_from(self.total?).ok()
    }

    fn close(&mut self) {
        if self.promised().is_some_and(|total| total != self.seen.len()) {
            self.doubt("the number of users does not fit");
        }
    }

    fn doubt(&mut self, why: &'static str) {
        self.members.incomplete.get_or_insert(why);
    }
}

/// Whether a row is about this person: a search finds parts of names, too.
fn is_of(user: &User, email: &Email) -> bool {
    [&user.username, &user.acct, &user.email]
        .into_iter()
        .flatten()
        .any(|name| Email::new(name).key() == email.key())
}
