//! Addresses that belong to one tenant each, for vendors whose tenants are hosts.

use std::{
    collections::HashMap,
    net::{IpAddr, SocketAddr, TcpListener},
    sync::{Arc, Mutex},
};

use rustls::ServerConfig;
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;

use crate::{clock::lock, pipeline::Pipeline, server::Server, vendor::TenantId, world::World};

/// What it takes to open one, and those that are open.
pub(crate) struct Doors {
    runtime: Handle,
    ip: IpAddr,
    tls: Arc<ServerConfig>,
    stop: CancellationToken,
    open: Mutex<HashMap<TenantId, SocketAddr>>,
}

impl Doors {
    /// None yet. Called within a runtime, in which they will be served.
    pub(crate) fn new(ip: IpAddr, tls: Arc<ServerConfig>, stop: CancellationToken) -> Self {
        Self { runtime: Handle::current(), ip, tls, stop, open: Mutex::default() }
    }

    /// Listens for a tenant, at a free port.
    pub(crate) fn open(&self, world: &Arc<World>, tenant: &TenantId) -> std::io::Result<()> {
        let listener = TcpListener::bind((self.ip, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let pipeline = Pipeline::new(world.clone(), tenant.vendor).at_door_of(tenant);
        let within = self.runtime.enter();
        let listener = tokio::net::TcpListener::from_std(listener)?;
        Server::serve(listener, self.tls.clone(), pipeline, self.stop.clone());
        drop(within);
        lock(&self.open).insert(tenant.clone(), address);
        Ok(())
    }

    /// Where a tenant listens.
    pub(crate) fn address(&self, tenant: &TenantId) -> Option<SocketAddr> {
        lock(&self.open).get(tenant).copied()
    }
}
