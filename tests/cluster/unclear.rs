//! Calls whose outcome is not known at first: slow, lost, broken and untrue answers.

use serde_json::json;
use test_rig::lab::condition;
use vendor_simulators::{
    BodyFault, Drop, ErrorBody, Fault, FaultRule, PersonAction, Standing, TenantId, When,
};

use crate::scene::Scene;

/// A fault for the first call of an operation of a tenant.
fn once(scene: &Scene, tenant: &TenantId, operation: &str, fault: Fault) {
    scene.vendors.add_fault(FaultRule::on(operation, fault).tenant(tenant).when(When::Nth(1)));
}

#[tokio::test]
async fn a_slow_success_is_found_out_and_not_sent_again() {
    let scene = Scene::new("unclear-slow").await;
    let (org, workspace) = (scene.vmware("csp", json!({})).await, scene.hpe("hpe", json!({})).await);
    // Longer than the operator waits for an answer.
    once(&scene, &workspace, "hpe.invite", Fault::DelayAfter { milliseconds: 3000 });
    once(&scene, &org, "vmware.invite", Fault::DelayBefore { milliseconds: 3000 });
    scene.invite("ada", "csp", "ada@example.com", json!({})).await;
    scene.invite("bob", "hpe", "bob@example.com", json!({})).await;
    let unknown = scene.wait("ada", "OutcomeUnknown", "OutcomeUnknown").await;
    assert_eq!(condition(&unknown, "Ready")["status"], "Unknown");
    assert_eq!(condition(&unknown, "Reconciling")["status"], "True");
    for (name, tenant) in [("ada", &org), ("bob", &workspace)] {
        scene.wait_for_state(name, "Pending").await;
        scene.sweeps(tenant, 3).await;
        assert_eq!(scene.mails(tenant, &format!("{name}@example.com")), 1, "{name}");
    }
    assert_eq!((scene.calls(&org, "vmware.invite"), scene.calls(&workspace, "hpe.invite")), (1, 1));
}

#[tokio::test]
async fn each_kind_of_broken_answer_is_settled_by_looks() {
    let scene = Scene::new("unclear-broken").await;
    let broken = |commit: bool, status: u16, body: ErrorBody| Fault::Status { status, commit, body };
    let faults = [
        ("lost", Fault::DropAfter { how: Drop::Reset }, true),
        ("closed", Fault::DropAfter { how: Drop::Close }, true),
        ("never-arrived", Fault::DropBefore { how: Drop::Reset }, false),
        ("done-500", broken(true, 500, ErrorBody::Vendor), true),
        ("not-done-500", broken(false, 500, ErrorBody::Vendor), false),
        ("done-html", broken(true, 502, ErrorBody::Html), true),
        ("not-done-html", broken(false, 503, ErrorBody::Html), false),
        ("odd-status", broken(true, 418, ErrorBody::Empty), true),
        ("redirected", Fault::Redirect { status: 307, location: None }, false),
        ("truncated", Fault::Body { spoil: BodyFault::Truncated, status: None }, true),
    ];
    let mut tenants = Vec::new();
    for (name, fault, done) in &faults {
        let (csp, hpe) = (format!("csp-{name}"), format!("hpe-{name}"));
        let (org, workspace) = (scene.vmware(&csp, json!({})).await, scene.hpe(&hpe, json!({})).await);
        once(&scene, &org, "vmware.invite", fault.clone());
        once(&scene, &workspace, "hpe.invite", fault.clone());
        for (provider, tenant, operation) in [(csp, org, "vmware.invite"), (hpe, workspace, "hpe.invite")] {
            scene.invite(&provider, &provider, "ada@example.com", json!({})).await;
            tenants.push((provider, tenant, operation, *done));
        }
    }
    for (name, tenant, operation, done) in tenants {
        scene.wait_for_state(&name, "Pending").await;
        assert_eq!(scene.mails(&tenant, "ada@example.com"), 1, "{name}");
        assert_eq!(scene.calls(&tenant, operation), if done { 1 } else { 2 }, "{name}");
    }
}

#[tokio::test]
async fn a_success_that_never_shows_is_unknown_until_somebody_asks() {
    let scene = Scene::new("unclear-ignored").await;
    let limits = json!({"limits": {"minResendIntervalSeconds": 0}});
    let (org, workspace) = (scene.vmware("csp", limits.clone()).await, scene.hpe("hpe", limits).await);
    for (name, provider, tenant) in [("ada", "csp", &org), ("bob", "hpe", &workspace)] {
        let email = format!("{name}@example.com");
        scene.vendors.act(tenant, &email, &PersonAction::Ignore).expect("the tenant exists");
        scene.invite(name, provider, &email, json!({})).await;
    }
    for (name, tenant) in [("ada", &org), ("bob", &workspace)] {
        let email = format!("{name}@example.com");
        let unknown = scene.wait_stalled(name).await;
        assert_eq!(unknown["status"]["state"], "OutcomeUnknown");
        assert_eq!(condition(&unknown, "Ready")["status"], "Unknown");
        let writes = scene.writes(tenant);
        scene.stays_quiet_for_people(tenant).await;
        assert_eq!(writes, 1, "{name}");
        scene.vendors.act(tenant, &email, &PersonAction::Heal).expect("the tenant exists");
        scene.annotate(name, &json!({"userinvitation.dev/resend-requested-at": "once more"})).await;
        scene.wait_for_state(name, "Pending").await;
        assert_eq!(scene.mails(tenant, &email), 1, "{name}");
        assert_eq!(scene.writes(tenant), 2, "{name}");
    }
}

#[tokio::test]
async fn a_lost_answer_to_taking_back_is_settled_too() {
    let scene = Scene::new("unclear-cancel").await;
    let (org, workspace) = (scene.vmware("csp", json!({})).await, scene.hpe("hpe", json!({})).await);
    let people = [
        ("csp-done", "csp", &org, "vmware.delete_invitation", Fault::DropAfter { how: Drop::Reset }),
        ("hpe-done", "hpe", &workspace, "hpe.delete_user", Fault::DropAfter { how: Drop::Reset }),
        ("csp-lost", "csp", &org, "vmware.delete_invitation", Fault::DropBefore { how: Drop::Reset }),
        ("hpe-lost", "hpe", &workspace, "hpe.delete_user", Fault::DropBefore { how: Drop::Reset }),
    ];
    for (name, provider, tenant, operation, fault) in people {
        let email = format!("{name}@example.com");
        scene.invite(name, provider, &email, json!({})).await;
        scene.wait_for_state(name, "Pending").await;
        let before = scene.calls(tenant, operation);
        once(&scene, tenant, operation, fault);
        scene.delete_and_wait(name).await;
        assert_ne!(scene.standing(tenant, &email), Some(Standing::Invited), "{name}");
        let calls = scene.calls(tenant, operation) - before;
        assert_eq!(calls, if name.ends_with("lost") { 2 } else { 1 }, "{name}");
        assert_eq!(scene.mails(tenant, &email), 1, "{name}");
        scene.vendors.faults().iter().filter(|f| f.rule.tenant.as_ref() == Some(&tenant.id)).for_each(|f| {
            scene.vendors.remove_fault(f.id);
        });
    }
}
