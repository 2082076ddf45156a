//! The life of a person at each vendor, from a manifest to Pending, Accepted and away.

use serde_json::json;
use test_rig::lab::condition;
use vendor_simulators::{Platform, Standing};

use crate::scene::Scene;

/// Pending, Accepted, removed, on one of VMware's platforms.
async fn vmware(name: &str, platform: Platform, word: &str) {
    let scene = Scene::new(name).await;
    let org = scene.vmware("csp", json!({"vmwareCloudServices": {"platform": word}})).await;
    scene.vendors.set_vmware_knobs(&org, |knobs| knobs.platform = platform).expect("the organization exists");
    scene.invite("ada", "csp", "Ada@example.com", json!({"deletionPolicy": "Remove"})).await;

    let pending = scene.wait("ada", "Pending", "AwaitingAcceptance").await;
    assert_eq!(condition(&pending, "Ready")["status"], "True");
    assert_eq!(condition(&pending, "Invited")["status"], "True");
    assert_eq!(condition(&pending, "Accepted")["status"], "False");
    assert_eq!(pending["status"]["observedGeneration"], 1);
    assert_eq!(pending["status"]["origin"], "Invited");
    assert_eq!(pending["status"]["onDelete"], "Revoke");
    assert!(pending["status"]["invitationExpirationTime"].is_string());
    assert_eq!(scene.mails(&org, "ada@example.com"), 1);
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Invited));

    scene.vendors.accept(&org, "ada@example.com").expect("she is invited");
    let accepted = scene.wait("ada", "Accepted", "Member").await;
    assert_eq!(condition(&accepted, "Accepted")["status"], "True");
    assert_eq!(accepted["status"]["onDelete"], "Remove");
    assert!(accepted["status"]["acceptedTime"].is_string());

    scene.delete_and_wait("ada").await;
    assert_eq!(scene.standing(&org, "ada@example.com"), Some(Standing::Removed));
    assert_eq!(scene.all_mails(&org), 1);
    assert_eq!(scene.calls(&org, "vmware.remove_users"), 1);
}

#[tokio::test]
async fn vmware_tcsp() {
    vmware("life-tcsp", Platform::Tcsp, "Tcsp").await;
}

#[tokio::test]
async fn vmware_vcsp() {
    vmware("life-vcsp", Platform::Vcsp, "Vcsp").await;
}

#[tokio::test]
async fn hpe_with_a_provider_for_each_workspace() {
    let scene = Scene::new("life-hpe").await;
    let (east, west) = (scene.hpe("east", json!({})).await, scene.hpe("west", json!({})).await);
    for (name, provider) in [("ada-east", "east"), ("ada-west", "west")] {
        scene.invite(name, provider, "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
        let pending = scene.wait(name, "Pending", "AwaitingAcceptance").await;
        assert_eq!(condition(&pending, "Ready")["status"], "True");
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

#[tokio::test]
async fn somebody_with_an_account_is_a_member_at_once() {
    let scene = Scene::new("life-known").await;
    let (org, workspace) = (scene.vmware("csp", json!({})).await, scene.hpe("hpe", json!({})).await);
    for tenant in [&org, &workspace] {
        scene.vendors.add_account(tenant, "ada@example.com").expect("the tenant exists");
    }
    scene.invite("ada-csp", "csp", "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    scene.invite("ada-hpe", "hpe", "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    for name in ["ada-csp", "ada-hpe"] {
        let accepted = scene.wait(name, "Accepted", "Member").await;
        assert_eq!(accepted["status"]["origin"], "Invited");
        scene.delete_and_wait(name).await;
    }
    assert_ne!(scene.standing(&org, "ada@example.com"), Some(Standing::Member));
    assert_eq!(scene.standing(&workspace, "ada@example.com"), None);
}

#[tokio::test]
async fn ready_only_when_accepted_if_asked_so() {
    let scene = Scene::new("life-ready").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.invite("ada", "csp", "ada@example.com", json!({"readyWhen": "Accepted"})).await;
    let pending = scene.wait("ada", "Pending", "AwaitingAcceptance").await;
    assert_eq!(condition(&pending, "Ready")["status"], "False");
    assert_eq!(condition(&pending, "Reconciling")["status"], "True");
    scene.vendors.accept(&org, "ada@example.com").expect("she is invited");
    let accepted = scene.wait("ada", "Accepted", "Member").await;
    assert_eq!(condition(&accepted, "Ready")["status"], "True");
    assert!(condition(&accepted, "Reconciling").is_null());
}

/// The rules hold with the product's own times, too; only what people ask for is hurried.
#[tokio::test]
async fn with_the_products_own_times() {
    let scene = Scene::with_default_times("life-defaults").await;
    let plain = json!({"limits": null, "resyncIntervalSeconds": 600});
    let workspace = scene.hpe("hpe", plain).await;
    scene.invite("ada", "hpe", "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
    scene.wait("ada", "Pending", "AwaitingAcceptance").await;
    scene.vendors.accept(&workspace, "ada@example.com").expect("she is invited");
    scene.annotate("ada", &json!({"userinvitation.dev/reconcile-requested-at": "now"})).await;
    scene.wait("ada", "Accepted", "Member").await;
    let deleted = std::time::Instant::now();
    scene.delete_and_wait("ada").await;
    assert!(deleted.elapsed().as_secs() >= 30, "the vendor was called after {:?}", deleted.elapsed());
    assert_eq!(scene.standing(&workspace, "ada@example.com"), None);
    assert_eq!(scene.all_mails(&workspace), 1);
}
