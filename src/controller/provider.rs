//! Reconciles one provider: credentials, verification, who serves the tenant, the finalizer, status.

use std::sync::Arc;
use std::time::Duration;

use kube::ResourceExt;
use tokio::time::Instant;
use tracing::{info, warn};

use super::context::{Context, Work, as_host, by_provider, provider_id};
use super::convert;
use super::credentials::{self, CredentialsError, Opened, Surroundings};
use super::gather::found_record;
use super::provider_state::{ProviderState, Trouble};
use super::provider_status;
use super::queue::Done;
use super::store::Key;
use super::writer::WriteError;
use crate::api::{
    Account, IN_USE_FINALIZER, InvitationProvider, RECONCILE_REQUESTED_AT, Reason, SERVED_BY,
};
use crate::plan::{Contender, Service, serve};
use crate::vendor::{ErrorClass, TenantKey, TransportSettings, VendorError};

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
    let before = context.state(key, Some(&uid));
    let mut state = before.clone().unwrap_or_else(|| ProviderState::new(uid.clone()));
    adopt_last_tenant(provider, &mut state);
    refresh_credentials(context, provider, &mut state).await;
    let stopped_serving = decide_service(context, key, provider, &mut state);
    context.states().insert(key.clone(), state.clone());

    let result = async {
        if let Some(fenced) = fence(context, key, provider, &mut state).await? {
            state.fenced = fenced;
            context.states().insert(key.clone(), state.clone());
        }
        attach(context, key, provider, &mut state);
        context.states().insert(key.clone(), state.clone());
        let current = context.providers.get(key).map_or_else(|| Arc::clone(&stored.object), |stored| stored.object);
        provider_status::write(context, key, &current, &state).await
    }
    .await;

    if stopped_serving || before.as_ref().is_none_or(|before| looks_different(before, &state)) {
        context.wake_invitations_of(key);
        wake_rivals(context, key, state.tenant.as_ref());
    }
    match result {
        Ok(()) => Done::Again(state.refresh_at.saturating_duration_since(Instant::now())),
        Err(WriteError::Conflict) => match context.writer.refresh(&context.providers, key).await {
            Ok(_) => Done::Again(Duration::ZERO),
            Err(WriteError::Gone) => Done::Settled,
            Err(error) => failed(key, &error),
        },
        Err(WriteError::Gone) => Done::Settled,
        Err(error) => failed(key, &error),
    }
}

fn failed(key: &Key, error: &WriteError) -> Done {
    warn!(provider = %key, %error, "not written; tried again");
    Done::Failed
}

/// What matters to the provider's invitations.
fn looks_different(before: &ProviderState, now: &ProviderState) -> bool {
    before.starts() != now.starts()
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
fn adopt_last_tenant(provider: &InvitationProvider, state: &mut ProviderState) {
    if state.tenant.is_none() && provider.finalizers().iter().any(|finalizer| finalizer == IN_USE_FINALIZER) {
        let last = provider.status.as_ref().and_then(|status| status.tenant.as_ref());
        state.tenant = last.and_then(convert::tenant_key);
    }
}

/// Reads the credentials again when it is time to, and verifies what they open.
async fn refresh_credentials(context: &Arc<Context>, provider: &InvitationProvider, state: &mut ProviderState) {
    let requested = provider.annotations().get(RECONCILE_REQUESTED_AT);
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
        transport: transport_settings(context),
        observer: Arc::clone(&context.observer),
        limiter: &limiter,
    };
    // A refused credential is worth another try only when something it was made from has changed.
    let known = state.sources.clone().filter(|_| state.client.is_some() && !asked);
    let outcome = match credentials::open(provider, known.as_ref(), &around).await {
        Ok((None, _)) if refused => Err(refused_trouble()),
        Ok((None, _)) => Ok(()),
        Ok((Some(opened), sources)) => {
            let verified = verify(provider, opened, state).await;
            if verified.is_ok() {
                state.sources = Some(sources);
            }
            verified
        }
        Err(error) => Err(trouble_of(&error)),
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
            let wait = FIRST_RETRY.saturating_mul(2_u32.saturating_pow(state.failures.min(16)));
            state.failures += 1;
            state.refresh_at = Instant::now() + wait.min(context.settings.engine.credentials_refresh());
        }
    }
}

fn transport_settings(context: &Context) -> TransportSettings {
    TransportSettings {
        connect_timeout: context.settings.engine.vendor_connect_timeout(),
        total_timeout: context.settings.engine.vendor_timeout(),
        allowed_private_cidrs: context.settings.allowed_private_cidrs.networks().to_vec(),
        ..TransportSettings::default()
    }
}

