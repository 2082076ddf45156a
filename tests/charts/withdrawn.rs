//! Each right of a mode, taken away while the operator runs, or before it starts: the API server refuses exactly that,
//! something is missing, and all goes on by itself once the right is given back.

use std::fmt::Write as _;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::lab::{Namespace, OPERATOR, RunningOperator, WAIT, condition};
use test_rig::rights::{self, Grant};
use test_rig::{AuditEntry, Lab};
use tokio::time::timeout;
use vendor_simulators::Filter;

use crate::listing;
use crate::modes::{self, USER};
use crate::scenes::{Scene, Stage, Way};

/// The group of what people declare.
const OWN_GROUP: &str = "userinvitation.dev";
/// How often the audit log is read.
const POLL: Duration = Duration::from_millis(20);

/// One installation, and what became of its rights.
struct Trial {
    lab: Lab,
    way: Way,
    stages: Vec<Stage>,
    /// Where providers of the cluster are, if they are served.
    of_the_cluster: Option<Stage>,
    operator: RunningOperator,
    /// How many scenes were played.
    played: usize,
}

impl Trial {
    async fn begin(lab: Lab, namespaces: &[Namespace], of_the_cluster: bool) -> Self {
        let stages: Vec<Stage> = namespaces.iter().map(Stage::own).collect();
        let of_the_cluster = of_the_cluster.then(|| Stage::of_the_cluster(&lab, &namespaces[0]));
        let all: Vec<Stage> = stages.iter().chain(&of_the_cluster).cloned().collect();
        let way = Way::before(&lab, &all).await;
        for stage in &all {
            stage.set().await;
        }
        let operator = modes::start(&lab, &way.options()).await;
        Self { lab, way, stages, of_the_cluster, operator, played: 0 }
    }

    /// Where what needs a right happens.
    fn stage_of(&self, grant: &Grant) -> &Stage {
        let own = self.stages.iter().find(|stage| stage.people.name == grant.place);
        let about_the_cluster = grant.right.resource.starts_with("clusterinvitationproviders");
        match (own, &self.of_the_cluster) {
            (Some(stage), _) => stage,
            (None, Some(stage)) if about_the_cluster || !grant.place.is_empty() => stage,
            (None, _) => &self.stages[0],
        }
    }

    /// The operator's requests that need a right since a place in the audit log.
    fn requests(&self, grant: &Grant, since: u64) -> Vec<AuditEntry> {
        let (entries, _) = self.lab.control_plane.audit_log().read_since(since);
        entries.into_iter().filter(|entry| entry.user == USER && grant.covers(entry)).collect()
    }

    /// Waits until one of them is answered so.
    async fn answered(&self, grant: &Grant, since: u64, what: &str, is_so: impl Fn(u16) -> bool) {
        let begun = Instant::now();
        while !self.requests(grant, since).iter().any(|entry| is_so(entry.code)) {
            assert!(begun.elapsed() < WAIT, "{grant}: not {what}\n{}", self.operator.process.log());
            tokio::time::sleep(POLL).await;
        }
    }

    async fn refused(&self, grant: &Grant, since: u64) {
        self.answered(grant, since, "refused", |code| code == 403).await;
    }

    async fn granted(&self, grant: &Grant, since: u64) {
        self.answered(grant, since, "used again", |code| (200..300).contains(&code)).await;
    }

    fn end_of_log(&self) -> u64 {
        self.lab.control_plane.audit_log().end()
    }

    /// Tries one right; what happened without it.
    async fn without(&mut self, grant: &Grant) -> String {
        match Scene::that_needs(&grant.right) {
            Scene::Start => self.at_the_start(grant).await,
            scene => self.in_the_middle(scene, grant).await,
        }
    }

