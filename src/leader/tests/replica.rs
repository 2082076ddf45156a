//! A replica of the operator, as far as the election goes.

use std::time::{Duration, SystemTime};

use clap::Parser;
use serde_json::json;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::super::{Candidacy, Candidate, Clock, LeaderError, Leadership, ProcessId, Reading};
use super::server::Connection;
use crate::settings::{CommandLine, Invocation};

/// The renew deadline and the duration of the default settings.
pub(super) const DEADLINE: Duration = Duration::from_secs(10);
pub(super) const DURATION: Duration = Duration::from_secs(15);
pub(super) const STEP: Duration = Duration::from_millis(50);

pub(super) fn candidate(connection: &Connection, pod: &str) -> Candidate {
    let Invocation::Run(settings) = CommandLine::parse_from(["operator"]).resolve().unwrap() else {
        unreachable!()
    };
    let (start, epoch) = (Instant::now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000));
    Candidate::new(connection.client.clone(), "operator", &settings.lease, pod, ProcessId::random())
        .clock(Clock::new(move || Reading { monotonic: Instant::now(), wall: epoch + start.elapsed() }))
}

/// What renews the lease.
pub(super) type Keeper = JoinHandle<Result<(), LeaderError>>;

/// A replica that stands by, and then leads until it is told to stop.
pub(super) struct Replica {
    pub(super) stop: CancellationToken,
    pub(super) leading: JoinHandle<Option<(Leadership, Keeper)>>,
}

impl Replica {
    pub(super) fn start(connection: &Connection, pod: &str) -> Self {
        let stop = CancellationToken::new();
        let (candidate, token) = (candidate(connection, pod), stop.clone());
        let leading = tokio::spawn(async move {
            let Candidacy::Leads(term) = candidate.lead(&token).await else { return None };
            Some((term.leadership(), tokio::spawn(term.keep(token))))
        });
        Self { stop, leading }
    }

    pub(super) async fn leads(&mut self) -> (Leadership, Keeper) {
        (&mut self.leading).await.unwrap().expect("leads")
    }

    pub(super) async fn leads_within(&mut self, limit: Duration) -> bool {
        sleep(limit).await;
        self.leading.is_finished()
    }
}

pub(super) fn held_by(holder: &str, seconds: u64) -> serde_json::Value {
    // The times are long past by any wall clock: they must not count.
    let past = "2001-01-01T00:00:00.000000Z";
    json!({"holderIdentity": holder, "leaseDurationSeconds": seconds, "renewTime": past, "acquireTime": past,
           "leaseTransitions": 4})
}
