//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use user_invitation_operator::api::ProviderKind;

use crate::files::Spread;

/// Invitations from the spreadsheet to Git and back
#[derive(Debug, Parser)]
#[command(name = "kubectl-invite", bin_name = "kubectl invite", version, max_term_width = 120)]
pub struct CommandLine {
    #[command(flatten)]
    pub cluster: ClusterArguments,
    #[command(subcommand)]
    pub command: Command,
}

/// Which cluster, as kubectl is told.
#[derive(Clone, Debug, Default, Args)]
pub struct ClusterArguments {
    /// Path to the kubeconfig file
    #[arg(long, global = true, value_name = "FILE", help_heading = "Cluster")]
    pub kubeconfig: Option<PathBuf>,
    /// The kubeconfig's context
    #[arg(long, global = true, value_name = "NAME", help_heading = "Cluster")]
    pub context: Option<String>,
    /// The kubeconfig's cluster
    #[arg(long, global = true, value_name = "NAME", help_heading = "Cluster")]
    pub cluster: Option<String>,
    /// The kubeconfig's user
    #[arg(long, global = true, value_name = "NAME", help_heading = "Cluster")]
    pub user: Option<String>,
    /// The namespace
    #[arg(long, short, global = true, value_name = "NAME", help_heading = "Cluster")]
    pub namespace: Option<String>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make manifests of a workbook or a CSV file, or apply them
    Import(ImportArguments),
    /// Make manifests of the people at a vendor whom nobody has declared; they only observe
    #[command(after_help = EXPORT)]
    Export(ExportArguments),
    /// Show where everybody stands: totals, the longest wait, what is stalled and why
    #[command(after_help = STATUS)]
    Status(StatusArguments),
    /// Ask for another invitation, once for each person, and wait until that is acknowledged
    #[command(after_help = REQUESTS)]
    Resend(RequestArguments),
    /// Ask the operator to look again, and wait until that is acknowledged
    #[command(after_help = REQUESTS)]
    Reconcile(RequestArguments),
    /// Hold everything but deletion, and wait until that is acknowledged
    #[command(after_help = REQUESTS)]
    Suspend(RequestArguments),
    /// Go on after suspend, and wait until that is acknowledged
    #[command(after_help = REQUESTS)]
    Resume(RequestArguments),
    /// Print the completion script of a shell for kubectl-invite
    #[command(after_help = "Examples:\n  source <(kubectl invite completion bash)")]
    Completion {
        /// The shell
        shell: Shell,
    },
}

const LAYOUTS: &str = "\
Layouts, told by the names of the columns:
  HPE GreenLake's workbook   sheet Users: Name, Email, Workspace Name
                             sheet Workspaces: Workspace Id, Workspace Name, Client Id
  the script's CSV           email, workspace, role
  one row a person           email, provider; and, where needed: first name, last name, user name,
                             profiles (separated by semicolons), or vendor and roles

Examples:
  # Write manifests below ./invitations, one file a person
  kubectl invite import people.xlsx -n greenlake
  # One file for each provider, elsewhere
  kubectl invite import people.csv --output clusters/prod/people --files provider
  # Apply them, and wait until everybody is invited
  kubectl invite import people.xlsx -n greenlake --apply --wait

Exit code: 0 everything was taken; 3 some rows could not be used (or some people are not ready), the others were taken; 1 nothing was done.";

