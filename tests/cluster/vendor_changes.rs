//! What happens at the vendor without us: expiry, removal, blocks, and lists that suddenly miss many.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use test_rig::vendors::{Expiry, Policy, Stand};
use vendor_simulators::PersonAction;

use crate::scene::Scene;
use crate::stage::{Stage, each};

#[tokio::test]
async fn whoever_is_gone_is_said_to_be_so() {
    let scene = Scene::new("changes-over").await;
    each(&scene.stages(json!({})).await, async |stage| {
        let mut people = vec!["removed"];
        stage.invite("removed", json!({})).await;
        stage.accept("removed").await;
        stage.act("removed", &PersonAction::Remove);
        if stage.can.acceptance {
            people.push("revoked");
            stage.invite("revoked", json!({})).await;
            stage.act("revoked", &PersonAction::Remove);
        }
        if stage.can.expiry != Expiry::None {
            people.push("expired");
            stage.invite("expired", json!({})).await;
            stage.expire("expired").await;
        }
        if stage.case.happens.declines {
            people.push("declined");
            stage.invite("declined", json!({})).await;
            stage.act("declined", &PersonAction::Decline);
        }
        for who in &people {
            let state = match *who {
                // Nobody who declined is shown, nor that it was that.
                "declined" => "Revoked",
                "removed" => "Removed",
                "revoked" => "Revoked",
                _ => "Expired",
            };
            let over = stage.wait(who, state, state).await;
            assert_eq!(condition(&over, "Ready")["status"], "False", "{stage}: {who}");
            assert_eq!(condition(&over, "Stalled")["status"], "True", "{stage}: {who}");
            let said = condition(&over, "Ready")["message"].as_str().expect("a message").to_owned();
            assert!(said.contains("userinvitation.dev/resend-requested-at"), "{stage}: {said}");
        }
        stage.stays_quiet().await;
        assert_eq!(stage.all_mails(), people.len(), "{stage}: nobody is invited again by itself");
        for who in people {
            stage.delete_and_wait(who).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_block_is_shown_and_followed() {
    let scene = Scene::new("changes-blocked").await;
    let stages = scene.stages_where(|case| case.happens.blocks, json!({})).await;
    each(&stages, async |stage| {
        stage.invite("ada", json!({})).await;
        stage.accept("ada").await;
        stage.act("ada", &PersonAction::Block);
        let blocked = stage.wait("ada", "Blocked", "BlockedByVendor").await;
        assert_eq!(condition(&blocked, "Ready")["status"], "False", "{stage}");
        assert_eq!(condition(&blocked, "Stalled")["status"], "True", "{stage}");
        stage.act("ada", &PersonAction::Unblock);
        stage.wait_for("ada", Stand::Member).await;
        assert_eq!(stage.writes(), 1, "{stage}");
    })
    .await;
}

/// HPE GreenLake and Dynatrace SaaS have a second word for it.
#[tokio::test]
async fn a_suspension_at_the_vendor_is_a_block() {
    let scene = Scene::new("changes-suspended").await;
    let stages = scene.stages_where(|case| case.happens.suspends, json!({})).await;
    each(&stages, async |stage| {
        stage.invite("ada", json!({})).await;
        stage.accept("ada").await;
        stage.act("ada", &PersonAction::Suspend);
        stage.wait("ada", "Blocked", "BlockedByVendor").await;
        stage.act("ada", &PersonAction::Unblock);
        stage.wait_for("ada", Stand::Member).await;
    })
    .await;
}

/// Eight members; the vendor's list then misses seven of them.
async fn shrunken(scene: &Scene, stage: &Stage) {
    members(stage);
    stage.sweeps(1).await;
    stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
    stage.declare("member-0", json!({})).await;
    stage.wait_for("member-0", Stand::Member).await;
    // Once they were all seen at a time when nothing was written.
    stage.sweeps(1).await;
    for number in 0..7 {
        stage.act(&format!("member-{number}"), &PersonAction::Remove);
    }
    let provider = stage.wait_for_provider("PeopleMissing").await;
    assert_eq!(condition(&provider, "Stalled")["status"], "True", "{stage}");
    stage.declare("bob", json!({})).await;
    stage.sweeps(2).await;
    assert_eq!(stage.mails("bob"), 0, "{stage}: nothing is sent on a picture that can't be right");
    let (accepted, _) = stage.can.state(Stand::Member);
    let member = scene.invitation(&stage.object("member-0")).await;
    assert_eq!(member["status"]["state"], accepted, "{stage}: nobody is written off");
}

fn members(stage: &Stage) {
    for number in 0..8 {
        stage.act(&format!("member-{number}"), &PersonAction::AddMember { roles: Vec::new() });
    }
}

#[tokio::test]
async fn a_shrunken_list_pauses_until_a_list_fits() {
    let scene = Scene::new("changes-shrunken-fits").await;
    each(&scene.stages(json!({})).await, async |stage| {
        shrunken(&scene, stage).await;
        // Deletions go on; where only the list can tell that somebody is gone, their objects follow later.
        let kept = !stage.can.on_delete(Policy::Remove, Stand::Invited).takes_away();
        stage.delete("ada").await;
        scene.eventually("taken away, if the vendor can", || stage.has("ada") == kept).await;
        members(stage);
        stage.wait_for_provider("Ready").await;
        stage.wait_gone("ada").await;
        stage.wait_for("bob", Stand::Invited).await;
        stage.wait_for("member-0", Stand::Member).await;
    })
    .await;
}

#[tokio::test]
async fn a_shrunken_list_pauses_until_somebody_believes_it() {
    let scene = Scene::new("changes-shrunken-asked").await;
    let asked = "userinvitation.dev/reconcile-requested-at";
    each(&scene.stages(json!({})).await, async |stage| {
        shrunken(&scene, stage).await;
        let path = scene.provider_path(stage.provider());
        let change = json!({"metadata": {"annotations": {asked: "they are gone"}}});
        scene.client.merge_patch(&path, &change).await.expect("the provider is there");
        stage.wait_for_provider("Ready").await;
        stage.wait_for("bob", Stand::Invited).await;
        stage.wait("member-0", "Removed", "Removed").await;
        let acknowledged = |object: &Value| object["status"]["lastHandledReconcileAt"] == "they are gone";
        scene.client.wait_for(&path, WAIT, "acknowledged", acknowledged).await;
        assert_eq!(stage.all_mails(), 2, "{stage}");
    })
    .await;
}
