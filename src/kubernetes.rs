//! Connections to the Kubernetes API.

use std::path::Path;
use std::time::Duration;

use axum::http::HeaderValue;
use axum::http::header::USER_AGENT;
use kube::config::{InClusterError, KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};

use crate::settings::Settings;

/// How long connecting may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long sending a request may take.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);
/// How long an answer may be silent: longer than a watch is asked to last, so that only a dead connection
/// is silent for so long. Single calls have their callers' shorter limits.
const READ_TIMEOUT: Duration = Duration::from_secs(240);
/// Who asks, in the API server's audit log: the operator, or somebody who has it look at everything.
const OPERATOR: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));
const DIAGNOSE: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"), " (diagnose)");

/// Why the Kubernetes API cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KubernetesError {
    /// The kubeconfig cannot be used.
    #[error("the kubeconfig cannot be used")]
    Kubeconfig(#[source] Box<KubeconfigError>),
    /// The pod's service account cannot be used.
    #[error("the pod's service account cannot be used")]
    InCluster(#[source] Box<InClusterError>),
    /// No client can be made of the configuration.
    #[error("no client can be made for the Kubernetes API")]
    Client(#[source] Box<kube::Error>),
    /// There is another crypto provider already.
    #[error("another crypto provider was installed before")]
    CryptoProvider,
}

/// The clients of this process.
#[derive(Clone)]
pub struct Clients {
    /// For everything but the lease. Retries what the API server refuses for being busy.
    pub main: Client,
    /// For the lease only. Retries nothing: the election has its own times.
    pub lease: Client,
}

impl Clients {
    /// Makes the operator's clients; nothing is called yet.
    pub async fn connect(settings: &Settings) -> Result<Self, KubernetesError> {
        Self::connect_as(OPERATOR, settings).await
    }

    /// The same for a diagnosis.
    pub async fn connect_to_diagnose(settings: &Settings) -> Result<Self, KubernetesError> {
        Self::connect_as(DIAGNOSE, settings).await
    }

    async fn connect_as(who: &'static str, settings: &Settings) -> Result<Self, KubernetesError> {
        let mut config = config(settings.kubeconfig()).await?;
        config.headers.push((USER_AGENT, HeaderValue::from_static(who)));
        config.connect_timeout = Some(CONNECT_TIMEOUT);
        config.write_timeout = Some(WRITE_TIMEOUT);
        config.read_timeout = Some(READ_TIMEOUT);
        // Counts silence from the request on, not from when the connection was last used.
        config.reset_reader_on_write = true;

        let mut lease = config.clone();
        lease.default_retry = false;
        lease.connect_timeout = Some(settings.lease.try_timeout());
        lease.write_timeout = Some(settings.lease.try_timeout());

        Ok(Self { main: client(config)?, lease: client(lease)? })
    }
}

/// Whether this process runs in a pod that can reach its cluster.
pub fn is_in_cluster() -> bool {
    std::env::var_os("KUBERNETES_SERVICE_HOST").is_some_and(|host| !host.is_empty())
}

/// Chooses the one crypto provider of this process; before anything uses TLS.
pub fn install_crypto_provider() -> Result<(), KubernetesError> {
    rustls::crypto::aws_lc_rs::default_provider()
        .install_default()
        .map_err(|_| KubernetesError::CryptoProvider)
}

/// A named kubeconfig first; then the pod's service account, before any kubeconfig that lies around.
async fn config(kubeconfig: Option<&Path>) -> Result<Config, KubernetesError> {
    match kubeconfig {
        Some(path) => of_kubeconfig(Kubeconfig::read_from(path)).await,
        None if is_in_cluster() => {
            Config::incluster().map_err(|error| KubernetesError::InCluster(Box::new(error)))
        }
        None => of_kubeconfig(Kubeconfig::read()).await,
    }
}

/// What a kubeconfig says; a proxy only if it names one itself, since one in the environment is for vendors.
async fn of_kubeconfig(read: Result<Kubeconfig, KubeconfigError>) -> Result<Config, KubernetesError> {
    let unusable = |error| KubernetesError::Kubeconfig(Box::new(error));
    let kubeconfig = read.map_err(unusable)?;
    let mut clusters = kubeconfig.clusters.iter().filter_map(|named| named.cluster.as_ref());
    let names_a_proxy = clusters.any(|cluster| cluster.proxy_url.is_some());
    let options = KubeConfigOptions::default();
    let mut config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(unusable)?;
    if !names_a_proxy {
        config.proxy_url = None;
    }
    Ok(config)
}

fn client(config: Config) -> Result<Client, KubernetesError> {
    Client::try_from(config).map_err(|error| KubernetesError::Client(Box::new(error)))
}
