//! Takes the people whom nobody has declared from a provider's status, page by page, and leaves nothing behind.

use std::fmt::Debug;
use std::time::Duration;

use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use kube::api::{Patch, PatchParams};
use kube::runtime::{WatchStreamExt, watcher};
use kube::{Api, ResourceExt};
use serde_json::json;
use tokio::time::timeout;
use user_invitation_operator::api::condition::find_condition;
use user_invitation_operator::api::{
    AnyProvider, ConditionType, EXPORT_REQUESTED_AT, ProviderKind, UnmanagedPage, UnmanagedPerson,
};

use super::connect::Connection;
use super::request::Request;
use super::{MANAGER, reason};
use crate::progress::Progress;

/// How often the list is begun anew because its pages did not fit to each other.
const TRIES: usize = 3;

/// Why there is no list.
#[derive(Debug, thiserror::Error)]
pub enum NoList {
    /// No such provider.
    #[error("there is no {kind} {name}")]
    NoProvider {
        /// Its kind.
        kind: &'static str,
        /// Its name, and its namespace where it has one.
        name: String,
    },
    /// The provider can't look at its vendor, or is not to.
    #[error("the provider is not ready ({reason}): {message}")]
    NotReady {
        /// The reason of its condition.
        reason: String,
        /// What to do.
        message: String,
    },
    /// Somebody else's request is there.
    #[error(
        "somebody else is exporting from this provider (request {0:?}): wait, or, if nobody is, remove the annotation \
         {EXPORT_REQUESTED_AT} from it"
    )]
    Busy(String),
    /// The operator says that it does not answer.
    #[error("the operator does not answer: {0}")]
    Refused(String),
    /// No answer.
    #[error(
        "the operator has not answered within {0} s: see its log, and whether it is of this version; --timeout waits longer"
    )]
    TimedOut(u64),
    /// The lists were others each time.
    #[error("the list changed while it was read, {TRIES} times: try again")]
    Changing,
    /// The user does not want to wait.
    #[error("interrupted")]
    Interrupted,
    /// The API server refuses.
    #[error("the API server refuses: {}", reason(.0))]
    Kubernetes(Box<kube::Error>),
    /// The provider can't be followed.
    #[error("the provider can't be watched")]
    Watch(#[source] Box<watcher::Error>),
}

/// The list, and where it is from.
#[derive(Debug)]
pub struct Listed {
    /// The provider as it was before the request.
    pub provider: AnyProvider,
    /// The people, by address.
    pub people: Vec<UnmanagedPerson>,
    /// Why the request could not be withdrawn, where it could not.
    pub left_behind: Option<String>,
}

/// Asks for the list and takes it.
pub async fn list(
    connection: &Connection,
    kind: ProviderKind,
    name: &str,
    seconds: u64,
) -> Result<Listed, NoList> {
    let client = connection.client.clone();
    let api: Api<AnyProvider> = match kind {
        ProviderKind::InvitationProvider => Api::namespaced_with(client, &connection.namespace, &kind),
        ProviderKind::ClusterInvitationProvider => Api::all_with(client, &kind),
    };
    let found = api.get_opt(name).await.map_err(|error| NoList::Kubernetes(Box::new(error)))?;
    let provider = found.ok_or_else(|| NoList::NoProvider {
        kind: kind.as_str(),
        name: match kind {
            ProviderKind::InvitationProvider => format!("{name} in the namespace {}", connection.namespace),
            ProviderKind::ClusterInvitationProvider => name.to_owned(),
        },
    })?;
    must_be_ready(&provider)?;
    must_be_free(&provider)?;
    let mut walk = Walk { objects: watch(&api, name), api, name, value: String::new() };
    let people = tokio::select! {
        people = timeout(Duration::from_secs(seconds), walk.all()) => {
            people.unwrap_or(Err(NoList::TimedOut(seconds)))
        }
        _ = tokio::signal::ctrl_c() => Err(NoList::Interrupted),
    };
    let left_behind = walk.withdraw().await.err();
    Ok(Listed { provider, people: people?, left_behind })
}

/// The provider each time it changes; `None`: it is gone.
type Objects = BoxStream<'static, Result<Option<AnyProvider>, watcher::Error>>;

fn watch(api: &Api<AnyProvider>, name: &str) -> Objects {
    watcher::watch_object(api.clone(), name).default_backoff().boxed()
}

