//! What people read: our own words, stable, and each says what to do where something can be done.

use crate::api::{ProviderRef, Reason};
use crate::vendor::{ErrorClass, Refusal};

pub(super) fn provider_not_found(name: &str) -> String {
    format!(
        "there is no InvitationProvider {name:?} in this namespace: create it, or delete this object and name \
         another one (kubectl get iprov)"
    )
}

/// The same words whether there is such a provider or not: nobody learns what a namespace may not use.
pub(super) fn namespace_not_allowed(name: &str) -> String {
    format!(
        "there is no ClusterInvitationProvider {name:?} that this namespace may use: ask whoever runs the cluster to \
         put the namespace into its allowedNamespaces, or delete this object and name another one"
    )
}

pub(super) fn provider_not_ready(reference: &ProviderRef) -> String {
    let ProviderRef { kind, name } = reference;
    format!("the {} {name:?} is not ready: see kubectl describe {} {name}", kind.as_str(), kind.short_name())
}

pub(super) fn adoption_forbidden() -> String {
    "the person was in the tenant before, and the provider's policy.adoption forbids to take such people over: \
     delete this object, or have adoption set to ObserveOnly or Manage"
        .to_owned()
}

/// What is said when policy does not allow a deletion to call the vendor.
pub(super) fn takes_nobody_away(reason: Reason) -> String {
    let why = match reason {
        Reason::NamespaceNotAllowed => "this namespace may no longer use the provider",
        Reason::ProtectedPerson => {
            "the provider never touches this person, or nobody protects the tenant's owners"
        }
        _ => "the provider's policy does not allow this deletionPolicy",
    };
    format!("{why}, so nobody was taken away; what the person holds at the vendor stays")
}

pub(super) fn tenant_changed() -> String {
    "the person was invited in another tenant than the provider's present one, so nothing is sent; delete this \
     object and create it anew for the new tenant"
        .to_owned()
}

pub(super) fn duplicate(of: Option<&str>) -> String {
    match of {
        Some(name) => format!(
            "UserInvitation {name:?} already speaks for this person, or for this login name, in this tenant, so nothing is \
             sent; delete one of the two"
        ),
        None => {
            "another object already speaks for this person, or for this login name, in this tenant, so nothing is sent; \
             delete one of the two"
                .to_owned()
        }
    }
}

pub(super) fn access_of_pending() -> String {
    "what the invitation grants shows once the person has accepted it".to_owned()
}

pub(super) fn access_not_edited_by_vendor() -> String {
    "this vendor, as it is set up, can't change what a person holds".to_owned()
}

pub(super) fn access_in_sync() -> String {
    "the person holds what is asked for".to_owned()
}

pub(super) fn access_not_shown() -> String {
    "the vendor does not show all that the person holds, so nothing is changed".to_owned()
}

pub(super) fn access_only_observed() -> String {
    "the person holds other things than asked for; this object only invites or observes, so nothing is changed"
        .to_owned()
}

pub(super) fn access_is_mended() -> String {
    "the person holds other things than asked for; it is being changed".to_owned()
}

pub(super) fn another_login() -> String {
    "the vendor has this address under another login name than userName, so nothing is done; delete this object and \
     create it anew with the login name that the vendor has"
        .to_owned()
}

pub(super) const fn refusal_reason(class: ErrorClass) -> Reason {
    match class {
        ErrorClass::Authentication => Reason::AuthenticationFailed,
        ErrorClass::Forbidden => Reason::Forbidden,
        ErrorClass::Invalid => Reason::InvalidRequest,
        ErrorClass::Conflict => Reason::UserExists,
        ErrorClass::Throttled => Reason::Throttled,
        ErrorClass::Transient => Reason::VendorUnavailable,
        ErrorClass::Ambiguous => Reason::UnexpectedAnswer,
        ErrorClass::Unsupported => Reason::UnsupportedByVendor,
    }
}

/// The reason of a name that stands in a status.
pub(super) fn reason_named(name: &str) -> Reason {
    Reason::ALL.iter().copied().find(|reason| reason.as_str() == name).unwrap_or(Reason::Rejected)
}

