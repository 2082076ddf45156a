//! People whom the vendor or the provider refuses, beside others who get in.

use futures::future::join_all;
use serde_json::json;
use test_rig::lab::condition;
use test_rig::vendors::Stand;
use vendor_simulators::PersonAction;

use crate::scene::Scene;
use crate::stage::each;

/// Whether the vendor refuses one person or, because of one, the whole call.
#[tokio::test]
async fn a_refused_address_does_not_keep_the_others_out() {
    let scene = Scene::new("refusals-vendor").await;
    each(&scene.stages(json!({"limits": {"batchWindowMilliseconds": 1000}})).await, async |stage| {
        stage.act("bad", &PersonAction::Poison);
        let people = ["ada", "bad", "eve"];
        join_all(people.map(|who| stage.declare(who, json!({})))).await;
        let failed = stage.wait("bad", "Failed", "InvalidRequest").await;
        assert_eq!(condition(&failed, "Ready")["status"], "False", "{stage}");
        assert_eq!(condition(&failed, "Stalled")["status"], "True", "{stage}");
        assert_eq!(failed["status"]["lastError"]["reason"], "InvalidRequest", "{stage}");
        for who in ["ada", "eve"] {
            stage.wait_for(who, Stand::Invited).await;
            assert_eq!(stage.mails(who), 1, "{stage}: {who}");
        }
        let calls = stage.calls(stage.case.calls.invite);
        stage.stays_quiet().await;
        assert_eq!(stage.calls(stage.case.calls.invite), calls, "{stage}: a refusal is not tried again");
        assert_eq!(stage.mails("bad"), 0, "{stage}");

        // Something changed: it is tried again.
        stage.act("bad", &PersonAction::Heal);
        stage.edit("bad", json!({"readyWhen": "Accepted"})).await;
        stage.wait_for("bad", Stand::Invited).await;
        assert_eq!(stage.mails("bad"), 1, "{stage}");
    })
    .await;
}

/// What a provider's policy and what a vendor's abilities forbid is refused before anything is sent.
#[tokio::test]
async fn what_is_not_permitted_or_not_possible_is_not_sent() {
    let scene = Scene::new("refusals-provider").await;
    let policy = json!({"policy": {"protectedEmails": ["Boss@Example.com", "owner@example.com"]}});
    each(&scene.stages(policy).await, async |stage| {
        let stalled = async |who: &str, reason: &str| {
            let refused = stage.wait(who, "Refused", reason).await;
            assert_eq!(condition(&refused, "Stalled")["status"], "True", "{stage}: {who}");
        };
        stage.declare("boss", json!({})).await;
        stalled("boss", "ProtectedPerson").await;
        stage.declare("unknown", json!({"accessProfiles": ["nobody"]})).await;
        stalled("unknown", "UnknownProfile").await;
        stage.declare("quiet", json!({"notification": "Suppress"})).await;
        if stage.can.suppress {
            stage.wait_for("quiet", Stand::Invited).await;
            assert_eq!(stage.mails("quiet"), 0, "{stage}");
        } else {
            stalled("quiet", "UnsupportedByVendor").await;
        }
        assert_eq!(stage.writes(), usize::from(stage.can.suppress), "{stage}");

        stage.edit_provider(json!({"policy": {"protectedEmails": ["owner@example.com"]}})).await;
        stage.wait_for("boss", Stand::Invited).await;
        for who in ["boss", "unknown", "quiet"] {
            stage.delete_and_wait(who).await;
        }
    })
    .await;
}

/// As few calls as vendor and provider allow.
#[tokio::test]
async fn people_go_together_as_far_as_the_vendor_takes_them() {
    let scene = Scene::new("batches").await;
    // Long enough that all are declared within it.
    each(&scene.stages(json!({"limits": {"batchWindowMilliseconds": 8000}})).await, async |stage| {
        let people: Vec<String> = (1..=25).map(|number| format!("person-{number:02}")).collect();
        join_all(people.iter().map(|who| stage.declare(who, json!({})))).await;
        for who in &people {
            stage.wait_for(who, Stand::Invited).await;
            assert_eq!(stage.mails(who), 1, "{stage}: {who}");
        }
        let calls = people.len().div_ceil(stage.can.batch);
        assert_eq!(stage.calls(stage.case.calls.invite), calls, "{stage}: {} at most", stage.can.batch);
    })
    .await;
}
