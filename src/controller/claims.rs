//! Whose person it is: the other invitations of one address, and of one login name.

use kube::ResourceExt;

use super::context::{Context, by_login, by_person, login, provider_key};
use super::convert;
use super::gather::{facts, found_record};
use super::store::Stored;
use crate::api::record::FoundRecord;
use crate::api::{ManagementPolicy, Record, UserInvitation};
use crate::plan::{self, Candidate, Claim};
use crate::vendor::{Email, TenantKey};

impl Context {
    /// Whose person it is, among all invitations of that address, and of that login name, in that tenant.
    pub(super) fn claim(&self, object: &UserInvitation, tenant: &TenantKey) -> Claim {
        let uid = object.uid().unwrap_or_default();
        let rivals = self.invitations.indexed(&by_person(Email::new(&object.spec.email).key()));
        let namesakes = self.namesakes(object, tenant);
        let (records, other_records) = (records(&rivals, tenant), records(&namesakes, tenant));
        let candidates = self.candidates(&rivals, &records, tenant);
        let namesakes = self.candidates(&namesakes, &other_records, tenant);
        plan::claim(&candidates, &namesakes, &uid)
    }

    /// Invitations of other addresses with the same login name; none where a vendor's login names are addresses.
    fn namesakes(&self, object: &UserInvitation, tenant: &TenantKey) -> Vec<Stored<UserInvitation>> {
        let email = Email::new(&object.spec.email);
        let login = login(object);
        let mut namesakes = self.invitations.indexed(&by_login(&login));
        if login != email.key() {
            namesakes.extend(self.invitations.indexed(&by_person(&login)));
        }
        namesakes.retain(|other| {
            Email::new(&other.object.spec.email).key() != email.key() && self::login(&other.object) == login
        });
        if namesakes.is_empty() || self.has_logins(tenant) { namesakes } else { Vec::new() }
    }

    /// Whether people of the tenant have login names apart from their addresses.
    fn has_logins(&self, tenant: &TenantKey) -> bool {
        let states = self.states();
        let mut of_tenant = states.values().filter(|state| state.tenant.as_ref() == Some(tenant));
        of_tenant.any(|state| state.capabilities.is_some_and(|can| can.logins))
    }

    fn candidates<'a>(
        &self,
        rivals: &'a [Stored<UserInvitation>],
        records: &'a [Option<Box<Record>>],
        tenant: &TenantKey,
    ) -> Vec<Candidate<'a>> {
        let rivals = rivals.iter().zip(records);
        rivals
            .filter_map(|(rival, record)| self.candidate(&rival.object, record.as_deref(), tenant))
            .collect()
    }

    fn candidate<'a>(
        &self,
        rival: &'a UserInvitation,
        record: Option<&'a Record>,
        tenant: &TenantKey,
    ) -> Option<Candidate<'a>> {
        let provider_key = provider_key(rival);
        let provider = self.provider_of(rival).found();
        let state = provider
            .as_ref()
            .and_then(|provider| self.state(&provider_key, provider.object.metadata.uid.as_deref()));
        let same_tenant = state.as_ref().and_then(|state| state.tenant.as_ref()) == Some(tenant);
        if record.is_none() && !same_tenant {
            return None;
        }
        let names = provider.as_ref().and_then(|provider| self.names_for(rival, &provider.object, tenant));
        let facts =
            provider.as_ref().map(|provider| facts(&provider.object, state.as_ref(), None, names.as_deref()));
        let permitted = rival.spec.management_policy != ManagementPolicy::Observe
            && facts.is_some_and(|facts| plan::permits(&rival.spec, &facts));
        let serves = state.is_some_and(|state| state.serves && same_tenant);
        let deleted = rival.metadata.deletion_timestamp.is_some();
        Some(Candidate {
            namespace: rival.metadata.namespace.as_deref().unwrap_or_default(),
            name: rival.metadata.name.as_deref().unwrap_or_default(),
            uid: rival.metadata.uid.as_deref().unwrap_or_default(),
            created: rival.metadata.creation_timestamp.as_ref().map(|time| time.0),
            deleted,
            record,
            claims: !deleted && permitted && (record.is_some() || serves),
        })
    }
}

/// What the invitations themselves have recorded in this tenant.
fn records(rivals: &[Stored<UserInvitation>], tenant: &TenantKey) -> Vec<Option<Box<Record>>> {
    let own = |rival: &Stored<UserInvitation>| match found_record(&rival.object) {
        FoundRecord::Own(record) if convert::tenant_key(&record.tenant).as_ref() == Some(tenant) => {
            Some(record)
        }
        FoundRecord::Own(_) | FoundRecord::Absent | FoundRecord::Foreign(_) | FoundRecord::Ignored(_) => None,
    };
    rivals.iter().map(own).collect()
}
