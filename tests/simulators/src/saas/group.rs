//! Groups: rows, lists, changes. 3.2, 3.3.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::{
    account::{State, User},
    errors,
    knobs::SaasFields,
    users,
};
use crate::{
    clock::Clock,
    http::{Reply, Request},
    text::random_uuid,
};

/// Who manages a group. 3.3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum SaasGroupOwner {
    /// The account's administrators.
    #[default]
    Local,
    /// A directory, through SCIM.
    Scim,
    /// The identity provider's assertions.
    Saml,
    /// Dynatrace.
    Dcs,
    /// Nobody: it has everybody.
    AllUsers,
}

impl SaasGroupOwner {
    fn name(self) -> &'static str {
        match self {
            Self::Local => "LOCAL",
            Self::Scim => "SCIM",
            Self::Saml => "SAML",
            Self::Dcs => "DCS",
            Self::AllUsers => "ALL_USERS",
        }
    }

    /// 3.3: no client sets these.
    pub(super) fn is_locked(self) -> bool {
        matches!(self, Self::Scim | Self::AllUsers)
    }
}

/// One group.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) uuid: String,
    pub(super) name: String,
    pub(super) description: String,
    pub(super) owner: SaasGroupOwner,
    pub(super) values: Vec<String>,
    pub(super) created: u64,
    pub(super) updated: u64,
}

impl Group {
    pub(super) fn new(name: &str, owner: SaasGroupOwner, now: u64) -> Self {
        Self {
            uuid: random_uuid(),
            name: name.to_owned(),
            description: String::new(),
            owner,
            values: Vec::new(),
            created: now,
            updated: now,
        }
    }

    fn show(&self, state: &State) -> Value {
        let mut value = json!({
            "uuid": self.uuid, "name": self.name, "description": self.description, "owner": self.owner.name(),
            "federatedAttributeValues": self.values,
            "createdAt": state.time(self.created), "updatedAt": state.time(self.updated),
        });
        hide(state, &mut value);
        value
    }

    /// As a user shows it.
    fn show_held(&self, state: &State, account: &str) -> Value {
        let mut value = json!({
            "uuid": self.uuid, "groupName": self.name, "description": self.description,
            "owner": self.owner.name(), "accountUUID": account, "accountName": state.name,
            "createdAt": state.time(self.created), "updatedAt": state.time(self.updated),
        });
        hide(state, &mut value);
        value
    }
}

/// 3.3: `hidden` is real but undocumented.
fn hide(state: &State, value: &mut Value) {
    if state.knobs.fields == SaasFields::Observed {
        value["hidden"] = json!(false);
    }
}

/// The groups of a user. 3.3: the one of all users is always among them.
pub(super) fn held(state: &State, user: &User, account: &str) -> Value {
    let has = |group: &&Group| group.owner == SaasGroupOwner::AllUsers || user.groups.contains(&group.uuid);
    state.groups.iter().filter(has).map(|group| group.show_held(state, account)).collect()
}

/// `GET /groups`.
pub(super) fn list(state: &State) -> Reply {
    let items: Vec<Value> = state.groups.iter().map(|group| group.show(state)).collect();
    Reply::json(200, &json!({"count": items.len(), "items": items}))
}

/// `GET /groups/{uuid}/users`.
pub(super) fn users(state: &State, uuid: &str) -> Reply {
    let Some(group) = state.groups.iter().find(|group| group.uuid == uuid) else {
        return unknown(state, uuid);
    };
    let everybody = group.owner == SaasGroupOwner::AllUsers;
    let users = state.users.read(Clock::real(), state.knobs.list_lag_milliseconds);
    let inside = |user: &&User| everybody || user.groups.iter().any(|held| held == uuid);
    let items: Vec<Value> = users.iter().filter(inside).map(|user| users::show(user, state)).collect();
    Reply::json(200, &json!({"count": items.len(), "items": items}))
}

/// A group that is not there, in the path.
fn unknown(state: &State, uuid: &str) -> Reply {
    errors::api(&state.knobs, 404, &format!("Group {uuid} not found"))
}

/// What a request says about a group. 3.2: descriptions have at most 255 characters.
fn parse(body: &Map<String, Value>) -> Option<(String, String, Vec<String>)> {
    let name = body.get("name")?.as_str().filter(|name| !name.is_empty())?.to_owned();
    let description = match body.get("description") {
        None | Some(Value::Null) => String::new(),
        Some(text) => text.as_str().filter(|text| text.chars().count() <= 255)?.to_owned(),
    };
    let values = match body.get("federatedAttributeValues") {
        None | Some(Value::Null) => Vec::new(),
        Some(list) => {
            list.as_array()?.iter().map(|v| v.as_str().map(str::to_owned)).collect::<Option<_>>()?
        }
    };
    Some((name, description, values))
}

/// `POST /groups`: an array of groups to make; 201 and what was made.
pub(super) fn create(state: &mut State, request: &Request, now: u64) -> Reply {
    let asked: Vec<Map<String, Value>> = serde_json::from_slice(&request.body).unwrap_or_default();
    let parsed: Option<Vec<_>> = asked.iter().map(parse).collect();
    let Some(parsed) = parsed.filter(|groups| !groups.is_empty()) else {
        return errors::api(&state.knobs, state.knobs.validation_status, "The groups are malformed");
    };
    let mut made = Vec::new();
    for (name, description, values) in parsed {
        let group = Group { description, values, ..Group::new(&name, SaasGroupOwner::Local, now) };
        let mut value = group.show(state);
        // 3.3: seen right after the making.
        if state.knobs.null_created_at {
            value["createdAt"] = Value::Null;
        }
        made.push(value);
        state.groups.push(group);
    }
    Reply::json(201, &json!(made))
}

/// `PUT /groups/{uuid}`.
pub(super) fn update(state: &mut State, uuid: &str, request: &Request, now: u64) -> Reply {
    let parsed = request.json_object().and_then(|body| parse(&body));
    let Some(at) = state.groups.iter().position(|group| group.uuid == uuid) else {
        return unknown(state, uuid);
    };
    let Some((name, description, values)) = parsed.filter(|_| !state.groups[at].owner.is_locked()) else {
        return errors::api(&state.knobs, state.knobs.validation_status, "The group can't be changed so");
    };
    let group = &mut state.groups[at];
    (group.name, group.description, group.values, group.updated) = (name, description, values, now);
    Reply::empty(200)
}

/// `DELETE /groups/{uuid}`.
pub(super) fn delete(state: &mut State, uuid: &str) -> Reply {
    let Some(group) = state.groups.iter().find(|group| group.uuid == uuid) else {
        return unknown(state, uuid);
    };
    if group.owner.is_locked() {
        return errors::api(&state.knobs, state.knobs.validation_status, "The group can't be deleted");
    }
    state.groups.retain(|group| group.uuid != uuid);
    let people: Vec<String> = state.users.current().iter().map(|user| user.uid.clone()).collect();
    let users = state.users_mut();
    for uid in people {
        if let Some(user) = users.get_mut(&uid) {
            user.groups.retain(|held| held != uuid);
        }
    }
    Reply::empty(200)
}
