//! A rename in Git, in either order: the person stays, and nobody is called.

use serde_json::json;
use test_rig::vendors::{Policy, Stand};

use crate::scene::Scene;
use crate::stage::{address, each};

const DELAY: &str = "--deletion-delay-milliseconds=4000";

/// The new object comes first, before and after acceptance; the last one inherits the duty.
#[tokio::test]
async fn a_rename_calls_nobody_before_and_after_acceptance() {
    let scene = Scene::new("renames-early").await;
    each(&scene.stages(json!({})).await, async |stage| {
        let remove = json!({"deletionPolicy": "Remove"});
        let declare = async |name: &str| stage.declare_as(name, &address("ada"), remove.clone()).await;
        stage.invite("ada", remove.clone()).await;
        let writes = stage.writes();

        declare("second").await;
        stage.wait("second", "Conflict", "DuplicateInvitation").await;
        stage.delete_and_wait("ada").await;
        let invited = stage.wait_for("second", Stand::Invited).await;
        assert_eq!(invited["status"]["origin"], "Invited", "{stage}: the new object takes over who invited");

        if stage.can.acceptance {
            scene.vendors.accept(&stage.tenant, &address("ada")).expect("she is invited");
        }
        stage.wait_for("second", Stand::Member).await;
        declare("third").await;
        stage.wait("third", "Conflict", "DuplicateInvitation").await;
        stage.delete_and_wait("second").await;
        stage.wait_for("third", Stand::Member).await;
        assert_eq!(stage.writes(), writes, "{stage}: a rename calls nobody");
        assert_eq!(stage.mails("ada"), 1, "{stage}");

        stage.delete_and_wait("third").await;
        stage.is_kept_as(Policy::Remove, Stand::Member, "ada");
    })
    .await;
}

/// In Git a rename is one step: both are seen at once, in either order.
#[tokio::test]
async fn a_rename_in_one_step_calls_nobody() {
    let scene = Scene::new("renames-git").await;
    each(&scene.stages(json!({})).await, async |stage| {
        let remove = json!({"deletionPolicy": "Remove"});
        stage.invite("ada", remove.clone()).await;
        let writes = stage.writes();
        stage.declare_as("new", &address("ada"), remove).await;
        stage.delete("ada").await;
        stage.wait_gone("ada").await;
        stage.wait_for("new", Stand::Invited).await;
        stage.sweeps(2).await;
        assert_eq!(stage.writes(), writes, "{stage}");
        assert_eq!(stage.mails("ada"), 1, "{stage}");
        assert!(stage.has("ada"), "{stage}");
    })
    .await;
}

/// The new object comes after the deletion, while that still waits.
#[tokio::test]
async fn the_deletion_is_seen_first() {
    let scene = Scene::with("renames-late", &[DELAY]).await;
    each(&scene.stages(json!({})).await, async |stage| {
        if !stage.can.on_delete(Policy::Remove, Stand::Invited).takes_away() {
            return; // Nothing is owed, so nothing waits.
        }
        let spec = json!({"deletionPolicy": "Remove"});
        stage.invite("ada", spec.clone()).await;
        let writes = stage.writes();
        stage.delete("ada").await;
        stage.wait("ada", "Deleting", "DeletionPending").await;
        stage.declare_as("after", &address("ada"), spec).await;
        stage.wait_gone("ada").await;
        stage.wait_for("after", Stand::Invited).await;
        stage.sweeps(2).await;
        assert_eq!(stage.writes(), writes, "{stage}");
        assert!(stage.has("ada"), "{stage}");
    })
    .await;
}

/// Many at once are no mass removal: each has somebody who takes the person over.
#[tokio::test]
async fn a_folder_that_is_renamed_is_not_held() {
    let scene = Scene::with("renames-many", &[DELAY]).await;
    each(&scene.stages(json!({"policy": {"removalsHeldAbove": 2}})).await, async |stage| {
        let people: Vec<String> = (1..=6).map(|number| format!("person-{number}")).collect();
        let spec = json!({"deletionPolicy": "Remove"});
        for who in &people {
            stage.declare(who, spec.clone()).await;
        }
        for who in &people {
            stage.wait_for(who, Stand::Invited).await;
        }
        let writes = stage.writes();
        for who in &people {
            stage.declare_as(&format!("new-{who}"), &address(who), spec.clone()).await;
        }
        for who in &people {
            stage.delete(who).await;
        }
        for who in &people {
            stage.wait_gone(who).await;
            stage.wait_for(&format!("new-{who}"), Stand::Invited).await;
        }
        assert_eq!(stage.writes(), writes, "{stage}");
        assert!(scene.events(stage.provider(), "RemovalsHeld").await.is_empty(), "{stage}");
    })
    .await;
}

/// Whoever only observes takes nobody over.
#[tokio::test]
async fn an_observer_is_no_successor() {
    let scene = Scene::new("renames-observer").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
        stage.declare_as("observer", &address("ada"), json!({"managementPolicy": "Observe"})).await;
        stage.wait("observer", "Conflict", "DuplicateInvitation").await;
        stage.delete_and_wait("ada").await;
        stage.is_kept_as(Policy::Remove, Stand::Invited, "ada");
        if stage.has("ada") {
            stage.wait_for("observer", Stand::Invited).await;
        } else {
            stage.wait("observer", "Planned", "Planned").await;
        }
        assert_eq!(stage.all_mails(), 1, "{stage}");
    })
    .await;
}
