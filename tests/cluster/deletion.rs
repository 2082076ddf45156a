//! What deleting an invitation does: each policy for each standing, and whom it leaves alone.

use futures::future::join_all;
use serde_json::json;
use test_rig::lab::condition;
use test_rig::vendors::{Expiry, OnDelete, Policy, Stand};
use vendor_simulators::{ErrorBody, Fault, PersonAction, Standing, When};

use crate::scene::Scene;
use crate::stage::{Stage, address, each};

fn person(policy: Policy) -> String {
    policy.as_str().to_lowercase()
}

/// One person for each policy is brought to a standing; then all are deleted.
async fn each_policy(stage: &Stage, stand: Stand) {
    join_all(Policy::ALL.map(async |policy| {
        let who = person(policy);
        stage.invite(&who, json!({"deletionPolicy": policy.as_str()})).await;
        let object = match stand {
            Stand::Invited => stage.invitation(&who).await,
            Stand::Expired => stage.expire(&who).await,
            Stand::Member => stage.accept(&who).await,
        };
        let promised = stage.can.on_delete(policy, stand);
        assert_eq!(object["status"]["onDelete"], promised.as_str(), "{stage}: {policy:?}");
        stage.delete_and_wait(&who).await;
        stage.is_kept_as(policy, stand, &who);
        if promised == OnDelete::Unsupported {
            stage.wait_event(&who, "UnsupportedByVendor").await;
        }
    }))
    .await;
    assert_eq!(stage.all_mails(), 3, "{stage}");
    let taken_away =
        Policy::ALL.into_iter().filter(|policy| stage.can.on_delete(*policy, stand).takes_away());
    // VMware may take back several in one call.
    let most = 3 + taken_away.count();
    assert!(stage.writes() <= most, "{stage}: {} writes, at most {most}", stage.writes());
}

#[tokio::test]
async fn invited_people() {
    let scene = Scene::new("deletion-invited").await;
    each(&scene.stages(json!({})).await, async |stage| each_policy(stage, Stand::Invited).await).await;
}

#[tokio::test]
async fn members() {
    let scene = Scene::new("deletion-member").await;
    each(&scene.stages(json!({})).await, async |stage| each_policy(stage, Stand::Member).await).await;
}

#[tokio::test]
async fn expired_people_count_as_pending() {
    let scene = Scene::new("deletion-expired").await;
    each(&scene.stages(json!({})).await, async |stage| {
        if stage.can.expiry != Expiry::None {
            each_policy(stage, Stand::Expired).await;
        }
    })
    .await;
}

/// Where one call takes back and removes, only the exact read keeps a new member.
#[tokio::test]
async fn acceptance_between_sweep_and_cancel_keeps_the_member() {
    let scene = Scene::new("deletion-race").await;
    each(&scene.stages(json!({"resyncIntervalSeconds": 3600})).await, async |stage| {
        stage.invite("ada", json!({})).await;
        if stage.can.acceptance {
            stage.act("ada", &PersonAction::Accept);
        }
        stage.delete_and_wait("ada").await;
        assert_eq!(stage.standing("ada"), Some(Standing::Member), "{stage}");
        assert_eq!(stage.calls(stage.case.calls.remove), 0, "{stage}");
    })
    .await;
}

/// Somebody removed the person and invited the same address anew: that is somebody else's invitation.
#[tokio::test]
async fn another_person_under_the_same_address_is_left_alone() {
    let scene = Scene::new("deletion-other").await;
    let stages = scene.stages_where(|case| case.happens.new_ids, json!({})).await;
    each(&stages, async |stage| {
        stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
        let accepted = stage.accept("ada").await;
        let old_id = accepted["status"]["vendorUserId"].clone();
        // Between two sweeps, so that only the id tells.
        stage.act("ada", &PersonAction::Remove);
        stage.act("ada", &PersonAction::AddMember { roles: Vec::new() });
        let people = scene.vendors.person(&stage.tenant, &address("ada")).expect("the tenant exists");
        let new_id = people.expect("there").user_id;
        assert_ne!(old_id, json!(new_id), "{stage}: another person now");
        stage.sweeps(1).await;
        stage.delete_and_wait("ada").await;
        assert_eq!(stage.standing("ada"), Some(Standing::Member), "{stage}");
    })
    .await;
}

/// A call that the vendor refuses by name is not made again and again.
#[tokio::test]
async fn a_refused_removal_says_so_and_can_be_abandoned() {
    let scene = Scene::new("deletion-refused").await;
    each(&scene.stages(json!({})).await, async |stage| {
        if !stage.can.remove {
            return;
        }
        stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
        stage.accept("ada").await;
        let forbidden = Fault::Status { status: 403, commit: false, body: ErrorBody::Vendor };
        stage.spoil(stage.case.calls.remove, &forbidden, When::Always);
        stage.delete("ada").await;
        let waiting = stage.wait("ada", "Deleting", "Forbidden").await;
        assert_eq!(condition(&waiting, "Stalled")["status"], "True", "{stage}");
        stage.sweeps(2).await;
        assert_eq!(stage.calls(stage.case.calls.remove), 1, "{stage}");
        stage.heal();
        stage.annotate("ada", json!({"userinvitation.dev/abandon": "true"})).await;
        stage.wait_gone("ada").await;
        stage.wait_event("ada", "Abandoned").await;
        assert_eq!(stage.calls(stage.case.calls.remove), 1, "{stage}");
        assert_eq!(stage.standing("ada"), Some(Standing::Member), "{stage}");
    })
    .await;
}

/// Nothing was ever sent: the object goes at once, with no finalizer in its way.
#[tokio::test]
async fn what_was_never_sent_goes_at_once() {
    let scene = Scene::new("deletion-never-sent").await;
    // Longer than the test, so that whatever goes in batches is not sent.
    each(&scene.stages(json!({"limits": {"batchWindowMilliseconds": 60000}})).await, async |stage| {
        if stage.can.batch < 2 {
            return;
        }
        stage.declare("ada", json!({})).await;
        stage.sweeps(1).await;
        let queued = stage.invitation("ada").await;
        assert_eq!(queued["status"]["state"], "Queued", "{stage}");
        assert!(queued["metadata"]["finalizers"].is_null(), "{stage}");
        stage.delete_and_wait("ada").await;
        assert_eq!(stage.writes(), 0, "{stage}");
    })
    .await;
}

/// A removal at the vendor that comes first is as good as ours.
#[tokio::test]
async fn gone_at_the_vendor_is_success() {
    let scene = Scene::new("deletion-gone").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
        let writes = stage.writes();
        stage.act("ada", &PersonAction::Remove);
        stage.delete_and_wait("ada").await;
        assert!(stage.writes() <= writes + 1, "{stage}");
        assert!(!stage.has("ada"), "{stage}");
    })
    .await;
}
