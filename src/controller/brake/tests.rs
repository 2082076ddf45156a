//! The brake on stores alone: what was counted but is not written yet, what is written but not acted on yet.

use std::collections::HashSet;
use std::convert::Infallible;
use std::sync::Arc;

use axum::http::{Request, Response};
use clap::Parser;
use jiff::SignedDuration;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use kube::Client;
use kube::client::Body;
use serde_json::json;
use tokio_util::sync::CancellationToken;
use tower::service_fn;

use super::super::context::Parts;
use super::super::observe::MeteredCalls;
use super::super::queue::Requests;
use super::super::start::index_invitation;
use super::super::store::Store;
use super::super::writer::Writer;
use super::*;
use crate::api::{INVITATION_FINALIZER, Origin, ProviderKind, RECORD, Record, Tenant};
use crate::leader::{Leadership, ProcessId};
use crate::metrics::Metrics;
use crate::settings::{CommandLine, Invocation, Settings};
use crate::tenant::Tenants;

const PROVIDER: &str = "csp";
const OWNER: Claim = Claim::Owner { successor: None };

/// A process with a provider that lets three removals go on; these namespaces are being deleted.
struct Rig {
    context: Context,
}

fn settings() -> Settings {
    match CommandLine::try_parse_from(["operator"]).unwrap().resolve().unwrap() {
        Invocation::Run(settings) => *settings,
        Invocation::Crds | Invocation::Diagnose(_) => panic!("no settings"),
    }
}

fn client(leaving: &[&str]) -> Client {
    let leaving: HashSet<String> = leaving.iter().map(|name| (*name).to_owned()).collect();
    let service = service_fn(move |request: Request<Body>| {
        let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
        let deleted = leaving.contains(&name).then_some("2026-01-01T00:00:00Z");
        let namespace = json!({"metadata": {"name": name, "deletionTimestamp": deleted}});
        async move { Ok::<_, Infallible>(Response::new(Body::from(serde_json::to_vec(&namespace).unwrap()))) }
    });
    Client::new(service, "team")
}

impl Rig {
    fn new(leaving: &[&str]) -> Self {
        let (client, metrics) = (client(leaving), Metrics::new());
        let stop = CancellationToken::new();
        let context = Context::new(Parts {
            writer: Writer::new(
                client.clone(),
                Leadership::with_check(ProcessId::random(), || true),
                metrics.clone(),
            ),
            client,
            settings: Arc::new(settings()),
            metrics: metrics.clone(),
            invitations: Arc::new(Store::new(index_invitation)),
            providers: Arc::new(Store::new(|_| Vec::new())),
            tenants: Tenants::new(stop.clone(), stop),
            requests: Requests::channel().0,
            observer: Arc::new(MeteredCalls(metrics)),
        });
        let rig = Self { context };
        rig.provider(ProviderStatus::default());
        rig
    }

    /// The provider as the store shows it from now on.
    fn provider(&self, status: ProviderStatus) {
        let mut provider = AnyProvider::default();
        provider.metadata.name = Some(PROVIDER.to_owned());
        provider.metadata.namespace = Some("team".to_owned());
        provider.metadata.uid = Some("uid-of-csp".to_owned());
        provider.metadata.resource_version = Some("1".to_owned());
        provider.spec.policy.removals_held_above = 3;
        provider.status = Some(status);
        let before = self.context.providers.get(&Key::of(&provider));
        if let Some(before) = before {
            self.context.providers.removed(&before.object);
        }
        self.context.providers.shown(provider);
    }

    fn stored_provider(&self) -> Arc<AnyProvider> {
        let key = Key { namespace: "team".to_owned(), name: PROVIDER.to_owned() };
        self.context.providers.get(&key).unwrap().object
    }

    async fn deleted(&self, names: &[&str]) {
        for name in names {
            self.context.invitations.shown(invitation(name, true));
        }
        tokio::time::advance(Duration::from_millis(250)).await;
        self.context.learn_namespace("team", Instant::now()).await;
    }

