//! What has to be true after every run (I1 to I4), read from the vendor's side and from the API server.

use std::time::{Duration, Instant};

use serde_json::Value;
use test_rig::lab::condition;
use test_rig::vendors::Abilities;
use vendor_simulators::{Filter, Person as Shown, Standing};

use crate::mirror::Objects;
use crate::people::Person;
use crate::scenario::RESEND;
use crate::site::Site;

/// The last status is followed by its event: so long a pause, and the silence begins, after so long a time at most.
const BREATH: Duration = Duration::from_secs(1);
const TAIL: Duration = Duration::from_secs(5);

/// Checks everything once the scenario has come to its end, and the silence after it.
pub async fn check(site: &Site, quiet: Duration) -> Vec<String> {
    let mut broken = still(site, quiet).await;
    let people = site.vendors().people(&site.tenant).expect("the tenant exists");
    // Nothing may have changed in the quiet time, so this is the end.
    let objects = site.mirror.objects();
    broken.extend(mails(site, &objects));
    broken.extend(standings(&people, &site.can));
    for person in Person::ALL {
        if let Some(object) = objects.get(person.name()) {
            broken.extend(
                truth(person, object, &people, &site.can)
                    .into_iter()
                    .map(|what| format!("I4 {}: {what}", person.name())),
            );
        }
    }
    broken
}

/// I1: nobody gets more mails than intended; and, since all is over, nobody less.
fn mails(site: &Site, objects: &Objects) -> Vec<String> {
    let mut broken = Vec::new();
    for person in Person::ALL {
        let sent = site.vendors().mails(&Filter::tenant(&site.tenant).email(person.email())).len();
        let object = objects.get(person.name());
        let resent = object.is_some_and(|object| object["status"]["lastHandledResendAt"] == RESEND);
        let most = 1 + usize::from(resent);
        if sent > most {
            broken.push(format!("I1 {}: {sent} mails, at most {most}", person.name()));
        }
        let expected = person.ending(&site.can).mails;
        if sent != expected {
            broken.push(format!("I1 {}: {sent} mails instead of {expected}", person.name()));
        }
    }
    broken
}

/// I1: taken away is who was named for it, and nobody else.
fn standings(people: &[Shown], can: &Abilities) -> Vec<String> {
    let mut broken = Vec::new();
    for person in Person::ALL {
        let shown = shown(person, people).map(|shown| shown.standing);
        let there = shown.filter(|standing| !matches!(standing, Standing::Revoked | Standing::Removed));
        let expected = person.ending(can).standing;
        if there != expected {
            broken.push(format!("I1 {}: the vendor has {shown:?}, expected {expected:?}", person.name()));
        }
    }
    broken
}

fn shown(person: Person, people: &[Shown]) -> Option<&Shown> {
    people.iter().find(|shown| shown.email.eq_ignore_ascii_case(&person.email()))
}

/// Whether the operator has written something within this time.
fn wrote_within(site: &Site, time: Duration) -> bool {
    let since = Instant::now().checked_sub(time);
    since.is_some_and(|since| !site.script.writes_since(since).is_empty())
}

/// I3: nothing is written any more, here or there. The provider's numbers are gathered for some seconds, so that
/// writing them down once may fall into a short silence.
async fn still(site: &Site, quiet: Duration) -> Vec<String> {
    let ready = Instant::now();
    while ready.elapsed() < TAIL && wrote_within(site, BREATH) {
        tokio::time::sleep(BREATH / 10).await;
    }
    let begun = Instant::now();
    tokio::time::sleep(quiet).await;
    let (numbers, others): (Vec<_>, Vec<_>) = site
        .script
        .writes_since(begun)
        .into_iter()
        .partition(|entry| entry.call.operation == "patch invitationproviders/status");
    let mut broken: Vec<String> = others
        .iter()
        .map(|entry| format!("I3: {} of {:?} in the quiet time", entry.call.operation, entry.call.subjects))
        .collect();
    if numbers.len() > 1 {
        broken
            .push(format!("I3: the provider's status was written {} times in the quiet time", numbers.len()));
    }
    broken
}

/// I4: what an object says is so.
fn truth(person: Person, object: &Value, people: &[Shown], can: &Abilities) -> Vec<String> {
    let mut broken = Vec::new();
    let mut must = |holds: bool, what: String| {
        if !holds {
            broken.push(what);
        }
    };
    let status = &object["status"];
    let generation = &object["metadata"]["generation"];
    must(&status["observedGeneration"] == generation, format!("observedGeneration is not {generation}"));
    for condition in status["conditions"].as_array().map(Vec::as_slice).unwrap_or_default() {
        let observed = &condition["observedGeneration"];
        must(observed == generation, format!("{} is of generation {observed}", condition["type"]));
    }
    let state = status["state"].as_str();
    must(state == person.ending(can).state, format!("state {state:?}"));
    let ready = condition(object, "Ready")["status"] == "True";
    let shown = shown(person, people);
    let there = shown.is_some_and(|shown| matches!(shown.standing, Standing::Invited | Standing::Member));
    let speaks = person != Person::Duplicate;
    must(
        ready == (there && speaks),
        format!("Ready is {ready}, the vendor has {:?}", shown.map(|s| s.standing)),
    );
    let finalizers = object["metadata"]["finalizers"].as_array().map_or(0, Vec::len);
    let owes = matches!(person, Person::Plain | Person::Accepted | Person::Resent);
    must(finalizers == usize::from(owes) || person == Person::Refused, format!("{finalizers} finalizers"));
    if let (true, Some(shown)) = (speaks, shown) {
        if let Some(id) =
            status["vendorInvitationId"].as_str().filter(|_| shown.standing == Standing::Invited)
        {
            must(
                shown.invitation_ids.last().is_some_and(|last| last == id),
                format!("vendorInvitationId {id}"),
            );
        }
        if let Some(id) = status["vendorUserId"].as_str() {
            must(shown.user_id.as_deref() == Some(id), format!("vendorUserId {id}, not {:?}", shown.user_id));
        }
    }
    broken
}
