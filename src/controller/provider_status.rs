//! The status of a provider.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::brake::held_message;
use super::context::{Context, Work, by_provider, now};
use super::convert;
use super::provider_state::ProviderState;
use super::store::Key;
use super::trouble::{Trouble, vendor_trouble, writes_refused};
use super::unmanaged;
use super::writer::WriteError;
use crate::api::condition::{equal_ignoring_times, remove_condition, set_condition};
use crate::api::time::whole_seconds;
use crate::api::{
    AnyProvider, ConditionStatus as Is, ConditionType as Type, Counts, InvitationState, ProviderMode,
    ProviderStatus, Reason,
};
use crate::vendor::TenantKey;

/// Shorter pauses are the vendor's normal pace, and not worth a write.
const PAUSE_WORTH_SAYING: Duration = Duration::from_secs(30);

/// How often the numbers in a status are written at most.
const COUNTS_INTERVAL: Duration = Duration::from_secs(10);

/// Writes the status if it says something new.
pub(super) async fn write(
    context: &Arc<Context>,
    key: &Key,
    provider: &AnyProvider,
    state: &mut ProviderState,
) -> Result<(), WriteError> {
    let before = provider.status.clone().unwrap_or_else(ProviderStatus::unreconciled);
    let mut after = status(context, provider, state, before.clone());
    let moved = context.move_brake(provider, &mut after);
    say_held(provider, &mut after);
    after.unmanaged_page = unmanaged::page(context, key, provider, state, before.unmanaged_page.as_deref());
    if let Some(again) = moved.again {
        context.requests.after(Work::Provider(key.clone()), again);
    }
    let counted_before = after.counts.clone().unwrap_or_default();
    let counts = counts(context, key, state.tenant.as_ref(), &counted_before);
    if after.counts.as_ref() != Some(&counts) || moved.counts {
        // Numbers change with every person; they are written together, now and then.
        let rest =
            state.counted_at.map_or(Duration::ZERO, |last| COUNTS_INTERVAL.saturating_sub(last.elapsed()));
        if rest.is_zero() {
            state.counted_at = Some(Instant::now());
            after.counts = Some(counts);
        } else {
            if moved.counts {
                after.removals_held.clone_from(&before.removals_held);
            }
            context.requests.after(Work::Provider(key.clone()), rest);
        }
    }
    let same = equal_ignoring_times(&before.conditions, &after.conditions)
        && ProviderStatus { conditions: Vec::new(), ..before }
            == ProviderStatus { conditions: Vec::new(), ..after.clone() };
    if !same {
        context.writer.status(&context.providers, provider, &after).await?;
    }
    context.brake_moved(provider, &moved).await;
    Ok(())
}

/// The condition that exists only while deletions wait for an approval.
fn say_held(provider: &AnyProvider, status: &mut ProviderStatus) {
    let conditions = &mut status.conditions;
    match &status.removals_held {
        Some(hold) if hold.approved_time.is_none() => {
            let message = held_message(provider, &hold.id);
            let generation = provider.metadata.generation.unwrap_or_default();
            let (type_, reason) = (Type::RemovalsHeld, Reason::RemovalsHeld);
            set_condition(conditions, type_, Is::True, reason, &message, now(), generation);
        }
        Some(_) | None => {
            remove_condition(conditions, Type::RemovalsHeld);
        }
    }
}

fn status(
    context: &Arc<Context>,
    provider: &AnyProvider,
    state: &ProviderState,
    mut status: ProviderStatus,
) -> ProviderStatus {
    let generation = provider.metadata.generation.unwrap_or_default();
    status.observed_generation = Some(generation);
    status.vendor = provider.spec.vendor().map(|vendor| vendor.as_str().to_owned());
    if let (Some(tenant), Some(account), Some(can)) = (&state.tenant, &state.account, &state.capabilities) {
        status.tenant = Some(crate::plan::api_tenant(tenant));
        status.account = Some(account.clone());
        status.capabilities = Some(convert::shown_capabilities(&provider.spec, can));
        status.credential_expiration_time = state.credential_expires.map(whole_seconds);
    }
    status.blocked_until_time =
        state.tenant.as_ref().and_then(|tenant| blocked_until(context, provider, tenant));
    if let Some(value) = &state.reconcile_handled {
        status.last_handled_reconcile_at = Some(value.clone());
    }
    let trouble = trouble(context, provider, state);
    let (ready, reason, message) = match &trouble {
        None if state.client.is_some() => {
            let (reason, message) = serving(provider.spec.mode);
            (Is::True, reason, message.to_owned())
        }
        None => (Is::Unknown, Reason::Verifying, "the credentials are being verified".to_owned()),
        Some(trouble) => (Is::False, trouble.reason, trouble.message.clone()),
    };
    let mut set = |type_: Type, is: bool, value: Is| {
        if is {
            set_condition(&mut status.conditions, type_, value, reason, &message, now(), generation);
        } else {
            remove_condition(&mut status.conditions, type_);
        }
    };
    let stalled = trouble.as_ref().is_some_and(|trouble| trouble.stalled);
    set(Type::Ready, true, ready);
    set(Type::Reconciling, ready != Is::True && !stalled, Is::True);
    set(Type::Stalled, stalled, Is::True);
    status
}

