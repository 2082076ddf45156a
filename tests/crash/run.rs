//! One run from beginning to end.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use test_rig::Lab;
use test_rig::lab::WAIT;
use test_rig::proxy::{Entry, Script};
use test_rig::vendors::{Abilities, Case};

use crate::ground::{Ground, PROVIDER, SHORT_LEASE};
use crate::invariants;
use crate::operator::{Slot, Supervisor};
use crate::oracle;
use crate::scenario;
use crate::site::Site;
use crate::trial::{Trial, VendorTimes};

/// What came of a run.
pub struct Outcome {
    /// Points that were not reached.
    pub missed: Vec<String>,
    /// The first fault of a pair led past the second point, in every try.
    pub turned_off: bool,
    /// What should be true and is not.
    pub broken: Vec<String>,
    /// Every request that the operator made.
    pub entries: Vec<Entry>,
    /// How long it took until everybody was as expected.
    pub took: Duration,
    /// The operator's log.
    pub log: PathBuf,
}

/// What a running provider says that its vendor can do.
pub async fn abilities(lab: &Arc<Lab>, name: &str, case: &'static Case) -> Abilities {
    let script = Arc::new(Script::new(&[], || ()));
    let ground = Ground::prepare(lab, name, case, script, VendorTimes::default()).await;
    let options = ground.operator_options(lab, &SHORT_LEASE);
    let _operator = Supervisor::start(lab, name, options, Slot::default());
    let told = |provider: &Value| Abilities::of(provider).is_some();
    let path = ground.namespace.provider_path(PROVIDER);
    let provider = ground.namespace.client.wait_for(&path, WAIT, "it says what it can", told).await;
    Abilities::of(&provider).expect("it was waited for")
}

/// Plays the scenario with these faults and checks what has to hold, with this long a silence.
pub async fn run(lab: &Arc<Lab>, name: &str, trial: &Trial, quiet: Duration) -> Outcome {
    let begun = Instant::now();
    let log_end = lab.control_plane.audit_log().end();
    let site = Site::prepare(lab, name, trial).await;
    let played = scenario::play(&site).await;
    let took = begun.elapsed();
    let mut broken = match played {
        Ok(()) => invariants::check(&site, quiet).await,
        Err(error) => vec![error],
    };
    if trial.faults.is_empty() {
        broken.extend(oracle::differences(lab, &site, log_end).await);
    }
    Outcome {
        missed: site.script.missed().iter().map(ToString::to_string).collect(),
        turned_off: false,
        broken,
        entries: site.script.entries(),
        took,
        log: site.operator.log().clone(),
    }
}
