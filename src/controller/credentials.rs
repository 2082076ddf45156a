//! From a provider to a client: the Secret, its owner's consent to hosts, the private CA. Reads by name only:
//! first metadata, and values only of Secrets that are labelled for it.

use std::collections::BTreeMap;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{ConfigMap, Secret};
use kube::api::{Api, PartialObjectMeta};
use kube::{Client, ResourceExt};
use reqwest::Url;
use secrecy::SecretString;
use thiserror::Error;

use crate::api::{
    ALLOWED_HOSTS, CREDENTIALS_LABEL, CREDENTIALS_LABEL_VALUE, CaBundleRef, HpeGreenLake, InvitationProvider,
    Reason, VmwareCloudServices, VmwarePlatform,
};
use crate::vendor::{
    CallObserver, Connection, Limiter, TenantKey, Transport, TransportSettings, Vendor, VendorClient,
    built_in_hosts, default_endpoint, hpe_greenlake, vmware,
};

/// Why there is no client.
#[derive(Debug, Error)]
pub(super) enum CredentialsError {
    #[error(
        "there is no Secret {0:?} in this namespace: create it, with the label {CREDENTIALS_LABEL}=\"true\""
    )]
    SecretNotFound(String),
    #[error("the Secret {0:?} may not be read: set the label {CREDENTIALS_LABEL}=\"true\" on it")]
    NotLabelled(String),
    #[error("the Secret {secret:?} has no usable key {key:?}: {hint}")]
    KeyMissing { secret: String, key: &'static str, hint: &'static str },
    #[error("the operator has no right to read the Secret {0:?}")]
    SecretForbidden(String),
    #[error(
        "the host {host:?} is not the vendor's own: the Secret's owner has to allow it, with the annotation {ALLOWED_HOSTS} on the Secret {secret:?}"
    )]
    HostNotAllowed { host: String, secret: String },
    #[error("{0:?} is not a usable https URL")]
    Endpoint(String),
    #[error("there is no {0} with a private certificate authority in this namespace")]
    CaBundleNotFound(String),
    #[error("the key {0:?} with the private certificate authority is missing, or holds no PEM certificates")]
    CaBundle(String),
    #[error("the provider needs exactly one vendor block")]
    Spec,
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
            Self::KeyMissing { .. } => Reason::SecretKeyMissing,
            Self::SecretForbidden(_) => Reason::SecretForbidden,
            Self::HostNotAllowed { .. } => Reason::HostNotAllowed,
            Self::Endpoint(_) => Reason::InvalidEndpoint,
            Self::CaBundleNotFound(_) => Reason::CaBundleNotFound,
            Self::CaBundle(_) => Reason::InvalidCaBundle,
            Self::Spec => Reason::InvalidSpec,
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

/// A client, and the versions of what it was made from.
pub(super) struct Opened {
    pub client: Arc<dyn VendorClient>,
    pub tenant: TenantKey,
}

/// The parts of the Secret and of the CA bundle that decide whether a client is still the right one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sources(Vec<String>);

struct Values<'a> {
    secret: &'a str,
    data: BTreeMap<String, k8s_openapi::ByteString>,
}

impl Values<'_> {
    /// A value as text, without the line end that editors and `echo` leave behind.
    fn text(&self, key: &'static str, hint: &'static str) -> Result<String, CredentialsError> {
        self.find(key).ok_or_else(|| CredentialsError::KeyMissing {
            secret: self.secret.to_owned(),
            key,
            hint,
        })
    }

    fn find(&self, key: &str) -> Option<String> {
        let text = std::str::from_utf8(&self.data.get(key)?.0).ok()?.trim();
        let usable = !text.is_empty() && text.len() <= 16 * 1024 && !text.chars().any(char::is_control);
        usable.then(|| text.to_owned())
    }
}

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
    let values = Values { secret: name, data: secret.data.unwrap_or_default() };
    let allowed = metadata.annotations().get(ALLOWED_HOSTS).cloned().unwrap_or_default();
    let consent = Consent { secret: name, allowed: &allowed };
    let transport = TransportSettings { ca_bundle, ..around.transport.clone() };
    let transport = Transport::new(&transport).map_err(|error| match error {
        crate::vendor::TransportError::CaBundle => CredentialsError::CaBundle("ca.crt".to_owned()),
        error @ (crate::vendor::TransportError::Proxy | crate::vendor::TransportError::Tls) => {
            CredentialsError::Transport(error)
        }
    })?;
    let opened = match (&provider.spec.hpe_green_lake, &provider.spec.vmware_cloud_services) {
        (Some(block), None) => hpe(block, &values, &consent, transport, around)?,
        (None, Some(block)) => vmware(provider, block, &values, &consent, transport, around)?,
        (None, None) | (Some(_), Some(_)) => return Err(CredentialsError::Spec),
    };
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