/// Asks the vendor which account the credential opens, and refuses any other than the declared one.
async fn verify(provider: &InvitationProvider, opened: Opened, state: &mut ProviderState) -> Result<(), Trouble> {
    let account = opened.client.verify().await.map_err(|error| vendor_trouble(&error))?;
    if account.id != opened.tenant.account_id {
        return Err(Trouble {
            reason: Reason::AccountMismatch,
            message: "the credential opens another account than the spec names: use a credential of that account"
                .to_owned(),
            stalled: true,
        });
    }
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

fn trouble_of(error: &CredentialsError) -> Trouble {
    Trouble { reason: error.reason(), message: error.to_string(), stalled: error.needs_somebody() }
}

fn refused_trouble() -> Trouble {
    Trouble {
        reason: Reason::AuthenticationFailed,
        message: "the vendor does not accept the credential: put a valid one into the Secret; it is read again \
                  by itself"
            .to_owned(),
        stalled: true,
    }
}

/// What a vendor's failure means for the provider.
pub(super) fn vendor_trouble(error: &VendorError) -> Trouble {
    let (reason, stalled) = match error.class() {
        ErrorClass::Authentication => return refused_trouble(),
        ErrorClass::Forbidden => (Reason::Forbidden, true),
        ErrorClass::Throttled => (Reason::Throttled, false),
        ErrorClass::Invalid | ErrorClass::Conflict | ErrorClass::Unsupported => (Reason::UnexpectedAnswer, false),
        ErrorClass::Transient | ErrorClass::Ambiguous => (Reason::VendorUnavailable, false),
    };
    let reason = if matches!(error, VendorError::AddressNotAllowed { .. }) { Reason::AddressNotAllowed } else { reason };
    Trouble { reason, message: error.to_string(), stalled }
}

/// Decides who serves the tenant. Answers whether this provider just stopped doing so.
fn decide_service(
    context: &Arc<Context>,
    key: &Key,
    provider: &InvitationProvider,
    state: &mut ProviderState,
) -> bool {
    let served = state.serves;
    context.states().insert(key.clone(), state.clone());
    state.serves = state.tenant.as_ref().is_some_and(|tenant| {
        let rivals = context.contenders(tenant);
        let contenders: Vec<Contender<'_>> = rivals.iter().map(Rival::contender).collect();
        serve(&contenders, &provider.uid().unwrap_or_default()) == Service::Serves
    });
    if !state.serves {
        state.fenced = false;
    }
    served && !state.serves
}

/// A provider of the same tenant, with what the choice depends on.
struct Rival {
    object: Arc<InvitationProvider>,
    owes: bool,
    verified: bool,
}

impl Rival {
    fn contender(&self) -> Contender<'_> {
        Contender {
            uid: self.object.metadata.uid.as_deref().unwrap_or_default(),
            created: self.object.metadata.creation_timestamp.as_ref().map(|time| time.0),
            holds_in_use: holds_in_use(&self.object),
            owes: self.owes,
            verified: self.verified,
        }
    }
}

fn holds_in_use(provider: &InvitationProvider) -> bool {
    provider.finalizers().iter().any(|finalizer| finalizer == IN_USE_FINALIZER)
}

/// Sets the finalizer before the first intent, once for each process; takes it off when nothing needs it.
/// Answers the new state of the fence, if it was written.
async fn fence(
    context: &Arc<Context>,
    key: &Key,
    provider: &InvitationProvider,
    state: &mut ProviderState,
) -> Result<Option<bool>, WriteError> {
    let terminating = provider.metadata.deletion_timestamp.is_some();
    let holds = holds_in_use(provider);
    let wanted = state.serves
        && state.trouble.is_none()
        && state.client.is_some()
        && !terminating
        && !context.invitations.keys(&by_provider(key)).is_empty();
    if wanted && !(state.fenced && holds) {
        let mut finalizers = provider.finalizers().to_vec();
        if !holds {
            finalizers.push(IN_USE_FINALIZER.to_owned());
        }
        let annotations = [(SERVED_BY, context.writer.process())];
        context.writer.metadata(&context.providers, provider, &annotations, finalizers).await?;
        state.claimed_here |= !holds;
        return Ok(Some(true));
    }
    let needless = holds && !context.owes(key) && (terminating || (state.tenant.is_some() && !state.serves));
    if needless {
        let grace = state.tenant.as_ref().and_then(|tenant| context.tenants.grace(tenant)).unwrap_or_default();
        let earlier_process = !state.claimed_here;
        if earlier_process && context.leading_since.elapsed() < context.settlement_time(grace) {
            state.refresh_at = state.refresh_at.min(Instant::now() + Duration::from_secs(1));
            return Ok(None);
        }
        let finalizers =
            provider.finalizers().iter().filter(|finalizer| *finalizer != IN_USE_FINALIZER).cloned().collect();
        context.writer.metadata(&context.providers, provider, &[], finalizers).await?;
        return Ok(Some(false));
    }
    Ok(None)
}

/// Gives the tenant this provider's client. One that does not serve only works for what it owes.
fn attach(context: &Arc<Context>, key: &Key, provider: &InvitationProvider, state: &mut ProviderState) {
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

    fn contenders(&self, tenant: &TenantKey) -> Vec<Rival> {
        let stored = self.providers.all();
        stored
            .into_iter()
            .filter_map(|stored| {
                let key = Key::of(&*stored.object);
                let state = self.state(&key, stored.object.metadata.uid.as_deref());
                let last = stored.object.status.as_ref().and_then(|status| status.tenant.as_ref());
                let known = match &state {
                    Some(state) if state.tenant.is_some() => state.tenant.clone(),
                    // Not looked at yet by this process: a holder counts with its last tenant.
                    Some(_) | None if holds_in_use(&stored.object) => last.and_then(convert::tenant_key),
                    Some(_) | None => None,
                };
                (known.as_ref() == Some(tenant)).then(|| Rival {
                    owes: self.owes(&key),
                    verified: state.is_some_and(|state| state.client.is_some())
                        && stored.object.metadata.deletion_timestamp.is_none(),
                    object: stored.object,
                })
            })
            .collect()
    }

    /// Whether some invitation of the provider owes a call, or may have a write open.
    fn owes(&self, provider: &Key) -> bool {
        self.invitations.indexed(&by_provider(provider)).iter().any(|stored| {
            let found = found_record(&stored.object);
            crate::plan::owes(&stored.object, &found)
        })
    }
}

