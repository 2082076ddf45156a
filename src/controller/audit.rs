//! The audit trail: one line in the log for each person of each call that writes at a vendor.

use tracing::info;

use crate::telemetry::LogEmails;
use crate::tenant::{Made, Wish, WriteKind};
use crate::vendor::{MemberAnswer, TenantKey, VendorError};

/// Where these lines stand in the log, for filters and for whoever collects them.
const TARGET: &str = "audit";

/// What one line says, beside its object and tenant.
#[derive(Debug, PartialEq, Eq)]
struct Said<'a> {
    what: &'static str,
    vendor_id: Option<&'a str>,
    outcome: &'static str,
    /// The HTTP status, where there was an answer that says no.
    status: Option<u16>,
    /// The vendor's code, which cannot hold a text.
    code: Option<&'a str>,
}

/// Writes the line of one person.
pub(super) fn line(tenant: &TenantKey, made: &Made<'_>, emails: LogEmails) {
    let Said { what, vendor_id, outcome, status, code } = said(made);
    let request = &made.intent.request;
    info!(
        target: TARGET,
        object = %format_args!("{}/{}", request.object.namespace, request.object.name),
        uid = request.object.uid,
        provider = request.provider.0,
        what,
        tenant = %tenant,
        person = emails.shown(request.person.key()),
        vendor_id = vendor_id.map(|id| id_shown(id, emails)),
        attempt = made.intent.attempt,
        outcome,
        status,
        code,
        "vendor write"
    );
}

/// Where the vendor's id of a person is the address, it is shown like one.
fn id_shown(id: &str, emails: LogEmails) -> String {
    if id.contains('@') { emails.shown(&id.to_lowercase()) } else { id.to_owned() }
}

fn said<'a>(made: &Made<'a>) -> Said<'a> {
    let wish = &made.intent.request.wish;
    let what = match wish.kind() {
        WriteKind::Invite => "invite",
        WriteKind::Cancel => "cancel",
        WriteKind::Remove => "remove",
        WriteKind::Edit => "edit",
    };
    let known = match wish {
        Wish::Invite(_) => None,
        Wish::Cancel(target) => target.invitation_id.as_deref().or(target.user_id.as_deref()),
        Wish::Remove(target) | Wish::Edit(target, _) => target.user_id.as_deref(),
    };
    let (outcome, vendor_id, status, code) = match made.answer {
        MemberAnswer::Accepted { user_id } => ("accepted", user_id.as_deref().or(known), None, None),
        MemberAnswer::Refused(refusal) => ("refused", known, Some(refusal.status), refusal.code.as_deref()),
        MemberAnswer::Ambiguous(error) => {
            let (status, code) = answered(error);
            ("unclear", known, status, code)
        }
        MemberAnswer::NotSent(error) => {
            let (status, code) = answered(error);
            ("not_sent", known, status, code)
        }
    };
    Said { what, vendor_id, outcome, status, code }
}

fn answered(error: &VendorError) -> (Option<u16>, Option<&str>) {
    match error {
        VendorError::Status { status, code, .. } => (Some(*status), code.as_deref()),
        VendorError::CredentialRefused { status, .. } => (Some(*status), None),
        VendorError::Connect { .. }
        | VendorError::AddressNotAllowed { .. }
        | VendorError::NoAnswer { .. }
        | VendorError::BadAnswer { .. }
        | VendorError::ExternallyManaged { .. }
        | VendorError::Paused { .. } => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tenant::{Intent, ObjectId, ProviderId, Request};
    use crate::vendor::{Email, ErrorClass, InviteTerms, Notification, Person, Refusal, Target};

    fn intent(wish: Wish) -> Intent {
        let object = ObjectId { namespace: "team-a".to_owned(), name: "ada".to_owned(), uid: "u".to_owned() };
        let person = Person::with_email(Email::new("Ada@example.com"));
        let provider = ProviderId("team-a/csp".to_owned());
        let request = Request { object, provider, person, wish, alone: false };
        Intent { attempt: "1".to_owned(), request, baseline: String::new() }
    }

    fn target() -> Target {
        Target {
            email: Email::new("ada@example.com"),
            user_id: Some("user-7".to_owned()),
            invitation_id: Some("invitation-3".to_owned()),
        }
    }

    #[test]
    fn an_id_that_is_an_address_is_shown_like_one() {
        assert_eq!(id_shown("User-7", LogEmails::Hashed), "User-7");
        assert_eq!(id_shown("Ada@example.com", LogEmails::Plain), "ada@example.com");
        assert_eq!(
            id_shown("Ada@example.com", LogEmails::Hashed),
            LogEmails::Hashed.shown("ada@example.com")
        );
    }

    #[test]
    fn each_line_has_the_best_known_id_and_what_came_of_it() {
        let refused = MemberAnswer::Refused(Refusal {
            class: ErrorClass::Invalid,
            status: 400,
            code: Some("E7".to_owned()),
        });
        let invite =
            intent(Wish::Invite(InviteTerms { grants: Vec::new(), notification: Notification::Send }));
        let accepted = MemberAnswer::Accepted { user_id: Some("user-8".to_owned()) };
        let told = |intent: &Intent, answer: &MemberAnswer| {
            let said = said(&Made { intent, answer });
            let id = said.vendor_id.map(ToOwned::to_owned);
            (said.what, id, said.outcome, said.status, said.code.map(ToOwned::to_owned))
        };
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told(&invite, &accepted), ("invite", some("user-8"), "accepted", None, None));
        assert_eq!(told(&invite, &refused), ("invite", None, "refused", Some(400), some("E7")));

        let quiet = MemberAnswer::Accepted { user_id: None };
        let cancel = intent(Wish::Cancel(target()));
        assert_eq!(told(&cancel, &quiet), ("cancel", some("invitation-3"), "accepted", None, None));
        let remove = intent(Wish::Remove(target()));
        let lost =
            MemberAnswer::Ambiguous(VendorError::NoAnswer { host: "h".to_owned(), cause: "timed out" });
        assert_eq!(told(&remove, &lost), ("remove", some("user-7"), "unclear", None, None));
        let paused =
            MemberAnswer::NotSent(VendorError::CredentialRefused { host: "h".to_owned(), status: 401 });
        assert_eq!(told(&remove, &paused), ("remove", some("user-7"), "not_sent", Some(401), None));
    }
}
