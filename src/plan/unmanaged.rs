//! People in a tenant whom nobody has declared, listed for whoever asks: what is asked for, what one of them looks like,
//! and what stands on one page. A list is made once for each request, so its pages fit to each other.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::{refusal, words};
use crate::api::time::whole_seconds;
use crate::api::unmanaged::{
    ACCESS_LENGTH_MAX, EMAIL_LENGTH_MAX, EXPORT_REQUEST_MAX, PAGE_PEOPLE_MAX, PERSON_ACCESS_MAX,
};
use crate::api::{EXPORT_REQUESTED_AT, Policy, REQUEST_VALUE_MAX, UnmanagedPage, UnmanagedPerson};
use crate::vendor::{Grant, Held, Names, Presence, Standing};

/// The most bytes of people on one page: far below what the API server takes, together with the rest of the status.
const PAGE_BYTES_MAX: usize = 256 * 1024;
/// The most digits of a number that counts people.
const DIGITS_MAX: usize = 9;
/// The longest word of a vendor for where somebody stands.
const STATUS_LENGTH_MAX: usize = 64;

/// A request for a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ExportRequest<'a> {
    /// The annotation's value.
    pub annotation: &'a str,
    /// What all pages of one list have in common.
    pub value: &'a str,
    /// The first person on the page.
    pub offset: usize,
}

/// What becomes of a provider's page.
#[derive(Debug, Clone, PartialEq)]
pub enum Export<'a> {
    /// Nobody asks: there is none.
    Nothing,
    /// The page is there, and stays for so long.
    Stays(Duration),
    /// It stays, since it holds nobody.
    Says,
    /// It gives way to one that holds nobody, and says why.
    Gives(Box<UnmanagedPage>),
    /// A page is asked for that is not there.
    Asks(ExportRequest<'a>),
}

/// Everybody in a tenant whom nobody has declared, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Listing {
    /// What tells it from other lists.
    pub id: String,
    /// The people, by address.
    pub people: Vec<UnmanagedPerson>,
}

/// What is known of a tenant, as far as it says how people are shown.
#[derive(Debug, Clone, Copy)]
pub struct Tenancy<'a> {
    /// Whom the provider's invitations may be about.
    pub policy: &'a Policy,
    /// The credential's own login name, where the vendor reveals it.
    pub own_login: Option<&'a str>,
    /// Whether people have a login name apart from the address.
    pub logins: bool,
    /// What can be named at the vendor.
    pub names: &'a Names,
}

/// Decides about a provider's page: what is asked for against what is there.
pub fn export<'a>(
    annotation: Option<&'a str>,
    page: Option<&UnmanagedPage>,
    now: Timestamp,
    lifetime: Duration,
) -> Export<'a> {
    let Some(annotation) = annotation else { return Export::Nothing };
    if let Some(page) = page.filter(|page| page.request == cut(annotation, EXPORT_REQUEST_MAX)) {
        if page.message.is_some() {
            return Export::Says;
        }
        // A clock that was set back makes the page stay no longer than from now on.
        let age = page.answered_time.as_ref().map_or(SignedDuration::MAX, |time| now.duration_since(time.0));
        let rest = lifetime.saturating_sub(Duration::try_from(age).unwrap_or_default());
        if !rest.is_zero() {
            return Export::Stays(rest);
        }
        return Export::Gives(Box::new(saying(
            annotation,
            "nobody took the page in time, so it was emptied: ask with another value",
        )));
    }
    match request(annotation) {
        Some(request) => Export::Asks(request),
        None => Export::Gives(Box::new(saying(
            annotation,
            &format!(
                "the value of {EXPORT_REQUESTED_AT} must be a text of at most {REQUEST_VALUE_MAX} characters, a slash and \
                 the number of the first person, as in 2026-01-01/0"
            ),
        ))),
    }
}

/// A request, if the annotation's value is one.
fn request(annotation: &str) -> Option<ExportRequest<'_>> {
    let (value, digits) = annotation.rsplit_once('/')?;
    let is_number =
        (1..=DIGITS_MAX).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_value = (1..=REQUEST_VALUE_MAX).contains(&value.len()) && !value.contains(char::is_control);
    let offset = digits.parse().ok().filter(|_| is_number && is_value)?;
    Some(ExportRequest { annotation, value, offset })
}

