//! Kubernetes operator that invites people to vendor tenants and follows each invitation to its end.
//!
//! One invitation's way through the folders: `api` (what people declare) → `controller` (watches and writes) →
//! `plan` (decides) → `tenant` (queue, calls, looks) → `vendor` (speaks HTTP).

pub mod api;
pub mod controller;
pub mod diagnose;
mod error_chain;
pub mod health;
pub mod kubernetes;
pub mod leader;
pub mod metrics;
pub mod opening;
pub mod plan;
pub mod rights;
mod run;
pub mod settings;
pub mod start;
pub mod telemetry;
pub mod tenant;
pub mod vendor;

pub use error_chain::error_chain;
pub use run::{RunError, run};

/// Prints the custom resource definitions as YAML.
pub fn print_crds(output: &mut dyn std::io::Write) -> std::io::Result<()> {
    for (_, content) in api::crds::files().map_err(std::io::Error::other)? {
        output.write_all(content.as_bytes())?;
    }
    Ok(())
}
