//! All three definitions are deleted, with every object of theirs, while the operator runs; and they and the objects come back.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use test_rig::OperatorOptions;
use test_rig::lab::{WAIT, condition};
use vendor_simulators::Standing;

use crate::scene::{LONG_LEASE, PROVIDER, Scene, flags, is_calm, lab};

const CRDS: &str = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const PLURALS: [&str; 3] = ["userinvitations", "invitationproviders", "clusterinvitationproviders"];

/// How long there are none: longer than the first pauses of the watches.
const A_WHILE: Duration = Duration::from_secs(5);

/// The members whose deletion would remove them; one more than goes on without an approval.
const MEMBERS: [&str; 3] = ["ada", "cleo", "dora"];

#[tokio::test]
async fn deleted_and_made_again() {
    let options = OperatorOptions { flags: flags(&LONG_LEASE), ..OperatorOptions::default() };
    let provider = json!({"policy": {"removalsHeldAbove": 2}});
    let mut scene = Scene::begin(lab("operations-definitions").await, &options, provider).await;
    scene.declare("cleo", json!({"deletionPolicy": "Remove"})).await;
    scene.declare("dora", json!({"deletionPolicy": "Remove"})).await;
    scene.declare("emmy", json!({"deletionPolicy": "Retain"})).await;
    for name in ["cleo", "dora", "emmy"] {
        scene.follows(name).await;
    }
    let in_git = objects(&scene).await;
    let writes = scene.calls_that_write();

    for plural in PLURALS {
        let definition = format!("{CRDS}/{plural}.userinvitation.dev");
        scene.client.delete(&definition).await.expect("the definition is there");
    }
    // The brake holds whoever would be removed or revoked, and says so.
    scene.client.wait_gone(&scene.invitation_path("emmy"), WAIT).await;
    for name in MEMBERS.into_iter().chain(["bob"]) {
        let held = |object: &Value| condition(object, "Stalled")["reason"] == "RemovalsHeld";
        scene.client.wait_for(&scene.invitation_path(name), WAIT, "held", held).await;
    }
    let held = |object: &Value| object["status"]["removalsHeld"]["count"] == 4;
    scene.client.wait_for(&scene.provider_path(PROVIDER), WAIT, "says that it holds", held).await;
    // It was a mistake: they go without a call, and the definitions with them.
    for name in MEMBERS.into_iter().chain(["bob"]) {
        scene.annotate(name, &json!({"userinvitation.dev/abandon": "true"})).await;
    }
    for plural in PLURALS {
        scene.client.wait_gone(&format!("{CRDS}/{plural}.userinvitation.dev"), WAIT).await;
    }

    let (mark, begun) = (scene.mark(), Instant::now());
    for kind in ["UserInvitation", "InvitationProvider", "ClusterInvitationProvider"] {
        scene.is_not_ready(&format!("{kind} (the API server does not know this kind")).await;
    }
    tokio::time::sleep(A_WHILE.saturating_sub(begun.elapsed())).await;
    is_calm(&scene.requests_since(mark), begun.elapsed());

    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crds").display().to_string();
    scene.lab.control_plane.kubectl(&["apply", "--filename", &folder]).await.success();
    scene.lab.control_plane.kubectl(&["wait", "--for=condition=Established", "crd", "--all"]).await.success();
    for (path, object) in in_git {
        scene.client.create(&path, &object).await.expect("it is gone");
    }
    for name in MEMBERS.into_iter().chain(["emmy"]) {
        let seen = scene.wait_for_state(name, "Accepted").await;
        assert_eq!(seen["status"]["origin"], "Adopted", "{name} was there before this object");
        assert_eq!(scene.standing(name), Some(Standing::Member));
    }
    scene.is_pending("bob").await;
    scene.nobody_is_wronged();
    assert_eq!(scene.calls_that_write(), writes, "the vendor was only read");
    scene.goes_on("grace", "bob").await;
    scene.end().await;
}

/// Providers and invitations as somebody applies them, with where they are made.
async fn objects(scene: &Scene) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for plural in ["invitationproviders", "userinvitations"] {
        let path = scene.path(plural);
        for object in scene.client.list(&path).await.expect("they are listed") {
            let kind = if plural == "userinvitations" { "UserInvitation" } else { "InvitationProvider" };
            let metadata = json!({"name": object["metadata"]["name"]});
            let (version, spec) = ("userinvitation.dev/v1alpha1", &object["spec"]);
            let applied = json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec});
            all.push((path.clone(), applied));
        }
    }
    all
}
