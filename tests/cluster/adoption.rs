//! People who were in the tenant before: observed, never invited, never removed.

use serde_json::json;
use test_rig::vendors::Stand;
use vendor_simulators::PersonAction;

use crate::scene::Scene;
use crate::stage::each;

#[tokio::test]
async fn who_was_there_before_is_adopted_and_kept() {
    let scene = Scene::new("adoption").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.act("pending", &PersonAction::InviteByOther);
        stage.act("Member", &PersonAction::AddMember { roles: Vec::new() });
        let mails = stage.all_mails();
        stage.sweeps(1).await;
        for (who, stand) in [("pending", Stand::Invited), ("member", Stand::Member)] {
            stage.declare(who, json!({"deletionPolicy": "Remove"})).await;
            let adopted = stage.wait_for(who, stand).await;
            assert_eq!(adopted["status"]["origin"], "Adopted", "{stage}: {who}");
            assert_eq!(adopted["status"]["onDelete"], "Keep", "{stage}: {who}");
            assert!(adopted["metadata"]["finalizers"].is_null(), "{stage}: {who}");
            stage.is_ready(&adopted);
        }
        stage.stays_quiet().await;
        for (who, stand) in [("pending", Stand::Invited), ("member", Stand::Member)] {
            stage.delete_and_wait(who).await;
            assert_eq!(stage.standing(who), Some(stage.can.standing(stand)), "{stage}: {who}");
        }
        assert_eq!((stage.all_mails(), stage.writes()), (mails, 0), "{stage}");
    })
    .await;
}

#[tokio::test]
async fn an_adopted_person_who_goes_is_not_invited_by_itself() {
    let scene = Scene::new("adoption-gone").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.act("ada", &PersonAction::AddMember { roles: Vec::new() });
        // A picture of a moment ago would still be believed.
        stage.sweeps(1).await;
        stage.declare("ada", json!({})).await;
        stage.wait_for("ada", Stand::Member).await;
        stage.act("ada", &PersonAction::Remove);
        stage.wait("ada", "Removed", "Removed").await;
        stage.sweeps(2).await;
        assert_eq!(stage.writes(), 0, "{stage}");
    })
    .await;
}
