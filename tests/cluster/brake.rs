//! The brake on mass removal: who is held, until when, and whom an approval covers.

use std::time::{Duration, Instant};

use futures::future::join_all;
use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{Fault, FaultRule, RateHeaders, RetryAfter, Standing, TenantId, When};

use crate::lab::{CLUSTER, lab};
use crate::scene::Scene;
use crate::stage::{Stage, each};

/// Long enough that all the deletions of a test are seen within it.
const DELAY: &str = "--deletion-delay-milliseconds=4000";

const APPROVED: &str = "userinvitation.dev/removals-approved";

/// A provider that lets three removals go on.
fn at_most_three() -> Value {
    json!({"policy": {"removalsHeldAbove": 3}})
}

fn address(name: &str) -> String {
    format!("{name}@example.com")
}

/// Members who are to be removed with their objects.
async fn members(scene: &Scene, provider: &str, tenant: &TenantId, names: &[&str]) {
    for name in names {
        scene.vendors.add_account(tenant, &address(name)).expect("the tenant exists");
        scene.invite(name, provider, &address(name), json!({"deletionPolicy": "Remove"})).await;
    }
    for name in names {
        scene.wait_for_state(name, "Accepted").await;
    }
}

async fn delete_all(scene: &Scene, names: &[&str]) {
    for name in names {
        scene.delete(name).await;
    }
}

/// Waits until a provider holds removals; answers the hold.
async fn wait_held(scene: &Scene, provider: &str, count: usize) -> Value {
    let path = scene.provider_path(provider);
    let held = |object: &Value| {
        condition(object, "RemovalsHeld")["status"] == "True"
            && object["status"]["removalsHeld"]["count"] == count
    };
    let object = scene.client.wait_for(&path, WAIT, "held", held).await;
    object["status"]["removalsHeld"].clone()
}

/// Types the command that the provider's condition names.
async fn approve(scene: &Scene, provider: &str) {
    let object = scene.client.get(&scene.provider_path(provider)).await.expect("the provider is there");
    let message = condition(&object, "RemovalsHeld")["message"].as_str().expect("a message").to_owned();
    let (_, command) = message.split_once("kubectl ").expect("a command");
    let words: Vec<&str> = command.split(' ').collect();
    scene.lab().control_plane.kubectl(&words).await.success();
}

async fn wait_no_hold(scene: &Scene, provider: &str) -> Value {
    let path = scene.provider_path(provider);
    let free = |object: &Value| {
        object["status"]["removalsHeld"].is_null() && condition(object, "RemovalsHeld").is_null()
    };
    scene.client.wait_for(&path, WAIT, "no hold", free).await
}

fn standings(scene: &Scene, tenant: &TenantId, names: &[&str]) -> Vec<Option<Standing>> {
    names.iter().map(|name| scene.standing(tenant, &address(name))).collect()
}

fn all_members(scene: &Scene, tenant: &TenantId, names: &[&str]) -> bool {
    standings(scene, tenant, names).iter().all(|standing| *standing == Some(Standing::Member))
}

#[tokio::test]
async fn too_many_removals_wait_for_an_approval() {
    let mut scene = Scene::with("brake-held", &[DELAY]).await;
    let mut stages = scene.stages(at_most_three()).await;
    stages.retain(|stage| stage.can.remove);
    let people = ["ada", "bob", "eve", "joe"];
    each(&stages, async |stage| {
        for who in people {
            stage.invite(who, json!({"deletionPolicy": "Remove"})).await;
            stage.accept(who).await;
        }
    })
    .await;
    let before: Vec<usize> = stages.iter().map(Stage::writes).collect();
    each(&stages, async |stage| {
        for who in people {
            stage.delete(who).await;
        }
        wait_held(&scene, stage.provider(), 4).await;
        for who in people {
            let waiting = stage.wait(who, "Deleting", "RemovalsHeld").await;
            assert_eq!(condition(&waiting, "Stalled")["status"], "True", "{stage}: {who}");
        }
        let note = scene.wait_event(stage.provider(), "RemovalsHeld").await;
        assert!(note.contains("the condition RemovalsHeld has the command"), "{note}");
    })
    .await;
    let holds = async |scene: &Scene| {
        let holds = stages.iter().map(|stage| wait_held(scene, stage.provider(), 4));
        join_all(holds).await.iter().map(|hold| hold["id"].clone()).collect::<Vec<Value>>()
    };
    let begun = holds(&scene).await;

    // Neither time nor a new process lets them go on.
    each(&stages, async |stage| stage.sweeps(6).await).await;
    scene.restart().await;
    each(&stages, async |stage| stage.sweeps(6).await).await;
    assert_eq!(holds(&scene).await, begun, "they are the same holds");
    let metrics = scene.operator().metrics().await;
    assert!(metrics.contains("removal_holds_total 0"), "they were found, not begun:\n{metrics}");

    // A value that is not the hold's id approves nothing.
    let wrong = json!({"metadata": {"annotations": {APPROVED: "true"}}});
    each(&stages, async |stage| {
        scene.client.merge_patch(&scene.provider_path(stage.provider()), &wrong).await.expect("accepted");
        stage.sweeps(2).await;
        for who in people {
            assert_eq!(stage.standing(who), Some(Standing::Member), "{stage}: {who}");
        }
    })
    .await;
    assert_eq!(stages.iter().map(Stage::writes).collect::<Vec<_>>(), before, "nobody was called");

    each(&stages, async |stage| {
        approve(&scene, stage.provider()).await;
        for who in people {
            stage.wait_gone(who).await;
            assert!(!stage.has(who), "{stage}: {who}");
        }
        wait_no_hold(&scene, stage.provider()).await;
        scene.wait_event(stage.provider(), "RemovalsApproved").await;
    })
    .await;
}

