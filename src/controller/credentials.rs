//! From a provider to a client: the Secret, its owner's consent to hosts, the private CA. Reads by name only:
//! first metadata, and values only of Secrets that are labelled for it.

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ManagedFieldsEntry;
use kube::api::{Api, PartialObjectMeta};
use kube::{Client, ResourceExt};
use thiserror::Error;

use crate::api::{
    ALLOWED_HOSTS, AnyProvider, CREDENTIALS_LABEL, CREDENTIALS_LABEL_VALUE, CaBundleRef, Reason,
};
use crate::opening::{self, Consent, Material, Opened, OpeningError, Values};
use crate::vendor::{CallObserver, Limiter, TenantKey, Transport, TransportSettings};

/// How often in a row the right to read a Secret may be refused before that is believed of a credential that works.
const REFUSALS: u32 = 4;

/// Why there is no client.
#[derive(Debug, Error)]
pub(super) enum CredentialsError {
    #[error("there is no Secret {name:?} in {place}: create it, with the label {CREDENTIALS_LABEL}=\"true\"")]
    SecretNotFound { name: String, place: Place },
    #[error("the Secret {0:?} may not be read: set the label {CREDENTIALS_LABEL}=\"true\" on it")]
    NotLabelled(String),
    #[error("the operator has no right to read the Secret {0:?}")]
    SecretForbidden(String),
    #[error(transparent)]
    Opening(#[from] OpeningError),
    #[error("there is no ConfigMap {name:?} with a private certificate authority in {place}")]
    CaBundleNotFound { name: String, place: Place },
    #[error("the key {0:?} with the private certificate authority is missing, or holds no PEM certificates")]
    CaBundle(String),
    #[error("the connection to the vendor can't be set up")]
    Transport(#[source] crate::vendor::TransportError),
    #[error("the API server did not answer")]
    Kube(#[source] Box<kube::Error>),
}

impl CredentialsError {
    /// The reason in the API.
    pub const fn reason(&self) -> Reason {
        match self {
            Self::SecretNotFound { .. } => Reason::SecretNotFound,
            Self::NotLabelled(_) => Reason::SecretNotLabelled,
            Self::SecretForbidden(_) => Reason::SecretForbidden,
            Self::Opening(OpeningError::KeyMissing { .. }) => Reason::SecretKeyMissing,
            Self::Opening(OpeningError::HostNotAllowed { .. }) => Reason::HostNotAllowed,
            Self::Opening(OpeningError::Endpoint(_)) => Reason::InvalidEndpoint,
            Self::Opening(OpeningError::Spec) => Reason::InvalidSpec,
            Self::CaBundleNotFound { .. } => Reason::CaBundleNotFound,
            Self::CaBundle(_) => Reason::InvalidCaBundle,
            Self::Transport(_) | Self::Kube(_) => Reason::Verifying,
        }
    }

    /// Whether a credential that works stays in use after so many failures before this one. An API server that does not
    /// answer says nothing of it; and one that has just begun refuses for a moment what it allows.
    pub const fn leaves_in_use(&self, failures: u32) -> bool {
        match self {
            Self::Kube(_) => true,
            Self::SecretForbidden(_) => failures < REFUSALS,
            Self::SecretNotFound { .. }
            | Self::NotLabelled(_)
            | Self::Opening(_)
            | Self::CaBundleNotFound { .. }
            | Self::CaBundle(_)
            | Self::Transport(_) => false,
        }
    }

    /// Whether somebody has to change something.
    pub const fn needs_somebody(&self) -> bool {
        !matches!(self, Self::Kube(_))
    }
}

/// Where a provider's Secret and authority are: the only namespace that is read for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// The provider's own.
    Own(String),
    /// The operator's, for a provider of the cluster.
    Operator(String),
}

impl Place {
    fn of(provider: &AnyProvider, operator: &str) -> Self {
        match &provider.metadata.namespace {
            Some(namespace) => Self::Own(namespace.clone()),
            None => Self::Operator(operator.to_owned()),
        }
    }

    fn namespace(&self) -> &str {
        match self {
            Self::Own(namespace) | Self::Operator(namespace) => namespace,
        }
    }
}

/// Whoever reads about a provider of the cluster need not know the operator's namespace by name.
impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Own(_) => "this namespace",
            Self::Operator(_) => "the operator's namespace",
        })
    }
}

/// What a client is made from, beside the provider.
pub(super) struct Surroundings<'a> {
    pub client: &'a Client,
    /// The operator's namespace.
    pub namespace: &'a str,
    pub transport: TransportSettings,
    pub observer: Arc<dyn CallObserver>,
    pub limiter: &'a (dyn Fn(&TenantKey) -> Arc<Limiter> + Sync),
}

/// The parts of the Secret and of the CA bundle that decide whether a client is still the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sources {
    versions: Vec<String>,
    /// When the values of the Secret were last written.
    pub written: Option<Timestamp>,
}

