//! Reconciles one provider: credentials, verification, who serves the tenant, the finalizer, status.

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use tokio::time::Instant;
use tracing::info;

use super::context::{Context, Work, as_host, by_provider, provider_id};
use super::convert;
use super::credentials::{self, Surroundings};
use super::fence::{self, holds_in_use};
use super::ignored::is_served;
use super::provider_state::ProviderState;
use super::provider_status;
use super::queue::Done;
use super::service;
use super::store::Key;
use super::trouble::{Trouble, credential_refused, credentials_trouble, vendor_trouble};
use crate::api::{Account, AnyProvider, ProviderMode, RECONCILE_REQUESTED_AT, Reason};
use crate::opening::Opened;
use crate::settings::Settings;
use crate::vendor::{self, ErrorClass, ProxySettings, TenantKey, TransportSettings};

/// The first distance between tries after a failure.
const FIRST_RETRY: Duration = Duration::from_secs(5);

/// Looks at one provider.
pub(super) async fn reconcile(context: &Arc<Context>, key: &Key) -> Done {
    let Some(stored) = context.providers.get(key) else {
        gone(context, key);
        return Done::Settled;
    };
    let provider = &*stored.object;
    let uid = provider.uid().unwrap_or_default();
    context.tell_ignored(provider).await;
    let before = context.state(key, Some(&uid));
    let mut state = before.clone().unwrap_or_else(|| ProviderState::new(uid.clone()));
    adopt_last_tenant(provider, &mut state);
    refresh_credentials(context, provider, &mut state).await;
    follow_mode(context, provider, before.is_none(), &mut state);
    let stopped_serving = service::decide(context, key, provider, &mut state);
    context.states().insert(key.clone(), state.clone());

    let written = async {
        if let Some(wait) = fence::lift(context, key, provider, &state).await? {
            state.refresh_at = state.refresh_at.min(Instant::now() + wait);
        }
        attach(context, key, provider, &mut state);
        context.states().insert(key.clone(), state.clone());
        let current =
            context.providers.get(key).map_or_else(|| Arc::clone(&stored.object), |stored| stored.object);
        provider_status::write(context, key, &current, &mut state).await
    }
    .await;

    if stopped_serving || before.as_ref().is_none_or(|before| looks_different(before, &state)) {
        context.wake_invitations_of(key);
        wake_rivals(context, key, state.tenant.as_ref());
    }
    context.states().insert(key.clone(), state.clone());
    let again = Done::Again(state.refresh_at.saturating_duration_since(Instant::now()));
    context.writer.after(&context.providers, key, written.map(|()| again)).await
}

/// Going over to Enforce starts with a fresh look. Whatever this process has seen since it leads is fresh at its first
/// look at the provider.
fn follow_mode(context: &Arc<Context>, provider: &AnyProvider, first_look: bool, state: &mut ProviderState) {
    match (provider.spec.mode, state.enforces_since) {
        (ProviderMode::Enforce, Some(_)) => {}
        (ProviderMode::Enforce, None) if first_look => state.enforces_since = Some(context.leading_since),
        (ProviderMode::Enforce, None) => {
            state.enforces_since = Some(Instant::now());
            if let Some(tenant) = &state.tenant {
                context.tenants.look_afresh(tenant);
            }
        }
        (ProviderMode::DryRun | ProviderMode::Suspended, _) => state.enforces_since = None,
    }
}

/// What matters to the provider's invitations.
fn looks_different(before: &ProviderState, now: &ProviderState) -> bool {
    before.starts() != now.starts()
        || before.enforces_since != now.enforces_since
        || before.tenant != now.tenant
        || before.client.is_some() != now.client.is_some()
        || before.own_login != now.own_login
        || before.attached != now.attached
}

fn gone(context: &Arc<Context>, key: &Key) {
    let state = context.states().remove(key);
    if let Some(tenant) = state.and_then(|state| state.tenant) {
        context.tenants.detach(&tenant, &provider_id(key));
        wake_rivals(context, key, Some(&tenant));
    }
    context.wake_invitations_of(key);
}

/// A holder keeps the tenant that an earlier process verified, even while its credential fails.
fn adopt_last_tenant(provider: &AnyProvider, state: &mut ProviderState) {
    if state.tenant.is_none() && holds_in_use(provider) {
        let last = provider.status.as_ref().and_then(|status| status.tenant.as_ref());
        state.tenant = last.and_then(convert::tenant_key);
    }
}

