//! Creating users: one in a call with an answer of its own, or several.

use reqwest::Method;

use super::users::login_of;
use super::wire::{User, UserConfig};
use super::{Client, unsupported};
use crate::vendor::answer::{Answer, MemberAnswer, Refusal};
use crate::vendor::client::Permit;
use crate::vendor::error::{ErrorClass, VendorError};
use crate::vendor::grant::GrantKind;
use crate::vendor::lenient::Row;
use crate::vendor::observe::Operation;
use crate::vendor::person::{InitialPassword, Person};
use crate::vendor::terms::{InviteTerms, Notification};
use crate::vendor::transport::{Request, target};

/// Documented refusals of a call about one person (vendor contract: 2.2, 2.4; 401 and 429 are the platform's). The
/// last three are answers of the cluster, and no failures of a server: they are never tried again as such.
const REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (406, ErrorClass::Invalid),
    (429, ErrorClass::Throttled),
    (522, ErrorClass::Invalid),
    (523, ErrorClass::Conflict),
    (524, ErrorClass::Conflict),
];

impl Client {
    /// Creates people. Several go in one call, whose only clear answers are the users that it created, and that
    /// nobody's users can be changed here.
    pub(super) async fn create(&self, permit: &Permit, people: &[Person], terms: &InviteTerms) -> Answer {
        let groups: Vec<String> = terms
            .grants
            .iter()
            .filter(|grant| grant.kind == GrantKind::Group)
            .map(|grant| grant.name.clone())
            .collect();
        // Whether a new user gets a mail is not documented, so nothing can be promised (vendor contract: 2.5).
        let honoured = terms.notification == Notification::Send && groups.len() == terms.grants.len();
        let keys = || people.iter().map(Person::key);
        if !honoured || people.iter().any(|person| config(person, &groups).is_none()) {
            return Answer::all(keys(), &unsupported());
        }
        match people {
            [] => Answer::default(),
            [person] => Answer::all(keys(), &self.create_one(permit, person, &groups).await),
            people => self.create_several(permit, people, &groups).await,
        }
    }

    async fn create_one(&self, permit: &Permit, person: &Person, groups: &[String]) -> MemberAnswer {
        let Some(body) = config(person, groups) else { return unsupported() };
        let request = Request::post(target(&self.config.endpoint, &self.path("users"), &[])).json(&body);
        let request = match request {
            Ok(request) => request,
            Err(error) => return MemberAnswer::NotSent(error),
        };
        let reply = match self.session.write(Operation::Invite, permit, request).await {
            Ok(reply) => reply,
            Err(answer) => return answer,
        };
        match reply.status() {
            200..=299 => match reply.json::<User>() {
                Ok(user) if is(&user, person) => MemberAnswer::Accepted { user_id: user.id },
                Ok(_) => MemberAnswer::Ambiguous(reply.unusable("not the user that was asked for")),
                Err(error) => MemberAnswer::Ambiguous(error),
            },
            403 | 406 | 522..=524 if reply.is_of_a_gateway() => self.session.unclear(&reply, permit),
            403 => self.externally_managed(),
            400 => self.invalid_or_taken(person, self.session.refusal(&reply, permit, REFUSALS)).await,
            _ => self.session.refusal(&reply, permit, REFUSALS),
        }
    }

    /// A 400 also says that the login name is taken (vendor contract: 2.4), and a look tells which it was. Whoever has
    /// the address is found by every look; somebody else with the login name only here.
    async fn invalid_or_taken(&self, person: &Person, refused: MemberAnswer) -> MemberAnswer {
        let holder = self.user(login_of(person), Operation::FindUser).await;
        match (holder, refused) {
            (Ok(Some(_)), MemberAnswer::Refused(refusal)) => {
                MemberAnswer::Refused(Refusal { class: ErrorClass::Conflict, ..refusal })
            }
            (_, refused) => refused,
        }
    }

    async fn create_several(&self, permit: &Permit, people: &[Person], groups: &[String]) -> Answer {
        let keys = || people.iter().map(Person::key);
        let bodies: Vec<UserConfig<'_>> = people.iter().filter_map(|person| config(person, groups)).collect();
        let path = [self.path("users").as_slice(), &["bulk"]].concat();
        let request = Request::new(Method::POST, target(&self.config.endpoint, &path, &[])).json(&bodies);
        let request = match request {
            Ok(request) => request,
            Err(error) => return Answer::all(keys(), &MemberAnswer::NotSent(error)),
        };
        let reply = match self.session.write(Operation::Invite, permit, request).await {
            Ok(reply) => reply,
            Err(answer) => return Answer::all(keys(), &answer),
        };
        match reply.status() {
            200..=299 => match reply.json::<Vec<Row<User>>>() {
                Ok(rows) => self.listed(people, rows),
                Err(error) => Answer::all(keys(), &MemberAnswer::Ambiguous(error)),
            },
            403 if !reply.is_of_a_gateway() => Answer::all(keys(), &self.externally_managed()),
            // A 400 does not say for whom, and a 406 not whom its list is of (vendor contract: 2.4).
            _ => Answer::all(keys(), &self.session.unclear(&reply, permit)),
        }
    }

    /// Who is in the list of the users that were created.
    fn listed(&self, people: &[Person], rows: Vec<Row<User>>) -> Answer {
        let created: Vec<User> = rows.into_iter().filter_map(|row| row.0).collect();
        let cause = "the answer leaves a person out";
        let left_out = MemberAnswer::Ambiguous(VendorError::BadAnswer { host: self.host(), cause });
        let of = |person: &Person| match created.iter().find(|user| is(user, person)) {
            Some(user) => MemberAnswer::Accepted { user_id: user.id.clone() },
            None => left_out.clone(),
        };
        Answer { members: people.iter().map(|person| (person.key().to_owned(), of(person))).collect() }
    }

    /// Reading works, as the look just before has shown, so a 403 is about everybody's users (vendor contract: 2.8).
    pub(super) fn externally_managed(&self) -> MemberAnswer {
        MemberAnswer::NotSent(VendorError::ExternallyManaged { host: self.host() })
    }
}

/// `None`: the person has no name, and the cluster wants both (vendor contract: 2.3).
fn config<'a>(person: &'a Person, groups: &'a [String]) -> Option<UserConfig<'a>> {
    Some(UserConfig {
        id: login_of(person),
        email: person.email.as_written(),
        first_name: person.first_name.as_deref()?,
        last_name: person.last_name.as_deref()?,
        groups,
        password_clear_text: person.initial_password.as_ref().map(InitialPassword::expose),
    })
}

/// Whether a user of an answer is the person that was sent.
fn is(user: &User, person: &Person) -> bool {
    user.identity().is_some_and(|(id, email)| {
        id.to_lowercase() == login_of(person).to_lowercase() && email.key() == person.key()
    })
}