/// Where manifests go.
#[derive(Debug, Args)]
pub struct FolderArguments {
    /// Folder for the manifests
    #[arg(long, short, value_name = "FOLDER", default_value = "invitations")]
    pub output: PathBuf,
    /// How people are spread over files
    #[arg(long, value_enum, value_name = "ONE-FOR-EACH", default_value_t)]
    pub files: Spread,
    /// Replace files that are there already and differ
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
#[command(after_help = LAYOUTS)]
pub struct ImportArguments {
    /// The list of people: .xlsx, .ods or .csv
    pub file: PathBuf,
    #[command(flatten)]
    pub folder: FolderArguments,
    /// The provider of rows that name none
    #[arg(long, value_name = "NAME", value_parser = provider_name)]
    pub provider: Option<String>,
    /// The kind of the providers that rows name
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    pub provider_kind: Kind,
    /// The id of a workspace that the file only names; may be repeated
    #[arg(long, value_name = "WORKSPACE=ID", value_parser = pair)]
    pub workspace_id: Vec<(String, String)>,
    /// Apply the manifests (server-side) instead of writing files
    #[arg(long, conflicts_with_all = ["output", "files", "force"])]
    pub apply: bool,
    /// Take over fields that others have set
    #[arg(long, requires = "apply")]
    pub force_conflicts: bool,
    /// Ask for the credentials of each provider that has no Secret yet, and make it
    #[arg(long, requires = "apply")]
    pub prompt_secrets: bool,
    #[command(flatten)]
    pub waiting: WaitArguments,
}

/// Whether to wait, and how long.
#[derive(Clone, Copy, Debug, Args)]
pub struct WaitArguments {
    /// Wait until everybody is ready, or nothing more will happen by itself
    #[arg(long, requires = "apply")]
    pub wait: bool,
    /// The longest time to wait
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    pub timeout: u64,
}

const EXPORT: &str = "\
The operator lists the people in the provider's status, page by page, while this command asks for it with an annotation on the
provider. It needs the right to read, watch and patch the provider, and no credential.

Examples:
  kubectl invite export --provider csp -n cloud-services
  kubectl apply --recursive -f invitations/csp
  # Of a provider for several namespaces; the manifests are for one of them
  kubectl invite export --provider csp --provider-kind ClusterInvitationProvider -n team-a

Exit code: 0 everybody was taken; 3 somebody can't be declared, the others were taken; 1 nothing was done.";

/// Whom `export` takes, and where to.
#[derive(Debug, Args)]
pub struct ExportArguments {
    /// The provider
    #[arg(long, value_name = "NAME", value_parser = object_name)]
    pub provider: String,
    /// The kind of the provider
    #[arg(long, value_enum, value_name = "KIND", default_value_t)]
    pub provider_kind: Kind,
    #[command(flatten)]
    pub folder: FolderArguments,
    /// The longest time to wait for the operator
    #[arg(long, value_name = "SECONDS", default_value_t = 300)]
    pub timeout: u64,
}

/// The kinds of providers, as the command line has them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "PascalCase")]
pub enum Kind {
    /// A provider of the same namespace
    #[default]
    InvitationProvider,
    /// A provider for several namespaces
    ClusterInvitationProvider,
}

impl From<Kind> for ProviderKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::InvitationProvider => Self::InvitationProvider,
            Kind::ClusterInvitationProvider => Self::ClusterInvitationProvider,
        }
    }
}

fn provider_name(text: &str) -> Result<String, String> {
    if crate::import::names::is_label(text) {
        Ok(text.to_owned())
    } else {
        Err("no name of a provider".to_owned())
    }
}

fn object_name(text: &str) -> Result<String, String> {
    if text.split('.').all(crate::import::names::is_label) {
        Ok(text.to_owned())
    } else {
        Err("no name of a provider".to_owned())
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.rsplit_once('=').ok_or("NAME=VALUE is needed")?;
    Ok((name.to_owned(), value.to_owned()))
}

const STATUS: &str = "\
Examples:
  kubectl invite status -n greenlake
  # Who has access where, since when, accepted or not: for auditors
  kubectl invite status -A --output csv > access.csv";

/// What `status` shows, and of whom.
#[derive(Debug, Args)]
pub struct StatusArguments {
    /// Invitations of all namespaces
    #[arg(long, short = 'A', conflicts_with = "namespace")]
    pub all_namespaces: bool,
    /// Only invitations with these labels
    #[arg(long, short = 'l', value_name = "SELECTOR")]
    pub selector: Option<String>,
    /// Only invitations of the provider with this name
    #[arg(long, value_name = "NAME")]
    pub provider: Option<String>,
    /// A table of totals; or CSV or JSON with one entry for each invitation
    #[arg(long, short, value_enum, value_name = "FORM", default_value_t)]
    pub output: Form,
}

/// How something is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Form {
    /// Totals, for people
    #[default]
    Table,
    /// One object, with everybody in it
    Json,
    /// One row for each invitation
    Csv,
}

const REQUESTS: &str = "\
Examples:
  kubectl invite resend csp.ada-at-example.com
  kubectl invite suspend -l team=web
  kubectl invite resume --all --provider csp";

/// Whom a request is about, and whether to wait.
#[derive(Debug, Args)]
pub struct RequestArguments {
    /// Names of invitations
    #[arg(value_name = "NAME", required_unless_present_any = ["selector", "all"])]
    pub names: Vec<String>,
    /// The invitations with these labels
    #[arg(long, short = 'l', value_name = "SELECTOR", conflicts_with = "names")]
    pub selector: Option<String>,
    /// All invitations of a provider
    #[arg(long, requires = "provider", conflicts_with_all = ["names", "selector"])]
    pub all: bool,
    /// Only invitations of the provider with this name
    #[arg(long, value_name = "NAME", conflicts_with = "names")]
    pub provider: Option<String>,
    /// Do not wait until the operator acknowledges it
    #[arg(long)]
    pub no_wait: bool,
    /// The longest time to wait
    #[arg(long, value_name = "SECONDS", default_value_t = 120)]
    pub timeout: u64,
}
