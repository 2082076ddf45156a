//! Inviting.

use reqwest::Method;
use serde_json::{Map, Value, json};

use super::results::{self, REFUSALS};
use super::{Client, Config, OrganizationIdsPlacement, UNSUPPORTED};
use crate::vendor::answer::{Answer, MemberAnswer};
use crate::vendor::client::Permit;
use crate::vendor::grant::{Grant, GrantKind};
use crate::vendor::observe::Operation;
use crate::vendor::person::Person;
use crate::vendor::terms::{InviteTerms, Notification};

impl Client {
    /// Invites people in one call. Any success status is one (vendor contract: 1.3.2), unless the body says
    /// otherwise of a person; a failure names nobody, so it says something of a person only when there was just one.
    pub(super) async fn invite_all(&self, permit: &Permit, people: &[Person], terms: &InviteTerms) -> Answer {
        let all = |member: &MemberAnswer| Answer::all(people.iter().map(Person::key), member);
        match terms.notification {
            Notification::Send => {}
            // Mails go out by themselves (vendor contract: 1.2.4).
            Notification::NewAccountsOnly | Notification::Suppress => return all(&UNSUPPORTED),
        }
        let request = self.request(Method::POST, &self.config.paths.invite, &[]);
        let request = match request.json(&body(&self.config, people, &terms.grants)) {
            Ok(request) => request,
            Err(error) => return all(&MemberAnswer::NotSent(error)),
        };
        let reply = match self.session.write(Operation::Invite, permit, request).await {
            Ok(reply) => reply,
            Err(answer) => return all(&answer),
        };
        if reply.is_success() {
            results::of_each(&reply, people)
        } else if people.len() == 1 {
            all(&self.session.refusal(&reply, permit, REFUSALS))
        } else {
            all(&self.session.unclear(&reply, permit))
        }
    }
}

/// The payload (vendor contract: 1.3.3). All its users have the same organizations, role and provider, so it makes no
/// difference whether organizations are meant for the payload or for each user.
fn body(config: &Config, people: &[Person], grants: &[Grant]) -> Value {
    let of_kind =
        |kind| grants.iter().filter(move |grant| grant.kind == kind).map(|grant| grant.name.as_str());
    let mut organizations: Vec<&str> = of_kind(GrantKind::Organization).collect();
    if organizations.is_empty() {
        organizations.extend(config.on_behalf_of.as_deref().map(str::trim));
    }
    let mut common = Map::new();
    if let Some(role) = of_kind(GrantKind::Role).next() {
        let is_list = config.role_field.ends_with('s');
        common.insert(config.role_field.clone(), if is_list { json!([role]) } else { json!(role) });
    }
    if let Some(provider) = of_kind(GrantKind::IdentityProvider).next() {
        common.insert(config.identity_provider_field.clone(), json!(provider));
    }
    let in_payload = config.organization_ids == OrganizationIdsPlacement::Payload;
    if !in_payload && !organizations.is_empty() {
        common.insert("OrganizationIds".to_owned(), json!(organizations));
    }
    let user = |person: &Person| {
        let mut user = common.clone();
        user.insert("Email".to_owned(), json!(person.email.as_written()));
        let names = [("FirstName", &person.first_name), ("LastName", &person.last_name)];
        for (field, name) in names.into_iter().filter_map(|(field, name)| Some((field, name.as_ref()?))) {
            user.insert(field.to_owned(), json!(name));
        }
        Value::Object(user)
    };
    let mut body = json!({"Users": people.iter().map(user).collect::<Vec<_>>()});
    if in_payload && !organizations.is_empty() {
        body["OrganizationIds"] = json!(organizations);
    }
    body
}

#[cfg(test)]
mod tests;
