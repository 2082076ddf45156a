//! What can be set from outside: flags, each with an environment variable.

mod engine;
mod lease;
mod lists;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand};

pub use engine::EngineArguments;
pub use lease::LeaseArguments;
pub use lists::{Cidrs, ListError, Namespaces};

use crate::telemetry::{FilterError, LogEmails, LogFormat, check_filter};

/// Where the kubelet puts the namespace of the service account.
const NAMESPACE_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/namespace";
/// The namespace when nothing says another.
const DEFAULT_NAMESPACE: &str = "user-invitation-operator";

/// The command line.
#[derive(Debug, Parser)]
#[command(name = "user-invitation-operator", version, about, args_conflicts_with_subcommands = true)]
pub struct CommandLine {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the operator (what happens without a subcommand, too)
    Run(Box<Settings>),
    /// Check rights, definitions, credentials, reach and clocks without changing anything, and say what to do; give it the operator's own flags or variables
    Diagnose(Box<Settings>),
    /// Print the custom resource definitions as YAML
    Crds,
}

/// What the command line asks for.
#[derive(Debug)]
pub enum Invocation {
    /// Run the operator.
    Run(Box<Settings>),
    /// Check what the operator needs.
    Diagnose(Box<Settings>),
    /// Print the custom resource definitions.
    Crds,
}

impl CommandLine {
    /// Resolves the command line, with settings that are checked.
    pub fn resolve(self) -> Result<Invocation, SettingsError> {
        let settings = match self.command {
            None => Box::new(self.settings),
            Some(Command::Run(settings)) => settings,
            Some(Command::Diagnose(settings)) => {
                settings.validate()?;
                return Ok(Invocation::Diagnose(settings));
            }
            Some(Command::Crds) => return Ok(Invocation::Crds),
        };
        settings.validate()?;
        Ok(Invocation::Run(settings))
    }
}

/// Everything that can be set.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// Kubeconfig file; without it the pod's service account is used inside a cluster, else the usual kubeconfig
    #[arg(long, env = "USER_INVITATION_OPERATOR_KUBECONFIG", value_name = "FILE")]
    pub kubeconfig: Option<PathBuf>,

    /// Namespaces to serve, separated by commas; empty: all
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_WATCH_NAMESPACES",
        value_name = "NAMES",
        default_value = "",
        hide_default_value = true
    )]
    pub watch_namespaces: Namespaces,

    /// Serve cluster-scoped providers, which needs rights on them and on the labels of namespaces; without this flag they are served exactly when all namespaces are
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_CLUSTER_PROVIDERS",
        value_name = "BOOL",
        action = ArgAction::Set
    )]
    cluster_providers: Option<bool>,

    /// The operator's own namespace, where its lease and the Secrets of providers for several namespaces are; without
    /// it the pod's namespace
    #[arg(long, env = "USER_INVITATION_OPERATOR_OPERATOR_NAMESPACE", value_name = "NAME")]
    operator_namespace: Option<String>,

    /// Addresses that a vendor endpoint may have although they are private, in CIDR notation, separated by commas
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_ALLOWED_PRIVATE_CIDRS",
        value_name = "CIDRS",
        default_value = "",
        hide_default_value = true
    )]
    pub allowed_private_cidrs: Cidrs,

    /// Where probes and metrics are served
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_HEALTH_ADDRESS",
        value_name = "ADDRESS",
        default_value = "0.0.0.0:8080"
    )]
    pub health_address: SocketAddr,

    /// How long a stop may take, from the signal to the exit
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_SHUTDOWN_GRACE_SECONDS",
        value_name = "SECONDS",
        value_parser = clap::value_parser!(u64).range(1..=3_600),
        default_value_t = 25
    )]
    shutdown_grace_seconds: u64,

    /// Form of the log
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_LOG_FORMAT",
        value_enum,
        value_name = "FORMAT",
        default_value_t = LogFormat::Json
    )]
    pub log_format: LogFormat,

    /// How the addresses of people stand in the log
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_LOG_EMAILS",
        value_enum,
        value_name = "FORM",
        default_value_t = LogEmails::Plain
    )]
    pub log_emails: LogEmails,

    /// What is logged: a level, or comma separated target=level
    #[arg(
        long,
        env = "USER_INVITATION_OPERATOR_LOG_FILTER",
        value_name = "FILTER",
        default_value = "info,kube=info"
    )]
    pub log_filter: String,

    /// The leader's lease and its times.
    #[command(flatten)]
    pub lease: LeaseArguments,

    /// The engine's limits and times.
    #[command(flatten)]
    pub engine: EngineArguments,
}