pub(super) fn refusal(refusal: &Refusal) -> String {
    let code = refusal.code.as_deref().map(|code| format!(", {code}")).unwrap_or_default();
    let what = match refusal.class {
        ErrorClass::Authentication => "the vendor did not accept the credential",
        ErrorClass::Forbidden => {
            "the credential may not do this for the person: give it the right, or ask for less"
        }
        ErrorClass::Invalid => {
            "the vendor calls the request invalid: check the address and the access asked for"
        }
        ErrorClass::Conflict => "the vendor says that the person exists already, and does not show them",
        ErrorClass::Throttled => "the vendor asked for fewer requests; it is tried again",
        ErrorClass::Transient => "the vendor can't answer now; it is tried again",
        ErrorClass::Ambiguous => "the vendor's answer is not one that its documents know",
        ErrorClass::Unsupported => "the vendor can't do this",
    };
    format!(
        "{what} (status {}{code}); nothing is tried again until this object or its provider changes",
        refusal.status
    )
}

pub(super) fn refused_before() -> String {
    "the vendor refused this; nothing is tried again until this object or its provider changes".to_owned()
}

pub(super) fn abandon(message: &str) -> String {
    format!(
        "{message}; or annotate the object with userinvitation.dev/abandon=true to let it go without the vendor"
    )
}

pub(super) fn credentials_missing(provider: &ProviderRef) -> String {
    format!(
        "deleting owes a call to the vendor, and there is no working credential for it: bring the {} {:?} and its \
         Secret back",
        provider.kind.as_str(),
        provider.name
    )
}

pub(super) fn record_unreadable() -> String {
    "the operator's record on this object can't be read by this version, so what is owed is not known: run the \
     version that wrote it"
        .to_owned()
}

pub(super) fn settling() -> String {
    "an earlier call to the vendor is being settled; the object goes after that".to_owned()
}

pub(super) fn waits_for_a_look() -> String {
    "waits for a look at the vendor".to_owned()
}

pub(super) fn waits_for_others() -> String {
    "waits a little before the vendor is called, to see how many deletions there are".to_owned()
}

pub(super) fn removal_held(reference: &ProviderRef) -> String {
    let ProviderRef { kind, name } = reference;
    format!(
        "more deletions owe a call than the provider's policy.removalsHeldAbove, so none is made before somebody \
         approves: see kubectl describe {} {name}; or annotate this object with userinvitation.dev/abandon=true to let \
         it go without the vendor",
        kind.short_name()
    )
}

pub(super) fn deletion_in_dry_run() -> String {
    "deleting owes a call to the vendor, and the provider's mode is DryRun: set it to Enforce".to_owned()
}

pub(super) fn deletion_suspended() -> String {
    "deleting owes a call to the vendor, and the provider's mode is Suspended: set it to Enforce".to_owned()
}

pub(super) fn planned_in_dry_run() -> String {
    "the provider's mode is DryRun: status.plan says what would be written at the vendor, and nothing is"
        .to_owned()
}

pub(super) fn planned_by_observer() -> String {
    "managementPolicy is Observe: status.plan says what Manage would write at the vendor, and nothing is"
        .to_owned()
}

pub(super) fn too_many_removals() -> String {
    "the namespace is being deleted with more owed removals than the provider's policy.removalsHeldAbove, so none is \
     made; what the person holds at the vendor stays"
        .to_owned()
}

pub(super) fn handing_over() -> String {
    "another object takes this person over; nothing is called".to_owned()
}

pub(super) fn waits_for_owner() -> String {
    "another deleted object for this person acts first".to_owned()
}

pub(super) fn revoking() -> String {
    "the pending invitation is being taken back".to_owned()
}

pub(super) fn removing() -> String {
    "the person is being removed from the tenant".to_owned()
}

pub(super) fn abandoned() -> String {
    "the object was let go without calling the vendor, as its annotation asks; what the person holds at the vendor \
     stays"
        .to_owned()
}

pub(super) fn cannot_take_away() -> String {
    "the vendor can't do what deletionPolicy asks for; what the person holds at the vendor stays".to_owned()
}

pub(super) fn another_person() -> String {
    "the vendor shows another person or invitation under this address than the recorded one, so nobody was taken \
     away"
        .to_owned()
}

pub(super) fn given_up() -> String {
    "the namespace is being deleted and the vendor could not be called; what the person holds at the vendor stays"
        .to_owned()
}
