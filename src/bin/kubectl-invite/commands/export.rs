//! `export`: from the people at a vendor whom nobody has declared to manifests that observe them.

use std::io::Write;

use user_invitation_operator::api::EXPORT_REQUESTED_AT;

use super::import::counted;
use super::{End, Failure};
use crate::cli::{ClusterArguments, ExportArguments};
use crate::cluster::connect::connect;
use crate::cluster::export::list;
use crate::{export, files};

/// Runs the command.
pub async fn run(
    arguments: &ExportArguments,
    cluster: &ClusterArguments,
    out: &mut dyn Write,
) -> Result<End, Failure> {
    let connection = connect(cluster).await?;
    let listed =
        list(&connection, arguments.provider_kind.into(), &arguments.provider, arguments.timeout).await?;
    if let Some(why) = &listed.left_behind {
        writeln!(
            out,
            "Note: the request could not be withdrawn, so the list stays in the provider's status for some minutes: {why}; \
             remove the annotation {EXPORT_REQUESTED_AT}"
        )?;
    }
    let export = export::export(&listed.provider, &listed.people, &connection.namespace)?;
    let written = files::write(
        &arguments.folder.output,
        &files::files(&export.manifests, arguments.folder.files)?,
        arguments.folder.force,
    )?;
    if !export.left_out.is_empty() {
        writeln!(out, "{} can't be declared:", counted(export.left_out.len(), "person", "people"))?;
        export.left_out.iter().try_for_each(|(email, why)| writeln!(out, "  {email}: {why}"))?;
    }
    for email in &export.protected {
        writeln!(out, "Note: {email} is protected, so no invitation of this provider can be about them")?;
    }
    export.notes.iter().try_for_each(|note| writeln!(out, "Note: {note}"))?;
    writeln!(
        out,
        "{} without an invitation. {} in {} ({} written, {} as they were); they observe, and write nothing at the vendor.",
        counted(listed.people.len(), "person is", "people are"),
        counted(export.manifests.people.len(), "manifest", "manifests"),
        arguments.folder.output.display(),
        written.files,
        written.same,
    )?;
    Ok(if export.left_out.is_empty() { End::Complete } else { End::Partial })
}
