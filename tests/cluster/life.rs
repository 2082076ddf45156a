//! The life of a person at each vendor, from a manifest to Pending, Accepted and away.

use serde_json::{Value, json};
use test_rig::lab::condition;
use test_rig::vendors::{Expiry, Policy, Stand};
use vendor_simulators::{PersonAction, Platform, Standing};

use crate::scene::Scene;
use crate::stage::{Stage, each};

/// Invited, accepted, removed, as far as the vendor can; each step is said, and one mail is sent.
#[tokio::test]
async fn from_a_manifest_to_a_member_and_away() {
    let scene = Scene::new("life-all").await;
    each(&scene.stages(json!({})).await, async |stage| {
        stage.declare_as("ada", "Ada@example.com", json!({"deletionPolicy": "Remove"})).await;
        let invited = stage.wait_for("ada", Stand::Invited).await;
        says_invited(stage, &invited);
        assert_eq!(stage.mails("ada"), 1, "{stage}");
        assert_eq!(stage.standing("ada"), Some(stage.can.standing(Stand::Invited)), "{stage}");

        let member = stage.accept("ada").await;
        says_member(stage, &member);
        stage.delete_and_wait("ada").await;
        stage.is_kept_as(Policy::Remove, Stand::Member, "ada");
        assert_eq!(stage.all_mails(), 1, "{stage}");
        let removals = usize::from(stage.can.on_delete(Policy::Remove, Stand::Member).takes_away());
        assert_eq!(stage.calls(stage.case.calls.remove), removals, "{stage}");
        assert_eq!(stage.writes(), 1 + removals, "{stage}");
    })
    .await;
}

fn says_invited(stage: &Stage, invited: &Value) {
    stage.is_ready(invited);
    assert_eq!(condition(invited, "Invited")["status"], "True", "{stage}");
    let accepted = if stage.can.acceptance { "False" } else { "Unknown" };
    assert_eq!(condition(invited, "Accepted")["status"], accepted, "{stage}");
    let status = &invited["status"];
    assert_eq!(status["observedGeneration"], 1, "{stage}");
    assert_eq!(status["origin"], "Invited", "{stage}");
    let on_delete = stage.can.on_delete(Policy::Remove, Stand::Invited);
    assert_eq!(status["onDelete"], on_delete.as_str(), "{stage}");
    let ends = stage.can.acceptance && stage.can.expiry != Expiry::None;
    assert_eq!(status["invitationExpirationTime"].is_string(), ends, "{stage}: {status}");
    assert!(status["invitedTime"].is_string(), "{stage}: {status}");
    assert!(status["acceptedTime"].is_null(), "{stage}: {status}");
}

fn says_member(stage: &Stage, member: &Value) {
    stage.is_ready(member);
    let accepted = if stage.can.acceptance { "True" } else { "Unknown" };
    assert_eq!(condition(member, "Accepted")["status"], accepted, "{stage}");
    let status = &member["status"];
    let on_delete = stage.can.on_delete(Policy::Remove, Stand::Member);
    assert_eq!(status["onDelete"], on_delete.as_str(), "{stage}");
    assert_eq!(status["acceptedTime"].is_string(), stage.can.acceptance, "{stage}: {status}");
    assert!(status["invitationExpirationTime"].is_null(), "{stage}: {status}");
}

#[tokio::test]
async fn somebody_with_an_account_is_a_member_at_once() {
    let scene = Scene::new("life-known").await;
    let stages = scene.stages_where(|case| case.happens.accounts, json!({})).await;
    each(&stages, async |stage| {
        stage.act("ada", &PersonAction::AddAccount);
        stage.declare("ada", json!({"deletionPolicy": "Remove"})).await;
        let member = stage.wait_for("ada", Stand::Member).await;
        assert_eq!(member["status"]["origin"], "Invited", "{stage}");
        stage.delete_and_wait("ada").await;
        stage.is_kept_as(Policy::Remove, Stand::Member, "ada");
    })
    .await;
}

