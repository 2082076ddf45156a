//! See before you act: where only what would be written is said, the vendor gets no call that writes.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use test_rig::vendors::{OnDelete, Policy, Resend, Stand};
use vendor_simulators::{PersonAction, Standing};

use crate::scene::Scene;
use crate::stage::{Stage, each};

const INVITE: &str = "invite with the vendor's default access";
const ADOPT: &str = "adopt the person, who was there before";

/// Two who were there before, and how they stand.
const THERE: [(&str, Stand); 2] = [("member", Stand::Member), ("pending", Stand::Invited)];

/// Somebody new, and two who were there before.
async fn declare(stage: &Stage, spec: &Value) {
    stage.act("member", &PersonAction::AddMember { roles: Vec::new() });
    stage.act("pending", &PersonAction::InviteByOther);
    // A picture of a moment ago would still be believed.
    stage.sweeps(1).await;
    for who in ["new", "member", "pending"] {
        stage.declare(who, spec.clone()).await;
    }
}

/// What is said of the three of them, and that nothing was written for it.
async fn only_said(stage: &Stage) {
    let planned = stage.wait("new", "Planned", "Planned").await;
    stage.is_ready(&planned);
    assert_eq!(planned["status"]["plan"], INVITE, "{stage}");
    for (who, stand) in THERE {
        let there = stage.wait_for(who, stand).await;
        assert_eq!(there["status"]["plan"], ADOPT, "{stage}: {who}");
        assert_eq!(there["status"]["onDelete"], "Keep", "{stage}: {who}");
        assert_eq!(there["status"]["origin"], "Adopted", "{stage}: {who}");
    }
    stage.stays_quiet().await;
    for who in ["new", "member", "pending"] {
        let object = stage.invitation(who).await;
        assert!(object["metadata"]["annotations"].is_null(), "{stage}: {who} has no record");
        assert!(object["metadata"]["finalizers"].is_null(), "{stage}: {who} has no finalizer");
    }
    assert_eq!(stage.not_only_read(), Vec::<String>::new(), "{stage}");
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_says_what_it_would() {
    let scene = Scene::new("planned-dry-run").await;
    each(&scene.stages(json!({"mode": "DryRun"})).await, async |stage| {
        stage.wait_for_provider("DryRun").await;
        declare(stage, &json!({})).await;
        only_said(stage).await;
        let mails = stage.all_mails();
        stage.edit_provider(json!({"mode": "Enforce"})).await;
        let invited = stage.wait_for("new", Stand::Invited).await;
        assert!(invited["status"]["plan"].is_null(), "{stage}");
        assert_eq!(stage.all_mails(), mails + 1, "{stage}");
        let member = scene.invitation_path(&stage.object("member"));
        let is_adopted =
            |object: &Value| object["status"]["plan"].is_null() && object["status"]["origin"] == "Adopted";
        scene.client.wait_for(&member, WAIT, "adopted", is_adopted).await;
        stage.wait_for_provider("Ready").await;
    })
    .await;
}

#[tokio::test]
async fn an_observer_writes_nothing_and_reports() {
    let scene = Scene::new("planned-observe").await;
    each(&scene.stages(json!({})).await, async |stage| {
        declare(stage, &json!({"managementPolicy": "Observe", "deletionPolicy": "Remove"})).await;
        only_said(stage).await;

        // It follows who comes and goes.
        stage.accept("pending").await;
        stage.act("pending", &PersonAction::Remove);
        stage.wait("pending", "Planned", "Planned").await;
        for who in ["member", "pending", "new"] {
            stage.delete_and_wait(who).await;
        }
        assert_eq!(stage.not_only_read(), Vec::<String>::new(), "{stage}");
        assert_eq!(stage.standing("member"), Some(Standing::Member), "{stage}");
    })
    .await;
}

/// What a provider saw in a dry run is old by the time it may act: who came meanwhile gets no mail.
#[tokio::test]
async fn going_over_to_enforce_starts_with_a_fresh_look() {
    let scene = Scene::new("planned-fresh").await;
    each(&scene.stages(json!({"mode": "DryRun", "resyncIntervalSeconds": 3600})).await, async |stage| {
        stage.declare("ada", json!({})).await;
        stage.wait("ada", "Planned", "Planned").await;
        stage.act("ada", &PersonAction::InviteByOther);
        let mails = stage.all_mails();
        stage.edit_provider(json!({"mode": "Enforce"})).await;
        let adopted = stage.wait_for("ada", Stand::Invited).await;
        assert_eq!(adopted["status"]["origin"], "Adopted", "{stage}");
        assert_eq!(stage.all_mails(), mails, "{stage}");
        assert_eq!(stage.not_only_read(), Vec::<String>::new(), "{stage}");
    })
    .await;
}

/// Deletions that owe a call are held, and say what they owe; the others go.
#[tokio::test]
async fn deletions_wait_for_a_provider_that_writes_nothing() {
    let scene = Scene::new("planned-deletion").await;
    each(&scene.stages(json!({})).await, async |stage| {
        let does = stage.can.on_delete(Policy::Remove, Stand::Invited);
        let words = match does {
            OnDelete::Revoke => json!("take back the pending invitation"),
            OnDelete::Remove => json!("remove the person from the tenant"),
            OnDelete::Keep | OnDelete::Unsupported => Value::Null,
        };
        for (mode, words) in [("DryRun", words), ("Suspended", Value::Null)] {
            let who = format!("ada-{}", mode.to_lowercase());
            stage.invite(&who, json!({"deletionPolicy": "Remove"})).await;
            stage.edit_provider(json!({"mode": mode})).await;
            stage.wait_for_provider(mode).await;
            let writes = stage.writes();
            stage.delete(&who).await;
            if does.takes_away() {
                let held = stage.wait(&who, "Deleting", mode).await;
                assert_eq!(condition(&held, "Stalled")["status"], "True", "{stage}");
                assert_eq!(held["status"]["plan"], words, "{stage}: {mode}");
                assert_eq!(held["status"]["onDelete"], does.as_str(), "{stage}: {mode}");
                stage.sweeps(2).await;
            } else {
                stage.wait_gone(&who).await;
            }
            assert_eq!(stage.writes(), writes, "{stage}: {mode}");
            stage.edit_provider(json!({"mode": "Enforce"})).await;
            stage.wait_gone(&who).await;
            stage.is_kept_as(Policy::Remove, Stand::Invited, &who);
        }
    })
    .await;
}

#[tokio::test]
async fn a_suspended_provider_leaves_its_invitations_as_they_are() {
    let scene = Scene::new("planned-suspended").await;
    let limits = json!({"limits": {"minResendIntervalSeconds": 0}});
    each(&scene.stages(limits).await, async |stage| {
        stage.invite("known", json!({})).await;
        stage.edit_provider(json!({"mode": "Suspended"})).await;
        let suspended = stage.wait_for_provider("Suspended").await;
        assert_eq!(condition(&suspended, "Stalled")["status"], "True", "{stage}");
        let writes = stage.writes();
        stage.annotate("known", json!({"userinvitation.dev/resend-requested-at": "again"})).await;
        stage.declare("new", json!({})).await;
        stage.wait_for_state("new", "Paused").await;
        let paused = stage.wait_for_state("known", "Paused").await;
        let (_, reason) = stage.can.state(Stand::Invited);
        assert_eq!(condition(&paused, "Ready")["reason"], reason, "{stage}: the conditions stay");
        stage.sweeps(2).await;
        assert_eq!(stage.writes(), writes, "{stage}");

        stage.edit_provider(json!({"mode": "Enforce"})).await;
        stage.wait_for("new", Stand::Invited).await;
        stage.wait_status("known", "lastHandledResendAt", "again").await;
        let mails = if stage.can.resend == Resend::Recreate { 2 } else { 1 };
        assert_eq!(stage.mails("known"), mails, "{stage}");
    })
    .await;
}

/// Somebody who was invited, and is only observed from now on, is not taken back.
#[tokio::test]
async fn an_observer_owes_nothing() {
    let scene = Scene::new("planned-owes").await;
    each(&scene.stages(json!({})).await, async |stage| {
        let managed = stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
        let does = stage.can.on_delete(Policy::Remove, Stand::Invited);
        assert_eq!(managed["status"]["onDelete"], does.as_str(), "{stage}");
        stage.edit("ada", json!({"managementPolicy": "Observe"})).await;
        stage.wait_status("ada", "onDelete", "Keep").await;
        let writes = stage.writes();
        stage.delete_and_wait("ada").await;
        assert_eq!(stage.writes(), writes, "{stage}");
        assert_eq!(stage.standing("ada"), Some(stage.can.standing(Stand::Invited)), "{stage}");
    })
    .await;
}
