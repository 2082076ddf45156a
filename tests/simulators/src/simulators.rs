//! Starting and stopping the simulators.

use std::{net::SocketAddr, sync::Arc};

use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    control::{self, Control},
    doors::Doors,
    pipeline::Pipeline,
    server::Server,
    tls::{CertificateAuthority, ServerCertificate},
    vendor::Vendor,
    world::World,
};

/// Where to listen and whom clients trust. A port of 0 takes a free one.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where HPE GreenLake listens (TLS).
    pub hpe: SocketAddr,
    /// Where VMware Cloud Services listens (TLS).
    pub vmware: SocketAddr,
    /// Where AppXite listens (TLS).
    pub appxite: SocketAddr,
    /// Where all clusters of Dynatrace Managed listen (TLS); each has an address of its own too.
    pub managed: SocketAddr,
    /// Where Dynatrace SaaS listens (TLS).
    pub saas: SocketAddr,
    /// Where the control API listens (plain HTTP); `None`: only [`Simulators::control`].
    pub control: Option<SocketAddr>,
    /// The certificate authority; `None`: a new one.
    pub authority: Option<CertificateAuthority>,
    /// What the vendors show for a certificate.
    pub certificate: ServerCertificate,
}

impl Default for Options {
    fn default() -> Self {
        let free = SocketAddr::from(([127, 0, 0, 1], 0));
        Self {
            hpe: free,
            vmware: free,
            appxite: free,
            managed: free,
            saas: free,
            control: Some(free),
            authority: None,
            certificate: ServerCertificate::Good,
        }
    }
}

/// Where everything listens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Addresses {
    /// HPE GreenLake.
    pub hpe: SocketAddr,
    /// VMware Cloud Services.
    pub vmware: SocketAddr,
    /// AppXite.
    pub appxite: SocketAddr,
    /// Dynatrace Managed, all clusters.
    pub managed: SocketAddr,
    /// Dynatrace SaaS.
    pub saas: SocketAddr,
    /// The control API.
    pub control: Option<SocketAddr>,
}

/// Why the simulators did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// An address can't be listened on.
    #[error("listening: {0}")]
    Listen(#[from] std::io::Error),
    /// A certificate could not be made.
    #[error("making certificates: {0}")]
    MakeCertificate(#[from] rcgen::Error),
    /// The authority's certificate is not PEM.
    #[error("the authority's certificate can't be read")]
    Certificate,
    /// TLS refuses the certificates.
    #[error("setting up TLS: {0}")]
    Tls(#[from] rustls::Error),
}

/// Running simulators; they stop when this is dropped.
pub struct Simulators {
    world: Arc<World>,
    addresses: Addresses,
    authority: CertificateAuthority,
    stop: CancellationToken,
}

impl Simulators {
    /// Starts all vendors and the control API in the background of the current runtime.
    pub async fn start(options: Options) -> Result<Self, StartError> {
        let authority = match options.authority {
            Some(authority) => authority,
            None => CertificateAuthority::generate()?,
        };
        let vendors = [options.hpe, options.vmware, options.appxite, options.managed, options.saas];
        let hosts = vendors.map(|address| address.ip());
        let tls = authority.server_config(&hosts, options.certificate)?;
        let world = Arc::new(World::default());
        // Dropped on an early return, so that what was started stops again.
        let stop = CancellationToken::new();
        let guard = stop.clone().drop_guard();
        let start = async |address, vendor| {
            Server::start(address, tls.clone(), Pipeline::new(world.clone(), vendor), stop.clone()).await
        };
        let hpe = start(options.hpe, Vendor::Hpe).await?;
        let vmware = start(options.vmware, Vendor::Vmware).await?;
        let appxite = start(options.appxite, Vendor::AppXite).await?;
        let managed = start(options.managed, Vendor::Managed).await?;
        let doors = Doors::new(options.managed.ip(), tls.clone(), stop.clone());
        world.doors.get_or_init(|| doors);
        let saas = start(options.saas, Vendor::Saas).await?;
        let mut addresses = Addresses { hpe, vmware, appxite, managed, saas, control: None };
        if let Some(address) = options.control {
            let listener = TcpListener::bind(address).await?;
            addresses.control = Some(listener.local_addr()?);
            let control = Control { world: world.clone() };
            let ca = authority.certificate_pem().to_owned();
            control::http::serve(listener, control, addresses.clone(), ca, stop.clone());
        }
        guard.disarm();
        Ok(Self { world, addresses, authority, stop })
    }

    /// The handle for tests in the same process.
    pub fn control(&self) -> Control {
        Control { world: self.world.clone() }
    }

    /// Where everything listens.
    pub fn addresses(&self) -> &Addresses {
        &self.addresses
    }

    /// `https://…` of HPE GreenLake: API and both token URLs.
    pub fn base_url_hpe(&self) -> String {
        format!("https://{}", self.addresses.hpe)
    }

    /// `https://…` of VMware Cloud Services.
    pub fn base_url_vmware(&self) -> String {
        format!("https://{}", self.addresses.vmware)
    }

    /// `https://…` of AppXite: API and token URL.
    pub fn base_url_appxite(&self) -> String {
        format!("https://{}", self.addresses.appxite)
    }

    /// `https://…` of Dynatrace Managed, where the token tells the cluster; see also [`Control::managed_url`].
    pub fn base_url_managed(&self) -> String {
        format!("https://{}", self.addresses.managed)
    }

    /// `https://…` of Dynatrace SaaS.
    pub fn base_url_saas(&self) -> String {
        format!("https://{}", self.addresses.saas)
    }

    /// `https://…` of the token endpoint of Dynatrace SaaS, on another host in reality.
    pub fn token_url_saas(&self) -> String {
        format!("{}/sso/oauth2/token", self.base_url_saas())
    }

    /// `http://…` of the control API.
    pub fn control_url(&self) -> Option<String> {
        self.addresses.control.map(|address| format!("http://{address}"))
    }

    /// The certificate that clients must trust.
    pub fn ca_pem(&self) -> &str {
        self.authority.certificate_pem()
    }

    /// The authority, for starting others under it.
    pub fn authority(&self) -> &CertificateAuthority {
        &self.authority
    }
}

impl Drop for Simulators {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}
