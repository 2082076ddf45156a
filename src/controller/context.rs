//! What all reconciles share.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use kube::Client;
use tokio::time::Instant;

use super::brake::Holds;
use super::ignored::Ignored;
use super::initial_password::PasswordTrouble;
use super::named::NamespaceLabels;
use super::namespaces::Namespaces;
use super::provider_state::ProviderState;
use super::queue::Requests;
use super::store::{Key, Store};
use super::writer::Writer;
use crate::api::{AnyProvider, ProviderKind, UserInvitation};
use crate::metrics::Metrics;
use crate::settings::Settings;
use crate::tenant::{Host, ProviderId, Tenants};
use crate::vendor::{CallObserver, Limiter, TenantKey};

/// What a reconcile is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Work {
    /// One person.
    Invitation(Key),
    /// One vendor tenant.
    Provider(Key),
}

/// How a deletion in a namespace that may be terminating is getting on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stuck {
    pub terminating: bool,
    pub tries: u32,
}

/// A provider that this process has written once before its first intent there.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fence {
    /// No finalizer was there before: no earlier process had an intent.
    pub first_holder: bool,
}

/// Everything that reconciles share.
pub struct Context {
    pub(super) client: Client,
    pub(super) settings: Arc<Settings>,
    /// Where the Secrets of providers of the cluster are.
    pub(super) operator_namespace: String,
    pub(super) writer: Writer,
    pub(super) metrics: Metrics,
    pub(super) invitations: Arc<Store<UserInvitation>>,
    pub(super) providers: Arc<Store<AnyProvider>>,
    pub(super) namespace_labels: NamespaceLabels,
    pub(super) tenants: Tenants,
    pub(super) requests: Requests<Work>,
    pub(super) observer: Arc<dyn CallObserver>,
    /// When this process began to lead.
    pub(super) leading_since: Instant,
    states: Mutex<HashMap<Key, ProviderState>>,
    limiters: Mutex<HashMap<TenantKey, Arc<Limiter>>>,
    stuck: Mutex<HashMap<String, Stuck>>,
    /// Held while a fence is written: a batch asks for it many times at once.
    pub(super) fencing: tokio::sync::Mutex<()>,
    fences: Mutex<HashMap<String, Fence>>,
    reconcile_requests: Mutex<HashMap<String, (String, u64)>>,
    pub(super) namespaces: Namespaces,
    pub(super) holds: Holds,
    pub(super) ignored: Ignored,
    password_troubles: Mutex<HashMap<String, PasswordTrouble>>,
}

/// What a context is made from.
pub(super) struct Parts {
    pub client: Client,
    pub settings: Arc<Settings>,
    pub writer: Writer,
    pub metrics: Metrics,
    pub invitations: Arc<Store<UserInvitation>>,
    pub providers: Arc<Store<AnyProvider>>,
    pub tenants: Tenants,
    pub requests: Requests<Work>,
    pub observer: Arc<dyn CallObserver>,
}

impl Context {
    pub(super) fn new(parts: Parts) -> Self {
        Self {
            client: parts.client,
            operator_namespace: parts.settings.operator_namespace(),
            settings: parts.settings,
            writer: parts.writer,
            invitations: parts.invitations,
            providers: parts.providers,
            namespace_labels: NamespaceLabels::default(),
            tenants: parts.tenants,
            requests: parts.requests,
            observer: parts.observer,
            metrics: parts.metrics,
            leading_since: Instant::now(),
            states: Mutex::default(),
            limiters: Mutex::default(),
            stuck: Mutex::default(),
            fencing: tokio::sync::Mutex::default(),
            fences: Mutex::default(),
            reconcile_requests: Mutex::default(),
            namespaces: Namespaces::default(),
            holds: Holds::default(),
            ignored: Ignored::default(),
            password_troubles: Mutex::default(),
        }
    }

    pub(super) fn states(&self) -> MutexGuard<'_, HashMap<Key, ProviderState>> {
        self.states.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What this process knows of a provider, if it is still the same object.
    pub(super) fn state(&self, key: &Key, uid: Option<&str>) -> Option<ProviderState> {
        self.states().get(key).filter(|state| Some(state.uid.as_str()) == uid).cloned()
    }

