//! What is read from and written to the API (vendor contract: 3.2, 3.3).

use serde::{Deserialize, Serialize};

use crate::vendor::lenient::{self, Row};
use crate::vendor::person::{Presence, Standing};

/// Fields of an error body that may hold a code, in order (vendor contract: 3.1, 3.6). `error` may also be a
/// boolean or an object, which are none.
pub(super) const CODE_FIELDS: &[&str] = &["error", "errorCode"];

/// A list. The items are the one field that has to be there: an object without them is something else, and would
/// look like an account without people.
#[derive(Debug, Deserialize)]
#[serde(bound = "T: serde::de::DeserializeOwned")]
pub(super) struct List<T> {
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) count: Option<i64>,
    pub(super) items: Vec<Row<T>>,
}

/// A user of the account. All but `uid` and `email` may be missing, and names don't matter here.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) uid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) email: Option<String>,
    #[serde(deserialize_with = "lenient::text", rename = "userStatus")]
    pub(super) status: Option<String>,
}

/// A user as read alone.
#[derive(Debug, Deserialize)]
pub(super) struct UserWithGroups {
    #[serde(flatten)]
    pub(super) user: User,
    pub(super) groups: Option<Vec<Row<Group>>>,
}

/// A group, in the list of groups or of a user.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Group {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) uuid: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) owner: Option<String>,
}

/// The account's quotas; what they are does not matter here, but an answer without them is none.
#[derive(Debug, Deserialize)]
pub(super) struct Limits {
    #[serde(rename = "results")]
    pub(super) _results: Vec<serde_json::Value>,
}

/// What an invitation answered; documented without a body (vendor contract: 3.2).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Created {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) user_uuid: Option<String>,
}

/// The body of an invitation.
#[derive(Debug, Serialize)]
pub(super) struct InviteBody<'a> {
    pub(super) email: &'a str,
}

impl User {
    /// What the row says of the person; `None`: a deleted one is not there any more (vendor contract: 3.4).
    ///
    /// A status that is unknown or missing is something that only the vendor understands: the person counts as
    /// there, and is neither invited again nor taken for somebody who accepted. A pending row does not say when it
    /// was made, so the invitation's end is not known here (vendor contract: 3.3).
    pub(super) fn presence(&self) -> Option<Presence> {
        let status = self.status.as_deref().unwrap_or_default();
        let standing = match status.to_ascii_uppercase().as_str() {
            "PENDING" => Standing::Pending,
            "ACTIVE" => Standing::Member,
            "DELETED" => return None,
            // INACTIVE and ECUSTOMS_MANUALLY_BLOCKED among them
            _ => Standing::Blocked,
        };
        let vendor_status = lenient::word(status);
        Some(Presence {
            standing,
            user_id: self.uid.clone(),
            invitation_id: None,
            open_invitations: usize::from(standing == Standing::Pending),
            fingerprint: format!("{}/{vendor_status}", self.uid.as_deref().unwrap_or_default()),
            vendor_status,
            invited: None,
            expires: None,
            held: None,
        })
    }
}

impl Group {
    /// Whether people may be put into it by hand: groups of a directory and the one of all users are not ours to
    /// set (vendor contract: 3.3).
    pub(super) fn is_grantable(&self) -> bool {
        self.owner
            .as_deref()
            .is_some_and(|owner| owner.eq_ignore_ascii_case("LOCAL") || owner.eq_ignore_ascii_case("SAML"))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_contract_s_pending_user() {
        let list: List<User> = serde_json::from_value(json!({"count": 1, "items": [{
            "uid": "7c1d0000-0000-4000-8000-000000000001", "email": "ada@example.test",
            "type": "DEFAULT", "emergencyContact": false, "userStatus": "PENDING"
        }]}))
        .unwrap();
        assert_eq!(list.count, Some(1));
        let presence = list.items[0].0.as_ref().unwrap().presence().unwrap();
        assert_eq!(presence.standing, Standing::Pending);
        assert_eq!(presence.user_id.as_deref(), Some("7c1d0000-0000-4000-8000-000000000001"));
        assert_eq!((presence.open_invitations, presence.invited, presence.expires), (1, None, None));
    }

    #[rstest]
    #[case("PENDING", Some(Standing::Pending))]
    #[case("ACTIVE", Some(Standing::Member))]
    #[case("INACTIVE", Some(Standing::Blocked))]
    #[case("ECUSTOMS_MANUALLY_BLOCKED", Some(Standing::Blocked))]
    #[case("DELETED", None)]
    #[case("SOMETHING_NEW", Some(Standing::Blocked))]
    #[case("", Some(Standing::Blocked))]
    fn statuses(#[case] status: &str, #[case] standing: Option<Standing>) {
        let user = User { status: Some(status.to_owned()), ..User::default() };
        assert_eq!(user.presence().map(|presence| presence.standing), standing);
    }

    #[rstest]
    #[case::local("LOCAL", true)]
    #[case::saml("SAML", true)]
    #[case::scim("SCIM", false)]
    #[case::dynatrace("DCS", false)]
    #[case::everybody("ALL_USERS", false)]
    #[case::unknown("NEW", false)]
    fn owners(#[case] owner: &str, #[case] grantable: bool) {
        let group = Group { owner: Some(owner.to_owned()), ..Group::default() };
        assert_eq!(group.is_grantable(), grantable);
    }

    #[test]
    fn a_login_is_nothing_new() {
        let row = |logins: u64| -> User {
            serde_json::from_value(json!({"uid": "1", "email": "a@x", "userStatus": "ACTIVE",
                "userLoginMetadata": {"successfulLoginCounter": logins}}))
            .unwrap()
        };
        assert_eq!(row(1).presence(), row(2).presence());
    }
}
