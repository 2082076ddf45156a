//! Name resolution that drops every address which may not be spoken to.

use std::error::Error;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_allowed;

/// All addresses of a name were refused.
#[derive(Debug)]
pub(super) struct AddressRefused;

impl fmt::Display for AddressRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no allowed address")
    }
}

impl Error for AddressRefused {}

/// Resolves names through the system and checks what comes back just before the connection is made, so that a
/// name can't change its address between check and use.
#[derive(Debug)]
pub(super) struct CheckedResolver {
    pub(super) allowed: Arc<[IpNet]>,
    /// The proxy's own name, which is not checked.
    pub(super) exempt: Option<String>,
}

impl Resolve for CheckedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = Arc::clone(&self.allowed);
        let exempt = self.exempt.as_deref().is_some_and(|exempt| exempt.eq_ignore_ascii_case(name.as_str()));
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            let some = !found.is_empty();
            let usable: Vec<_> =
                found.into_iter().filter(|address| exempt || is_allowed(address.ip(), &allowed)).collect();
            if some && usable.is_empty() {
                return Err(AddressRefused.into());
            }
            Ok::<Addrs, _>(Box::new(usable.into_iter()))
        })
    }
}