/// A provider that surely can't answer says why, and what to do.
fn must_be_ready(provider: &AnyProvider) -> Result<(), NoList> {
    let conditions = provider.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    match find_condition(conditions, ConditionType::Ready) {
        Some(ready) if ready.status == "False" => {
            Err(NoList::NotReady { reason: ready.reason.clone(), message: ready.message.clone() })
        }
        Some(_) | None => Ok(()),
    }
}

/// One request at a time: another one would take its pages away. One that was emptied or refused is nobody's any more.
fn must_be_free(provider: &AnyProvider) -> Result<(), NoList> {
    let Some(asked) = provider.annotations().get(EXPORT_REQUESTED_AT) else { return Ok(()) };
    let page = provider.status.as_ref().and_then(|status| status.unmanaged_page.as_deref());
    if page.is_some_and(|page| page.message.is_some()) {
        return Ok(());
    }
    Err(NoList::Busy(asked.clone()))
}

/// A list that is being taken.
struct Walk<'a> {
    api: Api<AnyProvider>,
    name: &'a str,
    objects: Objects,
    /// What the requests for the pages of one list have in common.
    value: String,
}

impl Walk<'_> {
    /// Everybody, from pages that fit to each other.
    async fn all(&mut self) -> Result<Vec<UnmanagedPerson>, NoList> {
        for _ in 0..TRIES {
            self.value = Request::new_value();
            if let Some(people) = self.pages().await? {
                return Ok(people);
            }
        }
        Err(NoList::Changing)
    }

    /// The people of all pages; `None`: they do not fit to each other.
    async fn pages(&mut self) -> Result<Option<Vec<UnmanagedPerson>>, NoList> {
        let first = self.page(0).await?;
        let total = usize::try_from(first.total).unwrap_or_default();
        let mut progress = Progress::new("people listed", total);
        let listing = first.listing.clone();
        let mut people = first.people;
        while people.len() < total {
            progress.set(people.len());
            let next = self.page(people.len()).await?;
            if next.listing != listing || next.people.is_empty() {
                return Ok(None);
            }
            people.extend(next.people);
        }
        progress.set(people.len());
        progress.end();
        Ok((people.len() == total).then_some(people))
    }

    /// Asks for one page, and waits for it.
    async fn page(&mut self, offset: usize) -> Result<UnmanagedPage, NoList> {
        let request = format!("{}/{offset}", self.value);
        let patch = json!({"metadata": {"annotations": {EXPORT_REQUESTED_AT: request}}});
        let parameters = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        let patched = self.api.patch(self.name, &parameters, &Patch::Merge(&patch)).await;
        patched.map_err(|error| NoList::Kubernetes(Box::new(error)))?;
        let mut asked = false;
        loop {
            let next = self.objects.try_next().await.map_err(|error| NoList::Watch(Box::new(error)))?;
            let Some(object) = next.flatten() else {
                return Err(NoList::NoProvider { kind: "provider", name: self.name.to_owned() });
            };
            let annotation = object.annotations().get(EXPORT_REQUESTED_AT);
            let is_ours = annotation == Some(&request);
            if asked && !is_ours {
                return Err(NoList::Busy(annotation.cloned().unwrap_or_default()));
            }
            asked |= is_ours;
            let page = object.status.as_ref().and_then(|status| status.unmanaged_page.as_deref());
            match page.filter(|page| page.request == request) {
                Some(UnmanagedPage { message: Some(message), .. }) => {
                    return Err(NoList::Refused(message.clone()));
                }
                Some(page) => return Ok(page.clone()),
                None if asked => must_be_ready(&object)?,
                None => {}
            }
        }
    }

    /// Takes the request back, so that the operator takes the page away; somebody else's stays.
    async fn withdraw(&self) -> Result<(), String> {
        let found = self.api.get_opt(self.name).await.map_err(|error| reason(&error))?;
        let asked = found.as_ref().and_then(|object| object.annotations().get(EXPORT_REQUESTED_AT));
        let Some(asked) =
            asked.filter(|asked| asked.rsplit_once('/').is_some_and(|(value, _)| value == self.value))
        else {
            return Ok(());
        };
        let place = format!("/metadata/annotations/{}", EXPORT_REQUESTED_AT.replace('/', "~1"));
        let patch = json!([
            {"op": "test", "path": place, "value": asked},
            {"op": "remove", "path": place},
        ]);
        let patch = serde_json::from_value(patch).map_err(|error| error.to_string())?;
        let parameters = PatchParams { field_manager: Some(MANAGER.to_owned()), ..PatchParams::default() };
        let patched = self.api.patch(self.name, &parameters, &Patch::Json::<()>(patch)).await;
        patched.map(|_| ()).map_err(|error| reason(&error))
    }
}
