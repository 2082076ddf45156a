//! Providers for several namespaces: who may use them, by name and by label, and what nobody else learns.

use serde_json::{Value, json};
use test_rig::AuditEntry;
use test_rig::lab::{Namespace, OPERATOR, WAIT, condition};
use tokio::sync::MutexGuard;
use vendor_simulators::{Standing, TenantId};

use crate::lab::{CLUSTER, lab};
use crate::place::OPERATOR_USER;
use crate::scene::Scene;

/// An operator that serves providers of the cluster for some namespaces.
struct Stage {
    scene: Scene,
    /// Where the providers are made.
    cluster: Namespace,
    /// Longer than the operator: the next one would serve the same providers.
    _alone: MutexGuard<'static, ()>,
}

impl Stage {
    /// The first namespace is the scene's; the others are new, too.
    async fn new(namespaces: &[&str]) -> (Self, Vec<Namespace>) {
        Self::with(namespaces, &[]).await
    }

    async fn with(namespaces: &[&str], flags: &[&str]) -> (Self, Vec<Namespace>) {
        let alone = CLUSTER.lock().await;
        let flags: Vec<&str> = ["--cluster-providers=true"].iter().chain(flags).copied().collect();
        let scene = Scene::of(namespaces[0], namespaces, &flags).await;
        let mut others = Vec::new();
        for name in &namespaces[1..] {
            others.push(lab().namespace(name).await);
        }
        (Self { scene, cluster: lab().cluster(), _alone: alone }, others)
    }

    /// The provider goes, and nothing is left to the next test.
    async fn end(&self, provider: &str) {
        let path = self.cluster.provider_path(provider);
        self.cluster.client.delete(&path).await.expect("the provider is there");
        self.cluster.client.wait_gone(&path, WAIT).await;
    }

    async fn edit(&self, provider: &str, spec: Value) {
        let path = self.cluster.provider_path(provider);
        self.cluster.client.merge_patch(&path, &json!({"spec": spec})).await.expect("the change is accepted");
    }
}

/// Sets or takes away the label that providers of these tests select by.
async fn label(namespace: &Namespace, value: Value) {
    let change = json!({"metadata": {"labels": {"tests.example.com/invites": value}}});
    let path = format!("/api/v1/namespaces/{}", namespace.name);
    namespace.client.merge_patch(&path, &change).await.expect("the namespace is there");
}

/// Allows one namespace by name, and others by the label.
fn allows(name: &str) -> Value {
    json!({"allowedNamespaces": {
        "names": [name], "selector": {"matchLabels": {"tests.example.com/invites": "yes"}},
    }})
}

/// Declares a person who names a provider of the cluster.
async fn invite(namespace: &Namespace, name: &str, provider: &str, spec: Value) {
    let mut whole = json!({"providerRef": {"kind": "ClusterInvitationProvider"}});
    for (field, value) in spec.as_object().expect("an object") {
        whole[field] = value.clone();
    }
    namespace.invite(name, provider, &format!("{name}@example.com"), whole).await;
}

fn message(object: &Value) -> String {
    condition(object, "Ready")["message"].as_str().expect("a message").to_owned()
}

fn holds_in_use(provider: &Value) -> bool {
    let finalizers = provider["metadata"]["finalizers"].as_array();
    finalizers.is_some_and(|finalizers| finalizers.contains(&json!("userinvitation.dev/in-use")))
}

/// What the operators asked of the API server about Secrets of a namespace.
fn secrets_of(namespace: &str) -> Vec<AuditEntry> {
    let entries = lab().control_plane.audit_log().read().into_iter();
    let reads = entries.filter(|entry| entry.user == OPERATOR_USER && entry.resource == "secrets");
    reads.filter(|entry| entry.namespace == namespace).collect()
}

