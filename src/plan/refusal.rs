//! What is refused before anything is sent.

use super::access::{self, AccessRefusal};
use super::input::{Input, ProviderFacts};
use crate::api::{DeletionPolicy, ManagementPolicy, Notification, Policy, Reason, UserInvitationSpec};
use crate::vendor::{self, Capabilities, Grant, InviteTerms};

/// How many of the allowed domains a refusal names.
const DOMAINS_NAMED: usize = 5;

/// A refusal, in our own words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refused {
    pub reason: Reason,
    pub message: String,
}

/// What may be sent, and how.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Permitted {
    /// What the person is to hold, in the vendor's ids; empty: what the vendor gives by itself.
    pub grants: Vec<Grant>,
    pub terms: InviteTerms,
}

/// What becomes of the wish to send something.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Verdict {
    /// It may be sent.
    Permitted(Box<Permitted>),
    /// It may not.
    Refused(Refused),
    /// Nobody knows before the provider's credential has shown what the vendor can do, and whose it is.
    Undecided,
}

/// Checks an invitation against its provider's policy and its vendor's abilities.
pub(super) fn check(spec: &UserInvitationSpec, provider: &ProviderFacts<'_>) -> Verdict {
    verdict(spec, provider, false)
}

/// The same for one that is not being deleted. Somebody who is only observed, and there, needs nothing that is only sent.
pub(super) fn check_live(input: &Input<'_>, provider: &ProviderFacts<'_>) -> Verdict {
    let spec = &input.object.spec;
    let sighting = input.person.and_then(|person| person.sighting.as_ref());
    let there = sighting.is_some_and(|sighting| sighting.present().is_some());
    verdict(spec, provider, there && spec.management_policy == ManagementPolicy::Observe)
}

fn verdict(spec: &UserInvitationSpec, provider: &ProviderFacts<'_>, only_seen: bool) -> Verdict {
    match permitted(spec, provider, only_seen) {
        Ok(Some(permitted)) => Verdict::Permitted(Box::new(permitted)),
        Ok(None) => Verdict::Undecided,
        Err(refused) => Verdict::Refused(refused),
    }
}

fn permitted(
    spec: &UserInvitationSpec,
    provider: &ProviderFacts<'_>,
    only_seen: bool,
) -> Result<Option<Permitted>, Refused> {
    let policy = &provider.object.spec.policy;
    let refusal = of_person(&spec.email, spec.user_name.as_deref(), policy, provider.own_login)
        .or_else(|| deletion_policy(spec.deletion_policy, policy));
    if let Some(refused) = refusal {
        return Err(refused);
    }
    let asked = access::asked(spec, &provider.object.spec).map_err(refused)?;
    if !provider.has_credential {
        return Ok(None);
    }
    if let Some(refused) = unprotected_removal(spec, provider) {
        return Err(refused);
    }
    let can = &provider.capabilities;
    let notification = notification(spec.notification, can)?;
    asked_of_person(spec, can, only_seen)?;
    let Some(grants) = access::located(&asked, can, provider.names).map_err(refused)? else {
        return Ok(None);
    };
    let carried = if can.access_in_invite { grants.clone() } else { Vec::new() };
    Ok(Some(Permitted { grants, terms: InviteTerms { grants: carried, notification } }))
}

/// What an invitation says of the person, against what the vendor needs and takes.
fn asked_of_person(spec: &UserInvitationSpec, can: &Capabilities, only_seen: bool) -> Result<(), Refused> {
    if can.names_required && !only_seen && (spec.first_name.is_none() || spec.last_name.is_none()) {
        return Err(Refused {
            reason: Reason::NameRequired,
            message: "this vendor creates nobody without a name: fill in firstName and lastName".to_owned(),
        });
    }
    let unsupported =
        |message: &str| Err(Refused { reason: Reason::UnsupportedByVendor, message: message.to_owned() });
    if spec.user_name.is_some() && !can.logins {
        return unsupported("this vendor has no login name apart from the e-mail: remove userName");
    }
    if spec.initial_password_secret_ref.is_some() && !can.initial_passwords {
        return unsupported("this vendor takes no password to begin with: remove initialPasswordSecretRef");
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value)] // as `map_err` gives it
fn refused(refusal: AccessRefusal) -> Refused {
    Refused { reason: refusal.reason(), message: refusal.to_string() }
}