/// Reads the credentials again when it is time to, and verifies what they open.
async fn refresh_credentials(context: &Arc<Context>, provider: &AnyProvider, state: &mut ProviderState) {
    let requested = provider.annotations().get(RECONCILE_REQUESTED_AT).filter(|value| is_served(value));
    let asked = requested.is_some() && requested != state.reconcile_handled.as_ref();
    let refused = state
        .tenant
        .as_ref()
        .and_then(|tenant| context.tenants.health(tenant))
        .and_then(|health| health.last_error)
        .is_some_and(|error| error.class() == ErrorClass::Authentication);
    let first_refusal = refused && state.trouble.is_none();
    let changed = state.seen_generation != provider.metadata.generation;
    if !(asked || first_refusal || changed || Instant::now() >= state.refresh_at) {
        return;
    }
    state.seen_generation = provider.metadata.generation;
    if asked {
        state.reconcile_handled = requested.cloned();
        if let Some(tenant) = &state.tenant {
            context.tenants.approve_missing(tenant);
            context.tenants.look_now(tenant);
        }
    }
    let limiter = |tenant: &TenantKey| {
        context.limiter(tenant, convert::requests_per_minute(&provider.spec, tenant.vendor))
    };
    let around = Surroundings {
        client: &context.client,
        namespace: &context.operator_namespace,
        transport: transport_settings(&context.settings),
        observer: Arc::clone(&context.observer),
        limiter: &limiter,
    };
    // A refused credential is worth another try only when something it was made from has changed.
    let known = state.sources.clone().filter(|_| state.client.is_some() && !asked);
    let outcome = match credentials::open(provider, known.as_ref(), &around).await {
        Ok((None, _)) if refused => Err(credential_refused()),
        Ok((None, _)) => Ok(()),
        Ok((Some(opened), sources)) => {
            let verified = verify(provider, opened, state).await;
            if verified.is_ok() {
                state.sources = Some(sources);
            }
            verified
        }
        Err(error) if state.client.is_some() && error.leaves_in_use(state.failures) => {
            info!(provider = %Key::of(provider), %error, "the Secret can't be read; its credential stays in use");
            try_again(state, context.settings.engine.credentials_refresh());
            return;
        }
        Err(error) => Err(credentials_trouble(&error)),
    };
    match outcome {
        Ok(()) => {
            state.trouble = None;
            state.failures = 0;
            state.refresh_at = Instant::now() + context.settings.engine.credentials_refresh();
        }
        Err(trouble) => {
            info!(provider = %Key::of(provider), reason = trouble.reason.as_str(), "credentials can't be used");
            state.trouble = Some(trouble);
            try_again(state, context.settings.engine.credentials_refresh());
        }
    }
}

/// Looks at the credentials again after a pause that doubles up to the usual one.
fn try_again(state: &mut ProviderState, usual: Duration) {
    let wait = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(state.failures.min(16)));
    state.failures += 1;
    state.refresh_at = Instant::now() + wait.min(usual);
}

pub(super) fn transport_settings(settings: &Settings) -> TransportSettings {
    TransportSettings {
        connect_timeout: settings.engine.vendor_connect_timeout(),
        total_timeout: settings.engine.vendor_timeout(),
        allowed_private_cidrs: settings.allowed_private_cidrs.networks().to_vec(),
        proxy: ProxySettings::from_environment(|name| std::env::var(name).ok()),
        ..TransportSettings::default()
    }
}

/// Refuses a credential of another account than the tenant's.
pub(super) fn matching_account(account: &vendor::Account, tenant: &TenantKey) -> Result<(), Trouble> {
    if account.id == tenant.account_id {
        return Ok(());
    }
    Err(Trouble {
        reason: Reason::AccountMismatch,
        message: "the credential opens another account than the spec names: use a credential of that account"
            .to_owned(),
        stalled: true,
    })
}

/// Asks the vendor which account the credential opens, and refuses any other than the declared one.
async fn verify(provider: &AnyProvider, opened: Opened, state: &mut ProviderState) -> Result<(), Trouble> {
    let account = opened.client.verify().await.map_err(|error| vendor_trouble(&error))?;
    matching_account(&account, &opened.tenant)?;
    info!(provider = %Key::of(provider), tenant = %opened.tenant, "credentials verified");
    state.capabilities = Some(opened.client.capabilities());
    state.client = Some(opened.client);
    state.tenant = Some(opened.tenant);
    state.account = Some(Account { id: account.id, name: account.name });
    state.own_login = account.own_login;
    state.credential_expires = account.credential_expires;
    state.attached = None;
    Ok(())
}

/// Gives the tenant this provider's client. One that does not serve only works for what it owes.
fn attach(context: &Arc<Context>, key: &Key, provider: &AnyProvider, state: &mut ProviderState) {
    let (Some(tenant), Some(client), Some(can)) = (&state.tenant, &state.client, &state.capabilities) else {
        return;
    };
    let told = (tenant.clone(), state.serves, provider.metadata.generation.unwrap_or_default());
    if state.attached.as_ref() == Some(&told) {
        return;
    }
    let settings = convert::tenant_settings(&provider.spec, can, tenant.vendor, &context.settings.engine);
    if state.serves {
        let limit = convert::requests_per_minute(&provider.spec, tenant.vendor);
        context.limiter(tenant, limit).set_limit(limit);
    }
    let host = as_host(context);
    context.tenants.attach(tenant, provider_id(key), Arc::clone(client), state.serves, settings, &host);
    state.attached = Some(told);
}

/// The other providers of the tenant may have to serve now, or to stop.
fn wake_rivals(context: &Arc<Context>, key: &Key, tenant: Option<&TenantKey>) {
    let Some(tenant) = tenant else { return };
    for rival in context.providers_of(tenant) {
        if rival != *key {
            context.requests.now(Work::Provider(rival));
        }
    }
}

impl Context {
    /// The providers of a tenant, as far as this process or an earlier one verified it.
    pub(super) fn providers_of(&self, tenant: &TenantKey) -> Vec<Key> {
        let states = self.states();
        let mut keys: Vec<Key> = states
            .iter()
            .filter(|(_, state)| state.tenant.as_ref() == Some(tenant))
            .map(|(key, _)| key.clone())
            .collect();
        keys.sort_unstable();
        keys
    }

    pub(super) fn wake_invitations_of(&self, provider: &Key) {
        for key in self.invitations.keys(&by_provider(provider)) {
            self.requests.now(Work::Invitation(key));
        }
    }
}