#[tokio::test]
async fn one_provider_serves_the_namespaces_that_it_names_or_selects() {
    let (stage, others) = Stage::new(&["cluster-life-a", "cluster-life-b", "cluster-life-c"]).await;
    let (a, b, c) = (&*stage.scene, &others[0], &others[1]);
    label(b, json!("yes")).await;
    let org = stage.cluster.vmware("cluster-life", allows(&a.name)).await;
    let provider = stage.cluster.wait_for_provider("cluster-life", "Ready").await;
    assert_eq!(provider["status"]["account"]["id"], json!(org.id));
    assert!(!holds_in_use(&provider));

    invite(a, "ada", "cluster-life", json!({"deletionPolicy": "Remove"})).await;
    invite(b, "bob", "cluster-life", json!({})).await;
    invite(c, "eve", "cluster-life", json!({})).await;
    a.wait_for_state("ada", "Pending").await;
    b.wait_for_state("bob", "Pending").await;
    let refused = c.wait_for_reason("eve", "NamespaceNotAllowed").await;
    assert_eq!(refused["status"]["state"], "Refused");
    assert_eq!(condition(&refused, "Stalled")["status"], "True");
    assert_eq!((stage.scene.all_mails(&org), stage.scene.mails(&org, "eve@example.com")), (2, 0));
    let path = stage.cluster.provider_path("cluster-life");
    let counted = |object: &Value| object["status"]["counts"]["invitations"] == 2;
    let provider = stage.cluster.client.wait_for(&path, WAIT, "counts those who may use it", counted).await;
    assert!(holds_in_use(&provider));

    // Nobody learns from a refusal whether there is such a provider.
    invite(c, "max", "no-such-provider", json!({})).await;
    let missing = c.wait_for_reason("max", "NamespaceNotAllowed").await;
    let plain = |object: &Value, provider: &str| {
        let mut status = object["status"].clone();
        for condition in status["conditions"].as_array_mut().expect("conditions") {
            condition["lastTransitionTime"].take();
        }
        status.to_string().replace(provider, "NAME")
    };
    assert_eq!(plain(&refused, "cluster-life"), plain(&missing, "no-such-provider"));

    // Lives go to their ends as with a provider of one namespace.
    stage.scene.vendors.accept(&org, "ada@example.com").expect("she is invited");
    a.wait_for_state("ada", "Accepted").await;
    stage.scene.stays_quiet_for_people(&org).await;
    // Deleted first, the provider stays until nothing is owed.
    stage.cluster.client.delete(&path).await.expect("the provider is there");
    stage.cluster.wait_for_provider("cluster-life", "Terminating").await;
    a.delete_and_wait("ada").await;
    b.delete_and_wait("bob").await;
    assert_ne!(stage.scene.standing(&org, "ada@example.com"), Some(Standing::Member));
    assert_eq!(stage.scene.standing(&org, "bob@example.com"), Some(Standing::Revoked));
    stage.cluster.client.wait_gone(&path, WAIT).await;
    for namespace in [&a.name, &b.name, &c.name] {
        assert!(secrets_of(namespace).is_empty(), "{namespace}");
    }
}

#[tokio::test]
async fn a_permission_that_is_withdrawn_calls_nobody() {
    let (stage, others) = Stage::new(&["cluster-withdrawn-a", "cluster-withdrawn-b"]).await;
    let (a, b) = (&**stage.scene, &others[0]);
    label(b, json!("yes")).await;
    let org = stage.cluster.vmware("cluster-withdrawn", allows(&a.name)).await;
    invite(a, "ada", "cluster-withdrawn", json!({})).await;
    invite(b, "bob", "cluster-withdrawn", json!({})).await;
    invite(b, "eve", "cluster-withdrawn", json!({})).await;
    a.wait_for_state("ada", "Pending").await;
    for name in ["bob", "eve"] {
        b.wait_for_state(name, "Pending").await;
    }
    let writes = stage.scene.writes(&org);

    label(b, Value::Null).await;
    for name in ["bob", "eve"] {
        let refused = b.wait_for_reason(name, "NamespaceNotAllowed").await;
        assert_eq!(refused["status"]["onDelete"], "Keep");
        assert_eq!(condition(&refused, "Stalled")["status"], "True");
    }
    // Nor does a request, a change or a deletion.
    b.annotate("eve", &json!({"userinvitation.dev/resend-requested-at": "now"})).await;
    b.delete_and_wait("bob").await;
    let events = format!("/apis/events.k8s.io/v1/namespaces/{}/events", b.name);
    let events = b.client.list(&events).await.expect("events are listed");
    let told =
        |event: &&Value| event["regarding"]["name"] == "bob" && event["reason"] == "DeletionNotAllowed";
    let event = events.iter().find(told).expect("people are told");
    assert!(event["note"].to_string().contains("nobody was taken away"), "{event}");
    stage.scene.sweeps(&org, 2).await;
    assert_eq!(stage.scene.writes(&org), writes);
    assert_eq!(stage.scene.standing(&org, "bob@example.com"), Some(Standing::Invited));

    // It comes back, and with it what it was before.
    label(b, json!("yes")).await;
    b.wait_for_state("eve", "Pending").await;
    stage.edit("cluster-withdrawn", json!({"allowedNamespaces": {"names": []}})).await;
    a.wait_for_reason("ada", "NamespaceNotAllowed").await;
    stage.edit("cluster-withdrawn", json!({"allowedNamespaces": {"names": [a.name]}})).await;
    a.wait_for_state("ada", "Pending").await;
    a.delete_and_wait("ada").await;
    b.delete_and_wait("eve").await;
    stage.end("cluster-withdrawn").await;
}