    fn stored(&self, name: &str) -> Stored<UserInvitation> {
        self.context.invitations.get(&Key::of(&invitation(name, true))).unwrap()
    }

    fn brake(&self, name: &str) -> Brake {
        self.context.brake(&self.stored(name), &self.stored_provider(), &OWNER)
    }

    /// Writes the provider's status, as its reconcile does.
    async fn write(&self) -> ProviderStatus {
        let provider = self.stored_provider();
        let mut status = provider.status.clone().unwrap();
        let moved = self.context.move_brake(&provider, &mut status);
        self.provider(status.clone());
        self.context.brake_moved(&provider, &moved).await;
        status
    }
}

fn invitation(name: &str, deleted: bool) -> UserInvitation {
    let record = Record {
        uid: format!("uid-of-{name}"),
        tenant: Tenant {
            vendor: "VmwareCloudServices".to_owned(),
            host: "vendor.example.com".to_owned(),
            account_id: "org".to_owned(),
        },
        email: format!("{}@example.com", name.trim_start_matches("new-")),
        origin: Origin::Invited,
        vendor_user_id: None,
        vendor_invitation_id: None,
        resend: None,
        attempt: None,
    };
    serde_json::from_value(json!({
        "apiVersion": "userinvitation.dev/v1alpha1", "kind": "UserInvitation",
        "metadata": {
            "namespace": "team", "name": name, "uid": record.uid, "resourceVersion": "5",
            "creationTimestamp": if name.starts_with("new-") { "2026-01-02T00:00:00Z" } else { "2026-01-01T00:00:00Z" },
            "deletionTimestamp": deleted.then_some("2026-01-03T00:00:00Z"),
            "finalizers": [INVITATION_FINALIZER], "annotations": {RECORD: record.to_annotation().unwrap()},
        },
        "spec": {"providerRef": {"name": PROVIDER}, "email": record.email, "deletionPolicy": "Remove"},
    }))
    .unwrap()
}