fn saying(annotation: &str, message: &str) -> UnmanagedPage {
    UnmanagedPage {
        request: cut(annotation, EXPORT_REQUEST_MAX),
        message: Some(message.to_owned()),
        ..UnmanagedPage::default()
    }
}

/// The page of a list that is asked for.
pub fn page(request: &ExportRequest<'_>, listing: &Listing, now: Timestamp) -> UnmanagedPage {
    let mut bytes = 0;
    let fits = |person: &&UnmanagedPerson| {
        let first = bytes == 0;
        bytes += size(person);
        first || bytes <= PAGE_BYTES_MAX
    };
    let rest = listing.people.iter().skip(request.offset);
    UnmanagedPage {
        request: request.annotation.to_owned(),
        answered_time: Some(whole_seconds(now)),
        listing: Some(listing.id.clone()),
        total: i64::try_from(listing.people.len()).unwrap_or(i64::MAX),
        people: rest.take(PAGE_PEOPLE_MAX).take_while(fits).cloned().collect(),
        message: None,
    }
}

/// About how many bytes somebody takes in the API server's store.
fn size(person: &UnmanagedPerson) -> usize {
    serde_json::to_vec(person).map_or(PAGE_BYTES_MAX, |bytes| bytes.len())
}

/// Somebody as the list shows them.
pub fn unmanaged_person(key: &str, presence: &Presence, tenancy: &Tenancy<'_>) -> UnmanagedPerson {
    let login = presence.user_id.as_deref().filter(|login| tenancy.logins && login.to_lowercase() != key);
    let refused = refusal::of_person(key, login, tenancy.policy, tenancy.own_login);
    let mut access = presence.held.as_ref().map(|held| access(held, tenancy.names));
    let all = access.as_ref().map_or(0, Vec::len);
    if let Some(access) = &mut access {
        access.truncate(PERSON_ACCESS_MAX);
    }
    UnmanagedPerson {
        email: cut(key, EMAIL_LENGTH_MAX),
        user_name: login.map(|login| cut(login, EMAIL_LENGTH_MAX)),
        standing: standing(presence.standing).to_owned(),
        vendor_status: Some(cut(&presence.vendor_status, STATUS_LENGTH_MAX)).filter(|word| !word.is_empty()),
        access,
        access_omitted: i64::try_from(all.saturating_sub(PERSON_ACCESS_MAX)).unwrap_or(i64::MAX),
        refusal: refused.map(|refused| refused.reason.as_str().to_owned()),
    }
}

/// What somebody holds, by the names that people read, in order and each once.
fn access(held: &Held, names: &Names) -> Vec<String> {
    let mut words: Vec<String> = held.grants.iter().map(|grant| in_words(grant, names)).collect();
    words.sort_unstable();
    words.dedup();
    words
}

fn in_words(grant: &Grant, names: &Names) -> String {
    let shown = Grant { name: names.name(grant.kind, &grant.name).to_owned(), ..grant.clone() };
    let mut text = words::named(&shown);
    if !grant.resources.is_empty() {
        text = format!("{text} within {}", grant.resources.join(", "));
    }
    if let Some(end) = grant.expires {
        text = format!("{text} until {}", whole_seconds(end).0);
    }
    cut(&text, ACCESS_LENGTH_MAX)
}

const fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Pending => "Pending",
        Standing::Expired => "Expired",
        Standing::Member => "Member",
        // The last three are never present.
        Standing::Blocked | Standing::Revoked | Standing::Declined | Standing::Redeemed => "Blocked",
    }
}

/// A vendor's text on one line, and no longer than this; an ellipsis shows that something is missing.
fn cut(text: &str, most: usize) -> String {
    let plain = |c: char| if c.is_control() || c.is_whitespace() { ' ' } else { c };
    if text.chars().count() <= most {
        return text.chars().map(plain).collect();
    }
    text.chars().take(most - 1).map(plain).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
