//! From a provider to a client: the Secret, its owner's consent to hosts, the private CA. Reads by name only:
//! first metadata, and values only of Secrets that are labelled for it.

use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{Api, PartialObjectMeta};
use kube::{Client, ResourceExt};
use thiserror::Error;

use crate::api::{
    ALLOWED_HOSTS, CREDENTIALS_LABEL, CREDENTIALS_LABEL_VALUE, CaBundleRef, InvitationProvider, Reason,
};
use crate::opening::{self, Consent, Material, Opened, OpeningError, Values};
use crate::vendor::{CallObserver, Limiter, TenantKey, Transport, TransportSettings};

/// Why there is no client.
#[derive(Debug, Error)]
pub(super) enum CredentialsError {
    #[error(
        "there is no Secret {0:?} in this namespace: create it, with the label {CREDENTIALS_LABEL}=\"true\""
    )]
    SecretNotFound(String),
    #[error("the Secret {0:?} may not be read: set the label {CREDENTIALS_LABEL}=\"true\" on it")]
    NotLabelled(String),
    #[error("the operator has no right to read the Secret {0:?}")]
    SecretForbidden(String),
    #[error(transparent)]
    Opening(#[from] OpeningError),
    #[error("there is no {0} with a private certificate authority in this namespace")]
    CaBundleNotFound(String),
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
            Self::SecretNotFound(_) => Reason::SecretNotFound,
            Self::NotLabelled(_) => Reason::SecretNotLabelled,
            Self::SecretForbidden(_) => Reason::SecretForbidden,
            Self::Opening(OpeningError::KeyMissing { .. }) => Reason::SecretKeyMissing,
            Self::Opening(OpeningError::HostNotAllowed { .. }) => Reason::HostNotAllowed,
            Self::Opening(OpeningError::Endpoint(_)) => Reason::InvalidEndpoint,
            Self::Opening(OpeningError::Spec) => Reason::InvalidSpec,
            Self::CaBundleNotFound(_) => Reason::CaBundleNotFound,
            Self::CaBundle(_) => Reason::InvalidCaBundle,
            Self::Transport(_) | Self::Kube(_) => Reason::Verifying,
        }
    }

    /// Whether somebody has to change something.
    pub const fn needs_somebody(&self) -> bool {
        !matches!(self, Self::Kube(_))
    }
}

/// What a client is made from, beside the provider.
pub(super) struct Surroundings<'a> {
    pub client: &'a Client,
    pub transport: TransportSettings,
    pub observer: Arc<dyn CallObserver>,
    pub limiter: &'a (dyn Fn(&TenantKey) -> Arc<Limiter> + Sync),
}

/// The parts of the Secret and of the CA bundle that decide whether a client is still the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sources(Vec<String>);

/// Opens the provider's tenant with its Secret. `known`: what the present client was made from; `Ok(None)`:
/// nothing changed since.
pub(super) async fn open(
    provider: &InvitationProvider,
    known: Option<&Sources>,
    around: &Surroundings<'_>,
) -> Result<(Option<Opened>, Sources), CredentialsError> {
    let namespace = provider.namespace().unwrap_or_default();
    let name = &provider.spec.credentials.secret_ref.name;
    let metadata = secret_metadata(around.client, &namespace, name).await?;
    let mut sources = vec![version_of(&metadata.metadata)];
    let ca_bundle = ca_bundle(provider, &namespace, around.client, &mut sources).await?;
    sources.push(provider.metadata.generation.unwrap_or_default().to_string());
    let sources = Sources(sources);
    if known == Some(&sources) {
        return Ok((None, sources));
    }
    let api: Api<Secret> = Api::namespaced(around.client.clone(), &namespace);
    let secret = api.get(name).await.map_err(|error| secret_error(error, name))?;
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
    let opened = opening::open(&provider.spec, material)?;
    Ok((Some(opened), sources))
}

fn version_of(metadata: &kube::api::ObjectMeta) -> String {
    format!(
        "{}/{}",
        metadata.uid.as_deref().unwrap_or_default(),
        metadata.resource_version.as_deref().unwrap_or_default()
    )
}

async fn secret_metadata(
    client: &Client,
    namespace: &str,
    name: &str,
) -> Result<PartialObjectMeta<Secret>, CredentialsError> {
    let api: Api<PartialObjectMeta<Secret>> = Api::namespaced(client.clone(), namespace);
    let metadata = api.get(name).await.map_err(|error| secret_error(error, name))?;
    let labelled =
        metadata.labels().get(CREDENTIALS_LABEL).is_some_and(|value| value == CREDENTIALS_LABEL_VALUE);
    if labelled { Ok(metadata) } else { Err(CredentialsError::NotLabelled(name.to_owned())) }
}

fn secret_error(error: kube::Error, name: &str) -> CredentialsError {
    match &error {
        kube::Error::Api(status) if status.is_not_found() => {
            CredentialsError::SecretNotFound(name.to_owned())
        }
        kube::Error::Api(status) if status.is_forbidden() => {
            CredentialsError::SecretForbidden(name.to_owned())
        }
        _ => CredentialsError::Kube(Box::new(error)),
    }
}

async fn ca_bundle(
    provider: &InvitationProvider,
    namespace: &str,
    client: &Client,
    sources: &mut Vec<String>,
) -> Result<Option<Vec<u8>>, CredentialsError> {
    let Some(tls) = &provider.spec.tls else { return Ok(None) };
    let (bytes, reference): (Option<Vec<u8>>, &CaBundleRef) =
        match (&tls.ca_bundle_secret_ref, &tls.ca_bundle_config_map_ref) {
            (Some(reference), _) => {
                let metadata = secret_metadata(client, namespace, &reference.name).await?;
                sources.push(version_of(&metadata.metadata));
                let api: Api<Secret> = Api::namespaced(client.clone(), namespace);
                let secret =
                    api.get(&reference.name).await.map_err(|error| secret_error(error, &reference.name))?;
                let bytes = secret.data.unwrap_or_default().remove(&reference.key).map(|bytes| bytes.0);
                (bytes, reference)
            }
            (None, Some(reference)) => {
                let api: Api<ConfigMap> = Api::namespaced(client.clone(), namespace);
                let config_map = api.get(&reference.name).await.map_err(|error| match &error {
                    kube::Error::Api(status) if status.is_not_found() => {
                        CredentialsError::CaBundleNotFound(format!("ConfigMap {:?}", reference.name))
                    }
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