/// Which hosts may get the credential.
struct Consent<'a> {
    secret: &'a str,
    allowed: &'a str,
}

impl Consent<'_> {
    fn url(&self, vendor: Vendor, text: &str) -> Result<Url, CredentialsError> {
        let url = Url::parse(text).map_err(|_| CredentialsError::Endpoint(text.to_owned()))?;
        let usable = url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        let Some(host) = url.host_str().filter(|_| usable) else {
            return Err(CredentialsError::Endpoint(text.to_owned()));
        };
        let host =
            url.port().map_or_else(|| host.to_lowercase(), |port| format!("{}:{port}", host.to_lowercase()));
        let consented = self.allowed.split(',').any(|allowed| allowed.trim().eq_ignore_ascii_case(&host));
        if consented || built_in_hosts(vendor).contains(&host.as_str()) {
            Ok(url)
        } else {
            Err(CredentialsError::HostNotAllowed { host, secret: self.secret.to_owned() })
        }
    }
}

fn hpe(
    block: &HpeGreenLake,
    values: &Values<'_>,
    consent: &Consent<'_>,
    transport: Transport,
    around: &Surroundings<'_>,
) -> Result<Opened, CredentialsError> {
    const HINT: &str = "HPE GreenLake needs clientId and clientSecret";
    let vendor = Vendor::HpeGreenLake;
    let endpoint = block.endpoint.as_deref().unwrap_or_else(|| default_endpoint(vendor, None));
    let token_endpoint = block.token_endpoint.as_deref().map(|url| consent.url(vendor, url)).transpose()?;
    let config = hpe_greenlake::Config {
        workspace_id: block.workspace_id.clone(),
        endpoint: consent.url(vendor, endpoint)?,
        token_endpoint,
        client_id: values.text("clientId", HINT)?,
        client_secret: SecretString::from(values.text("clientSecret", HINT)?),
    };
    let tenant = config.tenant();
    let client = hpe_greenlake::Client::new(config, connection(transport, &tenant, around));
    Ok(Opened { client: Arc::new(client), tenant })
}

fn vmware(
    provider: &InvitationProvider,
    block: &VmwareCloudServices,
    values: &Values<'_>,
    consent: &Consent<'_>,
    transport: Transport,
    around: &Surroundings<'_>,
) -> Result<Opened, CredentialsError> {
    const HINT: &str = "VMware Cloud Services needs apiToken, or clientId and clientSecret";
    let vendor = Vendor::VmwareCloudServices;
    let platform = match block.platform {
        VmwarePlatform::Vcsp => vmware::Platform::Vcsp,
        VmwarePlatform::Tcsp => vmware::Platform::Tcsp,
    };
    let endpoint = block.endpoint.as_deref().unwrap_or_else(|| default_endpoint(vendor, Some(platform)));
    let credentials = match values.find("apiToken") {
        Some(token) => vmware::Credentials::ApiToken(SecretString::from(token)),
        None if values.find("clientId").is_none() => {
            return Err(CredentialsError::KeyMissing {
                secret: values.secret.to_owned(),
                key: "apiToken",
                hint: HINT,
            });
        }
        None => vmware::Credentials::Client {
            id: values.text("clientId", HINT)?,
            secret: SecretString::from(values.text("clientSecret", HINT)?),
        },
    };
    let config = vmware::Config {
        platform,
        org_id: block.org_id.clone(),
        endpoint: consent.url(vendor, endpoint)?,
        invited_by: block.invited_by.clone(),
        expiration_days: block.invitation_expiration_days.and_then(|days| u8::try_from(days).ok()),
        credentials,
        max_batch_size: provider
            .spec
            .limits
            .max_batch_size
            .and_then(|size| usize::try_from(size).ok())
            .unwrap_or(VMWARE_BATCH),
    };
    let tenant = config.tenant();
    let client = vmware::Client::new(config, connection(transport, &tenant, around));
    Ok(Opened { client: Arc::new(client), tenant })
}

/// The vendor documents no maximum (vendor contract: VMware U6).
const VMWARE_BATCH: usize = 20;

fn connection(transport: Transport, tenant: &TenantKey, around: &Surroundings<'_>) -> Connection {
    Connection { transport, limiter: (around.limiter)(tenant), observer: Arc::clone(&around.observer) }
}
