//! Another invitation on request: how the vendor can, once for each request, and never by itself.

use serde_json::{Value, json};
use test_rig::vendors::{Expiry, Resend, Stand};
use vendor_simulators::PersonAction;

use crate::scene::Scene;
use crate::stage::each;

/// Resends are not limited in time.
fn at_any_time() -> Value {
    json!({"limits": {"minResendIntervalSeconds": 0}})
}

/// Where the invitation can be taken back another one is sent; where not, the request is spent.
#[tokio::test]
async fn to_people_who_did_nothing_yet() {
    let scene = Scene::new("resends-invited").await;
    each(&scene.stages(at_any_time()).await, async |stage| {
        stage.invite("ada", json!({})).await;
        let sends = stage.can.resend == Resend::Recreate;
        for (count, value) in ["first", "second"].into_iter().enumerate() {
            stage.resend("ada", value).await;
            stage.wait_for("ada", Stand::Invited).await;
            assert_eq!(stage.mails("ada"), if sends { count + 2 } else { 1 }, "{stage}: {value}");
        }
        if sends {
            let object = stage.invitation("ada").await;
            let record = &object["metadata"]["annotations"]["userinvitation.dev/record"];
            let record: Value = serde_json::from_str(record.as_str().expect("a record")).expect("JSON");
            assert_eq!((&record["resend"], &record["attempt"]["kind"]), (&json!("second"), &json!("Invite")));
        } else {
            stage.wait_event("ada", "ResendSpent").await;
        }
        stage.sweeps(2).await;
        assert_eq!(stage.mails("ada"), if sends { 3 } else { 1 }, "{stage}: a request counts once");
        assert_eq!(stage.standing("ada"), Some(stage.can.standing(Stand::Invited)), "{stage}");
    })
    .await;
}

/// Whoever is not there any more can be invited again at every vendor.
#[tokio::test]
async fn after_expiry_revocation_and_removal() {
    let scene = Scene::new("resends-over").await;
    each(&scene.stages(at_any_time()).await, async |stage| {
        let mut people = Vec::new();
        stage.invite("removed", json!({})).await;
        stage.accept("removed").await;
        stage.act("removed", &PersonAction::Remove);
        people.push(("removed", "Removed"));
        if stage.can.acceptance {
            stage.invite("revoked", json!({})).await;
            stage.act("revoked", &PersonAction::Remove);
            people.push(("revoked", "Revoked"));
        }
        if stage.can.expiry != Expiry::None {
            stage.invite("expired", json!({})).await;
            stage.expire("expired").await;
            people.push(("expired", "Expired"));
        }
        for (who, state) in &people {
            stage.wait(who, state, state).await;
        }
        assert_eq!(stage.all_mails(), people.len(), "{stage}");
        for (who, _) in &people {
            stage.resend(who, "again").await;
            // With an account by now, who was a member becomes one at once, and may get no mail of it.
            let at_once = *who == "removed" && stage.case.happens.accounts;
            stage.wait_for(who, if at_once { Stand::Member } else { Stand::Invited }).await;
            assert_eq!(stage.invites_of(who), 2, "{stage}: {who}");
            assert!(at_once || stage.mails(who) == 2, "{stage}: {who}");
        }
    })
    .await;
}

#[tokio::test]
async fn too_early_or_for_a_member_it_is_spent_with_an_event() {
    let scene = Scene::new("resends-spent").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.invite("ada", json!({})).await;
        stage.resend("ada", "early").await;
        let note = stage.wait_event("ada", "ResendSpent").await;
        assert!(note.contains("minResendIntervalSeconds"), "{stage}: {note}");

        stage.edit_provider(at_any_time()).await;
        stage.accept("ada").await;
        stage.resend("ada", "member").await;
        stage.sweeps(2).await;
        assert_eq!(stage.mails("ada"), 1, "{stage}");
        assert_eq!(stage.standing("ada"), Some(stage.can.standing(Stand::Member)), "{stage}");
    })
    .await;
}