#[tokio::test]
async fn a_rescued_object_does_not_free_the_rest() {
    let mut scene = Scene::with("brake-rescued", &[DELAY]).await;
    let tenant = scene.vmware("vmware", at_most_three()).await;
    let names = ["ada", "bob", "eve", "joe", "zoe"];
    members(&scene, "vmware", &tenant, &names).await;
    let before = scene.writes(&tenant);
    delete_all(&scene, &names).await;
    let hold = wait_held(&scene, "vmware", 5).await;

    let no_finalizer = json!({"metadata": {"finalizers": null}});
    scene.client.merge_patch(&scene.invitation_path("ada"), &no_finalizer).await.expect("by hand");
    scene.annotate("bob", &json!({"userinvitation.dev/abandon": "true"})).await;
    for name in ["ada", "bob"] {
        scene.client.wait_gone(&scene.invitation_path(name), WAIT).await;
    }
    // Three are left, as many as may go on where there is no hold.
    scene.sweeps(&tenant, 6).await;
    scene.restart().await;
    scene.sweeps(&tenant, 6).await;
    assert_eq!(wait_held(&scene, "vmware", 3).await["id"], hold["id"]);
    assert_eq!(scene.writes(&tenant), before);
    assert!(all_members(&scene, &tenant, &names));

    for name in ["eve", "joe", "zoe"] {
        scene.annotate(name, &json!({"userinvitation.dev/abandon": "true"})).await;
        scene.client.wait_gone(&scene.invitation_path(name), WAIT).await;
    }
    wait_no_hold(&scene, "vmware").await;
    assert!(all_members(&scene, &tenant, &names), "the hold ended, and nobody was removed");
}

/// What comes after an approval is not covered by it.
#[tokio::test]
async fn an_approval_covers_what_was_requested_before_it() {
    let scene = Scene::with("brake-covered", &[DELAY]).await;
    let tenant = scene.vmware("vmware", at_most_three()).await;
    let (first, second) = (["ada", "bob", "eve", "joe"], ["kim", "lea", "max", "zoe"]);
    members(&scene, "vmware", &tenant, &first).await;
    members(&scene, "vmware", &tenant, &second).await;
    let busy =
        Fault::TooManyRequests { retry_after: RetryAfter::Seconds(1), rate_headers: RateHeaders::None };
    let fault = scene
        .vendors
        .add_fault(FaultRule::on("vmware.remove_users", busy).tenant(&tenant).when(When::Always));
    delete_all(&scene, &first).await;
    let hold = wait_held(&scene, "vmware", 4).await;
    approve(&scene, "vmware").await;
    let approved = |object: &Value| object["status"]["removalsHeld"]["approvedTime"].is_string();
    scene.client.wait_for(&scene.provider_path("vmware"), WAIT, "approved", approved).await;
    scene
        .eventually("the vendor is called, and is busy", || scene.calls(&tenant, "vmware.remove_users") > 0)
        .await;

    delete_all(&scene, &second).await;
    let again = wait_held(&scene, "vmware", 8).await;
    assert_ne!(again["id"], hold["id"], "another hold needs another approval");
    scene.vendors.remove_fault(fault);
    scene.sweeps(&tenant, 6).await;
    assert!(all_members(&scene, &tenant, &second), "nobody approved them");
    approve(&scene, "vmware").await;
    for name in first.iter().chain(&second) {
        scene.client.wait_gone(&scene.invitation_path(name), WAIT).await;
    }
    wait_no_hold(&scene, "vmware").await;
    assert!(standings(&scene, &tenant, &second).iter().all(|standing| *standing != Some(Standing::Member)));
}

