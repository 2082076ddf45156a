//! `import`: from a file to manifests, in files or in the cluster.

mod apply;

use std::io::{self, Write};

use super::{End, Failure};
use crate::cli::{ClusterArguments, ImportArguments};
use crate::import::{self, Choices, Import, manifest};
use crate::{files, read, secrets};

/// Runs the command.
pub fn run(
    arguments: &ImportArguments,
    cluster: &ClusterArguments,
    out: &mut dyn Write,
) -> Result<End, Failure> {
    let tables = read::read(&arguments.file)?;
    let choices = Choices {
        provider: arguments.provider.clone(),
        provider_kind: arguments.provider_kind.into(),
        workspace_ids: arguments.workspace_id.iter().cloned().collect(),
    };
    let import = import::import(&tables, &choices)?;
    say_what_is_wrong(&import, out)?;
    if arguments.apply {
        return super::block_on(apply::run(arguments, cluster, &import, out));
    }
    let namespace = cluster.namespace.as_deref();
    let manifests = manifest::manifests(&import, namespace)?;
    let written = files::write(
        &arguments.folder.output,
        &files::files(&manifests, arguments.folder.files)?,
        arguments.folder.force,
    )?;
    writeln!(
        out,
        "Read as {}. {} and {} in {} ({} written, {} as they were).",
        import.layout,
        counted(import.people.len(), "person", "people"),
        counted(import.providers.len(), "provider", "providers"),
        arguments.folder.output.display(),
        written.files,
        written.same,
    )?;
    say_secrets(&import, namespace, out)?;
    Ok(if import.bad.is_empty() { End::Complete } else { End::Partial })
}

/// Rows that are not used, and what else somebody should know.
fn say_what_is_wrong(import: &Import, out: &mut dyn Write) -> io::Result<()> {
    if !import.bad.is_empty() {
        writeln!(out, "{} can't be used:", counted(import.bad.len(), "row", "rows"))?;
        import.bad.iter().try_for_each(|bad| writeln!(out, "  {bad}"))?;
    }
    for (place, line) in &import.merged {
        writeln!(out, "{place}: the same as line {line}, and taken once")?;
    }
    import.notes.iter().try_for_each(|note| writeln!(out, "Note: {note}"))
}

fn say_secrets(import: &Import, namespace: Option<&str>, out: &mut dyn Write) -> io::Result<()> {
    if import.providers.is_empty() {
        return Ok(());
    }
    writeln!(out, "\nEach provider needs a Secret; no file has its value. To make them:")?;
    import.providers.iter().try_for_each(|it| write!(out, "\n{}", secrets::commands(it, namespace)))
}

/// A number with its noun.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}
