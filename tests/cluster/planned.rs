//! See before you act: where only what would be written is said, the vendor gets no call that writes.

use serde_json::{Value, json};
use test_rig::lab::{WAIT, condition};
use vendor_simulators::{Standing, TenantId};

use crate::scene::{Scene, VENDORS};

const INVITE: &str = "invite with the vendor's default access";
const ADOPT: &str = "adopt the person, who was there before";

/// Somebody new, and somebody who was there before.
async fn declare(scene: &Scene, provider: &str, tenant: &TenantId, spec: &Value) {
    scene.vendors.add_member(tenant, "member@example.com", &[]).expect("the tenant exists");
    scene.vendors.invite_by_other(tenant, "pending@example.com").expect("the tenant exists");
    for who in ["new", "member", "pending"] {
        let email = format!("{who}@example.com");
        scene.invite(&format!("{who}-{provider}"), provider, &email, spec.clone()).await;
    }
}

/// What is said of the three of them, and that nothing was written for it.
async fn only_said(scene: &Scene, provider: &str, tenant: &TenantId) {
    let planned = scene.wait(&format!("new-{provider}"), "Planned", "Planned").await;
    assert_eq!(condition(&planned, "Ready")["status"], "True", "{provider}");
    assert_eq!(planned["status"]["plan"], INVITE, "{provider}");
    for (who, state) in [("member", "Accepted"), ("pending", "Pending")] {
        let there = scene.wait_for_state(&format!("{who}-{provider}"), state).await;
        assert_eq!(there["status"]["plan"], ADOPT, "{who}-{provider}");
        assert_eq!(there["status"]["onDelete"], "Keep", "{who}-{provider}");
        assert!(there["status"]["origin"].is_null(), "{who}-{provider}");
    }
    scene.stays_quiet_for_people(tenant).await;
    for who in ["new", "member", "pending"] {
        let object = scene.invitation(&format!("{who}-{provider}")).await;
        assert!(object["metadata"]["annotations"].is_null(), "{who}-{provider}: no record");
        assert!(object["metadata"]["finalizers"].is_null(), "{who}-{provider}: no finalizer");
    }
    assert_eq!(scene.not_only_read(tenant), Vec::<String>::new(), "{provider}");
}

#[tokio::test]
async fn a_dry_run_writes_nothing_and_says_what_it_would() {
    let scene = Scene::new("planned-dry-run").await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({"mode": "DryRun"})).await;
        scene.wait_for_provider(provider, "DryRun").await;
        declare(&scene, provider, &tenant, &json!({})).await;
        only_said(&scene, provider, &tenant).await;
        let mails = scene.all_mails(&tenant);
        scene.edit_provider(provider, json!({"mode": "Enforce"})).await;
        let invited = scene.wait_for_state(&format!("new-{provider}"), "Pending").await;
        assert!(invited["status"]["plan"].is_null());
        assert_eq!(scene.all_mails(&tenant), mails + 1, "{provider}");
        scene.wait_status(&format!("member-{provider}"), "origin", "Adopted").await;
        scene.wait_for_provider(provider, "Ready").await;
    }
}

#[tokio::test]
async fn an_observer_writes_nothing_and_reports() {
    let scene = Scene::new("planned-observe").await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({})).await;
        let spec = json!({"managementPolicy": "Observe", "deletionPolicy": "Remove"});
        declare(&scene, provider, &tenant, &spec).await;
        only_said(&scene, provider, &tenant).await;

        // It follows who comes and goes.
        scene.vendors.accept(&tenant, "pending@example.com").expect("invited");
        scene.wait(&format!("pending-{provider}"), "Accepted", "Member").await;
        scene.vendors.remove(&tenant, "pending@example.com").expect("a member");
        scene.wait(&format!("pending-{provider}"), "Planned", "Planned").await;
        for who in ["member", "pending", "new"] {
            scene.delete_and_wait(&format!("{who}-{provider}")).await;
        }
        assert_eq!(scene.not_only_read(&tenant), Vec::<String>::new(), "{provider}");
        assert_eq!(scene.standing(&tenant, "member@example.com"), Some(Standing::Member));
    }
}

