//! One picture of each person from invitations and member rows.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Duration;

use jiff::Timestamp;

use super::wire::{Invitation, User};
use crate::vendor::lenient;
use crate::vendor::person::{Email, Presence, Standing};

/// Numbers below this are no milliseconds since 1970 (vendor contract: U5).
const LEAST_EPOCH: i64 = 100_000_000_000;

/// Everybody who shows up in invitations or as a member, by [`Email::key`].
///
/// Of several invitations the newest decides (vendor contract: B3.1), but while any of them can still be used the
/// person is pending: an open invitation is never overlooked. A member is a member whatever the invitations say.
pub(super) fn people(
    invitations: Vec<Invitation>,
    users: &[User],
    life: Duration,
    now: Timestamp,
) -> HashMap<String, Presence> {
    let mut by_person: HashMap<String, Vec<Invitation>> = HashMap::new();
    for invitation in invitations {
        let Some(username) = &invitation.username else { continue };
        by_person.entry(Email::new(username).key().to_owned()).or_default().push(invitation);
    }
    let mut people: HashMap<_, _> = by_person
        .into_iter()
        .map(|(key, mut rows)| {
            // the newest first; among equals what can be used, so that the order of the list does not matter
            rows.sort_by(|a, b| order(b).cmp(&order(a)));
            (key, from_invitations(&rows, life, now))
        })
        .collect();
    // login names first: an e-mail that is somebody else's login name is that person
    for user in users {
        if let Some(name) = user.name() {
            add_member(people.entry(Email::new(name).key().to_owned()), user);
        }
    }
    for user in users {
        if let Some(email) = user.email.as_deref().filter(|email| email.contains('@')) {
            let entry = people.entry(Email::new(email).key().to_owned());
            if !matches!(&entry, Entry::Occupied(known) if known.get().user_id.is_some()) {
                add_member(entry, user);
            }
        }
    }
    people
}

fn order(invitation: &Invitation) -> (i64, bool, &str) {
    (invitation.generated_at.unwrap_or(0), is_open(invitation), invitation.id().unwrap_or_default())
}

fn status_is(invitation: &Invitation, word: &str) -> bool {
    invitation.status.as_deref().is_some_and(|status| status.eq_ignore_ascii_case(word))
}

fn is_open(invitation: &Invitation) -> bool {
    status_is(invitation, "AVAILABLE")
}

fn from_invitations(rows: &[Invitation], life: Duration, now: Timestamp) -> Presence {
    let usable = |row: &&Invitation| is_open(row) && ends(row, life).is_none_or(|end| end > now);
    let open = rows.iter().find(usable).or_else(|| rows.iter().find(|row| is_open(row)));
    let fallback = Invitation::default();
    let newest = rows.first().unwrap_or(&fallback);
    let shown = rows.iter().find(usable).unwrap_or(newest);
    Presence {
        standing: if usable(&shown) { Standing::Pending } else { standing(newest) },
        user_id: None,
        invitation_id: open.and_then(Invitation::id).map(ToOwned::to_owned),
        open_invitations: rows.iter().filter(|row| is_open(row)).count(),
        fingerprint: fingerprint(newest),
        vendor_status: lenient::word(shown.status.as_deref().unwrap_or_default()),
        invited: lenient::milliseconds(shown.generated_at),
        expires: ends(shown, life),
        held: None,
    }
}

/// What an invitation that can't be used says. An unknown word is something that only the vendor understands:
/// the person counts as there, and nothing is done.
fn standing(invitation: &Invitation) -> Standing {
    let is = |word| status_is(invitation, word);
    if is("AVAILABLE") || is("EXPIRED") {
        Standing::Expired
    } else if is("REDEEMED") {
        Standing::Redeemed
    } else if is("REVOKED") {
        Standing::Revoked
    } else if is("DECLINED") {
        Standing::Declined
    } else {
        Standing::Blocked
    }
}

/// When an invitation ends. A number that can't be a time is not believed, and the vendor's rule counts instead
/// (vendor contract: U5; 7 days where nothing else was asked for).
fn ends(invitation: &Invitation, life: Duration) -> Option<Timestamp> {
    let told = invitation.expiration_time.filter(|told| *told >= LEAST_EPOCH);
    lenient::milliseconds(told)
        .or_else(|| lenient::milliseconds(invitation.generated_at)?.checked_add(life).ok())
}

fn fingerprint(invitation: &Invitation) -> String {
    let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    format!(
        "{}/{}/{}/{}",
        invitation.id().unwrap_or_default(),
        number(invitation.generated_at),
        number(invitation.expiration_time),
        lenient::word(invitation.status.as_deref().unwrap_or_default()),
    )
}

fn add_member(entry: Entry<'_, String, Presence>, user: &User) {
    let user_id = user.id.clone();
    let shown = user_id.as_deref().unwrap_or_default();
    match entry {
        Entry::Occupied(mut known) => {
            let known = known.get_mut();
            if known.standing == Standing::Member {
                return;
            }
            known.standing = Standing::Member;
            known.fingerprint = format!("{}+{shown}", known.fingerprint);
            known.user_id = user_id;
            // Members have no word of their own, and that of the invitation is from another reading.
            known.vendor_status = String::new();
            known.expires = None;
            known.held = user.held();
        }
        Entry::Vacant(place) => {
            place.insert(Presence {
                standing: Standing::Member,
                fingerprint: format!("+{shown}"),
                user_id,
                invitation_id: None,
                open_invitations: 0,
                vendor_status: String::new(),
                invited: None,
                expires: None,
                held: user.held(),
            });
        }
    }
}

#[cfg(test)]
mod tests;
