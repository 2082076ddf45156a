//! The smallest stories that need a right, and which right needs which of them. Each goes on by itself until what it is about
//! has happened, whatever is refused meanwhile.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use test_rig::lab::Namespace;
use test_rig::proxy::{Fault, FaultProxy, Point, Script, classify_api_server};
use test_rig::rights::Right;
use test_rig::{Lab, OperatorOptions};

/// How often a scene looks, or tries again.
const POLL: Duration = Duration::from_millis(50);
/// How long a write is held up, for somebody else to write first.
const HELD: Duration = Duration::from_millis(1500);
/// The writes of so many scenes of one stage are held up: more than any test plays.
const MEETINGS: usize = 100;
/// The annotation with which somebody else writes.
const TOUCHED: &str = "tests.example.com/touched";
/// The provider that most scenes take for granted.
const STANDING: &str = "csp";

/// A story.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scene {
    /// The operator starts.
    Start,
    /// A provider and a person of it, both new.
    Newcomers,
    /// What the operator writes meets what somebody else wrote meanwhile.
    Meeting,
    /// The same is told about the same object once more.
    Repetition,
    /// Somebody who was invited is taken back.
    Departure,
}

impl Scene {
    /// The story that needs a right.
    pub fn that_needs(right: &Right) -> Self {
        match (right.verb.as_str(), right.resource.as_str()) {
            (_, "leases") | ("list" | "watch", _) => Self::Start,
            ("get", "userinvitations" | "invitationproviders" | "clusterinvitationproviders") => {
                Self::Meeting
            }
            ("get", "secrets" | "configmaps") => Self::Newcomers,
            ("get", "namespaces") => Self::Departure,
            (_, "events") => Self::Repetition,
            (
                "patch",
                "userinvitations"
                | "userinvitations/status"
                | "invitationproviders"
                | "invitationproviders/status"
                | "clusterinvitationproviders"
                | "clusterinvitationproviders/status",
            ) => Self::Newcomers,
            _ => panic!("no story needs the right to {right}"),
        }
    }
}

/// Where a story is told: a namespace of people, with providers of its own or of the cluster.
#[derive(Clone)]
pub struct Stage {
    /// Where people are declared.
    pub people: Namespace,
    /// Where their providers are made.
    pub providers: Namespace,
    of_the_cluster: bool,
}

impl Stage {
    /// A namespace with its own providers.
    pub fn own(namespace: &Namespace) -> Self {
        Self { people: namespace.clone(), providers: namespace.clone(), of_the_cluster: false }
    }

    /// A namespace whose people have providers of the cluster.
    pub fn of_the_cluster(lab: &Lab, namespace: &Namespace) -> Self {
        Self { people: namespace.clone(), providers: lab.cluster(), of_the_cluster: true }
    }

    /// Makes the provider that most scenes take for granted.
    pub async fn set(&self) {
        self.open(STANDING).await;
    }

    /// The name of the stage's n-th object that stands for a scene; no other stage has it.
    pub fn name(&self, scene: Scene, nth: usize) -> String {
        let place = if self.of_the_cluster { "shared" } else { &self.people.name };
        format!("{scene:?}-{place}-{nth}").to_lowercase()
    }

    /// Plays a scene for the n-th time, to its end; the start is none of a stage's.
    pub async fn play(&self, scene: Scene, nth: usize, script: &Script) {
        let name = self.name(scene, nth);
        match scene {
            Scene::Start => panic!("a start is no matter of a stage"),
            Scene::Newcomers => self.newcomers(&name).await,
            Scene::Meeting => self.meeting(&name, script).await,
            Scene::Repetition => self.repetition(&name).await,
            Scene::Departure => self.departure(&name).await,
        }
    }

    async fn newcomers(&self, name: &str) {
        self.open(name).await;
        self.invite(name, name).await;
        self.providers.wait_for_provider(name, "Ready").await;
        self.people.wait_for_state(name, "Pending").await;
    }

