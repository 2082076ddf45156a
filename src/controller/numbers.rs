//! What is counted for a scrape: one walk over the invitations, and what each provider and its tenant know anyway.

use std::collections::HashMap;
use std::time::Duration;

use super::context::{Context, provider_key};
use super::convert;
use super::store::{Key, Stored};
use crate::api::condition::find_condition;
use crate::api::{
    AnyProvider, ConditionStatus, ConditionType, InvitationState, ProviderStatus, Reason, UserInvitation,
};
use crate::metrics::labels::Kind;
use crate::metrics::{Numbers, ProviderNumbers, Source, TenantNumbers};

impl Source for Context {
    fn numbers(&self) -> Option<Numbers> {
        if !self.writer.leads() {
            return None;
        }
        let mut numbers = Numbers { stored: self.stored(), ..Numbers::default() };
        let mut places = HashMap::new();
        for stored in self.providers.all() {
            let key = Key::of(&*stored.object);
            if let Some(provider) = self.numbers_of(&key, &stored.object) {
                places.insert(key, numbers.providers.len());
                numbers.providers.push(provider);
            }
        }
        for stored in self.invitations.all() {
            let place = places.get(&provider_key(&stored.object)).filter(|_| self.may_use(&stored));
            match place.and_then(|place| numbers.providers.get_mut(*place)) {
                Some(provider) => count(provider, &stored.object),
                None => numbers.without_provider += 1,
            }
        }
        numbers.providers.sort_unstable_by(|a, b| (&a.namespace, &a.name).cmp(&(&b.namespace, &b.name)));
        Some(numbers)
    }
}

impl Context {
    fn stored(&self) -> Vec<(Kind, usize)> {
        vec![
            (Kind::UserInvitation, self.invitations.len(false)),
            (Kind::InvitationProvider, self.providers.len(false)),
            (Kind::ClusterInvitationProvider, self.providers.len(true)),
            (Kind::Namespace, self.namespace_labels.store.len(true)),
        ]
    }

    /// Whether the namespace may use the provider that its invitation names.
    fn may_use(&self, invitation: &Stored<UserInvitation>) -> bool {
        self.provider_of(&invitation.object).found().is_some()
    }

    /// A provider's numbers, without those of its invitations; `None`: it names no vendor.
    fn numbers_of(&self, key: &Key, provider: &AnyProvider) -> Option<ProviderNumbers> {
        let vendor = provider.spec.vendor()?;
        let state = self.state(key, provider.metadata.uid.as_deref());
        let tenant = state.as_ref().filter(|state| state.serves).and_then(|state| state.tenant.as_ref());
        let load = tenant.and_then(|tenant| self.tenants.load(tenant));
        let blocked = tenant.and_then(|tenant| {
            self.limiter(tenant, convert::requests_per_minute(&provider.spec, tenant.vendor)).blocked_for()
        });
        Some(ProviderNumbers {
            vendor,
            namespace: key.namespace.clone(),
            name: key.name.clone(),
            invitations: std::collections::BTreeMap::new(),
            stalled: 0,
            oldest_pending: None,
            ready: provider.status.as_ref().and_then(ready),
            removals_held: provider.status.as_ref().map_or(0, removals_held),
            blocked: blocked.unwrap_or(Duration::ZERO),
            credential_written: state
                .as_ref()
                .and_then(|state| state.sources.as_ref())
                .and_then(|sources| sources.written),
            credential_expires: state.as_ref().and_then(|state| state.credential_expires),
            tenant: load.map(|load| TenantNumbers {
                queued: load.queued,
                open_writes: load.open_writes,
                since_sweep: load.since_sweep,
                sweep_interval: load.resync,
            }),
        })
    }
}

fn ready(status: &ProviderStatus) -> Option<(bool, Reason)> {
    let condition = find_condition(&status.conditions, ConditionType::Ready)?;
    let reason = Reason::ALL.iter().find(|reason| reason.as_str() == condition.reason)?;
    Some((condition.status == ConditionStatus::True.as_str(), *reason))
}

/// Deletions that wait for an approval; those that are approved go on.
fn removals_held(status: &ProviderStatus) -> usize {
    let held = status.removals_held.as_ref().filter(|held| held.approved_time.is_none());
    held.map_or(0, |held| usize::try_from(held.count).unwrap_or_default())
}

fn count(provider: &mut ProviderNumbers, invitation: &UserInvitation) {
    let status = invitation.status.as_ref();
    let state = status.and_then(|status| status.state).unwrap_or(InvitationState::Queued);
    *provider.invitations.entry(state).or_default() += 1;
    let Some(status) = status else { return };
    if find_condition(&status.conditions, ConditionType::Stalled)
        .is_some_and(|stalled| stalled.status == ConditionStatus::True.as_str())
    {
        provider.stalled += 1;
    }
    if state == InvitationState::Pending
        && let Some(sent) = &status.invited_time
    {
        provider.oldest_pending = Some(provider.oldest_pending.map_or(sent.0, |oldest| oldest.min(sent.0)));
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;
    use crate::vendor::Vendor;

    fn nothing() -> ProviderNumbers {
        ProviderNumbers {
            vendor: Vendor::HpeGreenLake,
            namespace: "a".to_owned(),
            name: "p".to_owned(),
            invitations: std::collections::BTreeMap::new(),
            stalled: 0,
            oldest_pending: None,
            ready: None,
            removals_held: 0,
            blocked: Duration::ZERO,
            credential_written: None,
            credential_expires: None,
            tenant: None,
        }
    }

    fn invitation(state: &str, invited: &str, stalled: bool) -> UserInvitation {
        let time = "2026-01-01T00:00:00Z";
        let conditions = if stalled {
            json!([{"type": "Stalled", "status": "True", "reason": "NotReconciled", "message": "",
                "lastTransitionTime": time}])
        } else {
            json!([])
        };
        serde_json::from_value(json!({
            "apiVersion": "userinvitation.dev/v1alpha1", "kind": "UserInvitation", "metadata": {"name": "x"},
            "spec": {"providerRef": {"name": "p"}, "email": "x@example.com"},
            "status": {"state": state, "invitedTime": invited, "conditions": conditions},
        }))
        .unwrap()
    }

    #[test]
    fn the_oldest_is_the_oldest_of_those_that_wait() {
        let mut provider = nothing();
        for (state, invited, stalled) in [
            ("Pending", "2026-03-02T00:00:00Z", false),
            ("Pending", "2026-03-01T00:00:00Z", false),
            ("Accepted", "2026-01-01T00:00:00Z", false),
            ("Expired", "2026-01-01T00:00:00Z", true),
        ] {
            count(&mut provider, &invitation(state, invited, stalled));
        }
        let oldest: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
        assert_eq!(provider.oldest_pending, Some(oldest));
        assert_eq!(provider.stalled, 1);
        let states: Vec<(InvitationState, usize)> = provider.invitations.into_iter().collect();
        assert_eq!(
            states,
            [(InvitationState::Pending, 2), (InvitationState::Accepted, 1), (InvitationState::Expired, 1)]
        );
    }
}
