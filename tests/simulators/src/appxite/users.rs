//! Listing users, and removing them where the platform can. 1.2.2, 1.3.2, 1.3.3, 1.3.7.

use serde_json::{Map, Value, json};

use super::{
    choices::{AccountStateForm, CreatedDate, ListForm, ListScope, Listing, NameCase, Paging, RowFields},
    errors,
    platform::{AccountState, State, User},
};
use crate::{
    clock::Clock,
    http::{Reply, Request},
    text::naive_timestamp,
};

/// List All Users.
pub(super) fn list(state: &State, request: &Request, acting: Option<&str>, now: u64) -> Reply {
    let knobs = &state.knobs;
    let in_scope = |user: &&User| match (knobs.list_scope, acting) {
        (ListScope::Platform, _) | (_, None) => true,
        (ListScope::OnBehalfOf, Some(id)) => user.permissions.iter().any(|held| held.organization == id),
    };
    let users = state.users.read(Clock::real(), knobs.list_lag_milliseconds).iter();
    let rows: Vec<Value> = users.filter(in_scope).filter_map(|user| show(state, user, now)).collect();
    let total = rows.len();
    let page = match knobs.paging {
        Paging::Whole => rows,
        Paging::Pages => {
            let number = |name: &str, default: usize| match request.query(name) {
                None => Some(default),
                Some(text) => text.parse().ok(),
            };
            let (Some(page @ 1..), Some(size @ 1..)) = (number("page", 1), number("pageSize", 20)) else {
                return errors::invalid(knobs, "page", "The page or its size is out of bounds.");
            };
            let size = size.min(knobs.max_page_size);
            rows.into_iter().skip((page - 1).saturating_mul(size)).take(size).collect()
        }
    };
    let body = match knobs.list_form {
        ListForm::Array => json!(page),
        ListForm::Items => json!({"items": page, "totalCount": total}),
    };
    Reply::json(200, &cased(body, knobs.name_case))
}

/// A user as lists show it; `None` for somebody they don't.
fn show(state: &State, user: &User, now: u64) -> Option<Value> {
    let knobs = &state.knobs;
    let listing = match user.state {
        AccountState::New if user.is_expired(now) => knobs.expired_users,
        AccountState::Rejected => knobs.rejected_users,
        AccountState::New | AccountState::Active | AccountState::Blocked => Listing::AsNew,
    };
    let word = match (listing, user.state) {
        (Listing::Hidden, _) => return None,
        (Listing::OtherState, AccountState::Rejected) => "Rejected",
        (Listing::OtherState, _) => "Expired",
        (Listing::AsNew, AccountState::Active) => "Active",
        (Listing::AsNew, AccountState::Blocked) => "Blocked",
        (Listing::AsNew, AccountState::New | AccountState::Rejected) => "New",
    };
    let mut value = json!({"email": user.written, "accountState": spelled(knobs.account_state, word)});
    if knobs.row_fields == RowFields::Least {
        return Some(value);
    }
    value["id"] = json!(user.id);
    value["firstName"] = json!(user.names[0]);
    value["lastName"] = json!(user.names[1]);
    value["isAccessible"] = json!(user.state == AccountState::Active); // 1.3.3 [INF].
    let naive = naive_timestamp(user.created);
    match knobs.created_date {
        CreatedDate::Zulu => value["createdDate"] = json!(format!("{naive}Z")),
        CreatedDate::Naive => value["createdDate"] = json!(naive),
        CreatedDate::Absent => {}
    }
    if knobs.row_fields == RowFields::All {
        let held =
            user.permissions.iter().map(|held| json!({"id": held.organization, "groupId": held.group}));
        value["organizations"] = held.collect();
    }
    Some(value)
}

/// A state as the knob spells it.
fn spelled(form: AccountStateForm, word: &str) -> Value {
    match form {
        AccountStateForm::Name => json!(word),
        AccountStateForm::Lower => json!(word.to_lowercase()),
        AccountStateForm::Upper => json!(word.to_uppercase()),
        AccountStateForm::Number => {
            let known = ["New", "Active", "Blocked"];
            json!(known.iter().position(|name| *name == word).unwrap_or(known.len()))
        }
    }
}

/// The removal of 1.3.7: of the user's permissions in the organization acted for, else of all. 1.2.4: who has none
/// left is gone.
pub(super) fn remove(state: &mut State, id: &str, acting: Option<&str>) -> Reply {
    let Some(user) = state.users.current().get(id) else {
        return errors::problem(&state.knobs, state.knobs.remove_unknown_status, &[]);
    };
    if state.special.unremovable.contains(&user.email) {
        return errors::invalid(&state.knobs, "id", "The user can't be removed.");
    }
    let mut left = user.permissions.clone();
    left.retain(|held| acting.is_some_and(|organization| held.organization != organization));
    if left.is_empty() {
        state.users_mut().remove(id);
    } else if let Some(user) = state.users_mut().get_mut(id) {
        user.permissions = left;
    }
    Reply::empty(state.knobs.remove_status)
}

/// A body with its names in the knob's case.
pub(super) fn cased(value: Value, case: NameCase) -> Value {
    match (value, case) {
        (value, NameCase::Camel) => value,
        (Value::Array(items), case) => items.into_iter().map(|item| cased(item, case)).collect(),
        (Value::Object(object), case) => {
            let pair = |(name, value): (String, Value)| (pascal(&name), cased(value, case));
            Value::Object(object.into_iter().map(pair).collect::<Map<_, _>>())
        }
        (value, NameCase::Pascal) => value,
    }
}

fn pascal(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect()
}