/// What a provider says that serves.
const fn serving(mode: ProviderMode) -> (Reason, &'static str) {
    match mode {
        ProviderMode::Enforce | ProviderMode::Suspended => {
            (Reason::Ready, "the credential works, and the provider serves its invitations")
        }
        ProviderMode::DryRun => (
            Reason::DryRun,
            "the credential works; nothing is written at the vendor, and status.plan of each invitation says what \
             would be",
        ),
    }
}

/// What keeps the provider from serving: its own trouble first, then what the tenant's looks meet.
fn trouble(context: &Context, provider: &AnyProvider, state: &ProviderState) -> Option<Trouble> {
    if let Some(trouble) = &state.trouble {
        return Some(trouble.clone());
    }
    if provider.metadata.deletion_timestamp.is_some() {
        return Some(Trouble {
            reason: Reason::Terminating,
            message: "the provider is being deleted; it starts nothing, and stays until its invitations owe nothing"
                .to_owned(),
            stalled: false,
        });
    }
    let tenant = state.tenant.as_ref()?;
    if !state.serves {
        return Some(Trouble {
            reason: Reason::TenantInUse,
            message: "another provider serves this tenant already: use that one, or delete it".to_owned(),
            stalled: true,
        });
    }
    let health = context.tenants.health(tenant).unwrap_or_default();
    if let Some(missing) = health.people_missing {
        return Some(Trouble {
            reason: Reason::PeopleMissing,
            message: format!(
                "the vendor's list misses {missing} people whom it had before, so nothing is sent; if they are \
                 really gone, annotate this provider with userinvitation.dev/reconcile-requested-at=<any new value>"
            ),
            stalled: true,
        });
    }
    if health.writes_refused {
        return Some(writes_refused());
    }
    health.last_error.as_ref().map(vendor_trouble).or_else(|| suspended(provider))
}

fn suspended(provider: &AnyProvider) -> Option<Trouble> {
    (provider.spec.mode == ProviderMode::Suspended).then(|| Trouble {
        reason: Reason::Suspended,
        message: "the provider's mode is Suspended, so nothing is written at the vendor: set it to Enforce"
            .to_owned(),
        stalled: true,
    })
}

fn blocked_until(
    context: &Context,
    provider: &AnyProvider,
    tenant: &TenantKey,
) -> Option<k8s_openapi::apimachinery::pkg::apis::meta::v1::Time> {
    let limiter = context.limiter(tenant, convert::requests_per_minute(&provider.spec, tenant.vendor));
    let wait = limiter.blocked_for().filter(|wait| *wait >= PAUSE_WORTH_SAYING)?;
    let until = Timestamp::now().checked_add(wait).ok()?;
    let said = provider.status.as_ref().and_then(|status| status.blocked_until_time.clone());
    // The same pause, reckoned again, differs by fractions: it is said once.
    let same = said.filter(|said| said.0.duration_since(until).abs() < jiff::SignedDuration::from_secs(5));
    Some(same.unwrap_or_else(|| whole_seconds(until)))
}

/// Counts again; what nobody has looked at yet stays as it was.
fn counts(context: &Context, key: &Key, tenant: Option<&TenantKey>, before: &Counts) -> Counts {
    let mut counts = Counts::default();
    let users = context.invitations.indexed(&by_provider(key));
    // Whoever may not use the provider is no business of its owner.
    for stored in users.iter().filter(|stored| context.provider_of(&stored.object).found().is_some()) {
        counts.invitations += 1;
        let state = stored.object.status.as_ref().and_then(|status| status.state);
        match state.unwrap_or(InvitationState::Queued) {
            InvitationState::Pending => counts.pending += 1,
            InvitationState::Accepted | InvitationState::Provisioned => counts.accepted += 1,
            InvitationState::Failed
            | InvitationState::Refused
            | InvitationState::Conflict
            | InvitationState::OutcomeUnknown => counts.failed += 1,
            InvitationState::Queued
            | InvitationState::Expired
            | InvitationState::Revoked
            | InvitationState::Removed
            | InvitationState::Declined
            | InvitationState::Blocked
            | InvitationState::Waiting
            | InvitationState::Paused
            | InvitationState::Planned
            | InvitationState::Deleting
            | InvitationState::Other => {}
        }
    }
    let unmanaged = tenant.and_then(|tenant| context.count_unmanaged(tenant));
    counts.unmanaged = unmanaged.map_or(before.unmanaged, |people| i64::try_from(people).unwrap_or(i64::MAX));
    counts
}