#[tokio::test]
async fn a_namespace_with_too_many_goes_without_a_call() {
    let mut scene = Scene::with("departures-brake", &[DELAY]).await;
    let tenant = scene.vmware("vmware", at_most_three()).await;
    let names = ["ada", "bob", "eve", "joe", "zoe"];
    members(&scene, "vmware", &tenant, &names).await;
    let before = scene.writes(&tenant);
    let path = format!("/api/v1/namespaces/{}", scene.name);
    scene.client.delete(&path).await.expect("the namespace is there");
    scene.client.wait_gone(&path, WAIT).await;
    assert_eq!(scene.writes(&tenant), before);
    assert!(all_members(&scene, &tenant, &names));
    let metrics = scene.operator().metrics().await;
    let counted = metrics
        .lines()
        .find(|line| line.contains("releases_without_call") && line.contains("too_many_removals"));
    assert!(counted.is_some_and(|line| line.ends_with(" 5")), "{counted:?}\n{metrics}");
}

/// A provider for several namespaces counts a namespace that is being deleted by itself: what leaves with it is no
/// reason to hold what goes elsewhere, and is not held by that.
#[tokio::test]
async fn a_namespace_that_leaves_is_counted_by_itself() {
    let (here, there) = ("departures-brake-here", "brake-there");
    // The next operator would serve the same providers.
    let _alone = CLUSTER.lock().await;
    let scene = Scene::of(here, &[here, there], &[DELAY, "--cluster-providers=true"]).await;
    let (other, cluster) = (lab().namespace(there).await, lab().cluster());
    let provider = "brake-of-the-cluster";
    let spec = json!({"policy": {"removalsHeldAbove": 3}, "allowedNamespaces": {"names": [here, there]}});
    let org = cluster.vmware(provider, spec).await;
    let spec = json!({"providerRef": {"kind": "ClusterInvitationProvider"}, "deletionPolicy": "Remove"});
    let (leave, stay) = (["ada", "bob", "eve"], ["kim", "lea"]);
    for (namespace, names) in [(&**scene, &leave[..]), (&other, &stay[..])] {
        for name in names {
            scene.vendors.add_account(&org, &address(name)).expect("the tenant exists");
            namespace.invite(name, provider, &address(name), spec.clone()).await;
        }
        for name in names {
            namespace.wait_for_state(name, "Accepted").await;
        }
    }
    let path = format!("/api/v1/namespaces/{here}");
    scene.client.delete(&path).await.expect("the namespace is there");
    // Kubernetes waits before it empties a namespace.
    let deleted = |object: &Value| object["metadata"]["deletionTimestamp"].is_string();
    scene.client.wait_for(&scene.invitation_path("ada"), WAIT, "deleted", deleted).await;
    for name in stay {
        other.client.delete(&other.invitation_path(name)).await.expect("the invitation is there");
    }
    scene.client.wait_gone(&path, WAIT).await;
    for name in stay {
        other.client.wait_gone(&other.invitation_path(name), WAIT).await;
    }
    let all = [&leave[..], &stay[..]].concat();
    assert!(standings(&scene, &org, &all).iter().all(|standing| *standing != Some(Standing::Member)));
    let path = cluster.provider_path(provider);
    let object = other.client.get(&path).await.expect("the provider is there");
    assert!(object["status"]["removalsHeld"].is_null(), "{object:#}");
    other.client.delete(&path).await.expect("the provider is there");
    other.client.wait_gone(&path, WAIT).await;
}

#[tokio::test]
async fn a_removal_waits_to_see_whether_more_follow() {
    let scene = Scene::with("brake-delay", &[DELAY]).await;
    let tenant = scene.vmware("vmware", at_most_three()).await;
    let names = ["ada", "bob", "eve"];
    members(&scene, "vmware", &tenant, &names).await;
    let before = scene.writes(&tenant);
    let begun = Instant::now();
    delete_all(&scene, &names).await;
    for name in names {
        let waiting = scene.wait(name, "Deleting", "DeletionPending").await;
        assert_eq!(condition(&waiting, "Reconciling")["status"], "True");
    }
    assert_eq!(scene.writes(&tenant), before);
    for name in names {
        scene.client.wait_gone(&scene.invitation_path(name), WAIT).await;
    }
    assert!(begun.elapsed() >= Duration::from_secs(4), "gone after {:?}", begun.elapsed());
    let provider = scene.client.get(&scene.provider_path("vmware")).await.expect("the provider is there");
    assert!(provider["status"]["removalsHeld"].is_null());
    assert!(scene.events("vmware", "RemovalsHeld").await.is_empty());
}