    async fn at_the_start(&mut self, grant: &Grant) -> String {
        self.stop().await;
        let (verb, resource) = (grant.right.verb.as_str(), grant.right.resource.as_str());
        if (verb, resource) == ("create", "leases") {
            let lease = format!("/apis/coordination.k8s.io/v1/namespaces/{OPERATOR}/leases/{OPERATOR}");
            self.lab.admin().delete(&lease).await.expect("there was a leader");
        }
        let taken = rights::withdraw(&self.lab.admin(), OPERATOR, OPERATOR, grant).await;
        let since = self.end_of_log();
        self.start().await;
        self.refused(grant, since).await;
        let told = match (verb, resource) {
            (_, "leases") => {
                self.waits_for("lease (no right to it").await;
                "not ready, since it has no right to the lease"
            }
            ("list", "namespaces") => "whom a provider selects by labels stays unknown",
            (_, "namespaces") => "that labels of namespaces change is not noticed",
            _ => {
                self.waits_for(&grant.right.to_string()).await;
                "not ready, and names the right"
            }
        };
        taken.give_back().await;
        let since = self.end_of_log();
        self.operator.ready().await;
        self.granted(grant, since).await;
        if resource == "namespaces" {
            let nth = self.next();
            self.stage_of(grant).play(Scene::Departure, nth, &self.way.script).await;
        }
        told.to_owned()
    }

    async fn stop(&mut self) {
        self.operator.process.sigterm();
        let ended = self.operator.process.wait_exit(WAIT).await.expect("the operator stops");
        assert!(ended.success(), "{}", self.operator.process.log());
    }

    /// Starts the operator again, whether it gets ready or not.
    async fn start(&mut self) {
        self.operator = self.lab.operator("operator", &self.way.options()).await;
    }

    /// The number of the next scene.
    fn next(&mut self) -> usize {
        self.played += 1;
        self.played
    }

    /// Waits until the operator is not ready for this reason.
    async fn waits_for(&self, reason: &str) {
        let begun = Instant::now();
        loop {
            let answer = self.operator.readiness().await;
            if answer.as_ref().is_some_and(|(ready, told)| !ready && told.contains(reason)) {
                return;
            }
            assert!(begun.elapsed() < WAIT, "it does not wait for {reason}: {answer:?}");
            tokio::time::sleep(POLL).await;
        }
    }

    async fn in_the_middle(&mut self, scene: Scene, grant: &Grant) -> String {
        let (stage, nth, script) = (self.stage_of(grant).clone(), self.next(), Arc::clone(&self.way.script));
        let taken = rights::withdraw(&self.lab.admin(), OPERATOR, OPERATOR, grant).await;
        let since = self.end_of_log();
        let (mut story, mut ended) = (pin!(stage.play(scene, nth, &script)), false);
        let mut told = {
            let mut missed = pin!(async {
                self.refused(grant, since).await;
                self.consequence(&stage, scene, &stage.name(scene, nth), grant, since).await
            });
            loop {
                tokio::select! {
                    () = &mut story, if !ended => ended = true,
                    told = &mut missed => break told,
                }
            }
        };
        if grant.right.group == OWN_GROUP {
            self.stop().await;
            self.start().await;
            self.waits_for(&grant.right.to_string()).await;
            told += "; at a start: not ready, and names the right";
        }
        taken.give_back().await;
        let since = self.end_of_log();
        self.operator.ready().await;
        if !ended {
            timeout(WAIT, story).await.unwrap_or_else(|_| panic!("{scene:?} does not go on after {grant}"));
        }
        if self.requests(grant, since).is_empty() {
            // It went on without.
            let nth = self.next();
            stage.play(scene, nth, &script).await;
        }
        self.granted(grant, since).await;
        told
    }

    /// What is missing as long as a right is, of what the scene with these objects is about.
    async fn consequence(
        &self,
        stage: &Stage,
        scene: Scene,
        name: &str,
        grant: &Grant,
        since: u64,
    ) -> String {
        let (verb, resource) = (grant.right.verb.as_str(), grant.right.resource.as_str());
        match scene {
            Scene::Newcomers => self.newcomers_without(stage, name, grant, since).await,
            Scene::Meeting => "what met another write waits for its turn",
            Scene::Repetition => {
                let place = if grant.place.is_empty() { &stage.people.name } else { &grant.place };
                let path = format!("/apis/events.k8s.io/v1/namespaces/{place}/events");
                let mut events = stage.people.client.list(&path).await.expect("events are listed");
                events.retain(|event| event["regarding"]["name"] == name);
                let told = events.iter().map(|event| event["series"]["count"].as_u64().unwrap_or(1));
                assert_eq!(told.sum::<u64>(), u64::from(verb == "patch"), "{events:?}");
                if verb == "patch" { "an event is told once only" } else { "no events" }
            }
            Scene::Departure => "a deletion does not notice that its whole namespace goes",
            Scene::Start => panic!("the right to {verb} {resource} is tried at a start"),
        }
        .to_owned()
    }

