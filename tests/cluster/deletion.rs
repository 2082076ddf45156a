//! What deleting an invitation does: each policy for each standing, and whom it leaves alone.

use serde_json::json;
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{ErrorBody, Fault, FaultRule, Standing, TenantId, When};

use crate::scene::Scene;

const POLICIES: [&str; 3] = ["Retain", "RevokePending", "Remove"];

fn address(policy: &str) -> String {
    format!("{}@example.com", policy.to_lowercase())
}

/// One person for each policy, invited and pending.
async fn invited(scene: &Scene, provider: &str) {
    for policy in POLICIES {
        let spec = json!({"deletionPolicy": policy});
        scene.invite(&policy.to_lowercase(), provider, &address(policy), spec).await;
    }
    for policy in POLICIES {
        scene.wait_for_state(&policy.to_lowercase(), "Pending").await;
    }
}

/// Deletes all of them; the answers are in the order of [`POLICIES`].
async fn deleted(scene: &Scene, tenant: &TenantId) -> [Option<Standing>; 3] {
    for policy in POLICIES {
        scene.delete(&policy.to_lowercase()).await;
    }
    for policy in POLICIES {
        scene.client.wait_gone(&scene.invitation_path(&policy.to_lowercase()), WAIT).await;
    }
    POLICIES.map(|policy| scene.standing(tenant, &address(policy)))
}

#[tokio::test]
async fn pending_people_of_vmware() {
    let scene = Scene::new("deletion-vmware-pending").await;
    let org = scene.vmware("csp", json!({})).await;
    invited(&scene, "csp").await;
    let after = deleted(&scene, &org).await;
    assert_eq!(after, [Some(Standing::Invited), Some(Standing::Revoked), Some(Standing::Revoked)]);
    assert_eq!(scene.all_mails(&org), 3);
    assert_eq!(scene.calls(&org, "vmware.remove_users"), 0);
}

#[tokio::test]
async fn members_of_vmware() {
    let scene = Scene::new("deletion-vmware-member").await;
    let org = scene.vmware("csp", json!({})).await;
    invited(&scene, "csp").await;
    for policy in POLICIES {
        scene.vendors.accept(&org, &address(policy)).expect("invited");
        scene.wait_for_state(&policy.to_lowercase(), "Accepted").await;
    }
    let after = deleted(&scene, &org).await;
    assert_eq!(after, [Some(Standing::Member), Some(Standing::Member), Some(Standing::Removed)]);
    assert_eq!(scene.all_mails(&org), 3);
}

#[tokio::test]
async fn expired_people_of_vmware_count_as_pending() {
    let scene = Scene::new("deletion-vmware-expired").await;
    let org = scene.vmware("csp", json!({})).await;
    invited(&scene, "csp").await;
    for policy in POLICIES {
        scene.vendors.expire(&org, &address(policy)).expect("invited");
        scene.wait(&policy.to_lowercase(), "Expired", "Expired").await;
    }
    let after = deleted(&scene, &org).await;
    assert_eq!(after, [Some(Standing::Expired), Some(Standing::Revoked), Some(Standing::Revoked)]);
    assert_eq!(scene.all_mails(&org), 3);
}

#[tokio::test]
async fn pending_people_of_hpe() {
    let scene = Scene::new("deletion-hpe-pending").await;
    let workspace = scene.hpe("hpe", json!({})).await;
    invited(&scene, "hpe").await;
    let after = deleted(&scene, &workspace).await;
    assert_eq!(after, [Some(Standing::Invited), None, None]);
    assert_eq!(scene.all_mails(&workspace), 3);
}

#[tokio::test]
async fn members_of_hpe() {
    let scene = Scene::new("deletion-hpe-member").await;
    let workspace = scene.hpe("hpe", json!({})).await;
    invited(&scene, "hpe").await;
    for policy in POLICIES {
        scene.vendors.accept(&workspace, &address(policy)).expect("invited");
        scene.wait_for_state(&policy.to_lowercase(), "Accepted").await;
    }
    let after = deleted(&scene, &workspace).await;
    assert_eq!(after, [Some(Standing::Member), Some(Standing::Member), None]);
    assert_eq!(scene.all_mails(&workspace), 3);
}

/// HPE GreenLake knows one call for taking back and removing: only the exact read keeps a new member.
#[tokio::test]
async fn acceptance_between_sweep_and_cancel_keeps_the_member() {
    let scene = Scene::new("deletion-race").await;
    let workspace = scene.hpe("hpe", json!({"resyncIntervalSeconds": 3600})).await;
    let org = scene.vmware("csp", json!({"resyncIntervalSeconds": 3600})).await;
    scene.invite("ada", "hpe", "ada@example.com", json!({})).await;
    scene.invite("bob", "csp", "bob@example.com", json!({})).await;
    for (name, tenant) in [("ada", &workspace), ("bob", &org)] {
        scene.wait_for_state(name, "Pending").await;
        scene.vendors.accept(tenant, &format!("{name}@example.com")).expect("invited");
        scene.delete_and_wait(name).await;
        assert_eq!(scene.standing(tenant, &format!("{name}@example.com")), Some(Standing::Member), "{name}");
    }
    assert_eq!(scene.calls(&workspace, "hpe.delete_user"), 0);
    assert_eq!(scene.calls(&org, "vmware.remove_users"), 0);
}