impl Settings {
    /// The operator's own namespace: as set, else as the pod was given it, else a fixed name.
    pub fn operator_namespace(&self) -> String {
        self.namespace_from(Path::new(NAMESPACE_FILE), std::env::var("POD_NAMESPACE").ok())
    }

    fn namespace_from(&self, file: &Path, pod_namespace: Option<String>) -> String {
        let given = |value: String| {
            let value = value.trim().to_owned();
            (!value.is_empty()).then_some(value)
        };
        self.operator_namespace
            .clone()
            .and_then(given)
            // No file means no projected service account, which is usual outside a cluster.
            .or_else(|| std::fs::read_to_string(file).ok().and_then(given))
            .or_else(|| pod_namespace.and_then(given))
            .unwrap_or_else(|| DEFAULT_NAMESPACE.to_owned())
    }

    /// Whether providers for several namespaces are served.
    pub fn cluster_providers(&self) -> bool {
        self.cluster_providers.unwrap_or(self.watch_namespaces.names().is_empty())
    }

    /// The kubeconfig file that was named, if any.
    pub fn kubeconfig(&self) -> Option<&Path> {
        self.kubeconfig.as_deref().filter(|path| !path.as_os_str().is_empty())
    }

    /// How long a stop may take, from the signal to the exit.
    pub fn shutdown_grace(&self) -> Duration {
        Duration::from_secs(self.shutdown_grace_seconds)
    }

    /// Checks what one flag alone cannot know.
    pub fn validate(&self) -> Result<(), SettingsError> {
        self.lease.validate()?;
        self.engine.validate()?;
        let namespace = self.operator_namespace();
        if !lists::is_dns_label(&namespace) {
            return Err(SettingsError::OperatorNamespace { namespace });
        }
        if self.shutdown_grace() <= self.lease.try_timeout() {
            return Err(SettingsError::Order {
                shorter: "--lease-try-timeout-milliseconds",
                longer: "--shutdown-grace-seconds",
            });
        }
        check_filter(&self.log_filter)
            .map_err(|source| SettingsError::LogFilter { filter: self.log_filter.clone(), source })
    }
}

/// Why the settings do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// Two times are the wrong way round.
    #[error("{shorter} must be shorter than {longer}")]
    Order {
        /// The flag that must be shorter.
        shorter: &'static str,
        /// The flag that must be longer.
        longer: &'static str,
    },
    /// One try that is not answered would use up the renew deadline.
    #[error(
        "--lease-renew-interval-milliseconds and --lease-try-timeout-milliseconds together must be shorter than \
         --lease-renew-deadline-milliseconds, so that one slow answer is no loss"
    )]
    NoSecondTry,
    /// The namespace cannot be a namespace.
    #[error("the operator's namespace {namespace:?} is no namespace name: set --operator-namespace")]
    OperatorNamespace {
        /// What was found.
        namespace: String,
    },
    /// The lease cannot have this name.
    #[error("--lease-name {name:?} is no object name: use lower-case letters, digits and dashes")]
    LeaseName {
        /// What was given.
        name: String,
    },
    /// The log filter cannot be read.
    #[error("--log-filter {filter:?} cannot be read: use a level such as info, or target=level,target=level")]
    LogFilter {
        /// What was given.
        filter: String,
        /// What is wrong with it.
        source: FilterError,
    },
}
