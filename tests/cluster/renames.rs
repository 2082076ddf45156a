//! A rename in Git, in either order: the person stays, and nobody is called.

use serde_json::json;
use test_rig::lab::WAIT;
use vendor_simulators::Standing;

use crate::scene::{Scene, VENDORS};

const DELAY: &str = "--deletion-delay-milliseconds=4000";

/// The new object comes after the deletion, while that still waits.
#[tokio::test]
async fn the_deletion_is_seen_first() {
    let scene = Scene::with("renames-late", &[DELAY]).await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({})).await;
        let (before, after) = (format!("before-{provider}"), format!("after-{provider}"));
        let spec = json!({"deletionPolicy": "Remove"});
        scene.invite(&before, provider, "ada@example.com", spec.clone()).await;
        scene.wait_for_state(&before, "Pending").await;
        let writes = scene.writes(&tenant);
        scene.delete(&before).await;
        scene.wait(&before, "Deleting", "DeletionPending").await;
        scene.invite(&after, provider, "ada@example.com", spec).await;
        scene.client.wait_gone(&scene.invitation_path(&before), WAIT).await;
        scene.wait_for_state(&after, "Pending").await;
        scene.sweeps(&tenant, 2).await;
        assert_eq!(scene.writes(&tenant), writes, "{provider}");
        assert_eq!(scene.standing(&tenant, "ada@example.com"), Some(Standing::Invited));
    }
}

/// Many at once are no mass removal: each has somebody who takes the person over.
#[tokio::test]
async fn a_folder_that_is_renamed_is_not_held() {
    let scene = Scene::with("renames-many", &[DELAY]).await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({"policy": {"removalsHeldAbove": 2}})).await;
        let people: Vec<String> = (1..=6).map(|number| format!("{provider}-{number}")).collect();
        let spec = json!({"deletionPolicy": "Remove"});
        for name in &people {
            scene.invite(name, provider, &format!("{name}@example.com"), spec.clone()).await;
        }
        for name in &people {
            scene.wait_for_state(name, "Pending").await;
        }
        let writes = scene.writes(&tenant);
        for name in &people {
            scene
                .invite(&format!("new-{name}"), provider, &format!("{name}@example.com"), spec.clone())
                .await;
        }
        for name in &people {
            scene.delete(name).await;
        }
        for name in &people {
            scene.client.wait_gone(&scene.invitation_path(name), WAIT).await;
            scene.wait_for_state(&format!("new-{name}"), "Pending").await;
        }
        assert_eq!(scene.writes(&tenant), writes, "{provider}");
        assert!(scene.events(provider, "RemovalsHeld").await.is_empty(), "{provider}");
    }
}

/// Whoever only observes takes nobody over.
#[tokio::test]
async fn an_observer_is_no_successor() {
    let scene = Scene::new("renames-observer").await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({})).await;
        let (owner, observer) = (format!("owner-{provider}"), format!("observer-{provider}"));
        scene.invite(&owner, provider, "ada@example.com", json!({})).await;
        scene.wait_for_state(&owner, "Pending").await;
        scene.invite(&observer, provider, "ada@example.com", json!({"managementPolicy": "Observe"})).await;
        scene.wait(&observer, "Conflict", "DuplicateInvitation").await;
        scene.delete_and_wait(&owner).await;
        assert_ne!(scene.standing(&tenant, "ada@example.com"), Some(Standing::Invited), "{provider}");
        scene.wait(&observer, "Planned", "Planned").await;
        assert_eq!(scene.all_mails(&tenant), 1, "{provider}");
    }
}