/// Where the vendor does not tell who accepted, being there is all that can be waited for.
#[tokio::test]
async fn ready_only_when_accepted_if_asked_so() {
    let scene = Scene::new("life-ready").await;
    each(&scene.stages(json!({})).await, async |stage| {
        let invited = stage.invite("ada", json!({"readyWhen": "Accepted"})).await;
        if stage.can.acceptance {
            assert_eq!(condition(&invited, "Ready")["status"], "False", "{stage}");
            assert_eq!(condition(&invited, "Reconciling")["status"], "True", "{stage}");
        } else {
            stage.is_ready(&invited);
        }
        let accepted = stage.accept("ada").await;
        stage.is_ready(&accepted);
        assert!(condition(&accepted, "Reconciling").is_null(), "{stage}");
    })
    .await;
}

/// The rules hold with the product's own times, too; only what people ask for is hurried.
#[tokio::test]
async fn with_the_products_own_times() {
    let scene = Scene::with_default_times("life-defaults").await;
    let plain = json!({"limits": null, "resyncIntervalSeconds": 600});
    each(&scene.stages(plain).await, async |stage| {
        stage.invite("ada", json!({"deletionPolicy": "Remove"})).await;
        if stage.can.acceptance {
            stage.act("ada", &PersonAction::Accept);
        }
        stage.annotate("ada", json!({"userinvitation.dev/reconcile-requested-at": "now"})).await;
        stage.wait_for("ada", Stand::Member).await;
        let deleted = std::time::Instant::now();
        stage.delete_and_wait("ada").await;
        if stage.can.on_delete(Policy::Remove, Stand::Member).takes_away() {
            let took = deleted.elapsed();
            assert!(took.as_secs() >= 30, "{stage}: the vendor was called after {took:?}");
        }
        stage.is_kept_as(Policy::Remove, Stand::Member, "ada");
        assert_eq!(stage.all_mails(), 1, "{stage}");
    })
    .await;
}

/// VMware has two platforms, whose invitations are not the same.
#[tokio::test]
async fn vmware_vcsp() {
    let scene = Scene::new("life-vcsp").await;
    let org = scene.vmware("csp", json!({"vmwareCloudServices": {"platform": "Vcsp"}})).await;
    scene
        .vendors
        .set_vmware_knobs(&org, |knobs| knobs.platform = Platform::Vcsp)
        .expect("the organization exists");
    scene.invite("ada", "csp", "Ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    scene.wait("ada", "Pending", "AwaitingAcceptance").await;
    scene.vendors.accept(&org, "ada@example.com").expect("she is invited");
    scene.wait("ada", "Accepted", "Member").await;
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Removed));
    assert_eq!(scene.all_mails(&org), 1);
    assert_eq!(scene.calls(&org, "vmware.remove_users"), 1);
}

#[tokio::test]
async fn hpe_with_a_provider_for_each_workspace() {
    let scene = Scene::new("life-hpe").await;
    let (east, west) = (scene.hpe("east", json!({})).await, scene.hpe("west", json!({})).await);
    for (name, provider) in [("ada-east", "east"), ("ada-west", "west")] {
        scene.invite(name, provider, "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
        let pending = scene.wait(name, "Pending", "AwaitingAcceptance").await;
        assert_eq!(pending["status"]["vendorStatus"], "UNVERIFIED");
    }
    assert_eq!((scene.all_mails(&east), scene.all_mails(&west)), (1, 1));

    scene.vendors.accept(&east, "ada@example.com").expect("she is invited");
    let accepted = scene.wait("ada-east", "Accepted", "Member").await;
    assert_eq!(accepted["status"]["vendorStatus"], "VERIFIED");
    scene.wait_for_state("ada-west", "Pending").await;

    scene.delete_and_wait("ada-east").await;
    assert_eq!(scene.standing(&east, "ada@example.com"), None);
    assert_eq!(scene.standing(&west, "ada@example.com"), Some(Standing::Invited));
    scene.delete_and_wait("ada-west").await;
    assert_eq!(scene.standing(&west, "ada@example.com"), None);
    assert_eq!((scene.all_mails(&east), scene.all_mails(&west)), (1, 1));
}