#[tokio::test]
async fn two_namespaces_that_name_one_person_learn_nothing_of_each_other() {
    let (stage, others) = Stage::new(&["cluster-person-a", "cluster-person-b"]).await;
    let (a, b) = (&**stage.scene, &others[0]);
    label(b, json!("yes")).await;
    let org = stage.cluster.vmware("cluster-person", allows(&a.name)).await;
    invite(a, "ada", "cluster-person", json!({})).await;
    a.wait_for_state("ada", "Pending").await;
    let spec = json!({"providerRef": {"kind": "ClusterInvitationProvider"}});
    b.invite("her", "cluster-person", "ADA@Example.com", spec).await;
    let duplicate = b.wait_for_reason("her", "DuplicateInvitation").await;
    assert_eq!(duplicate["status"]["state"], "Conflict");
    assert!(message(&duplicate).contains("another object already speaks for this person"));
    assert!(!duplicate["status"].to_string().contains(&a.name), "{duplicate:#}");

    // The other namespace takes her over without a call.
    let writes = stage.scene.writes(&org);
    a.delete_and_wait("ada").await;
    let heir = b.wait_for_state("her", "Pending").await;
    assert_eq!(heir["status"]["origin"], "Invited");
    assert_eq!((stage.scene.writes(&org), stage.scene.all_mails(&org)), (writes, 1));

    // A namespace that may not use the provider stands in nobody's way, however old its objects are.
    let max = json!({"providerRef": {"kind": "ClusterInvitationProvider"}});
    label(b, Value::Null).await;
    b.wait_for_reason("her", "NamespaceNotAllowed").await;
    b.invite("max", "cluster-person", "max@example.com", max).await;
    b.wait_for_reason("max", "NamespaceNotAllowed").await;
    invite(a, "max", "cluster-person", json!({})).await;
    a.wait_for_state("max", "Pending").await;
    a.delete_and_wait("max").await;
    b.delete_and_wait("her").await;
    b.delete_and_wait("max").await;
    stage.end("cluster-person").await;
}

/// A provider of the other kind for the same tenant, with the same credential.
async fn rival(place: &Namespace, org: &TenantId, name: &str, token: &str, spec: Value) {
    place.secret(name, place.vmware_url(), &json!({"apiToken": token})).await;
    let block =
        json!({"vmwareCloudServices": {"orgId": org.id, "platform": "Tcsp", "endpoint": place.vmware_url()}});
    place.provider(name, block, spec).await;
}

#[tokio::test]
async fn a_tenant_has_one_provider_of_either_kind() {
    let (stage, _) = Stage::new(&["cluster-tenant"]).await;
    let a = &*stage.scene;
    let org = a.vmware("csp", json!({})).await;
    a.invite("ada", "csp", "ada@example.com", json!({})).await;
    a.wait_for_state("ada", "Pending").await;
    let token = "api-token-cluster-tenant-csp-0123456789abcdef";
    rival(&stage.cluster, &org, "cluster-tenant", token, allows(&a.name)).await;
    let stalled = stage.cluster.wait_for_provider("cluster-tenant", "TenantInUse").await;
    assert_eq!(condition(&stalled, "Stalled")["status"], "True");
    for condition in stalled["status"]["conditions"].as_array().expect("conditions") {
        let said = condition["message"].to_string();
        assert!(!said.contains("csp") && !said.contains(&a.name), "{said}");
    }
    invite(a, "bob", "cluster-tenant", json!({})).await;
    a.wait_for_reason("bob", "ProviderNotReady").await;
    stage.scene.sweeps(&org, 2).await;
    assert_eq!(stage.scene.all_mails(&org), 1);

    // The one of the namespace goes, and the one of the cluster takes over; then the other way round.
    a.delete_and_wait("ada").await;
    a.client.delete(&a.provider_path("csp")).await.expect("the provider is there");
    a.client.wait_gone(&a.provider_path("csp"), WAIT).await;
    stage.cluster.wait_for_provider("cluster-tenant", "Ready").await;
    a.wait_for_state("bob", "Pending").await;
    rival(a, &org, "again", token, json!({})).await;
    let stalled = a.wait_for_provider("again", "TenantInUse").await;
    assert!(!stalled["status"]["conditions"].to_string().contains("cluster-tenant"), "{stalled:#}");
    a.delete_and_wait("bob").await;
    stage.end("cluster-tenant").await;
    a.wait_for_provider("again", "Ready").await;
}

