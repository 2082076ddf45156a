//! The simulators as a program.

use std::{net::SocketAddr, path::PathBuf};

use clap::Parser;
use vendor_simulators::{CertificateAuthority, Options, Simulators};

/// Runs simulators of the vendors' invitation APIs until interrupted.
///
/// Prints one JSON object with the addresses. Tenants are made, and everything else is steered, through the
/// control API; its paths are listed in the documentation of the library.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where HPE GreenLake listens (TLS); port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    hpe: SocketAddr,
    /// Where VMware Cloud Services listens (TLS).
    #[arg(long, default_value = "127.0.0.1:0")]
    vmware: SocketAddr,
    /// Where AppXite listens (TLS).
    #[arg(long, default_value = "127.0.0.1:0")]
    appxite: SocketAddr,
    /// Where all clusters of Dynatrace Managed listen (TLS).
    #[arg(long, default_value = "127.0.0.1:0")]
    managed: SocketAddr,
    /// Where Dynatrace SaaS listens (TLS).
    #[arg(long, default_value = "127.0.0.1:0")]
    saas: SocketAddr,
    /// Where the control API listens (plain HTTP).
    #[arg(long, default_value = "127.0.0.1:0")]
    control: SocketAddr,
    /// Certificate of an existing authority (PEM); without it a new one is made.
    #[arg(long, requires = "ca_key")]
    ca_certificate: Option<PathBuf>,
    /// Its key (PEM, PKCS#8).
    #[arg(long, requires = "ca_certificate")]
    ca_key: Option<PathBuf>,
    /// Writes the authority's certificate here.
    #[arg(long)]
    ca_out: Option<PathBuf>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let authority = match (&arguments.ca_certificate, &arguments.ca_key) {
        (Some(certificate), Some(key)) => {
            let (certificate, key) = (std::fs::read_to_string(certificate)?, std::fs::read_to_string(key)?);
            Some(CertificateAuthority::from_pem(certificate, key))
        }
        _ => None,
    };
    let options = Options {
        hpe: arguments.hpe,
        vmware: arguments.vmware,
        appxite: arguments.appxite,
        managed: arguments.managed,
        saas: arguments.saas,
        control: Some(arguments.control),
        authority,
        ..Options::default()
    };
    let simulators = Simulators::start(options).await?;
    if let Some(path) = &arguments.ca_out {
        std::fs::write(path, simulators.ca_pem())?;
    }
    let addresses = serde_json::json!({
        "hpe": simulators.base_url_hpe(), "vmware": simulators.base_url_vmware(),
        "appxite": simulators.base_url_appxite(),
        "managed": simulators.base_url_managed(),
        "saas": simulators.base_url_saas(),
        "control": simulators.control_url(),
    });
    #[allow(clippy::print_stdout)] // the program's one line of output
    {
        println!("{addresses}");
    }
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    Ok(())
}
