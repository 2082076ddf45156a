//! From the people at a vendor whom nobody has declared to manifests that only observe them. Pure.

use std::collections::BTreeSet;

use kube::ResourceExt;
use user_invitation_operator::api::{
    Adoption, AnyProvider, DeletionPolicy, ManagementPolicy, Policy, ProviderKind, ProviderRef, Reason,
    UnmanagedPerson, UserInvitationSpec,
};

use crate::import::manifest::{self, Manifest, Manifests, Unwritable};
use crate::import::{address, names};

/// The longest name of an object.
const NAME_MAX: usize = 253;

/// What becomes of the people.
#[derive(Debug, Default)]
pub struct Export {
    /// The manifests, in the order of the addresses.
    pub manifests: Manifests,
    /// Who can't be declared: the address, and why.
    pub left_out: Vec<(String, LeftOut)>,
    /// Whom the provider never touches.
    pub protected: Vec<String>,
    /// What else somebody should know.
    pub notes: Vec<String>,
}

/// Why somebody can't be declared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LeftOut {
    /// No address as the API takes it.
    #[error("the API takes no such address")]
    Email,
    /// The provider's policy leaves the person out, with this reason.
    #[error("the provider's policy does not allow it ({0})")]
    Refused(String),
    /// No name for the object.
    #[error("its object would have a name that is too long, or that another person's has")]
    Name,
}

/// Makes the manifests of people of a provider, for a namespace.
pub fn export(
    provider: &AnyProvider,
    people: &[UnmanagedPerson],
    namespace: &str,
) -> Result<Export, Unwritable> {
    let mut export = Export { notes: notes(provider, namespace), ..Export::default() };
    let mut known = BTreeSet::new();
    for person in people {
        if person.refusal.as_deref() == Some(Reason::ProtectedPerson.as_str()) {
            export.protected.push(visible(&person.email));
            continue;
        }
        match declared(provider, person, &mut known) {
            Ok((name, spec)) => {
                let manifest: Manifest =
                    manifest::invitation(&name, &spec, remarks(person), Some(namespace))?;
                export.manifests.people.push(manifest);
            }
            Err(why) => export.left_out.push((visible(&person.email), why)),
        }
    }
    Ok(export)
}

/// Name and spec of somebody's object.
fn declared(
    provider: &AnyProvider,
    person: &UnmanagedPerson,
    known: &mut BTreeSet<String>,
) -> Result<(String, UserInvitationSpec), LeftOut> {
    if !address::is_valid(&person.email) {
        return Err(LeftOut::Email);
    }
    if let Some(reason) = &person.refusal {
        return Err(LeftOut::Refused(reason.clone()));
    }
    let name = names::of_person(&provider.name_any(), &person.email);
    if name.len() > NAME_MAX || !known.insert(name.clone()) {
        return Err(LeftOut::Name);
    }
    let spec = UserInvitationSpec {
        provider_ref: ProviderRef { kind: provider.provider_kind(), name: provider.name_any() },
        email: person.email.clone(),
        user_name: person.user_name.clone().filter(|login| names::is_login(login)),
        management_policy: ManagementPolicy::Observe,
        deletion_policy: deletion_policy(&provider.spec.policy),
        ..UserInvitationSpec::default()
    };
    Ok((name, spec))
}

/// The default, or what the policy allows in its place. Whoever is observed is kept anyway.
fn deletion_policy(policy: &Policy) -> DeletionPolicy {
    let wanted = [DeletionPolicy::default(), DeletionPolicy::Retain, DeletionPolicy::Remove];
    let allowed = wanted.into_iter().find(|wanted| policy.allowed_deletion_policies.contains(wanted));
    allowed.unwrap_or_default()
}

/// What the vendor shows of somebody.
fn remarks(person: &UnmanagedPerson) -> Vec<String> {
    let word = person.vendor_status.as_ref().map(|word| format!(" ({word})")).unwrap_or_default();
    let mut remarks = vec![format!("At the vendor: {}{word}", person.standing)];
    match person.access.as_deref() {
        None => remarks.push("Access: the vendor's list does not show it".to_owned()),
        Some([]) => remarks.push("Access: nothing that can be named".to_owned()),
        Some(access) => {
            remarks.push("Access:".to_owned());
            remarks.extend(access.iter().map(|held| format!("  {held}")));
        }
    }
    if person.access_omitted > 0 {
        remarks.push(format!("  and {} more", person.access_omitted));
    }
    remarks
}

/// What the provider means for the manifests as a whole.
fn notes(provider: &AnyProvider, namespace: &str) -> Vec<String> {
    let mut notes = Vec::new();
    if provider.spec.policy.adoption == Adoption::Forbid {
        notes.push(
            "the provider's policy.adoption is Forbid: these people can be observed, but an invitation that manages one of \
             them is refused (UserExists)"
                .to_owned(),
        );
    }
    let named = |provider: &AnyProvider| {
        let allowed = provider.allowed_namespaces.as_ref();
        allowed.is_some_and(|allowed| allowed.selector.is_some() || allowed.names(namespace))
    };
    if provider.provider_kind() == ProviderKind::ClusterInvitationProvider && !named(provider) {
        notes.push(format!(
            "the provider's allowedNamespaces does not have the namespace {namespace}: choose another one with -n, or have it \
             added"
        ));
    }
    notes
}

/// A vendor's text for a terminal.
fn visible(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