    /// Both writes before a call, the provider's mark and the person's record, are held up until somebody else has written.
    async fn meeting(&self, name: &str, script: &Script) {
        self.open(name).await;
        self.invite(name, name).await;
        let touch = json!({"metadata": {"annotations": {TOUCHED: "yes"}}});
        for (point, path) in self
            .meetings(name)
            .iter()
            .zip([self.providers.provider_path(name), self.people.invitation_path(name)])
        {
            while !script.entries().iter().any(|entry| entry.points.contains(point)) {
                tokio::time::sleep(POLL).await;
            }
            self.people.client.merge_patch(&path, &touch).await.expect("an administrator may");
        }
        self.people.wait_for_state(name, "Pending").await;
    }

    /// The writes of a meeting that are held up, in their order.
    fn meetings(&self, name: &str) -> [Point; 2] {
        let provider = if self.of_the_cluster { "clusterinvitationproviders" } else { "invitationproviders" };
        [provider, "userinvitations"].map(|plural| Point {
            operation: format!("patch {plural}"),
            subject: name.to_owned(),
            nth: 1,
        })
    }

    /// Requests that are longer than what is served, until the same event has been told twice.
    async fn repetition(&self, name: &str) {
        let (path, place) = if self.of_the_cluster {
            // Without its Secret it is enough to be told something.
            let block = json!({"vmwareCloudServices": {"orgId": "7421a286-f77d-4f4a-8a2a-1f3f9a1f0c11",
                "platform": "Tcsp", "endpoint": self.providers.vmware_url()}});
            self.providers.provider(name, block, json!({})).await;
            (self.providers.provider_path(name), "default")
        } else {
            self.invite(name, STANDING).await;
            (self.people.invitation_path(name), self.people.name.as_str())
        };
        let events = format!("/apis/events.k8s.io/v1/namespaces/{place}/events");
        let told_twice = |event: &Value| {
            event["regarding"]["name"] == name && event["series"]["count"].as_u64() >= Some(2)
        };
        let mut length = 65;
        while !self.people.client.list(&events).await.expect("events are listed").iter().any(told_twice) {
            let value = "x".repeat(length);
            let asked =
                json!({"metadata": {"annotations": {"userinvitation.dev/reconcile-requested-at": value}}});
            self.people.client.merge_patch(&path, &asked).await.expect("an administrator may");
            length += 1;
            tokio::time::sleep(POLL).await;
        }
    }

    async fn departure(&self, name: &str) {
        self.invite(name, STANDING).await;
        self.people.wait_for_state(name, "Pending").await;
        self.people.delete_and_wait(name).await;
    }

    /// A new tenant with its provider.
    async fn open(&self, name: &str) {
        // Sweeps of many tenants would only cost.
        let mut spec = json!({"resyncIntervalSeconds": 10});
        if self.of_the_cluster {
            let labels = json!({"kubernetes.io/metadata.name": self.people.name});
            spec["allowedNamespaces"] = json!({"selector": {"matchLabels": labels}});
        }
        self.providers.vmware(name, spec).await;
    }

    async fn invite(&self, name: &str, provider: &str) {
        let kind = if self.of_the_cluster { "ClusterInvitationProvider" } else { "InvitationProvider" };
        let email = format!("{name}@example.com");
        self.people.invite(name, provider, &email, json!({"providerRef": {"kind": kind}})).await;
    }
}

/// The way of the operator to the API server, on which some writes are held up.
pub struct Way {
    /// What passed.
    pub script: Arc<Script>,
    proxy: FaultProxy,
    authority: std::path::PathBuf,
}

impl Way {
    /// A way for these stages.
    pub async fn before(lab: &Lab, stages: &[Stage]) -> Self {
        let meetings = stages
            .iter()
            .flat_map(|stage| (0..MEETINGS).flat_map(|nth| stage.meetings(&stage.name(Scene::Meeting, nth))));
        let faults: Vec<(Point, Fault)> = meetings.map(|point| (point, Fault::Delay(HELD))).collect();
        let script = Arc::new(Script::new(&faults, || ()));
        let authority = lab.control_plane.certificate_authority();
        let classify = Arc::new(classify_api_server);
        let url = lab.control_plane.url();
        let proxy = FaultProxy::start(&url, &authority.pem(), authority, classify, Arc::clone(&script)).await;
        Self { script, proxy, authority: lab.control_plane.ca_path() }
    }

    /// How an operator is started that takes it.
    pub fn options(&self) -> OperatorOptions {
        let api_server = Some((self.proxy.url(), self.authority.clone()));
        OperatorOptions { api_server, ..OperatorOptions::default() }
    }
}
