//! `resend`, `reconcile`, `suspend` and `resume`: asked for, and waited for until the operator says so in status.

use std::collections::BTreeMap;
use std::io::Write;
use std::time::Duration;

use futures::{StreamExt, stream};
use kube::Api;
use kube::api::{Patch, PatchParams};
use user_invitation_operator::api::UserInvitation;

use super::{End, Failure};
use crate::cli::{ClusterArguments, RequestArguments};
use crate::cluster::connect::{Connection, connect};
use crate::cluster::list::{self, Which};
use crate::cluster::request::Request;
use crate::cluster::wait::{self, Standing, Wanted};
use crate::cluster::{AT_ONCE, MANAGER, reason};

/// Runs the command.
pub async fn run(
    request: Request,
    arguments: &RequestArguments,
    cluster: &ClusterArguments,
    out: &mut dyn Write,
) -> Result<End, Failure> {
    let connection = connect(cluster).await?;
    let names = names(arguments, &connection).await?;
    if names.is_empty() {
        return Err("there is no such invitation".into());
    }
    let (asked, refused) = ask(&request, &names, &connection).await;
    refused.iter().try_for_each(|(name, why)| writeln!(out, "{name}: not asked: {why}"))?;
    if arguments.no_wait {
        writeln!(out, "{} asked.", asked.len())?;
        return Ok(if refused.is_empty() { End::Complete } else { End::Partial });
    }
    let standing = |object: &UserInvitation, generation| request.standing(object, generation);
    let timeout = Duration::from_secs(arguments.timeout);
    let found = wait::follow(&connection, &asked, timeout, standing).await?;
    let open: Vec<(&String, &Standing)> =
        found.iter().filter(|(_, standing)| **standing != Standing::Ready).collect();
    writeln!(
        out,
        "{} acknowledged, {} not within {} s.",
        found.len() - open.len(),
        open.iter().filter(|(_, standing)| **standing == Standing::Waiting).count(),
        arguments.timeout
    )?;
    for (name, standing) in &open {
        match standing {
            Standing::Stalled(_, message) => writeln!(out, "  {name}: not acknowledged: {message}")?,
            Standing::Waiting | Standing::Ready => writeln!(out, "  {name}: not acknowledged")?,
        }
    }
    Ok(if open.is_empty() && refused.is_empty() { End::Complete } else { End::Partial })
}

async fn names(arguments: &RequestArguments, connection: &Connection) -> Result<Vec<String>, Failure> {
    if !arguments.names.is_empty() {
        return Ok(arguments.names.clone());
    }
    let which = Which {
        everywhere: false,
        selector: arguments.selector.clone(),
        provider: arguments.provider.clone(),
    };
    let mut names = Vec::new();
    list::each(connection, &which, |object| {
        names.extend(object.metadata.name.clone());
        Ok(())
    })
    .await?;
    Ok(names)
}

type Asked = (BTreeMap<String, Wanted>, Vec<(String, String)>);

/// Asks for each; those that were taken, and why others were not.
async fn ask(request: &Request, names: &[String], connection: &Connection) -> Asked {
    let api: Api<UserInvitation> = Api::namespaced(connection.client.clone(), &connection.namespace);
    let parameters = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
    let patch = Patch::Merge(request.patch());
    let calls = names.iter().map(|name| {
        let (api, parameters, patch) = (&api, &parameters, &patch);
        async move { (name.clone(), api.patch(name, parameters, patch).await) }
    });
    let mut answers = stream::iter(calls).buffered(AT_ONCE);
    let (mut asked, mut refused) = (BTreeMap::new(), Vec::new());
    while let Some((name, answer)) = answers.next().await {
        match answer {
            Ok(object) => {
                let generation = object.metadata.generation.unwrap_or_default();
                asked.insert(name, Wanted { provider: object.spec.provider_ref.name, generation });
            }
            Err(error) => refused.push((name, reason(&error))),
        }
    }
    (asked, refused)
}
