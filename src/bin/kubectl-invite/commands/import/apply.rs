//! `import --apply`: the same manifests, in the cluster at once.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use super::{counted, say_secrets};
use crate::cli::{ClusterArguments, ImportArguments};
use crate::cluster::apply::{Applied, apply};
use crate::cluster::connect::{Connection, connect};
use crate::cluster::secrets::{self, Made};
use crate::cluster::wait::{self, Standing, Wanted};
use crate::commands::{End, Failure};
use crate::import::{Import, manifest};

/// Applies what a file declares.
pub(super) async fn run(
    arguments: &ImportArguments,
    cluster: &ClusterArguments,
    import: &Import,
    out: &mut dyn Write,
) -> Result<End, Failure> {
    let connection = connect(cluster).await?;
    let manifests = manifest::manifests(import, Some(&connection.namespace))?;
    if arguments.prompt_secrets {
        make_secrets(&connection, import, out).await?;
    } else {
        say_secrets(import, Some(&connection.namespace), out)?;
    }
    let applied = apply(&connection, &manifests, arguments.force_conflicts).await;
    writeln!(
        out,
        "Read as {}. Applied {} and {} in the namespace {}.",
        import.layout,
        counted(applied.people.len(), "person", "people"),
        counted(applied.providers, "provider", "providers"),
        connection.namespace,
    )?;
    if !applied.refused.is_empty() {
        writeln!(out, "{} refused by the API server:", counted(applied.refused.len(), "object", "objects"))?;
        applied.refused.iter().try_for_each(|(name, why)| writeln!(out, "  {name}: {why}"))?;
    }
    let mut complete = import.bad.is_empty() && applied.refused.is_empty();
    if arguments.waiting.wait {
        complete &= follow(&connection, &applied, arguments.waiting.timeout, out).await?;
    }
    Ok(if complete { End::Complete } else { End::Partial })
}

async fn make_secrets(connection: &Connection, import: &Import, out: &mut dyn Write) -> io::Result<()> {
    for workspace in &import.providers {
        let secret = &workspace.provider;
        match secrets::ask_and_make(connection, workspace).await? {
            Made::New => writeln!(out, "Secret {secret}: made")?,
            Made::Known => writeln!(out, "Secret {secret}: there already, and left as it is")?,
            Made::Skipped => writeln!(out, "Secret {secret}: not made, since nothing was typed")?,
            Made::Refused(why) => writeln!(out, "Secret {secret}: refused by the API server: {why}")?,
        }
    }
    Ok(())
}

/// Waits for everybody who was applied; whether all are ready.
async fn follow(
    connection: &Connection,
    applied: &Applied,
    seconds: u64,
    out: &mut dyn Write,
) -> Result<bool, Failure> {
    let wanted = applied.people.iter().map(|taken| {
        let (provider, generation) = (taken.provider.clone(), taken.generation);
        (taken.name.clone(), Wanted { provider, generation })
    });
    let wanted: BTreeMap<String, Wanted> = wanted.collect();
    let found = wait::follow(connection, &wanted, Duration::from_secs(seconds), wait::standing).await?;
    let count = |wanted: fn(&Standing) -> bool| found.values().filter(|standing| wanted(standing)).count();
    let ready = count(|standing| matches!(standing, Standing::Ready));
    let stalled = count(|standing| matches!(standing, Standing::Stalled(..)));
    writeln!(
        out,
        "Ready: {ready}. Stalled: {stalled}. Still under way after the time to wait: {}.",
        found.len() - ready - stalled
    )?;
    for (name, standing) in &found {
        if let Standing::Stalled(reason, message) = standing {
            writeln!(out, "  {name}: {reason}: {message}")?;
        }
    }
    Ok(ready == found.len())
}