/// Opens the provider's tenant with its Secret. `known`: what the present client was made from; `Ok(None)`:
/// nothing changed since.
pub(super) async fn open(
    provider: &AnyProvider,
    known: Option<&Sources>,
    around: &Surroundings<'_>,
) -> Result<(Option<Opened>, Sources), CredentialsError> {
    let place = Place::of(provider, around.namespace);
    let name = &provider.spec.credentials.secret_ref.name;
    let metadata = secret_metadata(around.client, &place, name).await?;
    let mut sources = vec![version_of(&metadata.metadata)];
    let ca_bundle = ca_bundle(provider, &place, around.client, &mut sources).await?;
    sources.push(provider.metadata.generation.unwrap_or_default().to_string());
    let sources = Sources { versions: sources, written: written(&metadata.metadata) };
    if known == Some(&sources) {
        return Ok((None, sources));
    }
    let api: Api<Secret> = Api::namespaced(around.client.clone(), place.namespace());
    let secret = api.get(name).await.map_err(|error| secret_error(error, name, &place))?;
    let allowed = metadata.annotations().get(ALLOWED_HOSTS).cloned().unwrap_or_default();
    let transport = TransportSettings { ca_bundle, ..around.transport.clone() };
    let transport = Transport::new(&transport).map_err(|error| match error {
        crate::vendor::TransportError::CaBundle => CredentialsError::CaBundle("ca.crt".to_owned()),
        error @ (crate::vendor::TransportError::Proxy | crate::vendor::TransportError::Tls) => {
            CredentialsError::Transport(error)
        }
    })?;
    let material = Material {
        values: Values::new(name, secret.data.unwrap_or_default()),
        consent: Consent { secret: name, allowed: &allowed },
        transport,
        limiter: around.limiter,
        observer: Arc::clone(&around.observer),
        max_batch_size: provider.spec.limits.max_batch_size.and_then(|size| usize::try_from(size).ok()),
    };
    let opened = opening::open(&provider.spec, &material)?;
    Ok((Some(opened), sources))
}

fn version_of(metadata: &kube::api::ObjectMeta) -> String {
    format!(
        "{}/{}",
        metadata.uid.as_deref().unwrap_or_default(),
        metadata.resource_version.as_deref().unwrap_or_default()
    )
}

/// When somebody last wrote values into a Secret, as its metadata tells; else when it was made.
fn written(metadata: &kube::api::ObjectMeta) -> Option<Timestamp> {
    let writes_values = |entry: &&ManagedFieldsEntry| {
        entry.fields_v1.as_ref().is_some_and(|fields| fields.0.get("f:data").is_some())
    };
    let entries = metadata.managed_fields.iter().flatten().filter(writes_values);
    let times = entries.filter_map(|entry| entry.time.as_ref());
    times.chain(&metadata.creation_timestamp).map(|time| time.0).max()
}

async fn secret_metadata(
    client: &Client,
    place: &Place,
    name: &str,
) -> Result<PartialObjectMeta<Secret>, CredentialsError> {
    let api: Api<PartialObjectMeta<Secret>> = Api::namespaced(client.clone(), place.namespace());
    let metadata = api.get(name).await.map_err(|error| secret_error(error, name, place))?;
    let labelled =
        metadata.labels().get(CREDENTIALS_LABEL).is_some_and(|value| value == CREDENTIALS_LABEL_VALUE);
    if labelled { Ok(metadata) } else { Err(CredentialsError::NotLabelled(name.to_owned())) }
}

fn secret_error(error: kube::Error, name: &str, place: &Place) -> CredentialsError {
    match &error {
        kube::Error::Api(status) if status.is_not_found() => {
            CredentialsError::SecretNotFound { name: name.to_owned(), place: place.clone() }
        }
        kube::Error::Api(status) if status.is_forbidden() => {
            CredentialsError::SecretForbidden(name.to_owned())
        }
        _ => CredentialsError::Kube(Box::new(error)),
    }
}

async fn ca_bundle(
    provider: &AnyProvider,
    place: &Place,
    client: &Client,
    sources: &mut Vec<String>,
) -> Result<Option<Vec<u8>>, CredentialsError> {
    let Some(tls) = &provider.spec.tls else { return Ok(None) };
    let (bytes, reference): (Option<Vec<u8>>, &CaBundleRef) =
        match (&tls.ca_bundle_secret_ref, &tls.ca_bundle_config_map_ref) {
            (Some(reference), _) => {
                let metadata = secret_metadata(client, place, &reference.name).await?;
                sources.push(version_of(&metadata.metadata));
                let api: Api<Secret> = Api::namespaced(client.clone(), place.namespace());
                let secret = api
                    .get(&reference.name)
                    .await
                    .map_err(|error| secret_error(error, &reference.name, place))?;
                let bytes = secret.data.unwrap_or_default().remove(&reference.key).map(|bytes| bytes.0);
                (bytes, reference)
            }
            (None, Some(reference)) => {
                let api: Api<ConfigMap> = Api::namespaced(client.clone(), place.namespace());
                let config_map = api.get(&reference.name).await.map_err(|error| match &error {
                    kube::Error::Api(status) if status.is_not_found() => CredentialsError::CaBundleNotFound {
                        name: reference.name.clone(),
                        place: place.clone(),
                    },
                    _ => CredentialsError::Kube(Box::new(error)),
                })?;
                sources.push(version_of(&config_map.metadata));
                let text = config_map.data.unwrap_or_default().remove(&reference.key);
                (text.map(String::into_bytes), reference)
            }
            (None, None) => return Ok(None),
        };
    bytes.map(Some).ok_or_else(|| CredentialsError::CaBundle(reference.key.clone()))
}

#[cfg(test)]
mod tests;
