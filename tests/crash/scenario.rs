//! What people and vendor do in a run. Everything waits for conditions, so it goes on whatever happens to the
//! operator meanwhile.

use serde_json::{Value, json};
use test_rig::vendors::{Abilities, Stand};
use vendor_simulators::Vendor;

use crate::ground::PROVIDER;
use crate::mirror::{Objects, state};
use crate::people::Person;
use crate::site::Site;

/// The value of the resend request.
pub const RESEND: &str = "once more";

/// Plays the scenario to its end: all objects are as they have to be.
pub async fn play(site: &Site) -> Result<(), String> {
    for person in Person::ALL {
        if person != Person::Duplicate {
            invite(site, person).await;
        }
    }
    tokio::try_join!(plain(site), accepted(site), revoked(site), removed(site), resent(site))?;
    let what = || -> Vec<&str> {
        let objects = site.mirror.objects();
        let ends = |person: &&Person| {
            state(&objects, person.name()) == person.ending(&site.can).state.unwrap_or_default()
        };
        Person::ALL.iter().filter(|person| !ends(person)).map(|person| person.name()).collect()
    };
    let settled =
        site.mirror.until("everybody is as expected", |objects| is_settled(objects, &site.can)).await;
    settled.map_err(|error| format!("{error}; not so: {:?}", what()))
}

async fn plain(site: &Site) -> Result<(), String> {
    invited(site, Person::Plain).await?;
    invite(site, Person::Duplicate).await;
    Ok(())
}

async fn accepted(site: &Site) -> Result<(), String> {
    invited(site, Person::Accepted).await?;
    accept(site, Person::Accepted).await
}

async fn revoked(site: &Site) -> Result<(), String> {
    invited(site, Person::Revoked).await?;
    delete(site, Person::Revoked).await
}

async fn removed(site: &Site) -> Result<(), String> {
    invited(site, Person::Removed).await?;
    accept(site, Person::Removed).await?;
    delete(site, Person::Removed).await
}

async fn resent(site: &Site) -> Result<(), String> {
    invited(site, Person::Resent).await?;
    let request = json!({"userinvitation.dev/resend-requested-at": RESEND});
    site.namespace.annotate(Person::Resent.name(), &request).await;
    site.mirror.until("the resend request is served", |objects| is_resent(objects.get("resent"))).await
}

async fn invited(site: &Site, person: Person) -> Result<(), String> {
    stands(site, person, Stand::Invited).await
}

/// Waits until the object says that the person stands so.
async fn stands(site: &Site, person: Person, stand: Stand) -> Result<(), String> {
    let (name, (wanted, _)) = (person.name(), site.can.state(stand));
    site.mirror.until(&format!("{name} is {wanted}"), |objects| state(objects, name) == wanted).await
}

/// Where acceptance does not show, there is nothing to accept.
async fn accept(site: &Site, person: Person) -> Result<(), String> {
    if site.can.acceptance {
        let accepted = site.vendors().accept(&site.tenant, &person.email());
        accepted.map_err(|error| format!("{} accepts: {error}", person.name()))?;
    }
    stands(site, person, Stand::Member).await
}

async fn delete(site: &Site, person: Person) -> Result<(), String> {
    let name = person.name();
    site.namespace
        .client
        .delete(&site.namespace.invitation_path(name))
        .await
        .map_err(|error| error.to_string())?;
    site.mirror.until(&format!("{name} is gone"), |objects| !objects.contains_key(name)).await
}

async fn invite(site: &Site, person: Person) {
    let spec = match (person, site.tenant.vendor) {
        (Person::Removed, _) => json!({"deletionPolicy": "Remove"}),
        // On terms of its own, so that the vendor's refusal names this person alone.
        (Person::Refused, Vendor::Vmware) => json!({"notification": "NewAccountsOnly"}),
        _ => json!({}),
    };
    site.namespace.invite(person.name(), PROVIDER, &person.email(), site.case.spec(spec)).await;
}

fn is_settled(objects: &Objects, can: &Abilities) -> bool {
    Person::ALL
        .iter()
        .all(|person| state(objects, person.name()) == person.ending(can).state.unwrap_or_default())
        && is_resent(objects.get(Person::Resent.name()))
}

fn is_resent(object: Option<&Value>) -> bool {
    object.is_some_and(|object| object["status"]["lastHandledResendAt"] == RESEND)
}
