//! What a test plays in: a namespace of its own, and an operator that watches only it.

use std::ops::Deref;

use futures::future::join_all;
use serde_json::Value;
use test_rig::lab::{RunningOperator, WAIT};
use test_rig::vendors::{CASES, Case};
use test_rig::{Lab, OperatorOptions};

use crate::lab::{lab, own_lab};
use crate::place::Place;
use crate::stage::Stage;

/// Nobody is killed here, so leadership need not move quickly; on a busy machine it must not be lost.
const LONG_LEASE: [&str; 4] = [
    "--lease-duration-milliseconds=60000",
    "--lease-renew-deadline-milliseconds=40000",
    "--lease-renew-interval-milliseconds=2000",
    "--lease-try-timeout-milliseconds=10000",
];

/// A namespace and its operator.
pub struct Scene {
    /// `None`: the one that all tests share.
    own_lab: Option<Lab>,
    place: Place,
    options: OperatorOptions,
    operator: Option<RunningOperator>,
    starts: u32,
}

impl Deref for Scene {
    type Target = Place;

    fn deref(&self) -> &Place {
        &self.place
    }
}

impl Scene {
    /// A new namespace, and an operator that is ready.
    pub async fn new(name: &str) -> Self {
        Self::with(name, &[]).await
    }

    /// The same with further flags for the operator.
    pub async fn with(name: &str, flags: &[&str]) -> Self {
        Self::of(name, &[name], flags).await
    }

    /// The same with an operator that watches these namespaces.
    pub async fn of(name: &str, namespaces: &[&str], flags: &[&str]) -> Self {
        let namespaces = namespaces.iter().map(|name| (*name).to_owned()).collect();
        let flags = LONG_LEASE.iter().chain(flags).map(|flag| (*flag).to_owned()).collect();
        Self::start(name, OperatorOptions { namespaces, flags, ..OperatorOptions::default() }).await
    }

    /// The same with credentials of the vendors' tenants that are made like this.
    pub async fn with_secrets(name: &str, secret: fn() -> String, flags: &[&str]) -> Self {
        let mut scene = Self::with(name, flags).await;
        scene.place = scene.place.with_secrets(secret);
        scene
    }

    /// The same with an operator that keeps the product's own times.
    pub async fn with_default_times(name: &str) -> Self {
        let namespaces = vec![name.to_owned()];
        Self::start(name, OperatorOptions { namespaces, default_times: true, ..OperatorOptions::default() })
            .await
    }

    /// The same on a control plane of its own, for what would disturb the others.
    pub async fn alone(name: &str, flags: &[&str]) -> Self {
        let flags = LONG_LEASE.iter().chain(flags).map(|flag| (*flag).to_owned()).collect();
        let options =
            OperatorOptions { namespaces: vec![name.to_owned()], flags, ..OperatorOptions::default() };
        Self::start_in(Some(own_lab(name).await), name, options).await
    }

    async fn start(name: &str, options: OperatorOptions) -> Self {
        Self::start_in(None, name, options).await
    }

    async fn start_in(own_lab: Option<Lab>, name: &str, options: OperatorOptions) -> Self {
        let on = own_lab.as_ref().unwrap_or_else(|| lab());
        let audit = on.control_plane.audit_log();
        let audit_from = audit.end();
        let place = Place::new(on.namespace(name).await, audit, audit_from);
        let mut scene = Self { own_lab, place, options, operator: None, starts: 0 };
        scene.go().await;
        scene
    }

    /// What the scene is set in.
    pub fn lab(&self) -> &Lab {
        self.own_lab.as_ref().unwrap_or_else(|| lab())
    }

    /// Stops the operator, and the control plane if it is the scene's own.
    pub async fn end(mut self) {
        self.stop().await;
        if let Some(lab) = self.own_lab {
            lab.stop().await;
        }
    }

    /// A tenant of each vendor; `spec` is merged into their providers'.
    pub async fn stages(&self, spec: Value) -> Vec<Stage> {
        self.stages_where(|_| true, spec).await
    }

    /// A tenant of each vendor that is so.
    pub async fn stages_where(&self, is_so: impl Fn(&Case) -> bool, spec: Value) -> Vec<Stage> {
        let cases = CASES.into_iter().filter(|case| is_so(case));
        join_all(cases.map(|case| Stage::set(&self.place, case, case.name, spec.clone()))).await
    }

    /// A further tenant of each vendor, with the name for its providers and objects.
    pub async fn stages_named(&self, name: &str, spec: Value) -> Vec<Stage> {
        let named = |case: &'static Case| {
            let (spec, name) = (spec.clone(), format!("{name}-{case}"));
            async move { Stage::set(&self.place, case, &name, spec).await }
        };
        join_all(CASES.into_iter().map(named)).await
    }

    /// Starts the operator, and waits until it leads.
    pub async fn go(&mut self) {
        self.starts += 1;
        let name = format!("{}-{}", self.name, self.starts);
        let mut operator = self.lab().operator(&name, &self.options).await;
        operator.ready().await;
        self.operator = Some(operator);
    }

    /// Stops the operator in order.
    pub async fn stop(&mut self) {
        let mut operator = self.operator.take().expect("the operator runs");
        operator.process.sigterm();
        let ended = operator.process.wait_exit(WAIT).await.expect("the operator stops");
        assert!(ended.success(), "the operator ended with {ended}:\n{}", operator.process.log());
    }

    /// Stops the operator and starts another one.
    pub async fn restart(&mut self) {
        self.stop().await;
        self.go().await;
    }

    /// The running operator.
    pub fn operator(&mut self) -> &mut RunningOperator {
        self.operator.as_mut().expect("the operator runs")
    }
}