    async fn newcomers_without(&self, stage: &Stage, name: &str, grant: &Grant, since: u64) -> &'static str {
        let (client, path) = (&stage.people.client, stage.providers.provider_path(name));
        let mails = || {
            let email = Some(format!("{name}@example.com"));
            self.lab.vendors().mails(&Filter { email, ..Filter::default() }).len()
        };
        // Others of the same place may have met it first.
        let is_its = |entry: &AuditEntry| entry.name == name && entry.code == 403;
        let is_told = async || {
            let begun = Instant::now();
            while !self.requests(grant, since).iter().any(is_its) {
                assert!(begun.elapsed() < WAIT, "{grant}: nothing refused for {name}");
                tokio::time::sleep(POLL).await;
            }
        };
        match grant.right.resource.as_str() {
            "secrets" => {
                stage.providers.wait_for_provider(name, "SecretForbidden").await;
                assert_eq!(mails(), 0);
                "the provider says SecretForbidden; nobody new is invited"
            }
            "configmaps" => {
                stage.providers.wait_for_provider(name, "Verifying").await;
                assert_eq!(mails(), 0);
                "a provider with a private authority does not get ready"
            }
            "userinvitations/status" => {
                is_told().await;
                let person = client.get(&stage.people.invitation_path(name)).await.expect("declared");
                assert_eq!(person["status"]["state"], "Queued");
                "invitations do not say what became of them"
            }
            resource if resource.ends_with("/status") => {
                is_told().await;
                let provider = client.get(&path).await.expect("declared");
                assert_eq!(condition(&provider, "Ready")["reason"], "NotReconciled");
                "providers do not say how they are"
            }
            _ => {
                is_told().await;
                assert_eq!(mails(), 0);
                "nobody is invited, since nothing can be recorded"
            }
        }
    }
}

/// Installs the chart so, and tries each of its rights that matter here.
async fn each_right_is_missed(
    name: &str,
    mode: &str,
    values: Value,
    of_the_cluster: bool,
    matters: impl Fn(&Grant) -> bool,
) {
    let namespaces = ["team-a", "team-b"];
    let (lab, namespaces) = modes::lab(name, values, &namespaces).await;
    let mut grants = rights::granted(&lab.admin(), OPERATOR, OPERATOR).await;
    grants.retain(matters);
    let mut trial = Trial::begin(lab, &namespaces, of_the_cluster).await;
    let mut list = format!("Each right of the operator, {mode}, and what happens without it:\n");
    for grant in &grants {
        let told = trial.without(grant).await;
        let place = if grant.place.is_empty() { "everywhere" } else { &grant.place };
        let right = grant.right.to_string();
        writeln!(list, "  {place:25} {right:65} {told}").expect("text");
    }
    listing::tell(&list);
    assert!(!grants.is_empty());
    let Trial { lab, operator, .. } = trial;
    modes::stop(operator).await;
    lab.stop().await;
}

#[tokio::test]
async fn for_two_namespaces() {
    let values = json!({"watchNamespaces": ["team-a", "team-b"], "clusterProviders": {"enabled": false}});
    each_right_is_missed("charts-without-two", "for two namespaces", values, false, |_| true).await;
}

/// Only what is granted for them, since the rest is the same as without them.
#[tokio::test]
async fn for_providers_of_the_cluster() {
    let values = json!({"watchNamespaces": ["team-a", "team-b"]});
    let mode = "for providers of the cluster beside two namespaces";
    let matters = |grant: &Grant| !grant.place.starts_with("team-") && grant.right.resource != "leases";
    each_right_is_missed("charts-without-shared", mode, values, true, matters).await;
}

#[tokio::test]
async fn for_all_namespaces() {
    each_right_is_missed("charts-without-all", "for all namespaces", json!({}), true, |_| true).await;
}
