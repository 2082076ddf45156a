//! What a success answer to an invite says of single people. The form of such a body is not known; what is taken
//! from it is an address with a status beside it (vendor contract: 1.3.2, 1.3.4).

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::wire::{field, text, whole};
use crate::vendor::answer::{Answer, MemberAnswer, Refusal};
use crate::vendor::error::ErrorClass;
use crate::vendor::person::{Email, Person};
use crate::vendor::transport::Reply;

/// Several results, of which some may be failures.
const MULTI_STATUS: u16 = 207;

/// What says that somebody was not invited (vendor contract: 1.3.4, 1.3.6). 404 is an unknown path; 403 a permission
/// that the client lacks, or a used-up quota.
pub(super) const REFUSALS: &[(u16, ErrorClass)] = &[
    (400, ErrorClass::Invalid),
    (401, ErrorClass::Authentication),
    (403, ErrorClass::Forbidden),
    (404, ErrorClass::Invalid),
    (409, ErrorClass::Conflict),
    (429, ErrorClass::Throttled),
];

/// The answer for each person. Whoever the body does not list was invited, if the status says so; of a multi-status
/// without a word about a person nobody can tell.
pub(super) fn of_each(reply: &Reply, people: &[Person]) -> Answer {
    let listed = reply.json().map(|body| listed(&body)).unwrap_or_default();
    let unclear = || MemberAnswer::Ambiguous(reply.unusable("it does not say what became of this person"));
    let member = |person: &Person| match listed.get(person.key()) {
        Some(Listed::As(200..=299)) => MemberAnswer::Accepted { user_id: None },
        Some(Listed::As(status)) => refusal(*status).unwrap_or_else(unclear),
        Some(Listed::Contradicted) => unclear(),
        None if reply.status() == MULTI_STATUS => unclear(),
        None => MemberAnswer::Accepted { user_id: None },
    };
    Answer { members: people.iter().map(|person| (person.key().to_owned(), member(person))).collect() }
}

fn refusal(status: u16) -> Option<MemberAnswer> {
    let (_, class) = REFUSALS.iter().find(|(known, _)| *known == status)?;
    Some(MemberAnswer::Refused(Refusal { class: *class, status, code: None }))
}

/// What a body lists of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listed {
    /// This status.
    As(u16),
    /// Two that contradict each other.
    Contradicted,
}

/// The statuses that a body lists, by address.
fn listed(body: &Value) -> HashMap<String, Listed> {
    let lists: Vec<&Vec<Value>> = match body {
        Value::Array(list) => vec![list],
        Value::Object(object) => object.values().filter_map(Value::as_array).collect(),
        _ => Vec::new(),
    };
    let mut found = HashMap::new();
    for row in lists.into_iter().flatten().filter_map(Value::as_object) {
        let (Some(email), Some(status)) = (text(row, "email"), status(row)) else { continue };
        let known = found.entry(Email::new(email).key().to_owned()).or_insert(Listed::As(status));
        if *known != Listed::As(status) {
            *known = Listed::Contradicted;
        }
    }
    found
}

/// An HTTP status in a row; a word or any other number is none.
fn status(row: &Map<String, Value>) -> Option<u16> {
    let number = field(row, "status").or_else(|| field(row, "statusCode")).and_then(whole)?;
    u16::try_from(number).ok().filter(|status| (200..600).contains(status))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::rows(json!([{"email": "A@b.c", "status": 400}]), Some(Listed::As(400)))]
    #[case::below_any_name(json!({"failed": [{"Email": "a@b.c", "StatusCode": "409"}]}), Some(Listed::As(409)))]
    #[case::users(json!([{"email": "a@b.c", "status": "New", "accountState": "New"}]), None)]
    #[case::other_numbers(json!([{"email": "a@b.c", "status": 0}]), None)]
    #[case::somebody_else(json!([{"email": "b@b.c", "status": 400}]), None)]
    #[case::twice(json!([{"email": "a@b.c", "status": 200}, {"email": "a@b.c", "status": 400}]), Some(Listed::Contradicted))]
    #[case::thrice(json!({"x": [{"email": "a@b.c", "status": 200}, {"email": "a@b.c", "status": 400}],
                          "y": [{"email": "a@b.c", "status": 200}]}), Some(Listed::Contradicted))]
    #[case::no_rows(json!({"errors": {"a@b.c": [400]}, "x": [7, null]}), None)]
    #[case::text(json!("a@b.c"), None)]
    fn statuses_of_people(#[case] body: Value, #[case] expected: Option<Listed>) {
        assert_eq!(listed(&body).get("a@b.c").copied(), expected);
    }

    #[test]
    fn only_known_statuses_refuse() {
        for status in [400, 403, 404, 409, 429] {
            assert!(refusal(status).is_some());
        }
        for status in [302, 402, 500, 503] {
            assert_eq!(refusal(status), None);
        }
    }
}