/// What a provider saw in a dry run is old by the time it may act: who came meanwhile gets no mail.
#[tokio::test]
async fn going_over_to_enforce_starts_with_a_fresh_look() {
    let scene = Scene::new("planned-fresh").await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({"mode": "DryRun", "resyncIntervalSeconds": 3600})).await;
        let name = format!("ada-{provider}");
        scene.invite(&name, provider, "ada@example.com", json!({})).await;
        scene.wait(&name, "Planned", "Planned").await;
        scene.vendors.invite_by_other(&tenant, "ada@example.com").expect("the tenant exists");
        let mails = scene.all_mails(&tenant);
        scene.edit_provider(provider, json!({"mode": "Enforce"})).await;
        let adopted = scene.wait_for_state(&name, "Pending").await;
        assert_eq!(adopted["status"]["origin"], "Adopted", "{provider}");
        assert_eq!(scene.all_mails(&tenant), mails, "{provider}");
        assert_eq!(scene.not_only_read(&tenant), Vec::<String>::new(), "{provider}");
    }
}

#[tokio::test]
async fn deletions_wait_for_a_provider_that_writes_nothing() {
    let scene = Scene::new("planned-deletion").await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({})).await;
        for (mode, words) in
            [("DryRun", json!("take back the pending invitation")), ("Suspended", Value::Null)]
        {
            let name = format!("ada-{provider}-{}", mode.to_lowercase());
            let email = format!("{mode}@example.com").to_lowercase();
            scene.invite(&name, provider, &email, json!({})).await;
            scene.wait_for_state(&name, "Pending").await;
            scene.edit_provider(provider, json!({"mode": mode})).await;
            scene.wait_for_provider(provider, mode).await;
            let writes = scene.writes(&tenant);
            scene.delete(&name).await;
            let held = scene.wait(&name, "Deleting", mode).await;
            assert_eq!(condition(&held, "Stalled")["status"], "True");
            assert_eq!(held["status"]["plan"], words, "{provider} {mode}");
            assert_eq!(held["status"]["onDelete"], "Revoke");
            scene.sweeps(&tenant, 2).await;
            assert_eq!(scene.writes(&tenant), writes, "{provider} {mode}");
            scene.edit_provider(provider, json!({"mode": "Enforce"})).await;
            scene.client.wait_gone(&scene.invitation_path(&name), WAIT).await;
            assert_ne!(scene.standing(&tenant, &email), Some(Standing::Invited), "{provider} {mode}");
        }
    }
}

#[tokio::test]
async fn a_suspended_provider_leaves_its_invitations_as_they_are() {
    let scene = Scene::new("planned-suspended").await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({"limits": {"minResendIntervalSeconds": 0}})).await;
        let (known, new) = (format!("known-{provider}"), format!("new-{provider}"));
        scene.invite(&known, provider, "known@example.com", json!({})).await;
        scene.wait_for_state(&known, "Pending").await;
        scene.edit_provider(provider, json!({"mode": "Suspended"})).await;
        let suspended = scene.wait_for_provider(provider, "Suspended").await;
        assert_eq!(condition(&suspended, "Stalled")["status"], "True");
        let writes = scene.writes(&tenant);
        scene.annotate(&known, &json!({"userinvitation.dev/resend-requested-at": "again"})).await;
        scene.invite(&new, provider, "new@example.com", json!({})).await;
        scene.wait_for_state(&new, "Paused").await;
        let paused = scene.wait_for_state(&known, "Paused").await;
        assert_eq!(condition(&paused, "Ready")["reason"], "AwaitingAcceptance", "the conditions stay");
        scene.sweeps(&tenant, 2).await;
        assert_eq!(scene.writes(&tenant), writes, "{provider}");

        scene.edit_provider(provider, json!({"mode": "Enforce"})).await;
        scene.wait_for_state(&new, "Pending").await;
        scene.wait_status(&known, "lastHandledResendAt", "again").await;
        assert_eq!(scene.mails(&tenant, "known@example.com"), 2, "{provider}");
    }
}

/// Somebody who was invited, and is only observed from now on, is not taken back.
#[tokio::test]
async fn an_observer_owes_nothing() {
    let scene = Scene::new("planned-owes").await;
    for (vendor, provider) in VENDORS {
        let tenant = scene.tenant(vendor, json!({})).await;
        let name = format!("ada-{provider}");
        scene.invite(&name, provider, "ada@example.com", json!({"deletionPolicy": "Remove"})).await;
        let managed = scene.wait_for_state(&name, "Pending").await;
        assert_eq!(managed["status"]["onDelete"], "Revoke");
        scene.edit(&name, json!({"managementPolicy": "Observe"})).await;
        scene.wait_status(&name, "onDelete", "Keep").await;
        let writes = scene.writes(&tenant);
        scene.delete_and_wait(&name).await;
        assert_eq!(scene.writes(&tenant), writes, "{provider}");
        assert_eq!(scene.standing(&tenant, "ada@example.com"), Some(Standing::Invited), "{provider}");
    }
}