#[tokio::test]
async fn the_secret_is_the_operator_s_namespace_s() {
    let (stage, _) = Stage::new(&["cluster-secret"]).await;
    let a = &*stage.scene;
    let org = a.vmware("cluster-secret", json!({})).await;
    // The namespace's own provider has made a Secret of this name, which the provider of the cluster never sees.
    a.invite("ada", "cluster-secret", "ada@example.com", json!({})).await;
    a.wait_for_state("ada", "Pending").await;
    let block =
        json!({"vmwareCloudServices": {"orgId": org.id, "platform": "Tcsp", "endpoint": a.vmware_url()}});
    stage.cluster.provider("cluster-secret", block, allows(&a.name)).await;
    let missing = stage.cluster.wait_for_provider("cluster-secret", "SecretNotFound").await;
    assert_eq!(
        message(&missing),
        "there is no Secret \"cluster-secret\" in the operator's namespace: create it, with the label \
         userinvitation.dev/credentials=\"true\""
    );
    let there = secrets_of(OPERATOR);
    assert!(there.iter().all(|entry| entry.verb == "get"), "{there:?}");
    assert!(there.iter().any(|entry| entry.name == "cluster-secret" && entry.code == 404), "{there:?}");

    let token = "api-token-cluster-secret-cluster-secret-0123456789abcdef";
    stage.cluster.secret("cluster-secret", a.vmware_url(), &json!({"apiToken": token})).await;
    stage.cluster.wait_for_provider("cluster-secret", "TenantInUse").await;
    stage.end("cluster-secret").await;
}

#[tokio::test]
async fn what_was_begun_is_finished_after_a_restart() {
    let (mut stage, others) = Stage::new(&["cluster-restart-a", "cluster-restart-b"]).await;
    let b = &others[0];
    label(b, json!("yes")).await;
    let org = stage.cluster.vmware("cluster-restart", allows(&stage.scene.name)).await;
    invite(b, "ada", "cluster-restart", json!({})).await;
    b.wait_for_state("ada", "Pending").await;
    let path = stage.cluster.provider_path("cluster-restart");
    stage.cluster.client.delete(&path).await.expect("the provider is there");
    stage.cluster.wait_for_provider("cluster-restart", "Terminating").await;
    stage.scene.stop().await;
    b.client.delete(&b.invitation_path("ada")).await.expect("the invitation is there");
    stage.scene.go().await;
    b.client.wait_gone(&b.invitation_path("ada"), WAIT).await;
    assert_eq!(stage.scene.standing(&org, "ada@example.com"), Some(Standing::Revoked));
    stage.cluster.client.wait_gone(&path, WAIT).await;
    assert_eq!(stage.scene.all_mails(&org), 1);
}

#[tokio::test]
async fn removals_of_all_namespaces_are_counted_together() {
    let (stage, others) =
        Stage::with(&["cluster-brake-a", "cluster-brake-b"], &["--deletion-delay-milliseconds=3000"]).await;
    let (a, b) = (&**stage.scene, &others[0]);
    label(b, json!("yes")).await;
    let mut spec = allows(&a.name);
    spec["policy"] = json!({"removalsHeldAbove": 3});
    let org = stage.cluster.vmware("cluster-brake", spec).await;
    let people = [(a, "ada"), (a, "alan"), (b, "barbara"), (b, "bob")];
    for (namespace, name) in people {
        invite(namespace, name, "cluster-brake", json!({})).await;
    }
    for (namespace, name) in people {
        namespace.wait_for_state(name, "Pending").await;
    }
    for (namespace, name) in people {
        namespace.client.delete(&namespace.invitation_path(name)).await.expect("the invitation is there");
    }
    let path = stage.cluster.provider_path("cluster-brake");
    let held = |object: &Value| object["status"]["removalsHeld"]["count"] == 4;
    let provider = stage.cluster.client.wait_for(&path, WAIT, "held", held).await;
    b.wait_for_reason("bob", "RemovalsHeld").await;
    assert_eq!(stage.scene.standing(&org, "ada@example.com"), Some(Standing::Invited));

    let said = condition(&provider, "RemovalsHeld")["message"].as_str().expect("a message").to_owned();
    let (_, command) = said.split_once("kubectl ").expect("a command");
    let words: Vec<&str> = command.split(' ').collect();
    lab().control_plane.kubectl(&words).await.success();
    for (namespace, name) in people {
        namespace.client.wait_gone(&namespace.invitation_path(name), WAIT).await;
        assert_eq!(stage.scene.standing(&org, &format!("{name}@example.com")), Some(Standing::Revoked));
    }
    stage.end("cluster-brake").await;
}

#[tokio::test]
async fn without_the_kind_nobody_may_use_it() {
    let scene = Scene::new("cluster-off").await;
    invite(&scene, "ada", "anything", json!({})).await;
    scene.wait("ada", "Refused", "NamespaceNotAllowed").await;
    scene.delete_and_wait("ada").await;
}
