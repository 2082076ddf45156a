//! `UserConfig` in requests and replies. 2.3.

use serde_json::{Map, Value, json};

use super::cluster::User;
use crate::text::{is_email, normal};

/// A `UserConfig` of a request, whole as far as its form goes.
#[derive(Debug, Clone)]
pub(super) struct UserConfig {
    pub(super) id: String,
    pub(super) email: String,
    pub(super) first_name: String,
    pub(super) last_name: String,
    /// Absent where the request has none or null.
    pub(super) groups: Option<Vec<String>>,
    pub(super) password: Option<String>,
}

impl UserConfig {
    /// Reads it; else says what is wrong. 2.4: all of id, email, firstName and lastName must be set.
    pub(super) fn read(object: &Map<String, Value>) -> Result<Self, &'static str> {
        let required = |name: &str| match object.get(name) {
            Some(Value::String(text)) if !text.trim().is_empty() => Ok(text.clone()),
            _ => Err("all required values (ID, email, first name, last name) must be set"),
        };
        let optional = |name: &str| match object.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err("invalid user data"),
        };
        let groups = match object.get("groups") {
            None | Some(Value::Null) => None,
            Some(Value::Array(list)) => {
                let ids: Option<Vec<String>> = list.iter().map(|id| Some(id.as_str()?.to_owned())).collect();
                Some(ids.ok_or("invalid user data")?)
            }
            Some(_) => return Err("invalid user data"),
        };
        let config = Self {
            id: required("id")?,
            email: required("email")?,
            first_name: required("firstName")?,
            last_name: required("lastName")?,
            groups,
            password: optional("passwordClearText")?,
        };
        if is_email(&config.email) { Ok(config) } else { Err("invalid user data") }
    }

    /// The address in its compared form.
    pub(super) fn key(&self) -> String {
        normal(&self.email)
    }
}

/// A user as replies show it. 2.3: the password is null in every example.
pub(super) fn show(user: &User, reversed: bool) -> Value {
    let mut groups = user.groups.clone();
    if reversed {
        groups.reverse();
    }
    json!({
        "id": user.id, "email": user.written, "firstName": user.first_name, "lastName": user.last_name,
        "passwordClearText": null, "groups": groups,
    })
}
