//! The way to the cluster, as kubectl finds it.

use kube::config::{KubeConfigOptions, Kubeconfig, KubeconfigError};
use kube::{Client, Config};
use user_invitation_operator::kubernetes::{KubernetesError, install_crypto_provider};

use crate::cli::ClusterArguments;

/// A client, and the namespace that is meant.
#[derive(Clone)]
pub struct Connection {
    /// The client.
    pub client: Client,
    /// The namespace of the command line, else of the kubeconfig's context.
    pub namespace: String,
}

/// Why there is no way to the cluster.
#[derive(Debug, thiserror::Error)]
pub enum NoConnection {
    /// The kubeconfig can't be used.
    #[error("the kubeconfig can't be used")]
    Kubeconfig(#[from] Box<KubeconfigError>),
    /// No client can be made of it.
    #[error("no client can be made for the cluster")]
    Client(#[from] Box<kube::Error>),
    /// TLS can't be used.
    #[error(transparent)]
    Crypto(#[from] KubernetesError),
}

/// Makes the client; nothing is called yet.
pub async fn connect(arguments: &ClusterArguments) -> Result<Connection, NoConnection> {
    install_crypto_provider()?;
    let options = KubeConfigOptions {
        context: arguments.context.clone(),
        cluster: arguments.cluster.clone(),
        user: arguments.user.clone(),
    };
    let kubeconfig = match &arguments.kubeconfig {
        Some(path) => Kubeconfig::read_from(path),
        None => Kubeconfig::read(),
    };
    let kubeconfig = kubeconfig.map_err(Box::new)?;
    let config = Config::from_custom_kubeconfig(kubeconfig, &options).await.map_err(Box::new)?;
    let namespace = arguments.namespace.clone().unwrap_or_else(|| config.default_namespace.clone());
    Ok(Connection { client: Client::try_from(config).map_err(Box::new)?, namespace })
}