#[tokio::test(start_paused = true)]
async fn too_many_are_held_before_the_status_says_so_and_however_few_are_left() {
    let rig = Rig::new(&[]);
    rig.deleted(&["a", "b", "c"]).await;
    assert!(matches!(rig.brake("a"), Brake::Waits(_)));
    rig.deleted(&["d"]).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(rig.brake("d"), Brake::Held);
    rig.context.invitations.removed(&invitation("d", true));
    for name in ["a", "b", "c"] {
        assert_eq!(rig.brake(name), Brake::Held, "{name}: one was rescued before the status was written");
    }
    let hold = rig.write().await.removals_held.unwrap();
    assert_eq!((hold.count, hold.approved_time), (3, None));
    rig.context.invitations.removed(&invitation("c", true));
    assert_eq!(rig.write().await.removals_held.unwrap().id, hold.id);
    assert_eq!(rig.brake("a"), Brake::Held);
    for name in ["a", "b"] {
        rig.context.invitations.removed(&invitation(name, true));
    }
    assert_eq!(rig.write().await.removals_held, None);
    rig.deleted(&["e"]).await;
    assert!(matches!(rig.brake("e"), Brake::Waits(_)), "the hold is over");
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_was_written_meanwhile_is_not_replaced() {
    let rig = Rig::new(&[]);
    rig.deleted(&["a", "b", "c", "d"]).await;
    let read_before = rig.stored_provider();
    assert_eq!(rig.brake("a"), Brake::Held);
    let hold = rig.write().await.removals_held.unwrap();
    assert_eq!(rig.context.brake(&rig.stored("b"), &read_before, &OWNER), Brake::Held);
    assert_eq!(rig.write().await.removals_held, Some(hold), "its id is what somebody approves");
}

#[tokio::test(start_paused = true)]
async fn a_hold_that_an_earlier_process_wrote_is_kept() {
    let rig = Rig::new(&[]);
    let held = RemovalsHeld { id: "earlier".to_owned(), count: 9, approved_time: None };
    rig.provider(ProviderStatus { removals_held: Some(held), ..ProviderStatus::default() });
    rig.deleted(&["a"]).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(rig.brake("a"), Brake::Held);
    assert_eq!(rig.write().await.removals_held.unwrap().id, "earlier");
}

#[tokio::test(start_paused = true)]
async fn an_approval_counts_once_it_is_written() {
    let rig = Rig::new(&[]);
    rig.deleted(&["a", "b", "c", "d"]).await;
    assert_eq!(rig.brake("a"), Brake::Held);
    let mut status = rig.write().await;
    tokio::time::advance(Duration::from_secs(60)).await;
    let mut provider = (*rig.stored_provider()).clone();
    let id = status.removals_held.as_ref().unwrap().id.clone();
    provider.annotations_mut().insert(REMOVALS_APPROVED.to_owned(), id);
    provider.metadata.resource_version = Some("2".to_owned());
    rig.context.providers.shown(provider.clone());
    assert_eq!(rig.brake("a"), Brake::Held, "asked for, and not noted yet");
    let moved = rig.context.move_brake(&provider, &mut status);
    assert_eq!(moved.event.as_ref().unwrap().reason, "RemovalsApproved");
    assert!(status.removals_held.as_ref().unwrap().approved_time.is_some());
    rig.provider(status);
    for name in ["a", "b", "c", "d"] {
        assert_eq!(rig.brake(name), Brake::Off, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_deletion_waits_from_the_first_time_this_process_saw_it() {
    let rig = Rig::new(&[]);
    rig.deleted(&["a"]).await;
    // Asking about the namespace took a part of it.
    assert_eq!(rig.brake("a"), Brake::Waits(Duration::from_millis(29_750)));
    tokio::time::advance(Duration::from_millis(29_749)).await;
    assert_eq!(rig.brake("a"), Brake::Waits(Duration::from_millis(1)));
    tokio::time::advance(Duration::from_millis(1)).await;
    assert_eq!(rig.brake("a"), Brake::Off);
}

#[tokio::test(start_paused = true)]
async fn nothing_acts_before_it_is_known_what_it_counts_with() {
    let rig = Rig::new(&[]);
    rig.context.invitations.shown(invitation("a", true));
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(rig.brake("a"), Brake::Uncounted, "nobody asked about the namespace");
    rig.deleted(&["b"]).await;
    assert_eq!(rig.brake("a"), Brake::Off);
    rig.context.invitations.shown(invitation("c", true));
    tokio::time::advance(Duration::from_secs(60)).await;
    rig.context.invitations.shown(invitation("d", true));
    assert_eq!(rig.brake("a"), Brake::Uncounted, "the namespace may have been deleted since");
    assert!(rig.context.move_brake(&rig.stored_provider(), &mut ProviderStatus::default()).again.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_leaving_namespace_is_let_go_once_the_status_says_so() {
    let rig = Rig::new(&["team"]);
    rig.deleted(&["a", "b", "c", "d"]).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    rig.deleted(&[]).await;
    assert_eq!(rig.brake("a"), Brake::Uncounted);
    let status = rig.write().await;
    assert_eq!((status.removals_held, status.released_namespaces), (None, vec!["team".to_owned()]));
    rig.context.invitations.removed(&invitation("d", true));
    for name in ["a", "b", "c"] {
        assert_eq!(rig.brake(name), Brake::LetGo, "{name}");
    }
    for name in ["a", "b", "c"] {
        rig.context.invitations.removed(&invitation(name, true));
    }
    assert!(rig.write().await.released_namespaces.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_leaving_namespace_for_which_the_status_has_no_room_makes_no_calls_either() {
    let namespaces: Vec<String> = (0..65).map(|number| format!("team-{number:02}")).collect();
    let rig = Rig::new(&namespaces.iter().map(String::as_str).collect::<Vec<_>>());
    let mut provider = (*rig.stored_provider()).clone();
    provider.metadata.namespace = None;
    let removal = |namespace: &str, number: usize| {
        let mut removal = invitation(&format!("{namespace}-{number}"), true);
        removal.metadata.namespace = Some(namespace.to_owned());
        removal.spec.provider_ref.kind = ProviderKind::ClusterInvitationProvider;
        removal
    };
    for namespace in &namespaces {
        for number in 0..4 {
            rig.context.invitations.shown(removal(namespace, number));
        }
    }
    tokio::time::advance(Duration::from_secs(60)).await;
    for namespace in &namespaces {
        rig.context.learn_namespace(namespace, Instant::now()).await;
    }
    let mut status = ProviderStatus::default();
    rig.context.move_brake(&provider, &mut status);
    assert_eq!(status.released_namespaces.len(), 64);
    provider.status = Some(status.clone());
    for namespace in &namespaces {
        let stored = rig.context.invitations.get(&Key::of(&removal(namespace, 0))).unwrap();
        let released = status.released_namespaces.contains(namespace);
        let wanted = if released { Brake::LetGo } else { Brake::Uncounted };
        assert_eq!(rig.context.brake(&stored, &provider, &OWNER), wanted, "{namespace}");
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_has_an_heir_is_not_counted() {
    let rig = Rig::new(&[]);
    for name in ["new-a", "new-b", "new-c"] {
        rig.context.invitations.shown(invitation(name, false));
    }
    rig.deleted(&["a", "b", "c", "d"]).await;
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(rig.brake("d"), Brake::Off);
    assert_eq!(rig.write().await.removals_held, None);
    rig.context.invitations.removed(&invitation("new-a", false));
    assert_eq!(rig.brake("d"), Brake::Off, "two of three are left");
    for name in ["new-b", "new-c"] {
        rig.context.invitations.removed(&invitation(name, false));
    }
    assert_eq!(rig.brake("d"), Brake::Held, "nobody takes them over any more");
}

#[test]
fn the_condition_has_the_exact_command() {
    let mut provider = AnyProvider::default();
    provider.metadata.name = Some("csp".to_owned());
    assert!(held_message(&provider, "0123456789ab").ends_with(
        "kubectl annotate ciprov csp userinvitation.dev/removals-approved=0123456789ab --overwrite"
    ));
    provider.metadata.namespace = Some("team-a".to_owned());
    assert!(held_message(&provider, "0123456789ab").ends_with(
        "kubectl annotate iprov csp -n team-a userinvitation.dev/removals-approved=0123456789ab --overwrite"
    ));
    provider.metadata.name = Some("x".repeat(253));
    provider.metadata.namespace = Some("y".repeat(63));
    let text = held_message(&provider, "0123456789ab");
    assert!(text.chars().count() <= crate::api::condition::MESSAGE_MAX, "{}", text.len());
    assert_ne!(hold_id(), hold_id());
    assert_eq!(hold_id().len(), 12);
}

#[test]
fn whatever_is_approved_was_requested_before() {
    // The clock of the one who deletes may be ahead of ours.
    let later = now().saturating_add(SignedDuration::from_secs(3600)).unwrap();
    let removal = Removal { namespace: "a".to_owned(), requested: later, leaving: false };
    let state = BrakeState {
        held: Some(RemovalsHeld { id: "x".to_owned(), count: 1, approved_time: None }),
        released: Vec::new(),
    };
    let mut provider = AnyProvider::default();
    provider.annotations_mut().insert(REMOVALS_APPROVED.to_owned(), "x".to_owned());
    let next = state.next(std::slice::from_ref(&removal), &rules(&provider, "y"));
    let approved: Option<Time> = next.held.as_ref().and_then(|held| held.approved_time.clone());
    assert!(approved.is_some_and(|time| time.0 > later));
    assert_eq!(next.says(&removal), BrakeSays::Approved);
}
