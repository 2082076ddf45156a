//! Waits until each person is ready, or nothing more will happen by itself.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::{StreamExt, pin_mut};
use kube::Api;
use kube::runtime::{WatchStreamExt, watcher};
use tokio::time::{Instant, timeout_at};
use user_invitation_operator::api::condition::find_condition;
use user_invitation_operator::api::{ConditionType, UserInvitation};

use super::connect::Connection;
use crate::live::{Counts, Live};

const PAGE: u32 = 500;
/// So many errors in a row mean that it does not become better.
const ERRORS_MAX: usize = 5;

/// Where a person stands who is waited for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Something still happens.
    Waiting,
    /// What `readyWhen` asks for is reached.
    Ready,
    /// Nothing will change until somebody changes something: reason and message.
    Stalled(String, String),
}

/// What is waited for.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// The provider, for the table.
    pub provider: String,
    /// The generation that has to be looked at.
    pub generation: i64,
}

/// Why nobody can wait.
#[derive(Debug, thiserror::Error)]
#[error("the invitations can't be watched")]
pub struct CannotWatch(#[from] Box<watcher::Error>);

/// Where an invitation stands, at this generation or a later one. Pure.
pub fn standing(object: &UserInvitation, generation: i64) -> Standing {
    let Some(status) = &object.status else { return Standing::Waiting };
    if status.observed_generation.unwrap_or(-1) < generation {
        return Standing::Waiting;
    }
    let is_true =
        |type_| find_condition(&status.conditions, type_).filter(|condition| condition.status == "True");
    if is_true(ConditionType::Ready).is_some() {
        return Standing::Ready;
    }
    match is_true(ConditionType::Stalled) {
        Some(stalled) => Standing::Stalled(stalled.reason.clone(), stalled.message.clone()),
        None => Standing::Waiting,
    }
}

/// Follows the invitations until `done` says so of each, or the time is over; `wanted` has them by name.
pub async fn follow(
    connection: &Connection,
    wanted: &BTreeMap<String, Wanted>,
    timeout: Duration,
    done: impl Fn(&UserInvitation, i64) -> Standing,
) -> Result<BTreeMap<String, Standing>, CannotWatch> {
    let deadline = Instant::now() + timeout;
    let mut found: BTreeMap<String, Standing> =
        wanted.keys().map(|name| (name.clone(), Standing::Waiting)).collect();
    let mut waiting = found.len();
    let mut live = Live::new();
    let api: Api<UserInvitation> = Api::namespaced(connection.client.clone(), &connection.namespace);
    let objects =
        watcher(api, watcher::Config::default().page_size(PAGE)).default_backoff().touched_objects();
    pin_mut!(objects);
    let mut errors = 0;
    while waiting > 0 {
        let Ok(Some(next)) = timeout_at(deadline, objects.next()).await else { break };
        let object = match next {
            Ok(object) => object,
            Err(error) if errors == ERRORS_MAX => return Err(CannotWatch(Box::new(error))),
            Err(_) => {
                errors += 1;
                continue;
            }
        };
        errors = 0;
        let name = object.metadata.name.clone().unwrap_or_default();
        let (Some(wanted_here), Some(known)) = (wanted.get(&name), found.get_mut(&name)) else { continue };
        *known = done(&object, wanted_here.generation);
        waiting = found.values().filter(|standing| **standing == Standing::Waiting).count();
        live.show(|| counts(wanted, &found), waiting == 0);
    }
    live.show(|| counts(wanted, &found), true);
    Ok(found)
}

/// The table of a moment. Pure.
fn counts(wanted: &BTreeMap<String, Wanted>, found: &BTreeMap<String, Standing>) -> BTreeMap<String, Counts> {
    let mut counts: BTreeMap<String, Counts> = BTreeMap::new();
    for (name, wanted) in wanted {
        let counts = counts.entry(wanted.provider.clone()).or_default();
        match found.get(name) {
            Some(Standing::Ready) => counts.done += 1,
            Some(Standing::Stalled(..)) => counts.stalled += 1,
            Some(Standing::Waiting) | None => counts.waiting += 1,
        }
    }
    counts
}
