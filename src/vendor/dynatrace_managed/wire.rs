//! What is read from and written to the API (vendor contract: 2.3, 2.6).

use serde::{Deserialize, Serialize};

use crate::vendor::grant::{Grant, GrantKind, Held};
use crate::vendor::lenient;
use crate::vendor::names::Named;
use crate::vendor::person::{Email, Presence, Standing};

/// What a look at a user shows of what the person holds.
const SHOWN: &[GrantKind] = &[GrantKind::Group];

/// A user. Everything may be missing; a password is never read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) email: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) first_name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) last_name: Option<String>,
    #[serde(deserialize_with = "lenient::texts")]
    pub(super) groups: Vec<String>,
}

impl User {
    /// Login name and address; `None`: nobody that can be told from others.
    pub(super) fn identity(&self) -> Option<(&str, Email)> {
        Some((self.id.as_deref()?, Email::new(self.email.as_deref()?)))
    }

    /// What the row says. There is no status and no time: whoever is there is in (vendor contract: 2.5).
    pub(super) fn presence(&self) -> Presence {
        let grants = self.groups.iter().map(|id| Grant::named(GrantKind::Group, id)).collect();
        Presence {
            standing: Standing::Member,
            user_id: self.id.clone(),
            invitation_id: None,
            open_invitations: 0,
            fingerprint: self.id.clone().unwrap_or_default(),
            vendor_status: String::new(),
            invited: None,
            expires: None,
            held: Some(Held { shown: SHOWN, groups: None, grants }),
        }
    }
}

/// A user as it is written. `groups` is always there: what a missing one does is not known (vendor contract: 2.6).
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct UserConfig<'a> {
    pub(super) id: &'a str,
    pub(super) email: &'a str,
    pub(super) first_name: &'a str,
    pub(super) last_name: &'a str,
    pub(super) groups: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) password_clear_text: Option<&'a str>,
}

/// A group of users.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Group {
    #[serde(deserialize_with = "lenient::text")]
    id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    name: Option<String>,
}

impl Group {
    pub(super) fn named(self) -> Option<Named> {
        let id = self.id?;
        Some(Named { name: self.name.unwrap_or_else(|| id.clone()), id })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_user_is_there_whatever_else_is_missing() {
        let user: User = serde_json::from_value(json!({"id": "ada", "groups": null, "new": [1]})).unwrap();
        assert_eq!(user.identity(), None);
        let presence = user.presence();
        assert_eq!((presence.standing, presence.user_id.as_deref()), (Standing::Member, Some("ada")));
        assert_eq!(presence.held, Some(Held { shown: SHOWN, groups: None, grants: Vec::new() }));
    }

    #[test]
    fn what_is_written_has_every_field_and_a_password_only_if_there_is_one() {
        let mut config = UserConfig {
            id: "ada",
            email: "ada@example.com",
            first_name: "Ada",
            last_name: "Lovelace",
            groups: &[],
            password_clear_text: None,
        };
        let bare = json!({"id": "ada", "email": "ada@example.com", "firstName": "Ada", "lastName": "Lovelace",
                          "groups": []});
        assert_eq!(serde_json::to_value(&config).unwrap(), bare);
        config.password_clear_text = Some("Hunter-22");
        assert_eq!(serde_json::to_value(&config).unwrap()["passwordClearText"], "Hunter-22");
    }
}
