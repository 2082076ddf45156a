//! People who were in the tenant before: observed, never invited, never removed.

use serde_json::json;
use test_rig::lab::condition;
use vendor_simulators::Standing;

use crate::scene::Scene;

#[tokio::test]
async fn who_was_there_before_is_adopted_and_kept() {
    let scene = Scene::new("adoption").await;
    let (org, workspace) = (scene.vmware("csp", json!({})).await, scene.hpe("hpe", json!({})).await);
    for (provider, tenant) in [("csp", &org), ("hpe", &workspace)] {
        scene.vendors.invite_by_other(tenant, "pending@example.com").expect("the tenant exists");
        scene.vendors.add_member(tenant, "Member@Example.com", &[]).expect("the tenant exists");
        let mails = scene.all_mails(tenant);
        scene.sweeps(tenant, 1).await;
        for (who, state) in [("pending", "Pending"), ("member", "Accepted")] {
            let name = format!("{who}-{provider}");
            scene
                .invite(&name, provider, &format!("{who}@example.com"), json!({"deletionPolicy": "Remove"}))
                .await;
            let adopted = scene.wait_for_state(&name, state).await;
            assert_eq!(adopted["status"]["origin"], "Adopted", "{name}");
            assert_eq!(adopted["status"]["onDelete"], "Keep", "{name}");
            assert!(adopted["metadata"]["finalizers"].is_null(), "{name}");
            assert_eq!(condition(&adopted, "Ready")["status"], "True");
        }
        scene.stays_quiet_for_people(tenant).await;
        for (who, standing) in [("pending", Standing::Invited), ("member", Standing::Member)] {
            scene.delete_and_wait(&format!("{who}-{provider}")).await;
            assert_eq!(scene.standing(tenant, &format!("{who}@example.com")), Some(standing));
        }
        assert_eq!(scene.all_mails(tenant), mails);
        assert_eq!(scene.writes(tenant), 0);
    }
}

#[tokio::test]
async fn an_adopted_person_who_goes_is_not_invited_by_itself() {
    let scene = Scene::new("adoption-gone").await;
    let org = scene.vmware("csp", json!({})).await;
    scene.vendors.add_member(&org, "ada@example.com", &[]).expect("the tenant exists");
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.wait_for_state("ada", "Accepted").await;
    scene.vendors.remove(&org, "ada@example.com").expect("a member");
    scene.wait("ada", "Removed", "Removed").await;
    scene.sweeps(&org, 2).await;
    assert_eq!(scene.writes(&org), 0);
}
