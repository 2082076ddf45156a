//! One invitation as auditors read it: a row of CSV, or an object of JSON.

use serde::Serialize;
use user_invitation_operator::api::condition::find_condition;
use user_invitation_operator::api::{ConditionType, Origin, UserInvitation};

/// One row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// The object's namespace.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The provider's kind.
    pub provider_kind: &'static str,
    /// The provider's name.
    pub provider: String,
    /// The vendor of the tenant in which the person was invited.
    pub vendor: String,
    /// That tenant's account.
    pub account: String,
    /// The person.
    pub email: String,
    /// The login name, where it is another one.
    pub user_name: String,
    /// Where the invitation stands.
    pub state: &'static str,
    /// Whether what `readyWhen` asks for is reached.
    pub ready: String,
    /// Why, or why not.
    pub reason: String,
    /// Whether nothing will change by itself.
    pub stalled: bool,
    /// Whether the person has accepted: True, False or Unknown.
    pub accepted: String,
    /// Whether the person came by invitation or was there before.
    pub origin: &'static str,
    /// When the vendor took the invitation.
    pub invited_time: String,
    /// When the person accepted.
    pub accepted_time: String,
    /// When the invitation ends.
    pub expiration_time: String,
    /// What was granted, as JSON in the shape of spec.access.
    pub access: String,
    /// The person's id at the vendor.
    pub vendor_user_id: String,
    /// The vendor's word for the person's status.
    pub vendor_status: String,
}

impl Line {
    /// The row of an invitation.
    pub fn of(object: &UserInvitation) -> Self {
        let status = object.status.clone().unwrap_or_default();
        let condition = |type_| find_condition(&status.conditions, type_);
        let said = |type_| condition(type_).map(|it| it.status.clone()).unwrap_or_default();
        let time = |time: Option<&k8s_openapi::apimachinery::pkg::apis::meta::v1::Time>| {
            time.map(|time| time.0.to_string()).unwrap_or_default()
        };
        let tenant = status.tenant.clone();
        let access = status.applied_access.as_ref().and_then(|access| serde_json::to_string(access).ok());
        Self {
            namespace: object.metadata.namespace.clone().unwrap_or_default(),
            name: object.metadata.name.clone().unwrap_or_default(),
            provider_kind: object.spec.provider_ref.kind.as_str(),
            provider: object.spec.provider_ref.name.clone(),
            vendor: tenant.as_ref().map(|tenant| tenant.vendor.clone()).unwrap_or_default(),
            account: tenant.map(|tenant| tenant.account_id).unwrap_or_default(),
            email: object.spec.email.clone(),
            user_name: object.spec.user_name.clone().unwrap_or_default(),
            state: status.state.map_or("", user_invitation_operator::api::InvitationState::as_str),
            ready: said(ConditionType::Ready),
            reason: condition(ConditionType::Ready).map(|it| it.reason.clone()).unwrap_or_default(),
            stalled: condition(ConditionType::Stalled).is_some_and(|it| it.status == "True"),
            accepted: said(ConditionType::Accepted),
            origin: match status.origin {
                Some(Origin::Invited) => "Invited",
                Some(Origin::Adopted) => "Adopted",
                Some(Origin::Other) => "Other",
                None => "",
            },
            invited_time: time(status.invited_time.as_ref()),
            accepted_time: time(status.accepted_time.as_ref()),
            expiration_time: time(status.invitation_expiration_time.as_ref()),
            access: access.unwrap_or_default(),
            vendor_user_id: status.vendor_user_id.clone().unwrap_or_default(),
            vendor_status: status.vendor_status.clone().unwrap_or_default(),
        }
    }

    /// The same with an apostrophe before what a spreadsheet program would take for a formula.
    pub fn harmless(mut self) -> Self {
        for text in [&mut self.email, &mut self.user_name, &mut self.vendor_status, &mut self.vendor_user_id]
        {
            if text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
                text.insert(0, '\'');
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        let line = |email: &str| Line { email: email.to_owned(), ..Line::default() }.harmless().email;
        assert_eq!(line("=1+1@example.com"), "'=1+1@example.com");
        assert_eq!(line("ada@example.com"), "ada@example.com");
    }
}