/// Why deleting the object takes nobody away, whatever it asks for.
pub(super) fn of_deletion(spec: &UserInvitationSpec, provider: &ProviderFacts<'_>) -> Option<Refused> {
    let policy = &provider.object.spec.policy;
    protected(&spec.email, spec.user_name.as_deref(), policy, provider.own_login)
        .or_else(|| deletion_policy(spec.deletion_policy, policy))
        .or_else(|| unprotected_removal(spec, provider))
}

/// Why nobody may ask for this person, whatever is asked for.
pub(super) fn of_person(
    email: &str,
    login: Option<&str>,
    policy: &Policy,
    own_login: Option<&str>,
) -> Option<Refused> {
    protected(email, login, policy, own_login).or_else(|| domain(email, policy))
}

fn protected(email: &str, login: Option<&str>, policy: &Policy, own_login: Option<&str>) -> Option<Refused> {
    let mut names = std::iter::once(email).chain(login);
    names.any(|name| is_protected(name, policy, own_login)).then(|| Refused {
        reason: Reason::ProtectedPerson,
        message: "the provider never touches this person: the address is protected, or is the credential's \
                  own account"
            .to_owned(),
    })
}

fn domain(email: &str, policy: &Policy) -> Option<Refused> {
    let allowed = &policy.allowed_email_domains;
    let domain = email.rsplit_once('@').map_or("", |(_, domain)| domain);
    if allowed.is_empty() || allowed.iter().any(|allowed| allowed.eq_ignore_ascii_case(domain)) {
        return None;
    }
    let some: Vec<&str> = allowed.iter().map(String::as_str).take(DOMAINS_NAMED).collect();
    let more = if allowed.len() > DOMAINS_NAMED { " and others" } else { "" };
    Some(Refused {
        reason: Reason::DomainNotAllowed,
        message: format!(
            "the provider's policy allows addresses of {}{more} only: declare the person under such an address, or \
             have the domain added to policy.allowedEmailDomains",
            some.join(", ")
        ),
    })
}

fn deletion_policy(wanted: DeletionPolicy, policy: &Policy) -> Option<Refused> {
    let allowed = &policy.allowed_deletion_policies;
    if allowed.contains(&wanted) {
        return None;
    }
    let names: Vec<&str> = allowed.iter().map(|policy| policy.as_str()).collect();
    Some(Refused {
        reason: Reason::DeletionPolicyNotAllowed,
        message: format!(
            "the provider's policy does not allow deletionPolicy {}: choose {}",
            wanted.as_str(),
            names.join(" or ")
        ),
    })
}

fn unprotected_removal(spec: &UserInvitationSpec, provider: &ProviderFacts<'_>) -> Option<Refused> {
    let nobody_is_protected =
        provider.own_login.is_none() && provider.object.spec.policy.protected_emails.is_empty();
    let removes = spec.deletion_policy == DeletionPolicy::Remove;
    (removes && provider.has_credential && nobody_is_protected).then(|| Refused {
        reason: Reason::ProtectedPerson,
        message: "deletionPolicy Remove is refused: the credential does not reveal its own account, so name \
                  the tenant's owners in the provider's policy.protectedEmails first"
            .to_owned(),
    })
}

/// Whether an address or login name is that of somebody who is never touched.
fn is_protected(email: &str, policy: &Policy, own_login: Option<&str>) -> bool {
    let protected = policy.protected_emails.iter().map(String::as_str);
    protected.chain(own_login).any(|address| address.trim().eq_ignore_ascii_case(email.trim()))
}

fn notification(wanted: Notification, can: &Capabilities) -> Result<vendor::Notification, Refused> {
    let refused = |what: &str| {
        Err(Refused {
            reason: Reason::UnsupportedByVendor,
            message: format!("this vendor can't {what}: choose another notification"),
        })
    };
    match wanted {
        Notification::Send => Ok(vendor::Notification::Send),
        Notification::NewAccountsOnly if can.suppress_known => Ok(vendor::Notification::NewAccountsOnly),
        Notification::NewAccountsOnly => refused("limit its mails to people without an account"),
        Notification::Suppress if can.suppress_all => Ok(vendor::Notification::Suppress),
        Notification::Suppress => refused("invite without a mail"),
    }
}
