//! What is read from and written to the API (vendor contract: A3.1, A3.2).

use serde::{Deserialize, Serialize};

use crate::vendor::lenient::{self, Row};
use crate::vendor::person::{Presence, Standing};

/// Fields of an error body that may hold a code, in order (vendor contract: A5; `error`: A2).
pub(super) const CODE_FIELDS: &[&str] = &["errorCode", "error"];

/// A page of users. The list itself is the one field that has to be there: an object without it is something
/// else, and would look like a workspace without people.
#[derive(Debug, Deserialize)]
pub(super) struct Page {
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) total: Option<i64>,
    pub(super) items: Vec<Row<User>>,
}

/// A user of the workspace. All but id and name may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct User {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) username: Option<String>,
    #[serde(deserialize_with = "lenient::text", rename = "userStatus")]
    pub(super) status: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) created_at: Option<String>,
}

impl User {
    /// What the row says of the person; `None`: a person who is being removed is not there any more (vendor
    /// contract: A3.3, U11).
    ///
    /// A status that is unknown or missing is something that only the vendor understands: the person counts as
    /// there, and is neither invited again nor taken for somebody who accepted.
    pub(super) fn presence(&self) -> Option<Presence> {
        let status = self.status.as_deref().unwrap_or_default();
        let standing = match status.to_ascii_uppercase().as_str() {
            "UNVERIFIED" => Standing::Pending,
            "VERIFIED" => Standing::Member,
            "DELETE_IN_PROGRESS" | "DELETED" => return None,
            _ => Standing::Blocked,
        };
        let [id, created] = [&self.id, &self.created_at].map(|text| text.as_deref().unwrap_or_default());
        let vendor_status = lenient::word(status);
        Some(Presence {
            standing,
            user_id: self.id.clone(),
            invitation_id: None,
            open_invitations: usize::from(standing == Standing::Pending),
            fingerprint: format!("{id}/{created}/{vendor_status}"),
            vendor_status,
            invited: self.created_at.as_deref().and_then(lenient::time),
            expires: None,
            held: None,
        })
    }

    /// What tells this row from others.
    pub(super) fn identity(&self) -> Option<String> {
        Some(self.id.as_deref().or(self.username.as_deref())?.to_lowercase())
    }
}

/// A page of role assignments (vendor contract: A4).
#[derive(Debug, Deserialize)]
pub(super) struct AssignmentPage {
    #[serde(default, deserialize_with = "lenient::number")]
    pub(super) total: Option<i64>,
    pub(super) items: Vec<Row<Assignment>>,
}

/// Who holds which role where (vendor contract: A4).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Assignment {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) principal: Option<String>,
    #[serde(deserialize_with = "lenient::text")]
    pub(super) role: Option<String>,
    #[serde(deserialize_with = "lenient::texts")]
    pub(super) scope: Vec<String>,
}

/// The body of a new role assignment (vendor contract: A4).
#[derive(Debug, Serialize)]
pub(super) struct AssignmentBody<'a> {
    pub(super) principal: String,
    pub(super) role: &'a str,
    pub(super) scope: &'a [String],
}

/// A workspace.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Workspace {
    #[serde(deserialize_with = "lenient::text")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "lenient::text", alias = "name")]
    pub(super) workspace_name: Option<String>,
}

/// The body of an invite.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InviteBody<'a> {
    pub(super) email: &'a str,
    pub(super) send_welcome_email: bool,
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[test]
    fn the_contract_s_page() {
        let page: Page = serde_json::from_value(json!({
            "offset": 0, "count": 1, "total": 1, "items": [{
                "id": "3f1c2b9e-9268-4444-a757-86626efded2c", "type": "user", "generation": 5,
                "createdAt": "2026-01-29T14:21:05.504042", "updatedAt": "2026-02-11T19:35:31.887482",
                "username": "ada@example.com", "userStatus": "VERIFIED", "lastLogin": "2026-02-11T19:35:31.887479"
            }]
        }))
        .unwrap();
        assert_eq!(page.total, Some(1));
        let presence = page.items[0].0.as_ref().unwrap().presence().unwrap();
        assert_eq!(presence.standing, Standing::Member);
        assert_eq!(presence.user_id.as_deref(), Some("3f1c2b9e-9268-4444-a757-86626efded2c"));
        assert_eq!(presence.invited, "2026-01-29T14:21:05.504042Z".parse().ok());
        assert_eq!((presence.open_invitations, presence.invitation_id), (0, None));
    }

    #[rstest]
    #[case("UNVERIFIED", Some(Standing::Pending))]
    #[case("VERIFIED", Some(Standing::Member))]
    #[case("BLOCKED", Some(Standing::Blocked))]
    #[case("SUSPENDED", Some(Standing::Blocked))]
    #[case("DELETE_IN_PROGRESS", None)]
    #[case("DELETED", None)]
    #[case("SOMETHING_NEW", Some(Standing::Blocked))]
    #[case("", Some(Standing::Blocked))]
    fn statuses(#[case] status: &str, #[case] standing: Option<Standing>) {
        let user = User { status: Some(status.to_owned()), ..User::default() };
        assert_eq!(user.presence().map(|presence| presence.standing), standing);
    }

    #[test]
    fn a_login_is_nothing_new() {
        let row = |updated: &str| -> User {
            serde_json::from_value(json!({"id": "1", "username": "a@x", "userStatus": "VERIFIED",
                "createdAt": "2026-01-29T14:21:05Z", "updatedAt": updated, "lastLogin": updated}))
            .unwrap()
        };
        let fingerprint = |row: User| row.presence().unwrap().fingerprint;
        assert_eq!(fingerprint(row("2026-02-01T00:00:00Z")), fingerprint(row("2026-03-01T00:00:00Z")));
    }
}
