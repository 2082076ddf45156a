//! One person, one object: rows that say the same are merged, and rows that contradict another one are refused, since
//! of two objects for one person in one tenant only one would ever act.

use std::collections::BTreeMap;

use super::fault::{BadRow, Fault};
use super::{Found, Import, Person};

/// Gathers what a layout found.
pub(super) fn gather(layout: &'static str, found: Found) -> Import {
    let Found { mut providers, people, mut bad, notes } = found;
    let mut import = Import { layout, notes, ..Import::default() };
    let mut known = Known::default();
    for person in people {
        match known.check(&person, &import.people) {
            Ok(None) => {
                known.add(&person, import.people.len());
                import.people.push(person);
            }
            Ok(Some(line)) => import.merged.push((person.place, line)),
            Err(fault) => bad.push(BadRow { place: person.place, fault, nearest: None }),
        }
    }
    bad.sort_by(|left, right| {
        (&left.place.sheet, left.place.line).cmp(&(&right.place.sheet, right.place.line))
    });
    import.bad = bad;
    import.providers.append(&mut providers);
    import
}

/// Where people, login names and names of objects were seen first.
#[derive(Default)]
struct Known {
    emails: BTreeMap<(String, String), usize>,
    logins: BTreeMap<(String, String), usize>,
    objects: BTreeMap<String, usize>,
}

impl Known {
    /// Whether a person is new, or was said before: then in which line.
    fn check(&self, person: &Person, people: &[Person]) -> Result<Option<usize>, Fault> {
        let line = |index: &usize| people[*index].place.line;
        if let Some(index) = self.emails.get(&email(person)) {
            let same = without_case(person) == without_case(&people[*index]);
            return if same { Ok(Some(line(index))) } else { Err(Fault::Differs(line(index))) };
        }
        if let Some(index) = self.logins.get(&login(person)) {
            return Err(Fault::SameLogin(line(index)));
        }
        match self.objects.get(&person.object) {
            Some(index) => Err(Fault::SameObjectName(line(index))),
            None => Ok(None),
        }
    }

    fn add(&mut self, person: &Person, index: usize) {
        self.emails.insert(email(person), index);
        self.logins.insert(login(person), index);
        self.objects.insert(person.object.clone(), index);
    }
}

fn email(person: &Person) -> (String, String) {
    (person.spec.provider_ref.name.clone(), person.spec.email.to_lowercase())
}

fn login(person: &Person) -> (String, String) {
    let login = person.spec.user_name.as_ref().unwrap_or(&person.spec.email);
    (person.spec.provider_ref.name.clone(), login.to_lowercase())
}

/// What is declared, apart from how the address is spelled.
fn without_case(person: &Person) -> user_invitation_operator::api::UserInvitationSpec {
    let mut spec = person.spec.clone();
    spec.email = spec.email.to_lowercase();
    spec
}
