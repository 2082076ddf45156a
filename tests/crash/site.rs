//! One run of the scenario: its ground, and an operator that is started again whenever it has ended.

use std::ops::Deref;
use std::sync::Arc;

use test_rig::Lab;
use test_rig::proxy::Script;
use test_rig::vendors::Abilities;

use crate::ground::{Ground, SHORT_LEASE};
use crate::operator::{Slot, Supervisor};
use crate::people::Person;
use crate::trial::Trial;

/// Everything that belongs to one run. Dropped, its operator is killed.
pub struct Site {
    ground: Ground,
    /// What its provider says that the vendor can do.
    pub can: Abilities,
    /// Keeps the operator running.
    pub operator: Supervisor,
}

impl Site {
    /// Makes everything for a run, with those who are there or refused from the start, and starts its operator;
    /// `name` is new.
    pub async fn prepare(lab: &Arc<Lab>, name: &str, trial: &Trial) -> Self {
        let slot = Slot::default();
        let killed = slot.clone();
        let script = Arc::new(Script::new(&trial.faults, move || killed.kill()));
        let ground = Ground::prepare(lab, name, trial.case, script, trial.times()).await;
        let vendors = ground.vendors();
        vendors.add_member(&ground.tenant, &Person::Adopted.email(), &[]).expect("the tenant exists");
        vendors.poison(&ground.tenant, &Person::Refused.email()).expect("the tenant exists");
        let options = ground.operator_options(lab, &SHORT_LEASE);
        let operator = Supervisor::start(lab, name, options, slot);
        Self { ground, can: trial.can, operator }
    }
}

impl Deref for Site {
    type Target = Ground;

    fn deref(&self) -> &Ground {
        &self.ground
    }
}