    /// The budget of a tenant; one for all its clients.
    pub(super) fn limiter(&self, tenant: &TenantKey, limit: std::num::NonZeroU32) -> Arc<Limiter> {
        let mut limiters = self.limiters.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(limiters.entry(tenant.clone()).or_insert_with(|| Arc::new(Limiter::new(limit))))
    }

    /// The providers that this process has fenced, by uid.
    pub(super) fn fences(&self) -> MutexGuard<'_, HashMap<String, Fence>> {
        self.fences.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn stuck(&self) -> MutexGuard<'_, HashMap<String, Stuck>> {
        self.stuck.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The Secrets of passwords that could not be used, by the uid of the object that names them.
    pub(super) fn password_troubles(&self) -> MutexGuard<'_, HashMap<String, PasswordTrouble>> {
        self.password_troubles.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers a reconcile request, and answers whether a sweep has been made since it was first seen.
    pub(super) fn reconcile_request_served(&self, uid: &str, value: &str, sweeps: u64) -> RequestState {
        let mut requests = self.reconcile_requests.lock().unwrap_or_else(PoisonError::into_inner);
        match requests.get(uid) {
            Some((known, seen)) if known == value => {
                if sweeps > *seen {
                    RequestState::Served
                } else {
                    RequestState::Waiting
                }
            }
            Some(_) | None => {
                requests.insert(uid.to_owned(), (value.to_owned(), sweeps));
                RequestState::New
            }
        }
    }

    /// Forgets what was remembered of an object that is gone.
    pub(super) fn forget(&self, uid: &str) {
        self.stuck().remove(uid);
        self.ignored.forget(uid);
        self.password_troubles().remove(uid);
        self.reconcile_requests.lock().unwrap_or_else(PoisonError::into_inner).remove(uid);
    }

    /// How long after the start of leadership an inherited call may still have an effect that has not shown.
    pub(super) fn settlement_time(&self, grace: Duration) -> Duration {
        self.settings.engine.send_limit() + self.settings.engine.vendor_timeout() + grace
    }
}

/// How far a reconcile request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestState {
    New,
    Waiting,
    Served,
}

/// The provider that an invitation names.
pub(super) fn provider_key(invitation: &UserInvitation) -> Key {
    let reference = &invitation.spec.provider_ref;
    let namespace = match reference.kind {
        ProviderKind::InvitationProvider => invitation.metadata.namespace.clone().unwrap_or_default(),
        ProviderKind::ClusterInvitationProvider => String::new(),
    };
    Key { namespace, name: reference.name.clone() }
}

/// A provider's name towards a tenant.
pub(super) fn provider_id(key: &Key) -> ProviderId {
    ProviderId(key.to_string())
}

/// Now, by the wall clock.
pub(super) fn now() -> Timestamp {
    Timestamp::now()
}

/// A context as the side of tenants that faces the objects.
pub(super) fn as_host(context: &Arc<Context>) -> Arc<dyn Host> {
    Arc::new(Arc::clone(context))
}

/// The index entry of a provider's invitations.
pub(super) fn by_provider(key: &Key) -> String {
    format!("provider {key}")
}

/// The index entry of a namespace's invitations that name a provider of the cluster.
pub(super) fn by_cluster_user(namespace: &str) -> String {
    format!("cluster user {namespace}")
}

/// The login name that an invitation asks for, lower-cased: the address, where it names none.
pub(super) fn login(invitation: &UserInvitation) -> String {
    invitation.spec.user_name.as_ref().unwrap_or(&invitation.spec.email).trim().to_lowercase()
}

/// The index entry of the invitations that name a login, lower-cased.
pub(super) fn by_login(login: &str) -> String {
    format!("login {login}")
}

/// The index entry of a person's invitations, by lower-cased e-mail.
pub(super) fn by_person(email: &str) -> String {
    format!("person {email}")
}
