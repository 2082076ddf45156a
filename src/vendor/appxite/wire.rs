//! What is read from the API (vendor contract: 1.2.2, 1.3.3): names in any case, texts or numbers, unknown fields.

use serde_json::{Map, Value};

use crate::vendor::person::Standing;

/// Fields of an error body that hold a code: none is known (vendor contract: 1.3.6).
pub(super) const CODE_FIELDS: &[&str] = &[];

/// A list: a bare array, or `items` with `totalCount` (vendor contract: 1.3.2).
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) rows: Vec<Value>,
    pub(super) total: Option<usize>,
}

impl List {
    /// Reads a list; an object without one is something else, and would look like a platform without people.
    pub(super) fn read(body: Value) -> Option<Self> {
        match body {
            Value::Array(rows) => Some(Self { rows, total: None }),
            Value::Object(object) => {
                let Value::Array(rows) = field(&object, "items")? else { return None };
                let total = field(&object, "totalCount").and_then(whole);
                Some(Self { rows: rows.clone(), total })
            }
            _ => None,
        }
    }
}

/// A field of an object, in any case of its name.
pub(super) fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A text that is not empty.
pub(super) fn text<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    field(object, name)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// A whole number, also in quotes.
pub(super) fn whole(value: &Value) -> Option<usize> {
    match value {
        Value::Number(number) => usize::try_from(number.as_u64()?).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A user. All but the address may be missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct User {
    pub(super) id: Option<String>,
    pub(super) email: String,
    pub(super) state: String,
    pub(super) created: Option<String>,
    /// Organizations and the role in each; `None`: the row does not tell.
    pub(super) permissions: Option<Vec<Permission>>,
}

/// A role in an organization (vendor contract: 1.2.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Permission {
    pub(super) organization: String,
    pub(super) role: Option<String>,
}

impl User {
    /// Reads a row; `None`: nobody's.
    pub(super) fn read(row: &Value) -> Option<Self> {
        let row = row.as_object()?;
        let state = match field(row, "accountState") {
            Some(Value::String(state)) => state.clone(),
            Some(Value::Number(state)) => state.to_string(),
            _ => String::new(),
        };
        Some(Self {
            id: text(row, "id").map(str::to_owned),
            email: text(row, "email")?.to_owned(),
            state,
            created: text(row, "createdDate").map(str::to_owned),
            permissions: field(row, "organizations").and_then(Value::as_array).map(|held| permissions(held)),
        })
    }

    /// What tells this row from others.
    pub(super) fn identity(&self) -> String {
        self.id.as_deref().unwrap_or(&self.email).to_lowercase()
    }

    /// What the row says of the person.
    ///
    /// A state that is unknown or missing is something that only the vendor understands: the person counts as
    /// there, and is neither invited again nor taken for somebody who accepted (vendor contract: 1.3.3).
    pub(super) fn standing(&self) -> Standing {
        match self.state.trim().to_ascii_lowercase().as_str() {
            "new" => Standing::Pending,
            "active" => Standing::Member,
            _ => Standing::Blocked,
        }
    }
}

fn permissions(held: &[Value]) -> Vec<Permission> {
    let permission = |held: &Value| {
        let held = held.as_object()?;
        let role = text(held, "groupId").map(str::to_owned);
        Some(Permission { organization: text(held, "id")?.to_owned(), role })
    };
    held.iter().filter_map(permission).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    fn example() -> Value {
        json!({
            "id": "u1", "email": "ada@example.test", "firstName": "Ada", "lastName": "Byron",
            "createdDate": "2026-01-05T10:00:00Z", "isAccessible": false, "accountState": "New",
            "organizations": [{"id": "o1", "groupId": "g1"}, {"id": "o2", "groupId": null}, 7]
        })
    }

    #[test]
    fn the_contract_s_user() {
        let user = User::read(&example()).unwrap();
        assert_eq!((user.id.as_deref(), user.email.as_str()), (Some("u1"), "ada@example.test"));
        let presence = user.presence();
        assert_eq!((presence.standing, presence.open_invitations), (Standing::Pending, 1));
        assert_eq!(presence.invited, "2026-01-05T10:00:00Z".parse().ok());
        assert_eq!((presence.user_id.as_deref(), presence.expires), (Some("u1"), None));
        let held: Vec<String> = presence
            .held
            .unwrap()
            .grants
            .iter()
            .map(|grant| format!("{} {}", grant.kind.noun(), grant.name))
            .collect();
        assert_eq!(held, ["organization o1", "organization o2", "role g1"]);
    }

    #[test]
    fn names_are_read_in_any_case() {
        let pascal = json!({
            "Id": "u1", "Email": "ada@example.test", "CreatedDate": "2026-01-05T10:00:00Z",
            "AccountState": "New", "Organizations": [{"Id": "o1", "GroupId": "g1"}, {"Id": "o2"}]
        });
        assert_eq!(User::read(&pascal), User::read(&example()));
    }

    #[rstest]
    #[case(json!("New"), Standing::Pending)]
    #[case(json!(" new "), Standing::Pending)]
    #[case(json!("ACTIVE"), Standing::Member)]
    #[case(json!("Blocked"), Standing::Blocked)]
    #[case::unknown(json!("Expired"), Standing::Blocked)]
    #[case::number(json!(1), Standing::Blocked)]
    #[case::nothing(json!(null), Standing::Blocked)]
    fn states(#[case] state: Value, #[case] standing: Standing) {
        let user = User::read(&json!({"email": "a@b.c", "accountState": state})).unwrap();
        assert_eq!(user.standing(), standing);
        assert_eq!(user.presence().held, None, "the row does not tell");
    }

    #[rstest]
    #[case::array(json!([1, 2]), Some((2, None)))]
    #[case::items(json!({"items": [1], "totalCount": 7}), Some((1, Some(7))))]
    #[case::pascal(json!({"Items": [], "TotalCount": "0"}), Some((0, Some(0))))]
    #[case::no_total(json!({"items": [1]}), Some((1, None)))]
    #[case::message(json!({"message": "all is well"}), None)]
    #[case::null(json!({"items": null, "totalCount": 0}), None)]
    #[case::text(json!("x"), None)]
    fn lists(#[case] body: Value, #[case] expected: Option<(usize, Option<usize>)>) {
        assert_eq!(List::read(body).map(|list| (list.rows.len(), list.total)), expected);
    }
}
