//! Looks at everything that the operator needs, without changing anything, and says what to do.

mod definitions;
mod finding;

use std::io::{self, Write};

use axum::http::{Request, header::DATE};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::coordination::v1::Lease;
use kube::api::ListParams;
use kube::client::Body;
use kube::{Api, Client, ResourceExt};

use crate::api::{AnyProvider, ProviderKind};
use crate::controller::{self, Open, Tried, Wrong};
use crate::kubernetes::{Clients, KubernetesError};
use crate::rights::{self, Need};
use crate::settings::Settings;
use finding::{Finding, Report};

/// A clock that is further off makes tokens and leases fail.
const MOST_SKEW: SignedDuration = SignedDuration::from_secs(30);
/// A credential that ends sooner is told.
const ENDS_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How many objects one page of a list has.
const PAGE: u32 = 500;

/// Why nothing could be looked at.
#[derive(Debug, thiserror::Error)]
pub enum DiagnoseError {
    /// The Kubernetes API cannot be used.
    #[error(transparent)]
    Kubernetes(#[from] KubernetesError),
    /// What was found cannot be written.
    #[error("what was found cannot be written")]
    Output(#[from] io::Error),
}

/// Looks at everything and writes what is found; whether nothing is wrong.
pub async fn diagnose(settings: &Settings, output: &mut dyn Write) -> Result<bool, DiagnoseError> {
    let client = Clients::connect_to_diagnose(settings).await?.main;
    let mut report = Report::new(output);
    match api_server(&client).await {
        Ok(finding) => report.add(&finding)?,
        Err(finding) => {
            // Nothing else can be asked.
            report.add(&finding)?;
            return Ok(report.end()?);
        }
    }
    for finding in check_rights(&client, settings).await {
        report.add(&finding)?;
    }
    let definitions = definitions::check(&client).await;
    for finding in &definitions {
        report.add(finding)?;
    }
    if settings.lease.election {
        report.add(&lease(&client, settings).await)?;
    }
    for (kind, place) in places(settings) {
        match list(&client, kind, place.as_deref()).await {
            Ok(providers) => {
                for provider in providers {
                    report
                        .add(&tried(&provider, &controller::try_out(&client, settings, &provider).await))?;
                }
            }
            Err(error) => {
                let place = place.map_or_else(String::new, |name| format!(" in namespace {name}"));
                let what = format!("{}{place}", kind.plural());
                let todo = "see the rights and definitions above";
                report.add(&Finding::wrong(what, format!("cannot be listed: {error}"), todo))?;
            }
        }
    }
    Ok(report.end()?)
}

/// Reach, version and clock of the API server.
async fn api_server(client: &Client) -> Result<Finding, Finding> {
    const WHAT: &str = "API server";
    let wrong = |error: &kube::Error| {
        let todo = "see the kubeconfig or the pod's service account, its token, and the network";
        Finding::wrong(WHAT, format!("it cannot be used: {error}"), todo)
    };
    let version = client.apiserver_version().await.map_err(|error| wrong(&error))?;
    let request = Request::get("/version").body(Body::empty()).map_err(kube::Error::HttpError);
    let answer = client.send(request.map_err(|error| wrong(&error))?).await.map_err(|error| wrong(&error))?;
    let date = answer.headers().get(DATE).and_then(|date| date.to_str().ok());
    let date = date.and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
    let skew = date.map(|date| date.timestamp().duration_since(Timestamp::now()));
    Ok(with_clock(Finding::fine(WHAT, version.git_version), skew))
}

/// The finding, with what the other side's clock says; a clock that is far off is wrong.
fn with_clock(finding: Finding, skew: Option<SignedDuration>) -> Finding {
    let Some(skew) = skew else { return finding };
    let seconds = skew.abs().as_secs();
    let told = match (seconds, skew.is_negative()) {
        (0 | 1, _) => format!("{}; the clocks agree", finding.told),
        (_, false) => format!("{}; its clock is {seconds} s ahead of ours", finding.told),
        (_, true) => format!("{}; its clock is {seconds} s behind ours", finding.told),
    };
    if skew.abs() <= MOST_SKEW {
        return Finding { told, ..finding };
    }
    Finding::wrong(finding.what, told, "set the clock of this node or of that side, as by NTP")
}

async fn check_rights(client: &Client, settings: &Settings) -> Vec<Finding> {
    let needed = rights::needed(settings);
    let missing = match rights::missing(client, &needed).await {
        Ok(missing) => missing,
        Err(error) => {
            let todo = "let the service account create selfsubjectaccessreviews, as everybody usually may";
            return vec![Finding::wrong("rights", format!("cannot be asked for: {error}"), todo)];
        }
    };
    needed
        .iter()
        .map(|right| {
            let what = format!("right to {right}");
            if !missing.contains(right) {
                return Finding::fine(what, "granted");
            }
            let todo = "grant it: the chart's roles have all of them";
            match right.need {
                Need::Start => Finding::wrong(what, "not granted; nothing is begun without it", todo),
                Need::Work(what_for) => {
                    Finding::wrong(what, format!("not granted; without it: no {what_for}"), todo)
                }
                Need::WhereProvidersAre => {
                    Finding::note(what, "not granted; it is needed where the Secrets of providers are")
                }
            }
        })
        .collect()
}

/// Who leads.
async fn lease(client: &Client, settings: &Settings) -> Finding {
    let namespace = settings.operator_namespace();
    let what = format!("lease {namespace}/{}", settings.lease.name);
    let api: Api<Lease> = Api::namespaced(client.clone(), &namespace);
    match api.get_opt(&settings.lease.name).await {
        Ok(lease) => match lease.and_then(|lease| lease.spec) {
            Some(spec) => {
                let holder = spec.holder_identity.filter(|holder| !holder.is_empty());
                let renewed = spec.renew_time.map(|time| Timestamp::now().duration_since(time.0).as_secs());
                match (holder, renewed) {
                    (Some(holder), Some(seconds)) => {
                        Finding::fine(what, format!("{holder} leads, and said so {seconds} s ago"))
                    }
                    (Some(holder), None) => {
                        Finding::note(what, format!("{holder} holds it, since nobody knows when"))
                    }
                    (None, _) => Finding::note(what, "nobody holds it: no replica runs, or none leads yet"),
                }
            }
            None => Finding::note(what, "it is not there: no replica has led yet"),
        },
        Err(error) => Finding::wrong(what, format!("it cannot be read: {error}"), "see the rights above"),
    }
}

/// Where providers are looked for.
fn places(settings: &Settings) -> Vec<(ProviderKind, Option<String>)> {
    let watched = settings.watch_namespaces.names();
    let mut places: Vec<_> =
        watched.iter().map(|name| (ProviderKind::InvitationProvider, Some(name.clone()))).collect();
    if watched.is_empty() {
        places.push((ProviderKind::InvitationProvider, None));
    }
    if settings.cluster_providers() {
        places.push((ProviderKind::ClusterInvitationProvider, None));
    }
    places
}

async fn list(
    client: &Client,
    kind: ProviderKind,
    namespace: Option<&str>,
) -> Result<Vec<AnyProvider>, kube::Error> {
    let api: Api<AnyProvider> = match namespace {
        Some(namespace) => Api::namespaced_with(client.clone(), namespace, &kind),
        None => Api::all_with(client.clone(), &kind),
    };
    let (mut providers, mut page) = (Vec::new(), ListParams::default().limit(PAGE));
    loop {
        let list = api.list(&page).await?;
        providers.extend(list.items);
        match list.metadata.continue_.filter(|next| !next.is_empty()) {
            Some(next) => page = page.continue_token(&next),
            None => return Ok(providers),
        }
    }
}

/// What trying out a provider came to.
fn tried(provider: &AnyProvider, tried: &Tried) -> Finding {
    let name = provider.name_any();
    let what = match provider.namespace() {
        Some(namespace) => format!("InvitationProvider {namespace}/{name}"),
        None => format!("ClusterInvitationProvider {name}"),
    };
    match &tried.result {
        Err(Wrong { reason, message }) => {
            with_clock(Finding::wrong(what, reason.as_str(), message.clone()), tried.skew)
        }
        Ok(Open { tenant, expires }) => {
            let left = expires.map(|end| end.duration_since(Timestamp::now()));
            let finding = match (expires, left) {
                (Some(end), Some(left)) if left < ENDS_SOON => Finding::wrong(
                    what,
                    format!("the credential opens {tenant}, and ends at {end}"),
                    "put a new credential into its Secret before that",
                ),
                (Some(end), _) => {
                    Finding::fine(what, format!("the credential opens {tenant}, and ends at {end}"))
                }
                (None, _) => Finding::fine(what, format!("the credential opens {tenant}")),
            };
            with_clock(finding, tried.skew)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::finding::Level;
    use super::*;
    use crate::api::Reason;

    fn provider(namespace: Option<&str>) -> AnyProvider {
        let mut provider = AnyProvider::default();
        provider.metadata.name = Some("csp".to_owned());
        provider.metadata.namespace = namespace.map(ToOwned::to_owned);
        provider
    }

    fn works(expires: Option<Timestamp>, skew: i64) -> Finding {
        let open = Open { tenant: "V/h/a".to_owned(), expires };
        let skew = Some(SignedDuration::from_secs(skew));
        super::tried(&provider(Some("team-a")), &Tried { result: Ok(open), skew })
    }

    #[test]
    fn a_credential_that_ends_soon_and_a_clock_that_is_off_are_wrong() {
        let fine = works(None, 0);
        assert_eq!(fine.level, Level::Fine);
        assert_eq!(fine.what, "InvitationProvider team-a/csp");
        assert_eq!(fine.told, "the credential opens V/h/a; the clocks agree");
        let in_a_year = Timestamp::now() + SignedDuration::from_hours(365 * 24);
        assert_eq!(works(Some(in_a_year), -3).level, Level::Fine);
        let tomorrow = Timestamp::now() + SignedDuration::from_hours(24);
        assert_eq!(works(Some(tomorrow), 0).level, Level::Wrong);
        let behind = works(None, -3600);
        assert_eq!(behind.level, Level::Wrong);
        assert!(behind.told.ends_with("its clock is 3600 s behind ours"), "{behind:?}");
    }

    #[test]
    fn what_a_provider_lacks_is_told_in_its_own_words() {
        let wrong = Wrong { reason: Reason::SecretNotFound, message: "create it".to_owned() };
        let finding = super::tried(&provider(None), &Tried { result: Err(wrong), skew: None });
        assert_eq!(finding, Finding::wrong("ClusterInvitationProvider csp", "SecretNotFound", "create it"));
    }
}
