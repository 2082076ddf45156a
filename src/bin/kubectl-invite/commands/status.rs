//! `status`: where everybody stands, for people, programs and auditors.

use std::io::{self, Write};

use super::{End, Failure};
use crate::cli::{ClusterArguments, Form, StatusArguments};
use crate::cluster::connect::connect;
use crate::cluster::list::{self, ListError, Which};
use crate::status::line::Line;
use crate::status::summary::Summary;

/// Runs the command.
pub async fn run(
    arguments: &StatusArguments,
    cluster: &ClusterArguments,
    out: &mut dyn Write,
) -> Result<End, Failure> {
    let connection = connect(cluster).await?;
    let which = Which {
        everywhere: arguments.all_namespaces,
        selector: arguments.selector.clone(),
        provider: arguments.provider.clone(),
    };
    let mut out = io::BufWriter::new(out);
    let mut summary = Summary::default();
    match arguments.output {
        Form::Table => {
            list::each(&connection, &which, |object| {
                summary.add(&Line::of(object));
                Ok(())
            })
            .await?;
            summary.table(&mut out)?;
        }
        Form::Csv => {
            let mut csv = csv::Writer::from_writer(&mut out);
            list::each(&connection, &which, |object| {
                csv.serialize(Line::of(object).harmless()).map_err(io::Error::other)
            })
            .await?;
            csv.flush()?;
        }
        Form::Json => {
            write!(out, "{{\"invitations\":[")?;
            let mut first = true;
            let listed: Result<(), ListError> = list::each(&connection, &which, |object| {
                let line = Line::of(object);
                summary.add(&line);
                out.write_all(if std::mem::take(&mut first) { b"\n" } else { b",\n" })?;
                Ok(serde_json::to_writer(&mut out, &line)?)
            })
            .await;
            listed?;
            let providers = serde_json::to_string(&summary.providers)?;
            let stalled = serde_json::to_string(&summary.stalled)?;
            writeln!(out, "\n],\n\"providers\":{providers},\n\"stalled\":{stalled}}}")?;
        }
    }
    out.flush()?;
    Ok(End::Complete)
}