/// Somebody removed the person and invited the same address anew: that is somebody else's invitation.
#[tokio::test]
async fn another_person_under_the_same_address_is_left_alone() {
    let scene = Scene::new("deletion-other").await;
    let (org, workspace) = (scene.vmware("csp", json!({})).await, scene.hpe("hpe", json!({})).await);
    for (name, provider, tenant) in [("ada", "csp", &org), ("bob", "hpe", &workspace)] {
        let email = format!("{name}@example.com");
        scene.invite(name, provider, &email, json!({"deletionPolicy": "Remove"})).await;
        scene.wait_for_state(name, "Pending").await;
        scene.vendors.accept(tenant, &email).expect("invited");
        let accepted = scene.wait_for_state(name, "Accepted").await;
        let old_id = accepted["status"]["vendorUserId"].clone();
        // Between two sweeps, so that only the id tells.
        scene.vendors.remove(tenant, &email).expect("a member");
        scene.vendors.add_member(tenant, &email, &[]).expect("the tenant exists");
        let new_id = scene.vendors.person(tenant, &email).expect("the tenant exists").expect("there").user_id;
        assert_ne!(old_id, json!(new_id), "{name} is another person now");
        scene.sweeps(tenant, 1).await;
        scene.delete_and_wait(name).await;
        assert_eq!(scene.standing(tenant, &email), Some(Standing::Member), "{name}");
    }
}

/// A call that the vendor refuses by name is not made again and again.
#[tokio::test]
async fn a_refused_removal_says_so_and_can_be_abandoned() {
    let scene = Scene::new("deletion-refused").await;
    let workspace = scene.hpe("hpe", json!({})).await;
    scene.invite("ada", "hpe", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Pending").await;
    let forbidden = Fault::Status { status: 403, commit: false, body: ErrorBody::Vendor };
    let fault = scene
        .vendors
        .add_fault(FaultRule::on("hpe.delete_user", forbidden).tenant(&workspace).when(When::Always));
    scene.delete("ada").await;
    let waiting = scene.wait("ada", "Deleting", "Forbidden").await;
    assert_eq!(condition(&waiting, "Stalled")["status"], "True");
    scene.sweeps(&workspace, 2).await;
    assert_eq!(scene.calls(&workspace, "hpe.delete_user"), 1);
    scene.vendors.remove_fault(fault);
    scene.annotate("ada", &json!({"userinvitation.dev/abandon": "true"})).await;
    scene.client.wait_gone(&scene.invitation_path("ada"), WAIT).await;
    scene.wait_event("ada", "Abandoned").await;
    assert_eq!(scene.calls(&workspace, "hpe.delete_user"), 1);
    assert_eq!(scene.standing(&workspace, "ada@example.com"), Some(Standing::Invited));
}

/// Nothing was ever sent: the object goes at once, with no finalizer in its way.
#[tokio::test]
async fn what_was_never_sent_goes_at_once() {
    let scene = Scene::new("deletion-never-sent").await;
    let org = scene.vmware("csp", json!({"limits": {"batchWindowMilliseconds": 60000}})).await;
    scene.wait_for_provider("csp", "Ready").await;
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.sweeps(&org, 1).await;
    let queued = scene.invitation("ada").await;
    assert_eq!(queued["status"]["state"], "Queued");
    assert!(queued["metadata"]["finalizers"].is_null());
    scene.delete_and_wait("ada").await;
    assert_eq!(scene.writes(&org), 0);
}

/// A removal at the vendor that comes first is as good as ours.
#[tokio::test]
async fn gone_at_the_vendor_is_success() {
    let scene = Scene::new("deletion-gone").await;
    let (org, workspace) = (scene.vmware("csp", json!({})).await, scene.hpe("hpe", json!({})).await);
    for (name, provider, tenant) in [("ada", "csp", &org), ("bob", "hpe", &workspace)] {
        let email = format!("{name}@example.com");
        scene.invite(name, provider, &email, json!({"deletionPolicy": "Remove"})).await;
        scene.wait_for_state(name, "Pending").await;
        let writes = scene.writes(tenant);
        scene.vendors.remove(tenant, &email).expect("invited");
        scene.delete_and_wait(name).await;
        assert!(scene.writes(tenant) <= writes + 1);
        assert_ne!(scene.standing(tenant, &email), Some(Standing::Invited));
    }
}
